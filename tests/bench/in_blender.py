# SPDX-License-Identifier: GPL-3.0-or-later
"""The end-to-end tests' headless Blender, with a watch on each tick of the addon and a scene of any size."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
import blender_driver as e2e  # (found through the path set above)
import bpy
import numpy as np
import vibesync
from vibesync.blender import handlers, scenes, timer

# isort: split
import addon_utils  # bpy makes it available

_SHARED_MESHES = 20
_FAMILY = 10  # an object and its children


class Watch:
    """Measures the duration of ticks, without the time in Blender's dependency graph."""

    def __init__(self) -> None:
        self.ticks: list[float] = []
        self.starts: list[float] = []
        self.polls: list[float] = []  # when each began
        self.pause = 0.0  # seconds until the next poll
        bridge, run = handlers.bridge, handlers.bridge.tick
        bridge.tick = lambda receives=True: self.starts.append(time.perf_counter()) or run(receives)
        self._began = self._evaluated = 0.0
        # Around all others: the addon's own handlers are not part of Blender's evaluation.
        bpy.app.handlers.depsgraph_update_pre.append(self._before)
        bpy.app.handlers.depsgraph_update_post.insert(0, self._after)

    @bpy.app.handlers.persistent
    def _before(self, *_) -> None:
        self._began = time.perf_counter()

    @bpy.app.handlers.persistent
    def _after(self, *_) -> None:
        self._evaluated += time.perf_counter() - self._began

    def tick(self) -> None:
        """Let the addon do its part, as its timer would."""
        self._evaluated = 0.0
        begin = time.perf_counter()
        self.polls.append(begin)
        self.pause = timer.poll()
        self.ticks.append((time.perf_counter() - begin - self._evaluated) * 1e3)


class Driver(e2e.Driver):
    """More commands for the one of the tests."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = Watch()

    def fill(self, objects: int) -> dict:
        """Add objects: families of a parent and its children, all turned, a few meshes shared by all."""
        return {"entities": _fill(objects)}

    def raw_loop(self, objects: int) -> dict:
        """Seconds of a plain loop that makes the objects, in an empty file without the addon."""
        with without_addon():
            _empty()
            return {"seconds": _seconds(lambda: _fill(objects))}

    def export_gltf(self, path: str) -> dict:
        """Seconds of Blender's own glTF exporter."""
        addon_utils.enable("io_scene_gltf2")
        with without_addon():
            return {"seconds": _seconds(lambda: bpy.ops.export_scene.gltf(filepath=path))}

    def import_gltf(self, path: str) -> dict:
        """Seconds of Blender's own glTF importer, into an empty file without the addon."""
        with without_addon():
            _empty()
            return {
                "seconds": _seconds(lambda: bpy.ops.import_scene.gltf(filepath=path)),
                "objects": len(bpy.data.objects),
            }

    def reconnect(self) -> dict:
        """Cut the connection and connect again at once."""
        handlers.bridge.session.stop("measured")
        handlers.bridge.session.start()
        return {}

    def grid(self, side: int) -> dict:
        """Add an object with a bent plane of side x side vertices and one uv layer."""
        row = np.arange(side, dtype=np.float32)
        x, y = (axis.reshape(-1) for axis in np.meshgrid(row, row))
        at = np.add.outer(np.arange(side - 1) * side, np.arange(side - 1)).reshape(-1)
        quads = np.stack([at, at + 1, at + side + 1, at + side], axis=1).reshape(-1).astype(np.int32)
        mesh = bpy.data.meshes.new("Grid")
        mesh.vertices.add(side * side)
        mesh.loops.add(len(quads))
        mesh.polygons.add(len(at))
        mesh.vertices.foreach_set("co", np.stack([x, y, np.sin(x) + np.cos(y)], axis=1).reshape(-1))
        mesh.loops.foreach_set("vertex_index", quads)
        mesh.polygons.foreach_set("loop_start", np.arange(0, len(quads), 4, dtype=np.int32))
        mesh.update(calc_edges=True)
        uv = mesh.uv_layers.new(do_init=False)
        uv.data.foreach_set("uv", (np.stack([x, y], axis=1)[quads] / side).reshape(-1))
        scenes.synced_scene().collection.objects.link(bpy.data.objects.new("Grid", mesh))
        bpy.context.view_layer.update()
        return {}

    def make_picture(self, path: str, side: int, seed: int) -> dict:
        """Save an image as PNG, a gradient with some noise; return the seconds of reading it with all its pixels."""
        ramp = np.linspace(0, 1, side, dtype=np.float32)
        noise = np.random.default_rng(seed).random((side, side), dtype=np.float32)
        pixels = np.ones((side, side, 4), dtype=np.float32)
        pixels[..., 0], pixels[..., 1], pixels[..., 2] = ramp, ramp[:, None], 0.5 + noise / 8
        with without_addon():
            made = bpy.data.images.new("Photo", side, side, alpha=True)
            made.pixels.foreach_set(pixels.reshape(-1))
            made.file_format, made.filepath_raw = "PNG", path
            made.save()
            bpy.data.images.remove(made)
            begin = time.perf_counter()
            read = bpy.data.images.load(path)
            read.pixels.foreach_get(pixels.reshape(-1))
            seconds = time.perf_counter() - begin
            bpy.data.images.remove(read)
        return {"read": seconds}

    def nudge(self) -> dict:
        """Move one object a little."""
        scenes.synced_scene().objects[0].location.x += 0.5
        bpy.context.view_layer.update()
        return {}

    def drag_many(self, count: int, seconds: float) -> dict:
        """Move objects 60 times a second, as if a tool held them; report each height with its time, and the ticks.

        No operator runs without a window, so the addon is told that one does.
        """
        held = self._held(count)
        own, steps, ticks = handlers.bridge.activity.state, [], []
        handlers.bridge.activity.state = lambda: "modal"
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                due, height = time.monotonic() + 1 / 60, 1_000.0 + len(steps)
                for item in held:
                    item.location.z = height
                bpy.context.view_layer.update()
                steps.append((height, time.monotonic()))
                while True:
                    now = time.perf_counter()
                    before = len(self.watch.starts)
                    timer.poll()
                    if len(self.watch.starts) > before:
                        ticks.append((time.perf_counter() - now) * 1e3)
                    if time.monotonic() >= due:
                        break
                    time.sleep(0.002)
        finally:
            handlers.bridge.activity.state = own
        return {"steps": steps, "ticks": ticks}

    def held(self, count: int) -> dict:
        """Return the uuids of the objects that a drag moves."""
        return {"uuids": [self.bridge.identity.uuid_of(item) for item in self._held(count)]}

    def _held(self, count: int) -> list[bpy.types.Object]:
        return scenes.synced_scene().objects[:count]

    def clear(self) -> dict:
        """Start with an empty file that nobody has synchronized."""
        bpy.ops.wm.read_factory_settings(use_empty=True)
        return {}

    def count(self) -> dict:
        """Count the objects of the scene."""
        return {"objects": len(scenes.synced_scene().objects), "applied": handlers.bridge.batches.applied}

    def ticks(self) -> dict:
        """Milliseconds of the ticks since this was asked last, and from the start of each poll to that of the next."""
        taken, self.watch.ticks = self.watch.ticks, []
        polls, self.watch.polls = self.watch.polls, []
        return {"ticks": taken, "apart": [(b - a) * 1e3 for a, b in itertools.pairwise(polls)]}


def _fill(objects: int) -> int:
    """Add the objects by the shortest loop; return the number of entities."""
    meshes = []
    for n in range(_SHARED_MESHES):
        mesh = bpy.data.meshes.new(f"Cube {n}")
        mesh.from_pydata([(x * (n + 1), y, z) for x, y, z in e2e._CUBE], [], e2e._CUBE_FACES)
        meshes.append(mesh)
    link = scenes.synced_scene().collection.objects.link
    parent = None
    for n in range(objects):
        item = bpy.data.objects.new(f"Part {n}", meshes[n % len(meshes)])
        item.location = (n % 100, n // 100, math.sin(n))
        item.rotation_euler = (0.001 * n, 0.002 * n, 0.003 * n)
        if n % _FAMILY == 0:
            parent = item
        else:
            item.parent = parent
        link(item)
    bpy.context.view_layer.update()
    return objects + len(meshes)


def _empty() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


@contextlib.contextmanager
def without_addon() -> Iterator[None]:
    """Blender's events do not reach the addon meanwhile."""
    active, handlers.bridge = handlers.bridge, None
    try:
        yield
    finally:
        handlers.bridge = active


def _seconds(work) -> float:
    """Returns the seconds that the work takes, with Blender's evaluation of the result."""
    begin = time.perf_counter()
    work()
    bpy.context.view_layer.update()
    return time.perf_counter() - begin


def main() -> None:
    """Serve until `quit` or the end of the input."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)  # what Blender prints goes to stderr

    def reply(message: dict) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    driver = Driver()
    lines = e2e.Lines()
    reply({"ok": True, "ready": True, "version": bpy.app.version_string})
    while True:
        driver.watch.tick()
        line = lines.take(driver.watch.pause)
        if line is None:
            continue
        if not line or (line.strip() and json.loads(line).get("do") == "quit"):
            break
        reply(e2e.answer(driver, line))
    vibesync.unregister()
    reply({"ok": True})
    os._exit(0)  # Blender's module may hang or crash in its own cleanup


if __name__ == "__main__":
    main()
