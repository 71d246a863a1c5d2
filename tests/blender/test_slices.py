# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests when ticks run, how long they are, and that the first change after a pause does not wait."""

import time

import bpy
import pytest
import vibesync
from conftest import cube, update
from fake_daemon import wait_for
from vibesync.blender import activity as activity_module
from vibesync.blender import panel, scenes
from vibesync.blender.schedule import Schedule

NEXT_TO_NOTHING = 1e-4  # seconds a tick, so that everything takes many of them


def add_objects(count):
    """Adds objects that share a mesh; returns them."""
    mesh, link = cube(), scenes.synced_scene().collection.objects.link
    items = [bpy.data.objects.new(f"O{number:04}", mesh) for number in range(count)]
    for item in items:
        link(item)
    bpy.context.view_layer.update()
    return items


def test_first_change_after_a_pause_is_sent_in_one_tick(harness):
    harness.connect()
    item = harness.add("A")
    for x in (1.0, 2.0):
        before = harness.intents()
        time.sleep(0.3)
        item.location.x = x
        bpy.context.view_layer.update()
        vibesync.pump()  # reads and sends: nothing is left for the next tick
        (change,) = wait_for(lambda since=before: harness.changes(since), harness.daemon.pump, 2.0)
        assert change["components"]["transform"]["translation"][0] == x
        harness.settle()


def test_changes_that_follow_the_first_are_gathered(harness):
    harness.connect()
    item = harness.add("A")
    time.sleep(0.3)
    before = harness.intents()
    for step in range(12):
        item.location.x += 1.0
        bpy.context.view_layer.update()
        harness.pump()
        assert harness.intents() <= before + 2, f"step {step}"
    harness.settle()
    changes = harness.changes(before)
    assert [change["components"]["transform"]["translation"][0] for change in changes][-1] == 12.0


def test_answer_to_a_batch_leaves_in_the_same_tick(harness):
    harness.connect()
    item = harness.add("A")
    harness.bridge.settings.budget = 1.0
    answers = len(harness.daemon.of_type("applied"))
    harness.daemon.apply([update(item["uuid"], visibility={"visible": False})])
    wait_for(harness.bridge.session.has_news)
    vibesync.pump()
    wait_for(lambda: len(harness.daemon.of_type("applied")) == answers + 1, harness.daemon.pump, 2.0)


def test_polls_without_news_run_no_tick(harness, monkeypatch):
    harness.connect()
    item = harness.add("A")
    ticks = []
    tick = harness.bridge.tick
    monkeypatch.setattr(harness.bridge, "tick", lambda *receives: ticks.append(1) or tick(*receives))
    poll = Schedule(harness.bridge, lambda: None).poll
    monkeypatch.setattr(harness.bridge.polling, "is_tick_due", lambda now: False)
    harness.wait(lambda: not poll())
    ticks.clear()
    assert not any(poll() for _ in range(10)) and not ticks
    item.location.x = 1
    bpy.context.view_layer.update()
    assert poll() and ticks
    harness.wait(lambda: not poll())
    harness.daemon.apply([update(item["uuid"], visibility={"visible": False})])
    ticks.clear()
    wait_for(poll)
    assert ticks


def add_many_and_tick(harness):
    """Adds more objects than fit into a tick and runs two ticks; returns the time limits of the ticks."""
    harness.bridge.settings.budget, harness.bridge.settings.budget_at_rest = NEXT_TO_NOTHING, 0.05
    add_objects(2_000)
    budgets = []
    for _ in range(2):
        harness.pump()
        budgets.append(harness.bridge.budget)
    return budgets


def test_long_work_gets_long_slices_while_nobody_uses_blender(harness, monkeypatch):
    harness.connect()
    monkeypatch.setattr(harness.bridge.activity, "is_at_rest", lambda now: True)
    assert add_many_and_tick(harness) == [NEXT_TO_NOTHING, 0.05] and harness.bridge.has_long_slices
    assert ("vibesync.stay_responsive", "Stay Responsive") in panel.current_view(harness.bridge).buttons
    monkeypatch.setattr(harness.bridge.activity, "is_at_rest", lambda now: False)
    harness.pump()
    assert harness.bridge.budget == NEXT_TO_NOTHING, "a person has touched the mouse"


def test_long_slices_end_when_a_person_asks(harness):
    harness.connect()
    assert not bpy.ops.vibesync.stay_responsive.poll()
    assert add_many_and_tick(harness)[-1] == 0.05
    assert bpy.ops.vibesync.stay_responsive() == {"FINISHED", "PASS_THROUGH"}
    harness.pump()
    assert harness.bridge.budget == NEXT_TO_NOTHING and not harness.bridge.has_long_slices
    harness.bridge.settings.budget = 1.0
    harness.settle()
    assert not harness.bridge.is_polite, "the next work may be fast again"


def test_input_of_the_last_second_keeps_slices_short(harness, monkeypatch):
    activity = harness.bridge.activity
    events = [("MOUSEMOVE", "NOTHING", 1, 2)]
    monkeypatch.setattr(activity_module, "last_events", lambda: list(events))
    monkeypatch.setattr(activity_module, "is_background", lambda: False)
    assert [activity.is_at_rest(now) for now in (10.0, 10.9, 11.0)] == [False, False, True]
    events[0] = ("MOUSEMOVE", "NOTHING", 5, 2)
    assert [activity.is_at_rest(now) for now in (12.0, 12.9, 13.0)] == [False, False, True]
    activity.record_edit(14.0)
    assert not activity.is_at_rest(14.9) and activity.is_at_rest(15.0)


@pytest.mark.parametrize("edit", ["make", "parent"])
def test_change_that_names_all_objects_is_sent_first(harness, edit):
    harness.connect()
    items = add_objects(600)
    harness.settle()
    items[-1].select_set(True)
    bpy.context.view_layer.update()
    harness.settle()
    before = harness.intents()
    harness.bridge.settings.budget = NEXT_TO_NOTHING
    if edit == "make":
        scenes.synced_scene().collection.objects.link(bpy.data.objects.new("New", items[0].data))
    else:
        items[-1].parent = items[0]
    bpy.context.view_layer.update()
    assert len(harness.bridge.dirty_set.marks) >= 600, "Blender names all"
    harness.wait(lambda: harness.intents() > before)
    (change,) = harness.changes(before)
    assert change["components"].get("name", "New") == "New" and "parent" in change["components"]
    assert len(harness.bridge.dirty_set.marks) > 300, "most objects wait for their comparison"


def test_scan_that_fills_a_tick_leaves_the_reading_to_a_later_one(harness, monkeypatch):
    harness.connect()
    harness.add("A")
    harness.settle()
    bridge, has_read = harness.bridge, []
    bridge.settings.budget = bridge.settings.budget_at_rest = 0.0
    monkeypatch.setattr(bridge.capture, "make_drafts", lambda *_: has_read.append(True) or ())
    monkeypatch.setattr(bridge.dirty_set, "is_settled", lambda *_: True)
    reads = []
    add_objects(1)
    bpy.context.view_layer.update()
    for _ in range(9):
        has_read.clear()
        bridge.tick()
        reads.append(bool(has_read))
    assert sum(reads[-6:]) == 2, "the scan and what it marks may each take a tick"
