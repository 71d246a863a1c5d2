# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene is synchronized, and the view layer to see it through."""

from __future__ import annotations

import bpy

MARK = "vibesync_scene"


def synced_scene() -> bpy.types.Scene:
    """The scene that carries the mark (the oldest, if a full copy carries it too), else the open one, marked now."""
    marked = [scene for scene in bpy.data.scenes if scene.get(MARK) and scene.library is None]
    if marked:
        return min(marked, key=lambda scene: scene.session_uid)
    scene = bpy.context.scene or bpy.data.scenes[0]
    scene[MARK] = True
    return scene


def others(synced: bpy.types.Scene) -> list[bpy.types.Scene]:
    """The scenes of this file that are not synchronized."""
    return [scene for scene in bpy.data.scenes if scene != synced]


def view_layer(scene: bpy.types.Scene) -> bpy.types.ViewLayer:
    """The open view layer where it belongs to the scene, else the scene's first."""
    layer = bpy.context.view_layer
    return layer if layer and layer.id_data == scene else scene.view_layers[0]


def unit(scene: bpy.types.Scene) -> float:
    """Meters per Blender unit."""
    return scene.unit_settings.scale_length
