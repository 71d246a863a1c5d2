# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidecar's writer, killed at each of its operations on files: the old or the new registry is there, whole.

The faults come from the library that the daemon's tests use too. Linux only.
"""

import collections
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest
from vibesync.core import registry, sidecar

REPOSITORY = pathlib.Path(__file__).parents[2]
TRAP = REPOSITORY / "crates/testkit/src/fault_injection/fault_injection.c"
FIXTURE = REPOSITORY / "tests/python/fixtures/registry-v1.json"
WRITER = """
import importlib.util, pathlib, sys, types
package = types.ModuleType("vibesync")
package.__path__ = [sys.argv[1]]
sys.modules["vibesync"] = package
from vibesync.core import registry, sidecar
current = registry.parse(sidecar.read(sys.argv[2]), "sidecar")
current.last_seq = 1000
sidecar.write(sys.argv[2], registry.dump(current))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="fault injection is for Linux")


@pytest.fixture(scope="module")
def inject_kill(tmp_path_factory):
    library = tmp_path_factory.mktemp("faults") / "fault_injection.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, TRAP, "-ldl"], check=True)
    return library


def run(inject_kill, folder, **settings):
    environment = {"LD_PRELOAD": str(inject_kill), "VIBESYNC_FAULT_UNDER": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.update({f"VIBESYNC_FAULT_{name}": str(value) for name, value in settings.items()})
    addon = REPOSITORY / "addons/vibesync"
    command = [sys.executable, "-c", WRITER, str(addon), sidecar.path_of(str(folder / "a.blend"))]
    return subprocess.run(command, env=environment, timeout=60, check=False).returncode


def prepared(folder):
    folder.mkdir()
    shutil.copy(FIXTURE, sidecar.path_of(str(folder / "a.blend")))
    return folder


def test_sidecar_is_old_or_new_after_a_kill_at_any_operation(inject_kill, tmp_path):
    trace = tmp_path / "trace"
    assert run(inject_kill, prepared(tmp_path / "noted"), TRACE=trace) == 0
    done = [line.split()[0] for line in trace.read_text().splitlines()]
    assert done == ["create", "write", "fsync", "rename", "fsync"]
    points = [
        (kind, nth, when)
        for kind, count in collections.Counter(done).items()
        for nth in range(1, count + 1)
        for when in ("before", "half", "after")
    ]
    for number, (kind, nth, when) in enumerate(points):
        folder = prepared(tmp_path / str(number))
        assert run(inject_kill, folder, KIND=kind, NTH=nth, WHEN=when) == -signal.SIGKILL, (kind, nth, when)
        path = sidecar.path_of(str(folder / "a.blend"))
        found = registry.parse(sidecar.read(path), "sidecar")
        is_renamed = (kind, when != "before") == ("rename", True) or (kind, nth) == ("fsync", 2)
        assert found.last_seq == (1000 if is_renamed else 9), (kind, nth, when)
        assert run(inject_kill, folder) == 0
        assert registry.parse(sidecar.read(path), "sidecar").last_seq == 1000
