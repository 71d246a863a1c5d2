# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads Blender's own arrays of a mesh. Blender returns one whole array per call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import bpy
import numpy as np

from ..core.mesh import MAX_UVS
from ..core.pace import Steps
from . import normals, triangles

Find = Callable[[], "bpy.types.Mesh | None"]


@dataclass
class Source:
    """Blender's arrays of a mesh, in Blender's axes and units. Normals and colors are per vertex or per loop."""

    position: np.ndarray
    faces: triangles.Faces
    normal: np.ndarray
    has_vertex_normals: bool
    uvs: list[np.ndarray]
    color: np.ndarray | None
    has_vertex_colors: bool

    def vertex_arrays(self) -> list[np.ndarray]:
        """Returns the arrays with a row per vertex."""
        return [values for values, is_per_vertex in self._arrays() if is_per_vertex]

    def loop_arrays(self) -> list[np.ndarray]:
        """Returns the arrays with a row per loop, except the vertex of each loop."""
        return [values for values, is_per_vertex in self._arrays() if not is_per_vertex]

    def _arrays(self) -> Iterator[tuple[np.ndarray, bool]]:
        yield self.position, True
        yield self.normal, self.has_vertex_normals
        for uv in self.uvs:
            yield uv, False
        if self.color is not None:
            yield self.color, self.has_vertex_colors


def read_steps(find: Find, is_evaluated: bool = False) -> Steps[Source | None]:
    """Reads the arrays in steps; `find` returns the mesh after each. None if it was removed or resized meanwhile.

    If it returns the arrays, the mesh still has their size. `is_evaluated`: shape keys are a part of the positions.
    """
    size = _size(find())
    position = _read_attribute(find()) if is_evaluated else read_positions(find())
    yield
    if _size(find()) != size:
        return None
    faces = triangles.read_faces(find())
    yield
    if _size(find()) != size:
        return None
    normal, has_vertex_normals = yield from normals.read_shared(find)
    uvs: list[np.ndarray] = []
    for number in range(min(MAX_UVS, len(find().uv_layers)) if _size(find()) == size else 0):
        if _size(find()) != size or number >= len(find().uv_layers):
            return None
        uvs.append(gather(find().uv_layers[number].uv, "vector", len(faces.vertex), 2))
        yield
    if _size(find()) != size:
        return None
    color, has_vertex_colors = _read_color(find())
    yield
    if _size(find()) != size:
        return None
    return Source(position, faces, normal, has_vertex_normals, uvs, color, has_vertex_colors)


def gather(collection, name: str, count: int, width: int, dtype=np.float32) -> np.ndarray:
    """Returns one property of all elements, as an array of count x width."""
    values = np.empty(count * width, dtype)
    if count:
        collection.foreach_get(name, values)
    return values.reshape(count, width)


def read_positions(mesh: bpy.types.Mesh) -> np.ndarray:
    """Reads the positions without shape keys, the fast way: of the first key, else of the `position` attribute.

    A person who sculpts a key may leave other values in the attribute. A mesh that lost all its vertices may lack it.
    """
    keys = mesh.shape_keys
    if keys and len(keys.reference_key.data) == len(mesh.vertices):
        return gather(keys.reference_key.data, "co", len(mesh.vertices), 3)
    return _read_attribute(mesh)


def _read_attribute(mesh: bpy.types.Mesh) -> np.ndarray:
    attribute = mesh.attributes.get("position")
    return gather(attribute.data if attribute else (), "vector", len(mesh.vertices) if attribute else 0, 3)


def _size(mesh: bpy.types.Mesh | None) -> tuple[int, ...]:
    return (len(mesh.vertices), len(mesh.loops), len(mesh.polygons)) if mesh else ()


def _read_color(mesh: bpy.types.Mesh) -> tuple[np.ndarray | None, bool]:
    """Returns the first color attribute, and whether it is per vertex instead of per loop."""
    if not mesh.color_attributes:
        return None, False
    layer = mesh.color_attributes[0]
    return gather(layer.data, "color", len(layer.data), 4), layer.domain != "CORNER"
