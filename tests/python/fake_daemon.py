# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon just real enough to test a client: handshake, inventory, sync, acks; batches and faults on demand.

It has no thread of its own: whoever pumps the client pumps it too. Blender crashes when a thread of Python runs beside
an operator, even one that never touches Blender's data."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
import uuid
from pathlib import Path

from vibesync.core.frame import MAX_FRAME, Frame, FrameDecoder, encode
from vibesync.core.handshake import client_proof, daemon_proof
from vibesync.core.sync_error import SyncError

PROJECT = "01920000-0000-7000-8000-000000000001"
KEY = bytes(range(32))
NONCE = "a1" * 32


class FakeDaemon:
    """Serves one client at a time on a free loopback port, and keeps every received frame."""

    def __init__(self, folder: Path, heartbeat_ms: int = 1000) -> None:
        self.folder = folder
        self.received: list[Frame] = []
        self.connections = 0
        self.wrong_proof = False
        self.auto_ack = True
        self.stores_meshes = False  # tells the addresses of the meshes that it gets
        self.refuse_calls: dict | None = None  # the error for intents that calls made
        self.features: list[str] | None = None
        self.want: list[str] = []
        self.safe_mode: dict | None = None
        self.epochs: list[dict] = []
        self.diverged_after: int | None = None
        self.head_seq = 0
        self.heartbeat_ms = heartbeat_ms
        self._answered: dict[str, dict] = {}
        self._client: socket.socket | None = None
        self._decoder = FrameDecoder()
        self._unsent = bytearray()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self.announce()

    def announce(self, path: Path | None = None, **other: object) -> None:
        """Writes the token and a discovery file, with other values for some keys."""
        token = self.folder / "token"
        token.write_text(KEY.hex(), encoding="ascii")
        found = {
            "schema_version": 1,
            "project_id": PROJECT,
            "project_root": str(self.folder),
            "host": "127.0.0.1",
            "port": self.port,
            "token_path": str(token),
            "pid": os.getpid(),
            "daemon_version": "0.1.0",
            **other,
        }
        (path or self.folder / f"{PROJECT}.json").write_text(json.dumps(found), encoding="utf-8")

    def close(self) -> None:
        """Stops serving."""
        self.drop()
        self._listener.close()

    def drop(self) -> None:
        """Cuts the connection without a goodbye."""
        if self._client:
            self._client.close()
            self._client = None

    def send(self, header: dict, attachments: list[bytes] | tuple = ()) -> None:
        """Sends a frame to the client."""
        self.send_bytes(b"".join(encode(header, attachments)))

    def send_bytes(self, data: bytes) -> None:
        """Queues bytes for the client. Later pumps send the rest that its socket does not take at once."""
        self._unsent += data
        self._flush()

    def apply(self, changes: list[dict], attachments: list[bytes] | tuple = (), label: str = "Test") -> str:
        """Sends a batch and returns its id."""
        self.head_seq += 1
        batch_id = str(uuid.uuid4())
        self.send(
            {
                "type": "apply",
                "batch_id": batch_id,
                "project_id": PROJECT,
                "schema_version": 1,
                "reason": "change",
                "path": "slow",
                "operations": [],
                "label": label,
                "head_seq": self.head_seq,
                "changes": [{**change, "version": self.head_seq} for change in changes],
            },
            attachments,
        )
        return batch_id

    def of_type(self, kind: str) -> list[Frame]:
        """Returns the received frames of one type."""
        return [frame for frame in list(self.received) if frame.header["type"] == kind]

    def pump(self) -> None:
        """Accepts a client, answers its messages, and sends queued bytes. Never blocks."""
        try:
            if self._client is None:
                self._accept()
            self._flush()
            self._read()
        except BlockingIOError:
            pass
        except (OSError, SyncError):
            self.drop()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.setblocking(False)
        self.connections += 1
        self._client, self._decoder, self._unsent = client, FrameDecoder(), bytearray()
        self._decoder.max_frame = MAX_FRAME
        self.send(
            {
                "type": "challenge",
                "protocol_min": 1,
                "protocol_max": 1,
                "schema_version": 1,
                "daemon_version": "0.1.0",
                "project_id": PROJECT,
                "nonce": NONCE,
                **({} if self.features is None else {"features": self.features}),
            }
        )

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._client.send(self._unsent)]
        except BlockingIOError:
            pass

    def _read(self) -> None:
        while self._client:
            data = self._client.recv(1 << 20)
            if not data:
                return self.drop()
            self._decoder.feed(data)
            while self._client and (frame := self._decoder.next()) is not None:
                self.received.append(frame)
                self._answer(frame.header)
        return None

    def _answer(self, header: dict) -> None:
        kind = header["type"]
        if kind == "hello":
            good = header["proof"] == client_proof(KEY, NONCE, header["nonce"], PROJECT)
            proof = daemon_proof(KEY, NONCE, header["nonce"], PROJECT) if good and not self.wrong_proof else "00" * 32
            limits = {
                "max_frame_bytes": MAX_FRAME,
                "max_header_bytes": 16_777_216,
                "max_attachments": 1024,
                "max_changes": 10_000,
            }
            self.send(
                {
                    "type": "welcome",
                    "session_id": str(uuid.uuid4()),
                    "protocol": 1,
                    "proof": proof,
                    "head_seq": self.head_seq,
                    "heartbeat_ms": self.heartbeat_ms,
                    "batch_window_ms": 250,
                    "limits": limits,
                    "safe_mode": self.safe_mode,
                    "epochs": self.epochs,
                    "diverged_after": self.diverged_after,
                }
            )
        elif kind == "inventory" and header["last"]:
            self.send({"type": "sync", "head_seq": self.head_seq, "want": self.want, "owed": 0})
        elif kind == "ping":
            self.send({"type": "pong", "nonce": header["nonce"], "head_seq": self.head_seq})
        elif kind == "intent" and self.refuse_calls and "request_id" in header:
            self.acknowledge(header, "refused", self.refuse_calls)
        elif kind == "intent" and self.auto_ack:
            if self.stores_meshes:
                self.tell_stored(self.received[-1])
            self.acknowledge(header)

    def tell_stored(self, intent: Frame) -> None:
        """Tells the addresses of the buffers of an intent, which came whole."""
        meshes = []
        for change in intent.header["changes"]:
            buffers = change.get("components", {}).get("mesh", {}).get("buffers", {})
            whole = {name: buffer["attachment"] for name, buffer in buffers.items() if "attachment" in buffer}
            addresses = {name: address_of(intent.attachments[number]) for name, number in whole.items()}
            meshes.append({"uuid": change["uuid"], "buffers": addresses})
        self.send({"type": "stored", "operation_id": intent.header["operation_id"], "meshes": meshes})

    def acknowledge(
        self, intent: dict, status: str = "accepted", error: dict | None = None, behind: tuple = ()
    ) -> None:
        """Answers an intent. A repeated intent gets the same answer."""
        operation_id = intent["operation_id"]
        if operation_id in self._answered:
            answer = {**self._answered[operation_id], "status": "duplicate"}
        else:
            self.head_seq += status == "accepted"
            answer = {
                "type": "ack",
                "operation_id": operation_id,
                "status": status,
                "seq": self.head_seq,
                "error": error,
            }
            if behind:
                answer["behind"] = list(behind)
            if error is None:
                self._answered[operation_id] = answer
        self.send(answer)


def address_of(content: bytes) -> str:
    """Returns an address of a content. It is as long as one of BLAKE3, which Python lacks."""
    return hashlib.blake2s(content).hexdigest()


def wait_for(condition, pump=lambda: None, seconds: float = 10.0):
    """Pumps until the condition returns something true, and returns that; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pump()
        result = condition()
        if result:
            return result
        time.sleep(0.002)
    raise AssertionError("waited in vain")
