# SPDX-License-Identifier: GPL-3.0-or-later
"""Datablocks are taken out of Blender's lists when they are asked for, and are then the right ones, whatever became of
the lists meanwhile."""

import bpy
import pytest
from conftest import cube
from vibesync.blender import datablock_index, scenes

MANY = 2_000


def crowd(rig, count=MANY):
    """So many objects with a mesh each; returns the uuids of both, by number."""
    rig.connect()
    collection = scenes.synced_scene().collection
    items = [bpy.data.objects.new(f"O{number:04}", cube(f"M{number:04}")) for number in range(count)]
    for item in items:
        collection.objects.link(item)
    rig.bridge.identity.scan()
    return [item["uuid"] for item in items], [item.data["uuid"] for item in items]


def test_a_few_are_found_without_taking_all(rig, monkeypatch):
    objects, meshes = crowd(rig)
    taken = []
    take = datablock_index.DatablockMap._store
    monkeypatch.setattr(
        datablock_index.DatablockMap, "_store", lambda *given: taken.append(len(given[-1])) or take(*given)
    )
    scan = rig.bridge.identity.scan()
    assert objects[7] in scan and len(scan.objects) == len(scan.meshes) == MANY and not taken
    assert scan.objects[objects[7]]["uuid"] == objects[7] and scan.meshes[meshes[7]]["uuid"] == meshes[7]
    assert scan.objects[objects[8]]["uuid"] == objects[8]
    assert sum(taken) < MANY / 2


def test_all_are_found_in_any_order(rig):
    objects, meshes = crowd(rig)
    scan = rig.bridge.identity.scan()
    for uuid in objects[::-7]:
        assert scan.objects[uuid]["uuid"] == uuid
    for uuid in meshes[::-7]:
        assert scan.meshes[uuid]["uuid"] == uuid
    assert [item["uuid"] for item in scan.objects.values()] == list(scan.objects)


def test_those_that_move_in_the_list_after_the_scan_are_still_found(rig):
    _, meshes = crowd(rig, 600)
    scan = rig.bridge.identity.scan()
    for number in range(100):
        bpy.data.meshes.new(f"A, so before all others {number}")
    assert [scan.meshes[uuid]["uuid"] for uuid in meshes] == meshes


def test_what_was_removed_after_the_scan_is_not_found(rig):
    objects, _ = crowd(rig, 600)
    scan = rig.bridge.identity.scan()
    bpy.data.objects.remove(bpy.data.objects["O0005"])
    assert scan.objects.get(objects[5]) is None
    with pytest.raises(KeyError):
        scan.objects[objects[5]]
    assert scan.objects[objects[6]]["uuid"] == objects[6]
    assert objects[5] not in rig.bridge.identity.scan()


def test_what_several_collections_show_is_one(rig):
    objects, _ = crowd(rig, 3)
    root = scenes.synced_scene().collection
    inner, empty = bpy.data.collections.new("Inner"), bpy.data.collections.new("Empty")
    root.children.link(empty)
    root.children.link(inner)
    inner.objects.link(bpy.data.objects["O0001"])
    root.objects.unlink(bpy.data.objects["O0002"])
    inner.objects.link(bpy.data.objects["O0002"])
    scan = rig.bridge.identity.scan()
    assert sorted(scan.objects) == sorted(objects)
    assert [scan.objects[uuid].name for uuid in objects] == ["O0000", "O0001", "O0002"]


def test_what_is_set_and_taken_away_counts(rig):
    objects, _ = crowd(rig, 3)
    scan = rig.bridge.identity.scan()
    gone = scan.objects.pop(objects[0])
    scan.objects["new"] = gone
    assert gone["uuid"] == objects[0] and objects[0] not in scan and len(scan.objects) == 3
    assert scan.objects.get("new") == gone and set(scan.objects) == {*objects[1:], "new"}
    with pytest.raises(KeyError):
        del scan.objects[objects[0]]
