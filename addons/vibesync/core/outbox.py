# SPDX-License-Identifier: GPL-3.0-or-later
"""Intents that the daemon has not answered: kept, and sent again with the same operation id after a reconnect."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import cached_property

from .handshake import SCHEMA

MAX_PENDING = 64


@dataclass
class Intent:
    """One intent, and what the shadow learns from it once it is accepted."""

    operation_id: str
    header: dict
    attachments: list[bytes]
    learned: dict[str, dict | None] = field(default_factory=dict)  # uuid -> components in shadow form; None: deleted
    retry_at: float | None = None

    @cached_property
    def made(self) -> frozenset[str]:
        """The entities that it creates."""
        return frozenset(change["uuid"] for change in self.header["changes"] if change["op"] == "create")


class Outbox:
    """Intents in the order in which they were made."""

    def __init__(self) -> None:
        self._intents: dict[str, Intent] = {}

    def __len__(self) -> int:
        return len(self._intents)

    def __iter__(self):
        return iter(list(self._intents.values()))

    @property
    def has_room(self) -> bool:
        """False while too many intents wait: capture pauses then, and coalesces what happens meanwhile."""
        return len(self._intents) < MAX_PENDING

    def names(self, uuid: str) -> bool:
        """Whether an unanswered intent says something of this entity."""
        return any(uuid in intent.learned for intent in self._intents.values())

    def makes(self, uuid: str) -> bool:
        """Whether an unanswered intent creates this entity."""
        return any(uuid in intent.made for intent in self._intents.values())

    def add(
        self, project_id: str, base_seq: int, label: str, changes: list[dict], attachments: list[bytes], learned: dict
    ) -> Intent:
        """Make and keep an intent."""
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
        intent = Intent(operation_id, header, attachments, learned)
        self._intents[operation_id] = intent
        return intent

    def take(self, operation_id: str) -> Intent | None:
        """Remove and return an answered intent; None if it is not (any more) here."""
        return self._intents.pop(operation_id, None)

    def get(self, operation_id: str) -> Intent | None:
        """The intent, which stays."""
        return self._intents.get(operation_id)

    def clear(self) -> None:
        """Forget all: another file is open now."""
        self._intents.clear()
