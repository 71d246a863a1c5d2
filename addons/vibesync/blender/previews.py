# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews in both directions: shows what the person at the other editor does, and sends what the person here does."""

from __future__ import annotations

import time

from ..core.polling import Polling
from ..core.preview_inbox import PreviewInbox
from ..core.replica import Replica
from ..core.session import Session
from .activity import Activity
from .dirty_set import DirtySet
from .graph_port import GraphPort
from .identity import Identity
from .mesh_preview_send import MeshPreviewSender
from .preview_send import PreviewSender
from .preview_show import PreviewDisplay

FEATURE = "previews"
OF_MESHES = "mesh_previews"
FEATURES = (FEATURE, OF_MESHES)
MESSAGES = ("preview", "preview_end")


class Previews:
    """The previews of one connection. Each reader of the scene calls `put_back` first."""

    def __init__(
        self,
        session: Session,
        identity: Identity,
        dirty_set: DirtySet,
        activity: Activity,
        replica: Replica,
        graphs: GraphPort,
        polling: Polling,
    ) -> None:
        self.inbox = PreviewInbox()
        self.display = PreviewDisplay(identity, dirty_set, graphs)
        self._sender = PreviewSender(identity, dirty_set, activity, replica, graphs)
        self._meshes = MeshPreviewSender(identity, dirty_set, activity, session.positions, self._sender.outbox)
        self._session = session
        self._dirty_set = dirty_set
        self._activity = activity
        self._replica = replica
        self._polling = polling
        self._connection_id: int | None = None  # of the connection that the previews came over
        self._due = 0.0  # when newer values may be shown

    @property
    def is_idle(self) -> bool:
        """Returns whether nothing is shown, and nothing that was sent waits for its end."""
        is_sent = self._sender.outbox.is_idle and self._meshes.outbox.is_idle
        return self.display.is_clear and not self.inbox.values and is_sent

    def record_intent(self, operation_id: str, changes: list[dict]) -> None:
        """Records an intent that was sent: it decides about the previews of its entities."""
        for outbox in (self._sender.outbox, self._meshes.outbox):
            outbox.record_intent(operation_id, (change["uuid"] for change in changes))

    def handle_ack(self, ack: dict) -> None:
        """Takes the answer to an intent."""
        for outbox in (self._sender.outbox, self._meshes.outbox):
            outbox.record_answer(str(ack.get("operation_id")), str(ack.get("status")))

    def handle_apply(self, uuids: set[str]) -> None:
        """Takes the entities of a batch: they show no preview, and their meshes are no base any more."""
        self.inbox.drop(uuids)
        self._session.positions.drop(uuids)

    def is_due(self, now: float) -> bool:
        """Returns whether a tick has values to send."""
        return self._connection_id is not None and (self._sender.is_due(now) or self._meshes.is_due(now))

    def put_back(self) -> None:
        """Takes all previews out of the scene, because it is about to be read. `work` shows them again."""
        if self.display.is_clear:
            return
        self.display.flush()
        self.display.put_back(self.display.uuids)
        if self._activity.state() != "modal":
            self.display.put_back_after_tool()

    def end_all(self) -> None:
        """Ends all previews for good, until newer ones come."""
        self.inbox.clear()
        self.put_back()

    def forget_leftovers(self) -> None:
        """Takes out of the scene what undo, redo or a load has brought back of a preview."""
        self.put_back()
        self.display.put_back_leftovers()

    def work(self, now: float, may_show: bool) -> None:
        """Sends and shows what is due. `may_show`: nobody is reading the scene over several ticks."""
        session = self._session
        current = session.connection_id if session.is_live and FEATURE in session.features else None
        if current is None or current != self._connection_id:
            self._connection_id = current
            self._meshes.reset()
            self._sender.reset()
            self.inbox.clear()
        if current is None:
            self._dirty_set.touched.clear()
            self._dirty_set.touched_meshes.clear()
        else:
            self._send(now)
        self.inbox.expire(now)
        if self.inbox.values or not self.display.is_clear:
            self._show(may_show)

    def _send(self, now: float) -> None:
        for message in self._sender.work(now, self.display.uuids):
            self._session.send(message)
            self._polling.record_activity(now)
        if OF_MESHES not in self._session.features:
            self._dirty_set.touched_meshes.clear()
            return
        for message, attachments in self._meshes.work(now):
            self._session.send(message, attachments)
            self._polling.record_activity(now)

    def _show(self, may_show: bool) -> None:
        self.display.flush()
        is_modal = self._activity.state() == "modal"
        values = self._allowed() if may_show else {}
        ended = self.display.uuids - values.keys()
        if is_modal:
            self.display.give_to_tool(ended & {*self._held(ended), *self._dirty_set.marks})
        else:
            self.display.put_back_after_tool()
        self.display.put_back(ended)
        if time.monotonic() >= self._due or values.keys() - self.display.uuids:
            began = time.monotonic()
            self.display.show(values)
            now = time.monotonic()
            self._due = now + (now - began)  # in a large scene, Blender's evaluation takes at most half of the time

    def _allowed(self) -> dict[str, dict]:
        """Returns the values to show: not of what the person here holds, or has changed without an answer."""
        values, entries = self.inbox.values, self._replica.entries
        busy = {*self._held(set(values)), *self._dirty_set.marks}
        for intent in self._session.outbox:
            busy.update(intent.captured)
        return {uuid: value for uuid, value in values.items() if uuid not in busy and uuid in entries}

    def _held(self, uuids: set[str]) -> set[str]:
        """Returns which of these entities the person here holds."""
        if not uuids or self._activity.state() not in ("modal", "edit"):
            return set()
        held = self._activity.objects_in_use()
        return uuids if held is None else uuids & {*held, *self._sender.outbox.held}
