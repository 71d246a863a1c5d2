"""One daemon and both editors for each module; the daemon's program is built once."""

import os
import subprocess

import pytest
from harness import ROOT, running


@pytest.fixture(scope="session")
def binary():
    """The program under test: that of VIBESYNC_BINARY, or the one built here."""
    if given := os.environ.get("VIBESYNC_BINARY"):
        return given
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "vibesync"], cwd=ROOT, check=True)
    return f"{target}/debug/vibesync"


@pytest.fixture(scope="module")
def daemon_and_editors(binary, tmp_path_factory):
    with running(binary, tmp_path_factory.mktemp("vibesync")) as daemon_and_editors:
        yield daemon_and_editors
