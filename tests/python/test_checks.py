# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of structure and of sentences find what they are for."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def run(script: str, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, str(SCRIPTS / script), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def crate(folder: Path, **files: str) -> Path:
    """Writes the source files of a crate; two underscores in a name stand for a folder."""
    for name, text in files.items():
        path = folder / "crates/some/src" / (name.replace("__", "/") + ".rs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"lib": "mod a;\nmod b;", "a": "use crate::b::B;\nstruct A;", "b": "struct B;"}, None),
        ({"lib": "mod a;\nmod b;", "a": "use crate::b::B;", "b": "use super::a::A;"}, "a.rs <-> b.rs"),
        # A facade hands names on: an import through it is one of the file behind it.
        (
            {"lib": "mod a;\nmod b;\npub use a::A;\npub use b::B;", "a": "use crate::B;", "b": "use crate::{A};"},
            "a.rs <-> b.rs",
        ),
        ({"lib": "mod a;\npub use a::A;\nstruct L;", "a": "use crate::L;\nstruct A;"}, "a.rs <-> lib.rs"),
        ({"lib": "mod a;\npub use a::A;", "a": "struct A;\n#[cfg(test)]\nmod tests { use crate::A; }"}, None),
        (
            {"lib": "mod m;", "m__mod": "mod x;\nfn f() { x::go() }", "m__x": "use super::f;\nfn go() {}"},
            "m/mod.rs <-> m/x.rs",
        ),
        ({"lib": "mod a;", "a": "\n" * 451}, "at most 450"),
        ({"lib": "fn long() {\n" + "    go();\n" * 60 + "}\n"}, "long at line 1 has 62 lines"),
    ],
)
def test_structure(tmp_path: Path, files: dict[str, str], expected: str | None) -> None:
    code, output = run("check-structure", str(crate(tmp_path, **files)))
    assert code == (1 if expected else 0), output
    assert (expected or "no circle") in output


@pytest.mark.parametrize(
    ("comment", "is_found"),
    [
        ("Returns the version that the editor holds.", False),
        ("What the editor holds.", True),
        ("Holds a row. Where it is missing, none.", True),
        ("Whose?", False),
        ("Returns " + "one " * 31 + "row.", True),
        ("Of what was sent.", True),
    ],
)
def test_sentences(tmp_path: Path, comment: str, is_found: bool) -> None:
    sample = tmp_path / "sample.rs"
    sample.write_text(f"/// {comment}\npub struct Sample;\n")
    code, output = run("check-words", str(sample))
    assert code == (1 if is_found else 0), output
