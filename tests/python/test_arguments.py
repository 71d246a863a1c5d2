# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of calls: the golden vectors that Rust passes too, and what the addon must never do with received names."""

import ast
import json
from pathlib import Path

import pytest
from vibesync.core.argument_path import PathRefused, normalize_path
from vibesync.core.arguments import check_arguments

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"


def expanded(entry):
    """An entry with its repeated text in the place of the mark."""
    if "repeat" not in entry:
        return entry
    mark, unit, times = entry["repeat"]
    rest = {key: value for key, value in entry.items() if key != "repeat"}
    return json.loads(json.dumps(rest).replace(mark, json.dumps(unit)[1:-1] * times))


def read(name):
    return [expanded(entry) for entry in json.loads((GOLDEN / name).read_text("utf-8"))]


@pytest.mark.parametrize("entry", [pytest.param(it, id=it["name"]) for it in read("capability-arguments.json")])
def test_arguments_match_the_golden_ones(entry):
    try:
        params = json.loads(entry["params"])
    except ValueError:
        assert entry.get("is_json") is False
        return
    checked, mistakes = check_arguments(entry["parameters"], params)
    if isinstance(entry["expected"], list):
        assert [list(mistake) for mistake in mistakes] == entry["expected"]
    else:
        assert mistakes == []
        assert json.dumps(checked, sort_keys=True) == json.dumps(entry["expected"], sort_keys=True)


@pytest.mark.parametrize("entry", read("capability-paths.json"))
def test_paths_match_the_golden_ones(entry):
    roots = tuple(entry.get("roots", ()))
    if entry["expected"] is None:
        with pytest.raises(PathRefused):
            normalize_path(entry["path"], roots)
    else:
        assert normalize_path(entry["path"], roots) == entry["expected"]


def test_type_that_the_addon_does_not_know_is_refused():
    parameters = [{"name": "p", "type": "__import__", "description": "d"}]
    assert check_arguments(parameters, {"p": 1}) == ({}, [("parameter_type", "params.p")])


def test_arguments_use_the_standard_library_alone():
    for name in ("arguments", "argument_path"):
        tree = ast.parse((ROOT / f"addons/vibesync/core/{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert {each.name for each in node.names} <= {"json", "re"}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or node.module == "__future__"
