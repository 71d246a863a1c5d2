# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity survives renames, copies, undo, redo, save and load; the registry survives damage."""

import json
import uuid

import bpy
import vibesync
from conftest import cube, new_object
from vibesync.blender import scenes


def delete_ops(changes):
    return [change["uuid"] for change in changes if change["op"] == "delete"]


def test_a_copy_gets_a_new_uuid_and_the_original_keeps_its_own(rig):
    rig.connect()
    item = rig.add("A", "cube")
    uuid_before, mesh_before = item["uuid"], item.data["uuid"]
    before = rig.intents()
    copy = item.copy()
    copy.data = item.data.copy()
    copy.name = "0 sorts first"
    scenes.synced_scene().collection.objects.link(copy)
    rig.edited("Duplicate")
    rig.settle()
    assert (item["uuid"], item.data["uuid"]) == (uuid_before, mesh_before)
    assert copy["uuid"] not in (uuid_before, mesh_before)
    assert {change["uuid"] for change in rig.changes(before)} == {copy["uuid"], copy.data["uuid"]}
    assert {change["op"] for change in rig.changes(before)} == {"create"}


def test_every_kind_of_datablock_has_an_identity(rig):
    rig.connect()
    made = {
        kind: getattr(bpy.data, f"{kind}s").new(name=kind, **arguments)
        for kind, arguments in {
            "material": {},
            "armature": {},
            "action": {},
            "image": {"width": 4, "height": 4},
            "collection": {},
        }.items()
    }
    copy = made["material"].copy()
    rig.add()
    scan = rig.bridge.identity.scan()
    for kind, datablock in made.items():
        assert scan.others[datablock["uuid"]] == datablock, kind
    assert scan.others[copy["uuid"]] == copy and copy["uuid"] != made["material"]["uuid"]
    made["material"].name = "Renamed"
    assert rig.bridge.identity.scan().others[made["material"]["uuid"]].name == "Renamed"
    assert {change["kind"] for change in rig.changes()} == {"object"}, "nothing of them is sent yet"


def test_a_linked_copy_shares_the_mesh(rig):
    rig.connect()
    item = rig.add("A", "cube")
    before = rig.intents()
    copy = item.copy()
    scenes.synced_scene().collection.objects.link(copy)
    rig.edited("Duplicate linked")
    rig.settle()
    (change,) = rig.changes(before)
    assert change["components"]["data"] == {"uuid": item.data["uuid"]}


def test_undo_past_the_moment_a_uuid_was_given_keeps_the_uuid(rig):
    rig.connect()
    bpy.ops.ed.undo_push(message="start")
    bpy.ops.object.empty_add()
    bpy.ops.ed.undo_push(message="Add")
    rig.settle()
    uuid_given = bpy.context.object["uuid"]
    bpy.context.object.location.x = 3
    rig.edited("Move")
    rig.settle()
    before = rig.intents()
    bpy.ops.ed.undo()
    rig.settle()
    assert [each["uuid"] for each in scenes.synced_scene().objects] == [uuid_given]
    (change,) = rig.changes(before)
    assert (change["op"], change["uuid"], list(change["components"])) == ("update", uuid_given, ["transform"])
    bpy.ops.ed.redo()
    rig.settle()
    assert rig.changes(before)[-1]["components"]["transform"]["translation"][0] == 3.0


def test_an_undone_delete_revives_the_entity(rig):
    rig.connect()
    item = rig.add()
    uuid_before = item["uuid"]
    rig.edited("before")
    before = rig.intents()
    bpy.data.objects.remove(item)
    rig.edited("Delete")
    rig.settle()
    assert rig.changes(before) == [{"op": "delete", "uuid": uuid_before}]
    deleted_at = rig.daemon.head_seq
    bpy.ops.ed.undo()
    rig.settle()
    revival = rig.daemon.of_type("intent")[-1].header
    assert [(change["op"], change["uuid"]) for change in revival["changes"]] == [("create", uuid_before)]
    assert revival["base_seq"] >= deleted_at
    bpy.ops.ed.redo()
    rig.settle()
    assert delete_ops(rig.changes(before)) == [uuid_before, uuid_before]


def test_a_delete_undone_before_its_ack_is_revived_after_it(rig):
    rig.connect()
    item = rig.add()
    uuid_before = item["uuid"]
    rig.edited("before")
    before = rig.intents()
    rig.daemon.auto_ack = False
    bpy.data.objects.remove(item)
    rig.edited("Delete")
    rig.wait(lambda: rig.intents() == before + 1)
    bpy.ops.ed.undo()
    for _ in range(100):
        rig.pump()
    assert rig.intents() == before + 1
    rig.daemon.auto_ack = True
    rig.daemon.acknowledge(rig.daemon.of_type("intent")[-1].header)
    rig.settle()
    assert [change["op"] for change in rig.changes(before)] == ["delete", "create"]
    assert scenes.synced_scene().objects[0]["uuid"] == uuid_before


def test_save_and_load_keep_versions_and_notice_what_changed_while_apart(rig):
    rig.connect()
    item = rig.add("A", "cube")
    object_uuid, mesh_uuid = item["uuid"], item.data["uuid"]
    path = str(rig.folder / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    assert (rig.folder / "scene.blend.vibesync.json").exists()
    versions = {uuid: entry.version for uuid, entry in rig.bridge.replica.entries.items()}
    assert set(versions.values()) == {1}
    rig.bridge.pause()
    bpy.data.objects["A"].location.x = 7
    bpy.ops.wm.save_mainfile()
    before = rig.intents()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    vibesync.pump()
    bpy.ops.wm.open_mainfile(filepath=path)
    inventories = len(rig.daemon.of_type("inventory"))
    rig.wait(lambda: len(rig.daemon.of_type("inventory")) > inventories)
    rig.connect()
    held = {each["uuid"]: each["version"] for each in rig.daemon.of_type("inventory")[-1].header["entities"]}
    assert held == versions == {object_uuid: 1, mesh_uuid: 1}
    instances = [frame.header["instance_id"] for frame in rig.daemon.of_type("hello")]
    assert len(set(instances)) == 2, "one for each file: a file may be older than what was sent before"
    (change,) = rig.changes(before)
    assert (change["uuid"], list(change["components"])) == (object_uuid, ["transform"])


def save_load(rig, edit=None, sidecar_edit=None):
    path = rig.folder / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    vibesync.unregister()
    if edit:
        edit()
        bpy.ops.wm.save_mainfile()
    sidecar = rig.folder / "scene.blend.vibesync.json"
    if sidecar_edit:
        sidecar.write_text(sidecar_edit(sidecar.read_text(encoding="utf-8")), encoding="utf-8")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    vibesync.register()
    vibesync.pump()


def damage_file():
    scene = scenes.synced_scene()
    scene["vibesync_registry"] = scene["vibesync_registry"][:-10]


def test_a_damaged_registry_in_the_file_is_replaced_by_the_sidecar(rig):
    rig.connect()
    uuid_before = rig.add()["uuid"]
    save_load(rig, damage_file)
    assert rig.bridge.paused is None
    assert rig.bridge.replica.entries[uuid_before].version == 1


def test_when_both_are_damaged_nothing_is_synchronized_until_a_person_decides(rig):
    rig.connect()
    uuid_before = rig.add()["uuid"]
    save_load(rig, damage_file, lambda text: text.replace('"version":1', '"version":2'))
    assert rig.bridge.paused.startswith("VS-7001")
    assert rig.bridge.session.state == "offline"
    save_load(rig)
    assert rig.bridge.paused.startswith("VS-7001"), "saving does not decide for them"
    bpy.ops.vibesync.rebuild()
    before = rig.intents()
    rig.connect()
    assert [(change["op"], change["uuid"]) for change in rig.changes(before)] == [("create", uuid_before)]


def test_a_missing_registry_is_made_anew(rig):
    rig.connect()
    rig.add()

    def remove():
        del scenes.synced_scene()["vibesync_registry"]

    save_load(rig, remove)
    assert rig.bridge.paused is None
    assert len(rig.bridge.replica.entries) == 1  # from the sidecar
    (rig.folder / "scene.blend.vibesync.json").unlink()
    vibesync.unregister()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    vibesync.register()
    vibesync.pump()
    assert rig.bridge.paused is None
    assert len(rig.bridge.replica.entries) == 0


def test_what_the_daemon_wants_is_sent_whole(rig):
    rig.connect()
    wanted, other = rig.add("wanted"), rig.add("other")
    rig.daemon.want = [wanted["uuid"]]
    before = rig.intents()
    rig.daemon.drop()
    rig.wait(lambda: rig.intents() > before)
    rig.settle()
    assert [(change["op"], change["uuid"]) for change in rig.changes(before)] == [("create", wanted["uuid"])]
    assert other["uuid"] in rig.bridge.replica.entries


def test_an_unlinked_object_is_deleted_and_a_foreign_uuid_is_kept(rig):
    rig.connect()
    item = bpy.data.objects.new("Mine", None)
    mine = str(uuid.uuid4())
    item["uuid"] = mine
    scenes.synced_scene().collection.objects.link(item)
    rig.edited()
    rig.settle()
    assert rig.changes()[0]["uuid"] == mine
    before = rig.intents()
    scenes.synced_scene().collection.objects.unlink(item)
    rig.edited()
    rig.settle()
    assert delete_ops(rig.changes(before)) == [mine]


def test_two_failing_sides_never_stop_blender(rig):
    """A daemon that talks nonsense is left alone after a while, or reported; the tick never raises."""
    rig.connect()
    rig.daemon.send({"type": "apply", "changes": "nonsense"})
    rig.daemon.send({"type": "ack", "operation_id": 5})
    rig.daemon.send({"type": "sync", "want": [1]})
    answer = rig.wait(lambda: rig.daemon.of_type("applied"))[0].header
    assert answer["results"] == []
    assert rig.bridge.last_error["code"] == "VS-1006"
    results, _ = rig.apply(new_object())
    assert results[0]["status"] == "applied"


def test_pause_resume_and_the_panel_operators(rig):
    rig.connect()
    item = rig.add()
    before = rig.intents()
    bpy.ops.vibesync.pause()
    item.location.x = 1
    rig.edited()
    for _ in range(50):
        rig.pump()
    assert rig.intents() == before
    bpy.ops.vibesync.resume()
    rig.wait(lambda: rig.intents() > before)
    bpy.ops.vibesync.resync()
    rig.connect()
    sent = rig.daemon.of_type("intent")[before:]  # one that was not answered in time is sent again
    assert len({frame.header["operation_id"] for frame in sent}) == 1


def test_disabled_and_enabled_again_it_knows_what_changed_meanwhile(rig):
    rig.connect()
    item = rig.add()
    before = rig.intents()
    vibesync.unregister()
    item.location.x = 2
    rig.edited()
    vibesync.register()
    rig.connect()
    rig.wait(lambda: rig.intents() > before)
    (change,) = rig.changes(before)
    assert change["op"] == "update" and list(change["components"]) == ["transform"]


def test_repeated_errors_turn_automation_off(rig, monkeypatch):
    rig.connect()
    monkeypatch.setattr(rig.bridge.activity, "state", lambda: 1 / 0)
    for _ in range(5):
        vibesync.pump()
    assert "internal error" in rig.bridge.paused
    assert rig.bridge.session.state == "offline"


def test_ten_thousand_objects_do_not_stall_a_tick(rig, record_property):
    import time

    mesh = cube()
    collection = scenes.synced_scene().collection
    for number in range(10_000):
        collection.objects.link(bpy.data.objects.new(f"O{number}", mesh))
    rig.edited()
    rig.wait(lambda: rig.bridge.session.is_live)
    longest, started = 0.0, time.perf_counter()
    while len(rig.changes()) < 10_001 and time.perf_counter() - started < 60:
        tick = time.perf_counter()
        vibesync.pump()
        longest = max(longest, time.perf_counter() - tick)
        rig.daemon.pump()
    print(json.dumps({"longest_tick_ms": longest * 1000, "seconds": time.perf_counter() - started}))
    assert len(rig.changes()) == 10_001
    assert longest < 1.0


def test_preferences_are_registered_and_the_versions_agree(rig):
    import tomllib
    from pathlib import Path

    from vibesync.blender import bridge, preferences

    assert {"budget_ms", "auto_connect"} <= set(preferences.VibeSyncPreferences.bl_rna.properties.keys())
    manifest = tomllib.loads((Path(vibesync.__file__).parent / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert manifest["version"] == bridge.VERSION


def test_deep_trees_are_created_and_deleted_in_order(rig):
    rig.connect()
    chain = []
    for number in range(200):
        item = bpy.data.objects.new(f"{999 - number}", None)
        scenes.synced_scene().collection.objects.link(item)
        item.parent = chain[-1] if chain else None
        chain.append(item)
    rig.edited()
    rig.settle()
    order = [change["uuid"] for change in rig.changes()]
    assert order == [item["uuid"] for item in chain]
    before = rig.intents()
    bpy.data.batch_remove(chain)
    rig.edited()
    rig.settle()
    assert delete_ops(rig.changes(before)) == order[::-1]
