# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrices of a look: from which side, and how much of the scene is in the picture. Lengths are Blender units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector

# From the scene's axes to those of a viewer, who looks along -Z with Y up. The names are those of Blender's numpad.
DIRECTIONS = {
    "front": Matrix(((1, 0, 0), (0, 0, 1), (0, -1, 0))),
    "top": Matrix(((1, 0, 0), (0, 1, 0), (0, 0, 1))),
    "side": Matrix(((0, 1, 0), (0, 0, 1), (1, 0, 0))),
}
_MARGIN = 1.1  # room around objects that fill the picture
_SMALLEST = 0.01  # half width of a picture of a single point

_NEAREST = 0.001  # nearest visible depth, as a part of the distance

# Types with a bounding box. All other types count with their origin.
_SHAPED = ("MESH", "CURVE", "SURFACE", "FONT", "META", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL", "GPENCIL")


@dataclass(frozen=True)
class Framing:
    """The matrices for a picture, and the name of the camera; "" for none."""

    view: Matrix
    projection: Matrix
    camera: str = ""


def corners(items: Iterable[bpy.types.Object], depsgraph: bpy.types.Depsgraph) -> np.ndarray:
    """Returns the corners of the objects' bounding boxes in the scene, as rows.

    Objects without a shape count only if no object has one.
    """
    boxes, origins = [], []
    for item in items:
        evaluated = item.evaluated_get(depsgraph)
        matrix = evaluated.matrix_world
        if item.type in _SHAPED:
            box = np.ones((8, 4))
            box[:, :3] = evaluated.bound_box
            boxes.append((box @ np.array(matrix).T)[:, :3])
        else:
            origins.append(np.array([matrix.translation]))
    found = boxes or origins or [np.zeros((1, 3))]
    points = np.concatenate(found)
    return points[np.isfinite(points).all(axis=1)] if np.isfinite(points).any() else np.zeros((1, 3))


def orthographic(rotation: Matrix, shown: np.ndarray, everything: np.ndarray, aspect: float) -> Framing:
    """Returns the matrices without perspective. `shown` fills the picture; no depth of `everything` is cut off."""
    turned = np.array(rotation)
    low, high = _extent(shown @ turned.T)
    center, half = (low + high) / 2, (high - low) / 2
    half_width = max(half[0], half[1] * aspect, _SMALLEST) * _MARGIN
    depths = np.concatenate((shown, everything)) @ turned[2]
    nearest, farthest = float(depths.max()), float(depths.min())
    reach = max(nearest - farthest, half_width) * 0.1  # in front and behind, so that no surface lies on a limit
    view = Matrix.Translation((-center[0], -center[1], -(nearest + reach))) @ rotation.to_4x4()
    depth = nearest - farthest + 2 * reach
    projection = Matrix.Identity(4)
    projection[0][0], projection[1][1] = 1 / half_width, aspect / half_width
    projection[2][2], projection[2][3] = -2 / depth, -1.0
    return Framing(view, projection)


def perspective(rotation: Matrix, like: Matrix, shown: np.ndarray, clip: tuple[float, float]) -> Framing:
    """Returns the matrices with the angles of the projection `like`, from far enough away that `shown` fits."""
    points = shown @ np.array(rotation).T
    low, high = _extent(points)
    center = (low + high) / 2
    scales = (like[0][0], like[1][1])
    near = points - center
    # A point is in the picture if its sideways distance times the scale is at most its depth.
    fits = [np.abs(near[:, axis]) * scales[axis] * _MARGIN + near[:, 2] for axis in (0, 1)]
    distance = max(float(np.max(fits)), _SMALLEST)
    view = Matrix.Translation(Vector((*-center[:2], -center[2] - distance))) @ rotation.to_4x4()
    start = min(clip[0], distance * _NEAREST)
    end = max(clip[1], 2 * distance + float(np.linalg.norm(high - low)))
    projection = Matrix(((scales[0], 0, 0, 0), (0, scales[1], 0, 0), (0, 0, 0, 0), (0, 0, -1, 0)))
    projection[2][2], projection[2][3] = -(end + start) / (end - start), -2 * end * start / (end - start)
    return Framing(view, projection)


def through_camera(camera: bpy.types.Object, depsgraph: bpy.types.Depsgraph, size: tuple[int, int]) -> Framing:
    """Returns the matrices of a camera."""
    render = depsgraph.scene.render
    evaluated = camera.evaluated_get(depsgraph)
    projection = evaluated.calc_matrix_camera(
        depsgraph, x=size[0], y=size[1], scale_x=render.pixel_aspect_x, scale_y=render.pixel_aspect_y
    )
    return Framing(evaluated.matrix_world.normalized().inverted(), projection, camera.name)


def picture_size(longer: int, aspect: float) -> tuple[int, int]:
    """Returns width and height with this aspect, width by height. The longer side has so many pixels."""
    if aspect >= 1:
        return longer, max(1, round(longer / aspect))
    return max(1, round(longer * aspect)), longer


def _extent(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return points.min(axis=0), points.max(axis=0)
