# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to the daemon: batches are applied or deferred and read back; acks and tombstones are learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.check import check_batch
from ..core.equality import same_component
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
        self._replays: list[tuple[list[dict], list[bytes]]] = []
        self._told_shear: set[str] = set()

    def forget(self) -> None:
        """Another file is open."""
        self._waiting = None
        self._replays.clear()
        self._told_shear.clear()

    def take(self, frame: Frame) -> None:
        """A batch arrived."""
        self._waiting = frame
        self._deferred = False

    def work(self, now: float) -> None:
        """Apply the waiting batch, or say once that it has to wait."""
        if self._replays and not self._bridge.attention.may_apply(now):
            self._replay(*self._replays.pop(0))
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
        error = None
        try:
            check_batch(header, bridge.session.project_id)
            batch = Batch(bridge.identity, bridge.registry.tombstones, changes, attachments)
            reader = batch.run(str(header.get("label") or "VibeSync"))
        except SyncError as problem:
            bridge.report(problem)
            error = problem.to_wire()
            scan = bridge.identity.scan(bridge.registry.tombstones)
            reader = Reader(bridge.layer(), scan, bridge.unit())
        back: list[bytes] = []
        results = [self._result(change, reader, back, error) for change in changes if isinstance(change, dict)]
        self.applied += error is None
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
                registry.learn_applied(uuid, kind, version, shadow)
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
            bridge.last_error = {key: error.get(key) for key in ("code", "message", "place", "help")}
            logger.error("refused: %s %s", error.get("code"), error.get("message"))
            return
        newer = []
        for change in intent.header["changes"]:
            uuid, components = change["uuid"], intent.learned[change["uuid"]]
            if components is None:
                bridge.registry.bury(uuid, ack["seq"])
                continue
            if self._was_overwritten(uuid, ack["seq"], components):
                newer.append({**change, "op": "update", "version": ack["seq"]})
            bridge.registry.learn_acked(uuid, ack["seq"], components)
        if newer:
            self._replays.append((newer, intent.attachments))

    def _was_overwritten(self, uuid: str, seq: int, components: dict) -> bool:
        """Whether a batch older than this intent was applied over the intent's values while the ack was under way."""
        entry = self._bridge.registry.entries.get(uuid)
        if entry is None or entry.version >= seq or any(uuid in other.learned for other in self._bridge.session.outbox):
            return False
        return any(not same_component(name, entry.seen.get(name, value), value) for name, value in components.items())

    def _replay(self, changes: list[dict], attachments: list[bytes]) -> None:
        """The daemon holds the person's newer values: so must the scene."""
        bridge = self._bridge
        reader = Batch(bridge.identity, bridge.registry.tombstones, changes, attachments).run("Keep my change")
        for change in changes:
            if change["uuid"] in reader.scan:
                kind = reader.scan.kind(change["uuid"])
                bridge.registry.learn_applied(
                    change["uuid"], kind, change["version"], reader.read(change["uuid"], None)[1]
                )

    def delete_locally(self, uuids: list[str], seq: int) -> None:
        """The project no longer has these."""
        bridge = self._bridge
        changes = [{"op": "delete", "uuid": uuid, "version": seq} for uuid in uuids]
        Batch(bridge.identity, bridge.registry.tombstones, changes, []).run("Delete what is gone from the project")
        for uuid in uuids:
            bridge.registry.bury(uuid, seq)

    def notice_shear(self, uuid: str) -> None:
        """Say it once an object."""
        if uuid not in self._told_shear:
            self._told_shear.add(uuid)
            self._bridge.report(SyncError("VS-7004", "a transform holds shear, which Unity can't show", uuid))
