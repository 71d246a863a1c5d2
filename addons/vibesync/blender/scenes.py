# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the synchronized scene and the view layer through which it is read."""

from __future__ import annotations

import bpy

MARK = "vibesync_scene"


def synced_scene() -> bpy.types.Scene:
    """Returns the marked scene (the oldest, if a full copy has the mark too); else marks the open one."""
    marked = [scene for scene in bpy.data.scenes if scene.get(MARK) and scene.library is None]
    if marked:
        return min(marked, key=lambda scene: scene.session_uid)
    scene = bpy.context.scene or bpy.data.scenes[0]
    scene[MARK] = True
    return scene


def other_scenes(synced: bpy.types.Scene) -> list[bpy.types.Scene]:
    """Returns the scenes of this file that are not synchronized."""
    return [scene for scene in bpy.data.scenes if scene != synced]


def view_layer(scene: bpy.types.Scene) -> bpy.types.ViewLayer:
    """Returns the open view layer if it belongs to the scene, else the scene's first."""
    layer = bpy.context.view_layer
    return layer if layer and layer.id_data == scene else scene.view_layers[0]


def unit(scene: bpy.types.Scene) -> float:
    """Returns meters per Blender unit."""
    return scene.unit_settings.scale_length
