# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that lights and cameras keep their own axes, and that what is below them is converted with these."""

import math
import random
import uuid

import bpy
import pytest
from conftest import new_object, update
from mathutils import Matrix, Quaternion, Vector
from vibesync.blender import scenes
from vibesync.core import cameras, lights
from vibesync.core.components import same_component
from vibesync.core.equality import same_rotation

S = math.sqrt(0.5)
LOCAL = {"translation": [1.0, 3.0, -2.0], "rotation": [0.5, 0.5, 0.5, 0.5], "scale": [1.0, 3.0, 2.0]}
IN_OBJECT = {**LOCAL, "rotation": [0.0, 0.0, S, S], "scale": [1.0, 2.0, 3.0]}  # of a viewer
IN_VIEWER = {"translation": [1.0, 2.0, 3.0], "rotation": [S, 0.0, S, 0.0], "scale": [1.0, 3.0, 2.0]}
BOTH = {"translation": [1.0, 2.0, 3.0], "rotation": [0.5, -0.5, 0.5, 0.5], "scale": [1.0, 2.0, 3.0]}
CASES = {
    ("EMPTY", "EMPTY"): LOCAL,
    ("EMPTY", "LIGHT"): IN_OBJECT,
    ("EMPTY", "CAMERA"): IN_OBJECT,
    ("LIGHT", "EMPTY"): IN_VIEWER,
    ("CAMERA", "LIGHT"): BOTH,
}


def make(kind, name, parent=None):
    """Adds an object of this type to the scene, not evaluated yet."""
    data = None
    if kind == "LIGHT":
        data = bpy.data.lights.new(name, "SPOT")
    if kind == "CAMERA":
        data = bpy.data.cameras.new(name)
    item = bpy.data.objects.new(name, data)
    scenes.synced_scene().collection.objects.link(item)
    item.parent = parent
    return item


def place(item):
    """Gives an object the transform of which CASES has the canonical form."""
    item.rotation_mode = "QUATERNION"
    item.location, item.scale = (1, 2, 3), (1, 2, 3)
    item.rotation_quaternion = (0.5, 0.5, -0.5, 0.5)


def settle(harness):
    harness.edited("Edit")
    harness.settle()


def sent(harness, start=0):
    """Returns the last transform that was sent of each entity."""
    return {
        change["uuid"]: change["components"]["transform"]
        for change in harness.changes(start)
        if "transform" in change.get("components", {})
    }


def equal(a, b):
    return same_component("transform", {key: list(value) for key, value in a.items()}, b)


def apply(harness, *changes):
    """Applies a batch and expects it to be read back equal, and nothing to be sent; returns the states."""
    before = harness.intents()
    results, _ = harness.apply(*changes)
    assert [result["error"] for result in results] == [None] * len(results)
    for change, result in zip(changes, results, strict=True):
        wanted = change["components"].get("transform")
        shown = result["state"]["components"].get("transform")
        assert wanted is None or equal(shown, wanted), (change, shown)
    harness.settle()
    assert harness.intents() == before, harness.changes(before)
    return [result["state"]["components"] for result in results]


def read(harness, item):
    """Returns the transform that the addon would send now."""
    bridge = harness.bridge
    reader = bridge.make_reader(None)
    return reader.read_transform(item, reader.synced_parent(item))[0]


@pytest.mark.parametrize("kinds", CASES, ids="-".join)
def test_transform_depends_on_both_frames(harness, kinds):
    harness.connect()
    parent = make(kinds[0], "Parent")
    item = make(kinds[1], "Item", parent)
    place(item)
    settle(harness)
    assert equal(sent(harness)[item["uuid"]], CASES[kinds])


@pytest.mark.parametrize("kinds", CASES, ids="-".join)
@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "AXIS_ANGLE"])
def test_transform_arrives_in_both_frames(harness, kinds, mode):
    harness.connect()
    parent = make(kinds[0], "Parent")
    item = make(kinds[1], "Item", parent)
    item.rotation_mode = mode
    settle(harness)
    apply(harness, update(item["uuid"], transform=CASES[kinds]))
    expected = Matrix.LocRotScale(Vector((1, 2, 3)), Quaternion((0.5, 0.5, -0.5, 0.5)), Vector((1, 2, 3)))
    for row, wanted in zip(item.matrix_basis, expected, strict=True):
        assert tuple(row) == pytest.approx(tuple(wanted), abs=1e-5)


def test_unturned_light_shines_down_and_camera_looks_as_blender_does(harness):
    harness.connect()
    lamp, eye = make("LIGHT", "Lamp"), make("CAMERA", "Eye")
    eye.rotation_euler = [math.radians(angle) for angle in (63.5593, 0.0, 46.6919)]
    settle(harness)
    found = sent(harness)
    assert same_rotation(found[lamp["uuid"]]["rotation"], (-S, 0.0, 0.0, S))
    expected = (-0.209973, 0.385780, 0.090628, 0.893796)
    assert found[eye["uuid"]]["rotation"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("how", ["inverse", "delta", "constraint"])
def test_transform_that_channels_do_not_define_round_trips(harness, how):
    harness.connect()
    lamp = make("LIGHT", "Lamp")
    lamp.rotation_euler = (0.3, 0.2, 0.1)
    item = make("CAMERA", "Eye", lamp)
    place(item)
    if how == "inverse":
        item.matrix_parent_inverse = Matrix.Translation((4, 5, 6))
    elif how == "delta":
        item.delta_location = (4, 5, 6)
    else:
        item.constraints.new("LIMIT_LOCATION")
    settle(harness)
    before = sent(harness)[item["uuid"]]
    moved = {**before, "translation": [value + 1.0 for value in before["translation"]]}
    apply(harness, update(item["uuid"], transform=moved))


def data_change(harness, kind):
    """Returns changes that make new data of this kind, and its reference."""
    if kind is None:
        return [], {"uuid": None}
    default = {**lights.DEFAULTS, "intensity": 5.0} if kind == "light" else dict(cameras.DEFAULTS)
    change = {"op": "create", "uuid": str(uuid.uuid4()), "kind": kind, "components": {"name": kind, kind: default}}
    return [change], {"uuid": change["uuid"]}


@pytest.mark.parametrize("kind", ["light", "camera"])
def test_transforms_stay_when_the_data_changes(harness, kind):
    harness.connect()
    above = harness.add("Above")
    item, child = make("EMPTY", "Item", above), make("EMPTY", "Child")
    child.parent = item
    grandchild = make("EMPTY", "Grandchild", child)
    for each in (above, item, child, grandchild):
        place(each)
    settle(harness)
    known = sent(harness)
    uuids = {each.name: each["uuid"] for each in (above, item, child, grandchild)}
    made, reference = data_change(harness, kind)
    apply(harness, *made, update(uuids["Item"], data=reference))
    for name, key in uuids.items():
        assert equal(read(harness, bpy.data.objects[name]), known[key]), name
    assert bpy.data.objects["Item"].type == kind.upper()
    assert tuple(bpy.data.objects["Child"].location) == pytest.approx((1, 3, -2)), "below other axes"
    assert tuple(bpy.data.objects["Grandchild"].location) == (1, 2, 3)
    apply(harness, update(uuids["Item"], data={"uuid": None}))
    for name, key in uuids.items():
        assert equal(read(harness, bpy.data.objects[name]), known[key]), name
        assert tuple(bpy.data.objects[name].location) == pytest.approx((1, 2, 3)), name


def test_transforms_of_a_batch_count_for_the_data_at_its_end(harness):
    harness.connect()
    item = harness.add("Item")
    child = make("EMPTY", "Child", item)
    settle(harness)
    made, reference = data_change(harness, "light")
    other = new_object("Other", parent={"uuid": item["uuid"]}, transform=IN_VIEWER)
    states = apply(
        harness,
        *made,
        other,
        update(child["uuid"], transform=IN_VIEWER),
        update(item["uuid"], data=reference, transform=IN_OBJECT),
    )
    assert equal(states[2]["transform"], IN_VIEWER)
    for name in ("Item", "Child", "Other"):
        assert tuple(bpy.data.objects[name].location) == pytest.approx((1, 2, 3)), name


def test_parent_and_child_may_change_their_data_in_one_batch(harness):
    harness.connect()
    item = harness.add("Item")
    child = make("EMPTY", "Child", item)
    place(item)
    place(child)
    settle(harness)
    known, uuids = sent(harness), (item["uuid"], child["uuid"])
    lamp, first = data_change(harness, "light")
    eye, second = data_change(harness, "camera")
    for order in ((0, 1), (1, 0)):
        changes = (update(uuids[0], data=first), update(uuids[1], data=second))
        apply(harness, *lamp, *eye, *(changes[number] for number in order))
        for name, key in zip(("Item", "Child"), uuids, strict=True):
            assert equal(read(harness, bpy.data.objects[name]), known[key]), name
        apply(harness, update(uuids[0], data={"uuid": None}), update(uuids[1], data={"uuid": None}))
        lamp = eye = []


def test_new_objects_arrive_below_a_new_light(harness):
    harness.connect()
    made, reference = data_change(harness, "light")
    lamp = new_object("Lamp", data=reference, transform=IN_OBJECT)
    child = new_object("Child", parent={"uuid": lamp["uuid"]}, transform=IN_VIEWER)
    apply(harness, *made, lamp, child)
    assert tuple(bpy.data.objects["Child"].location) == (1, 2, 3)
    bpy.context.view_layer.update()
    expected = bpy.data.objects["Lamp"].matrix_world @ bpy.data.objects["Child"].matrix_basis
    assert tuple(bpy.data.objects["Child"].matrix_world.translation) == pytest.approx(tuple(expected.translation))


def test_canonical_transform_stays_when_an_object_goes_below_a_light(harness):
    harness.connect()
    lamp, item = make("LIGHT", "Lamp"), make("EMPTY", "Item")
    place(item)
    settle(harness)
    apply(harness, update(item["uuid"], parent={"uuid": lamp["uuid"]}))
    assert equal(read(harness, item), LOCAL)
    apply(harness, update(item["uuid"], parent={"uuid": None}))
    assert tuple(item.location) == pytest.approx((1, 2, 3))


def test_children_are_sent_with_the_object_whose_axes_change(harness, tmp_path):
    """A light of a library is not synchronized, so its object is a plain one."""
    light = bpy.data.lights.new("Shelf", "SUN")
    bpy.data.libraries.write(str(tmp_path / "lib.blend"), {light})
    bpy.data.lights.remove(light)
    harness.connect()
    with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (source, target):
        target.lights = source.lights
    lamp = make("LIGHT", "Lamp")
    children = [make("EMPTY", f"Child {number}", lamp) for number in range(3)]
    for child in children:
        place(child)
    settle(harness)
    assert equal(sent(harness)[children[0]["uuid"]], IN_VIEWER)
    before = harness.intents()
    harness.bridge.settings.budget = 0.0  # so that each tick reads no more than it must
    lamp.data = target.lights[0]
    settle(harness)
    intents = [frame.header["changes"] for frame in harness.daemon.of_type("intent")[before:]]
    uuids = {change["uuid"]: list(change["components"]) for change in intents[0]}
    assert uuids == {lamp["uuid"]: ["transform", "data"], **{child["uuid"]: ["transform"] for child in children}}
    assert all(equal(sent(harness, before)[child["uuid"]], LOCAL) for child in children)


def test_child_keeps_its_place_in_the_world_for_the_other_editor(harness):
    """Random chains of objects, lights and cameras agree with Blender's own matrices."""
    harness.connect()
    chance = random.Random(11)
    parent = None
    chain = []
    for number in range(12):
        parent = make(chance.choice(("EMPTY", "LIGHT", "CAMERA")), f"Chain {number}", parent)
        parent.location = [chance.uniform(-2, 2) for _ in range(3)]
        parent.rotation_euler = [chance.uniform(-3, 3) for _ in range(3)]
        chain.append(parent)
    settle(harness)
    found, world = sent(harness), Matrix.Identity(4)
    for item in chain:
        local = found[item["uuid"]]
        x, y, z, w = local["rotation"]
        world = world @ Matrix.Translation(local["translation"]) @ Quaternion((w, x, y, z)).to_matrix().to_4x4()
        x, y, z = item.matrix_world.translation
        assert tuple(world.translation) == pytest.approx((x, z, -y), abs=1e-4)


def test_previews_of_a_light_and_its_child_use_their_frames(harness):
    harness.daemon.features = ["previews"]
    harness.connect()
    lamp = make("LIGHT", "Lamp")
    child = make("EMPTY", "Child", lamp)
    settle(harness)
    listed = [
        {"uuid": lamp["uuid"], "components": {"transform": IN_OBJECT}},
        {"uuid": child["uuid"], "components": {"transform": IN_VIEWER}},
    ]
    harness.daemon.send({"type": "preview", "from": "unity", "changes": listed})
    harness.wait(lambda: lamp.location.x == 1.0)
    for item in (lamp, child):
        place_of = item.matrix_basis.decompose()
        assert tuple(place_of[0]) == pytest.approx((1, 2, 3)) and tuple(place_of[2]) == pytest.approx((1, 2, 3))
        assert abs(place_of[1].dot(Quaternion((0.5, 0.5, -0.5, 0.5)))) == pytest.approx(1.0)
    harness.daemon.send({"type": "preview_end", "uuids": [lamp["uuid"], child["uuid"]]})
    harness.wait(lambda: lamp.location.x == 0.0)
    harness.bridge.activity.state = lambda: "modal"
    place(lamp)
    place(child)
    bpy.context.view_layer.update()
    harness.wait(lambda: len(previewed(harness)) == 2)
    assert equal(previewed(harness)[lamp["uuid"]], IN_OBJECT) and equal(previewed(harness)[child["uuid"]], IN_VIEWER)
    del harness.bridge.activity.state


def previewed(harness):
    """Returns the last preview that was sent of each entity."""
    frames = harness.daemon.of_type("preview")
    return {each["uuid"]: each["components"]["transform"] for frame in frames for each in frame.header["changes"]}
