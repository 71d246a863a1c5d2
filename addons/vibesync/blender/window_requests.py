# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers what agents ask of the window: a picture of the viewport, or a selection. Neither changes the scene."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import bpy

from ..core.check import is_uuid
from ..core.png import encode_within_limit
from ..core.session import Session
from ..core.sync_error import SyncError
from . import viewport
from .activity import Activity
from .identity import Identity
from .log import logger
from .scenes import synced_scene, view_layer

FEATURE = "view"
MESSAGES = ("view", "select")
_LOOKS = ("view", "front", "top", "side", "camera")
_SIDES = (256, 1280)
_MOST_OBJECTS = 200
_MOST_WAITING = 8  # the daemon sends one at a time
_DRAWING_SECONDS = 3.0  # of the daemon's time limit are left for the drawing
_BUSY = ("loading", "saving")
_FREE = ("ready", "background")


@dataclass(frozen=True)
class _Request:
    header: dict
    connection_id: int
    ends_at: float


class WindowRequests:
    """The requests of one connection, answered one at a time, each in one tick."""

    def __init__(
        self, session: Session, identity: Identity, activity: Activity, has_pending_batch: Callable[[], bool]
    ) -> None:
        self._session = session
        self._identity = identity
        self._activity = activity
        self._has_pending_batch = has_pending_batch
        self._waiting: deque[_Request] = deque(maxlen=_MOST_WAITING)

    @property
    def is_idle(self) -> bool:
        """Returns whether no request waits."""
        return not self._waiting

    def handle(self, header: dict, now: float) -> None:
        """Takes one of MESSAGES in."""
        limit = header.get("deadline_ms")
        seconds = limit / 1000 if isinstance(limit, int | float) else 0.0
        self._waiting.append(_Request(header, self._session.connection_id, now + seconds))

    def work(self, now: float) -> None:
        """Answers the oldest request. Lets a batch be applied before, as long as there is time: it is a part of what
        the agent wants to see."""
        if not self._waiting:
            return
        request = self._waiting[0]
        if self._has_pending_batch() and now + _DRAWING_SECONDS < request.ends_at:
            return
        self._waiting.popleft()
        if request.connection_id == self._session.connection_id and now < request.ends_at:
            self._answer(request.header)

    def _answer(self, header: dict) -> None:
        kind = header["type"]
        answer = {"type": f"{kind}_result", "request_id": header.get("request_id")}
        attachments = []
        try:
            if kind == "view":
                fields, picture = self._draw(header)
                attachments.append(picture)
            else:
                fields = self._select(header)
        except SyncError as error:
            fields = {"error": error.to_wire()}
        except Exception as error:  # synchronization must not stop because a picture failed
            logger.exception("%s failed", kind)
            fields = {"error": SyncError("VS-9206", f"Blender failed: {error!r}").to_wire()}
        self._session.send({**answer, **fields}, attachments)
        logger.info("%s: %s", kind, (fields["error"] or {}).get("message", "answered"))

    def _draw(self, header: dict) -> tuple[dict, bytes]:
        look, size = header.get("look"), header.get("size")
        if look not in _LOOKS:
            raise SyncError("VS-1006", f"not one of {', '.join(_LOOKS)}", "look")
        if type(size) is not int or not _SIDES[0] <= size <= _SIDES[1]:
            raise SyncError("VS-1006", f"not a number from {_SIDES[0]} to {_SIDES[1]}", "size")
        if self._activity.state() in _BUSY:
            raise SyncError("VS-9206", f"Blender is busy: {self._activity.state()}")
        if bpy.app.is_job_running("RENDER"):
            raise SyncError("VS-9206", "Blender renders")
        scene = synced_scene()
        shown = viewport.find(scene)
        wanted = self._objects(header.get("frame") or [], "frame")
        shown.layer.update()
        depsgraph = shown.layer.depsgraph
        viewport.check_kept(shown, depsgraph)
        framing, (width, height) = viewport.frame(shown, depsgraph, look, wanted, size)
        pixels = viewport.draw(shown, scene, framing, (width, height))
        width, height, picture = encode_within_limit(pixels)
        return {"width": width, "height": height, "camera": framing.camera, "error": None}, picture

    def _select(self, header: dict) -> dict:
        if self._activity.state() not in _FREE:
            raise SyncError("VS-9206", f"a person works in Blender: {self._activity.state()}")
        wanted = self._objects(header.get("uuids") or [], "uuids")
        layer = view_layer(synced_scene())
        keys = {item.session_uid for item in wanted}
        for item in layer.objects:
            item.select_set(item.session_uid in keys, view_layer=layer)
        if wanted and wanted[0].name in layer.objects:
            layer.objects.active = wanted[0]
        uuids = (self._identity.uuid_of(item) for item in layer.objects.selected)
        return {"selected": [uuid for uuid in uuids if uuid], "error": None}

    def _objects(self, uuids: object, field: str) -> list[bpy.types.Object]:
        """Returns the objects with these uuids. Raises SyncError VS-3001 for the first that the scene lacks."""
        if not isinstance(uuids, list) or len(uuids) > _MOST_OBJECTS:
            raise SyncError("VS-1006", f"not a list of at most {_MOST_OBJECTS} uuids", field)
        scan = self._identity.scan() if uuids else None
        found = []
        for number, uuid in enumerate(uuids):
            item = scan.objects.get(uuid) if is_uuid(uuid) else None
            if item is None:
                raise SyncError("VS-3001", "there is no such object in Blender", f"{field}[{number}]")
            found.append(item)
        return found
