# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that vertex groups and skins are sent, written, read back and restored."""

import bpy
import numpy as np
import pytest
from conftest import cube, new_mesh, new_object, update
from rigs import fresh, joint, new_rig
from test_operations import kinds
from vibesync.blender import mesh_read, scenes, vertex_groups
from vibesync.core import mesh as wire_mesh
from vibesync.core import weights
from vibesync.core.components import same_component
from vibesync.core.pace import finish


def add_groups(harness):
    """Adds a cube: vertex 0 is a quarter in Arm and three quarters in Hand, vertex 1 in Hand alone."""
    item = harness.add("Glove", "cube")
    arm, hand = (item.vertex_groups.new(name=name) for name in ("Arm", "Hand"))
    hand.add([0], 0.75, "REPLACE")
    hand.add([1], 1.0, "REPLACE")
    arm.add([0], 0.25, "REPLACE")
    return item


def add_armature(name="Rig"):
    """Adds an armature: a bone Arm up along Z, and a bone Hand with a roll of 30 degrees at its tail."""
    rig = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    scenes.synced_scene().collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    arm, hand = (rig.data.edit_bones.new(each) for each in ("Arm", "Hand"))
    arm.head, arm.tail, hand.head, hand.tail = (0, 0, 0), (0, 0, 1), (0, 0, 1), (0, 0, 2)
    hand.parent, hand.roll = arm, np.radians(30)
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def sent(harness, before):
    """Returns what the intents since changed: components by uuid, and the last weights."""
    found, last = {}, None
    for frame in harness.daemon.of_type("intent")[before:]:
        for change in frame.header["changes"]:
            found.setdefault(change["uuid"], {}).update(change.get("components", {}))
            if change.get("components", {}).get("weights"):
                last = weights.unpack(change["components"]["weights"], frame.attachments, "x")
    return found, last


def edited(harness):
    """Returns what an edit changes, and the weights that are sent."""
    before = harness.intents()
    harness.edited()
    harness.settle()
    return sent(harness, before)


def rows(content, item):
    """Returns the groups with the weights of each of Blender's vertices that has some."""
    index, found = mesh_read.read(item.data, 1.0).index, {}
    for vertex, own in zip(index.tolist(), content.vertex.tolist(), strict=True):
        each = slice(content.offset[own], content.offset[own + 1])
        names = [content.groups[number] for number in content.group[each]]
        found[vertex] = dict(zip(names, content.weight[each].tolist(), strict=True))
    return {vertex: row for vertex, row in found.items() if row}


def held(item):
    """Returns the same of what Blender holds."""
    names = [group.name for group in item.vertex_groups]
    return {
        vertex.index: {names[each.group]: each.weight for each in vertex.groups}
        for vertex in item.data.vertices
        if len(vertex.groups)
    }


def wire(vertex, attachments, groups, by_vertex):
    """Returns the component of groups, with the weights of vertices by group."""
    content = weights.Weights(list(groups), vertex, *_memberships(int(vertex.max()) + 1, groups, by_vertex))
    return content.pack(attachments)


def _memberships(count, groups, by_vertex):
    found = [sorted((groups.index(name), value) for name, value in by_vertex.get(i, {}).items()) for i in range(count)]
    offset = np.cumsum([0, *map(len, found)]).astype(np.uint32)
    numbers = np.array([number for row in found for number, _ in row], np.uint32)
    return offset, numbers, np.array([value for row in found for _, value in row], np.float32)


def apply(harness, *changes, attachments=()):
    """Applies changes, expects them in the read-back, and that nothing is sent."""
    before = harness.intents()
    results, back = harness.apply(*changes, attachments=attachments)
    assert [result["error"] for result in results] == [None] * len(results)
    for change, result in zip(changes, results, strict=True):
        components = result["state"]["components"]
        for name, value in change["components"].items():
            if name == "weights":
                wanted = weights.unpack(value, attachments, "sent")
                named = value["buffers"] and "attachment" not in components[name]["buffers"]["group"]
                read = wanted if named else weights.unpack(components.get(name, weights.EMPTY), back, "read")
                assert finish(weights.is_same(wanted, read))
            elif name != "mesh":
                assert same_component(name, value, components.get(name, {"armature": None})), name
    harness.settle()
    assert harness.intents() == before, harness.changes(before)


def test_groups_are_sent_as_blender_holds_them(harness):
    harness.connect()
    item = add_groups(harness)
    found, content = edited(harness)
    assert content.groups == ["Arm", "Hand"]
    assert rows(content, item) == {0: {"Arm": 0.25, "Hand": 0.75}, 1: {"Hand": 1.0}}
    assert "weights" in found[item.data["uuid"]] and kinds(harness) == set()


def test_painted_weight_is_sent_alone(harness):
    harness.connect()
    item = add_groups(harness)
    edited(harness)
    item.data.vertices[1].groups[0].weight = 0.5
    found, content = edited(harness)
    assert {uuid: set(each) for uuid, each in found.items()} == {item.data["uuid"]: {"weights"}}
    assert rows(content, item)[1] == {"Hand": 0.5}


def test_groups_that_come_and_go_are_sent(harness):
    harness.connect()
    item = add_groups(harness)
    edited(harness)
    mesh = item.data["uuid"]
    item.vertex_groups.new(name="Empty")
    assert edited(harness)[1].groups == ["Arm", "Hand", "Empty"]
    item.vertex_groups["Arm"].name = "Ärmel"
    assert edited(harness)[1].groups == ["Ärmel", "Hand", "Empty"]
    item.vertex_groups.remove(item.vertex_groups["Hand"])
    _, content = edited(harness)
    assert (content.groups, rows(content, item)) == (["Ärmel", "Empty"], {0: {"Ärmel": 0.25}})
    item.vertex_groups.clear()
    assert edited(harness)[0] == {mesh: {"weights": weights.EMPTY}}


def test_weights_edited_in_edit_mode_are_sent(harness):
    harness.connect()
    item = add_groups(harness)
    edited(harness)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    item.vertex_groups.active_index = 1
    bpy.context.scene.tool_settings.vertex_group_weight = 0.5
    bpy.ops.object.vertex_group_assign()
    before = harness.intents()
    harness.edited()
    harness.wait(lambda: harness.intents() > before)
    bpy.ops.object.mode_set(mode="OBJECT")
    harness.settle()
    found, content = sent(harness, before)
    assert set(found[item.data["uuid"]]) == {"weights"}
    assert rows(content, item) == {0: {"Arm": 0.25, "Hand": 0.5}} | {i: {"Hand": 0.5} for i in range(1, 8)}


def test_groups_are_written_and_read_back(harness):
    harness.connect()
    item = add_groups(harness)
    edited(harness)
    item.vertex_groups["Hand"].lock_weight = True
    item.vertex_groups.active_index = 1
    uuid, index = item.data["uuid"], mesh_read.read(item.data, 1.0).index
    for groups, wanted in (
        (["Arm", "Hand"], {0: {"Arm": 0.5}, 3: {"Arm": 0.0, "Hand": 0.25}}),
        (["Hand", "New"], {0: {"New": 0.5}, 2: {"Hand": 0.25}}),
        (["Hand", "New"], {7: {"Hand": 1.0, "New": 1.0}}),
    ):
        attachments = []
        change = update(uuid, weights=wire(index, attachments, groups, wanted))
        apply(harness, change, attachments=attachments)
        assert held(item) == wanted
    assert [group.lock_weight for group in item.vertex_groups] == [True, False]
    assert item.vertex_groups.active.name == "Hand"
    apply(harness, update(uuid, weights=weights.EMPTY))
    assert (held(item), len(item.vertex_groups)) == ({}, 0)


def test_new_mesh_gets_its_groups(harness):
    harness.connect()
    attachments = []
    source = mesh_read.read(cube(), 1.0)
    # Two vertices of one position, as of two lips, with different groups: they must stay two.
    source.position = np.concatenate([source.position, source.position[:1]])
    source.index[np.flatnonzero(source.index == 0)[0]] = 8
    mesh = new_mesh(source, attachments)
    groups = wire(source.index.copy(), attachments, ["A", "B"], {0: {"A": 1.0}, 8: {"B": 0.5}})
    mesh["components"]["weights"] = groups
    item = new_object(data={"uuid": mesh["uuid"]})
    apply(harness, mesh, item, attachments=attachments)
    assert sorted(held(harness.find(item["uuid"])).values(), key=str) == [{"A": 1.0}, {"B": 0.5}]
    assert not any(each.name.startswith("vibesync") for each in bpy.data.objects)


def test_rebuilt_mesh_keeps_its_groups(harness):
    harness.connect()
    item = add_groups(harness)
    item.data.vertices.add(1)
    edited(harness)
    before = held(item)
    # The quad between the vertices 0, 1, 3 and 2 is split along its other diagonal, so the mesh is built anew.
    source, attachments = mesh_read.read(item.data, 1.0), []
    source.index = np.concatenate([[0, 1, 2, 1, 3, 2], source.index[6:]]).astype(np.uint32)
    source.normal = None
    corners = mesh_read.read(item.data, 1.0).index
    expected = [before.get(vertex, {}) for vertex in corners.tolist()]
    apply(harness, update(item.data["uuid"], mesh=wire_mesh.pack(source, attachments)), attachments=attachments)
    assert len(item.data.polygons) == 12
    index = mesh_read.read(item.data, 1.0).index
    assert [held(item).get(vertex, {}) for vertex in index.tolist()] == expected


def test_failed_batch_restores_groups_and_skin(harness):
    harness.connect()
    other, item, rig = harness.add("Other", "cube"), add_groups(harness), add_armature()
    collection, inside = bpy.data.collections.new("Circle"), bpy.data.objects.new("Inside", None)
    scenes.synced_scene().collection.children.link(collection)
    collection.objects.link(inside)
    edited(harness)
    before, uuid = held(item), item.data["uuid"]
    attachments = []
    corners = np.arange(len(mesh_read.read(other.data, 1.0).index)).astype(np.uint32)
    torn = wire(corners, attachments, ["Torn"], {0: {"Torn": 1.0}})
    changes = (
        update(uuid, weights=weights.EMPTY),
        update(item["uuid"], skin={"armature": rig["uuid"]}),
        update(other.data["uuid"], weights=torn),
    )
    intents = harness.intents()
    # A circle of instances is refused after skins are written.
    circle = update(inside["uuid"], instance={"of": inside.users_collection[0]["uuid"]})
    for last in (changes[2], circle):
        results, _ = harness.apply(*changes[:2], last, attachments=attachments)
        assert [result["error"]["code"] for result in results] == ["VS-4005"] * 3
        harness.settle()
        assert harness.intents() == intents
        item, other = (bpy.data.objects[name] for name in ("Glove", "Other"))
        assert (held(item), held(other), len(other.vertex_groups), len(item.modifiers)) == (before, {}, 0, 0)


def test_skin_is_sent_with_its_armature(harness):
    harness.connect()
    item, rig = add_groups(harness), add_armature()
    item.modifiers.new("Armature", "ARMATURE").object = rig
    found, _ = edited(harness)
    assert found[item["uuid"]]["skin"] == {"armature": rig["uuid"]}
    is_told = [change["op"] == "create" or "skin" in change["components"] for change in harness.changes()]
    uuids = [change["uuid"] for change, is_one in zip(harness.changes(), is_told, strict=True) if is_one]
    assert uuids.index(rig["uuid"]) < len(uuids) - 1 and uuids[-1] == item["uuid"] and kinds(harness) <= {"data"}
    item.modifiers[0].object = None
    assert edited(harness)[0] == {item["uuid"]: {"skin": {"armature": None}}}
    item.modifiers[0].object = rig
    edited(harness)
    before, gone = harness.intents(), rig["uuid"]
    bpy.data.objects.remove(rig)
    harness.edited()
    harness.settle()
    changes = harness.changes(before)
    assert {"op": "update", "uuid": item["uuid"], "components": {"skin": {"armature": None}}} in changes
    assert changes[-1] == {"op": "delete", "uuid": gone}


def test_deformed_vertex_is_where_its_joints_move_it(harness):
    harness.connect()
    rig = add_armature()
    edited(harness)
    attachments = []
    source = mesh_read.read(cube(), 1.0)
    source.position[0] = (0.0, 0.5, 0.0)  # (0, 0, .5) in Blender's axes
    mesh = new_mesh(source, attachments)
    shares = {0: {"Arm": 0.25, "Hand": 0.5, "Other": 0.25}}
    mesh["components"]["weights"] = wire(source.index, attachments, ["Arm", "Hand", "Other"], shares)
    item = new_object(data={"uuid": mesh["uuid"]}, skin={"armature": rig["uuid"]}, parent={"uuid": rig["uuid"]})
    apply(harness, mesh, item, attachments=attachments)
    item = harness.find(item["uuid"])
    assert [modifier.type for modifier in item.modifiers] == ["ARMATURE"] and item.parent_type == "OBJECT"
    hand = harness.find(rig["uuid"]).pose.bones["Hand"]
    hand.rotation_mode, hand.location, hand.rotation_euler = "XYZ", (0.5, 0.0, 0.0), (0.0, 0.0, np.pi / 2)
    bpy.context.view_layer.update()
    index = next(vertex.index for vertex in item.data.vertices if len(vertex.groups))
    place = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices[index].co
    assert tuple(place) == pytest.approx((0.57735, 0.33333, 0.83333), abs=1e-5)


def test_new_rig_below_the_object_that_it_deforms_arrives(harness):
    harness.connect()
    attachments = []
    mesh = new_mesh(mesh_read.read(cube(), 1.0), attachments)
    item = new_object(data={"uuid": mesh["uuid"]})
    bones, rig = new_rig({fresh(): joint("Arm")})
    rig["components"]["parent"] = {"uuid": item["uuid"]}
    item["components"]["skin"] = {"armature": rig["uuid"]}
    apply(harness, bones, mesh, rig, item, attachments=attachments)
    assert harness.find(item["uuid"]).modifiers[0].object == harness.find(rig["uuid"])


def test_armature_parent_is_a_skin_that_survives_another_parent(harness):
    harness.connect()
    item, rig, other = add_groups(harness), add_armature(), harness.add("Other")
    item.parent, item.parent_type = rig, "ARMATURE"
    found, _ = edited(harness)
    assert found[item["uuid"]]["skin"] == {"armature": rig["uuid"]}
    apply(harness, update(item["uuid"], skin={"armature": rig["uuid"]}))
    assert item.parent_type == "ARMATURE" and not item.modifiers, "it would be deformed twice"
    apply(harness, update(item["uuid"], parent={"uuid": other["uuid"]}))
    assert item.parent == other and [each.object for each in item.modifiers] == [rig]
    item.modifiers.new("Second", "ARMATURE").object = rig
    item.modifiers[0].use_deform_preserve_volume = True
    edited(harness)
    assert {"second armatures", "skin settings"} <= kinds(harness)
    item.parent, item.parent_type = rig, "ARMATURE"
    item.modifiers.clear()
    edited(harness)
    apply(harness, update(item["uuid"], skin={"armature": None}))
    assert item.parent == rig and item.parent_type == "OBJECT" and not item.modifiers


def test_skin_of_what_blender_cannot_deform_is_kept(harness):
    harness.connect()
    item, empty, rig = harness.add("Plain"), harness.add("Empty"), add_armature()
    edited(harness)
    for wanted in (rig, empty):
        apply(harness, update(item["uuid"], skin={"armature": wanted["uuid"]}))
    attachments, uuid = [], item["uuid"]
    mesh = new_mesh(mesh_read.read(cube(), 1.0), attachments)
    apply(harness, update(uuid, skin={"armature": rig["uuid"]}))
    apply(harness, mesh, update(uuid, data={"uuid": mesh["uuid"]}), attachments=attachments)
    assert [each.object for each in harness.find(uuid).modifiers] == [rig]


def test_skin_of_another_scene_is_locked(harness):
    harness.connect()
    item = add_groups(harness)
    rig = bpy.data.objects.new("Far", bpy.data.armatures.new("Far"))
    bpy.data.scenes.new("Other").collection.objects.link(rig)
    item.modifiers.new("Armature", "ARMATURE").object = rig
    found, _ = edited(harness)
    assert found[item["uuid"]]["locks"] == {"blender": {"skin": ["armature"]}}
    assert "skin" not in found[item["uuid"]]


def test_mesh_without_an_object_keeps_its_groups(harness):
    harness.connect()
    item = add_groups(harness)
    edited(harness)
    mesh = item.data
    mesh.use_fake_user = True
    bpy.data.objects.remove(item)
    edited(harness)
    mesh.vertices[0].groups[0].weight = 0.5
    mesh.update_tag()
    harness.edited()
    harness.settle()
    attachments = []
    index = mesh_read.read(mesh, 1.0).index
    apply(
        harness,
        update(mesh["uuid"], weights=wire(index, attachments, ["One"], {0: {"One": 0.5}})),
        attachments=attachments,
    )
    with vertex_groups.shown(mesh, None) as shown:
        assert held(shown) == {0: {"One": 0.5}}
