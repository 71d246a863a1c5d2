"""The time of each tick of the addon with ten thousand objects, beside a person and alone, and what the longest do.

All times are processor time of Blender's main thread, without the evaluation of Blender's dependency graph.
"""

import sys
import tempfile
import time

from editors import LONGEST, OBJECTS, settled
from harness import Daemon, Editor, wait_for
from rows import percentile, row

BOUNDS = {"hands": 8, "rest": 100}  # milliseconds, by whether a person touches mouse or keyboard
SHOWN = 5  # longest ticks


def measure(binary):
    """Yields the rows."""
    for who, bound in BOUNDS.items():
        # Beside the program, on a real disk.
        with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
            daemon = Daemon(binary, folder).start()
            blender = None
            try:
                blender = Editor("blender-driver", daemon, "blender", "tests/bench/ticks_in_blender.py")
                blender.wait_until_connected()
                blender.do("hands", on=who == "hands")
                yield from scenes(daemon, blender, who, bound)
            finally:
                if blender:
                    blender.stop()
                daemon.stop()


def scenes(daemon, blender, who, bound):
    """Each kind of work after the other."""
    work = {
        "out": lambda: blender.do("fill", objects=OBJECTS),
        "move_all": lambda: blender.do("move_all"),
        "add_one": lambda: blender.do("fill", objects=1),
        "reconnect": lambda: blender.do("reconnect"),
        "in": lambda: blender.do("clear"),
    }
    for name, begin in work.items():
        blender.do("recorded")
        begin()
        wait_for(name, lambda: settled(daemon, OBJECTS) and blender.is_idle(), LONGEST)
        wait_for(name, lambda: blender.do("count")["objects"] >= OBJECTS, LONGEST)
        time.sleep(1)  # the read-back, and what follows the last answer
        ticks = blender.do("recorded")["recorded"]
        yield from rows_of(f"{who}_{name}", ticks, bound)


def rows_of(name, ticks, bound):
    """The rows of one kind of work. The parts of the longest ticks go to the standard error."""
    own = [tick["cpu"] - tick["graph"] for tick in ticks]
    yield row("ticks", f"{name}_p99", percentile(own, 99), "ms")
    yield row("ticks", f"{name}_max", percentile(own, 100), "ms", f"<= {bound}")
    yield row("ticks", f"{name}_longer", sum(each > bound for each in own))
    yield row("ticks", f"{name}_graph_max", max((tick["graph"] for tick in ticks), default=0.0), "ms")
    for tick in sorted(ticks, key=lambda tick: tick["graph"] - tick["cpu"])[:SHOWN]:
        if tick["cpu"] - tick["graph"] > bound:
            parts = ", ".join(f"{part} {took:.1f}" for part, took in tick["parts"].items() if took > 0.5)
            print(f"{name}: {tick['cpu'] - tick['graph']:.1f} ms: {parts}", file=sys.stderr, flush=True)
