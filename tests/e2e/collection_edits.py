# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of collections and their instances, as an artist makes them. Blender refuses most circles."""

from __future__ import annotations

import contextlib
import random

import bpy
import plain_scene

NAMES = ["Rock", "City", "City.001", "Würfel"]
MOST = 8
COLORS = ("NONE", "COLOR_01", "COLOR_08")
WEIGHTS = {"group": 6, "nest": 4, "edit": 4, "ungroup": 2, "copy": 3, "instance": 6, "render": 4}


def collections() -> list[bpy.types.Collection]:
    """Returns all collections of the file, the oldest first."""
    return sorted(bpy.data.collections, key=lambda each: each.session_uid)


def group(chance: random.Random, item: bpy.types.Object) -> None:
    """Links an object to a collection, or takes it out of one; it stays in the scene."""
    root = _root()
    for collection in chance.sample([root, *collections()], min(2, 1 + len(collections()))):
        if item.name in collection.objects:
            if {each for each in _tree() if item.name in each.objects} != {collection}:
                collection.objects.unlink(item)
        else:
            _link(collection.objects, item)


def nest(chance: random.Random, _item: bpy.types.Object) -> None:
    """Makes a collection, or links one to another."""
    root, known = _root(), collections()
    if len(known) < 2 or (len(known) < MOST and chance.random() < 0.5):
        made = bpy.data.collections.new(chance.choice(NAMES))
        chance.choice([root, *root.children]).children.link(made)
        return
    below, above = chance.choice(known), chance.choice([root, *known])
    if below.name not in above.children:
        _link(above.children, below)
    elif len({each for each in _tree() if below.name in each.children}) > 1:
        above.children.unlink(below)


def edit(chance: random.Random, _item: bpy.types.Object) -> str | None:
    """Changes a value of a collection."""
    if not collections():
        return "no collection"
    collection, number = chance.choice(collections()), chance.random()
    if number < 0.3:
        collection.name = chance.choice(NAMES)
    elif number < 0.6:
        collection.color_tag = chance.choice(COLORS)
    elif number < 0.8:
        collection.hide_viewport = not collection.hide_viewport
    else:
        collection.instance_offset = [chance.uniform(-9, 9) for _ in range(3)]
    return None


def ungroup(chance: random.Random, _item: bpy.types.Object) -> str | None:
    """Deletes a collection. Its content goes to the scene first, as Blender's operator does it."""
    if not collections():
        return "no collection"
    collection, root = chance.choice(collections()), _root()
    for kind in ("objects", "children"):
        for each in getattr(collection, kind):
            with contextlib.suppress(RuntimeError):
                getattr(root, kind).link(each)
    bpy.data.collections.remove(collection)
    return None


def copy(chance: random.Random, item: bpy.types.Object) -> str | None:
    """Copies a collection with its links."""
    if not collections():
        return "no collection"
    if len(collections()) >= MOST:
        ungroup(chance, item)
    _root().children.link(chance.choice(collections()).copy())
    return None


def instance(chance: random.Random, _item: bpy.types.Object) -> str | None:
    """Lets an empty show another collection, or none; makes the empty if there is none."""
    empties = [item for item in plain_scene.scene().objects if item.type == "EMPTY" and item.library is None]
    if not empties:
        empties = [bpy.data.objects.new(chance.choice(NAMES), None)]
        _root().objects.link(empties[0])
    item = chance.choice(sorted(empties, key=lambda each: each.session_uid))
    shown = chance.choice([None, *collections()])
    if shown is None:
        item.instance_type = "NONE"
    elif not is_circle(item, shown):
        item.instance_collection, item.instance_type = shown, "COLLECTION"
    return None


def _link(members: bpy.types.bpy_prop_collection, each: bpy.types.ID) -> None:
    """Links an object or a collection, unless there would be a circle. Blender crashes over those that it overlooks."""
    with contextlib.suppress(RuntimeError):
        members.link(each)
        shown = ((item, item.instance_collection) for item in bpy.data.objects if item.instance_collection)
        if any(is_circle(item, collection) for item, collection in shown):
            members.unlink(each)


def is_circle(item: bpy.types.Object, shown: bpy.types.Collection) -> bool:
    """Returns whether an object would be in its own instance, also by way of other instances."""
    left, met = [shown], set()
    while left:
        collection = left.pop()
        if collection in met:
            continue
        met.add(collection)
        if item.name in collection.all_objects:
            return True
        inner = (each.instance_collection for each in collection.all_objects)
        left += [each for each in inner if each is not None]
    return False


def render(chance: random.Random, item: bpy.types.Object) -> None:
    """Shows or hides an object or a collection in renders."""
    each = chance.choice([item, item, *collections()])
    each.hide_render = not each.hide_render


def any_edit(chance: random.Random, item: bpy.types.Object) -> None:
    """Makes one of these edits."""
    kind = chance.choices(list(WEIGHTS), WEIGHTS.values())[0]
    globals()[kind](chance, item)


def _tree() -> set[bpy.types.Collection]:
    """Returns the collections of the scene. Blender lists one again for each way to it."""
    return {_root(), *_root().children_recursive}


def _root() -> bpy.types.Collection:
    return plain_scene.scene().collection
