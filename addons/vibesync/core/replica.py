# SPDX-License-Identifier: GPL-3.0-or-later
"""The replica: the project, and for each uuid the state that the daemon confirmed and the state last seen here."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from . import shown
from .components import ABSENT, same_component


@dataclass(slots=True)
class ReplicaEntry:
    """One entity. The daemon confirmed `confirmed`; this editor captured, sent or applied `last_seen`.

    Components are in replica form: small ones as on the wire, a mesh as its digest.
    """

    kind: str
    version: int = 0
    confirmed: dict[str, dict] = field(default_factory=dict)
    last_seen: dict[str, dict] = field(default_factory=dict)
    is_deleting: bool = False
    is_refused: bool = False  # The daemon refused its create, and does not know it.
    is_overwritten: bool = False  # A batch overwrote an unanswered change: the daemon must send the entity again.
    invalid_before: int = 0  # parts of older versions do not make the entry valid again; 0: it is valid

    def trusted_version(self) -> int:
        """Returns the version that the editor certainly holds; 0 if there is none."""
        return 0 if self.is_overwritten or self.invalid_before else self.version

    def changed_components(self, components: dict[str, dict]) -> list[str]:
        """Returns the names of the components that differ from the state last seen."""
        return [name for name, value in components.items() if not self._equals_last_seen(name, value)]

    def _equals_last_seen(self, name: str, value: dict) -> bool:
        known = self.last_seen.get(name, ABSENT.get(name))
        return known is value or (known is not None and same_component(name, known, value))


@dataclass
class Replica:
    """All entries, and the tombstones of deleted entities."""

    project_id: str = ""
    last_seq: int = 0
    epochs: list[dict] = field(default_factory=list)  # as the last `welcome` named them; only the daemon reads them
    entries: dict[str, ReplicaEntry] = field(default_factory=dict)
    tombstones: dict[str, dict] = field(default_factory=dict)
    diverged_after: int | None = None  # the last shared record, while what the log lacks is sent again

    def replace(self, other: Replica) -> None:
        """Takes over the content of another replica, because another file was opened."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))

    def parent_of(self, uuid: str) -> str | None:
        """Returns the synchronized parent of an object as last seen."""
        entry = self.entries.get(uuid)
        return (entry.last_seen.get("parent") or {}).get("uuid") if entry else None

    def confirm_applied(
        self,
        uuid: str,
        kind: str,
        version: int,
        components: dict[str, dict],
        overwrites: bool = False,
        whole: bool = True,
    ) -> None:
        """Records that the editor now holds the daemon's value, which is therefore not a local change.

        `overwrites`: an intent about this entity has no answer yet. `whole`: the batch contained the whole entity.
        """
        self.tombstones.pop(uuid, None)  # a create revives a deleted entity
        entry = self.entries.setdefault(uuid, ReplicaEntry(kind))
        entry.confirmed.update(components)
        entry.last_seen.update(components)
        entry.version = max(entry.version, version)
        entry.is_deleting = entry.is_refused = False
        entry.is_overwritten = overwrites
        if whole or version >= entry.invalid_before:
            entry.invalid_before = 0
        self.last_seq = max(self.last_seq, version)

    def record_vanished(self, uuid: str, kind: str | None, version: int) -> None:
        """Records an entity that the user deleted between apply and read-back; capture then sends the delete.

        The user had seen the version, so the delete must not look like one that was made at the same time.
        """
        if kind:  # only a create has one
            self.entries.setdefault(uuid, ReplicaEntry(kind)).version = version
        self.last_seq = max(self.last_seq, version)

    def confirm_sent(self, uuid: str, version: int, components: dict[str, dict]) -> None:
        """Records that the daemon accepted values from this editor."""
        entry = self.entries.get(uuid)
        if entry:
            entry.confirmed.update(components)
            entry.version = max(entry.version, version)
            entry.is_overwritten = entry.is_refused = False
        self.tombstones.pop(uuid, None)
        self.last_seq = max(self.last_seq, version)

    def invalidate(self, uuids: Iterable[str], since: int = sys.maxsize) -> None:
        """Marks entries as possibly wrong, until a whole entity arrives, or a part of version `since` or later."""
        for uuid in uuids:
            if uuid in self.entries:
                self.entries[uuid].invalid_before = since

    def forget_sent(self, uuids: Iterable[str]) -> None:
        """Forgets sent changes, so that capture sends them again: they were refused because of another change."""
        for uuid in uuids:
            if uuid in self.entries:
                entry = self.entries[uuid]
                entry.last_seen = dict(entry.confirmed)
                entry.is_deleting = False

    def record_refused(self, created: Iterable[str]) -> None:
        """Records creates that were refused with their intent: the daemon does not know these entities."""
        for uuid in created:
            if uuid in self.entries and self.entries[uuid].version == 0:
                self.entries[uuid].is_refused = True

    def mark_unknown(self, uuids: Iterable[str]) -> None:
        """Marks entities that the daemon does not know, so that capture creates them again."""
        for uuid in uuids:
            if uuid in self.entries:
                self.entries[uuid].version = 0
                self.entries[uuid].last_seen.clear()

    def forget_last_seen(self, uuids: Iterable[str]) -> None:
        """Makes capture send all components of entities again: the daemon has lost their bulk data, or this editor has
        got them whole."""
        for uuid in uuids:
            entry = self.entries.get(uuid)
            if entry and not entry.is_deleting:
                entry.last_seen.clear()
                if entry.kind == "object":
                    entry.last_seen[shown.NAME] = shown.UNKNOWN

    def forget_after(self, seq: int) -> list[str]:
        """Forgets that the daemon acknowledged anything after `seq`, because its log does not have these records.

        Returns the entities that capture must send again. A tombstone becomes an entry that is not in the scene, so
        that capture sends the delete again.
        """
        forgotten = []
        for uuid, entry in self.entries.items():
            if entry.version > seq or seq < entry.invalid_before < sys.maxsize:
                self.entries[uuid] = ReplicaEntry(entry.kind, is_deleting=entry.is_deleting)
                forgotten.append(uuid)
        for uuid, tombstone in list(self.tombstones.items()):
            if tombstone["version"] > seq:
                del self.tombstones[uuid]
                named = {"name": tombstone["name"]}
                self.entries[uuid] = ReplicaEntry(tombstone["kind"], confirmed=named, last_seen=dict(named))
                forgotten.append(uuid)
        self.last_seq = seq
        known = self.diverged_after
        self.diverged_after = seq if known is None else min(known, seq)
        return forgotten

    def end_divergence(self) -> None:
        """Ends the divergence once the daemon has answered all that was sent again."""
        if self.diverged_after is None:
            return
        if all(entry.version or entry.is_refused for entry in self.entries.values()):
            self.diverged_after = None

    def tombstone(self, uuid: str, version: int) -> None:
        """Replaces the entry of a deleted entity by a tombstone. Only a later create revives the uuid, as undo does."""
        entry = self.entries.pop(uuid, None)
        if entry:
            name = entry.confirmed.get("name", "")
            self.tombstones[uuid] = {"kind": entry.kind, "name": name, "version": version}
        self.last_seq = max(self.last_seq, version)
