# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that instances of collections, and the visibility in renders, are sent, written, read back and restored."""

import bpy
import pytest
from conftest import new_object, update
from test_collections import PLAIN, add_collection, apply, edited, inside, new_collection, root

NONE = {"instance": {"of": None}}


def showing(collection):
    return {"instance": {"of": collection["uuid"]}}


def add_instance(harness, collection, name="Stamp"):
    """Adds an empty that shows a collection, as Blender's menu does."""
    item = bpy.data.objects.new(name, None)
    item.instance_type, item.instance_collection = "COLLECTION", collection
    root().objects.link(item)
    harness.edited("Collection Instance")
    harness.settle()
    return item


def library_collection(folder):
    """Returns a collection that is linked from another file."""
    path = str(folder / "library.blend")
    library = bpy.data.collections.new("Library")
    bpy.data.libraries.write(path, {library})
    bpy.data.collections.remove(library)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.collections = ["Library"]
    return wanted.collections[0]


def test_instance_is_sent_behind_its_collection(harness):
    harness.connect()
    store = bpy.data.collections.new("Store")  # outside the scene
    item = add_instance(harness, store)
    made = harness.changes()
    assert [(each["op"], each["kind"]) for each in made] == [("create", "collection"), ("create", "object")]
    assert made[0]["components"] == {"name": "Store", "collection": {**PLAIN, "root": False}}
    assert made[1]["components"]["instance"] == {"of": store["uuid"]}
    assert [each.kind for each in harness.bridge.notices.all] == ["instances"]
    store.name = "Shop"
    assert edited(harness) == {store["uuid"]: {"name": "Shop"}}
    assert item.instance_collection == store


@pytest.mark.parametrize("is_hidden", [False, True])
def test_edit_of_an_instance_is_one_update(harness, is_hidden):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    item = add_instance(harness, city)
    item.hide_set(is_hidden)
    edited(harness)
    item.instance_collection = street
    assert edited(harness) == {item["uuid"]: showing(street)}
    item.instance_type = "NONE"
    assert edited(harness) == {item["uuid"]: NONE}
    item.instance_type = "COLLECTION"
    assert edited(harness) == {item["uuid"]: showing(street)}
    bpy.ops.ed.undo()
    harness.settle()
    assert harness.changes()[-1]["components"] == NONE
    bpy.ops.ed.redo()
    harness.settle()
    assert harness.changes()[-1]["components"] == showing(bpy.data.collections["Street"])


def test_deletion_of_a_collection_ends_its_instances_first(harness):
    harness.connect()
    city = add_collection(harness)
    item, gone = add_instance(harness, city), city["uuid"]
    before = harness.intents()
    bpy.data.collections.remove(city)
    harness.edited("Delete")
    harness.settle()
    changed, deleted = harness.changes(before)
    assert (changed["uuid"], changed["components"]) == (item["uuid"], NONE)
    assert deleted == {"op": "delete", "uuid": gone}
    assert item.instance_collection is None


def test_copy_of_an_instance_shows_the_same(harness):
    harness.connect()
    city = add_collection(harness)
    item = add_instance(harness, city)
    copy = item.copy()
    root().objects.link(copy)
    changes = edited(harness)
    assert changes.keys() == {copy["uuid"]} and copy["uuid"] != item["uuid"]
    assert changes[copy["uuid"]]["instance"] == {"of": city["uuid"]}


def test_arriving_instances_show_their_collections(harness):
    harness.connect()
    city, store = new_collection("City"), new_collection("Store")
    store["components"]["collection"]["root"] = False
    first = new_object("First", instance={"of": store["uuid"]}, collections=inside(city["uuid"]))
    second = new_object("Second", render_visibility={"visible": False})
    apply(harness, city, store, first, second)
    shown = harness.find(first["uuid"])
    assert (shown.instance_type, shown.instance_collection) == ("COLLECTION", harness.find(store["uuid"]))
    assert harness.find(second["uuid"]).hide_render and not shown.hide_render
    apply(harness, update(second["uuid"], instance={"of": city["uuid"]}), update(first["uuid"], **NONE))
    assert (shown.instance_type, shown.instance_collection) == ("NONE", None)
    assert harness.find(second["uuid"]).instance_collection == harness.find(city["uuid"])
    apply(harness, update(second["uuid"], **NONE), {"op": "delete", "uuid": store["uuid"]})


def test_instances_and_links_may_change_places(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    item, other = add_instance(harness, city), add_instance(harness, street, "Other")
    street.objects.link(item)
    city_again = add_collection(harness, "Again", city)
    edited(harness)
    # Each change alone would be a circle, in whatever order: what is shown is in the other one now.
    apply(
        harness,
        update(city_again["uuid"], collection={**PLAIN, "parents": [street["uuid"]], "root": False}),
        update(item["uuid"], collections=inside(city["uuid"]), **showing(street)),
        update(other["uuid"], collections=inside(city["uuid"]), **showing(city_again)),
    )
    assert item.instance_collection == street and item.name in city.objects and item.name not in street.objects
    assert other.instance_collection == city_again and list(street.children) == [city_again]


def test_instance_of_another_object_is_in_no_way(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    park = add_collection(harness, "Park", city)
    item = add_instance(harness, city)
    street.objects.link(item)
    edited(harness)
    # In the city, the park would have the object that shows the city.
    below = {**PLAIN, "parents": [park["uuid"]], "root": False}
    apply(harness, update(street["uuid"], collection=below), update(park["uuid"], collection=PLAIN))
    assert item.instance_collection == city and item.instance_type == "COLLECTION"
    assert list(park.children) == [street] and not city.children


def test_instance_that_is_turned_off_makes_room(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    item, other = add_instance(harness, city, "Off"), harness.add("A")
    item.instance_type = "NONE"
    edited(harness)
    before = harness.intents()
    bad = {**new_object("Bad"), "uuid": city["uuid"]}  # which is a collection
    results, _ = harness.apply(update(item["uuid"], collections=inside(city["uuid"])), bad)
    assert all(result["error"] for result in results)
    harness.settle()
    assert harness.intents() == before
    assert (item.instance_type, item.instance_collection) == ("NONE", city)
    apply(harness, update(item["uuid"], collections=inside(city["uuid"])), update(other["uuid"], **showing(city)))
    assert item.name in city.objects and item.instance_collection is None
    assert not street.objects


def test_failed_batch_restores_instances(harness):
    harness.connect()
    city, street = add_collection(harness), add_collection(harness, "Street")
    item = add_instance(harness, city)
    plain = harness.add("A", "cube")
    city.hide_render = plain.hide_render = True
    edited(harness)
    before = harness.intents()
    made = new_collection("New")
    results, _ = harness.apply(
        made,
        update(city["uuid"], collection={**PLAIN, "color": "red"}, render_visibility={"visible": True}),
        update(street["uuid"], render_visibility={"visible": False}),
        update(item["uuid"], collections=inside(city["uuid"]), instance={"of": made["uuid"]}),
        update(plain["uuid"], render_visibility={"visible": True}, instance={"of": made["uuid"]}),
        {**new_object("Bad"), "uuid": plain.data["uuid"]},  # which is a mesh
    )
    assert all(result["error"] for result in results)
    harness.settle()
    assert harness.intents() == before
    assert (item.instance_type, item.instance_collection) == ("COLLECTION", city)
    assert city.hide_render and plain.hide_render and not street.hide_render
    assert item.name not in city.objects and "New" not in bpy.data.collections


def test_object_with_data_keeps_its_instance(harness):
    harness.connect()
    city = add_collection(harness)
    item, cube = add_instance(harness, city), harness.add("A", "cube")
    number, mesh = item["uuid"], cube.data["uuid"]
    item.hide_render = True
    edited(harness)
    apply(harness, update(number, data={"uuid": mesh}))
    shown = harness.find(number)
    assert shown.type == "MESH" and shown.instance_type == "NONE" and shown.hide_render
    shown.location.x = 1
    assert edited(harness)[number].keys() == {"transform"}
    apply(harness, update(number, data={"uuid": None}))
    shown = harness.find(number)
    assert (shown.type, shown.instance_collection) == ("EMPTY", city)
    apply(harness, update(number, data={"uuid": mesh}), update(cube["uuid"], **showing(city)))
    assert edited(harness) == {}
    apply(harness, update(cube["uuid"], **NONE))
    bpy.data.collections.remove(city)
    assert edited(harness)[number] == NONE


def test_instance_of_a_library_is_locked_and_stays(harness, tmp_path):
    harness.connect()
    city, cube = add_collection(harness), harness.add("A", "cube")
    item = add_instance(harness, library_collection(tmp_path))
    (made,) = (each for each in harness.changes() if each["uuid"] == item["uuid"])
    assert "instance" not in made["components"]
    assert made["components"]["locks"] == {"blender": {"instance": ["of"]}}
    assert [each.kind for each in harness.bridge.notices.all] == ["linked"]
    for change in (update(item["uuid"], **showing(city)), update(item["uuid"], data={"uuid": cube.data["uuid"]})):
        results, _ = harness.apply(change)
        assert [result["error"]["code"] for result in results] == ["VS-7003"]
        assert item.instance_collection.name == "Library" and item.instance_type == "COLLECTION"
    apply(harness, update(item["uuid"], name="Other"))
    item.instance_collection = city
    changed = edited(harness)[item["uuid"]]
    assert changed["instance"] == {"of": city["uuid"]} and changed["locks"] == {}


def test_instances_on_faces_are_told(harness):
    harness.connect()
    item = harness.add("A", "cube")
    item.instance_type = "FACES"
    edited(harness)
    assert [each.kind for each in harness.bridge.notices.all] == ["vertex instances"]
    city = add_collection(harness)
    apply(harness, update(item["uuid"], **showing(city)))
    assert item.instance_type == "FACES"


@pytest.mark.parametrize("is_excluded", [False, True])
def test_visibility_in_renders_is_one_update(harness, is_excluded):
    harness.connect()
    city = add_collection(harness)
    item = harness.add("A")
    bpy.context.view_layer.layer_collection.children["City"].exclude = is_excluded
    item.hide_set(is_excluded)
    edited(harness)
    for is_visible in (False, True):
        for each in (city, item):
            each.hide_render = not is_visible
            assert edited(harness) == {each["uuid"]: {"render_visibility": {"visible": is_visible}}}
    apply(harness, *(update(each["uuid"], render_visibility={"visible": False}) for each in (city, item)))
    assert city.hide_render and item.hide_render and not city.hide_viewport


def test_instances_survive_save_and_load(harness, tmp_path):
    harness.connect()
    city = add_collection(harness)
    city.hide_render = True
    add_instance(harness, city)
    apply(harness, update(harness.add("A", "cube")["uuid"], **showing(city)))
    before, path = harness.intents(), str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    harness.connect()
    assert harness.intents() == before, harness.changes(before)
