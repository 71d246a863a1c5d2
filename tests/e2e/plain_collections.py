"""Reads collections, their links and their instances with bpy alone: no code of the addon."""

from __future__ import annotations

import bpy

COLORS = ("none", "red", "orange", "yellow", "green", "blue", "violet", "pink", "brown")


def of_object(item: bpy.types.Object, scene: bpy.types.Scene) -> dict:
    """Returns the components of an object that concern collections."""
    around = sorted(each["uuid"] for each in _own() if item.name in each.objects)
    shown = item.instance_collection if item.instance_type == "COLLECTION" else None
    of = shown["uuid"] if shown else None
    if item.type != "EMPTY":  # it cannot show one: Blender keeps what the other side may show
        of = item.get("vibesync_instance")
    return {
        "collections": {"in": around, "root": item.name in scene.collection.objects},
        "instance": {"of": of if of in {each["uuid"] for each in _own()} else None},
        "render_visibility": {"visible": not item.hide_render},
    }


def of_collection(collection: bpy.types.Collection, scene: bpy.types.Scene) -> dict:
    """Returns the components of a collection apart from its name."""
    x, y, z = collection.instance_offset
    unit = scene.unit_settings.scale_length
    tag = collection.color_tag
    component = {
        "parents": sorted(each["uuid"] for each in _own() if collection.name in each.children),
        "root": collection.name in scene.collection.children,
        "offset": [x * unit, z * unit, -y * unit],
        "color": COLORS[0 if tag == "NONE" else int(tag.removeprefix("COLOR_"))],
        "hidden": collection.hide_viewport,
    }
    return {"collection": component, "render_visibility": {"visible": not collection.hide_render}}


def dump(scene: bpy.types.Scene) -> dict:
    """Returns all that concerns collections: of the objects of the scene, and of the collections with a uuid."""
    items = [item for item in scene.objects if item.library is None and "uuid" in item]
    entities = {item["uuid"]: of_object(item, scene) for item in items}
    inside = set(scene.collection.children_recursive)
    for collection in _own():
        found = of_collection(collection, scene) | {"name": collection.name, "is_in_scene": collection in inside}
        entities[collection["uuid"]] = found
    return entities


def _own() -> list[bpy.types.Collection]:
    return [each for each in bpy.data.collections if each.library is None and "uuid" in each]
