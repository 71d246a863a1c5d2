# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that shape keys are sent, written, read back and restored, and that a mesh stays what it is without them."""

import bpy
import numpy as np
import pytest
from conftest import cube, new_mesh, new_object, update
from test_operations import kinds
from vibesync.blender import action_curves, mesh_read, shape_keys
from vibesync.core import actions, shapes
from vibesync.core import mesh as wire_mesh
from vibesync.core.components import same_component
from vibesync.core.pace import finish


def add_keys(harness):
    """Adds a cube with the keys A, which moves vertex 1 up by 1, and B relative to A, which moves vertex 2 up by 2."""
    item = harness.add("Face", "cube")
    item.shape_key_add(name="Basis", from_mix=False)
    a = item.shape_key_add(name="A", from_mix=False)
    a.data[1].co.z += 1.0
    b = item.shape_key_add(name="B", from_mix=False)
    b.relative_key = a
    for number, point in enumerate(b.data):
        point.co = a.data[number].co
    b.data[2].co.z += 2.0
    a.value = b.value = 0.0
    return item


def sent(harness, before):
    """Returns what the intents since changed: components by uuid, and the last shape keys."""
    found, keys = {}, None
    for frame in harness.daemon.of_type("intent")[before:]:
        for change in frame.header["changes"]:
            found.setdefault(change["uuid"], {}).update(change.get("components", {}))
            if change.get("components", {}).get("shapes"):
                keys = shapes.unpack(change["components"]["shapes"], frame.attachments, "x")
    return found, keys


def edited(harness):
    """Returns what an edit changes of the only mesh, and the keys that are sent."""
    before = harness.intents()
    harness.edited()
    harness.settle()
    found, keys = sent(harness, before)
    mesh = bpy.data.objects["Face"].data["uuid"]
    action = bpy.data.objects["Face"].data.shape_keys and bpy.data.objects["Face"].data.shape_keys.animation_data
    assert set(found) <= {mesh, *([action.action["uuid"]] if action and action.action else [])}
    return found.get(mesh, {}), keys


def corner_deltas(keys, mesh):
    """Returns the moves of each of Blender's vertices, by key, in Blender's axes."""
    index = mesh_read.read(mesh, 1.0).index
    found = {}
    for row, key in enumerate(keys.keys):
        delta = np.zeros((len(mesh.vertices), 3), np.float32)
        delta[index] = keys.delta[row][keys.vertex]
        found[key.name] = wire_mesh.swap_axes(delta, 1.0, to_canonical=False)
    return found


def only(count, number, move):
    delta = np.zeros((count, 3), np.float32)
    delta[number] = move
    return delta


def apply(harness, *changes, attachments=()):
    """Applies changes, expects them in the read-back, and that nothing is sent."""
    before = harness.intents()
    results, back = harness.apply(*changes, attachments=attachments)
    assert [result["error"] for result in results] == [None] * len(results)
    for change, result in zip(changes, results, strict=True):
        components = result["state"]["components"]
        for name, value in change["components"].items():
            if name == "shapes":
                wanted = shapes.unpack(value, attachments, "sent")
                named = value["buffers"] and "attachment" not in components[name]["buffers"]["delta"]
                read = wanted if named else shapes.unpack(components.get(name, shapes.EMPTY), back, "read")
                assert finish(shapes.is_same(wanted, read))
            elif name != "mesh":
                assert same_component(name, value, components.get(name, shapes.NO_VALUES)), name
    harness.settle()
    assert harness.intents() == before, harness.changes(before)


def wire_keys(vertex, attachments, **moves):
    """Returns the component of keys relative to the mesh, each given by the moves of all its vertices."""
    keys = [shapes.Key(name, None, 0.0, 1.0) for name in moves]
    return shapes.Shapes(keys, vertex, np.array(list(moves.values()), np.float32)).pack(attachments)


def test_keys_are_sent_with_their_bases_and_limits(harness):
    harness.connect()
    item = add_keys(harness)
    item.data.shape_keys.key_blocks["A"].slider_max = 10.0
    item.data.shape_keys.key_blocks["A"].value = 3.0
    item.data.shape_keys.key_blocks["B"].value = 0.25
    changed, keys = edited(harness)
    assert set(changed) == {"shapes", "shape_values"}
    assert changed["shape_values"] == {"values": {"A": 3.0, "B": 0.25}}
    assert keys.keys == [shapes.Key("A", None, 0.0, 10.0), shapes.Key("B", "A", 0.0, 1.0)]
    moves = corner_deltas(keys, item.data)
    np.testing.assert_allclose(moves["A"], only(8, 1, (0, 0, 1)), atol=1e-6)
    np.testing.assert_allclose(moves["B"], only(8, 2, (0, 0, 2)), atol=1e-6)


def test_weight_alone_is_sent_alone(harness):
    harness.connect()
    item = add_keys(harness)
    edited(harness)
    item.data.shape_keys.key_blocks["A"].value = 0.5
    changed, _ = edited(harness)
    assert changed == {"shape_values": {"values": {"A": 0.5, "B": 0.0}}}


def test_basis_alone_is_no_key(harness):
    harness.connect()
    item = harness.add("Face", "cube")
    item.shape_key_add(name="Basis")
    assert edited(harness) == ({}, None)


def test_sculpted_key_is_no_change_of_the_mesh(harness):
    harness.connect()
    item = add_keys(harness)
    edited(harness)
    item.data.shape_keys.key_blocks["A"].data[3].co.x += 1.0
    for vertex in item.data.vertices:  # as tools that work on the shown shape leave it
        vertex.co.x += 0.5
    item.data.update()
    changed, keys = edited(harness)
    assert set(changed) == {"shapes"}
    expected = only(8, 1, (0, 0, 1)) + only(8, 3, (1, 0, 0))
    np.testing.assert_allclose(corner_deltas(keys, item.data)["A"], expected, atol=1e-6)


def test_key_edited_in_edit_mode_is_no_change_of_the_mesh(harness):
    harness.connect()
    item = add_keys(harness)
    edited(harness)
    bpy.context.view_layer.objects.active = item
    item.active_shape_key_index = 1
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.transform.translate(value=(0.0, 1.0, 0.0))
    before = harness.intents()
    harness.edited()
    harness.wait(lambda: harness.intents() > before)
    found, keys = sent(harness, before)
    bpy.ops.object.mode_set(mode="OBJECT")
    harness.settle()
    assert set(found[item.data["uuid"]]) == {"shapes"}
    expected = only(8, 1, (0, 0, 1)) + np.array([0, 1, 0], np.float32)
    np.testing.assert_allclose(corner_deltas(keys, item.data)["A"], expected, atol=1e-6)
    assert set(sent(harness, before)[0][item.data["uuid"]]) == {"shapes"}


def test_moved_basis_changes_the_deltas(harness):
    harness.connect()
    item = add_keys(harness)
    edited(harness)
    item.data.shape_keys.key_blocks["Basis"].data[1].co.z += 0.25
    changed, keys = edited(harness)
    assert set(changed) >= {"mesh", "shapes"}
    np.testing.assert_allclose(corner_deltas(keys, item.data)["A"], only(8, 1, (0, 0, 0.75)), atol=1e-6)


def test_muted_key_has_no_weight_and_keeps_its_own(harness):
    harness.connect()
    item = add_keys(harness)
    key = item.data.shape_keys.key_blocks["A"]
    key.value = 0.5
    edited(harness)
    key.mute = True
    changed, _ = edited(harness)
    assert changed == {"shape_values": {"values": {"A": 0.0, "B": 0.0}}}
    apply(harness, update(item.data["uuid"], shape_values={"values": {"A": 0.0, "B": 0.5}}))
    assert key.mute and key.value == 0.5
    apply(harness, update(item.data["uuid"], shape_values={"values": {"A": 0.75, "B": 0.5}}))
    assert not key.mute and key.value == 0.75


def test_renamed_key_is_sent(harness):
    harness.connect()
    item = add_keys(harness)
    edited(harness)
    item.data.shape_keys.key_blocks["A"].name = "Öffnen"
    changed, keys = edited(harness)
    assert set(changed) == {"shapes", "shape_values"} or set(changed) == {"shapes"}
    assert [(key.name, key.relative_to) for key in keys.keys] == [("Öffnen", None), ("B", "Öffnen")]


def test_removed_keys_are_sent_as_none(harness):
    harness.connect()
    item = add_keys(harness)
    edited(harness)
    item.shape_key_clear()
    changed, _ = edited(harness)
    assert changed["shapes"] == shapes.EMPTY


def test_absolute_keys_are_reported_and_not_sent(harness):
    harness.connect()
    item = add_keys(harness)
    item.data.shape_keys.use_relative = False
    assert edited(harness) == ({}, None)
    assert kinds(harness) == {"absolute shape keys"}


def test_masked_key_is_sent_as_it_looks_and_never_overwritten(harness):
    harness.connect()
    item = add_keys(harness)
    item.vertex_groups.new(name="Half").add([1], 0.5, "REPLACE")
    item.data.shape_keys.key_blocks["A"].vertex_group = "Half"
    _, keys = edited(harness)
    np.testing.assert_allclose(corner_deltas(keys, item.data)["A"], only(8, 1, (0, 0, 0.5)), atol=1e-6)
    attachments = []
    keys.delta = keys.delta + np.float32(1.0)
    change = update(item.data["uuid"], shapes=keys.pack(attachments))
    results, _ = harness.apply(change, attachments=attachments)
    assert results[0]["error"]["code"] == "VS-4005"
    assert item.data.shape_keys.key_blocks["A"].data[1].co.z == cube().vertices[1].co.z + 1.0


def test_driven_weight_is_sent_and_stays(harness):
    harness.connect()
    item = add_keys(harness)
    item.shape_key_add(name="C", from_mix=False)
    blocks = item.data.shape_keys.key_blocks
    blocks["A"].driver_add("value").driver.expression = "0.5"
    blocks["B"].value = 0.75
    blocks["B"].keyframe_insert("value")
    blocks["C"].value = 0.0
    edited(harness)
    wanted = {"A": 1.0, "B": 1.0, "C": 0.25}
    results, _ = harness.apply(update(item.data["uuid"], shape_values={"values": wanted}))
    read = results[0]["state"]["components"]["shape_values"]["values"]
    assert read == pytest.approx({"A": 0.5, "B": 0.75, "C": 0.25})


def test_driven_weight_is_not_written(harness):
    harness.connect()
    item = add_keys(harness)
    blocks = item.data.shape_keys.key_blocks
    blocks["A"].driver_add("value").driver.expression = "0.5"
    edited(harness)
    shape_keys.write_values(item.data, {"values": {"A": 1.0, "B": 1.0}}, [])
    assert [blocks["A"].value, blocks["B"].value] == [0.5, 1.0]  # before Blender evaluates the driver again


def test_new_mesh_gets_keys_with_weight_zero(harness):
    harness.connect()
    source, attachments = mesh_read.read(cube("Source"), 1.0), []
    mesh = new_mesh(source, attachments)
    move = np.zeros((8, 3), np.float32)
    move[:, 1] = 1.0
    mesh["components"]["shapes"] = wire_keys(source.index, attachments, Basis=move, Up=move * 2)
    apply(harness, mesh, new_object("Face", data={"uuid": mesh["uuid"]}), attachments=attachments)
    made = harness.find(mesh["uuid"])
    assert [block.name for block in made.shape_keys.key_blocks] == ["Basis.001", "Basis", "Up"]
    assert [block.value for block in made.shape_keys.key_blocks][1:] == [0.0, 0.0]
    before = [vertex.co.z for vertex in made.vertices]
    assert [point.co.z - z for point, z in zip(made.shape_keys.key_blocks["Up"].data, before, strict=True)] == [2.0] * 8
    assert len(bpy.data.objects) == 1  # the help with which keys are made is gone


def test_keys_in_another_order_keep_what_is_blenders_alone(harness):
    harness.connect()
    item = add_keys(harness)
    item.data.shape_keys.key_blocks["B"].interpolation = "KEY_CARDINAL"
    item.data.shape_keys.key_blocks["B"].value = 0.5
    _, keys = edited(harness)
    attachments = []
    turned = shapes.Shapes(keys.keys[::-1], keys.vertex, keys.delta[::-1])
    apply(harness, update(item.data["uuid"], shapes=turned.pack(attachments)), attachments=attachments)
    blocks = item.data.shape_keys.key_blocks
    assert [block.name for block in blocks] == ["Basis", "B", "A"]
    assert (blocks["B"].interpolation, blocks["B"].value) == ("KEY_CARDINAL", 0.5)
    assert blocks["B"].relative_key == blocks["A"]
    assert (blocks["A"].data[1].co - blocks["Basis"].data[1].co).z == 1.0
    assert (blocks["B"].data[2].co - blocks["A"].data[2].co).z == 2.0


def test_keys_follow_a_mesh_that_is_moved(harness):
    harness.connect()
    item = add_keys(harness)
    _, keys = edited(harness)
    moved, attachments = mesh_read.read(item.data, 1.0), []
    moved.position = moved.position + np.float32(1.0)
    apply(harness, update(item.data["uuid"], mesh=wire_mesh.pack(moved, attachments)), attachments=attachments)
    assert finish(shapes.is_same(keys, read_keys(item.data)))
    assert item.data.shape_keys.key_blocks["Basis"].data[0].co == item.data.vertices[0].co


def read_keys(mesh):
    return finish(shape_keys.read(mesh, mesh_read.read(mesh, 1.0).index, 1.0))


def two_lips(mesh_uuid, **keys):
    """Returns an update to a triangle and another with the same positions, which each of these keys moves away."""
    source, attachments = mesh_read.read(cube("Source"), 1.0), []
    source.position = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0)] * 2, np.float32)
    source.index = np.arange(6, dtype=np.uint32)
    source.submeshes, source.normal, source.uvs = [(0, 0, 6)], None, []
    mesh = wire_mesh.pack(source, attachments)
    deltas = {name: np.repeat(np.array([[0, 0, 0], move], np.float32), 3, axis=0) for name, move in keys.items()}
    return update(mesh_uuid, mesh=mesh, shapes=wire_keys(source.index, attachments, **deltas)), attachments


def test_keys_survive_another_topology_with_them(harness):
    harness.connect()
    item = add_keys(harness)
    edited(harness)
    change, attachments = two_lips(item.data["uuid"], Open=[0, 0, 1])
    apply(harness, change, attachments=attachments)
    assert [len(item.data.vertices), len(item.data.polygons)] == [6, 2], "the lips do not grow together"
    assert [block.name for block in item.data.shape_keys.key_blocks] == ["Basis", "Open"]


def test_keys_play_their_action_after_another_topology(harness):
    harness.connect()
    item = add_keys(harness)
    item.data.shape_keys.key_blocks["A"].keyframe_insert("value", frame=1)
    action = item.data.shape_keys.animation_data.action
    edited(harness)
    change, attachments = two_lips(item.data["uuid"], A=[0, 0, 1])
    apply(harness, change, attachments=attachments)
    animation = item.data.shape_keys.animation_data
    assert animation.action == action
    assert [each.data_path for each in action_curves.played_slot(animation).curves] == ['key_blocks["A"].value']


@pytest.mark.parametrize("what", ["drivers", "nla_tracks"])
def test_driven_keys_refuse_another_topology(harness, what):
    harness.connect()
    item = add_keys(harness)
    if what == "drivers":
        item.data.shape_keys.key_blocks["A"].driver_add("value").driver.expression = "0.5"
    else:
        item.data.shape_keys.animation_data_create().nla_tracks.new()
    edited(harness)
    change, attachments = two_lips(item.data["uuid"], A=[0, 0, 1])
    results, _ = harness.apply(change, attachments=attachments)
    assert results[0]["error"]["code"] == "VS-4005"
    assert len(getattr(item.data.shape_keys.animation_data, what)) == 1


@pytest.mark.parametrize("is_relative", [True, False])
def test_action_of_keys_that_are_not_synchronized_stays_in_blender(harness, is_relative):
    harness.connect()
    item = harness.add("Face", "cube")
    item.shape_key_add(name="Basis", from_mix=False)
    if not is_relative:
        item.shape_key_add(name="A", from_mix=False)
    keys = item.data.shape_keys
    keys.use_relative = is_relative
    keys.keyframe_insert("eval_time", frame=1)
    found, _ = edited(harness)
    assert found.get("animation", actions.NOTHING) == actions.NOTHING
    assert harness.apply(update(item.data["uuid"], animation=actions.NOTHING))[0][0]["status"] == "applied"
    assert keys.animation_data.action is not None


def test_another_topology_without_keys_is_refused(harness):
    harness.connect()
    item = add_keys(harness)
    _, keys = edited(harness)
    source, attachments = mesh_read.read(cube("Source"), 1.0), []
    source.index, source.submeshes = source.index[:6], [(0, 0, 6)]
    source.normal = source.normal[:6]
    change = update(item.data["uuid"], mesh=wire_mesh.pack(source, attachments))
    before = harness.intents()
    results, _ = harness.apply(change, attachments=attachments)
    assert results[0]["error"]["code"] == "VS-4005"
    harness.settle()
    assert harness.intents() == before
    assert finish(shapes.is_same(keys, read_keys(harness.find(item.data["uuid"]))))


def test_failed_batch_restores_keys_and_weights(harness):
    harness.connect()
    other = harness.add("Other", "cube")
    item = add_keys(harness)
    item.data.shape_keys.key_blocks["A"].value = 0.5
    _, keys = edited(harness)
    uuid, attachments = item.data["uuid"], []
    index = mesh_read.read(other.data, 1.0).index
    torn = wire_keys(np.arange(len(index)), attachments, Torn=np.arange(3 * len(index)).reshape(-1, 3))
    none = update(uuid, shapes=shapes.EMPTY, shape_values={"values": {}})
    weights = update(uuid, shape_values={"values": {"A": 1.0}})
    for first in (none, weights):
        before = harness.intents()
        results, _ = harness.apply(first, update(other.data["uuid"], shapes=torn), attachments=attachments)
        assert [result["error"]["code"] for result in results] == ["VS-4005"] * 2
        harness.settle()
        assert harness.intents() == before
        mesh = harness.find(uuid)
        assert finish(shapes.is_same(keys, read_keys(mesh)))
        assert mesh.shape_keys.key_blocks["A"].value == 0.5
        assert other.data.shape_keys is None


def test_undo_of_applied_keys_is_sent_as_an_edit(harness):
    harness.connect()
    item = harness.add("Face", "cube")
    uuid, attachments = item.data["uuid"], []
    index = mesh_read.read(item.data, 1.0).index
    keys = wire_keys(index, attachments, Up=np.ones((8, 3)))
    change = update(uuid, shapes=keys, shape_values={"values": {"Up": 0.5}})
    apply(harness, change, attachments=attachments)
    assert harness.find(uuid).shape_keys.key_blocks["Up"].value == 0.5
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    assert sent(harness, before)[0][uuid]["shapes"] == shapes.EMPTY
    before = harness.intents()
    bpy.ops.ed.redo()
    harness.settle()
    assert sent(harness, before)[0][uuid]["shape_values"] == {"values": {"Up": 0.5}}


@pytest.mark.parametrize("unit", [0.01, 2.5])
def test_deltas_are_in_meters(harness, unit):
    bpy.context.scene.unit_settings.scale_length = unit
    harness.connect()
    add_keys(harness)
    _, keys = edited(harness)
    assert keys.delta[0].max() == pytest.approx(unit)


def test_rebuilt_mesh_keeps_its_keys_and_their_weights(harness):
    harness.connect()
    item = add_keys(harness)
    item.data.shape_keys.key_blocks["A"].value = 0.5
    item.data.shape_keys.key_blocks["B"].mute = True
    _, keys = edited(harness)
    # The quad between the vertices 0, 1, 3 and 2 is split along its other diagonal, so the mesh is built anew.
    source, attachments = mesh_read.read(item.data, 1.0), []
    source.index = np.concatenate([[0, 1, 2, 1, 3, 2], source.index[6:]]).astype(np.uint32)
    source.normal = None
    source.position = source.position + np.float32(0.25)
    apply(harness, update(item.data["uuid"], mesh=wire_mesh.pack(source, attachments)), attachments=attachments)
    blocks = item.data.shape_keys.key_blocks
    assert len(item.data.polygons) == 12
    assert (blocks["A"].value, blocks["B"].mute) == (0.5, True)
    assert [key.name for key in read_keys(item.data).keys] == [key.name for key in keys.keys]
