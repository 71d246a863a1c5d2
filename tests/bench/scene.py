"""One edit of a light or camera in a real headless Blender, until the compiled Unity package has applied it."""

import sys
import tempfile
import time
from pathlib import Path

from rows import percentile, row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import Daemon, Editor, converge  # (found through the path set above)

OBJECTS = 1_000
EDITS = 30
WINDOW_SECONDS = 0.4  # the first change of a burst does not wait
LONGEST = 20


def measure(binary):
    """Yields the rows."""
    # Beside the program, on a real disk.
    with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
        daemon = Daemon(binary, folder).start()
        editors = []
        try:
            editors.append(Editor("blender-driver", daemon, "blender", "tests/bench/in_blender.py"))
            editors.append(Editor("unity-driver", daemon, "unity"))
            for editor in editors:
                editor.wait_until_connected()
            yield from edits(daemon, *editors)
        finally:
            for editor in editors:
                editor.stop()
            daemon.stop()


def edits(daemon, blender, unity):
    """A move, an edit of a light and one of a camera in turn, so that all meet the same machine."""
    blender.do("fill", objects=OBJECTS)
    lamp, eye = (
        blender.do("create", name=shape, shape=shape, type=kind, translation=[0.0, 0.0, 0.0])["uuid"]
        for shape, kind in (("light", "point"), ("camera", "perspective"))
    )
    converge(daemon, blender, unity)
    took = {"move": [], "light": [], "camera": []}
    for n in range(1, EDITS + 1):
        took["move"].append(until_applied(unity, lambda n=n: blender.do("move", uuid=lamp, translation=[n, 0.0, 0.0])))
        took["light"].append(until_applied(unity, lambda n=n: blender.do("edit_light", uuid=lamp, energy=100.0 + n)))
        took["camera"].append(until_applied(unity, lambda n=n: blender.do("edit_camera", uuid=eye, lens=30.0 + n)))
    move = percentile(took["move"], 50)
    for kind in ("light", "camera"):
        yield row("scene", f"one_{kind}_to_csharp_p50", percentile(took[kind], 50), "ms", "<= 1.2", move)


def until_applied(unity, edit):
    """Milliseconds from the end of an edit until the C# side has applied it."""
    time.sleep(WINDOW_SECONDS)
    applied = unity.status()["applied"]
    edit()
    begin = time.monotonic()
    while unity.status()["applied"] == applied:
        if time.monotonic() - begin > LONGEST:
            raise RuntimeError("an edit does not arrive")
        time.sleep(0.001)
    return (time.monotonic() - begin) * 1e3
