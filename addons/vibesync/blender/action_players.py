# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers what plays which action: that decides how its curves are read, for example the axes of an object."""

from __future__ import annotations

from ..core.replica import Replica
from . import action_read
from .dirty_set import DirtySet
from .entity import Reader


class ActionPlayers:
    """Marks an action once something else plays it, or the same in another way."""

    def __init__(self, dirty_set: DirtySet, replica: Replica) -> None:
        self._dirty_set = dirty_set
        self._replica = replica
        self._bases: dict[str, tuple[str | None, tuple]] = {}  # by player: its action, and what else decides

    def reset(self) -> None:
        """Forgets all players, because everything is compared anew."""
        self._bases = {}

    def note(self, uuid: str, kind: str, reader: Reader) -> None:
        """Compares what an object or a light plays with what is known of it."""
        if kind not in ("object", "light"):
            return
        datablock = reader.scan.get(uuid)
        basis = action_read.basis_of(datablock, reader.setting) if datablock.animation_data else None
        if basis is None:
            self.forget(uuid)
            return
        played = reader.known_uuid(datablock.animation_data.action)
        if (played, basis) != self._bases.get(uuid):
            self.forget(uuid)
            self._dirty_set.add(played)
            self._bases[uuid] = played, basis

    def note_applied(self, uuid: str, reader: Reader) -> None:
        """Does the same for an entity of an applied batch, which may have deleted it."""
        if uuid in reader.scan:
            self.note(uuid, reader.scan.kind(uuid), reader)
        else:
            self.forget(uuid)

    def forget(self, uuid: str) -> None:
        """Marks the action of what plays it no more: its curves are read without that."""
        played, _ = self._bases.pop(uuid, (None, None))
        if played in self._replica.entries:
            self._dirty_set.add(played)
