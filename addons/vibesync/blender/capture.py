# SPDX-License-Identifier: GPL-3.0-or-later
"""Local changes -> intents: compare what is marked with what was last seen, within a time budget."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import bpy

from ..core.registry import Entry, Registry
from .entity import Reader, read_flags
from .identity import PROPERTY, is_own
from .marks import Marks
from .scenes import synced_scene

MAX_CHANGES = 10_000
_MAX_ATTACHMENTS = 960
_MAX_BYTES = 64 * 1024 * 1024
_ROUND_PAUSE = 1.0
_SLICE = 50
_MAX_DEPTH = 10_000


@dataclass
class Draft:
    """An intent in the making."""

    changes: list[dict] = field(default_factory=list)
    attachments: list[bytes] = field(default_factory=list)
    learned: dict[str, dict | None] = field(default_factory=dict)
    bytes: int = 0
    first_name: str = ""  # of the entity that is changed first

    @property
    def full(self) -> bool:
        """No more should be added."""
        bulk = len(self.attachments) >= _MAX_ATTACHMENTS or self.bytes >= _MAX_BYTES
        return bulk or len(self.changes) >= MAX_CHANGES

    @property
    def label(self) -> str:
        """A line for the other editor's undo history."""
        verb = {"create": "Create", "update": "Change", "delete": "Delete"}[self.changes[0]["op"]]
        rest = f" and {len(self.changes) - 1} more" if len(self.changes) > 1 else ""
        return f"{verb} {self.first_name}{rest}"


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
            if uuid is None and is_own(item) and synced_scene() in item.users_scene:
                self.marks.structure = True
            return
        if any(entry.seen.get(name, value) != value for name, value in read_flags(item, layer).items()):
            self.marks.add(uuid)

    def draft(self, registry: Registry, reader: Reader, pending: set[str], budget: float) -> Iterator[Draft]:
        """Intents for what is marked and differs; deletions come last, after the children that they free."""
        missing = [uuid for uuid, entry in registry.entries.items() if uuid not in reader.scan and not entry.deleting]
        self._mark_related(set(missing), registry, reader)
        deadline = time.perf_counter() + budget
        draft = Draft()
        for marked in list(self.marks.dirty):
            for uuid in self._with_what_it_needs(marked, reader):
                self._add(draft, uuid, registry, reader, pending)
                if draft.full:
                    yield draft
                    draft = Draft()
            if time.perf_counter() > deadline:
                break
        else:
            self.marks.clear_clock()
            for uuid in _children_first(missing, registry):
                registry.entries[uuid].deleting = True
                draft.first_name = draft.first_name or registry.entries[uuid].seen.get("name", "")
                draft.changes.append({"op": "delete", "uuid": uuid})
                draft.learned[uuid] = None
                if draft.full:
                    yield draft
                    draft = Draft()
        if draft.changes:
            yield draft

    def _mark_related(self, missing: set[str], registry: Registry, reader: Reader) -> None:
        """Mark what is new, and the children that a deletion frees."""
        if self.marks.structure:
            for uuid in (*reader.scan.meshes, *reader.scan.objects):
                if uuid not in registry.entries:
                    self.marks.dirty[uuid] = None
            self.marks.structure = False
        for uuid, entry in registry.entries.items() if missing else ():
            if uuid not in missing and (entry.seen.get("parent") or {}).get("uuid") in missing:
                self.marks.dirty[uuid] = None

    def _with_what_it_needs(self, marked: str, reader: Reader) -> list[str]:
        """The mark and those of its mesh and ancestors, in the order in which they can be created; takes them."""
        line, item = [], reader.scan.objects.get(marked)
        while item:
            line.append(item.get(PROPERTY))
            if item.type == "MESH":
                line.append(item.data.get(PROPERTY))
            item = reader.synced_parent(item)
        wanted = [uuid for uuid in reversed(line or [marked]) if uuid in self.marks.dirty]
        for uuid in wanted:
            self.marks.dirty.pop(uuid, None)
        self.marks.dirty.pop(marked, None)
        return [uuid for uuid in dict.fromkeys(wanted) if uuid in reader.scan]

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
            draft.bytes += sum(map(len, attachments))
        change = {"op": "create", "uuid": uuid, "kind": kind} if create else {"op": "update", "uuid": uuid}
        draft.first_name = draft.first_name or shadow["name"]
        change["components"] = {name: wire[name] for name in names}
        draft.changes.append(change)
        draft.learned[uuid] = {name: shadow[name] for name in names}
        registry.entries.setdefault(uuid, Entry(kind)).seen.update(draft.learned[uuid])


def _children_first(missing: list[str], registry: Registry) -> list[str]:
    """Deepest objects first, then their parents, then meshes."""

    def rank(uuid: str) -> tuple[bool, int]:
        depth, entry = 0, registry.entries.get(uuid)
        while entry and depth < _MAX_DEPTH:
            parent = (entry.seen.get("parent") or {}).get("uuid")
            depth, entry = depth + 1, registry.entries.get(parent)
        return registry.entries[uuid].kind != "object", -depth

    return sorted(missing, key=rank)


def _shift(mesh: dict, offset: int) -> None:
    for buffer in mesh["buffers"].values():
        buffer["attachment"] += offset
