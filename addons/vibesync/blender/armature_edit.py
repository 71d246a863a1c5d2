# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits bones in Edit Mode, which alone changes their shape. The modes, selections and views of the user stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ..core.sync_error import SyncError

_NAME = "VibeSync"


@contextmanager
def edit_mode(armature: bpy.types.Armature) -> Iterator[bpy.types.ArmatureEditBones]:
    """Provides the bones of an armature in Edit Mode. Bones without edits stay the same to the last bit.

    Edit Mode needs an object that is visible and active. In a scene of its own, an object for the moment is that,
    wherever the user's objects are. Raises SyncError if the user is in Edit Mode of this armature.
    """
    if armature.is_editmode:
        raise SyncError("VS-4005", f"{armature.name} is in Edit Mode", armature.name)
    with _only_object(armature) as item:
        _set_mode("EDIT")
        try:
            yield item.data.edit_bones
        finally:
            _set_mode("OBJECT")


@contextmanager
def _only_object(armature: bpy.types.Armature) -> Iterator[bpy.types.Object]:
    item, scene = bpy.data.objects.new(_NAME, armature), bpy.data.scenes.new(_NAME)
    try:
        scene.collection.objects.link(item)
        layer = scene.view_layers[0]
        layer.objects.active = item
        # Not with a window: Blender would take its scene.
        with bpy.context.temp_override(scene=scene, view_layer=layer, active_object=item, object=item):
            yield item
    finally:
        bpy.data.objects.remove(item)
        bpy.data.scenes.remove(scene)


def _set_mode(mode: str) -> None:
    bpy.ops.object.mode_set(mode=mode)
