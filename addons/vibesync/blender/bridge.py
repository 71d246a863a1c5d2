# SPDX-License-Identifier: GPL-3.0-or-later
"""The bridge connects session and scene: each `tick` handles the daemon's messages, then sends local changes."""

from __future__ import annotations

import logging
import os
import sys
import time

import bpy

from ..core.check import COMPONENTS
from ..core.discovery import Discovery, choose, list_daemons, runtime_folder
from ..core.errors import SyncError
from ..core.frame import Frame
from ..core.notices import SENTENCES, Notices
from ..core.pace import Slice
from ..core.progress import Progress
from ..core.registry import Registry
from ..core.session import Client, Editor, Session
from ..core.view import MANUAL
from . import scenes, store
from .answer import Answers
from .attach import Attention, describe
from .capture import Capture
from .entity import Reader
from .identity import Identity, Scan
from .log import logger
from .marks import Marks
from .settings import Settings

VERSION = "0.1.0"
_MAX_FAILURES = 3
_SYSTEMS = {"win32": "windows", "darwin": "macos"}


class Bridge:
    """The one running instance of the addon."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.slice = Slice()
        self.notices = Notices()
        self.identity = Identity()
        self.marks = Marks(self.identity)
        self.attention = Attention(self.identity)
        self.registry = Registry()
        self.registry_is_damaged = False  # the damaged data stay in the file until a person discards them
        self.paused: str | None = None  # the reason for the pause
        self.last_error: dict | None = None
        self.capture = Capture(self.marks, self.identity, self._tell)
        self.answers = Answers(self)
        components = tuple(dict.fromkeys(sum(COMPONENTS.values(), ())))
        client = Client("blender", bpy.app.version_string, VERSION, components)
        attention = self.attention
        editor = Editor(self._locate, self._last_seq, self._inventory, attention.told_state, attention.objects)
        self.session = Session(client, editor)
        self._failures = 0
        self._unit = 0.0
        self._rebound = False  # the next scan reports which entities were found again by uuid
        self._opened = False  # Blender shows no data during registration, so the first tick opens the file

    def open_file(self) -> None:
        """Starts over with the file that is open now."""
        self._opened = True
        self.session.stop("another file was opened")
        self.session.forget()
        self.identity.forget()
        self.answers.forget()
        self.notices.forget()
        self.marks = Marks(self.identity)
        self.capture = Capture(self.marks, self.identity, self._tell)
        self.registry = Registry()
        self.paused = None
        self.registry_is_damaged = False
        try:
            self.registry = store.load()
        except SyncError as error:
            self.registry_is_damaged = True
            self.pause(error)
            return
        self.rebind()
        if self.settings.auto_connect:
            self.session.start()
        else:
            self.pause()

    def detach(self) -> None:
        """Handles disabling of the addon: says goodbye and stores the replica in the scene for the next start."""
        self.session.stop("the addon was disabled")
        self.answers.restart()
        if self._opened and not self.registry_is_damaged:
            store.save_in_file(self.registry)

    def pause(self, error: SyncError | None = None) -> None:
        """Stops all automation and keeps the reason. The scene does not change."""
        if error:
            self.report(error)
        self.paused = str(error) if error else MANUAL
        self.session.stop("paused")

    def resume(self) -> None:
        """Continues after a pause, on behalf of a person."""
        self.paused = None
        self._failures = 0
        self.rebind()
        self.session.start()

    def rebind(self) -> None:
        """Compares the whole scene with the replica: after undo, redo or on demand."""
        self.answers.restart()
        self._rebound = True
        self.marks.structure = True
        self.marks.graphs.forget()
        for uuid in self.registry.entries:
            self.marks.add(uuid)

    def rebuild_registry(self) -> None:
        """Discards a damaged registry. The scene is kept and matched with the daemon by uuid."""
        self.registry = Registry()
        self.registry_is_damaged = False
        self.resume()

    def report(self, error: SyncError) -> None:
        """Logs an error and keeps it for the panel."""
        self.last_error = error.to_wire()
        logger.error("%s", error)

    @property
    def progress(self) -> Progress | None:
        """Returns the progress of work that takes several ticks; None if all is done."""
        received, sent = self.answers.fraction, self.capture.fraction
        if received is not None:
            return Progress("receiving", received)
        return None if sent is None else Progress("sending", sent)

    @property
    def busy(self) -> bool:
        """Returns whether the last tick left unfinished work for the next one."""
        return self.slice.over and self.paused is None

    def tick(self) -> None:
        """Does a bounded amount of work. An error that repeats turns automation off."""
        # If a batch is waiting, local changes and the batch share the time.
        self.slice.begin(self.settings.budget / (2 if self.answers.waiting else 1))
        if self.paused:
            return
        now = time.monotonic()
        try:
            if not self._opened:
                if self.attention.may_apply(now):
                    return  # a person is working: attach later
                logger.info("attached: %s", describe())
                self.open_file()
            for frame in self.session.pump(now):
                self._take(frame, now)
            may_look = self.session.outbox.has_room and self.attention.state() not in ("modal", "loading")
            if self.session.live and may_look:
                self._send_changes(now)
            if self.answers.waiting:
                self.answers.work(now)
            self._failures = 0
        except Exception as error:  # the outermost edge: no exception may escape into Blender's timer
            logger.exception("a tick failed")
            self._failures += 1
            known = (
                error if isinstance(error, SyncError) else SyncError("VS-4005", f"internal error: {error!r}", "tick")
            )
            self.report(known)
            if self._failures >= _MAX_FAILURES:
                self.pause(known)

    def _take(self, frame: Frame, now: float) -> None:
        header = frame.header
        kind = header["type"]
        if kind == "sync":
            self._synchronize(header)
        elif kind == "apply":
            self.answers.take(frame)
        elif kind == "ack":
            self.answers.take_ack(header, now)
        elif kind in ("error", "outcome") and (header if kind == "error" else header.get("error")):
            error = header if kind == "error" else header["error"]
            self.last_error = {key: error.get(key) for key in ("code", "message", "place", "help")}
            logger.warning("%s: %s", error.get("code"), error.get("message"))
        elif kind == "notice":
            if header.get("severity") != "info":
                self.last_error = {key: header.get(key) for key in ("code", "message", "place", "help")}
            logger.info("%s: %s", header.get("code"), header.get("message"))

    def _synchronize(self, sync: dict) -> None:
        self.registry.project_id = self.session.project_id
        wanted = [uuid for uuid in sync.get("want") or () if uuid in self.registry.entries]
        self.registry.want(wanted)
        for uuid in wanted:
            self.marks.add(uuid)

    def _send_changes(self, now: float) -> None:
        scene = scenes.synced_scene()
        if scenes.unit(scene) != self._unit:  # a new scale changes every position
            self._unit = scenes.unit(scene)
            self.rebind()
        layer = scenes.view_layer(scene)
        layer.update()  # makes Blender report changes by scripts; costs a microsecond without changes
        if self.identity.news:  # any scan may assign a uuid: capture must then look for new entities
            self.marks.structure, self.identity.news = True, False
        settled = self.marks.settled(now, self.capture.has_begun)
        if not settled and not self.answers.waiting:  # local changes go out before a batch is applied
            return
        if not self.capture.has_work:
            return
        scan = self.identity.scan(self.slice)
        if not scan.complete:
            self.marks.structure = True
            return
        for foreign, name in scan.foreign.items():
            self._tell("linked", foreign, name)
        for other in scenes.others(scene):
            self._tell("scenes", other.name, other.name)
        if self._rebound:
            self._rebound = False
            self._tell_bound(scan)
        self.slice.at_least(self.settings.budget / 2)
        reader = Reader(layer, scan, self._unit, self.identity, self.marks.graphs)
        self.capture.look_around(self.registry, reader, self.slice)
        self.slice.at_least(self.settings.budget / 4)  # so that a tick sends something even then
        for draft in self.capture.draft(self.registry, reader, self.session.outbox, self.slice, now):
            self.session.submit(draft.label, draft.changes, draft.attachments, draft.learned)
            self.attention.edited(now)
        for uuid in reader.sheared:
            self._tell("shear", uuid, scan.objects[uuid].name)

    def _tell_bound(self, scan: Scan) -> None:
        """Logs how many replica entries were found again by uuid. Copies were logged when they were found."""
        entries = self.registry.entries
        found = sum(uuid in scan for uuid in entries)
        fresh = len(scan.objects) + len(scan.meshes) - found
        missing = len(entries) - found
        level = logging.INFO if missing or fresh else logging.DEBUG
        logger.log(level, "bound by uuid: %d found, %d missing, %d not known before", found, missing, fresh)

    def _tell(self, kind: str, uuid: str, name: str) -> None:
        """Records unsupported content and logs the first occurrence of each kind."""
        if self.notices.tell(kind, uuid, name):
            logger.warning("VS-7004: %s" if kind == "shear" else "%s", SENTENCES[kind] + f" ({name})")

    @property
    def attached(self) -> bool:
        """Returns whether the addon has taken up the open file. Before that, it reads nothing."""
        return self._opened

    def layer(self) -> bpy.types.ViewLayer:
        """Returns the view layer through which the scene is read."""
        return scenes.view_layer(scenes.synced_scene())

    def unit(self) -> float:
        """Returns meters per Blender unit."""
        return scenes.unit(scenes.synced_scene())

    def _locate(self) -> Discovery:
        folder = runtime_folder(os.environ, _SYSTEMS.get(sys.platform, "unix"))
        return choose(
            list_daemons(folder),
            self.registry.project_id or None,
            self.settings.project_folder or bpy.data.filepath or None,
        )

    def _last_seq(self) -> int:
        return self.registry.last_seq

    def _inventory(self) -> list[dict]:
        entries, doubtful = self.registry.entries, self.answers.under_way
        versions = {uuid: entry.held_version() for uuid, entry in entries.items()} | dict.fromkeys(doubtful, 0)
        return [{"uuid": uuid, "version": version} for uuid, version in versions.items()]
