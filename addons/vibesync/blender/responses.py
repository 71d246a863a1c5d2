# SPDX-License-Identifier: GPL-3.0-or-later
"""Handles the daemon's answers to intents: confirms accepted changes and sends refused ones again where possible."""

from __future__ import annotations

from collections.abc import Callable

from ..core.mesh_patch import UNKNOWN_BLOB
from ..core.outbox import Intent
from ..core.references import references
from ..core.replica import Replica
from ..core.session import Session
from ..core.sync_error import change_index, for_panel, location_on_wire
from .dirty_set import DirtySet
from .log import logger

_QUEUE_FULL = "VS-4006"
_UNKNOWN_ENTITY = "VS-3001"
_LINKS = ("slots", "materials", "maps", "collection", "collections", "instance", "animation")


class ResponseHandler:
    """Applies acks to outbox and replica. `show_error` keeps an error for the panel."""

    def __init__(
        self, session: Session, replica: Replica, dirty_set: DirtySet, show_error: Callable[[dict], None]
    ) -> None:
        self._session = session
        self._replica = replica
        self._dirty_set = dirty_set
        self._show_error = show_error
        self._recreated: set[str] = set()  # Sent whole, once, because the daemon did not know them.
        # Stuck: refused because the daemon did not know an entity that they refer to.
        self._stuck: set[str] = set()
        self._news = 0  # Accepted intents and applied batches.
        self._stuck_since = 0  # `_news` when the last entity got stuck.
        self._applied = 0

    def reset(self) -> None:
        """Starts over, because another file was opened."""
        self._recreated.clear()
        self._stuck.clear()

    def handle_ack(self, ack: dict, now: float) -> None:
        """Handles the answer to an intent."""
        operation_id = str(ack.get("operation_id"))
        error = ack.get("error") or {}
        is_refused = ack.get("status") == "refused"
        if is_refused and error.get("code") == _QUEUE_FULL:
            self._session.retry(operation_id, now)
            return
        intent = self._session.outbox.take(operation_id)
        if intent is None:
            return
        if is_refused and error.get("code") == UNKNOWN_BLOB and intent.is_patched:
            self._send_whole(intent)
            return
        if is_refused:
            location = location_on_wire(error)
            self._handle_refusal(intent, str(error.get("code")), location)
            self._show_error(for_panel(error))
            logger.error("refused: %s %s (at %s)", error.get("code"), error.get("message"), error.get("place"))
            return
        self._news += 1
        behind = ack.get("behind") or ()
        for uuid, components in intent.captured.items():
            if uuid in behind:  # an older batch about it is on its way, followed by the current state
                self._replica.invalidate([uuid], ack["seq"])
            elif components is None:
                self._replica.tombstone(uuid, ack["seq"])
            else:
                self._replica.confirm_sent(uuid, ack["seq"], components)

    def resend_stuck(self, applied: int) -> None:
        """Sends stuck entities again once all intents are answered, if there is news: an accepted intent or a batch.

        The entities that they refer to may exist now. `applied`: the number of batches applied so far.
        """
        self._news += applied - self._applied
        self._applied = applied
        if not self._stuck or len(self._session.outbox) or self._news == self._stuck_since:
            return
        self._replica.mark_unknown(self._stuck)
        for uuid in self._stuck:
            self._dirty_set.add(uuid)
        self._stuck.clear()

    def _send_whole(self, intent: Intent) -> None:
        """Sends all changes of an intent again, as they are now: the daemon has lost a buffer that one built on."""
        self._session.bases.clear()
        self._replica.forget_sent(intent.captured)
        for uuid in intent.captured:
            self._dirty_set.add(uuid)
        self._dirty_set.mark_structure()  # deleted entities have no datablock to be marked by

    def _handle_refusal(self, intent: Intent, code: str, location: str) -> None:
        """Sends all changes of the intent again, except the refused one. That one waits for a person's next change, or
        for the entity that it refers to."""
        self._replica.invalidate(intent.captured)
        self._replica.record_refused(intent.created)
        refused, changes = change_index(location), intent.header["changes"]
        if refused is None or refused >= len(changes):
            return
        others = [change["uuid"] for change in changes if change is not changes[refused]]
        self._replica.forget_sent(others)
        unknown = self._take_unknown(changes[refused], code, location)
        self._replica.mark_unknown(unknown)
        for uuid in (*others, *unknown):
            self._dirty_set.add(uuid)
        self._dirty_set.mark_structure()  # deleted entities have no datablock to be marked by

    def _take_unknown(self, change: dict, code: str, location: str) -> list[str]:
        """Returns the entities that the daemon does not know and that are to be created again.

        An entity whose reference is refused is sent again once, and once more whenever that may help.
        """
        if code != _UNKNOWN_ENTITY or change["op"] == "delete":
            return []
        components = change["components"]
        referred = [components[name]["uuid"] for name in ("parent", "data") if f".{name}." in location]
        if any(f".{name}." in location for name in _LINKS):
            referred = list(references(components))
        if not referred:
            is_created = self._session.outbox.has_create_of(change["uuid"])
            return [] if is_created else [change["uuid"]]
        unknown = [uuid for uuid in (*referred, change["uuid"]) if uuid and uuid not in self._recreated]
        self._recreated.update(unknown)
        if change["uuid"] not in unknown:
            self._stuck.add(change["uuid"])
            self._stuck_since = self._news
        return unknown
