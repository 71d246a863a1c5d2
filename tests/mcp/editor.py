"""A fake Blender for tests of MCP clients: it shows a gray picture and selects what it is asked to."""

import hashlib
import hmac
import json
import secrets
import socket
import struct
import threading
import uuid
import zlib
from pathlib import Path


def gray_png(width, height):
    """Returns a PNG of one gray."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = zlib.compress((b"\0" + b"\x80" * 3 * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Editor:
    """Connects as Blender, creates one object, and answers in a thread of its own until it is closed."""

    def __init__(self, runtime):
        (path,) = Path(runtime).glob("*.json")
        found = json.loads(path.read_text("utf-8"))
        self.project = found["project_id"]
        self.stone = str(uuid.uuid4())
        self.error = None
        self.socket = socket.create_connection((found["host"], found["port"]), 60)
        self._shake_hands(bytes.fromhex(Path(found["token_path"]).read_text("ascii").strip()))
        self._send({"type": "inventory", "entities": [], "last": True})
        self._receive("sync")
        self._create()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(60)
        self.socket.close()

    def _shake_hands(self, key):
        theirs, mine = self._receive("challenge")["nonce"], secrets.token_hex(32)
        text = f"vibesync-client-1\n{theirs}\n{mine}\n{self.project}"
        proof = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        hello = {"protocol": 1, "schema_version": 1, "project_id": self.project, "role": "blender", "last_seq": 0}
        hello |= {"editor_version": "test", "client_version": "test", "instance_id": str(uuid.uuid4())}
        hello |= {"editor_state": "ready", "components": ["name", "transform", "visibility", "parent", "data"]}
        self._send({"type": "hello", **hello, "features": ["view"], "nonce": mine, "proof": proof})
        self._receive("welcome")

    def _create(self):
        place = {"translation": [0, 0, 0], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}
        components = {"name": "Stone", "transform": place, "visibility": {"visible": True}}
        components |= {"parent": {"uuid": None}, "data": {"uuid": None}}
        change = {"op": "create", "uuid": self.stone, "kind": "object", "components": components}
        intent = {"operation_id": str(uuid.uuid4()), "project_id": self.project, "schema_version": 1, "base_seq": 0}
        self._send({"type": "intent", **intent, "label": "Add", "changes": [change]})
        self._receive("ack")

    def _serve(self):
        try:
            while True:
                message = self._receive("view", "select")
                answer = {"type": message["type"] + "_result", "request_id": message["request_id"]}
                if self.error:
                    self._send({**answer, "error": self.error})
                elif message["type"] == "view":
                    width, height = message["size"], message["size"] // 2
                    self._send({**answer, "width": width, "height": height}, gray_png(width, height))
                else:
                    self._send({**answer, "selected": message["uuids"]})
        except OSError:
            return

    def _send(self, header, attachment=b""):
        if attachment:
            header = {**header, "attachments": [len(attachment)]}
        data = json.dumps(header).encode()
        self.socket.sendall(struct.pack(">II", 4 + len(data) + len(attachment), len(data)) + data + attachment)

    def _receive(self, *kinds):
        while True:
            length, header = struct.unpack(">II", self._read(8))
            message = json.loads(self._read(length - 4)[:header])
            if message["type"] == "ping":
                self._send({"type": "pong", "nonce": message["nonce"], "head_seq": 0})
            if message["type"] in kinds:
                return message

    def _read(self, count):
        data = b""
        while len(data) < count:
            some = self.socket.recv(count - len(data))
            if not some:
                raise ConnectionError("the daemon has closed")
            data += some
        return data
