# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that all entities are found by uuid after Blender replaced its data: a library reload or a restored file."""

import logging

import bpy
import pytest
import vibesync
from conftest import cube
from vibesync.blender import handlers, scenes

SHELF = "0191aaaa-0000-4000-8000-000000000001"


def inventory(harness):
    """Returns the entities of the last inventory."""
    return {each["uuid"]: each["version"] for each in harness.daemon.of_type("inventory")[-1].header["entities"]}


def write_library(path, corners):
    """Writes a file with one object, whose mesh has so many cubes."""
    item = bpy.data.objects.new("Shelf", cube("Shelf"))
    item["uuid"] = SHELF
    item.location.x = corners
    bpy.data.libraries.write(str(path), {item})
    bpy.data.batch_remove([item, item.data])


@pytest.fixture
def linked(harness, tmp_path):
    """Makes a scene with a linked object, an override, and local objects that depend on them."""
    path = tmp_path / "library.blend"
    write_library(path, 1)
    harness.connect()
    own = harness.add("Own", "cube")
    with bpy.data.libraries.load(str(path), link=True) as (source, target):
        target.objects = source.objects
    shelf = target.objects[0]
    scenes.synced_scene().collection.objects.link(shelf)
    child = harness.add("Child")
    child.parent = shelf
    shown = harness.add("Shown")
    user = bpy.data.objects.new("User", shelf.data)
    scenes.synced_scene().collection.objects.link(user)
    harness.edited("Link")
    harness.settle()
    return path, {item.name: item["uuid"] for item in (own, child, shown, user)}


def reload_library(path):
    (library,) = (each for each in bpy.data.libraries if bpy.path.abspath(each.filepath) == str(path))
    library.reload()


def test_local_uuids_stay_when_a_library_is_reloaded(harness, linked):
    path, uuids = linked
    before, notices = harness.intents(), {notice.kind: notice.count for notice in harness.bridge.notices.all}
    old = bpy.data.objects["Shelf"].session_uid
    write_library_elsewhere(path)
    reload_library(path)
    shelf = next(item for item in bpy.data.objects if item.library)
    assert shelf.location.x == 2 and shelf.session_uid != old, "the data was really replaced"
    harness.edited("Reload")
    harness.settle()
    told = {change["uuid"]: (change["op"], *change["components"]) for change in harness.changes(before)}
    assert told == {uuids["Child"]: ("update", "transform")}, "it moved with what it stands on; nothing is new or gone"
    before = harness.intents()
    assert {item.name: item["uuid"] for item in bpy.data.objects if not item.library} == uuids
    assert {notice.kind: notice.count for notice in harness.bridge.notices.all} == notices
    for number, name in enumerate(uuids):
        harness.find(uuids[name]).location.y = 3 + number
    harness.edited("Move")
    harness.settle()
    told = {change["uuid"]: list(change["components"]) for change in harness.changes(before)}
    assert told == {uuid: ["transform"] for uuid in uuids.values()}


def write_library_elsewhere(path):
    """Saves the library again, as from another Blender: without this one's data and addon."""
    active, handlers.bridge = handlers.bridge, None
    write_library(path, 2)
    handlers.bridge = active


def auto_save(path):
    """Writes the file like Blender's auto-save, without calling any handler."""
    active, handlers.bridge = handlers.bridge, None
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    handlers.bridge = active


def crash(harness):
    """Simulates a crash: only the daemon and the files remain."""
    vibesync.unregister()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    vibesync.register()
    vibesync.pump()


@pytest.mark.parametrize("way", ["auto-save", "last session"])
def test_restored_file_is_bound_by_uuid(harness, tmp_path, way, caplog):
    harness.connect()
    kept, gone = harness.add("Kept", "cube"), harness.add("Gone", "cube")
    path = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    late = harness.add("Late", "cube")
    uuids = {item.name: (item["uuid"], item.data["uuid"]) for item in (kept, gone, late)}
    kept.location.x = 5
    bpy.data.objects.remove(gone)
    harness.edited("Edit")
    harness.settle()
    rescued = tmp_path / ("quit.blend" if way == "last session" else "scene_autosave.blend")
    auto_save(rescued)
    crash(harness)
    bpy.context.preferences.filepaths.temporary_directory = str(tmp_path)
    inventories = len(harness.daemon.of_type("inventory"))
    before = harness.intents()
    with caplog.at_level(logging.INFO):
        if way == "last session":
            bpy.ops.wm.recover_last_session()
        else:
            bpy.ops.wm.recover_auto_save(filepath=str(rescued))
        harness.wait(lambda: len(harness.daemon.of_type("inventory")) > inventories)
        harness.connect()
    assert bpy.data.objects["Kept"].location.x == 5
    now = {item.name: (item["uuid"], item.data["uuid"]) for item in bpy.data.objects}
    assert now == {name: uuids[name] for name in ("Kept", "Late")}, "nobody became somebody else"
    assert set(inventory(harness)) == {*uuids["Kept"], *uuids["Gone"]}, (
        "as of the last save: the daemon knows what came later"
    )
    told = {change["uuid"]: change["op"] for change in harness.changes(before)}
    assert told == {
        uuids["Kept"][0]: "update",
        uuids["Gone"][0]: "delete",
        uuids["Gone"][1]: "delete",
        **dict.fromkeys(uuids["Late"], "create"),
    }
    assert "bound by uuid: 2 found, 2 missing, 2 not known before" in caplog.text


def test_ambiguous_uuids_are_repaired_and_reported(harness, tmp_path, caplog):
    harness.connect()
    item = harness.add("Original", "cube")
    path = tmp_path / "scene.blend"
    twin = bpy.data.objects.new("Twin", cube("Twin"))
    scenes.synced_scene().collection.objects.link(twin)
    twin["uuid"], twin.data["uuid"] = item["uuid"], item.data["uuid"]
    lost = bpy.data.objects.new("Lost", None)
    scenes.synced_scene().collection.objects.link(lost)
    lost["uuid"] = "not a uuid"
    uuid = item["uuid"]
    auto_save(path)
    crash(harness)
    before = harness.intents()
    with caplog.at_level(logging.WARNING):
        bpy.ops.wm.open_mainfile(filepath=str(path))
        harness.connect()
    uuids = [each["uuid"] for each in bpy.data.objects]
    assert len(set(uuids)) == 3 and uuids.count(uuid) == 1
    assert [line for line in caplog.messages if line.startswith("VS-7002")] == [
        f"VS-7002: {uuid} was copied; the copy gets a uuid of its own",
        f"VS-7002: {bpy.data.objects['Original'].data['uuid']} was copied; the copy gets a uuid of its own",
    ]
    assert {change["op"] for change in harness.changes(before)} == {"create"}
