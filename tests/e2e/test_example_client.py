"""The example client of the protocol page, run as both editors of a real daemon."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from harness import ROOT, Daemon, start_process, wait_for

CLIENT = str(ROOT / "docs" / "examples" / "client.py")
MOVED = [1, 2, 3]


class ExampleClient:
    """The example as a child process, with every message that it printed."""

    def __init__(self, daemon, role):
        command = [sys.executable, CLIENT, "--file", str(daemon.project), "--role", role]
        self.role, self.messages = role, []
        # A shell that runs this in the background makes it ignore Ctrl-C, and children inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with daemon.output.with_name(f"{role}.errors").open("wb") as errors:
            self.process = start_process(command, env=daemon.env, stdout=subprocess.PIPE, stderr=errors, text=True)
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        for line in self.process.stdout:
            self.messages.append(json.loads(line))

    def of_type(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    def outcomes(self):
        return [(message["phase"], message["outcome"]) for message in self.of_type("outcome")]

    def object_of(self, role):
        """Returns the object that another client made, as the messages to this one describe it; None before it came."""
        objects = {}
        for message in self.of_type("apply"):
            for change in message["changes"]:
                objects.setdefault(change["uuid"], {}).update(change["components"])
        made = [each for each in objects.values() if each["name"] == f"Made by {role}"]
        return made[0] if made and made[0]["transform"]["translation"] == MOVED else None

    def interrupt(self):
        """Presses Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=20)
        self.listener.join(timeout=20)
        return code


@pytest.fixture
def daemon(binary, tmp_path):
    daemon = Daemon(binary, tmp_path)
    daemon.start()
    yield daemon
    daemon.stop()


def test_two_example_clients_see_each_others_objects(daemon):
    unity = ExampleClient(daemon, "unity")
    wait_for("the lonely client is done", lambda: len(unity.outcomes()) == 2)
    blender = ExampleClient(daemon, "blender")
    wait_for("the second client is done", lambda: len(blender.outcomes()) == 2)
    wait_for("unity has the object of blender", lambda: unity.object_of("blender"))
    wait_for("blender has the object of unity", lambda: blender.object_of("unity"))
    wait_for("nothing is on its way", daemon.is_settled)

    for client in (unity, blender):
        assert [ack["status"] for ack in client.of_type("ack")] == ["accepted", "accepted"]
        assert not client.of_type("error") + client.of_type("notice")
    assert unity.outcomes() == [("COMMIT", "owed"), ("FINAL", "owed")]
    assert blender.outcomes() == [("COMMIT", "verified"), ("FINAL", "verified")]
    delivered = [record for record in daemon.log() if record["phase"] == "DELIVER"]
    assert [record["outcome"] for record in delivered] == ["verified"]

    assert [client.interrupt() for client in (unity, blender)] == [0, 0]
    wait_for("both said goodbye", lambda: presences(daemon) == {"blender": "closed", "unity": "closed"})


def test_example_client_ends_when_the_token_is_wrong(daemon, tmp_path):
    discovery = json.loads(next(daemon.runtime.glob("*.json")).read_text("utf-8"))
    forged = tmp_path / "forged"
    forged.mkdir()
    (forged / "token").write_text("0" * 64, "ascii")
    discovery["token_path"] = str(forged / "token")
    (forged / "discovery.json").write_text(json.dumps(discovery), "utf-8")
    env = {**os.environ, "VIBESYNC_RUNTIME_DIR": str(forged)}
    command = [sys.executable, CLIENT, "--project", discovery["project_id"]]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "VS-2002" in ended.stderr


def test_example_client_asks_for_the_project_of_another_folder(daemon, tmp_path):
    asked = subprocess.run([sys.executable, CLIENT], env=daemon.env, cwd=tmp_path, capture_output=True, text=True)
    assert asked.returncode == 1
    assert f"choose one:\n  --project {daemon.status()['project_id']}  {daemon.project}" in asked.stderr


def presences(daemon):
    return {editor["role"]: editor["presence"] for editor in daemon.status()["editors"]}
