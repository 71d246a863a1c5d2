# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that a person's edits before, during and after a batch are kept."""

import bpy
import numpy as np
import pytest
from conftest import IDENTITY, new_object, update
from vibesync.blender import mesh_read, scenes
from vibesync.blender.scene_lookup import SceneLookup
from vibesync.core import mesh as wire_mesh
from vibesync.core.sync_error import SyncError


def test_local_change_is_sent_before_a_batch_is_applied(harness):
    harness.connect()
    item = harness.add()
    before = harness.intents()
    item.name = "Mine"
    results, _ = harness.apply(update(item["uuid"], transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}))
    assert results[0]["state"]["components"]["name"] == "Mine"
    harness.settle()
    assert [change["components"] for change in harness.changes(before)] == [{"name": "Mine"}]


def test_batch_waits_for_unread_local_changes(harness):
    harness.connect()
    items = [harness.add(f"O{number}") for number in range(5)]
    harness.bridge.settings.budget = 0.0
    before = harness.intents()
    for item in items:
        item.location.x = 3
    harness.edited()
    results, _ = harness.apply(update(items[-1]["uuid"], transform=dict(IDENTITY)))
    assert results[0]["status"] == "applied"
    assert items[-1]["uuid"] in {change["uuid"] for change in harness.changes(before)}, (
        "overwritten before it was captured"
    )


def test_change_of_a_deleted_entity_fails_alone(harness):
    harness.connect()
    gone, stays = harness.add("Gone"), harness.add("Stays")
    uuid, other = gone["uuid"], stays["uuid"]
    bpy.data.objects.remove(gone)
    harness.edited()
    moved = {**IDENTITY, "translation": [1.0, 0.0, 0.0]}
    child = new_object("Child", parent={"uuid": uuid})
    results, _ = harness.apply(update(uuid, transform=moved), child, update(other, transform=moved))
    assert [result["status"] for result in results] == ["failed", "failed", "applied"]
    assert results[0]["error"]["code"] == results[1]["error"]["code"] == "VS-7005"
    assert results[0]["state"] is results[1]["state"] is None
    assert harness.find(child["uuid"]) is None and harness.find(other).location.x == 1.0


def test_delete_is_sent_before_a_batch_recreates_the_entity(harness):
    harness.connect()
    gone = harness.add("Gone")["uuid"]
    items = [bpy.data.objects.new(f"O{number}", None) for number in range(40)]
    for item in items:
        scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.settle()
    harness.bridge.settings.budget = 0.0
    for item in items:
        item.location.x = 3
    bpy.data.objects.remove(harness.find(gone))
    harness.edited()
    harness.apply({**new_object(), "uuid": gone})
    deletion, answer = {"op": "delete", "uuid": gone}, harness.daemon.of_type("applied")[-1]
    told = [frame for frame in harness.daemon.of_type("intent") if deletion in frame.header["changes"]]
    assert len(told) == 1 and harness.daemon.received.index(told[0]) < harness.daemon.received.index(answer)


def test_recreated_entity_goes_with_its_unanswered_delete(harness):
    harness.connect()
    gone = harness.add("Gone")["uuid"]
    harness.daemon.auto_ack = False
    bpy.data.objects.remove(harness.find(gone))
    harness.edited()
    harness.wait(lambda: harness.intents() == 2)
    results, _ = harness.apply({**new_object(), "uuid": gone})  # older than the deletion
    assert results[0]["status"] == "applied"
    harness.daemon.acknowledge(harness.daemon.of_type("intent")[-1].header, behind=(gone,))
    harness.settle()
    harness.apply({"op": "delete", "uuid": gone})
    harness.settle()
    assert harness.find(gone) is None and harness.intents() == 2


def test_entity_deleted_during_a_batch_is_left_out_then_sent(harness):
    harness.connect()
    gone = harness.add("Gone")["uuid"]
    harness.bridge.settings.budget = 0.0
    before = harness.intents()
    harness.daemon.apply([*(new_object(f"N{number}") for number in range(20)), {**new_object(), "uuid": gone}])
    harness.wait(lambda: len(harness.bridge.capture.applying) > 3)
    assert gone not in harness.bridge.capture.applying
    bpy.data.objects.remove(harness.find(gone))
    harness.edited()
    results = harness.wait(lambda: harness.daemon.of_type("applied"))[0].header["results"]
    assert [result["status"] for result in results] == ["applied"] * 20 + ["failed"]
    harness.settle()
    assert harness.find(gone) is None
    assert harness.changes(before) == [{"op": "delete", "uuid": gone}]


def test_delete_between_apply_and_read_back_is_sent(harness):
    harness.connect()
    known = harness.add("Known")["uuid"]
    harness.bridge.settings.budget = 0.0
    before = harness.intents()
    made = [new_object(f"N{number}") for number in range(10)]
    harness.daemon.apply([*made, update(known, name="Told")])
    harness.wait(lambda: harness.find(made[-1]["uuid"]) and harness.find(known).name == "Told")
    gone = {known, made[-1]["uuid"]}
    for uuid in gone:
        bpy.data.objects.remove(harness.find(uuid))
    harness.edited()
    results = harness.wait(lambda: harness.daemon.of_type("applied"))[0].header["results"]
    assert {result["uuid"] for result in results if result["state"] is None} == gone
    harness.settle()
    assert {change["uuid"] for change in harness.changes(before) if change["op"] == "delete"} == gone
    assert harness.bridge.replica.tombstones.keys() == gone


def test_delete_between_apply_and_read_back_follows_the_batch(harness):
    harness.connect()
    item = harness.add("Known")
    uuid, before = item["uuid"], harness.intents()
    harness.bridge.settings.budget = 0.0
    harness.daemon.apply([update(uuid, name="Told")])
    version = harness.daemon.head_seq
    harness.wait(lambda: harness.find(uuid).name == "Told")
    bpy.data.objects.remove(harness.find(uuid))
    harness.edited()
    answer = harness.wait(lambda: harness.daemon.of_type("applied"))[0]
    assert [(result["status"], result["state"]) for result in answer.header["results"]] == [("applied", None)]
    harness.settle()
    sent = harness.daemon.received[harness.daemon.received.index(answer) + 1 :]
    deletion = next(frame.header for frame in sent if frame.header["type"] == "intent")
    assert deletion["changes"] == [{"op": "delete", "uuid": uuid}] and harness.intents() == before + 1
    assert deletion["base_seq"] == version, "the person had seen the batch"


def test_mesh_edit_between_apply_and_read_back_is_sent(harness):
    harness.connect()
    item = harness.add("A", "cube")
    uuid, before = item.data["uuid"], harness.intents()
    sent = mesh_read.read(item.data, 1.0)
    sent.position = sent.position * 2
    attachments = []
    change = update(uuid, mesh=wire_mesh.pack(sent, attachments))
    harness.bridge.settings.budget = 0.0
    harness.daemon.apply([*(new_object(f"N{number}") for number in range(10)), change], attachments)
    harness.wait(lambda: abs(item.data.vertices[0].co.x) == 2.0 and harness.find(uuid) and not is_staging(harness))
    item.data.vertices[0].co.x = 7.0
    item.data.update()
    harness.edited()
    answer = harness.wait(lambda: harness.daemon.of_type("applied"))[0]
    state = answer.header["results"][-1]["state"]["components"]["mesh"]
    assert wire_mesh.unpack(state, answer.attachments, "x").position[:, 0].max() == 7.0, "the edit, not what was sent"
    harness.settle()
    assert [change["uuid"] for change in harness.changes(before)] == [uuid]
    assert harness.mesh_of(before).position[:, 0].max() == 7.0
    assert harness.bridge.replica.entries[uuid].last_seen["mesh"] == mesh_read.read(item.data, 1.0).digest()


def test_mesh_that_blender_welds_is_not_sent_back(harness):
    harness.connect()
    item = harness.add("A", "cube")
    before = harness.intents()
    sent = mesh_read.read(item.data, 1.0)
    sent.position = np.float32(3.3) * sent.corner_position
    sent.index = np.arange(len(sent.index))
    attachments = []
    harness.apply(update(item.data["uuid"], mesh=wire_mesh.pack(sent, attachments)), attachments=attachments)
    harness.settle()
    assert harness.intents() == before


def is_staging(harness):
    """Whether the running batch has not linked its new objects yet."""
    return not any(item.name == "N9" for item in scenes.synced_scene().collection.all_objects)


def test_entities_of_an_old_connections_batch_have_version_0(harness, monkeypatch):
    harness.connect()
    known = harness.add("Known")["uuid"]
    harness.bridge.settings.budget = 0.0
    made = [new_object(f"N{number}") for number in range(20)]
    harness.daemon.apply([*made, update(known, name="Told")])
    harness.wait(lambda: len(harness.bridge.capture.applying) > 3)
    monkeypatch.setattr(harness.bridge.activity, "blocking_state", lambda _: "edit")  # stops the batch here
    harness.daemon.drop()
    harness.wait(lambda: len(harness.daemon.of_type("inventory")) == 2)
    told = harness.daemon.of_type("inventory")[-1].header["entities"]
    assert {each["uuid"]: each["version"] for each in told} == dict.fromkeys(
        [known, *(each["uuid"] for each in made)], 0
    )


def test_replaced_datablock_is_resolved_again(harness):
    harness.connect()
    item = harness.add("A")
    uuid = item["uuid"]
    lookup = SceneLookup(harness.bridge.identity, harness.bridge.graphs)
    lookup.scan.objects[uuid] = item
    again = bpy.data.objects.new("A", None)
    scenes.synced_scene().collection.objects.link(again)
    bpy.data.objects.remove(item)
    harness.bridge.identity.adopt(again, uuid)
    assert lookup.resolve(uuid, "object", "here") == again
    bpy.data.objects.remove(again)
    with pytest.raises(SyncError, match="VS-7005"):
        lookup.resolve(uuid, "object", "here")


def test_view_layer_may_be_removed_between_slices(harness):
    harness.connect()
    scene = scenes.synced_scene()
    scene.view_layers.new("Other")
    harness.bridge.settings.budget = 0.0
    answers = len(harness.daemon.of_type("applied"))
    made = [new_object(f"R{number}", visibility={"visible": False}) for number in range(50)]
    harness.daemon.apply(made)
    harness.wait(lambda: (harness.bridge.batches.fraction or 0) > 0.4)
    scene.view_layers.remove(scenes.view_layer(scene))
    harness.wait(lambda: harness.daemon.of_type("applied")[answers:])
    results = harness.daemon.of_type("applied")[-1].header["results"]
    assert {result["status"] for result in results} == {"applied"}
    assert all(harness.find(change["uuid"]).hide_get() for change in made)


def test_overwritten_unanswered_change_has_version_0(harness):
    harness.connect()
    item = harness.add()
    uuid = item["uuid"]
    harness.daemon.auto_ack = False
    item.location.x = 5
    harness.edited()
    harness.wait(lambda: len(harness.bridge.session.outbox))
    harness.apply(update(uuid, transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}))
    inventories = len(harness.daemon.of_type("inventory"))
    harness.daemon.drop()
    harness.wait(lambda: len(harness.daemon.of_type("inventory")) > inventories)
    assert harness.daemon.of_type("inventory")[-1].header["entities"] == [{"uuid": uuid, "version": 0}]
    harness.wait(lambda: harness.intents() == 3)  # the create, the move, and the repeated move
    version = harness.bridge.replica.entries[uuid].version
    harness.daemon.acknowledge(harness.daemon.of_type("intent")[-1].header, behind=(uuid,))
    harness.wait(lambda: not len(harness.bridge.session.outbox))
    entry = harness.bridge.replica.entries[uuid]
    assert (entry.version, entry.trusted_version()) == (version, 0), "what results is still on its way"
    count = harness.intents()
    harness.settle()
    assert harness.intents() == count
    harness.apply(update(uuid, transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}))
    assert entry.trusted_version() == entry.version


def test_changes_that_need_a_deleted_entity_are_left_out_together(harness):
    harness.connect()
    deleted, other = harness.add("Deleted"), harness.add("Other")
    gone = deleted["uuid"]
    bpy.data.objects.remove(deleted)
    above = new_object("Above", parent={"uuid": gone})
    below = new_object("Below", parent={"uuid": above["uuid"]})
    results, _ = harness.apply(below, above, update(other["uuid"], name="New name"))
    assert [result["status"] for result in results] == ["failed", "failed", "applied"]
