# SPDX-License-Identifier: GPL-3.0-or-later
"""What may have changed since the last capture, as Blender's events tell it; cheap enough for every event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ..graph.nodes import Graphs
from .identity import Identity

_SETTLE_SECONDS = 0.03
_LONGEST_WAIT = 0.25


class Marks:
    """Dirty uuids in order of their first mark, and whether datablocks may have come or gone."""

    def __init__(self, identity: Identity) -> None:
        self.graphs = Graphs()
        self.dirty: dict[str, int] = {}  # uuid -> number of its latest mark
        self.structure = True  # datablocks may have come or gone
        self.around = True  # something was shown or hidden, and Blender does not say what
        self.hidden = True  # something changed that is hidden: Blender does not name it
        self._identity = identity
        self._count = 0
        self._first: float | None = None
        self._last = 0.0
        self._stirred = False
        self._deaf = False

    def from_depsgraph(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Note what a depsgraph update names."""
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
            elif isinstance(datablock, bpy.types.GeometryNodeTree):  # the objects that show it are named beside it
                self.graphs.forget(datablock)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Take no note of depsgraph updates meanwhile: this addon makes them."""
        self._deaf = True
        try:
            yield
        finally:
            self._deaf = False

    def add(self, uuid: str | None) -> None:
        """Mark one uuid."""
        if uuid:
            self._count += 1
            self.dirty[uuid] = self._count
            self._stirred = True

    @property
    def any(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.dirty) or self.structure or self.around

    def settled(self, now: float, begun: bool) -> bool:
        """Whether the marks are ready to capture: events paused for a moment, or have gone on for long enough. `begun`:
        there is more to look at than the marks, as the time was up before the end."""
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
        """All marks are taken: the next one starts a new wait."""
        self._first = None
