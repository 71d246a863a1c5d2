"""A scene of ten thousand objects: from a real Blender to the C# side, back into an empty Blender, and at rest.

The peers are Blender's own glTF exporter and importer, with the same scene in the same process.
"""

import sys
import tempfile
import time
from pathlib import Path

from rows import percentile, row

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Daemon, Editor, wait_for  # noqa: E402  (found through the path set above)

OBJECTS = 10_000
IDLE_SECONDS = 5
LONGEST = 120
MOVES = 20
WINDOW_SECONDS = 0.4
SIDE = 1000


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
            yield row("editors", "blender", editors[0].version)
            peers = measure_peers(editors[0], folder)
            yield row("editors", "scene_10000_raw_loop", peers["raw"], "s")
            yield from there(daemon, *editors, peers["export"])
            yield from at_rest(editors[0])
            yield from one_move(*editors)
            yield from one_move_back(*editors)
            yield from again(daemon, *editors)
            yield from blender_again(daemon, *editors)
            yield from back(daemon, editors[0], peers["import"])
            yield from large_mesh(daemon, *editors)
        finally:
            for editor in editors:
                editor.stop()
            daemon.stop()


def measure_peers(blender, folder):
    """Seconds of the glTF exporter and importer and of a plain loop, for the same objects."""
    path = str(Path(folder) / "scene.glb")
    raw = blender.do("raw_loop", objects=OBJECTS)["seconds"]
    exported = blender.do("export_gltf", path=path)["seconds"]
    imported = blender.do("import_gltf", path=path)
    if imported["objects"] != OBJECTS:
        raise RuntimeError(f"the importer made {imported['objects']} objects")
    blender.do("clear")
    blender.wait_until_connected()
    return {"raw": raw, "export": exported, "import": imported["seconds"]}


def there(daemon, blender, unity, peer):
    """From the end of the user's operation until the daemon has compared what the C# side read back, all of it."""
    blender.do("ticks")
    entities = blender.do("fill", objects=OBJECTS)["entities"]
    begin = time.monotonic()
    try:
        wait_for("the scene arrives", lambda: settled(daemon, entities) and blender.is_idle(), LONGEST)
    except TimeoutError as error:
        raise RuntimeError(f"{error}: {[daemon.status(), blender.status(), unity.status()]}") from None
    took = time.monotonic() - begin
    ticks = blender.do("ticks")["ticks"]
    held = sum(entity["kind"] == "object" for entity in unity.dump().values())
    if held != OBJECTS:
        raise RuntimeError(f"the C# side holds {held} objects")
    yield row("editors", "scene_10000_to_csharp_verified", took, "s", "<= 1", peer)
    yield from slices("send", ticks)


def at_rest(blender):
    """Ticks with all objects in the scene and nobody editing."""
    time.sleep(1)
    blender.do("ticks")
    time.sleep(IDLE_SECONDS)
    ticks = blender.do("ticks")["ticks"]
    yield row("editors", "idle_tick_p50", percentile(ticks, 50), "ms", "<= 0.1")
    yield row("editors", "idle_tick_p99", percentile(ticks, 99), "ms", "<= 0.3")


def one_move(blender, unity):
    """One moved object among all: from the end of the operation until the C# side has applied it."""
    took = []
    for _ in range(MOVES):
        time.sleep(WINDOW_SECONDS)  # the first change of a burst does not wait
        applied = unity.status()["applied"]
        blender.do("nudge")  # with Blender's own evaluation, which grows with the scene
        begin = time.monotonic()
        while unity.status()["applied"] == applied and time.monotonic() - begin < LONGEST:
            time.sleep(0.002)
        took.append((time.monotonic() - begin) * 1e3)
    yield row("editors", "one_move_to_csharp_p50", percentile(took, 50), "ms", "<= 30")
    yield row("editors", "one_move_to_csharp_max", percentile(took, 100), "ms")


def one_move_back(blender, unity):
    """The same from the C# side, with the undo step and the evaluation of a large scene that it costs Blender."""
    uuid = min(uuid for uuid, entity in unity.dump().items() if entity["kind"] == "object")
    took = []
    for n in range(MOVES):
        time.sleep(WINDOW_SECONDS)
        applied = blender.status()["applied"]
        begin = time.monotonic()
        unity.do("move", uuid=uuid, translation=[n, 0.5, n])
        while blender.status()["applied"] == applied and time.monotonic() - begin < LONGEST:
            time.sleep(0.002)
        took.append((time.monotonic() - begin) * 1e3)
    yield row("editors", "one_move_from_csharp_p50", percentile(took, 50), "ms")
    yield row("editors", "one_move_from_csharp_max", percentile(took, 100), "ms")


def again(daemon, blender, unity):
    """The C# side comes back where nothing differs: until it is connected, having compared all."""
    before, applied = daemon.status()["head_seq"], unity.status()["applied"]
    unity.do("pause", paused=True)
    wait_for("it is gone", lambda: unity.status()["state"] != "connected", LONGEST)
    begin = time.monotonic()
    unity.do("pause", paused=False)
    wait_for("it is back", lambda: unity.status()["state"] == "connected", LONGEST)
    took = time.monotonic() - begin
    wait_for("all is compared", lambda: unity.is_idle() and blender.is_idle(), LONGEST)
    if unity.status()["applied"] > applied:
        raise RuntimeError(f"{unity.status()} got something anew, log {before} to {daemon.status()['head_seq']}")
    yield row("editors", "reconnect_10000_where_nothing_differs", took, "s")


def blender_again(daemon, blender, unity):
    """Blender comes back where nothing differs."""
    sent, applied = blender.status()["sent"], blender.status()["applied"]
    begin = time.monotonic()
    blender.do("reconnect")
    while blender.status()["state"] != "connected" and time.monotonic() - begin < LONGEST:
        time.sleep(0.002)
    took = time.monotonic() - begin
    wait_for("all is compared", lambda: unity.is_idle() and blender.is_idle(), LONGEST)
    if (blender.status()["sent"], blender.status()["applied"]) != (sent, applied):
        raise RuntimeError(f"{blender.status()} sent or got something anew")
    yield row("editors", "blender_reconnects_10000_where_nothing_differs", took, "s", "<= 0.3")


def large_mesh(daemon, blender, unity):
    """A mesh of a million vertices with normals and uvs, until the daemon has compared what the C# side read back."""
    blender.do("ticks")
    entities = daemon.status()["entities"] + 2
    begin = time.monotonic()
    blender.do("grid", side=SIDE)
    made = time.monotonic()
    wait_for("the mesh arrives", lambda: settled(daemon, entities) and blender.is_idle(), LONGEST)
    yield row("editors", "mesh_1m_to_csharp_verified", time.monotonic() - made, "s")
    yield row("editors", "mesh_1m_made_by_blender", made - begin, "s")
    yield from slices("mesh", blender.do("ticks")["ticks"])


def back(daemon, blender, peer):
    """The same scene into an empty file: what an editor that was away gets, until the daemon has compared all."""
    blender.do("ticks")
    blender.do("clear")
    begin = time.monotonic()
    wait_for("the scene comes back", lambda: blender.do("count")["objects"] >= OBJECTS, LONGEST)
    yield row("editors", "scene_10000_into_blender", time.monotonic() - begin, "s")
    wait_for("all is verified", lambda: settled(daemon, OBJECTS) and blender.is_idle(), LONGEST)
    yield row("editors", "scene_10000_into_blender_verified", time.monotonic() - begin, "s", "<= 2", peer)
    yield from slices("receive", blender.do("ticks")["ticks"])


def settled(daemon, entities):
    """Whether the daemon has these entities and nothing open."""
    status = daemon.status()
    return status["entities"] >= entities and not status["open_transactions"]


def slices(what, ticks):
    """The ticks that had something to do. Nobody uses this Blender, so they may take up to 100 ms."""
    working = [tick for tick in ticks if tick > 0.2]
    yield row("editors", f"{what}_slice_p50", percentile(working, 50), "ms")
    yield row("editors", f"{what}_slice_p99", percentile(working, 99), "ms")
    yield row("editors", f"{what}_slice_max", percentile(working, 100), "ms", "<= 100")
