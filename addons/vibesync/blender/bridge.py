# SPDX-License-Identifier: GPL-3.0-or-later
"""The bridge connects session and scene: each `tick` handles the daemon's messages, then sends local changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bpy

from ..core import agents
from ..core.components import RECEIVED
from ..core.frame import Frame
from ..core.notices import Notices
from ..core.pace import Slice
from ..core.polling import Polling
from ..core.progress import Estimate, Progress
from ..core.replica import Replica
from ..core.session import OWN_FEATURES, Client, EditorCallbacks, Session
from ..core.sync_error import SyncError, for_panel
from ..core.view import MANUAL
from . import previews, scenes, store, window_requests
from .activity import Activity, describe_context
from .apply import Batch
from .batch_queue import BatchQueue
from .call_port import FEATURE, MESSAGES, CallPort
from .capture import Capture
from .dirty_set import DirtySet
from .entity import Reader
from .graph_port import GraphPort
from .identity import Identity, Scan, log_bound
from .log import logger
from .project_choice import ProjectChoice
from .responses import ResponseHandler
from .scene_lookup import SceneLookup
from .session_facts import SessionFacts
from .settings import Settings
from .unsynced_report import UnsyncedReport

VERSION = "0.1.0"
_MAX_FAILURES = 3
_SHARE_OF_READING = 0.8  # of a tick
_MOST_POSTPONED = 2  # ticks until changes are read although a scan takes all the time


class Bridge:
    """The one running instance of the addon."""

    def __init__(self, settings: Settings, graphs: GraphPort) -> None:
        self.settings = settings
        self.graphs = graphs
        self.slice = Slice()
        self.polling = Polling()
        self.notices = Notices()
        self.unsynced = UnsyncedReport(self.notices)
        self.identity = Identity()
        self.dirty_set = DirtySet(self.identity, graphs.forget)
        self.activity = Activity(self.identity, self.dirty_set)
        self.replica = Replica()
        self.projects = ProjectChoice()
        self.is_registry_damaged = False  # the damaged data stay in the file until a person discards them
        self.paused: str | None = None  # the reason for the pause
        self.last_error: dict | None = None
        self.session = self._make_session()
        self.agents = agents.Agents(self.session)
        outbox, report = self.session.outbox, self.unsynced.add
        self.capture = Capture(self.dirty_set, self.identity, self.replica, outbox, report, lambda: self.settings)
        self.responses = ResponseHandler(self.session, self.replica, self.dirty_set, self._show_error)
        self.batches = BatchQueue(
            self.session,
            self.activity,
            self.capture,
            self.dirty_set,
            self.replica,
            self.slice,
            self._make_batch,
            self.report,
        )
        self.calls = CallPort()
        self.window = window_requests.WindowRequests(
            self.session, self.identity, self.activity, lambda: self.batches.has_pending
        )
        self.previews = previews.Previews(
            self.session, self.identity, self.dirty_set, self.activity, self.replica, graphs, self.polling
        )
        self.is_busy = False  # The last tick left unfinished work for the next one.
        self.is_polite = False  # A person asked for short slices until the present work is done.
        self.budget = settings.budget  # seconds of this tick
        self._estimate = Estimate()
        self._failures: dict[str, int] = {}  # in a row, by the part of the work
        self._known_updates = 0  # Blender's updates before the end of the last tick
        self._unit = 0.0
        self._is_rebound = False  # The next scan reports which entities were found again by uuid.
        self._postponed = 0  # Number of ticks in a row that had time for a scan or its marks alone.
        self._is_opened = False  # Blender shows no data during registration, so the first tick opens the file

    def _make_session(self) -> Session:
        features = (agents.FEATURE, FEATURE, *previews.FEATURES, window_requests.FEATURE, *OWN_FEATURES)
        client = Client("blender", bpy.app.version_string, VERSION, RECEIVED, features)
        self.facts = facts = SessionFacts(self.replica, self.dirty_set, lambda: self.batches)
        editor = EditorCallbacks(
            lambda: self.projects.locate(self.replica.project_id, self.settings),
            facts.last_seq,
            facts.inventory,
            self.activity.reported_state,
            self.activity.objects_in_use,
            facts.history,
            facts.take_welcome,
        )
        return Session(client, editor)

    def _make_batch(self, changes: list[dict], attachments: list, was_deleted: Callable[[str], bool]) -> Batch:
        self.previews.put_back()
        lookup = SceneLookup(self.identity, self.graphs)
        return Batch(
            changes,
            attachments,
            lookup,
            self.graphs,
            self.slice,
            self.dirty_set,
            self.capture.applying,
            was_deleted,
        )

    def open_file(self) -> None:
        """Starts over with the file that is open now."""
        self._is_opened = True
        self.session.stop("another file was opened")
        self.identity.reset()
        self.notices.reset()
        self._start_over()
        self.is_registry_damaged = False
        try:
            self.replica.replace(store.load())
        except SyncError as error:
            self.is_registry_damaged = True
            self.pause(error)
            return
        self.rebind()
        if self.settings.auto_connect:
            self.session.start()
        else:
            self.pause()

    def _start_over(self) -> None:
        """Forgets what is known of a project, and all work for it."""
        self.previews.end_all()
        self.session.reset()
        self.graphs.forget()
        self.calls.reset()
        self.responses.reset()
        self.batches.reset()
        self.dirty_set.reset()
        self.capture.reset()
        self.replica.replace(Replica())
        self.paused = None

    def join(self, project_id: str) -> None:
        """Makes the file one of a project, on behalf of a person. The next save stores that in the file."""
        self.session.stop("the file joins a project")
        self.replica.project_id = project_id
        self.resume()

    def leave(self) -> None:
        """Takes the file out of its project, on behalf of a person. The scene does not change."""
        self.session.stop("the file leaves its project")
        self._start_over()
        store.save_in_file(self.replica)
        self.resume()

    def detach(self) -> None:
        """Handles disabling of the addon: says goodbye and stores the replica in the scene for the next start."""
        self.session.stop("the addon was disabled")
        self.previews.end_all()
        self.batches.restart()
        if self._is_opened and not self.is_registry_damaged:
            store.save_in_file(self.replica)

    def pause(self, error: SyncError | None = None) -> None:
        """Stops all automation and keeps the reason. The scene does not change."""
        if error:
            self.report(error)
        self.paused = str(error) if error else MANUAL
        self.session.stop("paused")

    def resume(self) -> None:
        """Continues after a pause, on behalf of a person."""
        self.paused = None
        self._failures.clear()
        self.rebind()
        self.session.start()

    def rebind(self) -> None:
        """Compares the whole scene with the replica: after undo, redo or on demand."""
        self.batches.restart()
        self.previews.forget_leftovers()
        self._is_rebound = True
        self.dirty_set.updates += 1
        self.dirty_set.mark_structure()
        self.graphs.forget()
        self.capture.mark_all()

    def rebuild_registry(self) -> None:
        """Discards a damaged registry. The scene is kept and matched with the daemon by uuid."""
        self.replica.replace(Replica())
        self.is_registry_damaged = False
        self.resume()

    def report(self, error: SyncError) -> None:
        """Logs an error and keeps it for the panel."""
        self._show_error(error.to_wire())
        logger.error("%s", error)

    def _show_error(self, error: dict) -> None:
        self.last_error = error

    @property
    def progress(self) -> Progress | None:
        """Returns the progress of work that takes several ticks; None if all is done."""
        received, sent = self.batches.fraction, self.capture.fraction
        if received is not None:
            return self._estimate.progress("receiving", received)
        if sent is not None:
            return self._estimate.progress("sending", sent)
        self._estimate.end()
        return None

    @property
    def has_long_slices(self) -> bool:
        """Returns whether the present work takes more time per tick than beside a person."""
        return self.is_busy and self.budget > self.settings.budget

    @property
    def is_attached(self) -> bool:
        """Returns whether the addon has taken up the open file. Before that, it reads nothing."""
        return self._is_opened

    def layer(self) -> bpy.types.ViewLayer:
        """Returns the view layer through which the scene is read."""
        return scenes.view_layer(scenes.synced_scene())

    def unit(self) -> float:
        """Returns meters per Blender unit."""
        return scenes.unit(scenes.synced_scene())

    def has_scene_news(self, now: float) -> bool:
        """Returns whether a tick has anything to do, apart from messages."""
        return self.is_busy or self.dirty_set.updates != self._known_updates or self.previews.is_due(now)

    def is_all_quiet(self) -> bool:
        """Lets Blender report changes by scripts, and returns whether a tick would find nothing to do."""
        dirty, scene = self.dirty_set, scenes.synced_scene()
        if self.capture.has_work or self.batches.has_pending or self._is_reading or not self.previews.is_idle:
            return False
        scenes.view_layer(scene).update()
        has_news = dirty.updates != self._known_updates or self.identity.has_new_uuids
        return not has_news and scenes.unit(scene) == self._unit

    def receive(self, now: float) -> bool:
        """Handles the daemon's messages and heartbeats, without a tick. Returns whether a tick must follow."""
        with self._guarded("messages"), self.activity.one_look():
            return self._receive(now)
        return True

    def look_around(self, now: float) -> None:
        """Lets capability add-ons be looked for, in a small step."""
        if self._is_opened and not self.paused and self.calls.is_look_due(now):
            with self._guarded("add-ons"):
                self.calls.look_around(now)

    def tick(self, receives: bool = True) -> None:
        """Does a bounded amount of work. An error that repeats turns automation off.

        `receives`: the daemon's messages are a part of it.
        """
        if self.calls.is_running:
            return  # code of an add-on called this
        self.budget = self._choose_budget(time.monotonic())
        # Changes and a batch share the time, and what was read has still to be sent.
        self.slice.begin(self.budget * _SHARE_OF_READING / (2 if self.batches.has_pending else 1))
        self._work(receives)
        self.session.flush()  # The answer or the change leaves now, and not with the next tick.
        has_more = (
            self.slice.is_over or self.capture.is_checking_visibility or self.calls.is_due or self.session.is_parsing
        )
        self.is_busy = has_more and self.paused is None
        self.is_polite = self.is_polite and self.progress is not None
        self._known_updates = self.dirty_set.updates
        self.polling.record_tick(time.monotonic(), receives)

    @property
    def _is_reading(self) -> bool:
        """Returns whether work that reads the scene takes several ticks."""
        return bool(self.batches.running_uuids) or not self.calls.is_idle or not self.window.is_idle

    def _choose_budget(self, now: float) -> float:
        """Returns the seconds for a tick. Work that takes many ticks gets long ones while nobody uses Blender."""
        settings = self.settings
        if self.is_busy and not self.is_polite and self.activity.is_at_rest(now):
            return max(settings.budget, settings.budget_at_rest)
        return settings.budget

    def _work(self, receives: bool) -> None:
        now = time.monotonic()
        with self._guarded("tick"), self.activity.one_look():
            if not self.paused:
                self._exchange(now, receives)
            self.previews.work(now, may_show=not self._is_reading)

    @contextmanager
    def _guarded(self, part: str) -> Iterator[None]:
        """Handles the errors of one part of the work: none may escape into Blender's timer."""
        try:
            yield
            self._failures.pop(part, None)
        except Exception as error:
            self._handle_failure(error, part)

    def _receive(self, now: float) -> bool:
        must_tick = False
        for frame in self.session.pump(now, Slice(self.budget / 2)):
            if frame.header["type"] != "result":  # these come every few seconds, and concern the panel alone
                must_tick = True
                self.polling.record_activity(now)
            self._handle(frame, now)
        self.agents.work(now)
        return must_tick or self.session.is_parsing

    def _exchange(self, now: float, receives: bool) -> None:
        """Handles what arrived, sends local changes, and goes on with work that takes several ticks."""
        if not self._is_opened:
            if self.activity.blocking_state(now):
                return  # a person is working: attach later
            logger.info("attached: %s", describe_context())
            self.open_file()
        if receives:
            self._receive(now)
        may_read = self.session.outbox.has_room and self.activity.state() not in ("modal", "loading")
        if self.session.is_live and may_read:
            self.responses.resend_stuck(self.batches.applied)
            self._send_changes(now)
        if self.batches.has_pending:
            self.batches.work(now, self.layer(), self.budget)
        if self._is_reading:
            self.previews.put_back()
        self.calls.work(now)
        self.window.work(now)
        self.capture.drop_unused(now)
        self.replica.end_divergence()

    def _handle_failure(self, error: Exception, part: str) -> None:
        logger.exception("a tick failed")
        self._failures[part] = self._failures.get(part, 0) + 1
        known = error if isinstance(error, SyncError) else SyncError("VS-4005", f"internal error: {error!r}", "tick")
        self.report(known)
        if self._failures[part] >= _MAX_FAILURES:
            self.pause(known)

    def _handle(self, frame: Frame, now: float) -> None:
        header = frame.header
        kind = header["type"]
        if kind in ("result", "error") or kind in agents.MESSAGES:
            self.agents.handle(header)
        if kind == "sync":
            self.replica.project_id = self.session.project_id
            self.facts.send_again(header.get("want") or (), self.replica.mark_unknown)
        elif kind == "want":
            self.facts.send_again(header.get("uuids") or (), self.replica.forget_last_seen)
        elif kind == "apply":
            self.previews.handle_apply(self.batches.add(frame))
        elif kind == "ack":
            self.previews.handle_ack(header)
            if not self.calls.take_refusal(header, now):
                self.responses.handle_ack(header, now)
            self.calls.confirm(header, now)
        elif kind in MESSAGES:
            self.calls.handle(header, now)
        elif kind in previews.MESSAGES:
            self.previews.inbox.take(header, now)
        elif kind in window_requests.MESSAGES:
            self.window.handle(header, now)
        elif kind in ("error", "outcome") and (header if kind == "error" else header.get("error")):
            error = header if kind == "error" else header["error"]
            self._show_error(for_panel(error))
            logger.warning("%s: %s", error.get("code"), error.get("message"))
        elif kind == "notice":
            if header.get("severity") != "info":
                self._show_error(for_panel(header))
            logger.info("%s: %s", header.get("code"), header.get("message"))

    def _send_changes(self, now: float) -> None:
        scene = scenes.synced_scene()
        if scenes.unit(scene) != self._unit:  # a new scale changes every position
            self._unit = scenes.unit(scene)
            self.rebind()
        layer = scenes.view_layer(scene)
        layer.update()  # makes Blender report changes by scripts; costs a microsecond without changes
        if self.identity.has_new_uuids:  # any scan may assign a uuid: capture must then look for new entities
            self.dirty_set.mark_structure()
            self.identity.has_new_uuids = False
        self.capture.sweep_materials(not self.batches.has_pending, self.previews.display.uuids)
        is_settled = self.dirty_set.is_settled(now, self.capture.has_unfinished_work)
        if not is_settled and not self.batches.has_pending:  # local changes go out before a batch is applied
            return
        if not self.capture.has_work:
            return
        self.previews.put_back()
        scan = self.identity.recent_scan(self.slice)
        if self.identity.has_new_uuids or not scan.is_complete:  # this scan has them
            self.identity.has_new_uuids = False
            self.dirty_set.is_structure_dirty = True
        if scan.is_complete:
            self.capture.mark_structure_changes(scan)
        self._postponed = self._postponed + 1 if self.slice.is_over and self._postponed < _MOST_POSTPONED else 0
        if not scan.is_complete or self._postponed:
            return
        self._report_scan(scan, scene)
        self.slice.at_least(self.budget / 4)
        reader = self._reader(scan)
        self.capture.check_visibility(reader, Slice(self.budget / 2))
        self.slice.at_least(self.budget / 4)  # so that a tick sends something even then
        for draft in self.capture.make_drafts(reader, self.slice, now):
            operation_id = self.session.submit(draft.label, draft.changes, draft.attachments, draft.captured)
            self.previews.record_intent(operation_id, draft.changes)
            self.activity.record_edit(now)
            self.polling.record_activity(now)
        for uuid in reader.sheared:
            self.unsynced.add("shear", uuid, scan.objects[uuid].name)

    def make_reader(self, slice_: Slice) -> Reader:
        """Returns a reader of the present scene, after a scan."""
        self._unit = self.unit()
        self.identity.has_new_uuids = False
        return self._reader(self.identity.scan(slice_))

    def _reader(self, scan: Scan) -> Reader:
        return Reader(self.layer(), scan, self._unit, self.identity, self.graphs)

    def _report_scan(self, scan: Scan, scene: bpy.types.Scene) -> None:
        """Reports unsupported content of a scan, and the bound entities after a rebind."""
        self.unsynced.add_scan(scan, scene)
        if self._is_rebound:
            self._is_rebound = False
            self.unsynced.add_missing_files()
            log_bound(scan, self.replica.entries)
