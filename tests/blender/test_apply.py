# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches reach the scene, are read back from it, not echoed, one undo step each; a failed one leaves no trace."""

import math
import random

import bpy
import numpy as np
import pytest
from conftest import IDENTITY, cube, new_mesh, new_object, update
from vibesync.blender import mesh_read, scenes
from vibesync.core import mesh as wire_mesh
from vibesync.core.equality import same_component


def random_rotation(generator):
    parts = [generator.gauss(0, 1) for _ in range(4)]
    length = math.sqrt(sum(part * part for part in parts))
    return [part / length for part in parts]


def test_create_is_read_back_and_not_echoed(rig):
    rig.connect()
    parent = new_object("P")
    child = new_object("C", parent={"uuid": parent["uuid"]}, visibility={"visible": False})
    child["components"]["transform"] = {**IDENTITY, "translation": [1.0, 2.0, 3.0]}
    results, _ = rig.apply(parent, child)
    assert [result["status"] for result in results] == ["applied", "applied"]
    assert results[1]["state"]["components"] == child["components"]
    item = rig.find(child["uuid"])
    assert tuple(item.location) == (1.0, -3.0, 2.0)
    assert item.parent == rig.find(parent["uuid"])
    assert item.hide_get()
    rig.settle()
    assert rig.intents() == 0


@pytest.mark.parametrize("mode", ["XYZ", "ZXY", "QUATERNION", "AXIS_ANGLE"])
def test_random_transforms_hold_in_every_rotation_mode(rig, mode):
    rig.connect()
    item = rig.add()
    item.rotation_mode = mode
    item.delta_scale = (1.0, 1.0, 1.0)
    generator = random.Random(5)
    half = math.sqrt(0.5)
    rotations = [random_rotation(generator) for _ in range(20)] + [
        [half, 0, 0, half],
        [0, half, 0, half],
        [0, 0, half, half],
    ]
    for rotation in rotations:
        wanted = {
            "translation": [generator.uniform(-1000, 1000) for _ in range(3)],
            "rotation": rotation,
            "scale": [generator.uniform(0.01, 5) * generator.choice((1, -1)) for _ in range(3)],
        }
        results, _ = rig.apply(update(item["uuid"], transform=wanted))
        assert results[0]["status"] == "applied"
        assert same_component("transform", results[0]["state"]["components"]["transform"], wanted)
    assert item.rotation_mode == mode


def test_names_that_blender_can_not_take_come_back_as_they_are(rig):
    rig.connect()
    long = "ü" * 200
    first, second, third = new_object("Same"), new_object("Same"), new_object(long)
    results, _ = rig.apply(first, second, third)
    assert [result["state"]["components"]["name"] for result in results] == ["Same", "Same", long]
    rig.settle()
    assert rig.intents() == 0
    rig.find(second["uuid"]).name = "Renamed"
    rig.edited()
    rig.settle()
    assert rig.changes()[-1]["components"] == {"name": "Renamed"}


def test_reparenting_keeps_the_local_transform(rig):
    rig.connect()
    parent, child = rig.add("P"), rig.add("C")
    parent.location = (10, 0, 0)
    child.location = (1, 2, 3)
    rig.edited()
    rig.settle()
    rig.apply(update(child["uuid"], parent={"uuid": parent["uuid"]}))
    bpy.context.view_layer.update()
    assert tuple(child.matrix_world.translation) == pytest.approx((11, 2, 3))


def corners_equal(a, b, normal_tolerance=1e-5):
    assert a.submeshes == b.submeshes
    np.testing.assert_allclose(a.corner_position, b.corner_position, atol=1e-5)
    np.testing.assert_allclose(a.normal, b.normal, atol=normal_tolerance)
    assert len(a.uvs) == len(b.uvs)
    for one, other in zip(a.uvs, b.uvs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def as_unity_holds_it(mesh):
    """Every corner a vertex of its own."""
    split = wire_mesh.Mesh(mesh.corner_position, np.arange(len(mesh.index)), mesh.submeshes, mesh.normal, mesh.uvs)
    split.color = mesh.color
    return split


def test_a_split_mesh_is_welded_and_equal_at_each_corner(rig):
    rig.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    source.uvs = [np.random.default_rng(1).random((36, 2), np.float32)]
    source.submeshes = [(0, 0, 12), (2, 12, 24)]
    attachments = []
    mesh = new_mesh(as_unity_holds_it(source), attachments)
    item = new_object("M", data={"uuid": mesh["uuid"]})
    results, back = rig.apply(mesh, item, attachments=attachments)
    assert [result["error"] for result in results] == [None, None]
    corners_equal(wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x"), source)
    assert len(rig.find(mesh["uuid"]).vertices) == 8
    assert len(rig.find(mesh["uuid"]).materials) == 3
    rig.settle()
    assert rig.intents() == 0


def test_arbitrary_normals_hold(rig):
    rig.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    normals = np.random.default_rng(2).normal(size=(36, 3)).astype(np.float32)
    source.normal = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    corners_equal(there_and_back(rig, source), source, 1e-5)


def test_normals_of_a_rounded_and_of_a_flat_corner_hold(rig):
    """Older versions make one of normals that lie close together, and know none where a face has no area."""
    rig.connect()
    mesh = cube("Source")
    mesh.vertices[0].co = mesh.vertices[1].co
    source = mesh_read.read(mesh, 1.0)
    normals = source.position[source.index] + np.random.default_rng(2).normal(scale=0.005, size=(36, 3))
    source.normal = (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)
    corners_equal(there_and_back(rig, source), source, 1e-5)


def test_normals_turned_in_blender_are_those_that_count(rig):
    rig.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    source.normal = np.roll(source.normal, 3, axis=0)
    there_and_back(rig, source)
    mesh = bpy.data.meshes["RemoteMesh"]
    if "custom_normal" in mesh.attributes and mesh.attributes["custom_normal"].data_type == "FLOAT_VECTOR":
        mesh.attributes["custom_normal"].data.foreach_set("vector", [0.0, 0.6, 0.8] * len(mesh.loops))
        mesh.update()
    else:
        mesh.normals_split_custom_set([(0.0, 0.6, 0.8)] * len(mesh.loops))
    shown = mesh_read.read(mesh, 1.0).normal
    assert np.abs(np.sort(np.abs(shown), axis=1) - (0.0, 0.6, 0.8)).max() < 5e-4


def there_and_back(rig, source):
    """The mesh as it is read back after a batch has brought it."""
    attachments = []
    results, back = rig.apply(new_mesh(source, attachments), attachments=attachments)
    return wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x")


def test_vertex_colors_hold(rig):
    rig.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    source.color = np.random.default_rng(3).random((36, 4), np.float32)
    attachments = []
    results, back = rig.apply(new_mesh(source, attachments), attachments=attachments)
    again = wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x")
    np.testing.assert_allclose(again.color, source.color, atol=1e-5)


def test_what_arrives_for_a_copy_leaves_the_original_as_it_is(rig):
    """Blender lets copies share arrays until one is written; not every way to write them knows of that."""
    rig.connect()
    original = rig.add("Original", "cube")
    layer = original.data.uv_layers.new()
    layer.uv.foreach_set("vector", [0.25] * (2 * len(layer.uv)))
    original.data.color_attributes.new("Color", "FLOAT_COLOR", "CORNER")
    rig.edited()
    rig.settle()
    sent = rig.mesh_of(-1)
    copy = original.copy()
    copy.data = original.data.copy()
    scenes.synced_scene().collection.objects.link(copy)
    rig.edited()
    rig.settle()

    sent.position = sent.position + np.float32(1)
    sent.uvs = [np.full_like(sent.uvs[0], 0.75)]
    sent.color = np.full_like(sent.color, 0.25)
    attachments = []
    rig.apply(update(copy.data["uuid"], mesh=wire_mesh.pack(sent, attachments)), attachments=attachments)
    assert tuple(copy.data.uv_layers[0].uv[0].vector) == (0.75, 0.75)
    # Looking at the original any earlier would already give it arrays of its own.
    mesh = original.data
    assert {tuple(item.vector) for item in mesh.uv_layers[0].uv} == {(0.25, 0.25)}
    assert {tuple(item.color) for item in mesh.color_attributes[0].data} == {(1.0, 1.0, 1.0, 1.0)}
    assert {abs(part) for vertex in mesh.vertices for part in vertex.co} == {1.0}


def test_quads_survive_moved_vertices(rig):
    rig.connect()
    item = rig.add("Q", "cube")
    wanted = as_unity_holds_it(mesh_read.read(item.data, 1.0))
    top = wanted.position[:, 1] > 0
    wanted.position[top, 1] += 1.0  # stretches the cube: no quad bends
    attachments = []
    component = wire_mesh.pack(wanted, attachments)
    results, back = rig.apply(update(item.data["uuid"], mesh=component), attachments=attachments)
    corners_equal(wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x"), wanted)
    assert len(item.data.polygons) == 6
    assert len(item.data.vertices) == 8
    rig.settle()
    assert rig.intents() == 1  # the one that created the cube


def test_centimeters_make_the_round_trip(rig):
    bpy.context.scene.unit_settings.scale_length = 0.01
    rig.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    attachments = []
    mesh = new_mesh(source, attachments)
    item = new_object("M", data={"uuid": mesh["uuid"]}, transform={**IDENTITY, "translation": [1.0, 2.0, 3.0]})
    results, back = rig.apply(mesh, item, attachments=attachments)
    corners_equal(wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x"), source)
    assert tuple(rig.find(item["uuid"]).location) == pytest.approx((100, -300, 200))
    assert results[1]["state"]["components"]["transform"]["translation"] == pytest.approx([1.0, 2.0, 3.0])


def test_an_empty_that_gets_a_mesh_keeps_its_uuid_children_and_place(rig):
    rig.connect()
    parent, child = rig.add("P"), rig.add("C")
    child.parent = parent
    parent.location = (1, 2, 3)
    rig.edited()
    rig.settle()
    parent_uuid, child_uuid = parent["uuid"], child["uuid"]
    before = rig.intents()
    attachments = []
    mesh = new_mesh(mesh_read.read(cube(), 1.0), attachments)
    results, _ = rig.apply(mesh, update(parent_uuid, data={"uuid": mesh["uuid"]}), attachments=attachments)
    assert results[1]["state"]["components"]["data"] == {"uuid": mesh["uuid"]}
    shown = rig.find(parent_uuid)
    assert (shown.type, shown.name, tuple(shown.location)) == ("MESH", "P", (1, 2, 3))
    assert rig.find(child_uuid).parent == shown
    rig.apply(update(parent_uuid, data={"uuid": None}))
    assert rig.find(parent_uuid).type == "EMPTY"
    rig.settle()
    assert rig.intents() == before


def test_delete_is_not_echoed_and_a_create_revives(rig):
    rig.connect()
    item = rig.add("D", "cube")
    object_uuid, mesh_uuid = item["uuid"], item.data["uuid"]
    before = rig.intents()
    results, _ = rig.apply({"op": "delete", "uuid": object_uuid}, {"op": "delete", "uuid": mesh_uuid})
    assert [result["state"] for result in results] == [None, None]
    assert len(bpy.data.objects) == len(bpy.data.meshes) == 0
    rig.settle()
    assert rig.intents() == before
    assert rig.bridge.replica.tombstones.keys() == {object_uuid, mesh_uuid}
    results, _ = rig.apply({**new_object(), "uuid": object_uuid})  # undone in the other editor
    assert results[0]["status"] == "applied"
    assert rig.bridge.replica.tombstones.keys() == {mesh_uuid}


def test_a_mesh_that_is_still_shown_is_not_deleted(rig):
    rig.connect()
    item = rig.add("D", "cube")
    results, _ = rig.apply({"op": "delete", "uuid": item.data["uuid"]})
    assert results[0]["status"] == "failed"
    assert results[0]["state"]["kind"] == "mesh"
    assert item.data is not None


def test_a_failed_batch_leaves_the_scene_exactly_as_it_was(rig):
    rig.connect()
    item, other, last = rig.add("A", "cube"), rig.add("B"), rig.add("C")
    other.parent = item
    item.rotation_euler = (0.1, 0.2, 0.3)
    rig.edited()
    rig.settle()
    uuid, mesh_uuid, other_uuid, last_uuid = item["uuid"], item.data["uuid"], other["uuid"], last["uuid"]

    def picture():
        items = {}
        for each in bpy.data.objects:
            shown = [tuple(vertex.co) for vertex in each.data.vertices] if each.data else None
            polygons = len(each.data.polygons) if each.data else None
            channels = (tuple(each.location), tuple(each.rotation_euler), tuple(each.scale), each.hide_get())
            items[each["uuid"]] = (each.name, each.type, channels, each.parent and each.parent["uuid"], shown, polygons)
        return items, sorted(mesh.name for mesh in bpy.data.meshes)

    before = picture()
    attachments = []
    replaced = mesh_read.read(cube("Other"), 1.0)
    bpy.data.meshes.remove(bpy.data.meshes["Other"])
    replaced.position = replaced.position[replaced.index[:3]]
    replaced.index, replaced.submeshes, replaced.normal = np.arange(3), [(0, 0, 3)], None
    fresh = new_object("New")
    results, _ = rig.apply(
        fresh,
        update(mesh_uuid, name="Renamed", mesh=wire_mesh.pack(replaced, attachments)),
        update(
            uuid,
            name="Moved",
            transform={**IDENTITY, "translation": [9.0, 9.0, 9.0]},
            visibility={"visible": False},
            data={"uuid": None},
        ),
        update(other_uuid, parent={"uuid": fresh["uuid"]}, name="Other"),
        {"op": "create", "uuid": last_uuid, "kind": "mesh", "components": {"name": "X"}},
        attachments=attachments,
    )
    assert {result["status"] for result in results} == {"failed"}
    assert results[0]["error"]["code"] == "VS-3002"
    assert results[0]["state"] is None
    assert results[2]["state"]["components"]["name"] == "A"
    assert picture() == before
    rig.settle()
    assert rig.bridge.replica.entries.keys() == {uuid, mesh_uuid, other_uuid, last_uuid}


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"transform": {**IDENTITY, "scale": [1, 1]}}, "VS-1006"),
        ({"mesh": {"vertex_count": 3, "corner_count": 3, "submeshes": [], "buffers": {}}}, "VS-3005"),
    ],
)
def test_bad_batches_are_answered_with_their_code(rig, component, code):
    rig.connect()
    item = rig.add()
    results, _ = rig.apply(update(item["uuid"], **component))
    assert results[0]["error"]["code"] == code
    assert rig.bridge.paused is None


def test_a_batch_is_one_undo_step_and_undoing_it_is_told(rig):
    rig.connect()
    item = rig.add()
    uuid = item["uuid"]
    rig.edited("assigned")
    rig.apply(update(uuid, transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}), new_object("New"))
    before = rig.intents()
    bpy.ops.ed.undo()
    assert tuple(rig.find(uuid).location) == (0, 0, 0)
    assert len(bpy.data.objects) == 1
    rig.settle()
    operations = {change["op"] for change in rig.changes(before)}
    assert operations == {"update", "delete"}


def test_in_edit_mode_a_batch_waits_and_says_so(rig):
    rig.connect()
    item = rig.add("E", "cube")
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    rig.daemon.apply([update(item["uuid"], name="Later")])
    deferred = rig.wait(lambda: rig.daemon.of_type("deferred"))
    assert deferred[0].header["state"] == "edit"
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.wait(lambda: rig.daemon.of_type("applied"))
    assert rig.find(item["uuid"]).name == "Later"
    assert len(rig.daemon.of_type("deferred")) == 1


def test_what_hands_are_on_in_edit_mode_is_told(rig):
    def told():
        return [(frame.header["state"], frame.header["objects"]) for frame in rig.daemon.of_type("editor_state")]

    rig.connect()
    item, other, third = (rig.add(name, "cube") for name in "ABC")
    for each in (other, third):
        each.select_set(each == other)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    rig.wait(lambda: told() == [("edit", sorted([item["uuid"], other["uuid"]]))])
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.wait(lambda: told()[-1] == ("background", None))
    for number in range(300):
        new = bpy.data.objects.new(f"Many{number}", None)
        bpy.context.scene.collection.objects.link(new)
        new.select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    rig.wait(lambda: told()[-1] == ("edit", None))
