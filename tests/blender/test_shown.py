# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that what modifiers, curves, texts and metaballs show is sent, anew after each change, and never comes."""

from itertools import pairwise

import bpy
import numpy as np
import pytest
from conftest import IDENTITY, new_object, update
from test_operations import kinds
from vibesync.blender import mesh_read, scenes
from vibesync.core import mesh as wire_mesh


def shown(harness, before=0):
    """Returns the evaluated meshes since an intent, with materials; None for an object that shows its data."""
    found = {}
    for frame in harness.daemon.of_type("intent")[before:]:
        for change in frame.header["changes"]:
            component = change.get("components", {}).get("shown")
            if component:
                mesh = component["mesh"]
                mesh = mesh and wire_mesh.unpack(mesh, frame.attachments, "shown")
                found[change["uuid"]] = mesh and (mesh, component["materials"])
    return found


def edited(harness):
    """Returns what an edit changes of evaluated meshes."""
    before = harness.intents()
    harness.edited()
    harness.settle()
    return shown(harness, before)


def triangles(found, item):
    return len(found[item["uuid"]][0].index) // 3


def link(data, name="Shape"):
    item = bpy.data.objects.new(name, data)
    scenes.synced_scene().collection.objects.link(item)
    return item


def add_nodes(item, material):
    """Adds a geometry-nodes modifier that subdivides the mesh and gives it a material."""
    tree = bpy.data.node_groups.new("Nodes", "GeometryNodeTree")
    for direction in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=direction, socket_type="NodeSocketGeometry")
    names = ("NodeGroupInput", "GeometryNodeSubdivideMesh", "GeometryNodeSetMaterial", "NodeGroupOutput")
    nodes = [tree.nodes.new(name) for name in names]
    for one, other in pairwise(nodes):
        tree.links.new(one.outputs[0], other.inputs[0])
    nodes[2].inputs["Material"].default_value = material
    item.modifiers.new("Nodes", "NODES").node_group = tree
    return nodes


def test_what_modifiers_show_is_sent_beside_the_base_mesh(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    item.data.uv_layers.new(name="UVMap")
    harness.edited()
    harness.settle()
    before = harness.intents()
    array = item.modifiers.new("Array", "ARRAY")
    found = edited(harness)
    assert triangles(found, item) == 24
    mesh, materials = found[item["uuid"]]
    assert materials is None and len(mesh.uvs) == 1 and mesh.position[:, 0].max() == pytest.approx(3.0)
    assert not any("mesh" in change.get("components", {}) for change in harness.changes(before))
    for kind, count in (("MIRROR", 48), ("SUBSURF", 192), ("BEVEL", None)):
        item.modifiers.new(kind, kind)
        found = edited(harness)
        assert triangles(found, item) == count if count else triangles(found, item) > 192
    array.show_viewport = False
    assert triangles(edited(harness), item) > 100
    before = harness.intents()
    harness.bridge.rebind()
    harness.settle()
    assert harness.intents() == before
    item.modifiers.clear()
    assert edited(harness) == {item["uuid"]: None} and kinds(harness) == set()


def test_applied_modifier_is_a_part_of_the_base_mesh(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    modifier = item.modifiers.new("Subdivision", "SUBSURF")
    assert triangles(edited(harness), item) == 48
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.modifier_apply(modifier=modifier.name)
    before = harness.intents()
    assert edited(harness) == {item["uuid"]: None}
    meshes = [change["components"]["mesh"] for change in harness.changes(before) if "mesh" in change["components"]]
    assert [mesh["corner_count"] for mesh in meshes] == [48 * 3]


def test_curves_texts_and_metaballs_are_sent_as_meshes(harness):
    harness.connect()
    text = bpy.data.curves.new("Text", "FONT")
    text.body = "Hi"
    material = bpy.data.materials.new("Ink")
    text.materials.append(material)
    curve = bpy.data.curves.new("Curve", "CURVE")
    curve.splines.new("POLY").points.add(1)
    curve.splines[0].points[1].co = (1, 0, 0, 1)
    ball = bpy.data.metaballs.new("Ball")
    ball.elements.new()
    texted, curved, balled = link(text), link(curve), link(ball)
    found = edited(harness)
    assert triangles(found, balled) > 100 and curved["uuid"] not in found
    assert found[texted["uuid"]][1] == [material["uuid"]]
    letters = triangles(found, texted)
    text.body = "Hi you"
    curve.bevel_depth = 0.1
    found = edited(harness)
    assert triangles(found, texted) > letters and triangles(found, curved) > 8
    assert kinds(harness) == {"curves"}
    curve.bevel_depth = 0
    assert edited(harness) == {curved["uuid"]: None}


def test_geometry_nodes_show_their_own_materials(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    one, other = bpy.data.materials.new("One"), bpy.data.materials.new("Other")
    nodes = add_nodes(item, one)
    found = edited(harness)
    assert (triangles(found, item), found[item["uuid"]][1]) == (48, [one["uuid"]])
    nodes[2].inputs["Material"].default_value = other
    assert edited(harness)[item["uuid"]][1] == [other["uuid"]]


def test_change_of_what_a_modifier_uses_is_sent(harness):
    harness.connect()
    item, cutter = harness.add("Part", "cube"), harness.add("Cutter", "cube")
    cutter.location = (1, 1, 1)
    item.modifiers.new("Boolean", "BOOLEAN").object = cutter
    assert triangles(edited(harness), item) > 12
    cutter.location.x = 10
    found = edited(harness)
    assert list(found) == [item["uuid"]] and triangles(found, item) == 12
    item.location.y = 5
    cutter.location.y = 6
    assert item["uuid"] not in edited(harness)


def test_mesh_in_edit_mode_is_evaluated_when_the_person_leaves_it(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    item.modifiers.new("Mirror", "MIRROR")
    harness.edited()
    harness.settle()
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.transform.translate(value=(4, 0, 0))
    assert edited(harness) == {}
    bpy.ops.object.mode_set(mode="OBJECT")
    mesh, _ = edited(harness)[item["uuid"]]
    assert np.abs(mesh.position[:, 0]).min() == pytest.approx(3.0)


def test_change_of_the_other_editor_is_evaluated(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    item.modifiers.new("Mirror", "MIRROR")
    harness.edited()
    harness.settle()
    before, attachments = harness.intents(), []
    content = mesh_read.read(item.data, 1.0)
    content.position = content.position + np.float32(4)
    component = wire_mesh.pack(content, attachments)
    harness.apply(update(item.data["uuid"], mesh=component), attachments=attachments)
    harness.settle()
    mesh, _ = shown(harness, before)[item["uuid"]]
    assert np.abs(mesh.position[:, 0]).min() == pytest.approx(3.0)
    cutter = harness.add("Cutter", "cube")
    cutter.location = (9, 9, 9)
    item.modifiers.new("Boolean", "BOOLEAN").object = cutter
    edited(harness)
    before = harness.intents()
    harness.apply(update(cutter["uuid"], transform={**IDENTITY, "translation": [4.5, 4.5, 4.5]}))
    harness.settle()
    assert triangles(shown(harness, before), item) > 24
    assert "shown" not in harness.daemon.of_type("hello")[-1].header["components"]


def test_shape_keys_alone_are_not_evaluated(harness):
    harness.connect()
    item = harness.add("Face", "cube")
    item.shape_key_add(name="Basis")
    key = item.shape_key_add(name="A")
    key.data[0].co.x += 5
    key.value = 1
    assert edited(harness) == {}
    item.modifiers.new("Cast", "CAST").factor = 0.001
    mesh, _ = edited(harness)[item["uuid"]]
    assert mesh.position[:, 0].max() > 3


def test_large_results_and_armatures_are_told_and_not_sent(harness):
    harness.connect()
    harness.bridge.settings.shown_triangles = 100
    item = harness.add("Part", "cube")
    levels = item.modifiers.new("Subdivision", "SUBSURF")
    levels.levels = 3
    assert edited(harness) == {} and kinds(harness) == {"large evaluated meshes"}
    assert "Part" in harness.bridge.notices.all[0].sentence
    levels.levels = 1
    assert triangles(edited(harness), item) == 48
    levels.levels = 3
    assert edited(harness) == {item["uuid"]: None}
    item.modifiers.new("Armature", "ARMATURE")
    levels.levels = 1
    assert edited(harness) == {} and kinds(harness) == {"large evaluated meshes", "armatures"}


def test_switch_takes_evaluated_meshes_back(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    item.modifiers.new("Mirror", "MIRROR")
    assert triangles(edited(harness), item) == 24
    harness.bridge.settings.sends_shown = False
    harness.bridge.rebind()
    assert edited(harness) == {item["uuid"]: None} and kinds(harness) == {"modifiers"}
    harness.bridge.settings.sends_shown = True
    harness.bridge.rebind()
    assert triangles(edited(harness), item) == 24


def test_undo_brings_the_evaluated_mesh_back(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    harness.edited()
    harness.settle()
    uuid = item["uuid"]
    item.modifiers.new("Mirror", "MIRROR")
    assert triangles(edited(harness), item) == 24
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    assert shown(harness, before) == {uuid: None}
    before = harness.intents()
    bpy.ops.ed.redo()
    harness.settle()
    assert len(shown(harness, before)[uuid][0].index) == 72


def test_hidden_object_is_evaluated_when_it_is_shown(harness):
    harness.connect()
    item = harness.add("Part", "cube")
    item.hide_viewport = True
    item.modifiers.new("Mirror", "MIRROR")
    assert edited(harness) == {}
    item.hide_viewport = False
    assert triangles(edited(harness), item) == 24


def test_object_that_arrived_whole_says_that_it_shows_its_data(harness):
    harness.connect()
    change = new_object("Remote")
    harness.apply(change)
    item = harness.find(change["uuid"])
    before = harness.intents()
    harness.daemon.send({"type": "want", "uuids": [change["uuid"]]})
    harness.wait(lambda: change["uuid"] in shown(harness, before))
    assert shown(harness, before) == {change["uuid"]: None}
    harness.settle()
    before = harness.intents()
    item.location.x = 5
    assert edited(harness) == {} and harness.intents() == before + 1
