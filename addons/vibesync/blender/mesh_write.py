# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes canonical corners to a Blender mesh, in steps. Equal topology is updated in place, so that quads survive.
Anything else is rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy
import numpy as np

from ..core import shapes as wire_shapes
from ..core import weights as wire_weights
from ..core.mesh import Mesh, split, swap_axes, weld
from ..core.pace import Steps, parts
from ..core.shapes import Shapes
from ..core.sync_error import SyncError
from ..core.weights import Weights
from . import animation_values, layers, normals, shape_keys, triangles, vertex_groups
from .mesh_read import read_with_loops
from .mesh_source import gather

_NORMAL_TOLERANCE = 1e-5
Find = Callable[[], bpy.types.Mesh]


def write(
    find: Find,
    wanted: Mesh,
    unit: float,
    shapes: Shapes | None = None,
    weights: Weights | None = None,
    groups: Sequence[str] = (),
) -> Steps[Weights | None]:
    """Writes these corners; `find` returns the mesh after each step. Raises SyncError VS-4005 if Blender can't.

    `shapes`, `weights`: the shape keys and vertex groups that the mesh gets with them, if those change too. `groups`:
    the names of those that it has. Returns the vertex groups to write, which a mesh that is built anew has lost.
    """
    if not (yield from _write_in_place(find, wanted, unit)):
        if weights is None and groups:
            weights = yield from _read_weights(find, wanted, unit, list(groups))
        if find().shape_keys:
            played = animation_values.save(find())
            shapes, kept = yield from _take_shapes(find, wanted, unit, shapes)
            yield from _rebuild(find, wanted, unit, shapes, weights)
            yield from write_shapes(find, shapes, unit, kept)
            animation_values.restore(find(), played, {})
        else:
            yield from _rebuild(find, wanted, unit, shapes, weights)
    # A mesh with one slot needs no list of slots. Each object created with such a list costs a depsgraph rebuild.
    slots = max((slot for slot, _, _ in wanted.submeshes), default=0) + 1
    while 1 < slots > len(find().materials):
        find().materials.append(None)
    return weights


def read_shapes(find: Find, unit: float) -> Steps[Shapes]:
    """Reads the shape keys of a mesh."""
    found = yield from read_with_loops(find, unit)
    return (yield from shape_keys.read(find(), found[0].index, unit)) if found else Shapes.none()


def write_shapes(find: Find, wanted: Shapes, unit: float, kept: dict | None = None) -> Steps[None]:
    """Gives the mesh these shape keys. Raises SyncError VS-4005 if Blender can't.

    `kept`: what they had in Blender before a rebuild.
    """
    found = yield from read_with_loops(find, unit)
    if found is not None:
        yield from shape_keys.write(find, wanted, found[0].index, unit, kept)


def write_weights(find: Find, find_item: vertex_groups.FindItem, wanted: Weights, unit: float) -> Steps[None]:
    """Gives the mesh these vertex groups. `find_item` returns an object that shows it. Raises SyncError VS-4005."""
    found = yield from read_with_loops(find, unit)
    if found is not None:
        yield from vertex_groups.write(find, find_item, wanted, found[0].index)


def _read_weights(find: Find, wanted: Mesh, unit: float, groups: list[str]) -> Steps[Weights]:
    """Reads the vertex groups of a mesh that is to be built anew without other ones."""
    current, _ = yield from read_with_loops(find, unit)
    weights = yield from vertex_groups.read(find, groups, current.index)
    if weights is None or len(current.index) != len(wanted.index):
        raise SyncError("VS-4005", "a mesh with vertex groups can't get another topology without them", find().name)
    return weights


def _take_shapes(find: Find, wanted: Mesh, unit: float, shapes: Shapes | None) -> Steps[tuple]:
    """Removes all shape keys before a rebuild. Returns those that the mesh gets after it, and what they had here."""
    keys = find().shape_keys
    animation = keys.animation_data
    if animation and (len(animation.drivers) or len(animation.nla_tracks)):
        raise SyncError(
            "VS-4005", "a mesh whose shape keys have drivers or tracks can't get another topology", find().name
        )
    if shapes is None and shape_keys.has_keys(find()):
        current, _ = yield from read_with_loops(find, unit)
        if len(current.index) != len(wanted.index):
            raise SyncError("VS-4005", "a mesh with shape keys can't get another topology without them", find().name)
        shapes = yield from shape_keys.read(find(), current.index, unit)
    elif not keys.use_relative:
        raise SyncError("VS-4005", "a mesh with absolute shape keys can't get another topology", find().name)
    return shapes or Shapes.none(), shape_keys.clear(find())


def _write_in_place(find: Find, wanted: Mesh, unit: float) -> Steps[bool]:
    """Returns False if the mesh must be rebuilt; it may be half written then."""
    mesh = find()
    if len(mesh.loops) - 2 * len(mesh.polygons) != len(wanted.index) // 3:
        return False
    found = yield from read_with_loops(find, unit)
    if found is None or found[0].submeshes != wanted.submeshes:
        return False
    current, loops = found
    position = yield from _scatter(wanted.position, wanted.index, current.index, current.position)
    uvs = []
    for uv in wanted.uvs if position is not None else ():
        uvs.append((yield from _scatter(uv, None, loops.of_corner, np.zeros((len(loops.vertex), 2), np.float32))))
    if position is None or any(uv is None for uv in uvs):
        return False
    position = swap_axes(position, 1.0 / unit, to_canonical=False)
    yield
    _set_positions(find(), position)
    find().update()
    yield
    again, _ = yield from triangles.read_corners(find, position)
    if not np.array_equal(again, loops.of_corner):
        return False  # the new shape splits a quad along its other diagonal
    yield from _set_layers(find, uvs, wanted.color, loops.of_corner)
    if wanted.normal is not None and not (yield from _has_normals(find, wanted.normal, loops.of_corner)):
        yield from _set_normals(find, wanted.normal, loops.of_corner)
    return True


def _scatter(values: np.ndarray, index: np.ndarray | None, rows: np.ndarray, base: np.ndarray) -> Steps:
    """Returns `base` with each corner's value in that corner's row; None if two values compete for one row."""
    result = base.copy()
    for check in (False, True):
        for part in parts(len(rows)):
            value = values[part] if index is None else values[index[part]]
            if not check:
                result[rows[part]] = value
            elif not np.array_equal(result[rows[part]], value):
                return None
            yield
    return result


def _rebuild(find: Find, wanted: Mesh, unit: float, shapes: Shapes | None, weights: Weights | None) -> Steps[None]:
    numbers = [wire_shapes.number_corners(shapes)] if shapes and shapes.keys else []
    numbers += [wire_weights.number_corners(weights)] if weights and weights.groups else []
    position, index = yield from (weld(*split(wanted, numbers)) if numbers else weld(wanted))
    corners = len(index)
    position = swap_axes(position, 1.0 / unit, to_canonical=False)
    slots = [np.full(count // 3, slot, np.int32) for slot, _, count in wanted.submeshes]
    yield
    mesh = find()
    mesh.clear_geometry()
    mesh.vertices.add(len(position))
    mesh.loops.add(corners)
    mesh.polygons.add(corners // 3)
    if corners:
        mesh.attributes[".corner_vert"].data.foreach_set("value", index)
        mesh.polygons.foreach_set("loop_start", np.arange(0, corners, 3, dtype=np.int32))
        if wanted.submeshes[-1][0]:
            layers.ensure(mesh, "material_index", "INT", "FACE").data.foreach_set("value", np.concatenate(slots))
    _set_positions(mesh, position)
    mesh.update(calc_edges=True)
    yield
    loops = np.arange(corners)
    yield from _set_layers(find, wanted.uvs, wanted.color, loops)
    if wanted.normal is None or not corners:
        return
    shading = yield from _shading(wanted, index)
    if shading:
        getattr(find(), shading)()
        if (yield from _has_normals(find, wanted.normal, loops)):
            return
    yield from _set_normals(find, wanted.normal, loops)


def _shading(wanted: Mesh, index: np.ndarray) -> Steps[str | None]:
    """Returns the shading mode that may yield these normals without storing them: flat, smooth, or None."""
    if (yield from _is_flat(wanted.normal)):
        return "shade_flat"
    yield
    of_vertex = np.empty((int(index.max()) + 1, 3), np.float32)
    for part in parts(len(index)):
        of_vertex[index[part]] = wanted.normal[part]
        yield
    for part in parts(len(index)):
        if not _all_close(of_vertex[index[part]], wanted.normal[part]):
            return None
        yield
    return "shade_smooth"


def _is_flat(normal: np.ndarray) -> Steps[bool]:
    """Returns whether the corners of each triangle share a normal."""
    for part in parts(len(normal) // 3):
        of_triangle = normal[part.start * 3 : part.stop * 3].reshape(-1, 3, 3)
        if not _all_close(of_triangle, of_triangle[:, :1]):
            return False
        yield
    return True


def _all_close(a: np.ndarray, b: np.ndarray) -> bool:
    return bool((np.abs(a - b) <= _NORMAL_TOLERANCE).all())


def _set_positions(mesh: bpy.types.Mesh, position: np.ndarray) -> None:
    if len(position):
        mesh.attributes["position"].data.foreach_set("vector", np.ascontiguousarray(position).reshape(-1))
        if mesh.shape_keys:
            shape_keys.move(mesh, position)


def _set_layers(find: Find, uvs: list[np.ndarray], color: np.ndarray | None, loops: np.ndarray) -> Steps[None]:
    """Creates as many uv and color layers as wanted, with these values."""
    mesh = find()
    while len(mesh.uv_layers) > len(uvs):
        mesh.uv_layers.remove(mesh.uv_layers[-1])
    while len(mesh.uv_layers) < len(uvs):
        if mesh.uv_layers.new(do_init=False) is None:
            raise SyncError("VS-4005", "Blender takes no more uv layers", mesh.name)
    for number, uv in enumerate(uvs):
        yield
        if len(uv):
            mesh = find()
            # A copied mesh shares its arrays until one is written. In 4.2 to 5.0, writing through `uv_layers[n].uv`
            # changes the original too.
            layer = mesh.attributes[mesh.uv_layers[number].name]
            layer.data.foreach_set("vector", np.ascontiguousarray(uv).reshape(-1))
    yield
    _set_color(find(), color, loops)


def _set_color(mesh: bpy.types.Mesh, color: np.ndarray | None, loops: np.ndarray) -> None:
    colors = mesh.color_attributes
    if color is None:
        if colors:
            colors.remove(colors[0])
        return
    if colors and (colors[0].domain != "CORNER" or colors[0].data_type != "FLOAT_COLOR"):
        colors.remove(colors[0])
    layer = colors[0] if colors else colors.new("Color", "FLOAT_COLOR", "CORNER")
    values = gather(layer.data, "color", len(layer.data), 4)
    values[loops] = color
    if len(values):
        layer.data.foreach_set("color", values.reshape(-1))


def _has_normals(find: Find, wanted: np.ndarray, loops: np.ndarray) -> Steps[bool]:
    shown = yield from normals.read_steps(find)
    for part in parts(len(loops)):
        there = swap_axes(shown[loops[part]], 1.0, to_canonical=True)
        if not _all_close(there, wanted[part]):
            return False
        yield
    return True


def _set_normals(find: Find, wanted: np.ndarray, loops: np.ndarray) -> Steps[None]:
    values = np.zeros((len(find().loops), 3), np.float32)
    for part in parts(len(loops)):  # all loops: each is a corner of a triangle
        values[loops[part]] = swap_axes(wanted[part], 1.0, to_canonical=False)
        yield
    normals.write(find(), values)
