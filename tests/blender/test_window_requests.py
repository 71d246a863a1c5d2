# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for pictures and selections, in a Blender without a window."""

import uuid

import bpy
import pytest
from conftest import new_object
from vibesync.blender import window_requests

SELECT = {"type": "select", "uuids": []}
VIEW = {"type": "view", "look": "view", "frame": [], "size": 512}


@pytest.fixture
def connected(harness):
    harness.daemon.features = ["view"]
    return harness.connect()


def ask(harness, request, deadline_ms=10_000, **fields):
    """Sends a request, and returns the answer."""
    request = {**request, **fields, "request_id": str(uuid.uuid4()), "deadline_ms": deadline_ms}
    kind = request["type"] + "_result"
    before = len(harness.daemon.of_type(kind))
    harness.daemon.send(request)
    (frame,) = harness.wait(lambda: harness.daemon.of_type(kind)[before:])
    assert frame.header["request_id"] == request["request_id"] and frame.attachments == []
    return frame.header


def selected():
    return {item.name for item in bpy.context.view_layer.objects.selected}


def test_background_has_no_picture(connected):
    error = ask(connected, VIEW)["error"]
    assert error["code"] == "VS-9206" and "background" in error["message"]
    assert connected.bridge.paused is None


def test_selection_is_set_and_read_back(connected):
    one, two = connected.add("One"), connected.add("Two")
    connected.add("Three")
    answer = ask(connected, SELECT, uuids=[two["uuid"], one["uuid"]])
    assert answer["error"] is None
    assert set(answer["selected"]) == {one["uuid"], two["uuid"]}
    assert selected() == {"One", "Two"} and bpy.context.view_layer.objects.active == two
    answer = ask(connected, SELECT)
    assert answer["selected"] == [] and selected() == set()


def test_selection_is_no_change_of_the_scene(connected):
    item = connected.add()
    before, is_dirty = connected.intents(), bpy.data.is_dirty
    ask(connected, SELECT, uuids=[item["uuid"]])
    connected.settle()
    assert connected.intents() == before and bpy.data.is_dirty == is_dirty


def test_hidden_object_is_not_told_as_selected(connected):
    item, shown = connected.add(), connected.add("Shown")
    item.hide_set(True)
    connected.edited("Hide")
    connected.settle()
    assert ask(connected, SELECT, uuids=[item["uuid"], shown["uuid"]])["selected"] == [shown["uuid"]]


def test_unknown_object_changes_no_selection(connected):
    item = connected.add()
    ask(connected, SELECT, uuids=[item["uuid"]])
    for wrong in (str(uuid.uuid4()), "x", None, 7):
        error = ask(connected, SELECT, uuids=[item["uuid"], wrong])["error"]
        assert (error["code"], error["place"]) == ("VS-3001", "uuids[1]")
    assert ask(connected, SELECT, uuids=["x"] * 201)["error"]["code"] == "VS-1006"
    assert ask(connected, SELECT, uuids="x")["error"]["code"] == "VS-1006"
    assert selected() == {item.name}


def test_person_in_edit_mode_keeps_the_selection(connected):
    item, other = connected.add(shape="cube"), connected.add("Other")
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    error = ask(connected, SELECT, uuids=[other["uuid"]])["error"]
    assert error["code"] == "VS-9206" and "edit" in error["message"]
    bpy.ops.object.mode_set(mode="OBJECT")
    assert ask(connected, SELECT, uuids=[other["uuid"]])["error"] is None


def test_malformed_requests_are_refused(connected):
    for fields in ({"look": "back"}, {"look": None}, {"size": 255}, {"size": 1281}, {"size": True}, {"size": "512"}):
        assert ask(connected, VIEW, **fields)["error"]["code"] == "VS-1006"
    assert connected.bridge.paused is None


def test_failure_of_a_drawing_does_not_stop_synchronization(connected, monkeypatch):
    def broken(scene):
        raise ValueError("no such thing")

    monkeypatch.setattr(window_requests.viewport, "find", broken)
    for _ in range(4):
        assert ask(connected, VIEW)["error"]["code"] == "VS-9206"
    assert connected.bridge.paused is None


def test_late_request_is_not_answered(connected):
    connected.daemon.send({**SELECT, "request_id": str(uuid.uuid4()), "deadline_ms": 0})
    ask(connected, SELECT)
    assert len(connected.daemon.of_type("select_result")) == 1


def test_batch_is_applied_before_a_request_is_answered(connected):
    change = new_object("Remote")
    connected.daemon.apply([change])
    answer = ask(connected, SELECT, uuids=[change["uuid"]])
    assert answer["selected"] == [change["uuid"]]


def test_older_daemon_is_offered_no_pictures(harness):
    harness.connect()
    assert "features" not in harness.daemon.of_type("hello")[0].header
