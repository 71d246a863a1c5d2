# SPDX-License-Identifier: GPL-3.0-or-later
"""The dirty set: entities that Blender's events name as changed since the last capture. Cheap enough for every
event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bpy

from .identity import Identity

_SETTLE_SECONDS = 0.03
_LONGEST_WAIT = 0.25


class DirtySet:
    """Dirty uuids in order of their first mark, and flags for changes that Blender does not attribute to an entity."""

    def __init__(self, identity: Identity, forget_graph: Callable[[bpy.types.GeometryNodeTree], None]) -> None:
        self._identity = identity
        self._forget_graph = forget_graph
        self.updates = 0  # number of Blender's updates, so that a call knows whether anything happened since
        self.reset()

    def reset(self) -> None:
        """Starts over, because another file was opened: nothing is known yet."""
        self.marks: dict[str, int] = {}  # uuid -> number of its latest mark
        self.is_structure_dirty = True  # Datablocks may have been added or removed.
        self.is_visibility_dirty = True  # An object was shown or hidden; Blender does not say which.
        self.is_hidden_dirty = True  # A hidden object changed; Blender does not name it.
        self._count = 0
        self._first: float | None = None
        self._last = 0.0
        self._has_new_marks = False
        self._ignores_updates = False

    def record_updates(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Marks the entities that a depsgraph update names."""
        self.updates += 1
        if self._ignores_updates:
            return
        if not depsgraph.updates:
            self.is_visibility_dirty = self.is_hidden_dirty = self._has_new_marks = True
        for update in depsgraph.updates:
            datablock = update.id.original
            if isinstance(datablock, (bpy.types.Object, bpy.types.Mesh)):
                uuid = self._identity.uuid_of(datablock)
                if uuid is None:
                    self.is_structure_dirty = True
                else:
                    self.add(uuid)
                if isinstance(datablock, bpy.types.Object) and datablock.type == "MESH" and update.is_updated_geometry:
                    self.add(self._identity.uuid_of(datablock.data))
            elif isinstance(datablock, (bpy.types.Scene, bpy.types.Collection)):
                self.is_structure_dirty = self.is_visibility_dirty = self._has_new_marks = True
            elif isinstance(datablock, bpy.types.GeometryNodeTree):  # the update also names its objects
                self._forget_graph(datablock)

    @contextmanager
    def ignore_updates(self) -> Iterator[None]:
        """Ignores depsgraph updates in this context: the addon causes them."""
        self._ignores_updates = True
        try:
            yield
        finally:
            self._ignores_updates = False

    def add(self, uuid: str | None) -> None:
        """Marks one uuid."""
        if uuid:
            self._count += 1
            self.marks[uuid] = self._count
            self._has_new_marks = True

    def is_settled(self, now: float, has_unfinished_work: bool) -> bool:
        """Returns whether events have paused for a moment, or have lasted long enough.

        `has_unfinished_work`: capture has work besides the marks, because its time was up.
        """
        if self._has_new_marks:
            self._has_new_marks = False
            self._first = now if self._first is None else self._first
            self._last = now
        if not (self.marks or self.is_structure_dirty or self.is_visibility_dirty or has_unfinished_work):
            self._first = None
            return False
        quiet, waited = now - self._last, now - (self._first or 0.0)
        return self._first is None or quiet >= _SETTLE_SECONDS or waited >= _LONGEST_WAIT

    def restart_wait(self) -> None:
        """Restarts the wait, because all marks are taken."""
        self._first = None
