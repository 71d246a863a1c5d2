"""Breaks that no test notices, that do not apply or that do not compile are reported."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = "def double(number):\n    return 2 * number\n\n\ndef half(number):\n    return number / 2\n"
TESTS = """from product import double


class TestProduct:
    def test_double(self):
        assert double(2) == 4
"""
LIBRARY = "pub fn double(number: u32) -> u32 {\n    2 * number\n}\n"
MANIFEST = '[package]\nname = "mini"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n'
RUST_TEST = "#[test]\nfn doubles() {\n    assert_eq!(mini::double(2), 4);\n}\n"
PYTHON_TEST, CARGO_TEST = "tests/python/test_product.py::test_double", "crates/mini/tests/it/main.rs::doubles"
PAGE = f"""| section | breaks |
|---|---|
| I | 0 |
| L | 1 |
| S | 0 |
| G | 0 |
| A | 0 |
| all | 1 |

| L1 | numbers are doubled | `product.py` | `{PYTHON_TEST}` `{CARGO_TEST}` | met |
"""


@pytest.fixture
def repository(tmp_path):
    """A repository with one requirement, a function in Python and one in Rust."""
    root = tmp_path / "repository"
    files = {
        "docs/conformance.md": PAGE,
        "tests/python/conftest.py": "import sys\nsys.path.insert(0, 'source')\n",
        "tests/python/test_product.py": TESTS,
        "source/product.py": PRODUCT,
        "crates/mini/Cargo.toml": MANIFEST,
        "crates/mini/src/lib.rs": LIBRARY,
        "crates/mini/tests/it/main.rs": RUST_TEST,
        ".gitignore": "/target/\n/.tools/\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "tests/claims").mkdir()
    (root / ".tools").mkdir()
    (root / ".tools/python").symlink_to(ROOT / ".tools/python")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return root


def record(root, old, new, file="source/product.py", test=PYTHON_TEST, name="L1-some"):
    """Records a break with the tool itself."""
    block = f"=== {name}\nclaim: L1 numbers are doubled\ntest: {test}\nfile: {file}\n<<<<\n{old}\n====\n{new}\n>>>>\n"
    (root / "block").write_text(block)
    code, output = claims(root, "--write", root / "block")
    (root / "block").unlink()
    assert code == 0, output


def claims(root, *arguments):
    command = [sys.executable, ROOT / "scripts" / "claims", "--root", root, *arguments]
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def contents(root):
    files = [path for path in root.rglob("*") if path.is_file() and not {"target", ".git", ".tools"} & set(path.parts)]
    return {path: path.read_text() for path in files}


def test_noticed_break_passes_and_the_work_tree_is_unchanged(repository):
    record(repository, "    return 2 * number", "    return 3 * number")
    before = contents(repository)
    code, output = claims(repository, "--all")
    assert code == 0 and "1 noticed, 0 not noticed, 0 invalid" in output
    assert contents(repository) == before
    assert (repository / "target/claims/tree/source/product.py").read_text() == PRODUCT


def test_break_that_no_test_notices_is_reported(repository):
    record(repository, "    return number / 2", "    return number / 3")
    code, output = claims(repository, "L1")
    assert code == 1 and "NOT NOTICED" in output and f"still passes: {PYTHON_TEST}" in output


@pytest.mark.parametrize("new", ["    return 3 *", "    return 3 * nombre"])
def test_python_break_that_does_not_compile_is_invalid(repository, new):
    record(repository, "    return 2 * number", new)
    code, output = claims(repository, "L1-some")
    assert code == 1 and "INVALID" in output and "does not compile" in output


def test_break_of_a_failing_test_is_invalid(repository):
    record(repository, "    return 2 * number", "    return 3 * number")
    (repository / "tests/python/test_product.py").write_text(TESTS.replace("4", "5"))
    code, output = claims(repository, "--all")
    assert code == 1 and "INVALID" in output and "does not pass without the break" in output


@pytest.mark.skipif(not shutil.which("cargo"), reason="there is no cargo")
@pytest.mark.parametrize(
    ("new", "expected"),
    [("    3 * number", "1 noticed"), ("    number + number", "NOT NOTICED"), ("    3 * nombre", "does not compile")],
)
def test_rust_break_is_judged(repository, new, expected):
    mini = repository / "crates/mini"
    subprocess.run(["cargo", "generate-lockfile", "--offline", "--quiet"], cwd=mini, check=True)
    (repository / "Cargo.toml").write_text('[workspace]\nmembers = ["crates/*"]\n')
    manifest = mini / "Cargo.toml"
    manifest.write_text(MANIFEST.replace("[workspace]\n", ""))
    record(repository, "    2 * number", new, file="crates/mini/src/lib.rs", test=CARGO_TEST)
    code, output = claims(repository, "--all")
    assert expected in output and code == (0 if expected == "1 noticed" else 1), output


def test_check_passes_when_lines_have_moved(repository):
    record(repository, "    return 2 * number", "    return 3 * number")
    path = repository / "source/product.py"
    path.write_text("\n" * 50 + PRODUCT)
    code, output = claims(repository, "--check")
    assert code == 0 and "1 breaks, 0 problems" in output


def test_check_fails_when_a_break_does_not_apply(repository):
    record(repository, "    return 2 * number", "    return 3 * number")
    path = repository / "source/product.py"
    path.write_text(PRODUCT.replace("2 *", "1 + 1 *"))
    code, output = claims(repository, "--check")
    assert code == 1 and "L1-some: does not apply to source/product.py" in output
    path.write_text(PRODUCT + "\n\n" + PRODUCT)
    code, output = claims(repository, "--check")
    assert code == 1 and "2 times" in output


def test_check_fails_when_the_row_does_not_name_the_test(repository):
    record(
        repository, "    return 2 * number", "    return 3 * number", test="tests/python/test_product.py::test_other"
    )
    code, output = claims(repository, "--check")
    assert code == 1 and "the row of L1 does not name tests/python/test_product.py::test_other" in output


def test_check_fails_when_a_met_row_has_no_break(repository):
    code, output = claims(repository, "--check")
    assert code == 1 and "L1 is met without a break" in output
    assert "the number of breaks is wrong" in output
    claims(repository, "--count")
    assert "| all | 0 |" in (repository / "docs/conformance.md").read_text()


@pytest.mark.parametrize("header", ["", "claim: L2 other\ntest: x\n", "claim: L1 some\n", "claim: L1 s\nnote: x\n"])
def test_check_fails_when_a_header_is_wrong(repository, header):
    record(repository, "    return 2 * number", "    return 3 * number")
    path = repository / "tests/claims/L1-some.patch"
    diff = path.read_text()
    path.write_text(header + diff[diff.index("---") :])
    code, output = claims(repository, "--check")
    assert code == 1 and "L1-some.patch: " in output


def test_random_selection_is_repeated_by_its_seed(repository):
    for number in range(5):
        record(repository, "    return 2 * number", "    return 3 * number", name=f"L1-some-{number}")
    drawn = [claims(repository, "--random", "2", "--seed", "7")[1] for _ in range(2)]
    names = [[word for word in output.split() if word.startswith("L1-some")] for output in drawn]
    assert "--seed 7 repeats the selection" in drawn[0] and "2 noticed" in drawn[0]
    assert names[0] == names[1] and len(names[0]) == 2
