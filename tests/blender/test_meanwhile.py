# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does before, while and after a batch comes stays theirs."""

import bpy
import pytest
from conftest import IDENTITY, new_object, update
from vibesync.blender import scenes
from vibesync.blender.scene_lookup import SceneLookup
from vibesync.core.pace import Slice
from vibesync.core.sync_error import SyncError


def test_a_local_change_goes_out_before_a_batch_is_applied(rig):
    rig.connect()
    item = rig.add()
    before = rig.intents()
    item.name = "Mine"
    results, _ = rig.apply(update(item["uuid"], transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}))
    assert results[0]["state"]["components"]["name"] == "Mine"
    rig.settle()
    assert [change["components"] for change in rig.changes(before)] == [{"name": "Mine"}]


def test_a_batch_waits_for_local_changes_that_the_budget_has_not_reached(rig):
    rig.connect()
    items = [rig.add(f"O{number}") for number in range(5)]
    rig.bridge.settings.budget = 0.0
    before = rig.intents()
    for item in items:
        item.location.x = 3
    rig.edited()
    results, _ = rig.apply(update(items[-1]["uuid"], transform=dict(IDENTITY)))
    assert results[0]["status"] == "applied"
    assert items[-1]["uuid"] in {change["uuid"] for change in rig.changes(before)}, "overwritten before it was captured"


def test_a_change_about_what_the_user_deleted_fails_alone(rig):
    rig.connect()
    gone, stays = rig.add("Gone"), rig.add("Stays")
    uuid, other = gone["uuid"], stays["uuid"]
    bpy.data.objects.remove(gone)
    rig.edited()
    moved = {**IDENTITY, "translation": [1.0, 0.0, 0.0]}
    child = new_object("Child", parent={"uuid": uuid})
    results, _ = rig.apply(update(uuid, transform=moved), child, update(other, transform=moved))
    assert [result["status"] for result in results] == ["failed", "failed", "applied"]
    assert results[0]["error"]["code"] == results[1]["error"]["code"] == "VS-7005"
    assert results[0]["state"] is results[1]["state"] is None
    assert rig.find(child["uuid"]) is None and rig.find(other).location.x == 1.0


def test_what_the_user_deleted_is_told_before_a_batch_brings_it_again(rig):
    rig.connect()
    gone = rig.add("Gone")["uuid"]
    items = [bpy.data.objects.new(f"O{number}", None) for number in range(40)]
    for item in items:
        scenes.synced_scene().collection.objects.link(item)
    rig.edited()
    rig.settle()
    rig.bridge.settings.budget = 0.0
    for item in items:
        item.location.x = 3
    bpy.data.objects.remove(rig.find(gone))
    rig.edited()
    rig.apply({**new_object(), "uuid": gone})
    deletion, answer = {"op": "delete", "uuid": gone}, rig.daemon.of_type("applied")[-1]
    told = [frame for frame in rig.daemon.of_type("intent") if deletion in frame.header["changes"]]
    assert len(told) == 1 and rig.daemon.received.index(told[0]) < rig.daemon.received.index(answer)


def test_what_a_batch_brings_again_while_its_deletion_is_unanswered_goes_with_what_comes_of_that(rig):
    rig.connect()
    gone = rig.add("Gone")["uuid"]
    rig.daemon.auto_ack = False
    bpy.data.objects.remove(rig.find(gone))
    rig.edited()
    rig.wait(lambda: rig.intents() == 2)
    results, _ = rig.apply({**new_object(), "uuid": gone})  # older than the deletion
    assert results[0]["status"] == "applied"
    rig.daemon.acknowledge(rig.daemon.of_type("intent")[-1].header, behind=(gone,))
    rig.settle()
    rig.apply({"op": "delete", "uuid": gone})
    rig.settle()
    assert rig.find(gone) is None and rig.intents() == 2


def test_what_is_deleted_while_a_batch_is_under_way_is_left_out_and_told_after_it(rig):
    rig.connect()
    gone = rig.add("Gone")["uuid"]
    rig.bridge.settings.budget = 0.0
    before = rig.intents()
    rig.daemon.apply([*(new_object(f"N{number}") for number in range(20)), {**new_object(), "uuid": gone}])
    rig.wait(lambda: len(rig.bridge.capture.applying) > 3)
    assert gone not in rig.bridge.capture.applying
    bpy.data.objects.remove(rig.find(gone))
    rig.edited()
    results = rig.wait(lambda: rig.daemon.of_type("applied"))[0].header["results"]
    assert [result["status"] for result in results] == ["applied"] * 20 + ["failed"]
    rig.settle()
    assert rig.find(gone) is None
    assert rig.changes(before) == [{"op": "delete", "uuid": gone}]


def test_what_is_deleted_between_a_batch_and_its_read_back_is_told(rig):
    rig.connect()
    known = rig.add("Known")["uuid"]
    rig.bridge.settings.budget = 0.0
    before = rig.intents()
    made = [new_object(f"N{number}") for number in range(10)]
    rig.daemon.apply([*made, update(known, name="Told")])
    rig.wait(lambda: rig.find(made[-1]["uuid"]) and rig.find(known).name == "Told")
    gone = {known, made[-1]["uuid"]}
    for uuid in gone:
        bpy.data.objects.remove(rig.find(uuid))
    rig.edited()
    results = rig.wait(lambda: rig.daemon.of_type("applied"))[0].header["results"]
    assert {result["uuid"] for result in results if result["state"] is None} == gone
    rig.settle()
    assert {change["uuid"] for change in rig.changes(before) if change["op"] == "delete"} == gone
    assert rig.bridge.replica.tombstones.keys() == gone


def test_what_a_batch_of_the_link_before_is_about_is_not_held_for_certain(rig, monkeypatch):
    rig.connect()
    known = rig.add("Known")["uuid"]
    rig.bridge.settings.budget = 0.0
    made = [new_object(f"N{number}") for number in range(20)]
    rig.daemon.apply([*made, update(known, name="Told")])
    rig.wait(lambda: len(rig.bridge.capture.applying) > 3)
    monkeypatch.setattr(rig.bridge.activity, "blocking_state", lambda _: "edit")  # it goes no further
    rig.daemon.drop()
    rig.wait(lambda: len(rig.daemon.of_type("inventory")) == 2)
    told = rig.daemon.of_type("inventory")[-1].header["entities"]
    assert {each["uuid"]: each["version"] for each in told} == dict.fromkeys(
        [known, *(each["uuid"] for each in made)], 0
    )


def test_what_was_replaced_under_a_batch_is_looked_for_once_more(rig):
    rig.connect()
    item = rig.add("A")
    uuid = item["uuid"]
    lookup = SceneLookup(rig.bridge.identity, rig.bridge.graphs, Slice())
    lookup.scan.objects[uuid] = item
    again = bpy.data.objects.new("A", None)
    scenes.synced_scene().collection.objects.link(again)
    bpy.data.objects.remove(item)
    rig.bridge.identity.adopt(again, uuid)
    assert lookup.resolve(uuid, "objects", "here") == again
    bpy.data.objects.remove(again)
    with pytest.raises(SyncError, match="VS-7005"):
        lookup.resolve(uuid, "objects", "here")


def test_what_a_batch_overwrote_while_an_intent_was_unanswered_is_asked_for_again(rig):
    rig.connect()
    item = rig.add()
    uuid = item["uuid"]
    rig.daemon.auto_ack = False
    item.location.x = 5
    rig.edited()
    rig.wait(lambda: len(rig.bridge.session.outbox))
    rig.apply(update(uuid, transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}))
    inventories = len(rig.daemon.of_type("inventory"))
    rig.daemon.drop()
    rig.wait(lambda: len(rig.daemon.of_type("inventory")) > inventories)
    assert rig.daemon.of_type("inventory")[-1].header["entities"] == [{"uuid": uuid, "version": 0}]
    rig.wait(lambda: rig.intents() == 3)  # the create, the move, and the move again
    version = rig.bridge.replica.entries[uuid].version
    rig.daemon.acknowledge(rig.daemon.of_type("intent")[-1].header, behind=(uuid,))
    rig.wait(lambda: not len(rig.bridge.session.outbox))
    entry = rig.bridge.replica.entries[uuid]
    assert (entry.version, entry.trusted_version()) == (version, 0), "what results is still on its way"
    count = rig.intents()
    rig.settle()
    assert rig.intents() == count
    rig.apply(update(uuid, transform={**IDENTITY, "translation": [1.0, 0.0, 0.0]}))
    assert entry.trusted_version() == entry.version
