# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel says for each way that things can stand."""

from dataclasses import replace

import pytest
from vibesync.core.sync_error import SyncError
from vibesync.core.view import GREEN, MANUAL, RED, YELLOW, PanelState, view, wrap

GOOD = PanelState(
    state="connected",
    is_attached=True,
    paused=None,
    error=None,
    safe_mode=None,
    activity="ready",
    unanswered=0,
    has_waiting_batch=False,
    sent=12,
    applied=3,
    progress=None,
    notices=(),
)
NO_DAEMON = SyncError("VS-6003", "no daemon runs", "runtime folder").to_wire()
BROKEN = SyncError("VS-4005", "internal error", "tick").to_wire()
DAMAGED = SyncError("VS-7001", "the registry is damaged").to_wire()


def operators(shown):
    return [operator for operator, _ in shown.buttons]


def test_all_is_well():
    shown = view(GOOD)
    assert (shown.color, shown.title, shown.advice) == (GREEN, "In sync", "")
    assert shown.counts == ("To Unity: 12 sent, 0 waiting", "From Unity: 3 applied")
    assert operators(shown) == ["vibesync.pause", "vibesync.resync"]
    assert shown.problem == () and shown.notices == ()


@pytest.mark.parametrize(
    ("facts", "color", "advice"),
    [
        ({"paused": MANUAL}, YELLOW, "Resume"),
        ({"paused": "VS-4005: internal error", "error": BROKEN}, RED, BROKEN["help"]),
        ({"is_attached": False, "state": "offline"}, YELLOW, "finished"),
        ({"state": "connecting"}, YELLOW, "moment"),
        ({"state": "offline"}, YELLOW, "moment"),
        ({"state": "offline", "error": NO_DAEMON}, RED, "vibesync run"),
        ({"state": "connecting", "error": NO_DAEMON}, RED, "vibesync run"),
        ({"state": "error", "error": BROKEN}, RED, "sent as soon as it is back"),
        ({"safe_mode": "it crashed 3 times"}, YELLOW, "it crashed 3 times. Your own changes go on. Turn it on again"),
        ({"safe_mode": "", "has_waiting_batch": True, "activity": "modal"}, YELLOW, "Automation is off"),
        ({"has_waiting_batch": True, "activity": "modal"}, YELLOW, "let go"),
        ({"has_waiting_batch": True, "activity": "edit"}, YELLOW, "Object Mode"),
        ({"error": BROKEN}, YELLOW, BROKEN["help"]),
        ({"error": {"code": "VS-9999", "message": "?", "place": None, "help": None}}, YELLOW, "documentation"),
    ],
)
def test_each_other_state_says_what_to_do(facts, color, advice):
    shown = view(replace(GOOD, **facts))
    assert shown.color == color
    assert advice in shown.advice
    assert bool(shown.problem) is ("error" in facts)


@pytest.mark.parametrize("facts", [{"unanswered": 1}, {"has_waiting_batch": True}])
def test_work_under_way_is_green(facts):
    shown = view(replace(GOOD, **facts))
    assert (shown.color, shown.title) == (GREEN, "Synchronizing")


def test_automation_that_an_error_turned_off_can_be_enabled_again():
    assert operators(view(replace(GOOD, paused=MANUAL))) == ["vibesync.resume"]
    stopped = view(replace(GOOD, paused="VS-4005: ...", error=BROKEN))
    assert stopped.buttons == (("vibesync.resume", "Re-enable"),)
    damaged = view(replace(GOOD, paused="VS-7001: ...", error=DAMAGED))
    assert operators(damaged) == ["vibesync.rebuild"]


def test_the_problem_names_its_code_and_says_what_to_do_once():
    shown = view(replace(GOOD, error=BROKEN))
    assert shown.problem == ("VS-4005: internal error",)
    assert shown.advice == BROKEN["help"]
    assert operators(shown) == ["vibesync.pause", "vibesync.resync", "vibesync.dismiss"]
    paused = view(replace(GOOD, error=BROKEN, paused=MANUAL))
    assert paused.problem == ("VS-4005: internal error", BROKEN["help"])


def test_safe_mode_is_ended_by_a_button_where_there_is_a_daemon_to_hear_it():
    safe = replace(GOOD, safe_mode="it crashed 3 times", error=BROKEN)
    assert operators(view(safe))[2:] == ["vibesync.automation", "vibesync.dismiss"]
    assert operators(view(replace(safe, state="connecting"))) == ["vibesync.pause", "vibesync.resync"]


def test_progress_and_notices_are_passed_on_but_nothing_moves_in_red():
    busy = replace(GOOD, progress=("sending", 0.25), notices=("Materials are not synchronized.",))
    assert view(busy).progress == ("sending", 0.25)
    assert view(busy).notices == ("Materials are not synchronized.",)
    assert view(replace(busy, paused="VS-4005", error=BROKEN)).progress is None


def test_text_is_wrapped_to_the_width_of_the_sidebar():
    lines = wrap("Start the daemon in the project's folder: vibesync run.", 20)
    assert max(map(len, lines)) <= 20
    assert " ".join(lines) == "Start the daemon in the project's folder: vibesync run."
    assert wrap("", 20) == [""]
    assert len(wrap("one two three four", -5)) == 2, "never narrower than a word or two"
