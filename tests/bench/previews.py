"""A drag of 100 objects in a real headless Blender, until a plain client in Unity's place has received the previews."""

import tempfile
import time

from editors import settled
from harness import Daemon, Editor, wait_for
from plain_editor import PlainEditor
from rows import percentile, row

OBJECTS = 1_000
HELD = 100
SECONDS = 10
LONGEST = 120


class Receiver(PlainEditor):
    """Notes when each value arrived."""

    def __init__(self, daemon):
        self.arrived = []  # (height of the object, time)
        super().__init__(daemon)

    def _on_preview(self, message):
        now = time.monotonic()
        self.arrived += [(change["components"]["transform"]["translation"][1], now) for change in message["changes"]]


def measure(binary):
    """Yields the rows."""
    with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
        daemon = Daemon(binary, folder).start()
        blender = None
        try:
            receiver = Receiver(daemon)
            blender = Editor("blender-driver", daemon, "blender", "tests/bench/in_blender.py")
            blender.wait_until_connected()
            entities = blender.do("fill", objects=OBJECTS)["entities"]
            wait_for("the scene arrives", lambda: settled(daemon, entities) and blender.is_idle(), LONGEST)
            yield from drag(blender, receiver)
            receiver.close()
        finally:
            if blender:
                blender.stop()
            daemon.stop()


def drag(blender, receiver):
    """Each step of the drag is a height of its own, so that a value tells when it was made."""
    blender.do("ticks")
    held = blender.do("drag", count=HELD, seconds=SECONDS)
    made = {round(height, 3): at for height, at in held["steps"]}
    late = [(at - made[round(height, 3)]) * 1e3 for height, at in receiver.arrived if round(height, 3) in made]
    if len(late) < HELD:
        raise RuntimeError(f"{len(late)} values of {len(receiver.arrived)} are of the drag")
    yield row("live", "drag_100_of_1000_to_receipt_p50", percentile(late, 50), "ms")
    yield row("live", "drag_100_of_1000_to_receipt_p99", percentile(late, 99), "ms")
    yield row("live", "drag_100_of_1000_values", len(late) / SECONDS, "1/s")
    yield row("live", "drag_100_of_1000_tick_p50", percentile(held["ticks"], 50), "ms")
    yield row("live", "drag_100_of_1000_tick_p99", percentile(held["ticks"], 99), "ms")
