# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the guard of objects: whether an object is kept from agents.

A custom property stores it, so that it is saved, undone and duplicated with its object. False is stored too: a person
who frees an object of the collection HUMAN_ONLY has decided against the wish that the collection stands for.
"""

from __future__ import annotations

import bpy

from ..core import kept

PROPERTY = "vibesync_human_only"

WISH = "HUMAN_ONLY"  # the name of the collection whose objects are guarded when they are first seen in it


def read(item: bpy.types.Object) -> dict:
    """Returns the component. Takes the collection HUMAN_ONLY as the wish for a guard, once for each object."""
    value = item.get(PROPERTY)
    if value is None and _is_wished(item):
        value = item[PROPERTY] = True
    return {"human_only": bool(value)}


def is_kept(item: bpy.types.Object) -> bool:
    """Returns whether the object, or one above it, is kept from agents. Stores nothing."""
    return kept.is_kept(item, _has_guard, lambda each: each.parent)


def write(item: bpy.types.Object, component: dict) -> None:
    """Sets or removes the guard."""
    if read(item) != component:
        item[PROPERTY] = component["human_only"]


def save(item: bpy.types.Object) -> bool | None:
    """Returns what `restore` brings back; None if nobody has decided yet."""
    return item.get(PROPERTY)


def restore(item: bpy.types.Object, saved: bool | None) -> None:
    """Brings back what `save` returned."""
    if saved is not None:
        item[PROPERTY] = saved
    elif PROPERTY in item:
        del item[PROPERTY]


def _has_guard(item: bpy.types.Object) -> bool:
    value = item.get(PROPERTY)
    return bool(value) or (value is None and _is_wished(item))


def _is_wished(item: bpy.types.Object) -> bool:
    collection = bpy.data.collections.get(WISH)
    return collection is not None and item.name in collection.all_objects
