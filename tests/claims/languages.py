"""Runs named tests in the scratch copy, one function for each language. Each returns an outcome for each test."""

import os
import re
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as xml
from pathlib import Path

import containment
from outcome import failed, invalid, passed

BUILD_LIMIT = 1200  # seconds: the first build compiles everything
RUST_LIMIT, PYTHON_LIMIT, BLENDER_LIMIT, CSHARP_LIMIT, E2E_LIMIT = 120, 120, 180, 300, 600
LAST_LINES = 15
BLENDER = "blender-4.5.15"


def language_of(test):
    path = test.partition("::")[0]
    known = {
        "crates/": "Rust",
        "tests/python/": "Python",
        "tests/blender/": "Blender",
        "tests/csharp/": "C#",
        "unity-package/Tests/": "C#",
        "tests/e2e/": "end to end",
    }
    return next((name for prefix, name in known.items() if path.startswith(prefix)), None)


def run(scratch, tests):
    """Runs tests of any language; returns their outcomes."""
    outcomes = {}
    for language, runner in RUNNERS.items():
        chosen = [test for test in tests if language_of(test) == language]
        if chosen:
            outcomes |= runner(scratch, chosen)
    for test in tests:
        outcomes.setdefault(test, invalid("scripts/claims cannot run it"))
    return outcomes


def contained(command, limit, cwd, **environment):
    """Runs a command; returns its exit code and its output."""
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    with tempfile.TemporaryFile() as output:
        code, _ = containment.run(
            [str(part) for part in command], limit, cwd=cwd, env=settings, stdout=output, stderr=output
        )
        output.seek(0)
        return code, output.read().decode(errors="replace")


def last_lines(output):
    return "\n".join(output.splitlines()[-LAST_LINES:])


# ---- Rust


def rust(scratch, tests):
    groups = {}
    for test in tests:
        path, _, name = test.partition("::")
        parts = Path(path).parts
        is_unit = parts[2] == "src"
        groups.setdefault((parts[1], is_unit), {})[test] = module_of(parts[3 if is_unit else 4 :]) + name
    outcomes = {}
    for (crate, is_unit), names in groups.items():
        outcomes |= rust_group(scratch, crate, is_unit, names)
    return outcomes


def module_of(parts):
    """Returns the module path of a file, and nothing for the file of the crate itself."""
    words = [part.removesuffix(".rs") for part in parts]
    return "".join(f"{word}::" for word in words if word not in ("main", "lib", "mod"))


def rust_group(scratch, crate, is_unit, names):
    """Builds and runs tests of one crate: unit tests, or the tests of its program `it`."""
    package = tomllib.loads((scratch.tree / "crates" / crate / "Cargo.toml").read_text("utf-8"))["package"]["name"]
    cargo = ["cargo", "test", "--offline", "-p", package, *(["--lib", "--bins"] if is_unit else ["--test", "it"])]
    environment = {
        "CARGO_TARGET_DIR": str(scratch.target),
        "CARGO_TERM_COLOR": "never",
        "CARGO_PROFILE_DEV_DEBUG": "0",  # compiles faster; the dependencies stay the same
        "RUST_BACKTRACE": "0",
    }
    code, output = contained([*cargo, "--no-run"], BUILD_LIMIT, scratch.tree, **environment)
    if code:
        detail = invalid(f"does not compile:\n{last_lines(compile_errors(output))}")
        return dict.fromkeys(names, detail)
    # The name of a unit test has the name of its module of tests before it.
    filters = [name.rpartition("::")[2] if is_unit else name for name in names.values()]
    code, output = contained([*cargo, "--", *filters], RUST_LIMIT, scratch.tree, **environment)
    return {test: rust_outcome(name, is_unit, code, output) for test, name in names.items()}


def compile_errors(output):
    found = re.search(r"^error.*", output, re.M | re.S)
    return "\n".join(found[0].splitlines()[:LAST_LINES]) if found else output


def rust_outcome(name, is_unit, code, output):
    module, _, test = name.rpartition("::")
    path = re.escape(f"{module}::" if module else "") + (r"(?:\w+::)?" if is_unit else "") + re.escape(test)
    results = re.findall(rf"^test {path}(?: - should panic)? \.\.\. .*?(ok|FAILED|ignored)$", output, re.M | re.S)
    if code == containment.LIMIT_REACHED and "ok" not in results:
        return failed("reached its time limit")
    if "FAILED" in results:
        return failed()
    if "ok" in results:
        return passed()
    if "ignored" in results or code == 0 or "test result:" in output:
        return invalid(f"did not run:\n{last_lines(output)}")
    return failed(f"ended with exit code {code}")


# ---- Python, with and without Blender


def python(scratch, tests):
    command = [scratch.python(), "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return pytest(scratch, tests, command, PYTHON_LIMIT)


def end_to_end(scratch, tests):
    command = [scratch.python(), "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return pytest(scratch, tests, command, E2E_LIMIT, CARGO_TARGET_DIR=str(scratch.target))


def blender(scratch, tests):
    """Runs each file in a Blender process of its own, as scripts/test-blender does."""
    command = [scratch.python(BLENDER), "-B", "tests/blender/run.py"]
    outcomes = {}
    for file in sorted({test.partition("::")[0] for test in tests}):
        with tempfile.TemporaryDirectory(prefix="vibesync-claims-") as resources:
            chosen = [test for test in tests if test.startswith(f"{file}::")]
            outcomes |= pytest(scratch, chosen, command, BLENDER_LIMIT, BLENDER_USER_RESOURCES=resources)
    return outcomes


def pytest(scratch, tests, command, limit, **environment):
    """Selects tests by file and name: a test may be a method of a class, which the row does not name."""
    files = sorted({test.partition("::")[0] for test in tests})
    names = " or ".join(sorted({test.partition("::")[2] for test in tests}))
    with tempfile.TemporaryDirectory(prefix="vibesync-claims-") as folder:
        report = Path(folder) / "report.xml"
        arguments = [*command, f"--junitxml={report}", f"--basetemp={folder}/work", "-k", names, *files]
        code, output = contained(arguments, limit, scratch.tree, **environment)
        if code in (2, 3, 4, 5):
            return dict.fromkeys(tests, invalid(f"does not run:\n{last_lines(output)}"))
        cases = list(xml.parse(report).iter("testcase")) if report.exists() else []
    return {test: pytest_outcome(test, cases, code) for test in tests}


def pytest_outcome(test, cases, code):
    path, _, name = test.partition("::")
    module = Path(path).stem
    own = [
        case
        for case in cases
        if module in case.get("classname", "").split(".") and case.get("name", "").partition("[")[0] == name
    ]
    if any(case.find("failure") is not None or case.find("error") is not None for case in own):
        return failed()
    if code == containment.LIMIT_REACHED:
        return failed("reached its time limit")
    if code not in (0, 1):
        return failed(f"ended with exit code {code}")
    if not own or all(case.find("skipped") is not None for case in own):
        return invalid("did not run, or was skipped")
    return passed()


# ---- C#


def csharp(scratch, tests):
    """Compiles the package for one Unity version and runs tests on the fakes, see csharp.py."""
    names = {test: f"{Path(test.partition('::')[0]).stem}.{test.partition('::')[2]}" for test in tests}
    pattern = "|".join(re.escape(name) for name in sorted(set(names.values())))
    program = scratch.products / "debug" / "vibesync"
    command = [
        sys.executable,
        "-B",
        Path(__file__).with_name("csharp.py"),
        scratch.tree,
        program,
        rf"\.({pattern})(\(|$)",
    ]
    code, output = contained(command, CSHARP_LIMIT, scratch.tree)
    if "\ncompiled\n" not in f"\n{output}":
        return dict.fromkeys(tests, invalid(f"does not compile:\n{last_lines(output)}"))
    return {test: csharp_outcome(name, code, output) for test, name in names.items()}


def csharp_outcome(name, code, output):
    results = re.findall(rf"^(\w+)(?::\w+)? \S*\.{re.escape(name)}(?:\(|\s|$)", output, re.M)
    if any(result != "Passed" for result in results):
        return failed()
    if results:
        return passed()
    return failed("reached its time limit") if code else invalid(f"did not run:\n{last_lines(output)}")


RUNNERS = {"Rust": rust, "Python": python, "C#": csharp, "Blender": blender, "end to end": end_to_end}
