# SPDX-License-Identifier: GPL-3.0-or-later
"""The structure of the addon: no import circles, packages in layers, small files and functions."""

import ast
import sys
from pathlib import Path

import pytest

ADDON = Path(__file__).parents[2] / "addons" / "vibesync"
MAX_LINES = 450
MAX_FUNCTION_LINES = 60


def module_name(path):
    """The dotted name of a file below the addon; a package's name for its __init__."""
    parts = path.relative_to(ADDON).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(ADDON.rglob("*.py"))}
PACKAGES = {name for name, path in SOURCES.items() if path.name == "__init__.py"}


def imports_of(name, tree):
    """All modules that a module imports, at any depth of its code: ".name" for the addon's own, "name" for others."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            package = name.split(".") if name in PACKAGES else name.split(".")[:-1]
            base = [part for part in package if part][: len(package) - node.level + 1]
            target = ".".join([*base, *(node.module.split(".") if node.module else [])])
            for each in node.names:
                inner = f"{target}.{each.name}".lstrip(".")
                found.add(f".{inner if inner in SOURCES else target}")
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


def import_graph(trees):
    """For each module the modules of the addon that it imports. Facades of packages are left out."""
    edges = {name: {each[1:] for each in imports_of(name, tree) if each[0] == "."} for name, tree in trees.items()}
    return {name: edges[name] & edges.keys() - PACKAGES for name in edges.keys() - PACKAGES}


def circles(edges):
    """The strongly connected components of more than one module, and modules that import themselves (Tarjan)."""
    numbers, lows, stack, found = {}, {}, [], []

    def visit(name):
        numbers[name] = lows[name] = len(numbers)
        stack.append(name)
        for other in sorted(edges[name]):
            if other not in numbers:
                visit(other)
                lows[name] = min(lows[name], lows[other])
            elif other in stack:
                lows[name] = min(lows[name], numbers[other])
        if lows[name] == numbers[name]:
            start = stack.index(name)
            component = sorted(stack[start:])
            del stack[start:]
            if len(component) > 1 or name in edges[name]:
                found.append(component)

    for name in sorted(edges):
        if name not in numbers:
            visit(name)
    return found


@pytest.fixture(scope="module")
def trees():
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}


def test_no_modules_import_each_other(trees):
    assert circles(import_graph(trees)) == []


def test_a_circle_is_found_when_there_is_one():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"e"}}) == [["a", "b", "c"], ["e"]]


def test_relative_imports_are_resolved_to_modules():
    tree = ast.parse("from . import names\nfrom ..core.pace import Slice\nfrom ..core import mesh\nimport bpy")
    assert imports_of("blender.bridge", tree) == {".blender.names", ".core.pace", ".core.mesh", "bpy"}


def test_core_imports_neither_blender_nor_other_packages(trees):
    for name, tree in trees.items():
        if name.split(".")[0] == "core":
            for each in imports_of(name, tree):
                assert each.startswith(".core") or each.split(".")[0] not in ("", "bpy", "mathutils", "bmesh"), name


def test_blender_does_not_import_graph(trees):
    for name, tree in trees.items():
        if name.split(".")[0] == "blender":
            assert not [each for each in imports_of(name, tree) if each.startswith(".graph")], name


def test_few_modules_for_capabilities_import_blender(trees):
    """The others are tested without Blender."""
    found = {
        name
        for name, tree in trees.items()
        for each in imports_of(name, tree)
        if name.startswith("capability") and (each == "bpy" or each.startswith(".blender"))
    }
    assert found == {"capability.installed", "capability.stage", "capability.service"}


def test_blenders_own_python_suffices(trees):
    """Blender brings numpy along; nothing else is used that is not in the standard library."""
    blender = {"bpy", "bmesh", "mathutils", "addon_utils", "bl_math", "numpy", "gpu", "rna_keymap_ui"}
    for name, tree in trees.items():
        for each in imports_of(name, tree):
            top = each.split(".")[0]
            assert top == "" or top in sys.stdlib_module_names or top in blender, (name, each)
            if name.startswith("capability"):
                assert top != "numpy" and each != "threading", name


def test_files_have_at_most_450_lines():
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in SOURCES.items()}
    assert {name: count for name, count in lengths.items() if count > MAX_LINES} == {}


def test_functions_have_at_most_60_lines(trees):
    functions = (
        (f"{name}.{node.name}", node.end_lineno - node.lineno + 1)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert {name: lines for name, lines in functions if lines > MAX_FUNCTION_LINES} == {}
