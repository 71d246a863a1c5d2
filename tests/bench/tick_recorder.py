# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what each tick of the addon does: the time of its parts, and of each step of long work.

Times are of the processor, so that other programs on the machine do not count.
"""

from __future__ import annotations

import functools
import gc
import importlib
import time
from collections import Counter
from collections.abc import Callable, Generator

import bpy
from vibesync.core import pace

_KEPT = 200_000  # ticks
_PARTS_FROM_MS = 0.2  # of shorter ticks the parts are not kept
_PARTS = (
    ("blender.activity", "Activity.blocking_state"),
    ("blender.activity", "Activity.objects_in_use"),
    ("blender.apply", "Batch.__init__"),
    ("blender.apply", "Batch.evaluate"),
    ("blender.apply", "Batch._check_deletes"),
    ("blender.apply", "Batch._delete"),
    ("blender.apply", "Batch._look_up_again"),
    ("blender.apply", "push_undo"),
    ("blender.batch_queue", "BatchQueue.add"),
    ("blender.batch_queue", "BatchQueue._would_overwrite"),
    ("blender.batch_queue", "BatchQueue.work"),
    ("blender.bridge", "Bridge._handle"),
    ("blender.bridge", "Bridge.tick"),
    ("blender.bridge", "Bridge._send_changes"),
    ("blender.bridge", "Bridge._report_scan"),
    ("blender.bridge", "Bridge.rebind"),
    ("blender.capture", "Capture.mark_structure_changes"),
    ("blender.capture", "Capture._order_marks"),
    ("blender.capture", "Capture._take_deletes"),
    ("blender.capture", "Capture.check_visibility"),
    ("blender.dirty_set", "DirtySet.record_updates"),
    ("blender.draft", "Draft.add_content"),
    ("blender.entity", "Reader.read_object"),
    ("blender.identity", "Identity.scan"),
    ("blender.panel", "current_view"),
    ("blender.mesh_memory", "MeshMemory.drop_unused"),
    ("blender.previews", "Previews.put_back"),
    ("blender.previews", "Previews.work"),
    ("blender.responses", "ResponseHandler.handle_ack"),
    ("blender.scene_lookup", "SceneLookup.refresh"),
    ("blender.snapshot", "Snapshot.drop"),
    ("capability.service", "Capabilities.work"),
    ("capability.service", "Capabilities._send_list"),
    ("core.agents", "Agents.work"),
    ("core.connection", "Connection._read"),
    ("core.connection", "Connection._write"),
    ("core.frame", "FrameDecoder.next"),
    ("core.session", "Session._keep_alive"),
    ("core.session", "Session.pump"),
    ("core.session", "Session.send"),
    ("core.session", "Session.submit"),
)


class Recorder:
    """The ticks since the last `take`. Blender's dependency graph counts as a part of its own."""

    def __init__(self) -> None:
        self.ticks: list[dict] = []
        self._open: list[list] = []  # name, start, time of the parts inside
        self._parts: Counter[str] = Counter()
        for module, name in _PARTS:
            _wrap(importlib.import_module(f"vibesync.{module}"), name, self._around)
        make = pace.Job.__init__
        pace.Job.__init__ = lambda job, steps: make(job, _Steps(steps, self))
        gc.callbacks.append(self._collects)
        bpy.app.handlers.depsgraph_update_pre.append(self._before)
        bpy.app.handlers.depsgraph_update_post.insert(0, self._after)

    def tick(self, run: Callable[[], object]) -> None:
        """Runs one tick and records it."""
        self._parts.clear()
        self.begin("rest")
        wall = time.perf_counter()
        try:
            run()
        finally:
            wall = (time.perf_counter() - wall) * 1e3
            self.end_of()
        parts = self._parts.copy()
        tick = {"cpu": sum(parts.values()), "wall": wall, "graph": parts["Blender's graph"]}
        if tick["cpu"] >= _PARTS_FROM_MS:
            tick["parts"] = dict(parts.most_common(12))
        if len(self.ticks) < _KEPT:
            self.ticks.append(tick)

    def take(self) -> list[dict]:
        """Returns the ticks, and forgets them."""
        taken, self.ticks = self.ticks, []
        return taken

    def begin(self, name: str) -> None:
        """Begins a part inside the present one."""
        self._open.append([name, time.thread_time(), 0.0])

    def end_of(self, name: str | None = None) -> None:
        """Ends the present part; `name` renames it."""
        began, start, inside = self._open.pop()
        took = time.thread_time() - start
        self._parts[name or began] += (took - inside) * 1e3
        if self._open:
            self._open[-1][2] += took

    def _around(self, name: str, function: Callable) -> Callable:
        @functools.wraps(function)
        def around(*arguments, **named):
            self.begin(name)
            try:
                return function(*arguments, **named)
            finally:
                self.end_of()

        return around

    def _collects(self, phase: str, _found: dict) -> None:
        if phase == "start" and self._open:
            self.begin("Python's garbage collector")
        elif self._open and self._open[-1][0] == "Python's garbage collector":
            self.end_of()

    @bpy.app.handlers.persistent
    def _before(self, *_) -> None:
        self.begin("Blender's graph")

    @bpy.app.handlers.persistent
    def _after(self, *_) -> None:
        if self._open and self._open[-1][0] == "Blender's graph":
            self.end_of()


class _Steps:
    """A generator whose steps are parts, named by the lines between which they ran."""

    def __init__(self, steps: Generator, recorder: Recorder) -> None:
        self._steps = steps
        self._recorder = recorder

    def __iter__(self) -> _Steps:
        return self

    def __next__(self) -> None:
        before = _place(self._steps)
        self._recorder.begin("step")
        try:
            return next(self._steps)
        finally:
            self._recorder.end_of(f"{before} .. {_place(self._steps)}")

    def close(self) -> None:
        """Closes the generator."""
        self._steps.close()


def _place(steps: Generator) -> str:
    while isinstance(getattr(steps, "gi_yieldfrom", None), Generator):
        steps = steps.gi_yieldfrom
    frame = steps.gi_frame
    return f"{steps.__name__}:{frame.f_lineno}" if frame else "end"


def _wrap(module, path: str, around: Callable) -> None:
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, module)
    setattr(owner, name, around(path, getattr(owner, name)))
