# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests which objects are kept from agents, tests/golden/guard.json. Blender has no deleted ones to decide about."""

import json
from pathlib import Path

import pytest
from vibesync.core.kept import is_kept

CASES = json.loads((Path(__file__).parents[1] / "golden" / "guard.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_kept_objects_match_the_golden_ones(case):
    objects = {each["uuid"]: each for each in case["entities"] if each["kind"] == "object"}
    kept = {
        uuid
        for uuid, each in objects.items()
        if is_kept(each, lambda item: item.get("human_only", False), lambda item: objects.get(item.get("parent")))
    }
    assert kept == set(case["kept"]) & set(objects)
