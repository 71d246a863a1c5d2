# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to the daemon: batches are applied or deferred and read back; acks and tombstones are learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.check import check_batch, is_uuid
from ..core.equality import same_component
from ..core.errors import SyncError, change_at
from ..core.frame import Frame, to_json
from ..core.mesh import shift
from ..core.outbox import Intent
from ..core.pace import Job, Steps
from .apply import Batch
from .entity import read_entity
from .log import logger

_MAX_READS = 3

if TYPE_CHECKING:
    from .bridge import Bridge


@dataclass
class Waiting:
    """A batch that is not answered yet, the link that it came over, and the entities that it is about."""

    frame: Frame
    link: int
    named: set[str]
    deferred: bool = False


class Answers:
    """The daemon sends no second batch before the first is answered; but over a new link one may come while that of the
    old link is still being applied. It comes after it, and nobody is there to hear of the first."""

    def __init__(self, bridge: Bridge) -> None:
        self.applied = 0
        self._bridge = bridge
        self._mended: set[str] = set()  # what was sent whole, once, because the daemon did not know it
        self._waiting: list[Waiting] = []  # the batch under way, and the one that comes after it
        self._batch: Batch | None = None
        self._job: Job[None] | None = None  # the batch under way

    @property
    def waiting(self) -> bool:
        """Whether a batch is here that was not answered yet."""
        return bool(self._waiting)

    @property
    def fraction(self) -> float | None:
        """How much of the batch is done; None without one."""
        return self._batch.done / self._batch.whole if self._batch else None

    def _would_overwrite(self, named: set[str]) -> bool:
        """Whether the batch would overwrite what the user did and the daemon was not told yet. What is deleted while it
        is under way is told after it, and left out of it."""
        marks, capture = self._bridge.marks, self._bridge.capture
        if named & marks.dirty.keys() - capture.held:
            return True
        if self._job:
            return False
        known = named & self._bridge.registry.entries.keys()
        return bool(known) and (marks.structure or bool(known & capture.gone))

    def _was_deleted(self, uuid: str) -> bool:
        """Whether the user has deleted this entity, if it is not in the scene, and the daemon was not told."""
        entry = self._bridge.registry.entries.get(uuid)
        return entry is not None and not entry.deleting

    @property
    def under_way(self) -> set[str]:
        """The entities of the batch that was begun: what is held of them is not known before its end."""
        return self._waiting[0].named if self._job else set()

    def forget(self) -> None:
        """Another file is open."""
        self._waiting.clear()
        self._mended.clear()
        self._end()

    def restart(self) -> None:
        """The scene is about to be replaced under the batch, by undo, or was: apply it again from its beginning."""
        if self._batch:
            self._batch.step()
        self._end()

    def _end(self) -> None:
        self._job = self._batch = None
        self._bridge.capture.held.clear()

    def take(self, frame: Frame) -> None:
        """A batch arrived."""
        changes = frame.header.get("changes")
        listed = changes if isinstance(changes, list) else ()
        uuids = (change.get("uuid") for change in listed if isinstance(change, dict))
        named = {uuid for uuid in uuids if is_uuid(uuid)}
        under_way = self._waiting[:1] if self._job else []
        self._waiting = [*under_way, Waiting(frame, self._bridge.session.link, named)]

    def work(self, now: float) -> None:
        """Go on with the waiting batch, or say once that it has to wait."""
        session = self._bridge.session
        if self._job is None:  # what came over a link that is no more, the daemon sends again after the next sync
            self._waiting = [each for each in self._waiting if session.live and each.link == session.link]
        if not self._waiting:
            return
        first = self._waiting[0]
        busy = self._bridge.attention.may_apply(now)
        if busy:
            if not first.deferred:
                first.deferred = True
                self._answer(first, {"type": "deferred", "batch_id": first.frame.header.get("batch_id"), "state": busy})
            return
        if self._would_overwrite(first.named):
            return
        if self._batch:
            self._batch.now()  # looking all up anew is not part of the work
        self._bridge.slice.go_on(self._bridge.settings.budget, at_least=self._bridge.settings.budget / 2)
        if self._job is None:
            self._job = Job(self._process(first))
        layer = self._bridge.layer()
        layer.update()  # a person's changes are announced before those of this slice
        try:
            self._job.run(self._bridge.slice)
        finally:
            if self._batch:
                self._batch.evaluate(layer)
            if self._job.done:
                self._waiting.remove(first)
                self._end()

    def _answer(self, batch: Waiting, header: dict, *rest: list | tuple) -> None:
        """Tell whoever sent the batch, as long as they are there."""
        if batch.link == self._bridge.session.link:
            self._bridge.session.send(header, *rest)

    def _process(self, waiting: Waiting) -> Steps[None]:
        """Apply, read back from Blender's own data, answer."""
        bridge = self._bridge
        header, attachments = waiting.frame
        changes = header.get("changes") if isinstance(header.get("changes"), list) else []
        failed: dict[str, dict] = {}
        self._batch = batch = Batch(
            bridge.identity, changes, attachments, bridge.capture.held, bridge.slice, bridge.marks, self._was_deleted
        )
        try:
            yield from check_batch(header, bridge.session.project_id)
            yield from batch.run(str(header.get("label") or "VibeSync"))
            failed = {uuid: problem.to_wire() for uuid, problem in batch.failed.items()}
            self.applied += 1
        except SyncError as problem:
            bridge.report(problem)
            failed = {change.get("uuid"): problem.to_wire() for change in changes if isinstance(change, dict)}
        back: list[bytes] = []
        results = []
        for change in changes:
            if isinstance(change, dict):
                result = yield from self._result(change, batch, back, failed.get(change.get("uuid")))
                results.append(to_json(result))
            batch.done += 1
            yield
        answer = {"type": "applied", "batch_id": header.get("batch_id")}
        self._answer(waiting, answer, back, ("results", results))

    def _result(self, change: dict, batch: Batch, back: list[bytes], error: dict | None) -> Steps[dict]:
        """What the editor holds now, from its own data; also what the registry learns."""
        registry = self._bridge.registry
        uuid, version = change.get("uuid"), change.get("version")
        state = content = None
        for _ in range(_MAX_READS):  # again if it changed while it was read
            content = yield from read_entity(uuid, batch.now)
            if content or uuid not in batch.now().scan:
                break
        if content:
            kind = batch.now().scan.kind(uuid)
            if "mesh" in content.wire:
                shift(content.wire["mesh"], len(back))
                back.extend(content.attachments)
            state = {"uuid": uuid, "kind": kind, "components": content.wire}
            if error is None:
                told = _told(change["components"], content.shadow)
                registry.learn_applied(
                    uuid,
                    kind,
                    version,
                    told,
                    overwrites=self._bridge.session.outbox.names(uuid),
                    whole=change["op"] != "update",
                )
                if registry.entries[uuid].changed(content.shadow):  # the person was here since
                    self._bridge.marks.add(uuid)
        elif error is None and change["op"] == "delete":
            registry.bury(uuid, version)
        elif error is None:  # deleted here since it was applied
            registry.learn_vanished(uuid, change.get("kind"), version)
            self._bridge.marks.structure = True
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
            self._take_refusal(intent, str(error.get("code")), str(error.get("place") or ""))
            bridge.last_error = {key: error.get(key) for key in ("code", "message", "place", "help")}
            logger.error("refused: %s %s (at %s)", error.get("code"), error.get("message"), error.get("place"))
            return
        behind = ack.get("behind") or ()
        for uuid, components in intent.learned.items():
            if uuid in behind:  # something older is on its way here, and the result comes after it
                bridge.registry.doubt([uuid], ack["seq"])
                continue
            if components is None:
                bridge.registry.bury(uuid, ack["seq"])
            else:
                bridge.registry.learn_acked(uuid, ack["seq"], components)

    def _take_refusal(self, intent: Intent, code: str, place: str) -> None:
        """The change that was refused itself waits until the person changes it again; the others are sent again."""
        bridge = self._bridge
        bridge.registry.doubt(intent.learned)
        culprit, changes = change_at(place), intent.header["changes"]
        if culprit is None or culprit >= len(changes):
            return
        others = [change["uuid"] for change in changes if change is not changes[culprit]]
        bridge.registry.unsend(others)
        unknown = self._unknown(changes[culprit], code, place)
        bridge.registry.want(unknown)
        for uuid in (*others, *unknown):
            bridge.marks.add(uuid)
        bridge.marks.structure = True  # what was deleted has nothing to be marked

    def _unknown(self, change: dict, code: str, place: str) -> list[str]:
        """What the daemon does not know, as far as that was not mended before: the entity, or what it refers to."""
        if code != "VS-3001" or change["op"] == "delete":
            return []
        named = [change["components"][name]["uuid"] for name in ("parent", "data") if f".{name}." in place]
        unknown = [uuid for uuid in (*named, change["uuid"]) if uuid and uuid not in self._mended]
        self._mended.update(unknown)
        return unknown


def _told(sent: dict[str, dict], held: dict[str, dict]) -> dict[str, dict]:
    """What the daemon has told of an entity, as far as it is held: where that is something else, a person changed it
    since, which is theirs to tell. A mesh can't be compared: the digest held is that of what Blender made of it."""
    names = sent.keys() & held.keys()
    return {
        name: held[name] if name == "mesh" or same_component(name, sent[name], held[name]) else sent[name]
        for name in names
    }
