# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that what a daemon has lost comes back from Blender: see Divergence in docs/protocol.md."""

import json
import uuid

import bpy
from conftest import update

EPOCH = {"id": str(uuid.uuid4()), "first_seq": 1}


def reconnect(harness, diverged_after):
    """Lets the daemon lose all records after `diverged_after`. Returns the inventory of the next connection."""
    harness.daemon.diverged_after = harness.daemon.head_seq = diverged_after
    harness.daemon.epochs = [EPOCH, {"id": str(uuid.uuid4()), "first_seq": diverged_after + 1}]
    inventories = len(harness.daemon.of_type("inventory"))
    harness.daemon.drop()
    harness.wait(lambda: len(harness.daemon.of_type("inventory")) > inventories and harness.bridge.session.is_live)
    harness.daemon.diverged_after = None
    listed = harness.daemon.of_type("inventory")[-1].header["entities"]
    return {each["uuid"]: each["version"] for each in listed}


def move_and_delete(harness, moved, gone):
    """Makes two changes, each acknowledged before the next."""
    moved.location.x = 5
    harness.edited()
    harness.settle()
    bpy.data.objects.remove(gone)
    harness.edited()
    harness.settle()


def test_what_the_daemon_lost_is_sent_again(harness):
    harness.daemon.epochs = [EPOCH]
    harness.connect()
    kept, moved, gone = (harness.add(name) for name in ("Kept", "Moved", "Gone"))
    uuids = [item["uuid"] for item in (kept, moved, gone)]
    shared = harness.daemon.head_seq
    move_and_delete(harness, moved, gone)
    made = harness.add("Made", "cube")
    harness.apply(update(uuids[0], name="Theirs"))  # of the other editor, and lost too
    before = harness.intents()
    listed = reconnect(harness, shared)
    new = [made["uuid"], made.data["uuid"]]
    assert listed == dict.fromkeys([*uuids, *new], 0)
    harness.settle()
    sent = {change["uuid"]: change for change in harness.changes(before)}
    assert {each: sent[each]["op"] for each in sent} == {
        **dict.fromkeys([*uuids[:2], *new], "create"),
        uuids[2]: "delete",
    }
    assert sent[uuids[0]]["components"]["name"] == "Theirs"
    assert sent[uuids[1]]["components"]["transform"]["translation"] == [5.0, 0.0, 0.0]
    assert harness.daemon.of_type("intent")[before].header["base_seq"] == shared
    again = harness.intents()
    harness.daemon.drop()
    harness.wait(lambda: len(harness.daemon.of_type("hello")) == 3 and harness.bridge.session.is_live)
    harness.settle()
    assert harness.daemon.of_type("hello")[-1].header["epochs"] == harness.daemon.epochs
    assert harness.intents() == again, "once"


def test_what_both_hold_is_not_sent_again(harness):
    harness.connect()
    kept = harness.add("Kept")
    before = harness.intents()
    version = harness.bridge.replica.entries[kept["uuid"]].version
    assert reconnect(harness, version) == {kept["uuid"]: version}
    harness.settle()
    assert harness.intents() == before


def test_divergence_is_repeated_until_all_is_answered(harness, tmp_path):
    harness.connect()
    moved, gone = (harness.add(name) for name in ("Moved", "Gone"))
    uuids = [moved["uuid"], gone["uuid"]]
    shared = harness.daemon.head_seq
    move_and_delete(harness, moved, gone)
    harness.daemon.auto_ack = False
    reconnect(harness, shared)
    harness.wait(lambda: len(harness.bridge.session.outbox) > 0)
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    harness.wait(lambda: len(harness.daemon.of_type("hello")) == 3 and harness.bridge.session.is_live)
    hello = harness.daemon.of_type("hello")[-1].header
    assert (hello["diverged_after"], hello["last_seq"]) == (shared, shared)
    listed = harness.daemon.of_type("inventory")[-1].header["entities"]
    assert {each["uuid"]: each["version"] for each in listed} == dict.fromkeys(uuids, 0)
    harness.daemon.auto_ack = True
    for intent in harness.bridge.session.outbox:  # sent already, and still unanswered
        harness.daemon.acknowledge(intent.header)
    harness.settle()
    harness.daemon.drop()
    harness.wait(lambda: len(harness.daemon.of_type("hello")) == 4 and harness.bridge.session.is_live)
    assert harness.daemon.of_type("hello")[-1].header["diverged_after"] is None


def test_epochs_are_saved_with_the_file(harness, tmp_path):
    harness.daemon.epochs = [EPOCH]
    harness.connect()
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    beside = json.loads((tmp_path / "scene.blend.vibesync.json").read_text("utf-8"))
    assert beside["body"]["epochs"] == [EPOCH]
    harness.daemon.epochs = []
    bpy.ops.wm.open_mainfile(filepath=path)
    harness.wait(lambda: len(harness.daemon.of_type("hello")) == 2)
    assert harness.daemon.of_type("hello")[-1].header["epochs"] == [EPOCH]
