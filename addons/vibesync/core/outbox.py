# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox: intents without an answer, sent again with the same operation id after a reconnect."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cached_property

from .handshake import SCHEMA

MAX_PENDING = 64


@dataclass
class Intent:
    """One intent, and the components that the replica confirms once the intent is accepted."""

    operation_id: str
    header: dict
    attachments: list[bytes]
    captured: dict[str, dict | None] = field(default_factory=dict)  # uuid -> components in replica form; None: deleted
    retry_at: float | None = None
    is_patched: bool = False  # sent with buffers that the daemon may have lost

    @cached_property
    def created(self) -> frozenset[str]:
        """Returns the entities that the intent creates."""
        return frozenset(change["uuid"] for change in self.header["changes"] if change["op"] == "create")


class Outbox:
    """Unanswered intents, in order of creation."""

    def __init__(self) -> None:
        self._intents: dict[str, Intent] = {}

    def __len__(self) -> int:
        return len(self._intents)

    def __iter__(self):
        return iter(list(self._intents.values()))

    @property
    def has_room(self) -> bool:
        """Returns False if too many intents are pending. Capture pauses then, and changes coalesce meanwhile.

        So it does while an intent waits to be sent again: a later change of the same entity must not overtake it.
        """
        is_waiting = any(intent.retry_at is not None for intent in self._intents.values())
        return len(self._intents) < MAX_PENDING and not is_waiting

    def has_changes_of(self, uuid: str) -> bool:
        """Returns whether an unanswered intent changes this entity."""
        return any(uuid in intent.captured for intent in self._intents.values())

    def has_create_of(self, uuid: str) -> bool:
        """Returns whether an unanswered intent creates this entity."""
        return any(uuid in intent.created for intent in self._intents.values())

    def add(
        self, project_id: str, base_seq: int, label: str, changes: list[dict], attachments: list[bytes], captured: dict
    ) -> Intent:
        """Creates and keeps an intent."""
        operation_id = str(uuid.uuid4())
        header = {
            "type": "intent",
            "operation_id": operation_id,
            "project_id": project_id,
            "schema_version": SCHEMA,
            "base_seq": base_seq,
            "label": label,
            "changes": changes,
        }
        intent = Intent(operation_id, header, attachments, captured)
        self._intents[operation_id] = intent
        return intent

    def take(self, operation_id: str) -> Intent | None:
        """Removes and returns an answered intent; None if it is unknown."""
        return self._intents.pop(operation_id, None)

    def get(self, operation_id: str) -> Intent | None:
        """Returns the intent without removing it."""
        return self._intents.get(operation_id)

    def limit_base_seq(self, seq: int) -> None:
        """Lowers the base of all intents to `seq`, because the daemon's log lost the records after it."""
        for intent in self._intents.values():
            intent.header["base_seq"] = min(intent.header["base_seq"], seq)

    def clear(self) -> None:
        """Removes all intents, because another file was opened."""
        self._intents.clear()
