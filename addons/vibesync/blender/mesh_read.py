# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender mesh -> canonical corners: loop triangles, ordered by material slot."""

from __future__ import annotations

import bpy
import numpy as np

from ..core.mesh import MAX_UVS, Mesh, swap_axes


def read(mesh: bpy.types.Mesh, unit: float) -> Mesh:
    """The mesh as it is without modifiers; no mesh that is in Edit Mode."""
    return read_with_loops(mesh, unit)[0]


def read_with_loops(mesh: bpy.types.Mesh, unit: float) -> tuple[Mesh, np.ndarray]:
    """The mesh, and for each corner the loop of Blender's that it shows."""
    mesh.calc_loop_triangles()
    triangles = len(mesh.loop_triangles)
    loops = gather(mesh.loop_triangles, "loops", triangles, 3, np.int32)
    slots = gather(mesh.loop_triangles, "material_index", triangles, 1, np.int32).reshape(-1)
    order = np.argsort(slots, kind="stable")
    loops = loops[order].reshape(-1)
    position = gather(mesh.vertices, "co", len(mesh.vertices), 3)
    vertex_of_loop = gather(mesh.loops, "vertex_index", len(mesh.loops), 1, np.int32).reshape(-1)
    normals = gather(mesh.corner_normals, "vector", len(mesh.loops), 3)
    return Mesh(
        position=swap_axes(position, unit, to_canonical=True),
        index=vertex_of_loop[loops].astype(np.int64),
        submeshes=_submeshes(slots[order]),
        normal=swap_axes(normals[loops], 1.0, to_canonical=True),
        uvs=[gather(layer.uv, "vector", len(mesh.loops), 2)[loops] for layer in list(mesh.uv_layers)[:MAX_UVS]],
        color=_color(mesh, loops, vertex_of_loop),
    ), loops


def gather(collection, name: str, count: int, width: int, dtype=np.float32) -> np.ndarray:
    """One property of all elements, as an array of count x width."""
    values = np.empty(count * width, dtype)
    if count:
        collection.foreach_get(name, values)
    return values.reshape(count, width)


def _submeshes(slots: np.ndarray) -> list[tuple[int, int, int]]:
    used, starts, counts = np.unique(slots, return_index=True, return_counts=True)
    return [(int(s), int(start) * 3, int(count) * 3) for s, start, count in zip(used, starts, counts, strict=True)]


def _color(mesh: bpy.types.Mesh, loops: np.ndarray, vertex_of_loop: np.ndarray) -> np.ndarray | None:
    if not mesh.color_attributes:
        return None
    layer = mesh.color_attributes[0]
    values = gather(layer.data, "color", len(layer.data), 4)
    return values[loops] if layer.domain == "CORNER" else values[vertex_of_loop[loops]]
