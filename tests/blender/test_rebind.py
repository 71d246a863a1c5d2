# SPDX-License-Identifier: GPL-3.0-or-later
"""After Blender has replaced its data, by a library's refresh or a restored file, all is found again by uuid."""

import logging

import bpy
import pytest
import vibesync
from conftest import cube
from vibesync.blender import handlers, scenes

SHELF = "0191aaaa-0000-4000-8000-000000000001"


def held(rig):
    """What the last inventory said."""
    return {each["uuid"]: each["version"] for each in rig.daemon.of_type("inventory")[-1].header["entities"]}


def write_library(path, corners):
    """A file with one object, whose mesh has so many cubes."""
    item = bpy.data.objects.new("Shelf", cube("Shelf"))
    item["uuid"] = SHELF
    item.location.x = corners
    bpy.data.libraries.write(str(path), {item})
    bpy.data.batch_remove([item, item.data])


@pytest.fixture
def linked(rig, tmp_path):
    """A scene with an object of a library, an override of another, and local objects that stand on them."""
    path = tmp_path / "library.blend"
    write_library(path, 1)
    rig.connect()
    own = rig.add("Own", "cube")
    with bpy.data.libraries.load(str(path), link=True) as (source, target):
        target.objects = source.objects
    shelf = target.objects[0]
    scenes.synced_scene().collection.objects.link(shelf)
    child = rig.add("Child")
    child.parent = shelf
    shown = rig.add("Shown")
    user = bpy.data.objects.new("User", shelf.data)
    scenes.synced_scene().collection.objects.link(user)
    rig.edited("Link")
    rig.settle()
    return path, {item.name: item["uuid"] for item in (own, child, shown, user)}


def reload_library(path):
    (library,) = (each for each in bpy.data.libraries if bpy.path.abspath(each.filepath) == str(path))
    library.reload()


def test_a_refreshed_library_leaves_all_local_objects_who_they_are(rig, linked):
    path, uuids = linked
    before, notices = rig.intents(), {notice.kind: notice.count for notice in rig.bridge.notices.all}
    old = bpy.data.objects["Shelf"].session_uid
    write_library_elsewhere(path)
    reload_library(path)
    shelf = next(item for item in bpy.data.objects if item.library)
    assert shelf.location.x == 2 and shelf.session_uid != old, "the data was really replaced"
    rig.edited("Reload")
    rig.settle()
    told = {change["uuid"]: (change["op"], *change["components"]) for change in rig.changes(before)}
    assert told == {uuids["Child"]: ("update", "transform")}, "it moved with what it stands on; nothing is new or gone"
    before = rig.intents()
    assert {item.name: item["uuid"] for item in bpy.data.objects if not item.library} == uuids
    assert {notice.kind: notice.count for notice in rig.bridge.notices.all} == notices
    for number, name in enumerate(uuids):
        rig.find(uuids[name]).location.y = 3 + number
    rig.edited("Move")
    rig.settle()
    told = {change["uuid"]: list(change["components"]) for change in rig.changes(before)}
    assert told == {uuid: ["transform"] for uuid in uuids.values()}


def write_library_elsewhere(path):
    """Somebody saves the library anew, in another Blender: this one's data and addon are not part of it."""
    active, handlers.bridge = handlers.bridge, None
    write_library(path, 2)
    handlers.bridge = active


def auto_save(path):
    """What Blender's auto-save writes: the data as it is, without a word to any handler."""
    active, handlers.bridge = handlers.bridge, None
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    handlers.bridge = active


def crash(rig):
    """All that the process knew is gone; the daemon and the files are left."""
    vibesync.unregister()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    vibesync.register()
    vibesync.pump()


@pytest.mark.parametrize("way", ["auto-save", "last session"])
def test_a_restored_file_is_bound_by_uuid_and_tells_what_it_holds(rig, tmp_path, way, caplog):
    rig.connect()
    kept, gone = rig.add("Kept", "cube"), rig.add("Gone", "cube")
    path = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    late = rig.add("Late", "cube")
    uuids = {item.name: (item["uuid"], item.data["uuid"]) for item in (kept, gone, late)}
    kept.location.x = 5
    bpy.data.objects.remove(gone)
    rig.edited("Edit")
    rig.settle()
    rescued = tmp_path / ("quit.blend" if way == "last session" else "scene_autosave.blend")
    auto_save(rescued)
    crash(rig)
    bpy.context.preferences.filepaths.temporary_directory = str(tmp_path)
    inventories = len(rig.daemon.of_type("inventory"))
    before = rig.intents()
    with caplog.at_level(logging.INFO):
        if way == "last session":
            bpy.ops.wm.recover_last_session()
        else:
            bpy.ops.wm.recover_auto_save(filepath=str(rescued))
        rig.wait(lambda: len(rig.daemon.of_type("inventory")) > inventories)
        rig.connect()
    assert bpy.data.objects["Kept"].location.x == 5
    now = {item.name: (item["uuid"], item.data["uuid"]) for item in bpy.data.objects}
    assert now == {name: uuids[name] for name in ("Kept", "Late")}, "nobody became somebody else"
    assert set(held(rig)) == {*uuids["Kept"], *uuids["Gone"]}, "as of the last save: the daemon knows what came later"
    told = {change["uuid"]: change["op"] for change in rig.changes(before)}
    assert told == {
        uuids["Kept"][0]: "update",
        uuids["Gone"][0]: "delete",
        uuids["Gone"][1]: "delete",
        **dict.fromkeys(uuids["Late"], "create"),
    }
    assert "bound by uuid: 2 found, 2 missing, 2 not known before" in caplog.text


def test_what_is_ambiguous_in_a_file_is_repaired_and_said(rig, tmp_path, caplog):
    rig.connect()
    item = rig.add("Original", "cube")
    path = tmp_path / "scene.blend"
    twin = bpy.data.objects.new("Twin", cube("Twin"))
    scenes.synced_scene().collection.objects.link(twin)
    twin["uuid"], twin.data["uuid"] = item["uuid"], item.data["uuid"]
    lost = bpy.data.objects.new("Lost", None)
    scenes.synced_scene().collection.objects.link(lost)
    lost["uuid"] = "not a uuid"
    uuid = item["uuid"]
    auto_save(path)
    crash(rig)
    before = rig.intents()
    with caplog.at_level(logging.WARNING):
        bpy.ops.wm.open_mainfile(filepath=str(path))
        rig.connect()
    uuids = [each["uuid"] for each in bpy.data.objects]
    assert len(set(uuids)) == 3 and uuids.count(uuid) == 1
    assert [line for line in caplog.messages if line.startswith("VS-7002")] == [
        f"VS-7002: {uuid} was copied; the copy gets a uuid of its own",
        f"VS-7002: {bpy.data.objects['Original'].data['uuid']} was copied; the copy gets a uuid of its own",
    ]
    assert {change["op"] for change in rig.changes(before)} == {"create"}
