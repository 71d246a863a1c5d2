# SPDX-License-Identifier: GPL-3.0-or-later
"""Ties the session to the scene: one `tick` takes the daemon's messages, then sends what changed here."""

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
    """The addon's one running instance."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.slice = Slice()
        self.notices = Notices()
        self.identity = Identity()
        self.marks = Marks(self.identity)
        self.attention = Attention(self.identity)
        self.registry = Registry()
        self.registry_is_damaged = False  # then the file's own is kept until a person gives it up
        self.paused: str | None = None  # why automation is off
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
        self._rebound = False  # what the registry knows is to be found again by uuid
        self._opened = False  # Blender shows no data while addons are registered, so the first tick opens the file

    def open_file(self) -> None:
        """Start over with the file that is open now."""
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
        """The addon is disabled: say goodbye, and leave in the scene what is known of it, for when it is enabled."""
        self.session.stop("the addon was disabled")
        self.answers.restart()
        if self._opened and not self.registry_is_damaged:
            store.save_in_file(self.registry)

    def pause(self, error: SyncError | None = None) -> None:
        """Stop all automation, say why; nothing in the scene changes."""
        if error:
            self.report(error)
        self.paused = str(error) if error else MANUAL
        self.session.stop("paused")

    def resume(self) -> None:
        """A person wants it to go on."""
        self.paused = None
        self._failures = 0
        self.rebind()
        self.session.start()

    def rebind(self) -> None:
        """After undo, redo or on demand: compare everything with what was last seen."""
        self.answers.restart()
        self._rebound = True
        self.marks.structure = True
        self.marks.graphs.forget()
        for uuid in self.registry.entries:
            self.marks.add(uuid)

    def rebuild_registry(self) -> None:
        """A person gives up a damaged registry: what is in the scene is kept, and matched with the daemon by uuid."""
        self.registry = Registry()
        self.registry_is_damaged = False
        self.resume()

    def report(self, error: SyncError) -> None:
        """Remember for the panel, and log."""
        self.last_error = error.to_wire()
        logger.error("%s", error)

    @property
    def progress(self) -> Progress | None:
        """How far work is that takes more than one tick; None when all is done."""
        received, sent = self.answers.fraction, self.capture.fraction
        if received is not None:
            return Progress("receiving", received)
        return None if sent is None else Progress("sending", sent)

    @property
    def busy(self) -> bool:
        """Whether the last tick left work undone that the next one can go on with."""
        return self.slice.over and self.paused is None

    def tick(self) -> None:
        """Do a bounded amount of work. An error that repeats turns automation off and says so."""
        # Where a batch waits, what changed here and the batch share the time.
        self.slice.begin(self.settings.budget / (2 if self.answers.waiting else 1))
        if self.paused:
            return
        now = time.monotonic()
        try:
            if not self._opened:
                if self.attention.may_apply(now):
                    return  # somebody works: attach later
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
        except Exception as error:  # the tick is the outermost edge: nothing may escape into Blender's timer
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
        if scenes.unit(scene) != self._unit:  # every position means something else now
            self._unit = scenes.unit(scene)
            self.rebind()
        layer = scenes.view_layer(scene)
        layer.update()  # lets Blender announce what scripts changed; costs a microsecond where nothing did
        if self.identity.news:  # in whatever scan, by whomever: capture has to hear of it
            self.marks.structure, self.identity.news = True, False
        settled = self.marks.settled(now, self.capture.has_begun)
        if not settled and not self.answers.waiting:  # a person's changes go before a batch comes
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
        self.slice.at_least(self.settings.budget / 4)  # whoever looks around all the time still sends what it found
        for draft in self.capture.draft(self.registry, reader, self.session.outbox, self.slice, now):
            self.session.submit(draft.label, draft.changes, draft.attachments, draft.learned)
            self.attention.edited(now)
        for uuid in reader.sheared:
            self._tell("shear", uuid, scan.objects[uuid].name)

    def _tell_bound(self, scan: Scan) -> None:
        """Log what of the registry was found again by uuid, and what was not; copies were told as they were found."""
        entries = self.registry.entries
        found = sum(uuid in scan for uuid in entries)
        fresh = len(scan.objects) + len(scan.meshes) - found
        missing = len(entries) - found
        level = logging.INFO if missing or fresh else logging.DEBUG
        logger.log(level, "bound by uuid: %d found, %d missing, %d not known before", found, missing, fresh)

    def _tell(self, kind: str, uuid: str, name: str) -> None:
        """Remember what is not synchronized; log the first of a kind."""
        if self.notices.tell(kind, uuid, name):
            logger.warning("VS-7004: %s" if kind == "shear" else "%s", SENTENCES[kind] + f" ({name})")

    @property
    def attached(self) -> bool:
        """Whether the open file was taken up; until then nothing of it was looked at."""
        return self._opened

    def layer(self) -> bpy.types.ViewLayer:
        """The view layer through which the scene is read."""
        return scenes.view_layer(scenes.synced_scene())

    def unit(self) -> float:
        """Meters per Blender unit."""
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
