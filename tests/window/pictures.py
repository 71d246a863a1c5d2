"""Makes the pictures of the documentation: the panel while all is well, and while no daemon runs.

usage: tests/window/enter python tests/window/pictures.py EXTENSION.zip FOLDER
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from harness import Daemon, Editor, converge, wait_for
from window import Window, install, screenshot

ROBOT = {  # name: place and size, in meters, Y up
    "Foot L": ([-0.6, 0.2, 0.3], [0.7, 0.4, 1.2]),
    "Foot R": ([0.6, 0.2, 0.3], [0.7, 0.4, 1.2]),
    "Body": ([0, 1.6, 0], [2, 2.2, 1.2]),
    "Arm L": ([-1.4, 1.7, 0], [0.5, 1.8, 0.5]),
    "Arm R": ([1.4, 1.7, 0], [0.5, 1.8, 0.5]),
    "Head": ([0, 3.4, 0], [1.2, 1, 1]),
}


def build(daemon, window, unity):
    """Unity makes a robot; the artist has deleted what Blender starts with."""
    converge(daemon, window, unity)
    window.rest()
    window.select_all()
    window.delete()
    for name, (place, size) in ROBOT.items():
        uuid = unity.do("create", name=name, shape="cube", translation=place)["uuid"]
        unity.do("move", uuid=uuid, scale=size)
    scene = converge(daemon, window, unity)
    window.key("Home")
    window.select(next(uuid for uuid, entity in scene.items() if entity["components"]["name"] == "Head"))


def main():
    archive, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    install(archive)
    daemon = Daemon(os.environ["VIBESYNC_BINARY"], tempfile.mkdtemp()).start()
    window, unity = Window(daemon), Editor("unity-driver", daemon, "unity")
    try:
        window.wait_until_connected()
        unity.wait_until_connected()
        build(daemon, window, unity)
        window.open_sidebar("VibeSync")
        wait_for("green", lambda: window.do("panel")["color"] == "green")
        window.still(640, 400, 800)
        screenshot(folder / "panel.png")
        daemon.kill()
        wait_for("red", lambda: window.do("panel")["color"] == "red")
        window.still(640, 400, 800)
        screenshot(folder / "panel-no-daemon.png")
    finally:
        window.stop()
        unity.stop()
        daemon.stop()


if __name__ == "__main__":
    main()
