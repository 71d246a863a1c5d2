"""Applies breaks one after the other and tells which of them no test notices."""

import random
import shutil
import subprocess
import time

import languages
import outcome

# Most breaks of a language in a random selection: what takes long is left to `--all`.
MOST = {"Blender": 2, "C#": 2, "end to end": 0}
MOST_OF_THE_PROGRAM = 1
NOTICED, UNNOTICED, INVALID = "noticed", "NOT NOTICED", "INVALID"


def choose(found, number, seed):
    """Draws breaks at random, of which few take long."""
    drawn, counts = [], {}
    order = sorted(found, key=lambda broken: broken.name)
    random.Random(seed).shuffle(order)
    for broken in order:
        kinds = {kind_of(test) for test in broken.tests}
        if len(drawn) < number and all(counts.get(kind, 0) < limit_of(kind, number) for kind in kinds):
            drawn.append(broken)
            for kind in kinds:
                counts[kind] = counts.get(kind, 0) + 1
    return drawn


def kind_of(test):
    return "program" if test.startswith("crates/vibesync/") else languages.language_of(test)


def limit_of(kind, number):
    return MOST_OF_THE_PROGRAM if kind == "program" else MOST.get(kind, number)


def check(scratch, chosen, show=print):
    """Runs the tests of each break without it and with it; returns the number of breaks that are not as they should."""
    started = time.monotonic()
    tests = sorted({test for broken in chosen for test in broken.tests})
    show(f"{len(tests)} tests without a break", flush=True)
    healthy = languages.run(scratch, tests)
    for test, result in healthy.items():
        if result.result != outcome.PASSED:
            show(f"  {result.result}: {test} {' / '.join(result.detail.split(chr(10))[:4])}", flush=True)
    show(f"  {time.monotonic() - started:.0f} s", flush=True)
    counts = dict.fromkeys((NOTICED, UNNOTICED, INVALID), 0)
    for broken in sorted(chosen, key=order):
        began = time.monotonic()
        verdict, detail = judge(scratch, broken, healthy)
        counts[verdict] += 1
        show(f"{verdict:11} {time.monotonic() - began:4.0f} s  {broken.name}", flush=True)
        if verdict != NOTICED:
            show(f"  {broken.claim}\n  {detail}", flush=True)
    show(", ".join(f"{number} {verdict.lower()}" for verdict, number in counts.items()), flush=True)
    return counts[UNNOTICED] + counts[INVALID]


def order(broken):
    """Breaks of the same files follow each other, so that little is compiled again."""
    return [sorted({kind_of(test) or "" for test in broken.tests}), sorted(broken.files), broken.name]


def judge(scratch, broken, healthy):
    """Returns whether the tests of a break notice it, and why not."""
    unfit = [test for test in broken.tests if healthy[test].result != outcome.PASSED]
    if unfit:
        return INVALID, f"does not pass without the break: {', '.join(unfit)}"
    with scratch.broken(broken):
        wrong = python_error(scratch, broken)
        if wrong:
            return INVALID, wrong
        results = languages.run(scratch, broken.tests)
    for test, result in results.items():
        if result.result == outcome.INVALID:
            return INVALID, f"{test}: {result.detail}"
    blind = [test for test, result in results.items() if result.result == outcome.PASSED]
    if blind:
        return UNNOTICED, f"still passes: {', '.join(blind)}"
    return NOTICED, ""


def python_error(scratch, broken):
    """Describes an error that a compiler would find: no syntax, or a name that does not exist."""
    files = [path for path in broken.files if path.endswith(".py")]
    for path in files:
        try:
            compile((scratch.tree / path).read_text("utf-8"), path, "exec")
        except SyntaxError as error:
            return f"does not compile: {error}"
    ruff = scratch.tree / ".tools" / "python" / "bin" / "ruff"
    linter = shutil.which(str(ruff)) or shutil.which("ruff")
    if files and linter:
        command = [linter, "check", "--isolated", "--no-cache", "--quiet", "--select", "F821,F823", *files]
        found = subprocess.run(command, cwd=scratch.tree, capture_output=True, text=True, check=False)
        if found.returncode:
            return f"does not compile: {found.stdout.strip()}"
    return None
