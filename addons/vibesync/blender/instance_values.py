# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `instance`: the collection that an object shows at its own place.

Blender lets only empties show one. Any other object keeps the uuid in a property, and shows none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import bpy

from .data_kinds import is_local

PROPERTY = "vibesync_instance"

Collections = Mapping[str, bpy.types.Collection]
Unused = list[tuple[int, int]]  # the session_uids of empties and of the collections that they do not show


def shown(item: bpy.types.Object) -> bpy.types.Collection | None:
    """Returns the collection that an object shows an instance of."""
    return item.instance_collection if item.instance_type == "COLLECTION" else None


def is_locked(item: bpy.types.Object) -> bool:
    """Returns whether an object shows an instance of a collection that is read only: of a library, or an override."""
    collection = shown(item)
    return collection is not None and not is_local(collection)


def read(item: bpy.types.Object, uuid_of: Callable[[bpy.types.Collection], str], collections: Collections) -> dict:
    """Returns the component. `uuid_of` identifies a collection."""
    if item.type == "EMPTY":
        collection = shown(item)
        return {"of": uuid_of(collection) if collection is not None and is_local(collection) else None}
    kept = item.get(PROPERTY)
    return {"of": kept if isinstance(kept, str) and kept in collections else None}


def write(item: bpy.types.Object, collection: bpy.types.Collection | None, uuid: str | None) -> bool:
    """Makes an object show an instance of a collection, or none. Returns False if there would be a circle."""
    if item.type != "EMPTY":
        _keep(item, uuid)
        return True
    _keep(item, None)
    item.instance_collection = collection
    if collection is not None:
        item.instance_type = "COLLECTION"
    elif item.instance_type == "COLLECTION":
        item.instance_type = "NONE"
    return item.instance_collection == collection


def clear(item: bpy.types.Object) -> None:
    """Takes the instance away for now: Blender refuses a link that makes a circle with it."""
    if item.type == "EMPTY" and item.instance_collection is not None:
        write(item, None, None)


def drop_unused() -> Unused:
    """Empties what empties hold of an instance that is turned off: Blender counts it as a part of circles.

    Returns what `restore_unused` brings back.
    """
    dropped = []
    for item in bpy.data.objects:
        collection = item.instance_collection
        if collection is not None and item.instance_type != "COLLECTION" and is_local(item):
            dropped.append((item.session_uid, collection.session_uid))
            item.instance_collection = None
    return dropped


def restore_unused(dropped: Unused) -> None:
    """Brings back what `drop_unused` returned."""
    if dropped:
        objects = {item.session_uid: item for item in bpy.data.objects}
        collections = {each.session_uid: each for each in bpy.data.collections}
        for item, collection in dropped:
            if item in objects and collection in collections:
                objects[item].instance_collection = collections[collection]


def save(item: bpy.types.Object) -> tuple[str, int | None, str | None]:
    """Returns what `restore` brings back. The collection is named by session_uid."""
    collection = item.instance_collection
    return item.instance_type, collection.session_uid if collection else None, item.get(PROPERTY)


def restore(item: bpy.types.Object, saved: tuple[str, int | None, str | None]) -> None:
    """Brings back what `save` returned."""
    kind, session_uid, kept = saved
    _keep(item, kept)
    if item.type == "EMPTY":
        found = (each for each in bpy.data.collections if each.session_uid == session_uid)
        item.instance_collection = next(found, None) if session_uid is not None else None
    if item.instance_type != kind:
        item.instance_type = kind


def hand_over(item: bpy.types.Object, fresh: bpy.types.Object, collections: Collections) -> None:
    """Gives the instance of an object to the one that replaces it, which may be the first that can show it."""
    collection = shown(item)
    uuid = (
        item.get(PROPERTY)
        if collection is None
        else next((uuid for uuid, each in collections.items() if each == collection), None)
    )
    if isinstance(uuid, str) and uuid in collections:
        write(fresh, collections[uuid], uuid)


def _keep(item: bpy.types.Object, uuid: str | None) -> None:
    if uuid is not None:
        item[PROPERTY] = uuid
    elif PROPERTY in item:
        del item[PROPERTY]
