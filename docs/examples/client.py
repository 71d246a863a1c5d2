#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A VibeSync client, written from docs/protocol.md alone: an editor whose scene is a dictionary. Needs no package.

Creates an object, moves it, prints each answer, and applies the changes of the other editor until Ctrl-C.
"""

import argparse
import hashlib
import hmac
import json
import os
import re
import secrets
import select
import socket
import struct
import sys
import time
import uuid
from pathlib import Path, PurePosixPath, PureWindowsPath

COMPONENTS = ["name", "transform", "visibility", "parent", "data"]  # of a mesh, this client receives the name alone


def runtime_folders():  # section 1 of the page
    def under(variable, *rest):
        return [Path(os.environ[variable], *rest)] if os.environ.get(variable) else []

    if own := under("VIBESYNC_RUNTIME_DIR"):
        return own
    if sys.platform == "win32":
        return under("LOCALAPPDATA", "vibesync", "run")
    if sys.platform == "darwin":
        return under("HOME", "Library/Application Support/vibesync/run")
    return under("XDG_RUNTIME_DIR", "vibesync") + under("HOME", ".local/state/vibesync/run")


def announced():  # by project; the first folder wins
    found = {}
    for path in (path for folder in runtime_folders() for path in sorted(folder.glob("*.json"))):
        file = json.loads(path.read_text("utf-8"))
        if "project_root" in file and Path(file["token_path"]).is_file():  # other files may be there
            found.setdefault(file["project_id"], file)
    return list(found.values())


def pick_project(daemons, project_id, file, system, resolve):  # None: ask the person, also if there is just one
    def path(text):
        long = text.replace("/", "\\") if system == "windows" else ""
        if long.startswith("\\\\?\\"):
            text = "\\\\" + long[8:] if long[4:8].upper() == "UNC\\" else long[4:]
        return PureWindowsPath(text) if system == "windows" else PurePosixPath(re.sub("^//+", "/", text))

    def nearest(spell):
        place, roots = path(spell(file)), [(path(spell(each["project_root"])), each) for each in daemons]
        holding = [(len(root.parts), each) for root, each in roots if root.is_absolute() and place.is_relative_to(root)]
        return None if ".." in place.parts else max(holding, key=lambda each: each[0], default=(0, None))[1]

    if project_id:
        return next((each for each in daemons if each["project_id"] == project_id), None)
    as_named, resolved = (nearest(str), nearest(resolve)) if file else (None, None)
    return None if as_named and resolved and as_named != resolved else as_named or resolved


def find_daemon(project_id, file):
    daemons, system = announced(), {"win32": "windows", "darwin": "macos"}.get(sys.platform, "unix")
    if found := pick_project(daemons, project_id, file, system, os.path.realpath):
        return found
    offers = "".join(f"\n  --project {each['project_id']}  {each['project_root']}" for each in daemons)
    return sys.exit(f"no announced project holds {file}; choose one:{offers or ' none runs'}")


class Client:
    def __init__(self, find, role):
        self.role = role
        self.scene = {}  # The editor's own data: entities by uuid.
        self.versions = {}  # Versions by uuid, also of deleted entities. A real editor saves them with its file,
        self.base_seq, self.epochs = 0, []  # and these: the highest version applied, the epochs of the last welcome.
        self.outbox = {}  # Intents without an ack, by operation id. A real editor sends them again after a reconnect.
        daemon = self.connect(find)
        self.project_id = daemon["project_id"]
        self.shake_hands(bytes.fromhex(Path(daemon["token_path"]).read_text("ascii").strip()))

    def connect(self, find):
        for _ in range(100):
            daemon = find()
            self.socket = socket.create_connection((daemon["host"], daemon["port"]), timeout=60)
            if not daemon.get("asleep") or self.socket.recv(1, socket.MSG_PEEK):
                return daemon
            time.sleep(0.3)  # the connection was closed before a challenge: the daemon starts
        sys.exit("the daemon does not start")

    def send(self, kind, **fields):  # section 2; this client sends no attachments
        header = json.dumps({"type": kind, **fields}).encode()
        self.socket.sendall(struct.pack(">II", 4 + len(header), len(header)) + header)

    def receive(self):
        length, header = struct.unpack(">II", self.read(8))
        assert 4 + header <= length <= 268_435_456, "the daemon sent a broken frame"
        return json.loads(self.read(length - 4)[:header])  # attachments follow the header

    def read(self, count):
        data = b""
        while len(data) < count:
            data += self.socket.recv(count - len(data)) or sys.exit("the daemon closed the connection")
        return data

    def shake_hands(self, key):  # section 3
        def proof(side, first, second):
            text = f"vibesync-{side}-1\n{first}\n{second}\n{self.project_id}"
            return hmac.new(key, text.encode("ascii"), hashlib.sha256).hexdigest()

        challenge, nonce = self.receive(), secrets.token_hex(32)
        hello = {"protocol": 1, "schema_version": 1, "project_id": self.project_id, "role": self.role}
        hello |= {"editor_version": "1.0", "client_version": "1.0", "instance_id": str(uuid.uuid4()), "nonce": nonce}
        hello |= {"last_seq": self.base_seq, "epochs": self.epochs, "editor_state": "ready", "components": COMPONENTS}
        self.send("hello", **hello, proof=proof("client", challenge["nonce"], nonce))
        welcome, expected = self.receive(), proof("daemon", nonce, challenge["nonce"])
        if not hmac.compare_digest(welcome.get("proof", ""), expected):
            sys.exit(f"not welcome, or the daemon does not know the token: {welcome}")
        self.heartbeat, self.epochs = welcome["heartbeat_ms"] / 1000, welcome["epochs"]

    def serve(self, is_last=lambda message: False):  # takes messages in, up to and including the last one
        silent_intervals = 0
        while silent_intervals < 10:
            if select.select([self.socket], [], [], self.heartbeat)[0]:
                silent_intervals, message = 0, self.receive()
                self.take_in(message)
                if is_last(message):
                    return
            else:
                silent_intervals += 1
                self.send("ping", nonce=secrets.randbits(48), head_seq=self.base_seq)
        sys.exit("the daemon is silent")

    def take_in(self, message):  # section 5
        if message["type"] == "ping":
            self.send("pong", nonce=message["nonce"], head_seq=self.base_seq)
        else:
            print(json.dumps(message), flush=True)
        if message["type"] == "apply":
            self.apply(message)
        elif message["type"] == "sync" and message["owed"] == 0:
            self.base_seq = max(self.base_seq, message["head_seq"])
        elif message["type"] == "ack":
            changes, behind = self.outbox.pop(message["operation_id"])["changes"], message.get("behind", [])
            if message["status"] != "refused":
                self.versions |= {each["uuid"]: message["seq"] for each in changes if each["uuid"] not in behind}

    def apply(self, batch):
        for change in batch["changes"]:
            if change["op"] == "delete":
                self.scene.pop(change["uuid"], None)
            elif change["op"] == "create":
                self.scene[change["uuid"]] = {key: change[key] for key in ("uuid", "kind", "components")}
            else:
                self.scene[change["uuid"]]["components"].update(change["components"])
        applied = {change["uuid"]: change["version"] for change in batch["changes"]}
        self.versions |= applied
        self.base_seq = max(self.base_seq, *applied.values())
        # The read-back comes from the editor's own data, never from the message. A deleted entity is null.
        results = [{"uuid": each, "status": "applied", "state": self.scene.get(each)} for each in applied]
        self.send("applied", batch_id=batch["batch_id"], results=results)

    def request(self, label, change):  # sends an intent of one change, and returns after its ack
        intent = {"operation_id": str(uuid.uuid4()), "project_id": self.project_id, "schema_version": 1}
        intent |= {"base_seq": self.base_seq, "label": label, "changes": [change]}
        self.outbox[intent["operation_id"]] = intent
        self.send("intent", **intent)
        self.serve(lambda message: intent["operation_id"] not in self.outbox)

    def run(self):
        self.send("inventory", entities=[], last=True)  # a new file; else uuid and version of each entity that it holds
        self.serve(lambda message: message["type"] == "sync")  # no intent before that
        transform = {"translation": [0, 0, 0], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}
        components = {"name": f"Made by {self.role}", "transform": transform, "visibility": {"visible": True}}
        components |= {"parent": {"uuid": None}, "data": {"uuid": None}}
        entity = {"uuid": str(uuid.uuid4()), "kind": "object", "components": components}
        self.scene[entity["uuid"]] = entity
        self.request("Create", {"op": "create", **entity})
        moved = components["transform"] = transform | {"translation": [1, 2, 3]}
        self.request("Move", {"op": "update", "uuid": entity["uuid"], "components": {"transform": moved}})
        self.serve()


def main():
    parser = argparse.ArgumentParser(description="Plays an editor that creates an object and moves it.")
    parser.add_argument("--project", help="id of the project, as an editor stores it in its file")
    parser.add_argument("--file", default=os.getcwd(), help="a path in the project; default: the current folder")
    parser.add_argument("--role", choices=["blender", "unity"], default="blender")
    options = parser.parse_args()
    client = Client(lambda: find_daemon(options.project, options.file), options.role)
    try:
        client.run()
    except KeyboardInterrupt:
        client.send("goodbye", reason="Ctrl-C")


if __name__ == "__main__":
    main()
