"""The daemon, a Blender in a window with the installed extension, and the compiled package on the faked Unity."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from harness import AGENTS_WORK, Daemon, Editor, converge  # noqa: E402
from window import Window, install, screenshot  # noqa: E402  (needs the harness, found through the line above)


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """Builds the extension as users install it."""
    folder = str(tmp_path_factory.mktemp("extension"))
    built = subprocess.run([ROOT / "scripts" / "build-extension", folder], check=True, capture_output=True, text=True)
    return Path(built.stdout.strip())


@pytest.fixture(scope="session")
def daemon_and_editors(archive, tmp_path_factory):
    """Starts one window for all tests."""
    install(archive)
    daemon = Daemon(os.environ["VIBESYNC_BINARY"], tmp_path_factory.mktemp("vibesync"))
    (daemon.project / ".vibesync").mkdir()
    (daemon.project / ".vibesync" / "vibesync.toml").write_text(AGENTS_WORK, "utf-8")
    daemon.start()
    both = []
    try:
        both.append(Window(daemon))
        both.append(Editor("unity-driver", daemon, "unity"))
        for editor in both:
            editor.wait_until_connected()
        yield daemon, *both
    finally:
        for editor in both:
            editor.stop()
        daemon.stop()
    assert "Traceback" not in (daemon.output.parent / "blender.log").read_text()
    assert both[0].process.returncode == 0, "Blender quits as it should, with the addon enabled"


@pytest.fixture
def empty_scene(daemon_and_editors):
    """Clears the scene, and leaves Object Mode with no active edit."""
    daemon, window, unity = daemon_and_editors
    window.rest()
    scene = converge(daemon, window, unity)
    for uuid, entity in scene.items():
        if entity["kind"] == "object" and uuid in unity.dump():
            unity.do("delete", uuid=uuid)
    converge(daemon, window, unity)
    return daemon, window, unity


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Shows the screen as it was when a test failed."""
    report = yield
    if report.failed and (folder := os.environ.get("VIBESYNC_SCREENS")):
        screenshot(Path(folder) / f"{item.name}-{report.when}.png")
    return report
