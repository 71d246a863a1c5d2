"""Edits of a light, a camera and a material, and a large image, from a real headless Blender until the compiled Unity
package has them."""

import sys
import tempfile
import time
from pathlib import Path

import program
from rows import percentile, row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import Daemon, Editor, converge, wait_for  # (found through the path set above)

OBJECTS = 1_000
EDITS = 30
WINDOW_SECONDS = 0.4  # the first change of a burst does not wait
LONGEST = 20
PIXELS = 4096  # on each side of the image
IMAGES = 3


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
            yield from images(daemon, *editors, plain_rate(binary), Path(folder))
        finally:
            for editor in editors:
                editor.stop()
            daemon.stop()


def edits(daemon, blender, unity):
    """A move, and an edit of a light, a camera and a material in turn, so that all meet the same machine."""
    blender.do("fill", objects=OBJECTS)
    lamp, eye = (
        blender.do("create", name=shape, shape=shape, type=kind, translation=[0.0, 0.0, 0.0])["uuid"]
        for shape, kind in (("light", "point"), ("camera", "perspective"))
    )
    cube = blender.do("create", name="cube", shape="cube", translation=[0.0, 0.0, 0.0])["uuid"]
    steel = blender.do("create_material", name="Steel", Metallic=1.0)["uuid"]
    blender.do("assign_material", uuid=cube, slot=0, material=steel)
    converge(daemon, blender, unity)
    steps = {
        "move": lambda n: blender.do("move", uuid=lamp, translation=[n, 0.0, 0.0]),
        "light": lambda n: blender.do("edit_light", uuid=lamp, energy=100.0 + n),
        "camera": lambda n: blender.do("edit_camera", uuid=eye, lens=30.0 + n),
        "material": lambda n: blender.do("edit_material", uuid=steel, Roughness=n / (EDITS + 1)),
    }
    took = {kind: [] for kind in steps}
    for n in range(1, EDITS + 1):
        for kind, step in steps.items():
            took[kind].append(until_applied(unity, step, n))
    move = percentile(took["move"], 50)
    for kind in ("light", "camera", "material"):
        yield row("scene", f"one_{kind}_to_csharp_p50", percentile(took[kind], 50), "ms", "<= 1.2", move)


def until_applied(unity, step, n):
    """Milliseconds from the end of an edit until the C# side has applied it."""
    time.sleep(WINDOW_SECONDS)
    applied = unity.status()["applied"]
    step(n)
    begin = time.monotonic()
    while unity.status()["applied"] == applied:
        if time.monotonic() - begin > LONGEST:
            raise RuntimeError("an edit does not arrive")
        time.sleep(0.001)
    return (time.monotonic() - begin) * 1e3


def plain_rate(binary):
    """MiB a second of a copy over loopback with its hash."""
    measured = program.rows([binary.with_name("vibesync-bench"), "image"], 60)
    return next(each["value"] for each in measured if each["name"] == "copy_and_blake3")


def images(daemon, blender, unity, rate, folder):
    """Different images, each linked to a material, until the daemon has compared what the C# side read back.

    The limit is a plain copy of the file with its hash, and the time in which Blender loads and decodes it.
    """
    plane = blender.do("create", name="plane", shape="cube", translation=[0.0, 0.0, 0.0])["uuid"]
    material = blender.do("create_material", name="Photo")["uuid"]
    blender.do("assign_material", uuid=plane, slot=0, material=material)
    converge(daemon, blender, unity)
    took, limits, mebibytes = [], [], 0.0
    for n in range(IMAGES):
        path = folder / f"photo-{n}.png"
        read = blender.do("make_picture", path=str(path), side=PIXELS, seed=n)["read"]
        mebibytes = path.stat().st_size / (1 << 20)
        entities = daemon.status()["entities"]
        begin = time.monotonic()
        blender.do("link_image", uuid=material, path=str(path))
        wait_for("the image arrives", lambda held=entities: arrived(daemon, held), LONGEST)
        took.append(time.monotonic() - begin)
        limits.append(mebibytes / rate + read)
        converge(daemon, blender, unity)
    yield row("scene", "image_4096_bytes", mebibytes, "MiB")
    yield row("scene", "image_4096_copy_and_blake3", rate, "MiB/s")
    yield row("scene", "image_4096_to_csharp_verified", percentile(took, 50), "s", "<= 1.5", percentile(limits, 50))


def arrived(daemon, before):
    """Whether the daemon has an entity more and nothing open."""
    status = daemon.status()
    return status["entities"] > before and not status["open_transactions"]
