# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the evaluated meshes of objects, one at a time, over as many ticks as necessary.

Blender says which objects it evaluated with another result. An object in Edit Mode waits until the person leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import bpy

from ..core import shown
from ..core.pace import Job, Slice, Steps
from ..core.replica import Replica
from ..core.shown_memory import ShownMemory
from . import names, shown_values
from .dirty_set import DirtySet
from .entity import Content, Reader
from .settings import Settings

_EDITING = ("EDIT", "SCULPT")  # modes in which a mesh changes with each stroke


@dataclass
class _Reading:
    """A read in progress. `mark` is the number of the object's mark at the beginning."""

    uuid: str
    mark: int
    job: Job


class ShownCapture:
    """Reads the evaluated meshes of marked objects. `report` gets the kind, uuid and name of what is not sent."""

    def __init__(
        self,
        dirty_set: DirtySet,
        replica: Replica,
        settings: Callable[[], Settings],
        report: Callable[[str, str, str], None],
    ) -> None:
        self._marks = dirty_set.shown_marks
        self._dirty_set = dirty_set
        self._replica = replica
        self._settings = settings
        self._report = report
        self._known: dict[str, dict] = {}  # the last value that was read, by object
        self._waiting: dict[str, int] = {}  # marks of objects that a person edits
        self._current: _Reading | None = None
        self._memory = ShownMemory()

    def reset(self) -> None:
        """Reads everything again: another file was opened, undo brought the past back, or a setting changed."""
        self._marks.clear()
        self._known.clear()
        self._waiting.clear()
        self._current = None

    @property
    def due(self) -> int:
        """Returns the number of objects that are to be read and can be."""
        return sum(1 for _ in self._ready())

    def look_at(self, uuid: str, item: bpy.types.Object) -> None:
        """Marks an object whose evaluated mesh was not read yet, or is not the synchronized one."""
        entry = self._replica.entries.get(uuid)
        last = entry.last_seen.get(shown.NAME, shown.EMPTY) if entry else shown.EMPTY
        wanted = self._known.get(uuid) if shown_values.is_generated(item) else shown.EMPTY
        if wanted != last or uuid in self._waiting:
            self._dirty_set.mark_shown(uuid)

    def contents(self, reader: Reader, slice_: Slice) -> Iterator[tuple[str, Content]]:
        """Yields the evaluated meshes that differ from the replica, as long as the slice lasts.

        Does one step even without time, so that a busy machine makes progress too.
        """
        while uuid := self._choose(reader):
            mark, item = self._marks[uuid], reader.scan.objects[uuid]
            if item.mode in _EDITING or not item.visible_get(view_layer=reader.layer):
                self._waiting[uuid] = mark
                continue
            if self._current is None or (self._current.uuid, self._current.mark) != (uuid, mark):
                self._current = _Reading(uuid, mark, Job(self._read_steps(uuid, item, reader)))
            if not self._current.job.run(slice_):
                return
            content, self._current = self._current.job.result, None
            del self._marks[uuid]
            self._waiting.pop(uuid, None)
            value = self._known[uuid] = content.replica[shown.NAME]
            if self._replica.entries[uuid].changed_components({shown.NAME: value}):
                yield uuid, content
            if slice_.is_over:
                return

    def _choose(self, reader: Reader) -> str | None:
        """Returns the object to read: the one whose read has begun, else the first one."""
        for uuid in [uuid for uuid in self._marks if uuid not in reader.scan.objects]:
            del self._marks[uuid]
        ready = list(self._ready())
        if self._current and self._current.uuid in ready:
            return self._current.uuid
        return ready[0] if ready else None

    def _ready(self) -> Iterator[str]:
        """Yields the marked objects that the daemon knows and that do not wait for a person."""
        entries = self._replica.entries
        for uuid, mark in self._marks.items():
            if self._waiting.get(uuid) != mark and uuid in entries and not entries[uuid].is_refused:
                yield uuid

    def _read_steps(self, uuid: str, item: bpy.types.Object, reader: Reader) -> Steps[Content]:
        """Reads the evaluated mesh of an object in steps. Uses the object in the first one alone."""
        settings, name = self._settings(), names.read(item)
        mesh = materials = None
        if settings.sends_shown and shown_values.is_generated(item):
            depsgraph, limit = reader.layer.depsgraph, settings.shown_triangles
            found = yield from shown_values.read_steps(item, depsgraph, reader.unit, limit, reader.material_uuid)
            if found:
                mesh, materials = found
            else:
                self._report("large evaluated meshes", uuid, name)
        attachments: list = []
        wire = shown_values.as_component(mesh, materials, attachments)
        digest = yield from self._memory.digest_steps(uuid, mesh)
        value = {"mesh": digest, "materials": wire["materials"]}
        return Content({shown.NAME: wire}, {shown.NAME: value, "name": name}, attachments)
