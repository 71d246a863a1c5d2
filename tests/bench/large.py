"""Whether the time of a scene grows no faster than its size: 100,000 objects beside 10,000, both ways."""

import tempfile
import time

from editors import settled
from harness import Daemon, Editor, wait_for
from rows import row

SIZES = (10_000, 100_000)
MOST = 11  # times what the smaller scene takes
LONGEST = 240  # seconds for one way


def measure(binary):
    """Yields the rows."""
    ways = {}
    for objects in SIZES:
        # Beside the program, on a real disk.
        with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
            for name, took in both_ways(binary, folder, objects):
                ways.setdefault(name, []).append(took)
                yield row("large", f"scene_{objects}_{name}", took, "s")
    for name, (small, large) in ways.items():
        yield row("large", f"{SIZES[1]}_to_{SIZES[0]}_{name}", large, "s", f"<= {MOST}", small)


def both_ways(binary, folder, objects):
    """Yields a name and the seconds: Blender to the C# side, and from the daemon into an empty Blender."""
    daemon = Daemon(binary, folder).start()
    editors = []
    try:
        editors.append(Editor("blender-driver", daemon, "blender", "tests/bench/in_blender.py"))
        editors.append(Editor("unity-driver", daemon, "unity"))
        blender, unity = editors
        for editor in editors:
            editor.wait_until_connected()
        entities = blender.do("fill", objects=objects)["entities"]
        yield "to_csharp_verified", seconds(lambda: settled(daemon, entities) and blender.is_idle())
        if unity.status()["applied"] == 0:
            raise RuntimeError("the C# side got nothing")
        wait_for("all is compared", lambda: daemon.is_settled() and unity.is_idle(), LONGEST)
        blender.do("clear")
        yield (
            "into_blender_verified",
            seconds(
                lambda: blender.do("count")["objects"] >= objects and daemon.is_settled() and blender.is_idle(),
            ),
        )
    finally:
        for editor in editors:
            editor.stop()
        daemon.stop()


def seconds(is_done):
    """Returns the seconds until then."""
    begin = time.monotonic()
    wait_for("the scene arrives", is_done, LONGEST)
    return time.monotonic() - begin
