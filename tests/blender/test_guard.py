# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard of objects: a person keeps them from agents."""

import bpy
from conftest import new_object, update
from vibesync.blender import guard, scenes

KEPT, FREE = {"human_only": True}, {"human_only": False}


def select(*items):
    for item in bpy.context.view_layer.objects:
        item.select_set(item in items)


def toggle(harness, *items):
    """Presses the button, and returns what the addon sends."""
    before = harness.intents()
    select(*items)
    assert bpy.ops.vibesync.keep_from_agents() == {"FINISHED"}
    harness.edited("Keep from Agents")
    harness.wait(lambda: harness.intents() > before)
    harness.settle()
    return {change["uuid"]: change["components"] for change in harness.changes(before)}


def test_operator_keeps_the_selected_objects_and_frees_them(harness):
    harness.connect()
    one, two, other = harness.add("One"), harness.add("Two"), harness.add("Other")
    assert toggle(harness, one) == {one["uuid"]: {"guard": KEPT}}
    assert toggle(harness, one, two) == {two["uuid"]: {"guard": KEPT}}
    assert toggle(harness, one, two) == {one["uuid"]: {"guard": FREE}, two["uuid"]: {"guard": FREE}}
    assert guard.save(other) is None


def test_operator_needs_a_selection(harness):
    harness.connect()
    harness.add()
    select()
    assert bpy.ops.vibesync.keep_from_agents() == {"CANCELLED"}


def test_duplicate_keeps_the_guard(harness):
    harness.connect()
    item = harness.add()
    toggle(harness, item)
    before = harness.intents()
    copy = item.copy()
    scenes.synced_scene().collection.objects.link(copy)
    harness.edited("Duplicate")
    harness.settle()
    (change,) = harness.changes(before)
    assert change["op"] == "create"
    assert change["uuid"] != item["uuid"]
    assert change["components"]["guard"] == KEPT


def test_undo_and_redo_of_the_guard_are_captured(harness):
    harness.connect()
    item = harness.add()
    uuid = item["uuid"]
    toggle(harness, item)
    for undo, wanted in ((bpy.ops.ed.undo, FREE), (bpy.ops.ed.redo, KEPT)):
        before = harness.intents()
        undo()
        harness.wait(lambda before=before: harness.intents() > before)
        harness.settle()
        assert guard.read(harness.find(uuid)) == wanted
        (change,) = harness.changes(before)
        assert change["components"] == {"guard": wanted}


def test_guard_is_applied_and_read_back(harness):
    harness.connect()
    made = new_object("Secret", guard=KEPT)
    results, _ = harness.apply(made)
    assert results[0]["state"]["components"]["guard"] == KEPT
    assert guard.read(harness.find(made["uuid"])) == KEPT
    results, _ = harness.apply(update(made["uuid"], guard=FREE))
    assert results[0]["status"] == "applied"
    assert "guard" not in results[0]["state"]["components"]
    assert guard.read(harness.find(made["uuid"])) == FREE
    sent = harness.intents()
    harness.settle()
    assert harness.intents() == sent


def test_guard_survives_when_an_empty_gets_a_mesh(harness):
    harness.connect()
    item, other = harness.add(), harness.add("Cube", "cube")
    toggle(harness, item)
    results, _ = harness.apply(update(item["uuid"], data={"uuid": other.data["uuid"]}))
    assert results[0]["state"]["components"]["guard"] == KEPT


def test_failed_change_leaves_the_guard(harness):
    harness.connect()
    item, other = harness.add("A", "cube"), harness.add("B")
    toggle(harness, other)
    wrong = {"op": "create", "uuid": item.data["uuid"], "kind": "object", "components": new_object()["components"]}
    changes = update(item["uuid"], guard=KEPT), update(other["uuid"], guard=FREE), wrong
    results, _ = harness.apply(*changes)
    assert {result["status"] for result in results} == {"failed"}
    assert (guard.save(item), guard.save(other)) == (None, True)


def test_wrong_guard_fails_before_anything_changes(harness):
    harness.connect()
    item = harness.add()
    results, _ = harness.apply(update(item["uuid"], name="B", guard={"human_only": 1}))
    assert results[0]["error"]["code"] == "VS-1006"
    assert item.name == "A"


def test_collection_human_only_is_taken_as_a_wish_once(harness):
    harness.connect()
    item = harness.add()
    wish, inner = bpy.data.collections.new(guard.WISH), bpy.data.collections.new("Inner")
    scenes.synced_scene().collection.children.link(wish)
    wish.children.link(inner)
    harness.edited()
    harness.settle()
    before = harness.intents()
    inner.objects.link(item)
    harness.edited()
    harness.wait(lambda: harness.intents() > before)
    harness.settle()
    (change,) = harness.changes(before)
    inside = {"in": [inner["uuid"]], "root": True}
    assert change["components"] == {"guard": KEPT, "collections": inside}
    assert toggle(harness, item) == {item["uuid"]: {"guard": FREE}}
    before = harness.intents()
    item.location.x = 1
    harness.edited()
    harness.settle()
    (change,) = harness.changes(before)
    assert list(change["components"]) == ["transform"]


def test_guard_is_saved_with_the_file(harness, tmp_path):
    harness.connect()
    item = harness.add()
    toggle(harness, item)
    path = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert guard.read(bpy.data.objects["A"]) == KEPT
