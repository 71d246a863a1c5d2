# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the panel's content for each state of the addon."""

from dataclasses import replace

import pytest
from vibesync.core.sync_error import SyncError
from vibesync.core.view import GREEN, MANUAL, RED, YELLOW, PanelState, make_view, wrap

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


def test_view_is_green_when_all_is_synchronized():
    shown = make_view(GOOD)
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
        ({"state": "connecting", "is_starting": True}, YELLOW, "moment"),
        ({"state": "unjoined"}, YELLOW, "in the folder of no project. Join the project, or save it into"),
        ({"state": "unjoined", "is_saved": False}, YELLOW, "not saved yet"),
        ({"state": "unjoined", "offers": (("1", "/a"), ("2", "/b"))}, YELLOW, "Several projects"),
        ({"state": "error", "error": BROKEN}, RED, "sent as soon as it is back"),
        ({"safe_mode": "it crashed 3 times"}, YELLOW, "it crashed 3 times. Your own changes go on. Turn it on again"),
        ({"safe_mode": "", "has_waiting_batch": True, "activity": "modal"}, YELLOW, "Automation is off"),
        ({"has_waiting_batch": True, "activity": "modal"}, YELLOW, "let go"),
        ({"has_waiting_batch": True, "activity": "edit"}, YELLOW, "Object Mode"),
        ({"error": BROKEN}, YELLOW, BROKEN["help"]),
        ({"error": {"code": "VS-9999", "message": "?", "place": None, "help": None}}, YELLOW, "documentation"),
    ],
)
def test_each_problem_has_color_and_advice(facts, color, advice):
    shown = make_view(replace(GOOD, **facts))
    assert shown.color == color
    assert advice in shown.advice
    assert bool(shown.problem) is ("error" in facts)


@pytest.mark.parametrize("facts", [{"unanswered": 1}, {"has_waiting_batch": True}])
def test_view_is_green_during_work(facts):
    shown = make_view(replace(GOOD, **facts))
    assert (shown.color, shown.title) == (GREEN, "Synchronizing")


def test_view_offers_reenable_after_an_error():
    assert operators(make_view(replace(GOOD, paused=MANUAL))) == ["vibesync.resume"]
    stopped = make_view(replace(GOOD, paused="VS-4005: ...", error=BROKEN))
    assert stopped.buttons == (("vibesync.resume", "Re-enable"),)
    damaged = make_view(replace(GOOD, paused="VS-7001: ...", error=DAMAGED))
    assert operators(damaged) == ["vibesync.rebuild"]


def test_problem_has_code_and_help_once():
    shown = make_view(replace(GOOD, error=BROKEN))
    assert shown.problem == ("VS-4005: internal error",)
    assert shown.advice == BROKEN["help"]
    assert operators(shown) == ["vibesync.pause", "vibesync.resync", "vibesync.dismiss"]
    paused = make_view(replace(GOOD, error=BROKEN, paused=MANUAL))
    assert paused.problem == ("VS-4005: internal error", BROKEN["help"])


def test_safe_mode_button_needs_a_connection():
    safe = replace(GOOD, safe_mode="it crashed 3 times", error=BROKEN)
    assert operators(make_view(safe))[2:] == ["vibesync.automation", "vibesync.dismiss"]
    assert operators(make_view(replace(safe, state="connecting"))) == ["vibesync.pause", "vibesync.resync"]


def test_progress_is_hidden_while_red():
    busy = replace(GOOD, progress=("sending", 0.25), notices=("Materials are not synchronized.",))
    assert make_view(busy).progress == ("sending", 0.25)
    assert make_view(busy).notices == ("Materials are not synchronized.",)
    assert make_view(replace(busy, paused="VS-4005", error=BROKEN)).progress is None


def test_long_work_shows_its_remaining_time_and_a_button():
    busy = replace(GOOD, progress=("receiving", 0.5), seconds_left=4.4, has_long_slices=True)
    assert make_view(busy).time_left == "4 s left"
    assert operators(make_view(busy)) == ["vibesync.pause", "vibesync.resync", "vibesync.stay_responsive"]
    assert make_view(replace(busy, seconds_left=150.0)).time_left == "2 min left"
    assert make_view(GOOD).time_left == "" and "vibesync.stay_responsive" not in operators(make_view(GOOD))


def test_text_wraps_at_the_sidebar_width():
    lines = wrap("Start the daemon in the project's folder: vibesync run.", 20)
    assert max(map(len, lines)) <= 20
    assert " ".join(lines) == "Start the daemon in the project's folder: vibesync run."
    assert wrap("", 20) == [""]
    assert len(wrap("one two three four", -5)) == 2, "never narrower than a word or two"


def test_each_announced_project_is_offered():
    offers = (("1", "/home/ada/robot"), ("2", "C:\\Work\\Crane\\"), ("3", "/old/arm"), ("4", "/new/arm"), ("5", "/"))
    shown = make_view(replace(GOOD, state="unjoined", offers=offers))
    assert [join.label for join in shown.joins] == [
        "Join robot",
        "Join Crane",
        "Join /old/arm",
        "Join /new/arm",
        "Join /",
    ]
    assert [(join.project_id, join.folder) for join in shown.joins] == list(offers)
    assert shown.buttons == (), "there is nothing to pause"
    assert make_view(replace(GOOD, offers=offers)).joins == ()
    assert make_view(replace(GOOD, state="unjoined", offers=offers, paused=MANUAL)).joins == ()


def test_chosen_project_can_be_left():
    assert make_view(replace(GOOD, can_leave=True)).can_leave
    assert make_view(replace(GOOD, state="offline", error=NO_DAEMON, can_leave=True)).can_leave
    assert not make_view(replace(GOOD, state="unjoined", can_leave=True)).can_leave
