# SPDX-License-Identifier: GPL-3.0-or-later
"""The dirty set: entities that Blender's events name as changed since the last capture. Cheap enough for every
event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ..graph.nodes import Graphs
from .identity import Identity

_SETTLE_SECONDS = 0.03
_LONGEST_WAIT = 0.25


class Marks:
    """Dirty uuids in order of their first mark, and flags for changes that Blender does not attribute to an entity."""

    def __init__(self, identity: Identity) -> None:
        self.graphs = Graphs()
        self.dirty: dict[str, int] = {}  # uuid -> number of its latest mark
        self.structure = True  # datablocks may have been added or removed.
        self.around = True  # An object was shown or hidden; Blender does not say which.
        self.hidden = True  # A hidden object changed; Blender does not name it.
        self._identity = identity
        self._count = 0
        self._first: float | None = None
        self._last = 0.0
        self._stirred = False
        self._deaf = False

    def from_depsgraph(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Marks the entities that a depsgraph update names."""
        if self._deaf:
            return
        if not depsgraph.updates:
            self.around = self.hidden = self._stirred = True
        for update in depsgraph.updates:
            datablock = update.id.original
            if isinstance(datablock, (bpy.types.Object, bpy.types.Mesh)):
                uuid = self._identity.uuid_of(datablock)
                if uuid is None:
                    self.structure = True
                else:
                    self.add(uuid)
                if isinstance(datablock, bpy.types.Object) and datablock.type == "MESH" and update.is_updated_geometry:
                    self.add(self._identity.uuid_of(datablock.data))
            elif isinstance(datablock, (bpy.types.Scene, bpy.types.Collection)):
                self.structure = self.around = self._stirred = True
            elif isinstance(datablock, bpy.types.GeometryNodeTree):  # the update also names its objects
                self.graphs.forget(datablock)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Ignores depsgraph updates in this context: the addon causes them."""
        self._deaf = True
        try:
            yield
        finally:
            self._deaf = False

    def add(self, uuid: str | None) -> None:
        """Marks one uuid."""
        if uuid:
            self._count += 1
            self.dirty[uuid] = self._count
            self._stirred = True

    @property
    def any(self) -> bool:
        """Returns whether anything is to be read."""
        return bool(self.dirty) or self.structure or self.around

    def settled(self, now: float, begun: bool) -> bool:
        """Returns whether events have paused for a moment, or have lasted long enough.

        `has_unfinished`: capture has work besides the marks, because its time was up.
        """
        if self._stirred:
            self._stirred = False
            self._first = now if self._first is None else self._first
            self._last = now
        if not self.any and not begun:
            self._first = None
            return False
        quiet, waited = now - self._last, now - (self._first or 0.0)
        return self._first is None or quiet >= _SETTLE_SECONDS or waited >= _LONGEST_WAIT

    def clear_clock(self) -> None:
        """Restarts the wait, because all marks are taken."""
        self._first = None
