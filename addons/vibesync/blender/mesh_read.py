# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts a Blender mesh to canonical corners, in steps: triangles of its polygons, ordered by material slot.

Blender returns one whole array of a mesh per call. numpy does the rest, some rows at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ..core.mesh import Mesh, swap_axes
from ..core.pace import Steps, finish, parts
from . import mesh_source, triangles
from .mesh_source import Find, Source


@dataclass
class Loops:
    """Blender's loop of each corner of the canonical mesh, and the vertex of each loop."""

    of_corner: np.ndarray
    vertex: np.ndarray


def read(mesh: bpy.types.Mesh, unit: float) -> Mesh:
    """Reads the mesh without modifiers in one step. Not for a mesh in Edit Mode."""
    return finish(read_steps(lambda: mesh, unit))


def read_steps(find: Find, unit: float) -> Steps[Mesh | None]:
    """Reads the mesh in steps; `find` returns it after each. None if it was removed or resized meanwhile."""
    found = yield from read_with_loops(find, unit)
    return found and found[0]


def read_with_loops(find: Find, unit: float) -> Steps[tuple[Mesh, Loops] | None]:
    """Returns the mesh, and the correspondence of its corners to Blender's loops."""
    source = yield from mesh_source.read_steps(find)
    return source and (yield from convert(find(), source, unit))


def convert(mesh: bpy.types.Mesh, source: Source, unit: float) -> Steps[tuple[Mesh, Loops]]:
    """Converts the arrays of a mesh. Uses the mesh in the first step only."""
    loops, submeshes = yield from triangles.split(mesh, source.faces, source.position)
    position = yield from _convert(source.position, unit)
    normal = yield from _convert(source.normal, 1.0)
    index = (yield from _select_rows(source.faces.vertex, loops)).view(np.uint32)
    content = Mesh(
        position=position,
        index=index,
        submeshes=submeshes,
        normal=(yield from _select_rows(normal, index if source.has_vertex_normals else loops)),
        uvs=[],
    )
    for uv in source.uvs:
        content.uvs.append((yield from _select_rows(uv, loops)))
    if source.color is not None:
        content.color = yield from _select_rows(source.color, index if source.has_vertex_colors else loops)
    for values in (*content.uvs, content.color):
        yield from _clean(values)
    return content, Loops(loops, source.faces.vertex)


def _convert(values: np.ndarray, factor: float) -> Steps[np.ndarray]:
    """Returns vectors scaled and in canonical axes, without negative zeros."""
    result = np.empty(values.shape, np.float32)
    for part in parts(len(values)):
        result[part] = swap_axes(values[part], factor, to_canonical=True)
        yield
    return result


def _select_rows(values: np.ndarray, rows: np.ndarray) -> Steps[np.ndarray]:
    """Returns the named rows. `take` is five times as fast as an index."""
    result = np.empty((len(rows), *values.shape[1:]), values.dtype)
    for part in parts(len(rows)):
        # The rows are those of Blender's loops or vertices. Another mode than "clip" makes a copy first.
        np.take(values, rows[part], axis=0, out=result[part], mode="clip")
        yield
    return result


def _clean(values: np.ndarray | None) -> Steps[None]:
    """Replaces negative zeros in place."""
    for part in parts(len(values)) if values is not None else ():
        np.add(values[part], np.float32(0), out=values[part])
        yield
