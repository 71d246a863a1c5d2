"""Reads collections and their links with bpy alone: no code of the addon."""

from __future__ import annotations

import bpy

COLORS = ("none", "red", "orange", "yellow", "green", "blue", "violet", "pink", "brown")


def of_object(item: bpy.types.Object, scene: bpy.types.Scene) -> dict:
    """Returns the component `collections` of an object."""
    around = sorted(each["uuid"] for each in _own() if item.name in each.objects)
    return {"in": around, "root": item.name in scene.collection.objects}


def of_collection(collection: bpy.types.Collection, scene: bpy.types.Scene) -> dict:
    """Returns the component `collection`."""
    x, y, z = collection.instance_offset
    unit = scene.unit_settings.scale_length
    tag = collection.color_tag
    return {
        "parents": sorted(each["uuid"] for each in _own() if collection.name in each.children),
        "root": collection.name in scene.collection.children,
        "offset": [x * unit, z * unit, -y * unit],
        "color": COLORS[0 if tag == "NONE" else int(tag.removeprefix("COLOR_"))],
        "hidden": collection.hide_viewport,
    }


def _own() -> list[bpy.types.Collection]:
    return [each for each in bpy.data.collections if each.library is None and "uuid" in each]
