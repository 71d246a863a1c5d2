# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the scene as a viewport shows it, into memory. The person's viewport stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import bpy
import gpu
import numpy as np
from mathutils import Matrix

from ..core.sync_error import SyncError
from . import guard
from .framing import DIRECTIONS, Framing, corners, orthographic, perspective, picture_size, through_camera

_MOST_INSTANCES = 100_000


@dataclass(frozen=True)
class Viewport:
    """A 3D area of a window that shows the scene, and its main region. Lives for one tick."""

    space: bpy.types.SpaceView3D
    region: bpy.types.Region
    layer: bpy.types.ViewLayer

    @property
    def aspect(self) -> float:
        """Returns width by height."""
        return self.region.width / max(1, self.region.height)


def find(scene: bpy.types.Scene) -> Viewport:
    """Returns the largest 3D area of a window that shows the scene. Raises SyncError VS-9206 without one."""
    if bpy.app.background:
        raise SyncError("VS-9206", "Blender runs in the background and has no window")
    windows = [window for window in bpy.context.window_manager.windows if window.scene == scene]
    if not windows:
        raise SyncError("VS-9206", "no window shows the synchronized scene")
    found = [(area, window) for window in windows for area in window.screen.areas if area.type == "VIEW_3D"]
    if not found:
        raise SyncError("VS-9206", "no window shows a 3D viewport")
    area, window = max(found, key=lambda each: each[0].width * each[0].height)
    region = [each for each in area.regions if each.type == "WINDOW"][-1]  # in quad view the last is the free one
    return Viewport(area.spaces.active, region, window.view_layer)


def check_kept(viewport: Viewport, depsgraph: bpy.types.Depsgraph) -> None:
    """Raises SyncError VS-9205 if something is visible that people keep from agents, itself or as an instance."""
    kept = {item for item in bpy.data.objects if guard.is_kept(item)}
    if not kept:
        return
    is_shown = any(item.name in viewport.layer.objects and item.visible_get(view_layer=viewport.layer) for item in kept)
    for number, instance in enumerate(depsgraph.object_instances):
        if is_shown or number >= _MOST_INSTANCES:  # beyond the limit nobody knows
            raise SyncError("VS-9205", "something that people keep from agents is visible")
        is_shown = instance.is_instance and instance.instance_object.original in kept
    if is_shown:
        raise SyncError("VS-9205", "something that people keep from agents is visible")


def frame(
    viewport: Viewport,
    depsgraph: bpy.types.Depsgraph,
    look: str,
    wanted: list[bpy.types.Object],
    longer: int,
) -> tuple[Framing, tuple[int, int]]:
    """Returns the matrices of a look, and the size of the picture. Raises SyncError VS-9206 without a camera."""
    if look == "camera":
        camera = depsgraph.scene.camera
        if camera is None or camera.type != "CAMERA":
            raise SyncError("VS-9206", "the scene has no active camera")
        render = depsgraph.scene.render
        aspect = (render.resolution_x * render.pixel_aspect_x) / (render.resolution_y * render.pixel_aspect_y)
        size = picture_size(longer, aspect)
        found = through_camera(camera, depsgraph, size)
        return (Framing(found.view, found.projection) if guard.is_kept(camera) else found), size
    size = picture_size(longer, viewport.aspect)
    own = viewport.space.region_3d
    if look == "view" and not wanted:
        return Framing(own.view_matrix.copy(), own.window_matrix.copy()), size
    everything = corners(_visible(viewport), depsgraph)
    shown = corners(wanted, depsgraph) if wanted else everything
    if look in DIRECTIONS:
        return orthographic(DIRECTIONS[look], shown, everything, viewport.aspect), size
    rotation = own.view_matrix.to_3x3().normalized()
    if own.window_matrix[3][3] == 1:
        return orthographic(rotation, shown, everything, viewport.aspect), size
    clip = (viewport.space.clip_start, viewport.space.clip_end)
    return perspective(rotation, own.window_matrix, shown, clip), size


def _visible(viewport: Viewport) -> Iterable[bpy.types.Object]:
    layer, space = viewport.layer, viewport.space
    return (item for item in layer.objects if item.visible_get(view_layer=layer, viewport=space))


def draw(viewport: Viewport, scene: bpy.types.Scene, framing: Framing, size: tuple[int, int]) -> np.ndarray:
    """Returns the pixels as they are on a screen: shape (height, width, 3), the top row first.

    Raises SyncError VS-9206 if the graphics card cannot draw now.
    """
    width, height = size
    try:
        target = gpu.types.GPUOffScreen(width, height)
    except (RuntimeError, SystemError) as error:
        raise SyncError("VS-9206", f"Blender cannot draw now: {error}") from error
    try:
        _draw_view(target, viewport, scene, framing.view, framing.projection)
        buffer = target.texture_color.read()
    except RuntimeError as error:  # such as drawing within drawing
        raise SyncError("VS-9206", f"Blender cannot draw now: {error}") from error
    finally:
        target.free()
    buffer.dimensions = width * height * 4  # the strides of more dimensions are wrong
    pixels = np.frombuffer(buffer, np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(pixels[::-1, :, :3])  # Blender's first row is the lowest


def _draw_view(
    target: gpu.types.GPUOffScreen, viewport: Viewport, scene: bpy.types.Scene, view: Matrix, projection: Matrix
) -> None:
    try:
        target.draw_view3d(
            scene, viewport.layer, viewport.space, viewport.region, view, projection, do_color_management=True
        )
    finally:
        # The region lent its matrices to the drawing.
        viewport.space.region_3d.update()
        viewport.region.tag_redraw()
