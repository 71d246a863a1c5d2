# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `skin`: the object of the armature that deforms an object.

That is the one of the first Armature modifier, else the armature that deforms the object because it is its parent.
Blender deforms meshes alone, by armatures alone. Any other object keeps the uuid in a property.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping

import bpy

PROPERTY = "vibesync_skin"

Objects = Mapping[str, bpy.types.Object]
Saved = tuple[bool, int | None, str | None]


def shown(item: bpy.types.Object) -> bpy.types.Object | None:
    """Returns the armature that deforms a mesh."""
    modifier = modifier_of(item)
    if modifier is not None:
        return modifier.object
    return item.parent if _has_armature_parent(item) else None


def modifier_of(item: bpy.types.Object) -> bpy.types.ArmatureModifier | None:
    """Returns the first Armature modifier of a mesh."""
    return next(_modifiers(item), None)


def has_second(item: bpy.types.Object) -> bool:
    """Returns whether more than one armature deforms a mesh. Blender does it one after the other."""
    armatures = sum(modifier.object is not None for modifier in _modifiers(item))
    return armatures + _has_armature_parent(item) > 1


def has_settings(item: bpy.types.Object) -> bool:
    """Returns whether the modifier does something other than to move vertex groups."""
    modifier = modifier_of(item)
    if modifier is None or modifier.object is None:
        return False
    is_plain = modifier.use_vertex_groups and not modifier.vertex_group
    return not is_plain or modifier.use_deform_preserve_volume or modifier.use_bone_envelopes


def read(item: bpy.types.Object, uuid_of: Callable[[bpy.types.Object], str | None], objects: Container[str]) -> dict:
    """Returns the component. `objects`: the synchronized ones."""
    found = shown(item)
    uuid = uuid_of(found) if found is not None else item.get(PROPERTY)
    return {"armature": uuid if isinstance(uuid, str) and uuid in objects else None}


def write(item: bpy.types.Object, armature: bpy.types.Object | None, uuid: str | None) -> None:
    """Lets an armature deform an object, or none."""
    can_deform = item.type == "MESH" and (armature is None or armature.type == "ARMATURE")
    _keep(item, None if can_deform else uuid)
    armature = armature if can_deform else None
    if shown(item) == armature:
        return
    if modifier_of(item) is None and _has_armature_parent(item):
        inverse = item.matrix_parent_inverse.copy()
        item.parent_type = "OBJECT"  # resets the inverse
        item.matrix_parent_inverse = inverse
    _set(item, armature)


def save(item: bpy.types.Object) -> Saved:
    """Returns what `restore` brings back, apart from the kind of the parent. The armature is named by session_uid."""
    modifier = modifier_of(item)
    armature = modifier.object if modifier is not None else None
    return modifier is not None, armature.session_uid if armature else None, item.get(PROPERTY)


def restore(item: bpy.types.Object, saved: Saved) -> None:
    """Brings back what `save` returned."""
    has_modifier, session_uid, kept = saved
    _keep(item, kept)
    modifier = modifier_of(item)
    if has_modifier and item.type == "MESH":
        found = (each for each in bpy.data.objects if each.session_uid == session_uid)
        _set(item, next(found, None) if session_uid is not None else None)
    elif modifier is not None:
        item.modifiers.remove(modifier)


def hand_over(item: bpy.types.Object, fresh: bpy.types.Object, objects: Objects) -> None:
    """Gives the skin of an object to the one that replaces it, which may be the first that an armature can deform."""
    found = shown(item)
    kept = item.get(PROPERTY)
    uuid = next((uuid for uuid, each in objects.items() if each == found), None) if found is not None else kept
    if isinstance(uuid, str) and uuid in objects:
        write(fresh, objects[uuid], uuid)


def _has_armature_parent(item: bpy.types.Object) -> bool:
    return item.type == "MESH" and item.parent is not None and item.parent_type == "ARMATURE"


def _modifiers(item: bpy.types.Object) -> Iterator[bpy.types.ArmatureModifier]:
    return (each for each in item.modifiers if each.type == "ARMATURE") if item.type == "MESH" else iter(())


def _set(item: bpy.types.Object, armature: bpy.types.Object | None) -> None:
    modifier = modifier_of(item)
    if modifier is None:
        if armature is None:
            return
        item.modifiers.new("Armature", "ARMATURE")
        item.modifiers.move(len(item.modifiers) - 1, 0)
        modifier = modifier_of(item)
    if modifier.object != armature:
        modifier.object = armature


def _keep(item: bpy.types.Object, uuid: str | None) -> None:
    if uuid is not None:
        item[PROPERTY] = uuid
    elif PROPERTY in item:
        del item[PROPERTY]
