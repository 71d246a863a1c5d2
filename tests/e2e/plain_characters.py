# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads armatures, poses, skins, shape keys and their weights with bpy alone: no code of the addon.

Bones must take over everything from the bone above, as Blender makes them.
"""

from __future__ import annotations

import bpy
from mathutils import Quaternion, Vector

_TURN = Quaternion((0.7071067811865476, -0.7071067811865476, 0.0, 0.0))  # from Blender's axes to canonical ones


def dump(scene: bpy.types.Scene) -> dict:
    """Returns what the entities of the scene hold of this, by uuid."""
    found = {}
    for item in scene.objects:
        if item.library is None and "uuid" in item:
            found[item["uuid"]] = {"skin": _skin(item)}
            if item.type == "ARMATURE" and "uuid" in item.data:
                found[item["uuid"]]["pose"] = _pose(item, scene.unit_settings.scale_length)
                found[item.data["uuid"]] = {"joints": _joints(item.data)}
            if item.type == "MESH" and "uuid" in item.data:
                found[item.data["uuid"]] = _mesh(item)
    return found


def _skin(item: bpy.types.Object) -> str | None:
    """Returns the uuid of the object whose armature deforms this one."""
    rigs = [each.object for each in item.modifiers if each.type == "ARMATURE" and each.object]
    return rigs[0].get("uuid") if rigs else None


def _joints(armature: bpy.types.Armature) -> dict:
    return {
        bone["uuid"]: {
            "name": bone.name,
            "parent": bone.parent["uuid"] if bone.parent else None,
            "deform": bone.use_deform,
        }
        for bone in armature.bones
    }


def _pose(item: bpy.types.Object, unit: float) -> dict | None:
    """Returns the places of bones that are not at rest; None for a hidden object that was not evaluated yet."""
    if item.pose is None or item.pose.bones.keys() != item.data.bones.keys():
        return None
    found = {}
    for posed in item.pose.bones:
        bone, parent = item.data.bones[posed.name], posed.parent
        if posed.matrix_basis != posed.matrix_basis.Identity(4):
            above = item.data.bones[parent.name].matrix_local.inverted() if parent else None
            matrix = (above @ bone.matrix_local if above else bone.matrix_local) @ posed.matrix_basis
            place, turn, scale = matrix.decompose()
            if not parent:
                place, turn = Vector((place.x, place.z, -place.y)), _TURN @ turn
            found[bone["uuid"]] = {
                "translation": list(place * unit),
                "rotation": [turn.x, turn.y, turn.z, turn.w],
                "scale": list(scale),
            }
    return found


def _mesh(item: bpy.types.Object) -> dict:
    """Returns the groups of a mesh, its shape keys, and the weights of these by name. A muted key has none."""
    keys = list(item.data.shape_keys.key_blocks)[1:] if item.data.shape_keys else []
    animation = item.data.shape_keys.animation_data if keys else None
    action = animation.action if animation else None
    return {
        "groups": [group.name for group in item.vertex_groups],
        "keys": [key.name for key in keys],
        "weights": {key.name: 0.0 if key.mute else key.value for key in keys},
        "action": action["uuid"] if action else None,
    }
