# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that the panel uses the words that both editors share, tests/golden/status-texts.json."""

import json
from pathlib import Path

import pytest
from vibesync.core.agent_section import AgentSection
from vibesync.core.sync_error import SyncError
from vibesync.core.view import MANUAL, PanelState, View, make_view

SHARED = json.loads((Path(__file__).parents[1] / "golden" / "status-texts.json").read_text("utf-8"))
CASES = [case for case in SHARED["cases"] if "blender" in case["editors"]]


def read_state(case: dict) -> PanelState:
    state = SHARED["usual"] | case["state"]
    error = state["error"] and SyncError(state["error"]["code"], state["error"]["message"]).to_wire()
    offers = tuple((offer["id"], offer["folder"]) for offer in state["offers"])
    paused = {None: None, "user": MANUAL, "error": "VS-0000: stopped"}[state["paused"]]
    agents = AgentSection(waiting=tuple(state.pop("waiting")))
    given = state | {"error": error, "offers": offers, "paused": paused, "agents": agents}
    return PanelState(**given, progress=None, notices=())


def write_view(view: View) -> dict:
    return {
        "color": view.color,
        "title": view.title,
        "advice": view.advice,
        "counts": list(view.counts),
        "buttons": [label for _, label in view.buttons],
        "problem": list(view.problem),
        "joins": [join.label for join in view.joins],
        "can_leave": view.can_leave,
    }


def fill_in(value: object) -> object:
    text = json.dumps(value)
    for name, word in SHARED["words"]["blender"].items():
        text = text.replace("{" + name + "}", word)
    return json.loads(text)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_panel_uses_the_shared_words(case):
    assert write_view(make_view(read_state(case))) == fill_in(case["view"])


def test_most_cases_are_shared_by_both_editors():
    both = [case for case in SHARED["cases"] if len(case["editors"]) == 2]
    assert len(both) >= 20 and len(both) * 3 > len(SHARED["cases"]) * 2
