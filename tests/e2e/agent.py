"""An agent: a client written from the protocol page alone."""

import hashlib
import hmac
import json
import secrets
import socket
import struct
import uuid

ANSWER_SECONDS = 30


class Agent:
    """A connection that sends intents and receives the answers of the daemon."""

    role = "agent"
    components = ()

    def __init__(self, daemon, name=None):
        (found,) = (path for path in daemon.runtime.glob("*.json"))
        found = json.loads(found.read_text("utf-8"))
        self.project = found["project_id"]
        self.socket = socket.create_connection((found["host"], found["port"]), ANSWER_SECONDS)
        self.name = name  # its own rights and budgets; "agent" without one
        self.received = []  # every message so far
        self.bulk = b""  # the attachments of the newest one
        with open(found["token_path"], encoding="ascii") as token:
            self._shake_hands(bytes.fromhex(token.read().strip()))

    def _shake_hands(self, key):
        def proof(tag, first, second):
            text = f"{tag}\n{first}\n{second}\n{self.project}"
            return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

        theirs, mine = self.receive("challenge")["nonce"], secrets.token_hex(32)
        hello = {"protocol": 1, "schema_version": 1, "project_id": self.project, "role": self.role}
        hello |= {"editor_version": "test", "client_version": "test", "instance_id": str(uuid.uuid4()), "last_seq": 0}
        hello |= {"editor_state": "background", "components": self.components, "nonce": mine}
        hello |= self.introduction()
        self.send({"type": "hello", **hello, "proof": proof("vibesync-client-1", theirs, mine)})
        self.head_seq = self.receive("welcome")["head_seq"]

    def introduction(self):
        """Returns what else `hello` tells."""
        return {"features": ["agents"], "agent": {"name": self.name}} if self.name else {}

    def send(self, header):
        data = json.dumps(header).encode()
        self.socket.sendall(struct.pack(">II", 4 + len(data), len(data)) + data)

    def receive(self, *kinds):
        """Returns the next message, of one of these types if any are named; answers pings meanwhile."""
        while True:
            length, header = struct.unpack(">II", self._read(8))
            message = json.loads(self._read(header))
            self.bulk = self._read(length - 4 - header)
            self.received.append(message)
            if message["type"] == "ping":
                self.send({"type": "pong", "nonce": message["nonce"], "head_seq": 0})
            if not kinds or message["type"] in kinds:
                return message

    def _read(self, count):
        data = b""
        while len(data) < count:
            some = self.socket.recv(count - len(data))
            if not some:
                raise ConnectionError("the daemon closed the connection")
            data += some
        return data

    def send_intent(self, base_seq, *changes):
        """Sends an intent; returns its operation id."""
        operation_id = str(uuid.uuid4())
        intent = {"operation_id": operation_id, "project_id": self.project, "schema_version": 1}
        self.send({"type": "intent", **intent, "base_seq": base_seq, "label": "Agent", "changes": list(changes)})
        return operation_id

    def query_entities(self):
        """Returns the components of all entities that are not deleted, by uuid."""
        entities, after, is_done = {}, None, False
        while not is_done:
            self.send({"type": "query", "request_id": str(uuid.uuid4()), "what": "entities", "after": after})
            result = self.receive("result")
            rows = [row for row in result["entities"] if not row.get("tombstone")]
            entities |= {row["entity"]["uuid"]: row["entity"] for row in rows}
            after = result["next"]
            is_done = after is None
        return entities

    def look(self, editor="blender", **fields):
        """Asks for a picture of an editor's viewport; returns the answer and the PNG."""
        self.send({"type": "view", "request_id": str(uuid.uuid4()), "editor": editor, **fields})
        return self.receive("view_result"), self.bulk

    def select(self, uuids, editor="blender"):
        """Asks to select objects; returns the answer."""
        self.send({"type": "select", "request_id": str(uuid.uuid4()), "editor": editor, "uuids": uuids})
        return self.receive("select_result")

    def close(self):
        self.socket.close()
