# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the vertices of a mesh while a person works on it in Edit Mode or Sculpt Mode, before the durable change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain

import bmesh
import bpy
import numpy as np

from ..core.mesh import swap_axes
from ..core.mesh_patch import make_patch
from ..core.mesh_preview_outbox import MAX_PATCH, MeshPreviewOutbox, Message, MovedVertices
from ..core.pace import Slice
from ..core.position_bases import PositionBase, PositionBases
from ..core.preview_outbox import PreviewOutbox
from .activity import Activity
from .dirty_set import DirtySet
from .identity import Identity, Scan
from .mesh_source import read_positions
from .scenes import synced_scene, unit, view_layer

_MODES = ("EDIT", "SCULPT")
_MOST_EDITED = 50_000  # vertices; in Edit Mode each is read by itself, and a larger mesh would stop the hand
_NO_RANGES = bytes(4)


class MeshPreviewSender:
    """The sender's side. Methods return the messages to send."""

    def __init__(
        self,
        identity: Identity,
        dirty_set: DirtySet,
        activity: Activity,
        bases: PositionBases,
        values: PreviewOutbox,
    ) -> None:
        self.outbox = MeshPreviewOutbox(values.take_seq)
        self._identity = identity
        self._dirty_set = dirty_set
        self._activity = activity
        self._bases = bases

    def reset(self) -> None:
        """Starts over with a new connection."""
        self.outbox.reset()
        self._dirty_set.touched_meshes.clear()

    def work(self, now: float) -> list[Message]:
        """Reads the meshes that have changed, while a person works on one; else ends what was shown."""
        touched = self._dirty_set.touched_meshes
        active = view_layer(synced_scene()).objects.active
        if active is None or active.mode not in _MODES:
            touched.clear()
            self.outbox.release()
            return self.outbox.take_ends(self._dirty_set.marks)
        if not self.outbox.is_due(now):
            return []
        began = time.perf_counter()
        values = dict(self._read(active))
        cost = time.perf_counter() - began if values else 0.0
        return self.outbox.update(values, now, cost) + self.outbox.take_ends(self._dirty_set.marks)

    def is_due(self, now: float) -> bool:
        """Returns whether something may be sent now."""
        has_work = self._dirty_set.touched_meshes or self.outbox.must_repeat(now)
        return bool(has_work) and self.outbox.is_due(now)

    def _read(self, active: bpy.types.Object) -> Iterator[tuple[str, MovedVertices | None]]:
        touched = self._dirty_set.touched_meshes
        if active.mode == "SCULPT" and self._activity.state() == "modal":
            sculpted = self._identity.uuid_of(active.data)  # Blender need not name it before the stroke ends
            touched |= {sculpted} if sculpted else set()
        if not touched:
            return
        scale = unit(synced_scene())
        scan: Scan = self._identity.recent_scan(Slice(0.0))
        for uuid in sorted(touched):
            if self.outbox.is_waiting(uuid):
                continue
            touched.discard(uuid)
            mesh, base = scan.meshes.get(uuid), self._bases.find(uuid)
            if mesh is not None and base is not None:
                yield uuid, find_moved(mesh, active, base, scale)


def find_moved(
    mesh: bpy.types.Mesh, active: bpy.types.Object, base: PositionBase, scale: float
) -> MovedVertices | None:
    """Returns the vertices of an edited mesh that differ from its base; None if none does, too many do, or the mesh
    has other vertices or triangles by now."""
    if mesh.shape_keys is not None:
        return None
    if mesh.is_editmode:
        positions = _read_edited(mesh, base)
    elif active.data == mesh and active.mode == "SCULPT":
        positions = _read_sculpted(active, base)
    else:
        return None
    if positions is None:
        return None
    now = swap_axes(positions, scale, to_canonical=True)
    words = (np.ascontiguousarray(each, "<f4").reshape(-1).view("<u4") for each in (base.positions, now))
    patch = make_patch(*words, most=MAX_PATCH // 4)
    if patch is None or patch == _NO_RANGES or len(patch) > MAX_PATCH:
        return None
    return MovedVertices(base.address, base.positions.nbytes, patch)


def _read_edited(mesh: bpy.types.Mesh, base: PositionBase) -> np.ndarray | None:
    """Reads the positions of a mesh in Edit Mode; None if they are not those of the base one by one."""
    content = bmesh.from_edit_mesh(mesh)
    count = len(content.verts)
    # As of the last reading for an intent, or the begin of the mode.
    known = (len(mesh.vertices), len(mesh.edges), len(mesh.polygons))
    is_same = (count, len(content.edges), len(content.faces)) == known and _has_counts(mesh, base)
    if not is_same or count > _MOST_EDITED:
        return None
    numbers = chain.from_iterable(vertex.co for vertex in content.verts)
    return np.fromiter(numbers, np.float32, 3 * count).reshape(-1, 3)


def _read_sculpted(item: bpy.types.Object, base: PositionBase) -> np.ndarray | None:
    """Reads the positions of a mesh in Sculpt Mode; None if they are not those of the base one by one."""
    is_multires = any(modifier.type == "MULTIRES" for modifier in item.modifiers)
    if is_multires or item.use_dynamic_topology_sculpting or not _has_counts(item.data, base):
        return None
    return read_positions(item.data)


def _has_counts(mesh: bpy.types.Mesh, base: PositionBase) -> bool:
    """Returns whether a mesh has as many vertices and triangles as its base."""
    corners = 3 * (len(mesh.loops) - 2 * len(mesh.polygons))
    return len(mesh.vertices) == len(base.positions) and corners == base.corners
