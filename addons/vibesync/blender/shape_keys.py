# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes shape keys: the components `shapes` and `shape_values` of a mesh.

The first key of Blender's list holds the positions of the mesh itself; its name stays in Blender. All others are keys
of the component.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import bpy
import numpy as np

from ..core.mesh import swap_axes
from ..core.pace import Steps, finish
from ..core.shapes import MOST_WEIGHT, Key, Shapes, is_same
from ..core.sync_error import SyncError
from . import surface
from .mesh_source import gather

_KEPT = ("value", "mute", "vertex_group", "interpolation")  # of a key that is made anew

Find = Callable[[], bpy.types.Mesh]


def has_keys(mesh: bpy.types.Mesh) -> bool:
    """Returns whether the keys of the mesh are synchronized. Absolute ones are not."""
    keys = mesh.shape_keys
    return keys is not None and keys.use_relative and len(keys.key_blocks) > 1


def read(mesh: bpy.types.Mesh, vertex: np.ndarray, unit: float) -> Steps[Shapes]:
    """Returns the keys. `vertex`: the vertex of each corner. Blender has the mesh until the first step is over."""
    count = len(mesh.vertices)
    if not has_keys(mesh) or any(len(block.data) != count for block in mesh.shape_keys.key_blocks):
        yield
        return Shapes.none()
    reference, blocks = mesh.shape_keys.reference_key, _blocks(mesh)
    base = reference.name
    position = {block.name: _positions(block) for block in mesh.shape_keys.key_blocks}
    keys, masks = [], []
    for block in blocks:
        above = None if block.relative_key == reference else block.relative_key.name
        keys.append(Key(block.name, above, float(block.slider_min), float(block.slider_max)))
        masks.append(_mask(mesh, block))
    yield
    delta = np.empty((len(keys), count, 3), np.float32)
    for row, (key, mask) in enumerate(zip(keys, masks, strict=True)):
        moved = position[key.name] - position[key.relative_to or base]
        delta[row] = swap_axes(moved if mask is None else moved * mask, unit, to_canonical=True)
        yield
    return Shapes(keys, vertex, delta)


def read_values(mesh: bpy.types.Mesh) -> dict:
    """Returns the component `shape_values`. A muted key has no weight."""
    blocks = _blocks(mesh) if has_keys(mesh) else ()
    return {"values": {block.name: 0.0 if block.mute else float(block.value) for block in blocks}}


def write_values(mesh: bpy.types.Mesh, component: dict, saved: list[dict]) -> None:
    """Sets the weights. Drivers and actions keep theirs. A muted key shows its new weight."""
    if not has_keys(mesh):
        return
    saved.append(save(mesh))
    driven = surface.animated_paths(mesh.shape_keys)
    for block in _blocks(mesh):
        wanted = component["values"].get(block.name, 0.0)
        shown = 0.0 if block.mute else block.value
        if shown == np.float32(wanted) or f"{block.path_from_id()}.value" in driven:
            continue
        block.mute = False
        block.value = wanted


def save(mesh: bpy.types.Mesh) -> dict:
    """Returns what `restore` brings back."""
    return {block.name: (block.value, block.mute) for block in _blocks(mesh)}


def restore(mesh: bpy.types.Mesh, saved: dict) -> None:
    """Brings back what `save` returned, for the keys that are still there."""
    for block in _blocks(mesh) if mesh.shape_keys else ():
        if block.name in saved:
            block.value, block.mute = saved[block.name]


def write(
    find: Find, wanted: Shapes, vertex: np.ndarray, unit: float, kept: dict[str, dict] | None = None
) -> Steps[None]:
    """Gives the mesh these keys. `vertex`: Blender's vertex of each corner. Raises SyncError VS-4005.

    `kept`: what `clear` returned before the mesh was built anew.
    """
    mesh = find()
    if mesh.shape_keys and not mesh.shape_keys.use_relative:
        raise SyncError("VS-4005", "absolute shape keys can't be written", mesh.name)
    if len(vertex) != len(wanted.vertex) and wanted.keys:
        raise SyncError("VS-4005", "the shape keys are for another mesh", mesh.name)
    present = yield from read(mesh, vertex, unit)
    if (yield from is_same(wanted, present)):
        return
    mesh = find()
    _check_masks(mesh, wanted, present)
    position = _scatter(mesh, wanted, present, vertex)
    yield
    mesh = find()
    if [key.name for key in wanted.keys] != [key.name for key in present.keys]:
        _replace_blocks(mesh, wanted, (kept or {}) | _keep(mesh))
    if mesh.shape_keys:
        _write_blocks(mesh, wanted, position, unit)


def clear(mesh: bpy.types.Mesh) -> dict[str, dict]:
    """Removes all keys, as Blender's own removal of geometry leaves damaged ones. Returns what the component lacks.

    Their vertex groups are not among it: the deltas contain what those leave of a key.
    """
    kept = {name: {**values, "vertex_group": ""} for name, values in _keep(mesh).items()}
    _with_object(mesh, lambda item: item.shape_key_clear())
    return kept


def move(mesh: bpy.types.Mesh, position: np.ndarray) -> None:
    """Gives the mesh other positions, and moves each key along, so that the deltas stay."""
    blocks = mesh.shape_keys.key_blocks
    moved = position - _positions(mesh.shape_keys.reference_key)
    for block in blocks:
        _set_positions(block, _positions(block) + moved)
    _set_positions(mesh.shape_keys.reference_key, position)


def show_first(mesh: bpy.types.Mesh, copy: bpy.types.Mesh) -> None:
    """Gives a copy without keys the positions of the first key, which may differ from those that Edit Mode shows."""
    keys = mesh.shape_keys
    if keys and len(keys.reference_key.data) == len(copy.vertices) > 0:
        copy.attributes["position"].data.foreach_set("vector", _positions(keys.reference_key).reshape(-1))


def _blocks(mesh: bpy.types.Mesh) -> list[bpy.types.ShapeKey]:
    """Returns all keys but the first."""
    return list(mesh.shape_keys.key_blocks)[1:] if mesh.shape_keys else []


def _positions(block: bpy.types.ShapeKey) -> np.ndarray:
    return gather(block.data, "co", len(block.data), 3)


def _set_positions(block: bpy.types.ShapeKey, position: np.ndarray) -> None:
    if len(position):
        block.data.foreach_set("co", np.ascontiguousarray(position, np.float32).reshape(-1))


def _mask(mesh: bpy.types.Mesh, block: bpy.types.ShapeKey) -> np.ndarray | None:
    """Returns how much of a key each vertex gets, as a vertex group says; None without one."""
    user = next((item for item in bpy.data.objects if item.data == mesh), None) if block.vertex_group else None
    group = user.vertex_groups.get(block.vertex_group) if user else None
    if group is None:
        return None
    mask = np.zeros((len(mesh.vertices), 1), np.float32)
    for vertex in mesh.vertices:
        for each in vertex.groups:
            if each.group == group.index:
                mask[vertex.index] = each.weight
    return mask


def _check_masks(mesh: bpy.types.Mesh, wanted: Shapes, present: Shapes) -> None:
    """Raises SyncError if a key with a vertex group would change: what is left of it cannot be told from a value."""
    rows = {key.name: row for row, key in enumerate(wanted.keys)}
    for row, key in enumerate(present.keys):
        if mesh.shape_keys.key_blocks[key.name].vertex_group and key.name in rows:
            pair = (
                Shapes([key], each.vertex, each.delta[[at]]) for each, at in ((present, row), (wanted, rows[key.name]))
            )
            if not finish(is_same(*pair)):
                raise SyncError("VS-4005", f"a vertex group limits the shape key {key.name}", mesh.name)


def _scatter(mesh: bpy.types.Mesh, wanted: Shapes, present: Shapes, vertex: np.ndarray) -> np.ndarray:
    """Returns canonical deltas of all of Blender's vertices for each key. A vertex without corners keeps its own."""
    known = {key.name: row for row, key in enumerate(present.keys)}
    delta = np.zeros((len(wanted.keys), len(mesh.vertices), 3), np.float32)
    for row, key in enumerate(wanted.keys):
        if key.name in known:
            delta[row] = present.delta[known[key.name]]
        each = wanted.delta[row][wanted.vertex]
        delta[row][vertex] = each
        if not np.array_equal(delta[row][vertex], each):
            raise SyncError("VS-4005", f"the shape key {key.name} tears a vertex apart", mesh.name)
    return delta


def _keep(mesh: bpy.types.Mesh) -> dict[str, dict]:
    """Returns what the component does not have of each key, and the weights."""
    return {block.name: {name: getattr(block, name) for name in _KEPT} for block in _blocks(mesh)}


def _replace_blocks(mesh: bpy.types.Mesh, wanted: Shapes, kept: dict[str, dict]) -> None:
    """Makes keys of these names, in this order. The first key and the animation of all stay."""

    def make(item: bpy.types.Object) -> None:
        for block in _blocks(mesh):
            item.shape_key_remove(block)
        names = {key.name for key in wanted.keys}
        if mesh.shape_keys is None:
            item.shape_key_add(name=_free_name(names), from_mix=False)
        elif mesh.shape_keys.reference_key.name in names:
            mesh.shape_keys.reference_key.name = _free_name(names)
        for key in wanted.keys:
            block = item.shape_key_add(name=key.name, from_mix=False)
            block.slider_max, block.slider_min = MOST_WEIGHT, -MOST_WEIGHT
            block.value = 0.0  # Blender 5.0 begins with 1
            for name, value in kept.get(key.name, {}).items():
                setattr(block, name, value)

    if wanted.keys or mesh.shape_keys:
        _with_object(mesh, make)


def _free_name(taken: set[str]) -> str:
    names = ("Basis", *(f"Basis.{number:03}" for number in range(1, len(taken) + 1)))
    return next(name for name in names if name not in taken)


def _write_blocks(mesh: bpy.types.Mesh, wanted: Shapes, delta: np.ndarray, unit: float) -> None:
    blocks, reference = mesh.shape_keys.key_blocks, mesh.shape_keys.reference_key
    position = {None: _positions(reference)}
    for row, key in _bases_first(wanted.keys):
        below = position.get(key.relative_to, position[None])
        position[key.name] = below + swap_axes(delta[row], 1.0 / unit, to_canonical=False)
        block = blocks[key.name]
        _set_positions(block, position[key.name])
        block.slider_max, block.slider_min = MOST_WEIGHT, -MOST_WEIGHT
        block.slider_min, block.slider_max = key.min, key.max
    for key in wanted.keys:
        blocks[key.name].relative_key = blocks[key.relative_to] if key.relative_to else reference
    mesh.update()


def _bases_first(keys: list[Key]) -> Iterator[tuple[int, Key]]:
    """Yields each key behind the one that it is relative to. In a circle, the first of them comes first."""
    rows = {key.name: row for row, key in enumerate(keys)}
    done: set[str] = set()
    for key in keys:
        line = []
        while key is not None and key.name not in done:
            done.add(key.name)
            line.append(key)
            key = keys[rows[key.relative_to]] if key.relative_to else None
        for each in reversed(line):
            yield rows[each.name], each


def _with_object(mesh: bpy.types.Mesh, act: Callable[[bpy.types.Object], None]) -> None:
    """Calls `act` with an object that shows the mesh, as Blender changes the list of keys through one alone."""
    item = bpy.data.objects.new("vibesync", mesh)
    try:
        act(item)
    finally:
        bpy.data.objects.remove(item)
