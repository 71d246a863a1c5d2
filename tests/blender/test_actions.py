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


def test_change_before_a_change_of_the_frame_is_sent(harness):
    harness.connect()
    item, other, before = harness.add("A"), harness.add("B"), harness.intents()
    key(item, "location", 1, (1.0, 2.0, 3.0))
    other.location.x = 7.0
    bpy.context.scene.frame_set(1)
    found = edited(harness)
    assert found[other["uuid"]]["transform"]["translation"] == [7.0, 0.0, 0.0]
    assert found[item["uuid"]]["animation"]["action"] == item.animation_data.action["uuid"]
    assert harness.intents() == before + 1


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
        assert not harness.bridge.dirty_set.touched, "nothing is previewed"
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


def test_lights_cameras_and_weights_are_animated(harness):
    harness.connect()
    light = bpy.data.lights.new("Lamp", "SPOT")
    camera, face = bpy.data.cameras.new("Camera"), harness.add("Face", "cube")
    for data in (light, camera):
        bpy.context.scene.collection.objects.link(bpy.data.objects.new(data.name, data))
    face.shape_key_add(name="Basis", from_mix=False)
    smile = face.shape_key_add(name='Smile "A"', from_mix=False)
    smile.value = 0.25
    edited(harness)
    watt = intensity_of(harness, light, 100.0) / 100.0
    key(light, "energy", 1, 50.0)
    key(light, "spot_size", 1, 1.0)
    key(camera, "lens", 1, 35.0)
    key(smile, "value", 1, 0.5)
    found = edited(harness)
    lit = channels(found[light.animation_data.action["uuid"]]["action"])
    assert lit["outer", 0].numbers[0, 1] == pytest.approx(0.5)
    assert lit["intensity", 0].numbers[0, 1] == pytest.approx(50.0 * watt, rel=1e-6)
    assert found[light["uuid"]]["locks"] == {"blender": {"light": ["inner", "intensity", "outer"]}}
    assert channels(found[camera.animation_data.action["uuid"]]["action"])["focal", 0].numbers[0, 1] == 35.0
    keys = face.data.shape_keys
    weight = channels(found[keys.animation_data.action["uuid"]]["action"])["shape", 0]
    assert (weight.key, weight.numbers[0, 1]) == ('Smile "A"', 0.5)
    assert found[face.data["uuid"]]["animation"]["action"] == keys.animation_data.action["uuid"]
    before = harness.intents()
    smile.value = 0.9  # as a frame change does
    light.energy = 3.0
    assert edited(harness) == {} and harness.intents() == before
    results, _ = harness.apply(update(face.data["uuid"], shape_values={"values": {'Smile "A"': 0.75}}))
    assert results[0]["state"]["components"]["shape_values"]["values"] == {'Smile "A"': 0.5}


def intensity_of(harness, light, power):
    """Returns the canonical intensity of a light of this power."""
    light.energy = power
    return edited(harness)[light["uuid"]]["light"]["intensity"]


def test_curves_of_blenders_own_form_are_never_overwritten(harness):
    harness.connect()
    item = harness.add()
    key(item, "location", 1, (0.0, 0.0, 0.0))
    key(item, "location", 3, (4.0, 4.0, 4.0))
    curve(item, "location", 0).keyframe_points[0].interpolation = "BOUNCE"
    curve(item, "location", 1).modifiers.new("NOISE").strength = 2.0
    found = edited(harness)
    uuid = item.animation_data.action["uuid"]
    sent_action = found[uuid]["action"]
    types = [point.handle_left_type for point in curve(item, "location", 2).keyframe_points]
    component, attachments = pack(sent_action)
    apply(harness, update(uuid, action=component), attachments=attachments)
    assert curve(item, "location", 0).keyframe_points[0].interpolation == "BOUNCE"
    assert len(curve(item, "location", 1).modifiers) == 1
    assert [point.handle_left_type for point in curve(item, "location", 2).keyframe_points] == types
    found = channels(sent_action)
    found["translation", 0].samples = found["translation", 0].samples + np.float32(1.0)
    found["translation", 1].numbers = found["translation", 1].numbers + np.float32(1.0)
    component, attachments = pack(sent_action)
    results, _ = harness.apply(update(uuid, action=component), attachments=attachments)
    assert results[0]["error"]["code"] == "VS-7003"
    again = bpy.data.objects["A"]
    assert curve(again, "location", 2).keyframe_points[0].co.y == 0.0
    assert [point.handle_left_type for point in curve(again, "location", 2).keyframe_points] == types
    assert curve(again, "location", 0).keyframe_points[0].interpolation == "BOUNCE"
    assert edited(harness) == {} and again.animation_data.action["uuid"] == uuid


def test_failed_batch_leaves_the_action_and_who_plays_it(harness):
    harness.connect()
    item = harness.add()
    key(item, "location", 1, (0.0, 0.0, 0.0))
    action = item.animation_data.action
    found = edited(harness)
    uuid = action["uuid"]
    slot = found[uuid]["action"].slots[0].id
    component, attachments = packed(CASE, slot)
    # Curves of Blender extrapolate alike on both sides, which is found when the curve is written, after all else.
    attachments += packed(CASE)[1]
    wrong, _ = packed(CASE)
    wrong["slots"][0]["channels"][0]["extrapolation"] = ["constant", "linear"]
    wrong["buffers"]["keys"]["attachment"] = 1
    changes = (
        update(uuid, action=component),
        update(item["uuid"], animation={"action": None, "slot": None}),
        create(wrong),
    )
    before = harness.intents()
    results, _ = harness.apply(*changes, attachments=attachments)
    assert {result["status"] for result in results} == {"failed"}
    again = bpy.data.objects["A"]
    assert again.animation_data.action["uuid"] == uuid and len(curve(again, "location").keyframe_points) == 1
    assert len(bpy.data.actions) == 1 and bpy.data.actions[0].name == "AAction"
    harness.settle()
    assert harness.intents() == before


def test_two_objects_play_one_action_until_it_is_deleted(harness):
    harness.connect()
    first, second = harness.add("First"), harness.add("Second")
    key(first, "location", 1, (0.0, 0.0, 0.0))
    action = first.animation_data.action
    edited(harness)
    animation = second.animation_data_create()
    animation.action = action
    if HAS_SLOTS:
        animation.action_slot = action.slots[0]
    found = edited(harness)
    uuid = action["uuid"]
    assert found.keys() == {second["uuid"]} and found[second["uuid"]]["animation"]["action"] == uuid
    assert found[second["uuid"]]["locks"] == {"blender": {"transform": ["translation"]}}
    before = harness.intents()
    bpy.data.actions.remove(action)
    found = edited(harness)
    nothing = {"animation": actions.NOTHING, "locks": {}}
    assert {name: found[first["uuid"]][name] for name in nothing} == nothing
    assert found[second["uuid"]].keys() >= nothing.keys() and found[uuid] == {}
    assert harness.changes(before)[-1] == {"op": "delete", "uuid": uuid}


def turned_in_another_mode(harness):
    """Returns an object of Euler mode whose action has the curves of quaternions, which it does not show."""
    item = harness.add("Turned")
    item.rotation_mode = "QUATERNION"
    for frame, value in ((1, (1.0, 0.0, 0.0, 0.0)), (11, (0.0, 1.0, 0.0, 0.0))):
        key(item, "rotation_quaternion", frame, value)
    item.rotation_mode = "XYZ"
    found = edited(harness)
    action = item.animation_data.action["uuid"]
    assert not channels(found[action]["action"])
    return item, action


def test_action_that_an_object_stops_playing_is_read_anew(harness):
    harness.connect()
    item, action = turned_in_another_mode(harness)
    item.animation_data.action = None
    found = edited(harness)
    assert found[item["uuid"]]["animation"] == actions.NOTHING
    assert len(channels(found[action]["action"])) == 4, "curves without a player are those of quaternions"


def test_action_of_a_deleted_object_is_read_anew(harness):
    harness.connect()
    item, action = turned_in_another_mode(harness)
    bpy.data.objects.remove(item)
    assert len(channels(edited(harness)[action]["action"])) == 4


def test_action_of_an_object_that_a_batch_deletes_is_read_anew(harness):
    harness.connect()
    item, action = turned_in_another_mode(harness)
    before = harness.intents()
    harness.apply({"op": "delete", "uuid": item["uuid"]})
    harness.settle()
    assert len(channels(sent(harness, before)[action]["action"])) == 4


def test_action_below_an_object_that_becomes_a_light_is_read_anew(harness):
    harness.connect()
    above, item = harness.add("Above"), harness.add("Below")
    item.parent = above
    item.rotation_mode = "QUATERNION"
    key(item, "rotation_quaternion", 1)
    key(item, "location", 1, (1.0, 2.0, 3.0))
    edited(harness)
    action = item.animation_data.action["uuid"]
    light = bpy.data.lights.new("Lamp", "POINT")
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Lamp", light))
    edited(harness)
    before = harness.intents()
    harness.apply(update(above["uuid"], data={"uuid": light["uuid"]}))
    harness.settle()
    found = channels(sent(harness, before)[action]["action"])
    assert [found["translation", at].numbers[0, 1] for at in range(3)] == [1.0, 2.0, 3.0], "in the axes of a light"


def test_locked_rotation_arrives_in_a_new_file(harness):
    harness.connect()
    turns = [(0.0, 0.0, 0.0, 1.0), (0.0, 0.5, 0.0, 0.8660254), (0.0, 0.7071068, 0.0, 0.7071068)]
    values = np.array(turns, np.float32)
    locked = [Channel("rotation", component, samples=values[:, component]) for component in range(4)]
    component, attachments = pack(KeyedAction((30_000, 1001), (1.0, 3.0), True, [Slot(5, "object", locked)]))
    item = new_object("Wheel", animation={"action": ACTION, "slot": 5})
    apply(harness, create(component), item, attachments=attachments)
    made = harness.find(item["uuid"])
    assert made.rotation_mode == "QUATERNION"
    bpy.context.scene.frame_set(2)
    w, x, y, z = made.rotation_quaternion
    assert (w, x, y, z) == pytest.approx((0.8660254, 0.0, 0.0, 0.5), abs=1e-6)
    made.update_tag()
    assert edited(harness) == {}
    bpy.context.scene.render.fps = 60  # the action has the rate of the scene then
    assert edited(harness)[ACTION]["action"].fps == (60, 1)


def test_moved_by_a_parent_is_sent_as_values(harness):
    harness.connect()
    parent, item = harness.add("Parent"), harness.add("Child")
    item.parent = parent
    item.matrix_parent_inverse.translation = (10.0, 0.0, 0.0)
    key(item, "location", 1, (1.0, 0.0, 0.0))
    key(item, "location", 2, (2.0, 0.0, 0.0))
    found = channels(edited(harness)[item.animation_data.action["uuid"]]["action"])
    assert found["translation", 0].samples.tolist() == [11.0, 12.0]
    item.matrix_parent_inverse.identity()
    item.update_tag()
    found = channels(edited(harness)[item.animation_data.action["uuid"]]["action"])
    assert found["translation", 0].numbers[:, 1].tolist() == [1.0, 2.0]


def test_undo_of_a_key_is_an_update(harness):
    harness.connect()
    item = harness.add()
    key(item, "location", 1, (0.0, 0.0, 0.0))
    edited(harness)
    key(item, "location", 5, (3.0, 0.0, 0.0))
    edited(harness)
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    uuid = bpy.data.objects["A"].animation_data.action["uuid"]
    found = sent(harness, before)
    assert len(channels(found[uuid]["action"])["translation", 0].numbers) == 1
    assert found.get(bpy.data.objects["A"]["uuid"], {}).keys() <= {"transform"}
