# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that collections and their links are sent, written, read back and restored."""

import uuid

import bpy
import pytest
from conftest import new_object, update
from vibesync.blender import scenes
from vibesync.core.collection import SCENE_ALONE
from vibesync.core.components import ABSENT, same_component

PLAIN = {"parents": [], "root": True, "offset": [0.0, 0.0, 0.0], "color": "none", "hidden": False}


def root():
    return scenes.synced_scene().collection


def add_collection(harness, name="City", *parents):
    """Adds a collection like a user: to the scene, or to others."""
    made = bpy.data.collections.new(name)
    for each in parents or (root(),):
        each.children.link(made)
    harness.edited("New Collection")
    harness.settle()
    return made


def edited(harness, label="Edit"):
    """Returns the components of each entity that an edit changes, by uuid."""
    before = harness.intents()
    harness.edited(label)
    harness.settle()
    return {each["uuid"]: each.get("components") for each in harness.changes(before)}


def new_collection(name="Remote", *parents, **fields):
    around = {"parents": sorted(parents), "root": not parents}
    components = {"name": name, "collection": {**PLAIN, **around, **fields}}
    return {"op": "create", "uuid": str(uuid.uuid4()), "kind": "collection", "components": components}


def inside(*collections, is_in_root=False):
    return {"in": sorted(collections), "root": is_in_root}


def apply(harness, *changes):
    """Applies changes, expects an equal read-back, and that nothing is sent."""
    before = harness.intents()
    results, _ = harness.apply(*changes)
    assert [result["error"] for result in results] == [None] * len(results)
    for each, result in zip(changes, results, strict=True):
        for name, value in each.get("components", {}).items():
            read = result["state"]["components"].get(name, ABSENT.get(name))
            assert same_component(name, value, read), (name, value, read)
    harness.settle()
    assert harness.intents() == before, harness.changes(before)


def is_shown_at(item):
    return {each.name for each in bpy.data.collections if item.name in each.objects}


def test_collection_is_sent_before_what_is_in_it(harness):
    harness.connect()
    city = bpy.data.collections.new("City")
    street = bpy.data.collections.new("Street")
    item = bpy.data.objects.new("House", None)
    root().children.link(city)
    city.children.link(street)
    street.objects.link(item)
    harness.edited("Add")
    harness.settle()
    made = harness.changes()
    assert [(each["op"], each["kind"]) for each in made] == [("create", "collection")] * 2 + [("create", "object")]
    assert made[0]["components"] == {"name": "City", "collection": PLAIN}
    expected = {**PLAIN, "parents": [city["uuid"]], "root": False}
    assert made[1]["components"] == {"name": "Street", "collection": expected}
    assert made[2]["components"]["collections"] == inside(street["uuid"])
    assert not harness.bridge.notices.all


def test_object_in_the_scene_alone_has_no_component(harness):
    harness.connect()
    harness.add()
    assert "collections" not in harness.changes()[-1]["components"]


EDITS = [
    ("color_tag", "COLOR_03", {"color": "yellow"}),
    ("instance_offset", (1.0, 2.0, 3.0), {"offset": [1.0, 3.0, -2.0]}),
    ("hide_viewport", True, {"hidden": True}),
]


@pytest.mark.parametrize("case", EDITS, ids=lambda case: case[0])
@pytest.mark.parametrize("is_excluded", [False, True])
def test_edit_of_a_collection_is_one_update(harness, case, is_excluded):
    name, value, expected = case
    harness.connect()
    city = add_collection(harness)
    harness.add("A")
    bpy.context.view_layer.layer_collection.children["City"].exclude = is_excluded
    assert edited(harness) == {}
    setattr(city, name, value)
    assert edited(harness) == {city["uuid"]: {"collection": {**PLAIN, **expected}}}
    city.name = "Town"
    assert edited(harness) == {city["uuid"]: {"name": "Town"}}


def test_links_of_objects_are_updates_of_these_objects(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    item, _other = harness.add("A"), harness.add("B")
    city.objects.link(item)
    assert edited(harness) == {item["uuid"]: {"collections": inside(city["uuid"], is_in_root=True)}}
    root().objects.unlink(item)
    assert edited(harness) == {item["uuid"]: {"collections": inside(city["uuid"])}}
    street.objects.link(item)
    assert edited(harness) == {item["uuid"]: {"collections": inside(city["uuid"], street["uuid"])}}
    bpy.context.view_layer.layer_collection.children["Street"].exclude = True
    city.objects.unlink(item)
    assert edited(harness) == {item["uuid"]: {"collections": inside(street["uuid"])}}
    root().objects.link(item)
    street.objects.unlink(item)
    assert edited(harness) == {item["uuid"]: {"collections": SCENE_ALONE}}


def test_collection_may_have_several_parents(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    house = add_collection(harness, "House", city)
    street.children.link(house)
    parents = sorted([city["uuid"], street["uuid"]])
    assert edited(harness) == {house["uuid"]: {"collection": {**PLAIN, "parents": parents, "root": False}}}
    city.children.unlink(house)
    assert edited(harness) == {house["uuid"]: {"collection": {**PLAIN, "parents": [street["uuid"]], "root": False}}}


def test_objects_of_a_deleted_collection_stay(harness):
    harness.connect()
    city = add_collection(harness)
    item = harness.add("A")
    city.objects.link(item)
    root().objects.unlink(item)
    harness.edited("Move")
    harness.settle()
    before, gone = harness.intents(), city["uuid"]
    root().objects.link(item)  # as Blender's operator does
    bpy.data.collections.remove(city)
    harness.edited("Delete")
    harness.settle()
    moved, deleted = harness.changes(before)
    assert (moved["uuid"], moved["components"]) == (item["uuid"], {"collections": SCENE_ALONE})
    assert deleted == {"op": "delete", "uuid": gone}


def test_undo_brings_collections_and_links_back(harness):
    harness.connect()
    city = add_collection(harness)
    item = harness.add("A")
    number, name = item["uuid"], city["uuid"]
    city.objects.link(item)
    root().objects.unlink(item)
    harness.edited("Move")
    harness.settle()
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    (change,) = harness.changes(before)
    assert (change["uuid"], change["components"]) == (number, {"collections": SCENE_ALONE})
    bpy.ops.ed.redo()
    harness.settle()
    assert harness.changes(before)[1]["components"] == {"collections": inside(name)}


def test_copy_of_a_collection_is_a_new_one(harness):
    harness.connect()
    city = add_collection(harness)
    item = harness.add("A")
    city.objects.link(item)
    edited(harness)
    copy = city.copy()
    root().children.link(copy)
    changes = edited(harness)
    assert copy["uuid"] != city["uuid"]
    assert changes[copy["uuid"]]["collection"] == PLAIN
    assert changes[item["uuid"]] == {"collections": inside(city["uuid"], copy["uuid"], is_in_root=True)}


def test_collection_outside_the_scene_is_sent_once_named(harness):
    harness.connect()
    bpy.data.collections.new("Unused")
    store = bpy.data.collections.new("Store")
    item = harness.add("A")
    assert [each["kind"] for each in harness.changes()] == ["object"]
    store.objects.link(item)
    changes = edited(harness)
    assert changes[store["uuid"]]["collection"] == {**PLAIN, "root": False}
    assert changes[item["uuid"]] == {"collections": inside(store["uuid"], is_in_root=True)}


def test_arriving_collections_are_nested_and_hold_their_objects(harness):
    harness.connect()
    city = new_collection("City", color="brown", offset=[1.0, 3.0, -2.0], hidden=True)
    street = new_collection("Street", city["uuid"])
    item = new_object("House", collections=inside(street["uuid"]))
    plain = new_object("Alone")
    apply(harness, city, street, item, plain)
    made = harness.find(city["uuid"])
    assert made.color_tag == "COLOR_08" and made.hide_viewport and tuple(made.instance_offset) == (1.0, 2.0, 3.0)
    assert list(made.children) == [harness.find(street["uuid"])] and made.name in root().children
    assert is_shown_at(harness.find(item["uuid"])) == {"Street"}
    assert harness.find(plain["uuid"]).name in root().objects
    assert harness.find(item["uuid"]).name not in root().objects


def test_arriving_links_leave_the_rest_alone(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    item = harness.add("A")
    item.hide_set(True)
    harness.edited("Hide")
    harness.settle()
    apply(harness, update(item["uuid"], collections=inside(city["uuid"], street["uuid"])))
    assert is_shown_at(item) == {"City", "Street"} and item.name not in root().objects
    assert item.hide_get()
    apply(harness, update(item["uuid"], collections=SCENE_ALONE))
    assert is_shown_at(item) == set() and item.name in root().objects and item.hide_get()


def test_excluded_collection_stays_excluded_when_it_moves(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    layer = bpy.context.view_layer.layer_collection
    layer.children["Street"].exclude = True
    harness.edited("Exclude")
    harness.settle()
    apply(harness, update(street["uuid"], collection={**PLAIN, "parents": [city["uuid"]], "root": False}))
    assert layer.children["City"].children["Street"].exclude and "Street" not in layer.children


def test_collections_that_change_places_are_written(harness):
    harness.connect()
    city = add_collection(harness)
    street = add_collection(harness, "Street", city)
    below = {**PLAIN, "parents": [street["uuid"]], "root": False}
    apply(harness, update(city["uuid"], collection=below), update(street["uuid"], collection=PLAIN))
    assert list(street.children) == [city] and street.name in root().children and not city.children


def test_deletion_of_a_collection_leaves_its_content(harness):
    harness.connect()
    city = add_collection(harness)
    item, stranger = harness.add("A"), bpy.data.objects.new("Stranger", None)
    street = add_collection(harness, "Street", city)
    city.objects.link(item)
    root().objects.unlink(item)
    harness.edited("Move")
    harness.settle()
    number = city["uuid"]
    city.objects.link(stranger)  # the daemon does not know of it
    moved = update(item["uuid"], collections=SCENE_ALONE)
    freed = update(street["uuid"], collection=PLAIN)
    results, _ = harness.apply(freed, moved, {"op": "delete", "uuid": number})
    assert [result["error"] for result in results] == [None] * 3
    harness.settle()
    assert harness.find(number) is None
    assert {item.name, stranger.name} <= set(root().objects.keys()) and street.name in root().children


def test_failed_batch_restores_collections_and_links(harness):
    harness.connect()
    city = add_collection(harness)
    street = add_collection(harness, "Street", city)
    item = harness.add("A", "cube")
    city.objects.link(item)
    edited(harness)
    before = harness.intents()
    made, below = new_collection("New"), {**PLAIN, "parents": [street["uuid"]], "root": False}
    results, _ = harness.apply(
        made,
        update(city["uuid"], collection={**below, "color": "red"}, name="Other"),
        update(street["uuid"], collection=PLAIN),
        update(item["uuid"], collections=inside(made["uuid"])),
        {**new_object("Bad"), "uuid": item.data["uuid"]},  # which is a mesh
    )
    assert all(result["error"] for result in results)
    harness.settle()
    assert harness.intents() == before
    assert (city.name, city.color_tag, list(city.children)) == ("City", "NONE", [street])
    assert not street.children and city.name in root().children and street.name not in root().children
    assert is_shown_at(item) == {"City"} and item.name in root().objects and "New" not in bpy.data.collections


def test_links_survive_save_and_load(harness, tmp_path):
    harness.connect()
    city = add_collection(harness)
    item = harness.add("A")
    city.objects.link(item)
    edited(harness)
    before, path = harness.intents(), str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    harness.connect()
    assert harness.intents() == before, harness.changes(before)
