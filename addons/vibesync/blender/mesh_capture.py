# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads changed meshes for capture, one mesh at a time, over as many ticks as necessary."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.pace import Job, Slice
from ..core.replica import Replica
from .dirty_set import CHANGES, DirtySet
from .entity import Content, Reader, read_mesh
from .mesh_memory import MeshMemory

_MOST_EDITED = 50_000  # vertices; a larger mesh is read only after Edit Mode, as that is one long step
_REST_SECONDS = 0.5  # a mesh in Edit Mode is read after this pause


@dataclass
class _MeshRead:
    """A read in progress. `mark` is the entity's mark number at the beginning."""

    uuid: str
    mark: int
    job: Job[Content | None]


class MeshCapture:
    """Reads one mesh at a time. While a person edits a mesh, it waits for a pause."""

    def __init__(self, dirty_set: DirtySet, replica: Replica) -> None:
        self.edited: dict[str, tuple[int, float]] = {}  # in Edit Mode: mark number, and since when it is unchanged
        self.memory = MeshMemory()
        self._dirty_set = dirty_set
        self._replica = replica
        self._reader: Reader | None = None  # of the current tick
        self._current: _MeshRead | None = None

    @property
    def uuid(self) -> str | None:
        """Returns the mesh that is being read."""
        return self._current.uuid if self._current else None

    def reset(self) -> None:
        """Ends all reads, because another file was opened."""
        self.edited.clear()
        self.memory.clear()
        self._reader = self._current = None

    def read(self, uuid: str, mark: int, reader: Reader, slice_: Slice, now: float) -> Content | None:
        """Returns the mesh once it is read completely. A mesh that changes meanwhile is read again from the start."""
        self._reader = reader
        current = self._current
        if current and current.uuid not in reader.scan.meshes:
            current = None
        if current and current.uuid != uuid:
            return None
        if self._is_being_edited(uuid, mark, now):
            return None
        if current is None or current.mark != mark:
            entry = self._replica.entries.get(uuid)
            recorded = entry.last_seen.get("mesh") if entry else None
            current = _MeshRead(uuid, mark, Job(read_mesh(uuid, lambda: self._reader, self.memory, recorded)))
        self._current = current
        if reader.scan.meshes[uuid].is_editmode:
            with self._dirty_set.ignore(CHANGES):  # Blender reports this read in Edit Mode as an edit
                current.job.run(slice_)
                reader.layer.update()
        if not current.job.run(slice_):
            return None
        self._current = None
        return current.job.result

    def _is_being_edited(self, uuid: str, mark: int, now: float) -> bool:
        """Returns whether a person edits this mesh in a mode of its own, and has not paused."""
        mesh = self._reader.scan.meshes[uuid]
        active = self._reader.layer.objects.active
        if not mesh.is_editmode and (active is None or active.mode == "OBJECT" or active.data != mesh):
            self.edited.pop(uuid, None)
            return False
        known, since = self.edited.get(uuid, (0, now))
        self.edited[uuid] = (mark, now if known != mark else since)
        too_large = mesh.is_editmode and len(mesh.vertices) > _MOST_EDITED
        return too_large or now - self.edited[uuid][1] < _REST_SECONDS
