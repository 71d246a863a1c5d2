# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that polls at rest do little each: parts of a tick have polls of their own, and none of them is left out."""

import bpy
import pytest
from conftest import update
from fake_daemon import wait_for
from vibesync.blender import activity as activity_module
from vibesync.blender import schedule


class Rest:
    """A connected addon at rest. `did` collects what each poll has done; what is due is set by hand."""

    def __init__(self, harness, monkeypatch):
        self.bridge, self.did, self.due = harness.bridge, [], set()
        for name in ("tick", "receive", "look_around", "is_all_quiet"):
            self._watch(monkeypatch, name)
        monkeypatch.setattr(self.bridge.polling, "is_tick_due", lambda _now: "tick" in self.due)
        monkeypatch.setattr(self.bridge.polling, "is_beat_due", lambda _now: "beat" in self.due)
        monkeypatch.setattr(schedule, "_REDRAW_SECONDS", float("inf"))
        monkeypatch.setattr(schedule, "_LONGEST_QUIET", float("inf"))
        self.schedule = schedule.Schedule(self.bridge, lambda: self.did.append("redraw"))
        harness.wait(lambda: self.poll() == ["look_around"])

    def _watch(self, monkeypatch, name):
        run = getattr(self.bridge, name)
        monkeypatch.setattr(self.bridge, name, lambda *given: self.did.append(name) or run(*given))

    def poll(self):
        self.did.clear()
        self.schedule.poll()
        return list(self.did)


@pytest.fixture
def rest(harness, monkeypatch):
    harness.connect()
    harness.add("A")
    harness.settle()
    return Rest(harness, monkeypatch)


def test_poll_at_rest_does_one_thing(rest):
    rest.due = {"tick", "beat"}
    assert rest.poll() == ["receive"]
    rest.due = {"tick"}
    assert rest.poll() == ["is_all_quiet"]
    rest.due = set()
    assert rest.poll() == ["look_around"]


def test_quick_look_finds_what_a_script_did(rest):
    bpy.data.objects["A"].location.x = 5.0  # nobody evaluates it
    assert rest.poll() == ["look_around"]
    rest.due = {"tick"}
    assert rest.poll()[:2] == ["is_all_quiet", "tick"]


def test_whole_tick_runs_now_and_then(rest, monkeypatch):
    rest.due = {"tick"}
    monkeypatch.setattr(schedule, "_LONGEST_QUIET", 0.0)
    assert rest.poll()[0] == "tick"


def test_panel_is_redrawn_after_the_poll_of_a_tick(rest):
    bpy.data.objects["A"].location.x = 6.0
    bpy.context.view_layer.update()
    assert rest.poll() == ["tick"]
    wait_for(lambda: rest.poll() == ["redraw"])


def test_ticks_in_a_row_do_the_rest_too(rest, monkeypatch):
    monkeypatch.setattr(rest.bridge, "has_scene_news", lambda _now: True)
    assert rest.poll() == ["tick"]
    assert rest.poll() == ["tick", "redraw", "look_around"]


def test_message_for_the_editor_runs_a_tick_at_once(rest, harness):
    uuid = rest.bridge.identity.uuid_of(bpy.data.objects["A"])
    harness.daemon.apply([update(uuid, visibility={"visible": False})])
    wait_for(rest.bridge.session.has_news, harness.daemon.pump)
    assert rest.poll()[:2] == ["receive", "tick"]


def test_error_in_a_poll_of_messages_counts(rest, monkeypatch):
    monkeypatch.setattr(rest.bridge.session, "pump", lambda *_: 1 / 0)
    rest.due = {"beat"}
    for _ in range(3):
        rest.poll()
    assert rest.bridge.paused and "ZeroDivisionError" in rest.bridge.paused


def test_tick_asks_once_what_the_person_does(harness, monkeypatch):
    harness.connect()
    harness.add("A")
    harness.settle()
    asked = []
    monkeypatch.setattr(activity_module, "_has_tool", lambda: asked.append(1))
    harness.bridge.tick()
    assert len(asked) == 1
    harness.bridge.activity.state(), harness.bridge.activity.state()
    assert len(asked) == 3, "what a tick has seen does not count after it"
