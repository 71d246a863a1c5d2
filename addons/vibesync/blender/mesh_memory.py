# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers large meshes as they were last read, and converts only what differs: a brush changes few vertices.

All of Blender's arrays are read and compared, so nothing depends on what Blender says has changed. A million vertices
with one uv layer take 270 MB.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..core.mesh import Mesh, clean, swap_axes
from ..core.pace import Steps, parts
from . import mesh_read, mesh_source, triangles
from .mesh_source import Find, Source

_MIN_CORNERS = 65_536  # a smaller mesh is converted as a whole
_MAX_BYTES = 512 * 1024 * 1024
_UNUSED_SECONDS = 60.0


@dataclass
class KnownMesh:
    """A mesh, the arrays that it was made of, and the digests of its parts; None for a part without one yet.

    The arrays never change: an intent that waits for its answer uses them too.
    """

    unit: float
    source: Source
    mesh: Mesh
    digests: list[bytes | None]
    used_at: float = 0.0

    @property
    def bytes(self) -> int:
        """Returns the size of all arrays."""
        faces = self.source.faces
        own = (faces.vertex, faces.start, faces.slot, *self.source.vertex_arrays(), *self.source.loop_arrays())
        return sum(values.nbytes for values in (*own, *self.mesh.buffers().values()))


class MeshMemory:
    """Large meshes by uuid, within a limit of memory, until they are not used for a while."""

    def __init__(self) -> None:
        self._meshes: dict[str, KnownMesh] = {}  # the one that was used last is at the end

    def find(self, uuid: str) -> KnownMesh | None:
        """Returns the mesh as it was last read; None if it is not remembered."""
        return self._meshes.get(uuid)

    def keep(self, uuid: str, known: KnownMesh) -> None:
        """Remembers a mesh. Forgets those that were not used for the longest time, if there is no room."""
        self._meshes.pop(uuid, None)
        if len(known.mesh.index) < _MIN_CORNERS:
            return
        known.used_at = time.monotonic()
        self._meshes[uuid] = known
        while sum(each.bytes for each in self._meshes.values()) > _MAX_BYTES:
            del self._meshes[next(iter(self._meshes))]

    def drop_unused(self, now: float) -> None:
        """Forgets meshes that were not read for a while."""
        for uuid in [uuid for uuid, each in self._meshes.items() if now - each.used_at > _UNUSED_SECONDS]:
            del self._meshes[uuid]

    def clear(self) -> None:
        """Forgets all meshes."""
        self._meshes.clear()


def read_steps(find: Find, unit: float, known: KnownMesh | None) -> Steps[KnownMesh | None]:
    """Reads a mesh in steps, as `mesh_read.read_steps` does. Converts only what differs from `known`, if it can."""
    source = yield from mesh_source.read_steps(find)
    if source is None:
        return None
    if known is not None and known.unit == unit and _is_patchable(known.source, source):
        patched = yield from _patch(known, source)
        if patched is not None:
            return patched
        source = yield from mesh_source.read_steps(find)  # the mesh may have changed since
        if source is None:
            return None
    mesh, _ = yield from mesh_read.convert(find(), source, unit)
    return KnownMesh(unit, source, mesh, [])


def _is_patchable(old: Source, new: Source) -> bool:
    """Returns whether both have the same polygons, all with one material slot, and the same layers."""
    if old.has_vertex_normals != new.has_vertex_normals or old.has_vertex_colors != new.has_vertex_colors:
        return False
    shapes = [[values.shape for values in (*each.vertex_arrays(), *each.loop_arrays())] for each in (old, new)]
    if shapes[0] != shapes[1] or (new.color is None) != (old.color is None):
        return False
    was, now = old.faces, new.faces
    if not (np.array_equal(was.start, now.start) and np.array_equal(was.vertex, now.vertex)):
        return False
    return len(now.slot) > 0 and bool((now.slot == now.slot[0]).all()) and np.array_equal(was.slot, now.slot)


def _patch(known: KnownMesh, source: Source) -> Steps[KnownMesh | None]:
    """Converts the polygons of which a vertex or a loop differs. None if one of them has more than four sides."""
    moved = yield from _changed_rows(known.source.vertex_arrays(), source.vertex_arrays())
    edited = yield from _changed_rows(known.source.loop_arrays(), source.loop_arrays())
    faces = source.faces
    sides, first = faces.sides, faces.first
    pieces: list[tuple[slice, dict[str, np.ndarray]]] = []
    for part, loops in _polygon_parts(faces):
        vertices = faces.vertex[loops]
        if not (edited is not None and edited[loops].any()) and not (moved is not None and moved[vertices].any()):
            continue
        if (sides[part] > 4).any():
            return None
        begin = int(first[part.start])
        count = int((sides[part] - 2).sum())
        corners = np.empty((count, 3), np.int32)
        triangles.split_small(
            faces.start[part], sides[part], first[part] - begin, source.position, faces.vertex, corners
        )
        pieces.append((slice(begin * 3, (begin + count) * 3), _convert_corners(source, corners.reshape(-1))))
        yield
    mesh = yield from _replace_corners(known.mesh, pieces)
    if moved is not None:
        mesh.position = mesh.position.copy()
        mesh.position[moved] = swap_axes(source.position[moved], known.unit, to_canonical=True)
        yield
    digests = [
        None if any(piece.start < part.stop and part.start < piece.stop for piece, _ in pieces) else digest
        for part, digest in zip(parts(len(mesh.index)), known.digests, strict=True)
    ]
    return KnownMesh(known.unit, source, mesh, digests)


def _changed_rows(old: list[np.ndarray], new: list[np.ndarray]) -> Steps[np.ndarray | None]:
    """Returns a mark for each row that differs in one of the arrays, which have as many rows; None if none does."""
    changed = None
    for was, now in zip(old, new, strict=True):
        for part in parts(len(now)):
            if not np.array_equal(was[part], now[part]):
                changed = np.zeros(len(now), bool) if changed is None else changed
                changed[part] |= (was[part] != now[part]).any(axis=1)
        yield
    return changed


def _polygon_parts(faces: triangles.Faces) -> Iterator[tuple[slice, slice]]:
    """Yields ranges of polygons with their ranges of loops."""
    for part in parts(len(faces.start), triangles.POLYGONS):
        stop = faces.start[part.stop] if part.stop < len(faces.start) else len(faces.vertex)
        yield part, slice(int(faces.start[part.start]), int(stop))


def _convert_corners(source: Source, loops: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the values of some corners by the names of their buffers, given the loop of each."""
    vertices = source.faces.vertex[loops]
    normal = source.normal[vertices if source.has_vertex_normals else loops]
    values = {"index": vertices.view(np.uint32), "normal": swap_axes(normal, 1.0, to_canonical=True)}
    values |= {f"uv{number}": clean(uv[loops]) for number, uv in enumerate(source.uvs)}
    if source.color is not None:
        values["color0"] = clean(source.color[vertices if source.has_vertex_colors else loops])
    return values


def _replace_corners(mesh: Mesh, pieces: list[tuple[slice, dict[str, np.ndarray]]]) -> Steps[Mesh]:
    """Returns a mesh with other values at some corners. It shares the arrays in which nothing differs."""
    buffers = {}
    for name, values in mesh.buffers().items():
        differing = [
            (corners, new[name])
            for corners, new in pieces
            if name in new and not np.array_equal(values[corners], new[name])
        ]
        buffers[name] = (yield from _copy(values)) if differing else values
        for corners, new in differing:
            buffers[name][corners] = new
        yield
    uvs = [buffers[f"uv{number}"] for number in range(len(mesh.uvs))]
    return replace(mesh, index=buffers["index"], normal=buffers["normal"], uvs=uvs, color=buffers.get("color0"))


def _copy(values: np.ndarray) -> Steps[np.ndarray]:
    copy = np.empty_like(values)
    for part in parts(len(values)):
        copy[part] = values[part]
        yield
    return copy
