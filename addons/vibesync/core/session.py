# SPDX-License-Identifier: GPL-3.0-or-later
"""The session with the daemon: connect, authenticate, inventory, sync, then changes; heartbeats and reconnects.

`pump` does a bounded amount of work, never blocks, and returns the messages that the editor must handle.
"""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from .check import LARGE_BATCHES
from .connection import Connection
from .discovery import Discovery, read_token
from .frame import MAX_FRAME, MAX_HEADER_OF_BATCH, Frame, Listed
from .handshake import PROTOCOL, SCHEMA, check_challenge, check_welcome, client_proof, daemon_proof
from .mesh_patch import FEATURE as PATCHES
from .mesh_patch import Bases
from .outbox import Intent, Outbox
from .pace import Slice
from .position_bases import PositionBases
from .sync_error import SyncError

OWN_FEATURES = (PATCHES, LARGE_BATCHES)  # those of the session itself
_HANDSHAKE_SECONDS = 5.0
_FIRST_DELAY = 0.2
_MAX_DELAY = 10.0
_RETRY_SECONDS = 0.5
_SILENT_INTERVALS = 10
_START_SECONDS = 60.0  # how long a sleeping daemon may take to start
_START_DELAY = 0.4
_CHOICE_SECONDS = 1.0  # from one look for the project of a file without one to the next
_GOODBYE_SECONDS = 1.0
_INVENTORY_PART = 1_000
_BY_FEATURE = {
    "agents": {"approvals"},
    "capabilities": {"addon_command", "command_cancel", "command_end"},
    "previews": {"preview", "preview_end"},
    "view": {"view", "select"},
}
_INTERACTIVE = ("modal", "edit")
_FOR_THE_EDITOR = {"sync", "want", "ack", "apply", "outcome", "notice", "error", "result"}


@dataclass(frozen=True)
class Client:
    """The facts about this editor that `hello` reports."""

    role: str
    editor_version: str
    client_version: str
    components: tuple[str, ...]
    features: tuple[str, ...] = ()  # accepted if the daemon offers them


@dataclass(frozen=True)
class EditorCallbacks:
    """Callbacks into the editor, called from `pump` on the editor's own thread."""

    locate: Callable[[], Discovery | None]  # None: the file belongs to no project
    last_seq: Callable[[], int]
    inventory: Callable[[], Iterable[dict]]
    state: Callable[[], str]
    edited_objects: Callable[[], list[str] | None]  # uuids of the objects that a person edits; None for any
    history: Callable[[], dict]  # what `hello` repeats of the last `welcome`
    welcomed: Callable[[list[dict], int | None], None]  # epochs, and where the log diverged from this editor's history


class Session:
    """The connection of one editor to the daemon.

    `state` is "offline", "unjoined" (the file belongs to no project), "connecting", "connected" or "error".
    `instance_id` identifies one open file of one process.
    `connection_id` numbers the connections of this session.
    """

    def __init__(self, client: Client, editor: EditorCallbacks) -> None:
        self.outbox = Outbox()
        self.bases = Bases()
        self.positions = PositionBases()
        self.instance_id = str(uuid.uuid4())
        self.state = "offline"
        self.last_error: dict | None = None
        self.safe_mode: str | None = None  # the daemon's reason for safe mode
        self.head_seq = 0
        self.connection_id = 0
        self.features: tuple[str, ...] = ()  # in force on this connection
        self.sent = 0
        self._client = client
        self._editor = editor
        self._connection: Connection | None = None
        self._ending: list[tuple[Connection, float | None]] = []  # after a goodbye, each with the time to give up
        self._daemon: Discovery | None = None
        self._phase = "closed"  # -> opening -> proving -> welcomed -> live
        self._is_enabled = False
        self._failures = 0
        self._next_try = 0.0
        self._waking_since: float | None = None  # the first connection to a sleeping daemon that sent no challenge yet
        self._deadline = 0.0
        self._nonce = ""
        self._expected_proof = ""
        self._heartbeat = 1.0
        self._next_ping = 0.0
        self._last_heard = 0.0
        self._reported: tuple[str, list[str] | None] = ("", None)  # state and edited objects, as last sent
        self._inventory: Iterator[dict] | None = None  # the entries that are still to be sent

    @property
    def is_live(self) -> bool:
        """Returns True from `sync` until the connection ends: intents may be sent."""
        return self._phase == "live"

    @property
    def project_id(self) -> str:
        """Returns the project of the last daemon that was found, "" without one."""
        return self._daemon.project_id if self._daemon else ""

    @property
    def project_root(self) -> str:
        """Returns the folder of the project of the last daemon that was found, "" without one."""
        return self._daemon.project_root if self._daemon else ""

    @property
    def is_starting(self) -> bool:
        """Returns whether a sleeping daemon was asked to start and is not given up yet."""
        return self._waking_since is not None and self.state == "connecting" and self.last_error is None

    def start(self) -> None:
        """Connects as soon as possible and reconnects after failures."""
        self._is_enabled = True
        self._waking_since = None
        self._failures = 0
        self._next_try = 0.0

    def stop(self, reason: str) -> None:
        """Says goodbye and stays disconnected until `start`."""
        self._is_enabled = False
        if self._connection and self._phase in ("welcomed", "live"):
            self._connection.send({"type": "goodbye", "reason": reason})
            self._connection.end_sending()
            self._ending.append((self._connection, None))
            self._connection = None
        self._close()
        self.state = "offline"

    def reset(self) -> None:
        """Resets for another file: clears the outbox and takes a new `instance_id`, because the file may be older."""
        self.outbox.clear()
        self.bases.clear()
        self.positions.clear()
        self.instance_id = str(uuid.uuid4())

    def pump(self, now: float, slice_: Slice | None = None) -> list[Frame]:
        """Does all work that is due and returns frames for the editor, in order. `now` is any monotonic clock in
        seconds. A large message that the slice is too short for comes with a later call."""
        if self._ending:
            self._finish_goodbyes(now)
        self.bases.drop_unused(now)
        if not self._is_enabled:
            return []
        try:
            if self._connection is None:
                if now >= self._next_try:
                    self._open(now)
                return []
            frames = [frame for frame in self._connection.poll(slice_) if self._handle(frame, now)]
            self._send_inventory()
            self._keep_alive(now)
            return frames
        except SyncError as error:
            self._fail(now, error.to_wire(), "offline" if error.code == "VS-6003" else "error")
        except OSError as error:
            if self._is_being_started(now):
                self._close()
                self._next_try = now + _START_DELAY * random.uniform(0.5, 1.0)
                return []
            if self.last_error is None or self.state == "connected":
                message = f"no connection to the daemon: {error}"
                self.last_error = SyncError("VS-6003", message).to_wire()
            self._fail(now, self.last_error, "connecting")
        return []

    def flush(self) -> None:
        """Sends what was queued since the last `pump`, as far as possible without blocking."""
        if self._connection:
            self._connection.flush()

    @property
    def is_parsing(self) -> bool:
        """Returns whether a large message was read in part."""
        return self._connection is not None and self._connection.decoder.is_parsing

    def has_news(self) -> bool:
        """Returns whether `pump` would receive or send something now."""
        return self._connection is not None and self._connection.has_news()

    def submit(
        self,
        label: str,
        changes: list[dict],
        attachments: list[bytes],
        captured: dict,
        request_id: str | None = None,
    ) -> str:
        """Sends an intent and keeps it until its ack; returns its operation id. Raises SyncError if it is too large.

        `request_id`: the call of an add-on that made the changes.
        """
        intent = self.outbox.add(self.project_id, self._editor.last_seq(), label, changes, attachments, captured)
        if request_id is not None:
            intent.header["request_id"] = request_id
        try:
            self._send_intent(intent)
        except SyncError:
            self.outbox.take(intent.operation_id)
            raise
        self.sent += 1
        return intent.operation_id

    def turn_on_automation(self, who: str) -> None:
        """Ends the daemon's safe mode on behalf of a person. The daemon reports the new state."""
        header = {"type": "reset", "request_id": str(uuid.uuid4()), "scope": "safe-mode"}
        self.send({**header, "who": who, "why": "asked for in the editor's panel"})

    def retry(self, operation_id: str, now: float) -> None:
        """Schedules an intent again after a pause: the daemon's queue was full (VS-4006)."""
        intent = self.outbox.get(operation_id)
        if intent:
            intent.retry_at = now + _RETRY_SECONDS

    def send(self, header: dict, attachments: list[bytes] | tuple = (), listed: Listed | None = None) -> None:
        """Queues any other message. Drops it without a connection: the daemon asks again after a reconnect."""
        if self._connection and self._phase in ("welcomed", "live"):
            self._connection.send(header, attachments, listed)

    def _send_intent(self, intent: Intent) -> None:
        """Sends an intent, without what the daemon has already if it takes patches."""
        changes, attachments = intent.header["changes"], intent.attachments
        if PATCHES in self.features and "request_id" not in intent.header:
            changes, attachments = self.bases.shorten(changes, attachments)
        intent.is_patched = attachments is not intent.attachments
        self.send({**intent.header, "changes": changes}, attachments)

    def _take_stored(self, header: dict) -> None:
        intent = self.outbox.get(str(header.get("operation_id")))
        if intent:
            for bases in (self.bases, self.positions):
                bases.keep(intent.header["changes"], intent.attachments, header.get("meshes") or [])

    def _open(self, now: float) -> None:
        self._daemon = self._editor.locate()
        if self._daemon is None:
            self.state = "unjoined"
            self.last_error = None
            self._failures = 0
            self._next_try = now + _CHOICE_SECONDS
            return
        self.state = "connecting"
        if self._daemon.asleep and self._waking_since is None:
            self._waking_since = now
            self.last_error = None
        self._connection = Connection(self._daemon.host, self._daemon.port)
        self._phase = "opening"
        self.connection_id += 1
        self._deadline = now + _HANDSHAKE_SECONDS
        if self._daemon.asleep:
            self._deadline = max(self._deadline, self._waking_since + _START_SECONDS)
        self._last_heard = now

    def _is_being_started(self, now: float) -> bool:
        """Returns whether a connection ended because the daemon behind it wakes up: the next attempt finds it."""
        if self._phase != "opening" or not self._connection or not self._connection.is_established:
            return False
        return self._daemon.asleep and now - self._waking_since < _START_SECONDS

    def _handle(self, frame: Frame, now: float) -> bool:
        """Handles one frame; returns True if the editor must handle it."""
        self._last_heard = now
        header = frame.header
        kind = header["type"]
        if kind == "error" and header.get("fatal"):
            raise SyncError.from_wire(header)
        if self._phase == "opening":
            self._answer_challenge(header)
        elif self._phase == "proving":
            self._take_welcome(header, now)
        elif kind == "ping":
            self.send({"type": "pong", "nonce": header.get("nonce", 0), "head_seq": self._editor.last_seq()})
        elif kind == "sync" and self._phase == "welcomed":
            self._go_live(header)
            return True
        elif kind == "stored" and PATCHES in self.features:
            self._take_stored(header)
        elif kind == "governance":
            self.safe_mode = _safe_mode_reason(header)
        elif kind == "goodbye":
            raise ConnectionError("the daemon said goodbye")
        elif kind in _FOR_THE_EDITOR or any(kind in _BY_FEATURE.get(each, ()) for each in self.features):
            self.head_seq = max(self.head_seq, header.get("seq") or 0, header.get("head_seq") or 0)
            if kind == "want":  # the daemon may have lost bulk data
                self.bases.clear()
            return True
        elif kind != "pong":
            error = SyncError("VS-1005", f"unknown message type {kind!r}", "type")
            self.send({"type": "error", **error.to_wire(), "operation_id": None, "fatal": False})
        return False

    def _answer_challenge(self, challenge: dict) -> None:
        if challenge["type"] != "challenge":
            raise SyncError("VS-1006", f"expected challenge, got {challenge['type']!r}", "type")
        found = self._daemon
        self._waking_since = None
        check_challenge(challenge, found.project_id)
        offered = challenge.get("features")
        self.features = tuple(each for each in self._client.features if isinstance(offered, list) and each in offered)
        key = read_token(found.token_path)
        self._nonce = secrets.token_hex(32)
        self._expected_proof = daemon_proof(key, challenge["nonce"], self._nonce, found.project_id)
        state = self._editor.state()
        self._reported = (state, None)
        self._connection.send(
            {
                "type": "hello",
                "protocol": PROTOCOL,
                "schema_version": SCHEMA,
                "project_id": found.project_id,
                "role": self._client.role,
                "editor_version": self._client.editor_version,
                "client_version": self._client.client_version,
                "instance_id": self.instance_id,
                "last_seq": self._editor.last_seq(),
                **self._editor.history(),
                "editor_state": state,
                "components": list(self._client.components),
                **({"features": list(self.features)} if self.features else {}),
                "nonce": self._nonce,
                "proof": client_proof(key, challenge["nonce"], self._nonce, found.project_id),
            }
        )
        self._phase = "proving"

    def _take_welcome(self, welcome: dict, now: float) -> None:
        if welcome["type"] != "welcome":
            raise SyncError("VS-1006", f"expected welcome, got {welcome['type']!r}", "type")
        check_welcome(welcome, self._expected_proof)
        self._connection.decoder.max_frame = MAX_FRAME
        if LARGE_BATCHES in self.features:
            self._connection.decoder.max_header = MAX_HEADER_OF_BATCH
        self._phase = "welcomed"
        self._heartbeat = max(0.05, welcome["heartbeat_ms"] / 1000.0)
        self._next_ping = now + self._heartbeat
        self.head_seq = welcome["head_seq"]
        self.safe_mode = _safe_mode_reason(welcome)
        diverged_after = welcome.get("diverged_after")
        if diverged_after is not None:
            self.outbox.limit_base_seq(diverged_after)
        self._editor.welcomed(welcome.get("epochs", []), diverged_after)
        self._inventory = iter(self._editor.inventory())

    def _send_inventory(self) -> None:
        """Sends one part of the inventory per tick, so that a large scene does not block Blender."""
        if self._inventory is None:
            return
        part, following = list(islice(self._inventory, _INVENTORY_PART)), next(self._inventory, None)
        self.send({"type": "inventory", "entities": part, "last": following is None})
        self._inventory = None if following is None else chain((following,), self._inventory)

    def _go_live(self, sync: dict) -> None:
        self._phase = "live"
        self.state = "connected"
        self.last_error = None
        self._failures = 0
        self.head_seq = max(self.head_seq, sync.get("head_seq") or 0)
        if sync.get("want"):
            self.bases.clear()
        for intent in self.outbox:
            self._send_intent(intent)

    def _keep_alive(self, now: float) -> None:
        if self._phase in ("opening", "proving"):
            if now > self._deadline:
                raise SyncError("VS-2004", "the daemon did not finish the handshake in time", "handshake")
            return
        if now - self._last_heard > _SILENT_INTERVALS * self._heartbeat:
            raise SyncError("VS-2007", "the daemon is silent", "heartbeat")
        state = self._editor.state()
        reported = (state, self._editor.edited_objects() if state in _INTERACTIVE else None)
        if reported != self._reported:
            self._reported = reported
            self.send({"type": "editor_state", "state": state, "objects": reported[1]})
        if now >= self._next_ping:
            self._next_ping = now + self._heartbeat
            nonce = secrets.randbits(48)
            self.send({"type": "ping", "nonce": nonce, "head_seq": self._editor.last_seq(), "editor_state": state})
        for intent in self.outbox if self._phase == "live" else ():
            if intent.retry_at is not None and now >= intent.retry_at:
                intent.retry_at = None
                self._send_intent(intent)

    def _finish_goodbyes(self, now: float) -> None:
        """Closes the connections whose daemon has read the goodbye, or has had the time to."""
        rest = []
        for connection, deadline in self._ending:
            deadline = now + _GOODBYE_SECONDS if deadline is None else deadline
            if connection.has_ended() or now >= deadline:
                connection.close()
            else:
                rest.append((connection, deadline))
        self._ending = rest

    def _fail(self, now: float, error: dict, state: str) -> None:
        self._close()
        self.last_error = error
        self.state = state
        delay = min(_MAX_DELAY, _FIRST_DELAY * 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._next_try = now + delay * random.uniform(0.5, 1.0)

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None
        self._inventory = None
        self._phase = "closed"


def _safe_mode_reason(header: dict) -> str | None:
    """Returns the reason for safe mode from `welcome` or `governance`; None if automation is on."""
    safe_mode = header.get("safe_mode")
    return str(safe_mode.get("why")) if isinstance(safe_mode, dict) else None
