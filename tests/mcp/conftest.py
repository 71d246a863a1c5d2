"""A project with a real daemon, for clients that are made with the Python SDK of the protocol."""

import os
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "debug" / "vibesync"
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
        }
        self.daemon = None

    def start(self):
        """Starts the daemon and waits until it has announced itself."""
        command = [PROGRAM, "run", "--project", self.root]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.daemon = subprocess.Popen(command, env=self.environment, **quiet)
        end = time.monotonic() + PATIENCE
        while not list((self.folder / "run").glob("*.json")):
            assert self.daemon.poll() is None and time.monotonic() < end, "the daemon did not start"
            time.sleep(0.02)

    def stop(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    yield project
    project.stop()
