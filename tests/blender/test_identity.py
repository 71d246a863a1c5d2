# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that identity survives renames, copies, undo, redo, save and load, and the registry survives damage."""

import json
import uuid

import bpy
import vibesync
from conftest import cube, new_object
from vibesync.blender import scenes


def delete_ops(changes):
    return [change["uuid"] for change in changes if change["op"] == "delete"]


def test_copy_gets_a_new_uuid(harness):
    harness.connect()
    item = harness.add("A", "cube")
    uuid_before, mesh_before = item["uuid"], item.data["uuid"]
    before = harness.intents()
    copy = item.copy()
    copy.data = item.data.copy()
    copy.name = "0 sorts first"
    scenes.synced_scene().collection.objects.link(copy)
    harness.edited("Duplicate")
    harness.settle()
    assert (item["uuid"], item.data["uuid"]) == (uuid_before, mesh_before)
    assert copy["uuid"] not in (uuid_before, mesh_before)
    assert {change["uuid"] for change in harness.changes(before)} == {copy["uuid"], copy.data["uuid"]}
    assert {change["op"] for change in harness.changes(before)} == {"create"}


def test_every_kind_of_datablock_gets_a_uuid(harness):
    harness.connect()
    made = {
        kind: getattr(bpy.data, f"{kind}s").new(name=kind, **arguments)
        for kind, arguments in {
            "action": {},
            "image": {"width": 4, "height": 4},
            "collection": {},
        }.items()
    }
    copy = made["action"].copy()
    harness.add()
    scan = harness.bridge.identity.scan()
    for kind, datablock in made.items():
        assert scan.data[kind][datablock["uuid"]] == datablock, kind
    assert scan.data["action"][copy["uuid"]] == copy and copy["uuid"] != made["action"]["uuid"]
    made["action"].name = "Renamed"
    assert harness.bridge.identity.scan().data["action"][made["action"]["uuid"]].name == "Renamed"
    assert {change["kind"] for change in harness.changes()} == {"object"}, "nothing of them is sent yet"


def test_linked_copy_shares_the_mesh(harness):
    harness.connect()
    item = harness.add("A", "cube")
    before = harness.intents()
    copy = item.copy()
    scenes.synced_scene().collection.objects.link(copy)
    harness.edited("Duplicate linked")
    harness.settle()
    (change,) = harness.changes(before)
    assert change["components"]["data"] == {"uuid": item.data["uuid"]}


def test_uuid_stays_when_its_assignment_is_undone(harness):
    harness.connect()
    bpy.ops.ed.undo_push(message="start")
    bpy.ops.object.empty_add()
    bpy.ops.ed.undo_push(message="Add")
    harness.settle()
    uuid_given = bpy.context.object["uuid"]
    bpy.context.object.location.x = 3
    harness.edited("Move")
    harness.settle()
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    assert [each["uuid"] for each in scenes.synced_scene().objects] == [uuid_given]
    (change,) = harness.changes(before)
    assert (change["op"], change["uuid"], list(change["components"])) == ("update", uuid_given, ["transform"])
    bpy.ops.ed.redo()
    harness.settle()
    assert harness.changes(before)[-1]["components"]["transform"]["translation"][0] == 3.0


def test_entity_is_revived_when_its_delete_is_undone(harness):
    harness.connect()
    item = harness.add()
    uuid_before = item["uuid"]
    harness.edited("before")
    before = harness.intents()
    bpy.data.objects.remove(item)
    harness.edited("Delete")
    harness.settle()
    assert harness.changes(before) == [{"op": "delete", "uuid": uuid_before}]
    deleted_at = harness.daemon.head_seq
    bpy.ops.ed.undo()
    harness.settle()
    revival = harness.daemon.of_type("intent")[-1].header
    assert [(change["op"], change["uuid"]) for change in revival["changes"]] == [("create", uuid_before)]
    assert revival["base_seq"] >= deleted_at
    bpy.ops.ed.redo()
    harness.settle()
    assert delete_ops(harness.changes(before)) == [uuid_before, uuid_before]


def test_delete_undone_before_its_ack_is_revived_after_it(harness):
    harness.connect()
    item = harness.add()
    uuid_before = item["uuid"]
    harness.edited("before")
    before = harness.intents()
    harness.daemon.auto_ack = False
    bpy.data.objects.remove(item)
    harness.edited("Delete")
    harness.wait(lambda: harness.intents() == before + 1)
    bpy.ops.ed.undo()
    for _ in range(100):
        harness.pump()
    assert harness.intents() == before + 1
    harness.daemon.auto_ack = True
    harness.daemon.acknowledge(harness.daemon.of_type("intent")[-1].header)
    harness.settle()
    assert [change["op"] for change in harness.changes(before)] == ["delete", "create"]
    assert scenes.synced_scene().objects[0]["uuid"] == uuid_before


def test_load_keeps_versions_and_finds_offline_changes(harness):
    harness.connect()
    item = harness.add("A", "cube")
    object_uuid, mesh_uuid = item["uuid"], item.data["uuid"]
    path = str(harness.folder / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    assert (harness.folder / "scene.blend.vibesync.json").exists()
    versions = {uuid: entry.version for uuid, entry in harness.bridge.replica.entries.items()}
    assert set(versions.values()) == {1}
    harness.bridge.pause()
    bpy.data.objects["A"].location.x = 7
    bpy.ops.wm.save_mainfile()
    before = harness.intents()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    vibesync.pump()
    bpy.ops.wm.open_mainfile(filepath=path)
    inventories = len(harness.daemon.of_type("inventory"))
    harness.wait(lambda: len(harness.daemon.of_type("inventory")) > inventories)
    harness.connect()
    held = {each["uuid"]: each["version"] for each in harness.daemon.of_type("inventory")[-1].header["entities"]}
    assert held == versions == {object_uuid: 1, mesh_uuid: 1}
    instances = [frame.header["instance_id"] for frame in harness.daemon.of_type("hello")]
    assert len(set(instances)) == 2, "one for each file: a file may be older than what was sent before"
    (change,) = harness.changes(before)
    assert (change["uuid"], list(change["components"])) == (object_uuid, ["transform"])


def save_load(harness, edit=None, sidecar_edit=None):
    path = harness.folder / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    vibesync.unregister()
    if edit:
        edit()
        bpy.ops.wm.save_mainfile()
    sidecar = harness.folder / "scene.blend.vibesync.json"
    if sidecar_edit:
        sidecar.write_text(sidecar_edit(sidecar.read_text(encoding="utf-8")), encoding="utf-8")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    vibesync.register()
    vibesync.pump()


def damage_file():
    scene = scenes.synced_scene()
    scene["vibesync_registry"] = scene["vibesync_registry"][:-10]


def test_sidecar_is_used_when_the_file_is_damaged(harness):
    harness.connect()
    uuid_before = harness.add()["uuid"]
    save_load(harness, damage_file)
    assert harness.bridge.paused is None
    assert harness.bridge.replica.entries[uuid_before].version == 1


def test_sync_stops_when_both_registries_are_damaged(harness):
    harness.connect()
    uuid_before = harness.add()["uuid"]
    save_load(harness, damage_file, lambda text: text.replace('"version":1', '"version":2'))
    assert harness.bridge.paused.startswith("VS-7001")
    assert harness.bridge.session.state == "offline"
    save_load(harness)
    assert harness.bridge.paused.startswith("VS-7001"), "saving does not decide for them"
    bpy.ops.vibesync.rebuild()
    before = harness.intents()
    harness.connect()
    assert [(change["op"], change["uuid"]) for change in harness.changes(before)] == [("create", uuid_before)]


def test_missing_registry_is_created(harness):
    harness.connect()
    harness.add()

    def remove():
        del scenes.synced_scene()["vibesync_registry"]

    save_load(harness, remove)
    assert harness.bridge.paused is None
    assert len(harness.bridge.replica.entries) == 1  # from the sidecar
    (harness.folder / "scene.blend.vibesync.json").unlink()
    vibesync.unregister()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    vibesync.register()
    vibesync.pump()
    assert harness.bridge.paused is None
    assert len(harness.bridge.replica.entries) == 0


def test_entity_is_sent_whole_when_the_daemon_wants_it(harness):
    harness.connect()
    wanted, other = harness.add("wanted"), harness.add("other")
    harness.daemon.want = [wanted["uuid"]]
    before = harness.intents()
    harness.daemon.drop()
    harness.wait(lambda: harness.intents() > before)
    harness.settle()
    assert [(change["op"], change["uuid"]) for change in harness.changes(before)] == [("create", wanted["uuid"])]
    assert other["uuid"] in harness.bridge.replica.entries


def test_unlinked_object_is_deleted_and_foreign_uuid_kept(harness):
    harness.connect()
    item = bpy.data.objects.new("Mine", None)
    mine = str(uuid.uuid4())
    item["uuid"] = mine
    scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.settle()
    assert harness.changes()[0]["uuid"] == mine
    before = harness.intents()
    scenes.synced_scene().collection.objects.unlink(item)
    harness.edited()
    harness.settle()
    assert delete_ops(harness.changes(before)) == [mine]


def test_malformed_messages_do_not_stop_the_session(harness):
    """Malformed messages are reported or ignored; the tick never raises."""
    harness.connect()
    harness.daemon.send({"type": "apply", "changes": "nonsense"})
    harness.daemon.send({"type": "ack", "operation_id": 5})
    harness.daemon.send({"type": "sync", "want": [1]})
    answer = harness.wait(lambda: harness.daemon.of_type("applied"))[0].header
    assert answer["results"] == []
    assert harness.bridge.last_error["code"] == "VS-1006"
    results, _ = harness.apply(new_object())
    assert results[0]["status"] == "applied"


def test_panel_operators_pause_and_resume(harness):
    harness.connect()
    item = harness.add()
    before = harness.intents()
    bpy.ops.vibesync.pause()
    item.location.x = 1
    harness.edited()
    for _ in range(50):
        harness.pump()
    assert harness.intents() == before
    bpy.ops.vibesync.resume()
    harness.wait(lambda: harness.intents() > before)
    bpy.ops.vibesync.resync()
    harness.connect()
    sent = harness.daemon.of_type("intent")[before:]  # an intent without a timely answer is sent again
    assert len({frame.header["operation_id"] for frame in sent}) == 1


def test_changes_while_disabled_are_found_when_enabled(harness):
    harness.connect()
    item = harness.add()
    before = harness.intents()
    vibesync.unregister()
    item.location.x = 2
    harness.edited()
    vibesync.register()
    harness.connect()
    harness.wait(lambda: harness.intents() > before)
    (change,) = harness.changes(before)
    assert change["op"] == "update" and list(change["components"]) == ["transform"]


def test_automation_stops_when_errors_repeat(harness, monkeypatch):
    harness.connect()
    monkeypatch.setattr(harness.bridge.activity, "state", lambda: 1 / 0)
    for _ in range(5):
        vibesync.pump()
    assert "internal error" in harness.bridge.paused
    assert harness.bridge.session.state == "offline"


def test_tick_stays_short_with_ten_thousand_objects(harness, record_property):
    import time

    mesh = cube()
    collection = scenes.synced_scene().collection
    for number in range(10_000):
        collection.objects.link(bpy.data.objects.new(f"O{number}", mesh))
    harness.edited()
    harness.wait(lambda: harness.bridge.session.is_live)
    longest, started = 0.0, time.perf_counter()
    while len(harness.changes()) < 10_001 and time.perf_counter() - started < 60:
        tick = time.perf_counter()
        vibesync.pump()
        longest = max(longest, time.perf_counter() - tick)
        harness.daemon.pump()
    print(json.dumps({"longest_tick_ms": longest * 1000, "seconds": time.perf_counter() - started}))
    assert len(harness.changes()) == 10_001
    assert longest < 1.0


def test_preferences_are_registered_and_versions_agree(harness):
    import tomllib
    from pathlib import Path

    from vibesync.blender import bridge, preferences

    assert {"budget_ms", "auto_connect"} <= set(preferences.VibeSyncPreferences.bl_rna.properties.keys())
    manifest = tomllib.loads((Path(vibesync.__file__).parent / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["version"] == bridge.VERSION


def test_deep_trees_are_created_and_deleted_in_order(harness):
    harness.connect()
    chain = []
    for number in range(200):
        item = bpy.data.objects.new(f"{999 - number}", None)
        scenes.synced_scene().collection.objects.link(item)
        item.parent = chain[-1] if chain else None
        chain.append(item)
    harness.edited()
    harness.settle()
    order = [change["uuid"] for change in harness.changes()]
    assert order == [item["uuid"] for item in chain]
    before = harness.intents()
    bpy.data.batch_remove(chain)
    harness.edited()
    harness.settle()
    assert delete_ops(harness.changes(before)) == order[::-1]
