# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to the daemon: batches are applied or deferred and read back; acks and tombstones are learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.check import check_batch
from ..core.errors import SyncError
from ..core.frame import Frame
from .apply import Batch
from .entity import Reader
from .log import logger

if TYPE_CHECKING:
    from .bridge import Bridge


class Answers:
    """At most one batch waits at a time, as the daemon sends no second before the first is answered."""

    def __init__(self, bridge: Bridge) -> None:
        self.applied = 0
        self._bridge = bridge
        self._waiting: Frame | None = None
        self._deferred = False
        self._told_shear: set[str] = set()

    @property
    def waiting(self) -> bool:
        """Whether a batch is here that was not applied yet."""
        return self._waiting is not None

    def touches(self) -> list[str]:
        """The entities that the waiting batch is about."""
        changes = self._waiting[0].get("changes") if self._waiting else None
        return [change.get("uuid") for change in changes if isinstance(change, dict)] if changes else []

    def forget(self) -> None:
        """Another file is open."""
        self._waiting = None
        self._told_shear.clear()

    def take(self, frame: Frame) -> None:
        """A batch arrived."""
        self._waiting = frame
        self._deferred = False

    def work(self, now: float) -> None:
        """Apply the waiting batch, or say once that it has to wait."""
        if self._waiting is None:
            return
        if not self._bridge.session.live:
            self._waiting = None  # the daemon sends it again after the next sync
            return
        header, attachments = self._waiting
        busy = self._bridge.attention.may_apply(now)
        if busy:
            if not self._deferred:
                self._deferred = True
                self._bridge.session.send({"type": "deferred", "batch_id": header.get("batch_id"), "state": busy})
            return
        self._waiting = None
        self._apply(header, attachments)

    def _apply(self, header: dict, attachments: list[bytes]) -> None:
        bridge = self._bridge
        changes = header.get("changes") if isinstance(header.get("changes"), list) else []
        failed: dict[str, dict] = {}
        try:
            check_batch(header, bridge.session.project_id)
            batch = Batch(bridge.identity, changes, attachments)
            reader = batch.run(str(header.get("label") or "VibeSync"))
            failed = {uuid: problem.to_wire() for uuid, problem in batch.failed.items()}
            self.applied += 1
        except SyncError as problem:
            bridge.report(problem)
            failed = {change.get("uuid"): problem.to_wire() for change in changes if isinstance(change, dict)}
            scan = bridge.identity.scan()
            reader = Reader(bridge.layer(), scan, bridge.unit())
        back: list[bytes] = []
        results = [
            self._result(change, reader, back, failed.get(change.get("uuid")))
            for change in changes
            if isinstance(change, dict)
        ]
        bridge.session.send({"type": "applied", "batch_id": header.get("batch_id"), "results": results}, back)

    def _result(self, change: dict, reader: Reader, back: list[bytes], error: dict | None) -> dict:
        """What the editor holds now, from its own data; also what the registry learns."""
        registry = self._bridge.registry
        uuid, version = change.get("uuid"), change.get("version")
        state = None
        if uuid in reader.scan:
            kind = reader.scan.kind(uuid)
            wire, shadow = reader.read(uuid, back)
            state = {"uuid": uuid, "kind": kind, "components": wire}
            if error is None:
                told = {name: shadow[name] for name in change["components"] if name in shadow}
                unanswered = any(uuid in intent.learned for intent in self._bridge.session.outbox)
                registry.learn_applied(uuid, kind, version, told, overwrites=unanswered)
        elif error is None:
            registry.bury(uuid, version)
        return {"uuid": uuid, "status": "failed" if error else "applied", "state": state, "error": error}

    def take_ack(self, ack: dict, now: float) -> None:
        """An intent was answered."""
        bridge = self._bridge
        operation_id = str(ack.get("operation_id"))
        error = ack.get("error") or {}
        if ack.get("status") == "refused" and error.get("code") == "VS-4006":
            bridge.session.retry(operation_id, now)
            return
        intent = bridge.session.outbox.take(operation_id)
        if intent is None:
            return
        if ack.get("status") == "refused":
            bridge.registry.doubt(intent.learned)
            bridge.last_error = {key: error.get(key) for key in ("code", "message", "place", "help")}
            logger.error("refused: %s %s", error.get("code"), error.get("message"))
            return
        behind = ack.get("behind") or ()
        for uuid, components in intent.learned.items():
            if uuid in behind:  # something older is on its way here, and the result comes after it
                continue
            if components is None:
                bridge.registry.bury(uuid, ack["seq"])
            else:
                bridge.registry.learn_acked(uuid, ack["seq"], components)

    def notice_shear(self, uuid: str) -> None:
        """Say it once an object."""
        if uuid not in self._told_shear:
            self._told_shear.add(uuid)
            self._bridge.report(SyncError("VS-7004", "a transform holds shear, which Unity can't show", uuid))
