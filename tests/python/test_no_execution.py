# SPDX-License-Identifier: GPL-3.0-or-later
"""Received text never becomes code.

No part of the addon executes texts, and no part for capability add-ons looks up a name that it received. The crates for
capability add-ons touch nothing outside of their arguments.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADDON = ROOT / "addons" / "vibesync"
# Functions that turn a text into code, in the whole addon.
EXECUTES = {"eval", "exec", "compile", "__import__", "execfile", "breakpoint"}
MODULES = {"importlib", "imp", "runpy", "code", "codeop", "pickle", "marshal", "shelve", "ctypes", "subprocess", "pty"}
ATTRIBUTES = {"import_module", "run_module", "run_path", "exec_module", "literal_eval"}
OF_OS = {"system", "popen", "execv", "execve", "execvp", "spawnl", "spawnv", "startfile", "posix_spawn"}
# It asks whether Blender's Python has numpy.
ALLOWED = {("__init__.py", "importlib.util")}
# Functions that find something by its name, in the parts for capability add-ons.
LOOKS_UP = {"getattr", "setattr", "delattr", "globals", "locals", "vars", "__builtins__"}
LOOKS_UP_ATTRIBUTES = {"__dict__", "__getattribute__", "__class__", "__globals__", "__subclasses__", "attrgetter"}
PURE_CRATES = ("capability", "json")
IMPURE = re.compile(
    r"\b(std::(\{[^;]*\b)?(fs|net|process|env|thread|time|os)\b|libloading|Command::new|unsafe|include(_str|_bytes)?!)"
)


def is_for_capabilities(path):
    """True for the files that handle texts of add-ons and agents. A folder `capability` will be one of them."""
    parts = path.relative_to(ADDON).parts
    return parts[0] == "capability" or path.name in ("arguments.py", "argument_path.py")


def is_literal_lookup(node):
    """True for `getattr(x, "name")` and `vars(x).get("name")`: the name is the addon's own."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name) and node.func.id == "getattr":
        return len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    owner = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "get" else None
    is_vars = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "vars"
    return is_vars and bool(node.args) and isinstance(node.args[0], ast.Constant)


def forbidden(tree, looks_up):
    """Yields the line and the name of each use that is not allowed."""
    names = EXECUTES | (LOOKS_UP if looks_up else set())
    attributes = ATTRIBUTES | (LOOKS_UP_ATTRIBUTES if looks_up else set())
    calls = [node.func for node in ast.walk(tree) if is_literal_lookup(node)]
    literal = {call if isinstance(call, ast.Name) else call.value.func for call in calls}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names and node not in literal:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            is_of_os = isinstance(node.value, ast.Name) and node.value.id == "os" and node.attr in OF_OS
            if is_of_os or node.attr in attributes:
                yield node.lineno, node.attr
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names if each.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = {each.name for each in node.names} & (names | attributes | OF_OS)
            yield from ((node.lineno, each) for each in found | {node.module.split(".")[0]} & MODULES)


@pytest.mark.parametrize("path", sorted(ADDON.rglob("*.py")), ids=lambda path: str(path.relative_to(ADDON)))
def test_addon_executes_no_text(path):
    found = forbidden(ast.parse(path.read_text("utf-8")), is_for_capabilities(path))
    assert [(line, name) for line, name in found if (path.name, name) not in ALLOWED] == []


@pytest.mark.parametrize(
    "code",
    [
        "eval(text)",
        "exec(text)",
        "compile(text, '', 'exec')",
        "run = exec",
        "import importlib",
        "import importlib.util as x",
        "from importlib import import_module",
        "from os import system",
        "os.system(text)",
        "__import__(name)",
        "ast.literal_eval(text)",
        "pickle.loads(x)\nimport pickle",
        "getattr(module, name)",
        "vars(module).get(name)",
        "vars(module)[name]",
        "globals()[name]()",
        "module.__dict__[name]",
        "operator.attrgetter(name)",
    ],
)
def test_each_way_to_execute_a_text_is_found(code):
    assert list(forbidden(ast.parse(code), looks_up=True))


def test_harmless_code_is_allowed():
    code = "import re\nre.compile('a')\nTABLE[name](value)\nx.name\nvars(x).get('A')\ngetattr(x, 'a', None)"
    assert list(forbidden(ast.parse(code), looks_up=True)) == []


def without_tests(text):
    return re.sub(r"//[^\n]*", "", text.split("#[cfg(test)]")[0])


@pytest.mark.parametrize("crate", PURE_CRATES)
def test_crates_for_capabilities_are_pure(crate):
    files = sorted((ROOT / "crates" / crate / "src").rglob("*.rs"))
    assert files
    for path in files:
        assert not IMPURE.search(without_tests(path.read_text("utf-8"))), path
    manifest = (ROOT / "crates" / crate / "Cargo.toml").read_text("utf-8").split("[dev-dependencies]")[0]
    names = set(re.findall(r"^([a-z0-9-]+)\.workspace = true$", manifest.split("[dependencies]")[1], re.M))
    allowed = {"serde", "serde_json", "sha2", "thiserror", "unicode-normalization", "vibesync-json", "vibesync-scene"}
    assert names <= allowed


def test_impure_code_is_found():
    for code in ("use std::fs;", "std::process::Command::new(x)", "unsafe { x }", 'include_str!("x")'):
        assert IMPURE.search(without_tests(code))
    assert not IMPURE.search(without_tests("// std::fs\nlet x = 1;"))
