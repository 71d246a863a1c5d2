# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts a Blender mesh to canonical corners, in steps: triangles of its polygons, ordered by material slot.

Blender returns one whole array of a mesh per call. numpy does the rest, some rows at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from ..core.mesh import MAX_UVS, Mesh, swap_axes
from ..core.pace import Steps, finish, parts
from . import normals, triangles


@dataclass
class Loops:
    """Blender's loop of each corner of the canonical mesh, and the vertex of each loop."""

    of_corner: np.ndarray
    vertex: np.ndarray


def read(mesh: bpy.types.Mesh, unit: float) -> Mesh:
    """Reads the mesh without modifiers in one step. Not for a mesh in Edit Mode."""
    return finish(read_steps(lambda: mesh, unit))


def read_steps(find: Callable[[], bpy.types.Mesh | None], unit: float) -> Steps[Mesh | None]:
    """Reads the mesh in steps; `find` returns it after each. None if it was removed or resized meanwhile."""
    found = yield from read_with_loops(find, unit)
    return found and found[0]


def read_with_loops(find: Callable[[], bpy.types.Mesh | None], unit: float) -> Steps[tuple[Mesh, Loops] | None]:
    """Returns the mesh, and the correspondence of its corners to Blender's loops."""
    size = _size(find())
    position = _read_positions(find())
    yield
    loops, submeshes = yield from triangles.read_corners(find, position)
    vertex = triangles.read_loop_vertices(find()) if _size(find()) == size else None
    yield
    if vertex is None or _size(find()) != size:
        return None
    shown, is_per_vertex = yield from normals.read_shared(find)
    layers = []
    for number in range(min(MAX_UVS, len(find().uv_layers))):
        if _size(find()) != size or number >= len(find().uv_layers):
            return None
        layers.append(gather(find().uv_layers[number].uv, "vector", len(vertex), 2))
        yield
    if _size(find()) != size:
        return None
    color, of_vertex = _read_color(find())
    yield
    position = yield from _convert(position, unit)
    shown = yield from _convert(shown, 1.0)
    index = (yield from _select_rows(vertex, loops)).view(np.uint32)
    content = Mesh(
        position=position,
        index=index,
        submeshes=submeshes,
        normal=(yield from _select_rows(shown, index if is_per_vertex else loops)),
        uvs=[],
    )
    for layer in layers:
        content.uvs.append((yield from _select_rows(layer, loops)))
    if color is not None:
        content.color = yield from _select_rows(color, index if of_vertex else loops)
    for values in (*content.uvs, content.color):
        yield from _clean(values)
    return content, Loops(loops, vertex)


def gather(collection, name: str, count: int, width: int, dtype=np.float32) -> np.ndarray:
    """Returns one property of all elements, as an array of count x width."""
    values = np.empty(count * width, dtype)
    if count:
        collection.foreach_get(name, values)
    return values.reshape(count, width)


def _read_positions(mesh: bpy.types.Mesh) -> np.ndarray:
    """Reads the `position` attribute, the fast way. A mesh that lost all its vertices may lack it."""
    attribute = mesh.attributes.get("position")
    return gather(attribute.data if attribute else (), "vector", len(mesh.vertices) if attribute else 0, 3)


def _size(mesh: bpy.types.Mesh | None) -> tuple[int, ...]:
    return (len(mesh.vertices), len(mesh.loops), len(mesh.polygons)) if mesh else ()


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


def _read_color(mesh: bpy.types.Mesh) -> tuple[np.ndarray | None, bool]:
    """Returns the first color attribute, and whether it is per vertex instead of per loop."""
    if not mesh.color_attributes:
        return None, False
    layer = mesh.color_attributes[0]
    return gather(layer.data, "color", len(layer.data), 4), layer.domain != "CORNER"
