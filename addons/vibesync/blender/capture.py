# SPDX-License-Identifier: GPL-3.0-or-later
"""Local changes -> intents: compare what is marked with what was last seen, within a time budget."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import bpy

from ..core.registry import Entry, Registry
from .entity import Reader, read_flags
from .identity import PROPERTY, is_own
from .marks import Marks

MAX_CHANGES = 10_000
_MAX_ATTACHMENTS = 960
_MAX_BYTES = 64 * 1024 * 1024
_ROUND_PAUSE = 1.0
_SLICE = 50


@dataclass
class Draft:
    """An intent in the making."""

    changes: list[dict] = field(default_factory=list)
    attachments: list[bytes] = field(default_factory=list)
    learned: dict[str, dict | None] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """No more should be added."""
        size = sum(map(len, self.attachments))
        return len(self.changes) >= MAX_CHANGES or len(self.attachments) >= _MAX_ATTACHMENTS or size >= _MAX_BYTES

    @property
    def label(self) -> str:
        """A line for the other editor's undo history."""
        first = self.changes[0]
        verb = {"create": "Create", "update": "Change", "delete": "Delete"}[first["op"]]
        name = first.get("components", {}).get("name") or (self.learned[first["uuid"]] or {}).get("name")
        rest = f" and {len(self.changes) - 1} more" if len(self.changes) > 1 else ""
        return f"{verb} {name or first.get('kind', 'object')}{rest}"


class Capture:
    """Finds local changes."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self._position = 0
        self._next_round = 0.0

    def patrol(self, registry: Registry, layer: bpy.types.ViewLayer, now: float, budget: float) -> None:
        """Look at a slice of all objects for changes that Blender sends no event for; marks what differs."""
        if now < self._next_round:
            return
        deadline = time.perf_counter() + budget
        while time.perf_counter() < deadline:
            items = bpy.data.objects[self._position : self._position + _SLICE]
            self._position += _SLICE
            for item in items:
                self._look(registry, layer, item)
            if len(items) < _SLICE:
                self._position = 0
                self._next_round = now + _ROUND_PAUSE
                return

    def _look(self, registry: Registry, layer: bpy.types.ViewLayer, item: bpy.types.Object) -> None:
        uuid = item.get(PROPERTY)
        entry = registry.entries.get(uuid) if uuid else None
        if entry is None:
            self.marks.structure = self.marks.structure or (uuid is None and is_own(item) and bool(item.users_scene))
            return
        if any(entry.seen.get(name, value) != value for name, value in read_flags(item, layer).items()):
            self.marks.add(uuid)

    def draft(self, registry: Registry, reader: Reader, pending: set[str], budget: float) -> Iterator[Draft]:
        """Intents for what is marked and differs; deletions and the children that they free come last, together."""
        missing = [uuid for uuid, entry in registry.entries.items() if uuid not in reader.scan and not entry.deleting]
        gone = set(missing)
        for uuid, entry in registry.entries.items() if gone else ():
            if uuid not in gone and (entry.seen.get("parent") or {}).get("uuid") in gone:
                self.marks.add(uuid)
        for uuid in (*reader.scan.meshes, *reader.scan.objects) if self.marks.structure else ():
            if uuid not in registry.entries:
                self.marks.dirty[uuid] = None
        self.marks.structure = False
        deadline = time.perf_counter() + budget
        draft = Draft()
        for uuid in self._ordered(reader):
            self.marks.dirty.pop(uuid)
            self._add(draft, uuid, registry, reader, pending)
            if draft.full and not gone:
                yield draft
                draft = Draft()
            if time.perf_counter() > deadline and not gone:
                break
        self._add_deletes(draft, missing, registry)
        if draft.changes:
            yield draft
        if not self.marks.dirty:
            self.marks.clear_clock()

    def _ordered(self, reader: Reader) -> Iterable[str]:
        """Meshes before objects, parents before children; marks on what does not exist are dropped."""
        ranks = {}
        for uuid in list(self.marks.dirty):
            if uuid not in reader.scan:
                del self.marks.dirty[uuid]
                continue
            rank, item = 0, reader.scan.objects.get(uuid)
            while item:
                rank, item = rank + 1, item.parent
            ranks[uuid] = rank
        return sorted(ranks, key=ranks.__getitem__)

    def _add(self, draft: Draft, uuid: str, registry: Registry, reader: Reader, pending: set[str]) -> None:
        kind = reader.scan.kind(uuid)
        entry = registry.entries.get(uuid)
        if entry and entry.deleting:  # undo brought it back before the delete was answered: revive it after
            if uuid in pending:
                self.marks.add(uuid)
                return
            entry.deleting = False
            entry.version = 0
            entry.seen.clear()
        create = entry is None or (entry.version == 0 and uuid not in pending)
        attachments: list[bytes] = []
        wire, shadow = reader.read(uuid, attachments)
        names = list(wire) if create else entry.changed(shadow)
        if not names:
            return
        if "mesh" in names:
            _shift(wire["mesh"], len(draft.attachments))
            draft.attachments.extend(attachments)
        change = {"op": "create", "uuid": uuid, "kind": kind} if create else {"op": "update", "uuid": uuid}
        change["components"] = {name: wire[name] for name in names}
        draft.changes.append(change)
        draft.learned[uuid] = {name: shadow[name] for name in names}
        registry.entries.setdefault(uuid, Entry(kind)).seen.update(draft.learned[uuid])

    def _add_deletes(self, draft: Draft, missing: list[str], registry: Registry) -> None:
        def depth(uuid: str) -> int:
            steps, entry = 0, registry.entries.get(uuid)
            while entry and steps < 1_000:
                parent = (entry.seen.get("parent") or {}).get("uuid")
                steps, entry = steps + 1, registry.entries.get(parent)
            return steps

        objects_first = sorted(missing, key=lambda uuid: (registry.entries[uuid].kind != "object", -depth(uuid)))
        for uuid in objects_first:
            registry.entries[uuid].deleting = True
            draft.changes.append({"op": "delete", "uuid": uuid})
            draft.learned[uuid] = None


def _shift(mesh: dict, offset: int) -> None:
    for buffer in mesh["buffers"].values():
        buffer["attachment"] += offset
