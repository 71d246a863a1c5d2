# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests which materials are entities, from the first slot to the deletion, through undo, saving and copies."""

import bpy
import pytest
from conftest import update
from test_materials import BASE, VALUES, add_material, apply_material, edited, new_material, pbr, shader_of


def test_undone_edit_of_a_material_is_sent(harness):
    harness.connect()
    harness.edited("start")
    material = add_material(harness)
    identity = material["uuid"]
    shader_of(material).inputs["Roughness"].default_value = 0.25
    edited(harness)
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    assert harness.changes(before)[0]["components"] == {"pbr": pbr(base_color=pytest.approx(BASE))}
    before = harness.intents()
    bpy.ops.ed.redo()
    harness.settle()
    assert harness.changes(before)[0]["components"]["pbr"]["roughness"] == 0.25
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()
    harness.settle()
    assert {"op": "delete", "uuid": identity} in harness.changes(before)


def test_undone_batch_gives_the_former_material(harness):
    harness.connect()
    harness.edited("start")
    material = add_material(harness)
    identity = material["uuid"]
    apply_material(harness, update(identity, pbr=VALUES["mask"]["pbr"]))
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    (change,) = harness.changes(before)
    assert change == update(identity, pbr=pbr(base_color=pytest.approx(BASE)))
    bpy.ops.ed.redo()
    harness.settle()
    assert harness.changes(before)[-1] == update(identity, pbr=VALUES["mask"]["pbr"])


def test_saved_material_is_not_sent_after_a_load(harness):
    harness.connect()
    material = add_material(harness)
    unused = new_material("Unused")
    apply_material(harness, unused)
    cleared = bpy.data.materials[add_material(harness, "Cleared").name]
    bpy.data.meshes["Cleared"].materials.clear()
    harness.edited("Clear")
    harness.settle()
    uuids = {material["uuid"], unused["uuid"], cleared["uuid"]}
    apply_material(harness, update(material["uuid"], pbr=VALUES["mask"]["pbr"]))
    path = str(harness.folder / "materials.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    before = harness.intents()
    harness.connect()
    assert harness.intents() == before, harness.changes(before)
    assert {each["uuid"] for each in bpy.data.materials} == uuids
    shader_of(bpy.data.materials["Paint"]).inputs["Roughness"].default_value = 0.125
    assert edited(harness) == {"pbr": {**VALUES["mask"]["pbr"], "roughness": 0.125}}


def test_copy_is_an_entity_once_a_slot_shows_it(harness):
    harness.connect()
    material = add_material(harness)
    before = harness.intents()
    copy = material.copy()
    harness.edited("Copy")
    harness.bridge.rebind()
    harness.settle()
    assert harness.intents() == before
    bpy.data.meshes["Paint"].materials[0] = copy
    harness.edited("Assign")
    harness.settle()
    made, shown = harness.changes(before)
    assert (made["op"], made["kind"], made["components"]["name"]) == ("create", "material", "Paint.001")
    assert made["uuid"] not in (material["uuid"], None)
    assert shown["components"] == {"slots": {"materials": [made["uuid"]]}}


def test_material_without_a_slot_gets_no_uuid(harness):
    harness.connect()
    material = bpy.data.materials.new("Unused")
    harness.add("A")
    assert "uuid" not in material and {change["kind"] for change in harness.changes()} == {"object"}


def test_deleted_material_is_deleted_after_its_slots(harness):
    harness.connect()
    material = add_material(harness)
    gone, mesh = material["uuid"], bpy.data.meshes["Paint"]["uuid"]
    before = harness.intents()
    bpy.data.materials.remove(material)
    harness.edited("Delete")
    harness.settle()
    assert harness.intents() == before + 1
    assert harness.changes(before) == [update(mesh, slots={"materials": []}), {"op": "delete", "uuid": gone}]
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    made, shown = harness.changes(before)
    assert (made["op"], made["uuid"]) == ("create", gone) and shown == update(mesh, slots={"materials": [gone]})


def test_material_that_the_daemon_deletes_goes(harness):
    harness.connect()
    material = add_material(harness)
    mesh = bpy.data.meshes["Paint"]
    apply_material(
        harness, update(mesh["uuid"], slots={"materials": [None]}), {"op": "delete", "uuid": material["uuid"]}
    )
    assert not bpy.data.materials and list(mesh.materials) == [None]


def test_linked_material_is_not_synchronized(harness, tmp_path):
    shelf = bpy.data.materials.new("Shelf")
    shelf["uuid"] = "0191aaaa-0000-4000-8000-000000000002"
    bpy.data.libraries.write(str(tmp_path / "lib.blend"), {shelf})
    bpy.data.materials.remove(shelf)
    harness.connect()
    with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (source, target):
        target.materials = source.materials
    item = harness.add("Box", "cube")
    item.data.materials.append(target.materials[0])
    own = add_material(harness)
    item.data.materials.append(own)
    harness.edited("Assign")
    harness.settle()
    assert harness.changes()[-1] == update(item.data["uuid"], slots={"materials": [None, own["uuid"]]})
    assert [notice.sentence for notice in harness.bridge.notices.all] == [
        "Materials of libraries and of strokes are not synchronized: their slots arrive empty. (Shelf)"
    ]
    apply_material(harness, update(item.data["uuid"], slots={"materials": [None, None]}))
    assert [each and each.name for each in item.data.materials] == ["Shelf", None]
    apply_material(harness, update(item.data["uuid"], slots={"materials": [own["uuid"]]}))
    assert [each.name for each in item.data.materials] == ["Paint"]
