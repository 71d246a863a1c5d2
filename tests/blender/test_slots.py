# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests material slots: the list of a mesh, and the slots in which an object shows materials of its own."""

import bpy
import pytest
from conftest import cube, new_mesh, new_object, update
from test_materials import add_material, apply_material, edited, new_material
from vibesync.blender import mesh_read, scenes


def shown(item):
    return [(slot.link, slot.material.name if slot.material else None) for slot in item.material_slots]


def add_two(harness):
    """Adds two objects that share a mesh with the material M1, and makes M2."""
    first = bpy.data.objects[add_material(harness, "M1").name]
    second = bpy.data.objects.new("Second", first.data)
    scenes.synced_scene().collection.objects.link(second)
    harness.edited("Duplicate linked")
    harness.settle()
    return first, second, bpy.data.materials.new("M2")


def test_slot_of_one_of_two_objects_is_its_own(harness):
    harness.connect()
    first, second, other = add_two(harness)
    first.material_slots[0].link = "OBJECT"
    before = harness.intents()
    first.material_slots[0].material = other
    harness.edited("Assign")
    harness.settle()
    made, item = harness.changes(before)
    assert made["kind"] == "material"
    assert item == update(first["uuid"], materials={"own": {"0": other["uuid"]}})
    assert shown(second) == [("DATA", "M1")]
    # The other editor shows another material on the second object.
    apply_material(harness, update(second["uuid"], materials={"own": {"0": other["uuid"]}}))
    assert shown(second) == [("OBJECT", "M2")]
    apply_material(harness, update(first["uuid"], materials={"own": {}}))
    assert shown(first) == [("DATA", "M1")]
    first.material_slots[0].link = "OBJECT"
    assert edited(harness) == {"materials": {"own": {"0": None}}}, "an own slot may be empty"


def test_slots_of_a_batch_are_shown(harness):
    harness.connect()
    red, blue, attachments = new_material("Red"), new_material("Blue"), []
    red_uuid, blue_uuid = red["uuid"], blue["uuid"]
    rock = new_mesh(mesh_read.read(cube(), 1.0), attachments)
    rock["components"]["slots"] = {"materials": [red_uuid, None, blue_uuid, None]}
    item = new_object("Rock", data={"uuid": rock["uuid"]}, materials={"own": {"1": blue_uuid, "5": red_uuid}})
    before = harness.intents()
    results, _ = harness.apply(red, blue, rock, item, attachments=attachments)
    assert [result["error"] for result in results] == [None] * 4
    assert results[2]["state"]["components"]["slots"] == rock["components"]["slots"]
    assert results[3]["state"]["components"]["materials"] == item["components"]["materials"]
    harness.settle()
    assert harness.intents() == before
    found = harness.find(item["uuid"])
    link = [("DATA", "Red"), ("OBJECT", "Blue"), ("DATA", "Blue"), ("DATA", None), ("DATA", None), ("OBJECT", "Red")]
    assert shown(found) == link


LISTS = [[], [None], ["a"], ["a", "b"], ["b", "a"], [None, "a"], ["a", None, None], [None, None, "b"], ["a", "a"]]


def test_lists_of_slots_are_read_back_in_any_order(harness):
    harness.connect()
    item = harness.add("Box", "cube")
    names = {None: None}
    for name in "ab":
        change = new_material(name)
        apply_material(harness, change)
        names[name] = change["uuid"]
    for number, first in enumerate(LISTS):
        for second in LISTS[number:] + LISTS[:number]:
            wanted = [names[name] for name in second]
            apply_material(harness, update(item.data["uuid"], slots={"materials": wanted}))
            names_shown = [each and each.name for each in item.data.materials]
            assert names_shown in (second, second or [None]), (first, second)  # faces use the first slot


def test_slot_that_a_face_uses_stays(harness):
    harness.connect()
    item = bpy.data.objects[add_material(harness, "M1").name]
    item.data.materials.append(None)
    item.data.polygons[3].material_index = 1
    harness.edited("Assign")
    harness.settle()
    apply_material(harness, update(item.data["uuid"], slots={"materials": []}))
    assert list(item.data.materials) == [None, None] and item.data.polygons[3].material_index == 1


def test_empty_slot_at_the_end_is_no_edit(harness):
    harness.connect()
    item = bpy.data.objects[add_material(harness, "M1").name]
    before = harness.changes()[1]["components"]["mesh"]
    start = harness.intents()
    item.data.materials.append(None)
    harness.edited("Add slot")
    harness.settle()
    assert harness.intents() == start and before


def test_material_of_a_slot_is_one_update(harness):
    harness.connect()
    item = bpy.data.objects[add_material(harness, "M1").name]
    other = bpy.data.materials.new("M2")
    before = harness.intents()
    item.data.materials.append(other)
    harness.edited("Assign")
    harness.settle()
    made, mesh = harness.changes(before)
    assert mesh == update(item.data["uuid"], slots={"materials": [item.data.materials[0]["uuid"], made["uuid"]]})
    item.data.materials.clear()
    assert edited(harness) == {"slots": {"materials": []}}


def test_own_slots_survive_data_of_another_kind(harness):
    harness.connect()
    first, _, _ = add_two(harness)
    lamp = bpy.data.lights.new("Lamp", "SUN")
    scenes.synced_scene().collection.objects.link(bpy.data.objects.new("Lamp", lamp))
    small = harness.add("Small", "cube").data
    identity, mesh = first["uuid"], first.data["uuid"]
    own = {"own": {"0": first.data.materials[0]["uuid"], "2": None}}
    apply_material(harness, update(identity, materials=own, locks={"unity": {"transform": ["scale"]}}))
    for data in (lamp["uuid"], mesh, small["uuid"], None, small["uuid"], lamp["uuid"], mesh):
        before = harness.intents()
        results, _ = harness.apply(update(identity, data={"uuid": data}))
        assert results[0]["error"] is None and results[0]["state"]["components"]["materials"] == own
        assert results[0]["state"]["components"]["locks"] == {"unity": {"transform": ["scale"]}}
        harness.settle()
        assert harness.intents() == before, harness.changes(before)
    assert shown(harness.find(identity)) == [("OBJECT", "M1"), ("DATA", None), ("OBJECT", None)]


def test_copy_shows_the_same_materials_of_its_own(harness):
    harness.connect()
    first, _, other = add_two(harness)
    first.material_slots[0].link = "OBJECT"
    first.material_slots[0].material = other
    harness.edited("Assign")
    harness.settle()
    before = harness.intents()
    copy = first.copy()
    scenes.synced_scene().collection.objects.link(copy)
    harness.edited("Duplicate linked")
    harness.settle()
    (made,) = harness.changes(before)
    assert made["components"]["materials"] == {"own": {"0": other["uuid"]}}


def test_saved_slots_are_not_sent_after_a_load(harness):
    harness.connect()
    first, _, other = add_two(harness)
    first.material_slots[0].link = "OBJECT"
    first.material_slots[0].material = other
    harness.edited("Assign")
    harness.settle()
    apply_material(harness, update(first.data["uuid"], slots={"materials": [other["uuid"], None]}))
    path = str(harness.folder / "slots.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    before = harness.intents()
    harness.connect()
    assert harness.intents() == before, harness.changes(before)


def test_undone_assignment_is_sent(harness):
    harness.connect()
    harness.edited("start")
    first, _, other = add_two(harness)
    was = first.data.materials[0]["uuid"]
    first.data.materials[0] = other
    harness.edited("Assign")
    harness.settle()
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    changes = harness.changes(before)
    assert changes[0]["components"] == {"slots": {"materials": [was]}}


def test_batch_that_names_a_deleted_material_leaves_it_out(harness):
    harness.connect()
    item = bpy.data.objects[add_material(harness, "M1").name]
    gone = new_material()["uuid"]
    results, _ = harness.apply(
        update(item.data["uuid"], slots={"materials": [gone]}), update(item["uuid"], name="Renamed")
    )
    assert [(result["error"] or {}).get("code") for result in results] == ["VS-7005", None]
    assert shown(item) == [("DATA", "M1")] and item.name == "Renamed"


@pytest.mark.parametrize("kind", ["linked mesh", "curve"])
def test_object_without_a_synced_mesh_keeps_its_slots(harness, tmp_path, kind):
    harness.connect()
    paint = add_material(harness, "M1")
    if kind == "curve":
        item = bpy.data.objects.new("Other", bpy.data.curves.new("Curve", "CURVE"))
        item.data.materials.append(paint)
    else:
        shelf = cube("Shelf")
        shelf.materials.append(None)
        bpy.data.libraries.write(str(tmp_path / "lib.blend"), {shelf})
        bpy.data.meshes.remove(shelf)
        with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (source, target):
            target.meshes = source.meshes
        item = bpy.data.objects.new("Other", target.meshes[0])
    item.material_slots[0].link = "OBJECT"
    item.material_slots[0].material = paint
    scenes.synced_scene().collection.objects.link(item)
    harness.edited("Add")
    harness.settle()
    assert "materials" not in harness.changes()[-1]["components"]
    apply_material(harness, update(item["uuid"], materials={"own": {"0": None}}))
    assert shown(item) == [("OBJECT", "M1")]
