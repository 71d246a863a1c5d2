# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds objects that were shown, hidden or put elsewhere, and collections that changed.

Blender reports such a change without naming the object, and often without naming the collection.
"""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..core.components import ABSENT
from ..core.pace import Slice
from ..core.replica import Replica, ReplicaEntry
from .dirty_set import DirtySet
from .entity import Reader


class VisibilityCheck:
    """A pass over all collections and objects that may take several ticks."""

    def __init__(self, dirty_set: DirtySet, replica: Replica) -> None:
        self._dirty_set = dirty_set
        self._replica = replica
        self._left: Iterator[str] | None = None  # uuids that this pass has not reached; None between passes
        self._includes_hidden = False  # this pass marks all hidden objects too

    @property
    def is_running(self) -> bool:
        """Returns whether a pass has begun and not ended."""
        return self._left is not None

    def reset(self) -> None:
        """Ends the pass, because another file was opened."""
        self._left, self._includes_hidden = None, False

    def run(self, reader: Reader, slice_: Slice) -> None:
        """Marks objects whose flags changed, and collections, as long as the slice lasts."""
        dirty_set = self._dirty_set
        if dirty_set.is_visibility_dirty and not self.is_running:  # a running pass must end before the next begins
            # The uuids at the start, not a position: objects that are removed meanwhile would move others past it.
            self._left = iter([*reader.scan.data["collection"], *reader.scan.objects])
            self._includes_hidden = dirty_set.is_hidden_dirty
            dirty_set.is_visibility_dirty = dirty_set.is_hidden_dirty = False
        if self._left is None:
            return
        collections = reader.scan.data["collection"]
        for uuid in self._left:
            entry = self._replica.entries.get(uuid)
            item = reader.scan.objects.get(uuid) if entry else None
            if uuid in collections and entry and entry.changed_components(reader.read_values(uuid, "collection")):
                dirty_set.add(uuid)
            if item and self._may_have_changed(entry, item, reader):
                dirty_set.add(uuid)
                dirty_set.add(reader.shown_data(item))
                for slot in item.material_slots:
                    dirty_set.add(reader.known_uuid(slot.material))
            if slice_.is_over:
                return
        self.reset()

    def _may_have_changed(self, entry: ReplicaEntry, item: bpy.types.Object, reader: Reader) -> bool:
        if self._includes_hidden and not item.visible_get(view_layer=reader.layer):
            return True
        flags = reader.read_flags(item).items()
        return any(entry.last_seen.get(name, ABSENT.get(name, value)) != value for name, value in flags)
