# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that actions are sent, written, read back and restored, and that playing the timeline is no edit."""

import bpy
import numpy as np
import pytest
from conftest import new_object, update
from mathutils import Euler
from vibesync.blender import action_curves
from vibesync.core import actions
from vibesync.core.actions import Channel, KeyedAction, Slot

ACTION = "00000000-0000-4000-8000-0000000000ac"
HAS_SLOTS = bpy.app.version >= (4, 4, 0)


def sent(harness, before):
    """Returns what the intents since changed: components by uuid, and actions as they were unpacked."""
    found = {}
    for frame in harness.daemon.of_type("intent")[before:]:
        for change in frame.header["changes"]:
            components = dict(change.get("components", {}))
            if "action" in components:
                components["action"] = actions.unpack(components["action"], frame.attachments, "x")
            found.setdefault(change["uuid"], {}).update(components)
    return found


def edited(harness):
    before = harness.intents()
    harness.edited()
    harness.settle()
    return sent(harness, before)


def key(item, path, frame, value=None, index=-1):
    """Inserts a key like a user, after setting the value."""
    if value is not None:
        setattr(item, path, value)
    item.keyframe_insert(path, index=index, frame=frame)


def curve(item, path, index=0):
    slot = action_curves.played_slot(item.animation_data)
    return slot.find(path, index)


def channels(action, slot=0):
    return {(each.path, each.component): each for each in action.slots[slot].channels}


def test_first_key_is_one_intent_with_action_and_locks(harness):
    harness.connect()
    item = harness.add()
    before = harness.intents()
    key(item, "location", 1, (1.0, 2.0, 3.0))
    key(item, "location", 11, (5.0, 2.0, 3.0))
    found = edited(harness)
    assert harness.intents() == before + 1
    action = item.animation_data.action["uuid"]
    assert set(found) == {item["uuid"], action}
    made = found[action]["action"]
    assert (made.fps, made.range, made.is_loop) == ((24, 1), (1.0, 11.0), False)
    assert [(slot.kind, len(slot.channels)) for slot in made.slots] == [("object", 3)]
    assert found[item["uuid"]]["animation"] == {"action": action, "slot": made.slots[0].id}
    assert found[item["uuid"]]["locks"] == {"blender": {"transform": ["translation"]}}
    x, z = channels(made)["translation", 0], channels(made)["translation", 2]
    assert x.numbers[:, 1].tolist() == [1.0, 5.0] and z.numbers[:, 1].tolist() == [-2.0, -2.0]
    assert x.numbers[:, 0].tolist() == [1.0, 11.0] and x.interpolation.tolist() == [actions.BEZIER] * 2


def test_scrubbing_sends_nothing(harness):
    harness.connect()
    item, other = harness.add(), harness.add("Other")
    key(item, "location", 1, (0.0, 0.0, 0.0))
    key(item, "location", 100, (9.0, 0.0, 0.0))
    item.location.x = 5.0  # the value when the animation is first seen stays the synchronized one
    key(item, "hide_viewport", 1, False)
    key(item, "hide_viewport", 50, True)
    edited(harness)
    before = harness.intents()
    for frame in range(1, 101):
        bpy.context.scene.frame_set(frame)
        harness.pump()
    assert item.location.x == pytest.approx(9.0) and item.hide_viewport
    item.update_tag()
    other.update_tag()
    assert edited(harness) == {} and harness.intents() == before
    item.scale.x = 2.0  # what is not animated is an edit still
    change = edited(harness)[item["uuid"]]["transform"]
    assert change["scale"] == [2.0, 1.0, 1.0] and change["translation"] == [5.0, 0.0, 0.0]


def test_edits_of_keys_are_updates_of_the_action(harness):
    harness.connect()
    item = harness.add()
    key(item, "location", 1, index=0)
    key(item, "location", 11, (1.0, 0.0, 0.0), index=0)
    edited(harness)
    uuid = item.animation_data.action["uuid"]
    points = curve(item, "location").keyframe_points

    def edit():
        found = edited(harness)
        assert set(found) == {uuid}
        return found[uuid]

    points[1].co.y = 3.0
    curve(item, "location").update()
    assert channels(edit()["action"])["translation", 0].numbers[1, 1] == 3.0
    curve(item, "location").keyframe_points[0].interpolation = "LINEAR"
    assert channels(edit()["action"])["translation", 0].interpolation[0] == actions.LINEAR
    curve(item, "location").extrapolation = "LINEAR"
    assert channels(edit()["action"])["translation", 0].extrapolation == ("linear", "linear")
    item.animation_data.action.name = "Walk"
    assert edit() == {"name": "Walk"}
    curve(item, "location").keyframe_points.remove(curve(item, "location").keyframe_points[0])
    assert len(channels(edit()["action"])["translation", 0].numbers) == 1


def test_easing_and_modes_are_sent_as_values_and_locked(harness):
    harness.connect()
    item = harness.add()
    key(item, "rotation_euler", 1, (0.0, 0.0, 0.0))
    key(item, "rotation_euler", 5, np.radians((30.0, 40.0, 50.0)))
    key(item, "scale", 1)
    key(item, "scale", 5, (3.0, 1.0, 1.0))
    curve(item, "scale").keyframe_points[0].interpolation = "BOUNCE"
    found = channels(edited(harness)[item.animation_data.action["uuid"]]["action"])
    assert all(found["rotation", component].is_locked for component in range(4))
    assert [len(found["rotation", component].samples) for component in range(4)] == [5] * 4
    last = [found["rotation", component].samples[-1] for component in range(4)]
    w, x, y, z = Euler(np.radians((30.0, 40.0, 50.0))).to_quaternion()
    assert last == pytest.approx([x, z, -y, w], abs=1e-6)
    assert found["scale", 0].is_locked and not found["scale", 1].is_locked
    item.rotation_mode = "YXZ"
    found = channels(edited(harness)[item.animation_data.action["uuid"]]["action"])
    angles = [found["euler", component].numbers[-1, 1] for component in range(3)]
    assert np.degrees(angles) == pytest.approx([30.0, 50.0, -40.0], abs=1e-4)


def packed(keys, slot=7, kind="object", path="translation", component=0):
    """Returns a wire action with one channel, and its attachments."""
    numbers = np.array(keys, np.float32)
    kinds = np.full(len(keys), actions.BEZIER, np.uint32)
    channel = Channel(path, component, numbers=numbers, interpolation=kinds)
    return pack(
        KeyedAction((24, 1), (float(numbers[0, 0]), float(numbers[-1, 0])), False, [Slot(slot, kind, [channel])])
    )


def pack(action):
    attachments = []
    return action.pack(attachments), [bytes(each) for each in attachments]


def create(component, name="Slide"):
    return {
        "op": "create",
        "uuid": ACTION,
        "kind": "action",
        "version": 9,
        "components": {"name": name, "action": component},
    }


def apply(harness, *changes, attachments=()):
    """Applies changes, expects them in the read-back, and returns the actions of that."""
    results, back = harness.apply(*changes, attachments=attachments)
    assert [result["error"] for result in results] == [None] * len(results)
    read = {}
    for change, result in zip(changes, results, strict=True):
        for name, value in change.get("components", {}).items():
            held = result["state"]["components"].get(name)
            if name == "action":
                read[change["uuid"]] = actions.unpack(held, back, "x")
                wanted = actions.unpack(value, list(attachments), "y")
                assert read[change["uuid"]].is_same(wanted)
            elif name == "animation":
                assert (held or actions.NOTHING) == value
    harness.settle()
    return read


CASE = [[1, 0, 0, 0, 4, 0.7], [11, 1, 9, 0.2, 12, 1]]


def test_arriving_action_is_played(harness):
    harness.connect()
    item = new_object("Slider", animation={"action": ACTION, "slot": 7})
    component, attachments = packed(CASE)
    apply(harness, create(component), item, attachments=attachments)
    made = harness.find(item["uuid"])
    bpy.context.scene.frame_set(6)
    assert made.location.x == pytest.approx(0.450123, abs=1e-6)  # case 29
    assert curve(made, "location").keyframe_points[0].handle_right[:] == pytest.approx((4.0, 0.7))
    before = harness.intents()
    component, attachments = packed([[1, 0, 0, 0, 20, 0.7], [11, 1, -5, 0.2, 12, 1]])
    apply(harness, update(ACTION, action=component), attachments=attachments)
    bpy.context.scene.frame_set(7)
    bpy.context.scene.frame_set(6)
    assert made.location.x == pytest.approx(0.450656, abs=3e-6)
    assert set(sent(harness, before)) <= {item["uuid"]}
    made.update_tag()
    edited(harness)
    apply(harness, update(item["uuid"], animation={"action": None, "slot": None}))
    assert made.animation_data.action is None
