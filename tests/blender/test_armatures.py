# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that armatures and poses are sent, written, read back and restored."""

import math
import random

import bpy
import pytest
from conftest import update
from mathutils import Matrix, Quaternion
from rigs import HALF, add_rig, editing, fresh, joint, new_rig, place
from vibesync.core.components import same_component
from vibesync.core.equality import all_close, same_rotation


def sent(harness, before=0):
    """Returns what the intents since changed: components by uuid."""
    found = {}
    for change in harness.changes(before):
        found.setdefault(change["uuid"], {}).update(change.get("components", {}))
    return found


def after_edit(harness):
    before = harness.intents()
    harness.edited()
    harness.settle()
    return sent(harness, before)


def joints_by_name(component):
    return {each["name"]: (uuid, each) for uuid, each in component["joints"].items()}


def differences(value, read):
    """Returns the joints that differ, for the message of a failed test."""
    if "joints" not in value:
        return value, read
    left, right = value["joints"], read["joints"]
    pairs = {uuid: (left.get(uuid), right.get(uuid)) for uuid in left.keys() | right.keys()}
    return {uuid: (a, b) for uuid, (a, b) in pairs.items() if a != b}


def apply(harness, *changes):
    """Applies changes, expects them in the read-back, and that nothing is sent."""
    before = harness.intents()
    results, _ = harness.apply(*changes)
    assert [result["error"] for result in results] == [None] * len(results)
    for change, result in zip(changes, results, strict=True):
        held = result["state"]["components"] if result["state"] else {}
        for name, value in change.get("components", {}).items():
            absent = {"joints": {}} if name == "pose" else None
            read = held.get(name, absent)
            assert same_component(name, value, read), differences(value, read)
    harness.settle()
    assert harness.intents() == before, harness.changes(before)


def test_rolled_child_has_the_expected_rest(harness):
    harness.connect()
    item = add_rig(harness)
    found = after_edit(harness)
    component = found[item.data["uuid"]]["armature"]
    assert found[item["uuid"]]["data"] == {"uuid": item.data["uuid"]}
    assert "pose" not in found[item["uuid"]]
    root, child = (joints_by_name(component)[name][1] for name in ("Root", "Child"))
    assert child["parent"] == joints_by_name(component)["Root"][0] and root["parent"] is None
    assert all_close(child["rest"]["translation"], (0.0, 1.0, 0.0)) and child["length"] == 1.0
    assert same_rotation(child["rest"]["rotation"], (0.0, math.sin(math.pi / 12), 0.0, math.cos(math.pi / 12)))
    assert same_rotation(root["rest"]["rotation"], (0.0, 0.0, 0.0, 1.0))


def test_edits_of_bones_keep_their_uuids(harness):
    harness.connect()
    item = add_rig(harness)
    armature = item.data
    before = joints_by_name(after_edit(harness)[armature["uuid"]]["armature"])
    armature.bones["Child"].name = "Arm"
    armature.bones["Root"].use_deform = False
    armature.bones["Arm"].inherit_scale = "AVERAGE"
    changed = after_edit(harness)
    assert set(changed) == {armature["uuid"]}
    now = joints_by_name(changed[armature["uuid"]]["armature"])
    assert now["Arm"][0] == before["Child"][0] and now["Root"][0] == before["Root"][0]
    assert not now["Root"][1]["deform"] and now["Arm"][1]["inherit_scale"] == "average"
    with editing(item) as bones:
        bones["Arm"].name = "Hand"
        copy = bones.new("Copy")
        copy.head, copy.tail = (1.0, 0.0, 0.0), (1.0, 1.0, 0.0)
        copy["uuid"], copy["vibesync_bone"] = bones["Hand"]["uuid"], bones["Hand"]["vibesync_bone"]
    now = joints_by_name(after_edit(harness)[armature["uuid"]]["armature"])
    assert now["Hand"][0] == before["Child"][0] and len({uuid for uuid, _ in now.values()}) == 3
    with editing(item) as bones:
        bones.remove(bones["Copy"])
    now = joints_by_name(after_edit(harness)[armature["uuid"]]["armature"])
    assert set(now) == {"Root", "Hand"} and after_edit(harness) == {}


def test_pose_is_below_the_bone_above(harness):
    harness.connect()
    item = add_rig(harness)
    after_edit(harness)
    bone = item.pose.bones["Child"]
    bone.rotation_mode = "ZYX"
    bone.location, bone.rotation_euler, bone.scale = (0.5, 0.0, 0.0), (0.0, 0.0, math.pi / 2), (1.0, 2.0, 1.0)
    pose = after_edit(harness)[item["uuid"]]
    assert set(pose) == {"pose"}
    (shown,) = pose["pose"]["joints"].values()
    matrix = bone.parent.matrix.inverted() @ bone.matrix
    location, rotation, scale = matrix.decompose()
    assert all_close(shown["translation"], location) and all_close(shown["scale"], scale)
    assert same_rotation(shown["rotation"], (*rotation[1:], rotation[0]))
    bone.matrix_basis = Matrix()
    assert after_edit(harness)[item["uuid"]] == {"pose": {"joints": {}}}


def test_armature_and_pose_arrive(harness):
    harness.connect()
    root, child = fresh(), fresh()
    joints = {
        root: joint("Root", translation=(1.0, 2.0, 3.0), rotation=(HALF, 0.0, 0.0, HALF)),
        child: joint("Child", root, rotation=(0.0, 0.258819, 0.0, 0.965926), deform=False, length=0.5),
    }
    pose = {child: place((0.5, 1.0, 0.0), (0.0, 0.0, HALF, HALF), (1.0, 2.0, 1.0))}
    creates = new_rig(joints, pose)
    apply(harness, *creates)
    item = harness.find(creates[1]["uuid"])
    bpy.context.view_layer.update()
    assert item.data.bones["Child"].parent.name == "Root" and not item.data.bones["Child"].use_deform
    assert all_close(item.data.bones["Root"].head_local, (1.0, -3.0, 2.0))
    bone = item.pose.bones["Child"]
    assert all_close((bone.parent.matrix.inverted() @ bone.matrix).translation, (0.5, 1.0, 0.0))
    # Names change places, a bone goes and another comes, below a bone that is elsewhere.
    new = fresh()
    joints = {
        root: joint("Child", translation=(0.0, 0.0, 3.0)),
        new: joint("Root", root, inherit_rotation=False, local_location=False, inherit_scale="none"),
    }
    emptied = update(creates[1]["uuid"], pose={"joints": {}})
    apply(harness, update(creates[0]["uuid"], armature={"joints": joints}), emptied)
    assert {bone.name: bone.get("uuid") for bone in item.data.bones} == {"Child": root, "Root": new}
    # A child goes with the bone above.
    joints[root] = joint("Child", translation=(0.0, 0.0, 5.0))
    apply(harness, update(creates[0]["uuid"], armature={"joints": joints}))
    assert all_close(item.data.bones["Root"].head_local, (0.0, -5.0, 1.0))
    assert len(bpy.data.scenes) == 1 and len(bpy.data.objects) == 1


def test_any_rest_and_pose_come_back_as_given(harness):
    """Roll is stored instead of axes, so Blender's own values differ by more than the tolerance."""
    harness.connect()
    chance = random.Random(4)

    def turn():
        w, x, y, z = Quaternion([chance.gauss(0, 1) for _ in range(4)]).normalized()
        return (x, y, z, w)

    def point():
        return [chance.uniform(-2, 2) for _ in range(3)]

    joints, pose = {}, {}
    for number in range(120):
        above = chance.choice([None, *joints])
        flags = {"inherit_rotation": chance.random() < 0.9, "local_location": chance.random() < 0.9}
        scale = chance.choice(("full", "full", "full", "none", "average", "aligned", "fix_shear"))
        uuid = fresh()
        length = chance.choice((1.0, 1e-5, 0.3))
        nearly_down = (1.0, 0.0, 1e-5, 0.0)
        rotation = nearly_down if number % 10 == 0 else turn()
        joints[uuid] = joint(f"b{number}", above, point(), rotation, length=length, inherit_scale=scale, **flags)
        if chance.random() < 0.5:
            pose[uuid] = place(point(), turn(), chance.choice(((1, 1, 1), (1, 2, 1), (-1, 1, 1))))
        elif chance.random() < 0.3:
            pose[uuid] = {**joints[uuid]["rest"], "scale": [1.0, 1.0, 1.0]}
    creates = new_rig(joints, pose)
    apply(harness, *creates)
    item = harness.find(creates[1]["uuid"])
    with editing(item):
        pass
    assert after_edit(harness) == {}
    # Another rest does not move what is posed.
    moved = {uuid: {**each, "rest": {**each["rest"], "translation": point()}} for uuid, each in joints.items()}
    apply(harness, update(creates[0]["uuid"], armature={"joints": moved}))
    apply(harness, update(creates[1]["uuid"], pose={"joints": pose}))


@pytest.mark.parametrize("what", ["hidden", "excluded", "other mode"])
def test_bones_of_any_object_are_written(harness, what):
    harness.connect()
    item = add_rig(harness)
    other = harness.add("Other", "cube")
    after_edit(harness)
    layer = bpy.context.view_layer
    layer.objects.active = other
    other.select_set(True)
    item.select_set(True)
    if what == "hidden":
        item.hide_set(True)
    elif what == "excluded":
        group = bpy.data.collections.new("Group")
        bpy.context.scene.collection.children.link(group)
        group.objects.link(item)
        bpy.context.scene.collection.objects.unlink(item)
        layer.layer_collection.children["Group"].exclude = True
    harness.edited()
    harness.settle()
    armature, joints = item.data["uuid"], {fresh(): joint("Only")}
    if what == "other mode":
        bpy.ops.object.mode_set(mode="SCULPT")
        harness.bridge.activity.blocking_state = lambda now: None
    apply(harness, update(armature, armature={"joints": joints}))
    assert layer.objects.active == other and other.select_get()
    assert other.mode == ("SCULPT" if what == "other mode" else "OBJECT")
    assert what != "hidden" or item.hide_get()
    assert [bone.name for bone in item.data.bones] == ["Only"]


def test_failed_batch_restores_bones_and_pose(harness):
    harness.connect()
    item = add_rig(harness)
    after_edit(harness)
    child = item.pose.bones["Child"]
    child.location = (0.25, 0.0, 0.0)
    limit = child.constraints.new("LIMIT_SCALE")
    limit.mute = True
    group, member = bpy.data.collections.new("Group"), harness.add("Member")
    bpy.context.scene.collection.children.link(group)
    group.objects.link(member)
    after_edit(harness)

    def state():
        bones = [
            (bone.name, bone["uuid"], bone.use_deform, *bone.head_local, *bone.tail_local, len(bone.parent_recursive))
            for bone in item.data.bones
        ]
        return bones, tuple(item.pose.bones["Child"].location), len(item.pose.bones["Child"].constraints)

    before = state()
    root = item.data.bones["Root"]["uuid"]
    joints = {root: joint("Child", translation=(3.0, 0.0, 0.0), deform=False), fresh(): joint("Root", root)}
    circle = update(member["uuid"], instance={"of": group["uuid"]})  # Blender refuses it at the end of the batch
    results, _ = harness.apply(update(item.data["uuid"], armature={"joints": joints}), circle)
    assert [result["error"]["code"] for result in results] == ["VS-4005", "VS-4005"], results
    assert state() == before
    assert after_edit(harness) == {}


def test_decided_bones_lock_the_pose(harness):
    harness.connect()
    item = add_rig(harness)
    after_edit(harness)
    copy = item.pose.bones["Child"].constraints.new("LIMIT_LOCATION")
    copy.use_min_x, copy.min_x = True, 0.5
    found = after_edit(harness)[item["uuid"]]
    assert found["locks"] == {"blender": {"pose": ["joints"]}}
    child = item.data.bones["Child"]["uuid"]
    shown = found["pose"]["joints"][child]
    assert not all_close(shown["translation"], (0.0, 1.0, 0.0))
    assert "decided bones" in {notice.kind for notice in harness.bridge.notices.all}
    copy.mute = True
    assert after_edit(harness)[item["uuid"]] == {"locks": {}, "pose": {"joints": {}}}
    item.pose.bones["Child"].keyframe_insert("location", frame=1)
    assert after_edit(harness)[item["uuid"]]["locks"] == {"blender": {"pose": ["joints"]}}


def test_edit_mode_is_sent_when_it_ends(harness):
    harness.connect()
    item = add_rig(harness)
    after_edit(harness)
    before = harness.intents()
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    item.data.edit_bones["Child"].tail = (0.0, 0.5, 2.0)
    bone = item.data.edit_bones.new("New")
    bone.tail = (0.0, 1.0, 0.0)
    harness.edited()
    harness.settle()
    assert harness.intents() == before
    harness.daemon.apply([update(item.data["uuid"], armature={"joints": {}})], [])
    harness.wait(lambda: harness.daemon.of_type("deferred"))
    bpy.ops.object.mode_set(mode="OBJECT")
    harness.edited()
    harness.wait(lambda: harness.intents() > before)
    names = {each["name"] for each in sent(harness, before)[item.data["uuid"]]["armature"]["joints"].values()}
    assert names == {"Root", "Child", "New"}


def test_place_of_an_unknown_joint_is_kept(harness):
    harness.connect()
    item = add_rig(harness)
    after_edit(harness)
    late = fresh()
    pose = {late: place((0.0, 2.0, 0.0))}
    apply(harness, update(item["uuid"], pose={"joints": pose}))
    root = joint("Root")
    apply(harness, update(item.data["uuid"], armature={"joints": {late: root}}))
    bpy.context.view_layer.update()
    assert all_close(item.pose.bones["Root"].matrix.translation, (0.0, 0.0, 2.0))
