# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts: intents under construction, limited in size."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..core.locks import of_this
from ..core.mesh import renumber_attachments
from ..core.replica import Replica, ReplicaEntry
from .entity import BULK, Content

MAX_CHANGES = 10_000
_MAX_ATTACHMENTS = 960
_MAX_BYTES = 64 * 1024 * 1024


@dataclass
class Draft:
    """An intent under construction. Adding a change also records it in the replica as last seen."""

    changes: list[dict] = field(default_factory=list)
    attachments: list = field(default_factory=list)
    captured: dict[str, dict | None] = field(default_factory=dict)
    bytes: int = 0
    first_name: str = ""  # of the entity that changes first

    @property
    def is_full(self) -> bool:
        """Returns whether the draft has reached a limit."""
        bulk = len(self.attachments) >= _MAX_ATTACHMENTS or self.bytes >= _MAX_BYTES
        return bulk or len(self.changes) >= MAX_CHANGES

    @property
    def label(self) -> str:
        """Returns one line for the undo history of the other editor."""
        verb = {"create": "Create", "update": "Change", "delete": "Delete"}[self.changes[0]["op"]]
        rest = f" and {len(self.changes) - 1} more" if len(self.changes) > 1 else ""
        return f"{verb} {self.first_name}{rest}"

    def add_content(self, uuid: str, kind: str, content: Content, names: list[str], is_new: bool, replica: Replica):
        """Adds the named components of an entity, as a create or an update."""
        for bulk in sorted(BULK.intersection(names)):
            if content.load:
                content.wire[bulk] = content.load()
            if bulk in content.wire:
                attachments = content.attachments_of(bulk)
                renumber_attachments(content.wire[bulk], len(self.attachments))
                self.attachments.extend(attachments)
                self.bytes += sum(map(len, attachments))
        change = {"op": "create", "uuid": uuid, "kind": kind} if is_new else {"op": "update", "uuid": uuid}
        change["components"] = {name: content.wire.get(name, content.replica[name]) for name in names}
        if "locks" in names:
            change["components"]["locks"] = of_this(content.replica["locks"])
        self.first_name = self.first_name or content.replica["name"]
        self.changes.append(change)
        self.captured[uuid] = {name: content.replica[name] for name in names}
        entry = replica.entries.setdefault(uuid, ReplicaEntry(kind))
        entry.last_seen.update(self.captured[uuid])
        entry.is_refused = False

    def add_delete(self, uuid: str, replica: Replica) -> None:
        """Adds the deletion of an entity."""
        replica.entries[uuid].is_deleting = True
        self.first_name = self.first_name or replica.entries[uuid].last_seen.get("name", "")
        self.changes.append({"op": "delete", "uuid": uuid})
        self.captured[uuid] = None
