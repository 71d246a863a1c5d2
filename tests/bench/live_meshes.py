"""A mesh of a million vertices from a real Blender to the C# side and back, and a brush stroke on it."""

import tempfile
import time

from editors import LONGEST, SIDE, settled, slices
from harness import Daemon, Editor, wait_for
from rows import percentile, row

STROKE = 1_000
STROKES = 5
EXTRA_SECONDS = 1  # allowed on top of the exporter's time, as a file is read back by nobody


def measure(binary):
    """Yields the rows."""
    # Beside the program, on a real disk.
    with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
        daemon = Daemon(binary, folder).start()
        editors = []
        try:
            editors.append(Editor("blender-driver", daemon, "blender", "tests/bench/meshes_in_blender.py"))
            editors.append(Editor("unity-driver", daemon, "unity"))
            for editor in editors:
                editor.wait_until_connected()
            yield row("meshes", "blender", editors[0].version)
            path = str(daemon.project / "grid.glb")
            exported = editors[0].do("export_gltf", side=SIDE, path=path)["seconds"]
            yield row("meshes", "gltf_export", exported, "s")
            imported = editors[0].do("import_gltf", path=path)["seconds"]
            yield row("meshes", "gltf_import", imported, "s")
            yield from there(daemon, editors[0], exported + EXTRA_SECONDS)
            yield from strokes(daemon, *editors)
            yield from back(daemon, editors[0], imported)
        finally:
            for editor in editors:
                editor.stop()
            daemon.stop()


def there(daemon, blender, limit):
    """From the end of the operation that made the mesh until the daemon has compared the read-back of the C# side."""
    entities = daemon.status()["entities"] + 2
    blender.do("grid", side=SIDE)
    blender.do("ticks")
    begin = time.monotonic()
    wait_for("the mesh arrives", lambda: settled(daemon, entities) and blender.is_idle(), LONGEST)
    took = time.monotonic() - begin
    yield row("meshes", "1m_to_csharp_verified", took, "s", "<= 1", limit)
    yield from ticks_of("send", blender)


def strokes(daemon, blender, unity):
    """From the end of a stroke until the daemon has compared the read-back of the C# side."""
    took = [one_stroke(daemon, blender, unity) for _ in range(STROKES)]
    yield row("meshes", "stroke_1000_of_1m_verified_p50", percentile(took, 50), "s", "<= 0.5")
    yield row("meshes", "stroke_1000_of_1m_verified_max", percentile(took, 100), "s")


def one_stroke(daemon, blender, unity):
    """Returns the seconds that one stroke takes."""
    wait_for("all is quiet", lambda: daemon.is_settled() and blender.is_idle(), LONGEST)
    applied = unity.status()["applied"]
    blender.do("stroke", vertices=STROKE)
    begin = time.monotonic()
    wait_for("the stroke arrives", lambda: unity.status()["applied"] > applied and daemon.is_settled(), LONGEST)
    return time.monotonic() - begin


def back(daemon, blender, limit):
    """The mesh into an empty file of Blender, until the daemon has compared what Blender read back."""
    blender.do("clear")
    blender.do("ticks")
    begin = time.monotonic()
    wait_for("the mesh comes back", lambda: blender.do("count")["objects"] and daemon.is_settled(), LONGEST)
    took = time.monotonic() - begin
    yield row("meshes", "1m_into_blender_verified", took, "s", "<= 1.5", limit)
    yield from ticks_of("receive", blender)


def ticks_of(what, blender):
    """The addon's ticks that had something to do."""
    for each in slices(what, blender.do("ticks")["ticks"]):
        yield {**each, "section": "meshes", "bar": None, "met": None}
