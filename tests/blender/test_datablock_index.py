# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that the index returns the right datablocks on access, even if Blender's lists have changed since the scan."""

import bpy
import pytest
from conftest import cube, new_mesh
from vibesync.blender import datablock_index, mesh_read, scenes
from vibesync.core.pace import Slice

MANY = 2_000


def add_objects(harness, count=MANY):
    """Adds objects with a mesh each; returns the uuids of both, by number."""
    harness.connect()
    collection = scenes.synced_scene().collection
    items = [bpy.data.objects.new(f"O{number:04}", cube(f"M{number:04}")) for number in range(count)]
    for item in items:
        collection.objects.link(item)
    harness.bridge.identity.scan()
    return [item["uuid"] for item in items], [item.data["uuid"] for item in items]


def test_single_lookups_do_not_read_whole_lists(harness, monkeypatch):
    objects, meshes = add_objects(harness)
    taken = []
    take = datablock_index.DatablockMap._store
    monkeypatch.setattr(
        datablock_index.DatablockMap, "_store", lambda *given: taken.append(len(given[-1])) or take(*given)
    )
    scan = harness.bridge.identity.scan()
    assert objects[7] in scan and len(scan.objects) == len(scan.meshes) == MANY and not taken
    assert scan.objects[objects[7]]["uuid"] == objects[7] and scan.meshes[meshes[7]]["uuid"] == meshes[7]
    assert scan.objects[objects[8]]["uuid"] == objects[8]
    assert sum(taken) < MANY / 2


def test_all_datablocks_are_found_in_any_order(harness):
    objects, meshes = add_objects(harness)
    scan = harness.bridge.identity.scan()
    for uuid in objects[::-7]:
        assert scan.objects[uuid]["uuid"] == uuid
    for uuid in meshes[::-7]:
        assert scan.meshes[uuid]["uuid"] == uuid
    assert [item["uuid"] for item in scan.objects.values()] == list(scan.objects)


def test_datablocks_are_found_after_the_list_moved(harness):
    _, meshes = add_objects(harness, 600)
    scan = harness.bridge.identity.scan()
    for number in range(100):
        bpy.data.meshes.new(f"A, so before all others {number}")
    assert [scan.meshes[uuid]["uuid"] for uuid in meshes] == meshes


def test_datablock_is_missing_when_removed_after_the_scan(harness):
    objects, _ = add_objects(harness, 600)
    scan = harness.bridge.identity.scan()
    bpy.data.objects.remove(bpy.data.objects["O0005"])
    assert scan.objects.get(objects[5]) is None
    with pytest.raises(KeyError):
        scan.objects[objects[5]]
    assert scan.objects[objects[6]]["uuid"] == objects[6]
    assert objects[5] not in harness.bridge.identity.scan()


def test_object_in_several_collections_is_one_entity(harness):
    objects, _ = add_objects(harness, 3)
    root = scenes.synced_scene().collection
    inner, empty = bpy.data.collections.new("Inner"), bpy.data.collections.new("Empty")
    root.children.link(empty)
    root.children.link(inner)
    inner.objects.link(bpy.data.objects["O0001"])
    root.objects.unlink(bpy.data.objects["O0002"])
    inner.objects.link(bpy.data.objects["O0002"])
    scan = harness.bridge.identity.scan()
    assert sorted(scan.objects) == sorted(objects)
    assert [scan.objects[uuid].name for uuid in objects] == ["O0000", "O0001", "O0002"]


def test_set_and_deleted_entries_override_the_snapshot(harness):
    objects, _ = add_objects(harness, 3)
    scan = harness.bridge.identity.scan()
    gone = scan.objects.pop(objects[0])
    scan.objects["new"] = gone
    assert gone["uuid"] == objects[0] and objects[0] not in scan and len(scan.objects) == 3
    assert scan.objects.get("new") == gone and set(scan.objects) == {*objects[1:], "new"}
    with pytest.raises(KeyError):
        del scan.objects[objects[0]]


def remove(item):
    bpy.data.objects.remove(item)


def remove_at_once(item):
    bpy.data.batch_remove([item])


def unlink(item):
    scenes.synced_scene().collection.objects.unlink(item)


def remove_mesh(item):
    bpy.data.meshes.remove(item.data)


def remove_unused_mesh(_item):
    bpy.data.meshes.remove(bpy.data.meshes["Unused"])


def copy(item):
    scenes.synced_scene().collection.objects.link(item.copy())


@pytest.mark.parametrize("change", [remove, remove_at_once, unlink, remove_mesh, remove_unused_mesh, copy])
def test_references_are_looked_up_again_after_change(harness, change):
    objects, _ = add_objects(harness, 3)
    bpy.data.meshes.new("Unused")
    harness.settle()
    identity, slice_ = harness.bridge.identity, harness.bridge.slice
    before = identity.recent_scan(slice_)
    assert identity.recent_scan(slice_) is before
    change(before.objects[objects[1]])
    bpy.context.view_layer.update()
    assert identity.recent_scan(slice_) is not before


@pytest.mark.parametrize("event", ["undo", "redo", "load"])
def test_references_are_looked_up_again_after_event(harness, tmp_path, event):
    objects, _ = add_objects(harness, 3)
    harness.edited("Before")
    bpy.data.objects["O0001"].location.x = 1
    harness.edited("Move")
    harness.settle()
    if event == "redo":
        bpy.ops.ed.undo()
    if event == "load":
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    identity, slice_ = harness.bridge.identity, harness.bridge.slice
    before = identity.recent_scan(slice_)
    {"undo": bpy.ops.ed.undo, "redo": bpy.ops.ed.redo, "load": bpy.ops.wm.revert_mainfile}[event]()
    scan = identity.recent_scan(slice_)
    assert scan is not before
    assert [scan.objects[uuid].name for uuid in objects] == ["O0000", "O0001", "O0002"]


def test_kept_reference_to_removed_datablock_is_not_returned(harness):
    objects, meshes = add_objects(harness, 3)
    scan = harness.bridge.identity.scan()
    kept, mesh = scan.objects[objects[1]], scan.meshes[meshes[1]]
    scan.meshes[meshes[1]] = mesh
    bpy.data.objects.remove(kept)
    bpy.data.meshes.remove(mesh)
    assert scan.objects.get(objects[1]) is None and scan.meshes.get(meshes[1]) is None
    assert scan.objects[objects[2]].name == "O0002"


def test_scan_has_what_a_batch_made_and_deleted(harness):
    add_objects(harness, 1)
    harness.settle()
    identity, slice_ = harness.bridge.identity, harness.bridge.slice
    identity.recent_scan(slice_)
    attachments = []
    made = new_mesh(mesh_read.read(cube(), 1.0), attachments)
    harness.apply(made, attachments=attachments)
    assert made["uuid"] in identity.recent_scan(slice_), "a mesh alone changes nothing that Blender evaluates"
    harness.apply({"op": "delete", "uuid": made["uuid"]})
    assert made["uuid"] not in identity.recent_scan(slice_)


def test_mesh_that_a_batch_made_is_not_reported_as_deleted(harness):
    add_objects(harness, 1)
    harness.settle()
    intents, attachments = harness.intents(), []
    harness.apply(new_mesh(mesh_read.read(cube(), 1.0), attachments), attachments=attachments)
    harness.bridge.dirty_set.is_structure_dirty = True
    harness.settle()
    assert harness.intents() == intents


def test_scan_goes_on_in_the_next_tick(harness):
    harness.connect()
    identity, mesh, link = harness.bridge.identity, cube(), scenes.synced_scene().collection.objects.link
    items = [bpy.data.objects.new(f"O{number:03}", mesh) for number in range(250)]
    for item in items:
        link(item)
    identity.begin_generation()
    first = identity.recent_scan(Slice(0.0))
    named = [item for item in items if identity.uuid_of(item)]
    assert not first.is_complete and 0 < len(named) < 250
    ticks = 1
    while not first.is_complete:
        assert identity.recent_scan(Slice(0.0)) is first
        ticks += 1
    assert ticks == 3 and all(first.objects[identity.uuid_of(item)] == item for item in items)


def test_scan_goes_on_after_a_removal(harness):
    harness.connect()
    identity, mesh, link = harness.bridge.identity, cube(), scenes.synced_scene().collection.objects.link
    items = [bpy.data.objects.new(f"O{number:03}", mesh) for number in range(250)]
    for item in items:
        link(item)
    identity.begin_generation()
    assert not identity.recent_scan(Slice(0.0)).is_complete
    bpy.data.objects.remove(items.pop())  # Blender announces this with its next evaluation
    while not (scan := identity.recent_scan(Slice(0.0))).is_complete:
        pass
    assert all(scan.objects[identity.uuid_of(item)] == item for item in items)
