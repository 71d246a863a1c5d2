# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures local changes as intents: compares dirty entities with the replica, one slice at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import bpy

from ..core.mesh import shift
from ..core.outbox import Outbox
from ..core.pace import Job, Slice
from ..core.progress import Countdown
from ..core.registry import Entry, Registry
from . import unsynced
from .entity import Content, Reader, content_of, read_flags, read_mesh
from .identity import Identity, Scan
from .marks import Marks

MAX_CHANGES = 10_000
_MAX_ATTACHMENTS = 960
_MAX_BYTES = 64 * 1024 * 1024
_MAX_DEPTH = 10_000
_MOST_EDITED = 50_000  # vertices; a larger mesh is read only after Edit Mode, as that is one long step
_REST_SECONDS = 0.5  # a mesh in Edit Mode is read after this pause


@dataclass
class Draft:
    """An intent under construction."""

    changes: list[dict] = field(default_factory=list)
    attachments: list = field(default_factory=list)
    learned: dict[str, dict | None] = field(default_factory=dict)
    bytes: int = 0
    first_name: str = ""  # of the entity that changes first

    @property
    def full(self) -> bool:
        """Returns whether the draft has reached a limit."""
        bulk = len(self.attachments) >= _MAX_ATTACHMENTS or self.bytes >= _MAX_BYTES
        return bulk or len(self.changes) >= MAX_CHANGES

    @property
    def label(self) -> str:
        """Returns one line for the undo history of the other editor."""
        verb = {"create": "Create", "update": "Change", "delete": "Delete"}[self.changes[0]["op"]]
        rest = f" and {len(self.changes) - 1} more" if len(self.changes) > 1 else ""
        return f"{verb} {self.first_name}{rest}"


@dataclass
class Reading:
    """A mesh read that may take several ticks. `mark` is the entity's mark number at the beginning."""

    uuid: str
    mark: int
    job: Job[Content | None]


class Capture:
    """Finds local changes."""

    def __init__(self, marks: Marks, identity: Identity, tell: Callable[[str, str, str], None]) -> None:
        self.marks = marks
        self.held: set[str] = set()  # entities of the running batch: their changes are not local changes
        self.gone: set[str] = set()  # deleted here as of the last scan, and not sent to the daemon
        self._identity = identity
        self._tell = tell  # callback for unsupported content: kind, uuid, name
        self._reader: Reader | None = None
        self._reading: Reading | None = None
        self._resting: dict[str, tuple[int, float]] = {}  # in Edit Mode: mark number, and since when it is unchanged
        self._round: int | None = None  # position of the visibility check among the objects, None between two checks
        self._hidden_too = False  # the check also marks hidden objects
        self._left = Countdown()

    @property
    def has_work(self) -> bool:
        """Returns whether any dirty entity is outside the running batch."""
        marks = self.marks
        return marks.structure or marks.around or self.has_begun or any(uuid not in self.held for uuid in marks.dirty)

    @property
    def has_begun(self) -> bool:
        """Returns whether work remains besides the marks: a visibility check, or deletions to send."""
        return self._round is not None or bool(self.gone and not self.held)

    @property
    def fraction(self) -> float | None:
        """Returns the fraction of dirty entities that was read; None if none is left."""
        return self._left.fraction(len(self.marks.dirty.keys() - self._resting.keys()))

    def look_around(self, registry: Registry, reader: Reader, slice_: Slice) -> None:
        """Marks objects that were shown or hidden, because Blender does not name these. Continues over several
        ticks."""
        if self.marks.around and self._round is None:  # else after the current check, so that each check ends
            self._round, self._hidden_too = 0, self.marks.hidden
            self.marks.around = self.marks.hidden = False
        if self._round is None:
            return
        layer = reader.layer
        for uuid in islice(reader.scan.objects, self._round, None):
            self._round += 1
            entry = registry.entries.get(uuid)
            item = reader.scan.objects.get(uuid) if entry else None
            if item and (
                (self._hidden_too and not item.visible_get(view_layer=layer)) or _flags_differ(entry, item, layer)
            ):
                self.marks.add(uuid)
                self.marks.add(reader.shown_mesh(item))
            if slice_.over:
                return
        self._round, self._hidden_too = None, False

    def draft(self, registry: Registry, reader: Reader, outbox: Outbox, slice_: Slice, now: float) -> Iterator[Draft]:
        """Yields intents for dirty entities that differ from the replica. Deletions come last, after the children that
        they free.

        `outbox` holds the intents without an answer.
        """
        self._reader = reader
        if self.marks.structure:
            self.marks.structure = False
            self._mark_related(registry, reader.scan)
        draft = Draft()
        for marked in self._in_turn():
            if marked in self.held or marked not in self.marks.dirty:
                continue
            needed = self._with_what_it_needs(marked, reader, registry)
            while needed:
                uuid, mark = needed.pop(0)
                if not self._add(draft, uuid, mark, registry, outbox, slice_, now):
                    self.marks.dirty[uuid] = mark
                    if uuid not in registry.entries:  # what depends on it can't be created before it
                        self.marks.dirty.update(needed)
                        break
                if draft.full:
                    yield draft
                    draft = Draft()
            if slice_.over and self.marks.dirty:  # without marks, no later tick would continue
                break
        else:
            self.marks.clear_clock()
            # Not during a batch: its entities may be deleted too, and must go before the entities that they refer to.
            if self.gone and not self.held and self.marks.dirty.keys() <= reader.scan.meshes.keys():
                self.gone = set()
                for uuid in _children_first(self._missing(registry, reader.scan), registry):
                    _delete(draft, uuid, registry)
                    if draft.full:
                        yield draft
                        draft = Draft()
        if draft.changes:
            yield draft

    def _in_turn(self) -> list[str]:
        """Returns the dirty uuids, first the mesh that is being read: only one mesh is read at a time."""
        begun = [self._reading.uuid] if self._reading and self._reading.uuid in self.marks.dirty else []
        return [*begun, *self.marks.dirty]

    def _mark_related(self, registry: Registry, scan: Scan) -> None:
        """Marks new entities, and the children that a deletion frees."""
        for found in (scan.meshes, scan.objects):
            for uuid in found:  # in scene order, so that lookups of neighbors share one read of Blender's list
                if uuid not in registry.entries:
                    self.marks.add(uuid)
        self.gone = missing = set(self._missing(registry, scan))
        for uuid, entry in registry.entries.items() if missing else ():
            if uuid not in missing and (entry.seen.get("parent") or {}).get("uuid") in missing:
                self.marks.add(uuid)

    def _missing(self, registry: Registry, scan: Scan) -> list[str]:
        """Returns entities that were deleted here and whose delete was not sent."""
        entries = registry.entries.items()
        return [uuid for uuid, entry in entries if uuid not in scan and not entry.deleting]

    def _with_what_it_needs(self, marked: str, reader: Reader, registry: Registry) -> list[tuple[str, int]]:
        """Takes the marks of an entity, its mesh and its ancestors, in the order in which they can be created."""
        line, item = [], reader.scan.objects.get(marked)
        while item:
            line.append(self._identity.uuid_of(item))
            mesh = reader.shown_mesh(item)
            if mesh:
                line.append(mesh)
                if mesh not in registry.entries and mesh not in self.marks.dirty:
                    self.marks.add(mesh)  # created since the last scan
            item = reader.synced_parent(item)
        free = (uuid for uuid in dict.fromkeys((*reversed(line), marked)) if uuid not in self.held)
        taken = {uuid: self.marks.dirty.pop(uuid, None) for uuid in free}
        return [(uuid, mark) for uuid, mark in taken.items() if mark is not None and uuid in reader.scan]

    def _add(
        self,
        draft: Draft,
        uuid: str,
        mark: int,
        registry: Registry,
        outbox: Outbox,
        slice_: Slice,
        now: float,
    ) -> bool:
        """Compares one entity and adds the differences. Returns False if it must be tried again in the next tick."""
        entry = registry.entries.get(uuid)
        if entry and entry.deleting:  # undo restored it before the delete was answered: create it again later
            if outbox.names(uuid):
                return False
            entry.deleting = False
            entry.version = 0
            entry.seen.clear()
        kind = self._reader.scan.kind(uuid)
        if kind == "object":
            item = self._reader.scan.objects[uuid]
            content = content_of(self._reader.read_object(uuid, item))
            for unsynced_kind in unsynced.of_object(item):
                self._tell(unsynced_kind, uuid, item.name)
        else:
            content = self._read_mesh(uuid, mark, slice_, now)
            if content is None:
                return uuid not in self._reader.scan.meshes
            for unsynced_kind in unsynced.of_mesh(self._reader.scan.meshes[uuid]):
                self._tell(unsynced_kind, uuid, content.shadow["name"])
        create = entry is None or (entry.version == 0 and not outbox.makes(uuid))
        changed = list(content.wire) if create else entry.changed(content.shadow)
        if not changed:
            return True
        if "mesh" in changed:
            shift(content.wire["mesh"], len(draft.attachments))
            draft.attachments.extend(content.attachments)
            draft.bytes += sum(map(len, content.attachments))
        change = {"op": "create", "uuid": uuid, "kind": kind} if create else {"op": "update", "uuid": uuid}
        change["components"] = {name: content.wire.get(name, content.shadow[name]) for name in changed}
        draft.first_name = draft.first_name or content.shadow["name"]
        draft.changes.append(change)
        draft.learned[uuid] = {name: content.shadow[name] for name in changed}
        registry.entries.setdefault(uuid, Entry(kind)).seen.update(draft.learned[uuid])
        return True

    def _read_mesh(self, uuid: str, mark: int, slice_: Slice, now: float) -> Content | None:
        """Returns the mesh once it is read completely. A mesh that changes meanwhile is read again from the start."""
        reading = self._reading
        if reading and reading.uuid not in self._reader.scan.meshes:
            reading = None
        if reading and reading.uuid != uuid:
            return None
        if self._is_being_edited(uuid, mark, now):
            return None
        if reading is None or reading.mark != mark:
            reading = Reading(uuid, mark, Job(read_mesh(uuid, lambda: self._reader)))
        self._reading = reading
        if self._reader.scan.meshes[uuid].is_editmode:
            with self.marks.deaf():  # Blender reports this read in Edit Mode as an edit
                reading.job.run(slice_)
                self._reader.layer.update()
        if not reading.job.run(slice_):
            return None
        self._reading = None
        return reading.job.result

    def _is_being_edited(self, uuid: str, mark: int, now: float) -> bool:
        """Returns whether a person edits this mesh in a mode of its own, and has not paused."""
        mesh = self._reader.scan.meshes[uuid]
        active = self._reader.layer.objects.active
        if not mesh.is_editmode and (active is None or active.mode == "OBJECT" or active.data != mesh):
            self._resting.pop(uuid, None)
            return False
        known, since = self._resting.get(uuid, (0, now))
        self._resting[uuid] = (mark, now if known != mark else since)
        too_large = mesh.is_editmode and len(mesh.vertices) > _MOST_EDITED
        return too_large or now - self._resting[uuid][1] < _REST_SECONDS


def _flags_differ(entry: Entry, item: bpy.types.Object, layer: bpy.types.ViewLayer) -> bool:
    return any(entry.seen.get(name, value) != value for name, value in read_flags(item, layer).items())


def _delete(draft: Draft, uuid: str, registry: Registry) -> None:
    registry.entries[uuid].deleting = True
    draft.first_name = draft.first_name or registry.entries[uuid].seen.get("name", "")
    draft.changes.append({"op": "delete", "uuid": uuid})
    draft.learned[uuid] = None


def _children_first(missing: list[str], registry: Registry) -> list[str]:
    """Sorts the deepest objects first, then their parents, then meshes."""

    def rank(uuid: str) -> tuple[bool, int]:
        depth, entry = 0, registry.entries.get(uuid)
        while entry and depth < _MAX_DEPTH:
            parent = (entry.seen.get("parent") or {}).get("uuid")
            depth, entry = depth + 1, registry.entries.get(parent)
        return registry.entries[uuid].kind != "object", -depth

    return sorted(missing, key=rank)
