"""A drag of 100 objects in a real headless Blender, until the compiled Unity package has applied the previews."""

import os
import tempfile
import time
from pathlib import Path

from editors import settled
from harness import Daemon, Editor, wait_for
from rows import percentile, row

OBJECTS = 1_000
HELD = 100
SECONDS = 10
LONGEST = 120


def measure(binary):
    """Yields the rows."""
    with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
        daemon = Daemon(binary, folder).start()
        editors = []
        try:
            editors.append(Editor("blender-driver", daemon, "blender", "tests/bench/in_blender.py"))
            editors.append(Editor("unity-driver", daemon, "unity"))
            for editor in editors:
                editor.wait_until_connected()
            blender, unity = editors
            entities = blender.do("fill", objects=OBJECTS)["entities"]
            wait_for("the scene arrives", lambda: settled(daemon, entities) and blender.is_idle(), LONGEST)
            yield from drag(daemon, blender, unity)
        finally:
            for editor in editors:
                editor.stop()
            daemon.stop()


def drag(daemon, blender, unity):
    """Each step of the drag is a height of its own, so that a value tells when it was made."""
    unity.do("watch", uuids=blender.do("held", count=HELD)["uuids"])
    before = processor_seconds(daemon.process.pid)
    began = time.monotonic()
    held = blender.do("drag_many", count=HELD, seconds=SECONDS)
    took = time.monotonic() - began
    used = processor_seconds(daemon.process.pid) - before
    seen = unity.do("watched")
    made = {round(height, 3): at for height, at in held["steps"]}
    late, updates = lateness(made, seen["notes"])
    if len(late) < HELD:
        raise RuntimeError(f"{len(late)} values of {len(seen['notes'])} updates are of the drag")
    yield row("live", "drag_100_of_1000_to_csharp_p50", percentile(late, 50), "ms", "<= 25")
    yield row("live", "drag_100_of_1000_to_csharp_p99", percentile(late, 99), "ms", "<= 60")
    yield row("live", "drag_100_of_1000_updates", updates / took, "1/s", ">= 30")
    yield row("live", "drag_100_of_1000_steps", len(made) / took, "1/s")
    yield row("live", "drag_100_of_1000_tick_p50", percentile(held["ticks"], 50), "ms")
    yield row("live", "drag_100_of_1000_tick_p99", percentile(held["ticks"], 99), "ms")
    yield row("live", "drag_100_of_1000_frame_p50", percentile(seen["frames"], 50), "ms")
    yield row("live", "drag_100_of_1000_frame_p99", percentile(seen["frames"], 99), "ms")
    yield row("live", "drag_100_of_1000_daemon", used / took * 100, "% of a core", "<= 5")


def lateness(made, notes):
    """Returns the milliseconds from each step to each of its values in the other editor, and the updates of an
    object."""
    late = []
    for height, at, count in notes:
        if round(height, 3) in made:
            late += [(at - made[round(height, 3)]) * 1e3] * count
    return late, len(late) / HELD


def processor_seconds(pid):
    """Returns the processor time of a process so far."""
    user, system = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
