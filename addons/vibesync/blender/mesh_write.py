# SPDX-License-Identifier: GPL-3.0-or-later
"""Canonical corners -> Blender mesh: in place where the topology is the same, so that quads survive; else rebuilt."""

from __future__ import annotations

import bpy
import numpy as np

from ..core.errors import SyncError
from ..core.mesh import Mesh, swap_axes, weld
from .mesh_read import gather, read_with_loops

_NORMAL_TOLERANCE = 1e-5


def write(mesh: bpy.types.Mesh, wanted: Mesh, unit: float) -> None:
    """Make the mesh show these corners. Raises SyncError VS-4005 where Blender can't."""
    if not _write_in_place(mesh, wanted, unit):
        if mesh.shape_keys:
            raise SyncError("VS-4005", "a mesh with shape keys can't get another topology", mesh.name)
        _rebuild(mesh, wanted, unit)
    slots = max((slot for slot, _, _ in wanted.submeshes), default=-1) + 1
    while len(mesh.materials) < slots:
        mesh.materials.append(None)


def _write_in_place(mesh: bpy.types.Mesh, wanted: Mesh, unit: float) -> bool:
    """False where the mesh must be rebuilt; it may be half written then."""
    current, loops = read_with_loops(mesh, unit)
    if len(current.index) != len(wanted.index) or current.submeshes != wanted.submeshes:
        return False
    position = _scatter(wanted.corner_position, current.index, current.position)
    uvs = [_scatter(uv, loops, np.zeros((len(mesh.loops), 2), np.float32)) for uv in wanted.uvs]
    if position is None or any(uv is None for uv in uvs):
        return False
    _set_positions(mesh, swap_axes(position, 1.0 / unit, to_canonical=False))
    mesh.update()
    if not np.array_equal(read_with_loops(mesh, unit)[1], loops):
        return False  # the new shape cuts a quad along its other diagonal
    _set_uvs(mesh, uvs)
    _set_color(mesh, wanted.color, loops)
    if wanted.normal is not None and not _has_normals(mesh, wanted.normal, loops):
        _set_custom_normals(mesh, wanted.normal, loops)
    return True


def _scatter(values: np.ndarray, targets: np.ndarray, base: np.ndarray) -> np.ndarray | None:
    """`base` with `values` written to rows `targets`; None when two values compete for one row."""
    result = base.copy()
    result[targets] = values
    return result if np.array_equal(result[targets], values) else None


def _rebuild(mesh: bpy.types.Mesh, wanted: Mesh, unit: float) -> None:
    position, index = weld(wanted)
    corners = len(index)
    mesh.clear_geometry()
    mesh.vertices.add(len(position))
    mesh.loops.add(corners)
    mesh.polygons.add(corners // 3)
    if corners:
        mesh.loops.foreach_set("vertex_index", index.astype(np.int32))
        mesh.polygons.foreach_set("loop_start", np.arange(0, corners, 3, dtype=np.int32))
        slots = [np.full(count // 3, slot, np.int32) for slot, _, count in wanted.submeshes]
        mesh.polygons.foreach_set("material_index", np.concatenate(slots))
    _set_positions(mesh, swap_axes(position, 1.0 / unit, to_canonical=False))
    mesh.update(calc_edges=True)
    loops = np.arange(corners)
    _set_uvs(mesh, wanted.uvs)
    _set_color(mesh, wanted.color, loops)
    if wanted.normal is None or not corners:
        return
    for shade in (mesh.shade_flat, mesh.shade_smooth):
        shade()
        if _has_normals(mesh, wanted.normal, loops):
            return
    _set_custom_normals(mesh, wanted.normal, loops)


def _set_positions(mesh: bpy.types.Mesh, position: np.ndarray) -> None:
    if len(position):
        mesh.vertices.foreach_set("co", np.ascontiguousarray(position).reshape(-1))
        if mesh.shape_keys:
            mesh.shape_keys.reference_key.data.foreach_set("co", np.ascontiguousarray(position).reshape(-1))


def _set_uvs(mesh: bpy.types.Mesh, uvs: list[np.ndarray]) -> None:
    while len(mesh.uv_layers) > len(uvs):
        mesh.uv_layers.remove(mesh.uv_layers[-1])
    while len(mesh.uv_layers) < len(uvs):
        if mesh.uv_layers.new(do_init=False) is None:
            raise SyncError("VS-4005", "Blender takes no more uv layers", mesh.name)
    for number, uv in enumerate(uvs):
        if len(uv):
            mesh.uv_layers[number].uv.foreach_set("vector", np.ascontiguousarray(uv).reshape(-1))


def _set_color(mesh: bpy.types.Mesh, color: np.ndarray | None, loops: np.ndarray) -> None:
    layers = mesh.color_attributes
    if color is None:
        if layers:
            layers.remove(layers[0])
        return
    if layers and (layers[0].domain != "CORNER" or layers[0].data_type != "FLOAT_COLOR"):
        layers.remove(layers[0])
    layer = layers[0] if layers else layers.new("Color", "FLOAT_COLOR", "CORNER")
    values = gather(layer.data, "color", len(layer.data), 4)
    values[loops] = color
    if len(values):
        layer.data.foreach_set("color", values.reshape(-1))


def _has_normals(mesh: bpy.types.Mesh, wanted: np.ndarray, loops: np.ndarray) -> bool:
    normals = gather(mesh.corner_normals, "vector", len(mesh.loops), 3)[loops]
    return bool((np.abs(swap_axes(normals, 1.0, to_canonical=True) - wanted) <= _NORMAL_TOLERANCE).all())


def _set_custom_normals(mesh: bpy.types.Mesh, wanted: np.ndarray, loops: np.ndarray) -> None:
    normals = gather(mesh.corner_normals, "vector", len(mesh.loops), 3)
    normals[loops] = swap_axes(wanted, 1.0, to_canonical=False)
    if bpy.app.version < (4, 5, 0):
        mesh.normals_split_custom_set(normals)  # 16 bits an angle: all that these versions can hold
        return
    layer = mesh.attributes.get("custom_normal")
    if layer and (layer.data_type != "FLOAT_VECTOR" or layer.domain != "CORNER"):
        mesh.attributes.remove(layer)
        layer = None
    layer = layer or mesh.attributes.new("custom_normal", "FLOAT_VECTOR", "CORNER")
    layer.data.foreach_set("vector", normals.reshape(-1))
    mesh.update()
