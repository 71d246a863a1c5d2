# SPDX-License-Identifier: GPL-3.0-or-later
"""Splits polygons into triangles of loops.

Blender returns its own triangles all at once and slowly (0.2 s for two million). Triangles and quads are therefore
split here by Blender's rule; only larger polygons use Blender's result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from ..core.pace import Steps, parts
from . import layers

Find = Callable[[], "bpy.types.Mesh | None"]
POLYGONS = 16_384  # polygons per step
Submeshes = list[tuple[int, int, int]]


@dataclass
class Faces:
    """Blender's arrays of a mesh: the vertex of each loop; the first loop and the material slot of each polygon."""

    vertex: np.ndarray
    start: np.ndarray
    slot: np.ndarray

    @property
    def sides(self) -> np.ndarray:
        """Returns the number of sides of each polygon."""
        return np.diff(self.start, append=np.int32(len(self.vertex)))

    @property
    def first(self) -> np.ndarray:
        """Returns the first triangle of each polygon: each one before it has two triangles less than loops."""
        return self.start - 2 * np.arange(len(self.start), dtype=np.int32)

    @property
    def triangle_count(self) -> int:
        """Returns the number of triangles of all polygons."""
        return len(self.vertex) - 2 * len(self.start)


def read_faces(mesh: bpy.types.Mesh) -> Faces:
    """Returns the polygons of a mesh."""
    vertex = np.empty(len(mesh.loops), np.int32)
    if len(vertex):
        mesh.attributes[".corner_vert"].data.foreach_get("value", vertex)
    start = np.empty(len(mesh.polygons), np.int32)
    if len(start):
        mesh.polygons.foreach_get("loop_start", start)
    return Faces(vertex, start, _read_slots(mesh))


def read_corners(find: Find, position: np.ndarray) -> Steps[tuple[np.ndarray, Submeshes]]:
    """Does the same as `split`, with polygons that are read now."""
    faces = read_faces(find())
    yield
    return (yield from split(find(), faces, position))


def split(mesh: bpy.types.Mesh, faces: Faces, position: np.ndarray) -> Steps[tuple[np.ndarray, Submeshes]]:
    """Returns three loops per triangle, ordered by slot, and the slot, first corner and corner count of each submesh.

    Uses the mesh in the first step only.
    """
    sides, first, slot = faces.sides, faces.first, faces.slot
    loops = np.empty((faces.triangle_count, 3), np.int32)
    if (sides > 4).any():
        _split_large(mesh, np.flatnonzero(sides > 4), sides, first, loops)
    yield
    for part in parts(len(sides), POLYGONS):
        split_small(faces.start[part], sides[part], first[part], position, faces.vertex, loops)
        yield
    if len(slot) and (slot != slot[0]).any():
        of_triangle = np.repeat(slot, sides - 2)
        order = np.argsort(of_triangle, kind="stable")
        loops, slot = loops[order], of_triangle[order]
        yield
    return loops.reshape(-1), _make_submeshes(slot, len(loops))


def _read_slots(mesh: bpy.types.Mesh) -> np.ndarray:
    """Returns the material slot of each polygon. Blender stores no attribute if all are 0."""
    slots = np.zeros(len(mesh.polygons), np.int32)
    layer = layers.find(mesh, "material_index", "INT", "FACE")
    if layer and len(slots):
        layer.data.foreach_get("value", slots)
    return slots


def split_small(start, sides, first, position, vertex, loops) -> None:
    """Splits triangles and quads into their rows of `loops`. `first` has the first row of each polygon.

    Most meshes have only one kind, whose triangles are one range.
    """
    three, four = sides == 3, sides == 4
    if three.all():
        loops[first[0] : first[-1] + 1] = start[:, None] + np.arange(3, dtype=np.int32)
    elif four.all():
        loops[first[0] : first[-1] + 2] = _split_quads(start, position, vertex).reshape(-1, 3)
    else:
        loops[first[three]] = start[three, None] + np.arange(3, dtype=np.int32)
        halves = _split_quads(start[four], position, vertex)
        loops[first[four]], loops[first[four] + 1] = halves[:, :3], halves[:, 3:]


def _split_quads(start, position, vertex) -> np.ndarray:
    """Returns six loops for each quad, given its first loop."""
    quad = start[:, None] + np.arange(4, dtype=np.int32)
    # Rows of one side and axis: numpy computes with them several times as fast as with rows of three numbers.
    corner = np.take(position, np.take(vertex, quad.T), axis=0)
    a, b, c, d = np.ascontiguousarray(corner.transpose(0, 2, 1))
    diagonal = c - a
    turn_b, turn_d = _cross(b - a, diagonal), _cross(d - a, diagonal)
    other = turn_b[0] * turn_d[0] + turn_b[1] * turn_d[1] + turn_b[2] * turn_d[2] > 0.0  # the diagonal lies outside
    halves = quad[:, [0, 1, 2, 0, 2, 3]]
    halves[other] = quad[other][:, [0, 1, 3, 1, 2, 3]]
    return halves


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns the cross products of vectors, given as three rows."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _split_large(mesh, polygons, sides, first, loops) -> None:
    """Uses Blender's own triangles for polygons with more than four sides."""
    mesh.calc_loop_triangles()
    if len(polygons) * 20 > len(sides):
        whole = np.empty(loops.size, np.int32)
        mesh.loop_triangles.foreach_get("loops", whole)
        own = np.repeat(sides > 4, sides - 2)
        loops[own] = whole.reshape(-1, 3)[own]
        return
    for polygon in polygons.tolist():
        for number in range(first[polygon], first[polygon] + sides[polygon] - 2):
            loops[number] = mesh.loop_triangles[number].loops


def _make_submeshes(slots: np.ndarray, count: int) -> Submeshes:
    """Returns the submeshes. `slots` ascend, one per triangle, or are all the same."""
    if not count:
        return []
    if slots[0] == slots[-1]:
        return [(int(slots[0]), 0, count * 3)]
    used, starts, counts = np.unique(slots, return_index=True, return_counts=True)
    return [(int(s), int(start) * 3, int(part) * 3) for s, start, part in zip(used, starts, counts, strict=True)]
