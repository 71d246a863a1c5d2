# SPDX-License-Identifier: GPL-3.0-or-later
"""What may have changed since the last capture, as Blender's events tell it; cheap enough for every event."""

from __future__ import annotations

import bpy

from .identity import PROPERTY

_SETTLE_SECONDS = 0.03
_LONGEST_WAIT = 0.25


class Marks:
    """Dirty uuids in order of their first mark, and whether datablocks may have come or gone."""

    def __init__(self) -> None:
        self.dirty: dict[str, None] = {}
        self.structure = True
        self._first: float | None = None
        self._last = 0.0
        self._stirred = False

    def from_depsgraph(self, depsgraph: bpy.types.Depsgraph) -> None:
        """Note what a depsgraph update names."""
        for update in depsgraph.updates:
            datablock = update.id.original
            if isinstance(datablock, (bpy.types.Object, bpy.types.Mesh)):
                uuid = datablock.get(PROPERTY)
                if uuid is None:
                    self.structure = True
                else:
                    self.add(uuid)
                if isinstance(datablock, bpy.types.Object) and datablock.type == "MESH" and update.is_updated_geometry:
                    self.add(datablock.data.get(PROPERTY))
            elif isinstance(datablock, (bpy.types.Scene, bpy.types.Collection)):
                self.structure = True
        self._stirred = True

    def add(self, uuid: str | None) -> None:
        """Mark one uuid."""
        if uuid:
            self.dirty[uuid] = None
            self._stirred = True

    def settled(self, now: float) -> bool:
        """Whether the marks are ready to capture: events paused for a moment, or have gone on for long enough."""
        if self._stirred:
            self._stirred = False
            self._first = now if self._first is None else self._first
            self._last = now
        if not self.dirty and not self.structure:
            self._first = None
            return False
        quiet, waited = now - self._last, now - (self._first or 0.0)
        return self._first is None or quiet >= _SETTLE_SECONDS or waited >= _LONGEST_WAIT

    def clear_clock(self) -> None:
        """All marks are taken: the next one starts a new wait."""
        self._first = None
