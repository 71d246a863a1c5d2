"""A character from a real headless Blender to the compiled Unity package, and its pose at 30 Hz."""

import tempfile
import time

from editors import settled
from harness import Daemon, Editor, wait_for
from previews import processor_seconds
from rows import row

KEYS, BONES, ACTIONS = 80, 120, 10
ENTITIES = 4 + ACTIONS  # two objects, a mesh and an armature
POSED_BONES = 200
RATE = 30
SECONDS = 10
LONGEST = 120


def measure(binary):
    """Yields the rows."""
    # Beside the program, on a real disk.
    with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
        yield from with_editors(binary, f"{folder}/first", first_sync)
        yield from with_editors(binary, f"{folder}/pose", pose)


def with_editors(binary, folder, measured):
    """Yields rows of a daemon and editors of its own."""
    daemon = Daemon(binary, folder).start()
    editors = []
    try:
        editors.append(Editor("blender-driver", daemon, "blender", "tests/bench/character_in_blender.py"))
        editors.append(Editor("unity-driver", daemon, "unity"))
        for editor in editors:
            editor.wait_until_connected()
        yield from measured(daemon, *editors)
    finally:
        for editor in editors:
            editor.stop()
        daemon.stop()


def first_sync(daemon, blender, _):
    """From the end of the operation that made the character until all that the C# side read back is compared."""
    blender.do("character", keys=KEYS, bones=BONES, actions=ACTIONS)
    begin = time.monotonic()
    wait_for("the character arrives", lambda: settled(daemon, ENTITIES) and blender.is_idle(), LONGEST)
    took = time.monotonic() - begin
    exported = blender.do("export_character", path=str(daemon.project / "character.glb"))["seconds"]
    yield row("character", "character_entities", daemon.status()["entities"])
    yield row("character", "character_to_csharp_verified", took, "s", "<= 1", exported)


def pose(daemon, blender, _):
    """Every bone turns, for a while."""
    blender.do("character", keys=0, bones=POSED_BONES, actions=0)
    wait_for("the character arrives", lambda: settled(daemon, ENTITIES - ACTIONS) and blender.is_idle(), LONGEST)
    before, sequence = processor_seconds(daemon.process.pid), daemon.status()["head_seq"]
    began = time.monotonic()
    steps = blender.do("pose", seconds=SECONDS, rate=RATE)["steps"]
    took = time.monotonic() - began
    used = processor_seconds(daemon.process.pid) - before
    wait_for("the last pose arrives", lambda: settled(daemon, 0) and blender.is_idle(), LONGEST)
    if daemon.status()["head_seq"] == sequence:
        raise RuntimeError("no pose arrives")
    yield row("character", "pose_200_bones_steps", steps / took, "1/s", f">= {0.95 * RATE:g}")
    yield row("character", "pose_200_bones_daemon", used / took * 100, "% of a core", "<= 10")
