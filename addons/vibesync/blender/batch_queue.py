# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the daemon's batches: defers them while a person is busy, applies them, and answers with the read-back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy

from ..core.check import check_batch
from ..core.frame import Frame, Listed
from ..core.pace import Job, Slice, Steps
from ..core.replica import Replica
from ..core.session import Session
from ..core.sync_error import SyncError
from .activity import Activity
from .apply import Batch
from .capture import Capture
from .dirty_set import DirtySet
from .read_back import ReadBack

MakeBatch = Callable[[list[dict], list, Callable[[str], bool]], Batch]


@dataclass
class PendingBatch:
    """A batch without an answer, its connection, and the uuids that it names."""

    frame: Frame
    connection_id: int
    uuids: set[str]
    is_deferred: bool = False


class BatchQueue:
    """The running batch and the next one.

    The daemon sends no second batch before the first is answered. But over a new connection one may arrive while the
    batch of the old connection is still being applied. The new one runs afterwards, and the old one gets no answer.
    """

    def __init__(
        self,
        session: Session,
        activity: Activity,
        capture: Capture,
        dirty_set: DirtySet,
        replica: Replica,
        slice_: Slice,
        make_batch: MakeBatch,
        report: Callable[[SyncError], None],
    ) -> None:
        self.applied = 0
        self._session = session
        self._activity = activity
        self._capture = capture
        self._dirty_set = dirty_set
        self._replica = replica
        self._slice = slice_
        self._make_batch = make_batch
        self._report = report
        self._read_back = ReadBack(replica, dirty_set, session.outbox)
        self._pending: list[PendingBatch] = []
        self._batch: Batch | None = None
        self._job: Job[bool] | None = None

    @property
    def has_pending(self) -> bool:
        """Returns whether a batch has no answer yet."""
        return bool(self._pending)

    @property
    def fraction(self) -> float | None:
        """Returns the finished fraction of the running batch; None without one."""
        return self._batch.steps_done / self._batch.steps_total if self._batch else None

    @property
    def running_uuids(self) -> set[str]:
        """Returns the entities of the running batch, whose state is uncertain before its end."""
        return self._pending[0].uuids if self._job else set()

    def reset(self) -> None:
        """Drops all batches, because another file was opened."""
        self._pending.clear()
        self._end()

    def restart(self) -> None:
        """Starts the running batch over, because undo replaces the scene."""
        if self._batch:
            self._batch.push_undo_step()
        self._end()

    def add(self, frame: Frame) -> set[str]:
        """Queues a batch that arrived; returns the entities that it names. It replaces any batch that has not begun."""
        changes = frame.header.get("changes")
        listed = changes if isinstance(changes, list) else ()
        uuids = (change.get("uuid") for change in listed if isinstance(change, dict))
        running = self._pending[:1] if self._job else []
        arrived = PendingBatch(frame, self._session.connection_id, {uuid for uuid in uuids if isinstance(uuid, str)})
        self._pending = [*running, arrived]
        return arrived.uuids

    def work(self, now: float, layer: bpy.types.ViewLayer, budget: float) -> None:
        """Continues the first batch for up to `budget` seconds, or defers it."""
        session = self._session
        if self._job is None:  # the daemon sends batches of an old connection again after the next sync
            current = session.connection_id if session.is_live else None
            self._pending = [each for each in self._pending if each.connection_id == current]
        if not self._pending:
            return
        first = self._pending[0]
        if self._must_wait(first, now):
            return
        layer.update()  # reports local changes separately from those of this slice
        if self._batch:
            self._batch.lookup.begin_slice()
            self._batch.lookup.reader()  # before the time starts, because a new scan is not part of the work
        self._slice.go_on(budget, at_least=budget / 2)
        if self._job is None:
            self._job = Job(self._process(first))
        try:
            self._job.run(self._slice)
        finally:
            if self._batch:
                self._batch.evaluate(layer)
            if self._job.is_done:
                if self._job.result is not False:
                    self._pending.remove(first)
                self._end()

    def _must_wait(self, first: PendingBatch, now: float) -> bool:
        """Returns whether a person is busy, or local changes must be sent first. Tells the daemon once."""
        state = self._activity.blocking_state(now)
        if state and not first.is_deferred:
            first.is_deferred = True
            self._answer(first, {"type": "deferred", "batch_id": first.frame.header.get("batch_id"), "state": state})
        return bool(state) or self._would_overwrite(first.uuids)

    def _would_overwrite(self, uuids: set[str]) -> bool:
        """Returns whether the batch would overwrite a local change that the daemon does not know.

        Entities that are deleted while the batch runs are left out of it, and the deletes are sent afterwards.
        """
        applying = self._capture.applying
        if any(uuid in uuids for uuid in [uuid for uuid in self._dirty_set.marks if uuid not in applying]):
            return True
        if self._job:
            return False
        known = uuids & self._replica.entries.keys()
        return bool(known) and (self._dirty_set.is_structure_dirty or bool(known & self._capture.unreported_deletes))

    def _was_deleted(self, uuid: str) -> bool:
        """Returns whether the user deleted an entity that the scene lacks, without the daemon's knowledge."""
        entry = self._replica.entries.get(uuid)
        return entry is not None and not entry.is_deleting

    def _end(self) -> None:
        self._job = self._batch = None
        self._capture.applying.clear()

    def _answer(self, pending: PendingBatch, header: dict, *rest: list | tuple) -> None:
        """Answers the sender of the batch, if its connection still exists."""
        if pending.connection_id == self._session.connection_id:
            self._session.send(header, *rest)

    def _process(self, pending: PendingBatch) -> Steps[bool]:
        """Applies a batch, reads it back from Blender's own data, and answers.

        Returns False, with nothing done, if local changes must be sent first.
        """
        header, attachments = pending.frame
        changes = header.get("changes") if isinstance(header.get("changes"), list) else []
        failed: dict[str, dict] = {}
        self._batch = batch = self._make_batch(changes, attachments, self._was_deleted)
        if (yield from self._find_changed(pending.uuids, batch)):
            return False
        try:
            yield from check_batch(header, self._session.project_id)
            yield from batch.run(str(header.get("label") or "VibeSync"))
            failed = {uuid: problem.to_wire() for uuid, problem in batch.failed.items()}
            self.applied += 1
        except SyncError as problem:
            self._report(problem)
            failed = {change.get("uuid"): problem.to_wire() for change in changes if isinstance(change, dict)}
        back: list[bytes] = []
        results = Listed("results")
        for change in changes:
            if isinstance(change, dict):
                error = failed.get(change.get("uuid"))
                sent = batch.sent_bulk(change.get("uuid"))
                result = yield from self._read_back.result(change, sent, batch.lookup.reader, back, error)
                results.add(result)
                self._capture.look_at(change.get("uuid"), batch.lookup.scan)  # now, so that no later batch waits for it
                if error is None:
                    self._capture.players.note_applied(change["uuid"], batch.lookup.reader())
            batch.steps_done += 1
            yield
        answer = {"type": "applied", "batch_id": header.get("batch_id")}
        self._answer(pending, answer, back, results)
        return True

    def _find_changed(self, uuids: set[str], batch: Batch) -> Steps[bool]:
        """Returns whether the user changed a material or image of the batch without an announcement of Blender's.

        It is marked then. Its values were never sent, so the daemon could not tell them from a failed batch.
        """
        has_changed = False
        for uuid in uuids & self._replica.entries.keys():
            has_changed |= self._capture.look_at(uuid, batch.lookup.scan)
            yield
        return has_changed
