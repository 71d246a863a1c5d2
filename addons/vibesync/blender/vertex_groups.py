# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes vertex groups: the component `weights` of a mesh.

Blender keeps the names of the groups in the mesh, and shows them through an object alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import bmesh
import bpy
import numpy as np

from ..core.pace import Steps, parts
from ..core.sync_error import SyncError
from ..core.weights import Weights, is_same, rows_of

_VERTICES = 4_096  # that are read or written at once; takes some milliseconds

Find = Callable[[], "bpy.types.Mesh | None"]
FindItem = Callable[[], "bpy.types.Object | None"]  # an object that shows the mesh
Enter = Callable[[], "AbstractContextManager[bpy.types.Object]"]


def names_of(item: bpy.types.Object) -> list[str]:
    """Returns the names of the groups of the mesh that an object shows."""
    return [group.name for group in item.vertex_groups]


@contextmanager
def shown(mesh: bpy.types.Mesh, item: bpy.types.Object | None) -> Iterator[bpy.types.Object]:
    """Returns an object that shows the mesh: `item`, or one for the moment."""
    if item is not None:
        yield item
        return
    item = bpy.data.objects.new("vibesync", mesh)
    try:
        yield item
    finally:
        bpy.data.objects.remove(item)


def read(find: Find, names: list[str], vertex: np.ndarray) -> Steps[Weights | None]:
    """Returns the groups of these names. `vertex`: the vertex of each corner. None if the mesh changes meanwhile."""
    mesh = find()
    if not names:
        return Weights.none()
    count, counts = len(mesh.vertices), []
    numbers: list[int] = []
    values: list[float] = []
    if mesh.is_editmode:  # in Edit Mode, Blender hides the layers of the mesh itself
        counts = _read_edited(mesh, numbers, values)
    else:
        for part in parts(count, _VERTICES):
            mesh = find()
            if mesh is None or mesh.is_editmode or len(mesh.vertices) != count:
                return None
            _read_part(mesh, part, counts, numbers, values)
            yield
    if len(vertex) and int(vertex.max()) >= count:
        return None
    return _sorted(names, vertex, np.array(counts, np.int64), np.array(numbers, np.int64), np.array(values, np.float32))


def _read_part(mesh: bpy.types.Mesh, part: slice, counts: list, numbers: list, values: list) -> None:
    for vertex in mesh.vertices[part]:
        groups = vertex.groups
        count = len(groups)
        counts.append(count)
        if count:
            row, weights = [0] * count, [0.0] * count
            groups.foreach_get("group", row)
            groups.foreach_get("weight", weights)
            numbers += row
            values += weights


def _read_edited(mesh: bpy.types.Mesh, numbers: list, values: list) -> list[int]:
    content = bmesh.from_edit_mesh(mesh)
    layer = content.verts.layers.deform.active
    rows = [vertex[layer] for vertex in content.verts] if layer else [{} for _ in content.verts]
    for row in rows:
        numbers += row.keys()
        values += row.values()
    return [len(row.keys()) for row in rows]


def _sorted(
    names: list[str], vertex: np.ndarray, counts: np.ndarray, numbers: np.ndarray, values: np.ndarray
) -> Weights:
    """Returns weights with each group once for a vertex, in rising order, as far as Blender knows the group."""
    owner = np.repeat(np.arange(len(counts)), counts)
    is_known = (numbers >= 0) & (numbers < len(names))
    pairs, first = np.unique(owner[is_known] * len(names) + numbers[is_known], return_index=True)
    owner, group = np.divmod(pairs, len(names))
    offset = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(owner, minlength=len(counts)))])
    weight = np.clip(np.nan_to_num(values[is_known][first]), 0.0, 1.0)
    return Weights(names, vertex, offset.astype(np.uint32), group.astype(np.uint32), weight)


def write(find: Find, find_item: FindItem, wanted: Weights, vertex: np.ndarray) -> Steps[None]:
    """Gives the mesh these groups. `vertex`: Blender's vertex of each corner. Raises SyncError VS-4005."""

    def enter() -> AbstractContextManager[bpy.types.Object]:
        return shown(find(), find_item())

    with enter() as item:
        names = names_of(item)
    present = yield from read(find, names, vertex)
    if present is None or (wanted.groups and len(vertex) != len(wanted.vertex)):
        raise SyncError("VS-4005", "the vertex groups are for another mesh", find().name)
    if (yield from is_same(wanted, present)):
        return
    if not wanted.groups:
        with enter() as item:
            item.vertex_groups.clear()
        return
    rows = _scatter(find(), wanted, present, vertex)
    yield
    if wanted.groups != present.groups:
        with enter() as item:
            _replace_groups(item, wanted.groups)
        changed = np.flatnonzero(rows.offset[1:] > rows.offset[:-1])
    else:
        changed = np.flatnonzero(rows.keys() != present.keys())
        yield from _clear_rows(enter, present, changed)
    yield from _add_rows(enter, rows, changed)
    yield from _set_weights(find, rows, changed)
    find().update()


def _scatter(mesh: bpy.types.Mesh, wanted: Weights, present: Weights, vertex: np.ndarray) -> Weights:
    """Returns the groups of all of Blender's vertices. A vertex without corners keeps its own."""
    keys, source = wanted.keys(), np.full(len(mesh.vertices), -1, np.int64)
    source[vertex] = wanted.vertex
    if len(vertex) and not np.array_equal(keys[source[vertex]], keys[wanted.vertex]):
        raise SyncError("VS-4005", "the vertex groups tear a vertex apart", mesh.name)
    has_corners = source >= 0
    rows, ends = rows_of(wanted, source[has_corners])
    owner = np.repeat(np.flatnonzero(has_corners), np.diff(ends))
    others, other_ends = rows_of(present, np.flatnonzero(~has_corners)) if present.groups else (rows[:0], ends[:1])
    numbers = {name: number for number, name in enumerate(wanted.groups)}
    renumbered = np.array([numbers.get(name, -1) for name in present.groups], np.int64)
    group = np.concatenate([wanted.group[rows], renumbered[present.group[others]]])
    weight = np.concatenate([wanted.weight[rows], present.weight[others]])
    owner = np.concatenate([owner, np.repeat(np.flatnonzero(~has_corners)[: len(other_ends) - 1], np.diff(other_ends))])
    counts = np.bincount(owner, minlength=len(source))
    order = np.argsort(owner, kind="stable")
    return _sorted(wanted.groups, vertex, counts, group[order], weight[order])


def _replace_groups(item: bpy.types.Object, names: list[str]) -> None:
    """Makes groups of these names, in this order, without members. Locks and the active group stay by name."""
    locked = {group.name for group in item.vertex_groups if group.lock_weight}
    active = item.vertex_groups.active
    active = active.name if active else None
    item.vertex_groups.clear()
    for name in names:
        item.vertex_groups.new(name=name).lock_weight = name in locked
    if active in names:
        item.vertex_groups.active_index = names.index(active)


def _clear_rows(enter: Enter, present: Weights, changed: np.ndarray) -> Steps[None]:
    for number, members in _members(present, changed):
        with enter() as item:
            item.vertex_groups[number].remove(members)
        yield


def _add_rows(enter: Enter, rows: Weights, changed: np.ndarray) -> Steps[None]:
    """Adds vertices to their groups, in the order of the groups."""
    for number, members in _members(rows, changed):
        with enter() as item:
            item.vertex_groups[number].add(members, 1.0, "REPLACE")
        yield


def _members(rows: Weights, vertices: np.ndarray) -> Iterator[tuple[int, list[int]]]:
    """Yields each group that some of the vertices are in, with those."""
    found, ends = rows_of(rows, vertices)
    if not len(found):
        return
    owner, group = np.repeat(vertices, np.diff(ends)), rows.group[found]
    order = np.argsort(group, kind="stable")
    numbers, first = np.unique(group[order], return_index=True)
    for number, members in zip(numbers.tolist(), np.split(owner[order], first[1:]), strict=True):
        yield number, members.tolist()


def _set_weights(find: Find, rows: Weights, changed: np.ndarray) -> Steps[None]:
    """Sets the weights of vertices whose groups were just added in their order."""
    offset, weight = rows.offset.tolist(), rows.weight
    for part in parts(len(changed), _VERTICES):
        vertices = find().vertices
        for number in changed[part].tolist():
            if offset[number] < offset[number + 1]:
                vertices[number].groups.foreach_set("weight", weight[offset[number] : offset[number + 1]])
        yield
