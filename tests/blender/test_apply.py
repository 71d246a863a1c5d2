# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the application of batches: read-back, no echo, one undo step each, and no trace of a failed one."""

import math
import random

import bpy
import numpy as np
import pytest
from conftest import IDENTITY, cube, new_mesh, new_object, update
from mathutils import Matrix
from vibesync.blender import mesh_read, scenes, transforms
from vibesync.core import mesh as wire_mesh
from vibesync.core.components import same_component


def random_rotation(generator):
    parts = [generator.gauss(0, 1) for _ in range(4)]
    length = math.sqrt(sum(part * part for part in parts))
    return [part / length for part in parts]


def test_created_object_is_read_back_and_not_echoed(harness):
    harness.connect()
    parent = new_object("P")
    child = new_object("C", parent={"uuid": parent["uuid"]}, visibility={"visible": False})
    child["components"]["transform"] = {**IDENTITY, "translation": [1.0, 2.0, 3.0]}
    results, _ = harness.apply(parent, child)
    assert [result["status"] for result in results] == ["applied", "applied"]
    assert results[1]["state"]["components"] == child["components"]
    item = harness.find(child["uuid"])
    assert tuple(item.location) == (1.0, -3.0, 2.0)
    assert item.parent == harness.find(parent["uuid"])
    assert item.hide_get()
    harness.settle()
    assert harness.intents() == 0


def test_new_entities_are_made_in_the_order_of_their_names(harness):
    harness.connect()
    parent = new_object("Part 3")
    names = ["part 2", "Part 10", "Part 1"]
    results, _ = harness.apply(parent, *(new_object(name, parent={"uuid": parent["uuid"]}) for name in names))
    assert [result["state"]["components"]["name"] for result in results] == ["Part 3", *names]
    made = sorted((harness.find(result["uuid"]) for result in results), key=lambda item: item.session_uid)
    assert [item.name for item in made] == ["Part 1", "Part 10", "part 2", "Part 3"]
    assert [item.name for item in bpy.data.objects][-4:] == ["Part 1", "Part 10", "part 2", "Part 3"]


@pytest.mark.parametrize("mode", ["XYZ", "ZXY", "QUATERNION", "AXIS_ANGLE"])
def test_transforms_round_trip_in_every_rotation_mode(harness, mode):
    harness.connect()
    item = harness.add()
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
        results, _ = harness.apply(update(item["uuid"], transform=wanted))
        assert results[0]["status"] == "applied"
        assert same_component("transform", results[0]["state"]["components"]["transform"], wanted)
    assert item.rotation_mode == mode


def test_names_that_blender_changes_round_trip(harness):
    harness.connect()
    long = "ü" * 200
    first, second, third = new_object("Same"), new_object("Same"), new_object(long)
    results, _ = harness.apply(first, second, third)
    assert [result["state"]["components"]["name"] for result in results] == ["Same", "Same", long]
    harness.settle()
    assert harness.intents() == 0
    harness.find(second["uuid"]).name = "Renamed"
    harness.edited()
    harness.settle()
    assert harness.changes()[-1]["components"] == {"name": "Renamed"}


def test_local_transform_stays_when_reparented(harness):
    harness.connect()
    parent, child = harness.add("P"), harness.add("C")
    parent.location = (10, 0, 0)
    child.location = (1, 2, 3)
    harness.edited()
    harness.settle()
    harness.apply(update(child["uuid"], parent={"uuid": parent["uuid"]}))
    bpy.context.view_layer.update()
    assert tuple(child.matrix_world.translation) == pytest.approx((11, 2, 3))


def corners_equal(a, b, normal_tolerance=1e-5):
    assert a.submeshes == b.submeshes
    np.testing.assert_allclose(a.corner_position, b.corner_position, atol=1e-5)
    np.testing.assert_allclose(a.normal, b.normal, atol=normal_tolerance)
    assert len(a.uvs) == len(b.uvs)
    for one, other in zip(a.uvs, b.uvs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def split_corners(mesh):
    """Gives every corner a vertex of its own."""
    split = wire_mesh.Mesh(mesh.corner_position, np.arange(len(mesh.index)), mesh.submeshes, mesh.normal, mesh.uvs)
    split.color = mesh.color
    return split


def test_split_mesh_is_welded_with_equal_corners(harness):
    harness.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    source.uvs = [np.random.default_rng(1).random((36, 2), np.float32)]
    source.submeshes = [(0, 0, 12), (2, 12, 24)]
    attachments = []
    mesh = new_mesh(split_corners(source), attachments)
    item = new_object("M", data={"uuid": mesh["uuid"]})
    results, back = harness.apply(mesh, item, attachments=attachments)
    assert [result["error"] for result in results] == [None, None]
    corners_equal(wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x"), source)
    assert len(harness.find(mesh["uuid"]).vertices) == 8
    assert len(harness.find(mesh["uuid"]).materials) == 3
    harness.settle()
    assert harness.intents() == 0


def test_arbitrary_normals_round_trip(harness):
    harness.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    normals = np.random.default_rng(2).normal(size=(36, 3)).astype(np.float32)
    source.normal = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    corners_equal(apply_and_read_back(harness, source), source, 1e-5)


def test_smooth_and_flat_normals_round_trip(harness):
    """Older versions merge normals that lie close together, and have none for a face without area."""
    harness.connect()
    mesh = cube("Source")
    mesh.vertices[0].co = mesh.vertices[1].co
    source = mesh_read.read(mesh, 1.0)
    normals = source.position[source.index] + np.random.default_rng(2).normal(scale=0.005, size=(36, 3))
    source.normal = (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)
    corners_equal(apply_and_read_back(harness, source), source, 1e-5)


def test_changed_normals_replace_received_ones(harness):
    harness.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    source.normal = np.roll(source.normal, 3, axis=0)
    apply_and_read_back(harness, source)
    mesh = bpy.data.meshes["RemoteMesh"]
    if "custom_normal" in mesh.attributes and mesh.attributes["custom_normal"].data_type == "FLOAT_VECTOR":
        mesh.attributes["custom_normal"].data.foreach_set("vector", [0.0, 0.6, 0.8] * len(mesh.loops))
        mesh.update()
    else:
        mesh.normals_split_custom_set([(0.0, 0.6, 0.8)] * len(mesh.loops))
    shown = mesh_read.read(mesh, 1.0).normal
    assert np.abs(np.sort(np.abs(shown), axis=1) - (0.0, 0.6, 0.8)).max() < 5e-4


def apply_and_read_back(harness, source):
    """Applies a mesh in a batch, and returns its read-back."""
    attachments = []
    results, back = harness.apply(new_mesh(source, attachments), attachments=attachments)
    return wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x")


def test_vertex_colors_round_trip(harness):
    harness.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    source.color = np.random.default_rng(3).random((36, 4), np.float32)
    attachments = []
    results, back = harness.apply(new_mesh(source, attachments), attachments=attachments)
    again = wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x")
    np.testing.assert_allclose(again.color, source.color, atol=1e-5)


def test_original_mesh_stays_when_its_copy_is_updated(harness):
    """Blender lets copies share arrays until one is written; some ways to write ignore that."""
    harness.connect()
    original = harness.add("Original", "cube")
    layer = original.data.uv_layers.new()
    layer.uv.foreach_set("vector", [0.25] * (2 * len(layer.uv)))
    original.data.color_attributes.new("Color", "FLOAT_COLOR", "CORNER")
    harness.edited()
    harness.settle()
    sent = harness.mesh_of(-1)
    copy = original.copy()
    copy.data = original.data.copy()
    scenes.synced_scene().collection.objects.link(copy)
    harness.edited()
    harness.settle()

    sent.position = sent.position + np.float32(1)
    sent.uvs = [np.full_like(sent.uvs[0], 0.75)]
    sent.color = np.full_like(sent.color, 0.25)
    attachments = []
    harness.apply(update(copy.data["uuid"], mesh=wire_mesh.pack(sent, attachments)), attachments=attachments)
    assert tuple(copy.data.uv_layers[0].uv[0].vector) == (0.75, 0.75)
    # Reading the original earlier would already give it arrays of its own.
    mesh = original.data
    assert {tuple(item.vector) for item in mesh.uv_layers[0].uv} == {(0.25, 0.25)}
    assert {tuple(item.color) for item in mesh.color_attributes[0].data} == {(1.0, 1.0, 1.0, 1.0)}
    assert {abs(part) for vertex in mesh.vertices for part in vertex.co} == {1.0}


def test_quads_stay_when_vertices_move(harness):
    harness.connect()
    item = harness.add("Q", "cube")
    before = harness.intents()  # under load, mesh and object are two intents
    wanted = split_corners(mesh_read.read(item.data, 1.0))
    top = wanted.position[:, 1] > 0
    wanted.position[top, 1] += 1.0  # stretches the cube without bending a quad
    attachments = []
    component = wire_mesh.pack(wanted, attachments)
    results, back = harness.apply(update(item.data["uuid"], mesh=component), attachments=attachments)
    corners_equal(wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x"), wanted)
    assert len(item.data.polygons) == 6
    assert len(item.data.vertices) == 8
    harness.settle()
    assert harness.intents() == before


def test_centimeter_scene_round_trips(harness):
    bpy.context.scene.unit_settings.scale_length = 0.01
    harness.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    attachments = []
    mesh = new_mesh(source, attachments)
    item = new_object("M", data={"uuid": mesh["uuid"]}, transform={**IDENTITY, "translation": [1.0, 2.0, 3.0]})
    results, back = harness.apply(mesh, item, attachments=attachments)
    corners_equal(wire_mesh.unpack(results[0]["state"]["components"]["mesh"], back, "x"), source)
    assert tuple(harness.find(item["uuid"]).location) == pytest.approx((100, -300, 200))
    assert results[1]["state"]["components"]["transform"]["translation"] == pytest.approx([1.0, 2.0, 3.0])


def test_empty_with_new_mesh_keeps_uuid_and_children(harness):
    harness.connect()
    parent, child = harness.add("P"), harness.add("C")
    child.parent = parent
    parent.location = (1, 2, 3)
    harness.edited()
    harness.settle()
    parent_uuid, child_uuid = parent["uuid"], child["uuid"]
    before = harness.intents()
    attachments = []
    mesh = new_mesh(mesh_read.read(cube(), 1.0), attachments)
    results, _ = harness.apply(mesh, update(parent_uuid, data={"uuid": mesh["uuid"]}), attachments=attachments)
    assert results[1]["state"]["components"]["data"] == {"uuid": mesh["uuid"]}
    shown = harness.find(parent_uuid)
    assert (shown.type, shown.name, tuple(shown.location)) == ("MESH", "P", (1, 2, 3))
    assert harness.find(child_uuid).parent == shown
    harness.apply(update(parent_uuid, data={"uuid": None}))
    assert harness.find(parent_uuid).type == "EMPTY"
    harness.settle()
    assert harness.intents() == before


def test_deleted_object_is_revived_by_a_create(harness):
    harness.connect()
    item = harness.add("D", "cube")
    object_uuid, mesh_uuid = item["uuid"], item.data["uuid"]
    before = harness.intents()
    results, _ = harness.apply({"op": "delete", "uuid": object_uuid}, {"op": "delete", "uuid": mesh_uuid})
    assert [result["state"] for result in results] == [None, None]
    assert len(bpy.data.objects) == len(bpy.data.meshes) == 0
    harness.settle()
    assert harness.intents() == before
    assert harness.bridge.replica.tombstones.keys() == {object_uuid, mesh_uuid}
    results, _ = harness.apply({**new_object(), "uuid": object_uuid})  # the other editor undid the delete
    assert results[0]["status"] == "applied"
    assert harness.bridge.replica.tombstones.keys() == {mesh_uuid}


def test_read_back_comes_from_blender_not_from_the_batch(harness, monkeypatch):
    harness.connect()
    item = harness.add("A")
    write = transforms.write

    def write_wrong(item, parent, transform, unit, frame):
        write(item, parent, {**transform, "translation": [7.0, 8.0, 9.0]}, unit, frame)

    monkeypatch.setattr(transforms, "write", write_wrong)
    results, _ = harness.apply(update(item["uuid"], transform={**IDENTITY, "translation": [1.0, 2.0, 3.0]}))
    assert results[0]["status"] == "applied"
    assert results[0]["state"]["components"]["transform"]["translation"] == pytest.approx([7.0, 8.0, 9.0])


def test_delete_is_refused_while_the_mesh_is_in_use(harness):
    harness.connect()
    item = harness.add("D", "cube")
    results, _ = harness.apply({"op": "delete", "uuid": item.data["uuid"]})
    assert results[0]["status"] == "failed"
    assert results[0]["state"]["kind"] == "mesh"
    assert item.data is not None


def picture():
    """Returns everything of the scene that a batch can change, from Blender's own data."""

    def plain(value):
        if isinstance(value, bpy.types.ID):
            return value.get("uuid")
        if value is None or isinstance(value, str | bool):
            return value
        return [list(row) if hasattr(row, "__len__") else row for row in value]

    channels = ("location", "rotation_mode", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale")
    places = ("parent", "parent_type", "parent_bone", "matrix_parent_inverse", "hide_viewport", "data")
    items = {}
    for each in bpy.data.objects:
        items[each["uuid"]] = {name: plain(getattr(each, name)) for name in (*channels, *places)}
        items[each["uuid"]] |= {"name": each.name, "type": each.type, "hidden": each.hide_get()}
    meshes = {}
    for mesh in bpy.data.meshes:
        shown = [tuple(vertex.co) for vertex in mesh.vertices]
        meshes[mesh.get("uuid")] = (mesh.name, shown, [tuple(polygon.vertices) for polygon in mesh.polygons])
    return items, meshes


def test_scene_is_unchanged_when_a_batch_fails(harness):
    harness.connect()
    item, other, last = harness.add("A", "cube"), harness.add("B"), harness.add("C")
    bystander = harness.add("D", "cube")
    wrong_uuid, bystander_uuid = bystander.data["uuid"], bystander["uuid"]
    for each in (item, other, last):
        each.rotation_euler, each.rotation_quaternion = (0.1, 0.2, 0.3), (0.5, 0.5, 0.5, 0.5)
        each.rotation_axis_angle = (0.7, 0.0, 1.0, 0.0)
    other.rotation_mode, last.rotation_mode = "QUATERNION", "AXIS_ANGLE"
    other.parent = last.parent = item
    other.parent_type = "VERTEX"
    other.matrix_parent_inverse = last.matrix_parent_inverse = Matrix.Translation((1, 2, 3))
    last.hide_viewport = True
    harness.edited()
    harness.settle()
    uuid, mesh_uuid, other_uuid, last_uuid = item["uuid"], item.data["uuid"], other["uuid"], last["uuid"]
    moved = {**IDENTITY, "translation": [9.0, 9.0, 9.0]}
    before = picture()
    attachments = []
    replaced = mesh_read.read(cube("Other"), 1.0)
    bpy.data.meshes.remove(bpy.data.meshes["Other"])
    replaced.position = replaced.position[replaced.index[:3]]
    replaced.index, replaced.submeshes, replaced.normal = np.arange(3), [(0, 0, 3)], None
    fresh = new_object("New")
    results, _ = harness.apply(
        fresh,
        update(mesh_uuid, name="Renamed", mesh=wire_mesh.pack(replaced, attachments)),
        update(
            uuid,
            name="Moved",
            transform=moved,
            visibility={"visible": False},
            data={"uuid": None},
        ),
        update(other_uuid, parent={"uuid": fresh["uuid"]}, name="Other", transform=moved),
        update(last_uuid, transform=moved, visibility={"visible": True}),
        {**new_object("X"), "uuid": wrong_uuid},  # is found after all other changes are made
        attachments=attachments,
    )
    assert {result["status"] for result in results} == {"failed"}
    assert results[0]["error"]["code"] == "VS-3002"
    assert results[0]["state"] is None
    assert results[2]["state"]["components"]["name"] == "A"
    for found, wanted in zip(picture(), before, strict=True):
        for each in wanted.keys() | found.keys():
            assert found.get(each) == wanted.get(each)
    harness.settle()
    known = {uuid, mesh_uuid, other_uuid, last_uuid, wrong_uuid, bystander_uuid}
    assert harness.bridge.replica.entries.keys() == known


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"transform": {**IDENTITY, "scale": [1, 1]}}, "VS-1006"),
        ({"mesh": {"vertex_count": 3, "corner_count": 3, "submeshes": [], "buffers": {}}}, "VS-3005"),
    ],
)
def test_malformed_batch_is_answered_with_its_code(harness, component, code):
    harness.connect()
    item = harness.add()
    results, _ = harness.apply(update(item["uuid"], **component))
    assert results[0]["error"]["code"] == code
    assert harness.bridge.paused is None


def test_batch_is_one_undo_step_and_its_undo_is_sent(harness):
    harness.connect()
    item = harness.add()
    uuid = item["uuid"]
    harness.edited("assigned")
    harness.apply(update(uuid, transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}), new_object("New"))
    before = harness.intents()
    bpy.ops.ed.undo()
    assert tuple(harness.find(uuid).location) == (0, 0, 0)
    assert len(bpy.data.objects) == 1
    harness.settle()
    operations = {change["op"] for change in harness.changes(before)}
    assert operations == {"update", "delete"}


def test_batch_is_deferred_in_edit_mode(harness):
    harness.connect()
    item = harness.add("E", "cube")
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    harness.daemon.apply([update(item["uuid"], name="Later")])
    deferred = harness.wait(lambda: harness.daemon.of_type("deferred"))
    assert deferred[0].header["state"] == "edit"
    bpy.ops.object.mode_set(mode="OBJECT")
    harness.wait(lambda: harness.daemon.of_type("applied"))
    assert harness.find(item["uuid"]).name == "Later"
    assert len(harness.daemon.of_type("deferred")) == 1


def test_edited_objects_are_sent_in_edit_mode(harness):
    def sent_states():
        return [(frame.header["state"], frame.header["objects"]) for frame in harness.daemon.of_type("editor_state")]

    harness.connect()
    item, other, third = (harness.add(name, "cube") for name in "ABC")
    for each in (other, third):
        each.select_set(each == other)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    harness.wait(lambda: sent_states() == [("edit", sorted([item["uuid"], other["uuid"]]))])
    bpy.ops.object.mode_set(mode="OBJECT")
    harness.wait(lambda: sent_states()[-1] == ("background", None))
    for number in range(300):
        new = bpy.data.objects.new(f"Many{number}", None)
        bpy.context.scene.collection.objects.link(new)
        new.select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    harness.wait(lambda: sent_states()[-1] == ("edit", None))
