# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces objects. Blender fixes an object's type at creation, so showing data of another kind needs a new one."""

from __future__ import annotations

import bpy

from . import animation_values, guard, instance_values, lock_values, names, pose_values, skin_values, still_values
from .identity import Identity, Scan
from .scenes import unit


def replace_object(
    uuid: str,
    item: bpy.types.Object,
    data: bpy.types.ID | None,
    identity: Identity,
    scan: Scan,
    layer: bpy.types.ViewLayer,
) -> bpy.types.Object:
    """Replaces `item` by an object that shows `data` (None: an empty), with the same uuid, transform and relations."""
    fresh = bpy.data.objects.new(item.name, data)
    for collection in item.users_collection:
        collection.objects.link(fresh)
    fresh.parent, fresh.parent_type, fresh.parent_bone = item.parent, item.parent_type, item.parent_bone
    fresh.matrix_parent_inverse = item.matrix_parent_inverse
    fresh.rotation_mode = item.rotation_mode
    fresh.matrix_basis = item.matrix_basis
    fresh.hide_viewport, fresh.hide_render = item.hide_viewport, item.hide_render
    instance_values.hand_over(item, fresh, scan.data["collection"])
    skin_values.hand_over(item, fresh, scan.objects)
    guard.restore(fresh, guard.save(item))
    lock_values.restore(fresh, lock_values.save(item))
    meters = unit(layer.id_data)
    pose_values.write(fresh, pose_values.read(item, meters), meters)
    animation_values.restore(fresh, animation_values.save(item), {})
    still_values.restore(fresh, still_values.save(item))
    layer.update()
    if layer.objects.get(fresh.name) == fresh:
        fresh.hide_set(item.hide_get(view_layer=layer), view_layer=layer)
    name = names.read(item)
    item.user_remap(fresh)  # children, constraints and modifiers follow
    bpy.data.objects.remove(item)
    identity.adopt(fresh, uuid)
    scan.objects[uuid] = fresh
    names.write(fresh, name)
    return fresh
