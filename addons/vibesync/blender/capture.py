# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures local changes as intents: compares dirty entities with the replica, one slice at a time."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from itertools import chain

import bpy

from ..core.components import ABSENT
from ..core.outbox import Outbox
from ..core.pace import Slice
from ..core.progress import Countdown
from ..core.references import references
from ..core.replica import Replica
from ..core.shown import NAME
from . import action_curves, data_kinds, names, unsynced, vertex_groups
from .action_players import ActionPlayers
from .dirty_set import DirtySet
from .draft import Draft
from .entity import QUICK, Content, Reader, small_content
from .identity import Identity, Scan
from .material_sweep import MaterialSweep
from .mesh_capture import MeshCapture
from .scenes import synced_scene
from .settings import Settings
from .shown_capture import ShownCapture
from .visibility_check import VisibilityCheck

_MAX_DEPTH = 10_000
_MANY = 100  # marks whose order matters, because they may take several ticks


class Capture:
    """Finds local changes. `report_unsynced` is called for unsupported content with its kind, uuid and name."""

    def __init__(
        self,
        dirty_set: DirtySet,
        identity: Identity,
        replica: Replica,
        outbox: Outbox,
        report_unsynced: Callable[[str, str, str], None],
        settings: Callable[[], Settings] = Settings,
    ) -> None:
        self.applying: set[str] = set()  # entities of the running batch: their changes are not local changes
        self.unreported_deletes: set[str] = set()  # deleted here as of the last scan, and not sent to the daemon
        self._dirty_set = dirty_set
        self._identity = identity
        self._replica = replica
        self._outbox = outbox
        self._report_unsynced = report_unsynced
        self._settings = settings
        self._visibility = VisibilityCheck(dirty_set, replica)
        self._meshes = MeshCapture(dirty_set, replica)
        self._sweep = MaterialSweep(dirty_set)
        self._shown = ShownCapture(dirty_set, replica, settings, report_unsynced)
        self._countdown = Countdown()
        self.players = ActionPlayers(dirty_set, replica)
        self._rate: tuple | None = None  # frames a second of the scene, for actions

    def reset(self) -> None:
        """Starts over, because another file was opened."""
        self.applying.clear()
        self.unreported_deletes = set()
        self._visibility.reset()
        self._meshes.reset()
        self._sweep.reset()
        self._shown.reset()
        self._countdown = Countdown()
        self.players.reset()

    @property
    def has_work(self) -> bool:
        """Returns whether anything is to be read, apart from the entities of the running batch."""
        dirty = self._dirty_set
        if dirty.is_structure_dirty or dirty.is_visibility_dirty or self.has_unfinished_work:
            return True
        return any(uuid not in self.applying for uuid in dirty.marks)

    @property
    def has_unfinished_work(self) -> bool:
        """Returns whether work remains besides the marks: a visibility check, evaluated meshes, or deletions."""
        return self.is_checking_visibility or self._shown.due > 0 or bool(self.unreported_deletes and not self.applying)

    @property
    def is_checking_visibility(self) -> bool:
        """Returns whether a visibility check has begun and not ended."""
        return self._visibility.is_running

    @property
    def fraction(self) -> float | None:
        """Returns the fraction of dirty entities that was read; None if none is left."""
        marks = self._dirty_set.marks
        waiting = sum(uuid in marks for uuid in self._meshes.edited)
        return self._countdown.fraction(len(marks) - waiting + self._shown.due)

    def drop_unused(self, now: float) -> None:
        """Frees memory that only speeds up reads."""
        self._meshes.memory.drop_unused(now)

    def sweep_materials(self, is_at_rest: bool, shown: set[str]) -> None:
        """Marks materials and images that changed without an announcement; looks at a few. `shown`: those that show a
        preview."""
        scan = self._identity.current_scan()
        if scan is None and is_at_rest and not self._dirty_set.is_dirty:
            # Nothing else scans after a batch, and a painted image is announced by no event.
            scan = self._identity.recent_scan(Slice(0.0))
        self._sweep.run(scan if scan and scan.is_complete else None, self._replica.entries, shown)

    def look_at(self, uuid: str, scan: Scan) -> bool:
        """Marks a material or image that changed without an announcement. Returns whether it did."""
        return self._sweep.look_at(uuid, scan, self._replica.entries)

    def check_visibility(self, reader: Reader, slice_: Slice) -> None:
        """Marks objects that were shown or hidden, as long as the slice lasts."""
        self._visibility.run(reader, slice_)

    def make_drafts(self, reader: Reader, slice_: Slice, now: float) -> Iterator[Draft]:
        """Yields intents for dirty entities that differ from the replica.

        Deletions come last, after the children that they free.
        """
        draft = Draft()
        marks = self._dirty_set.marks
        for marked in self._order_marks(reader):
            if marked in self.applying or marked not in marks:
                continue
            needed = self._take_with_dependencies(marked, reader)
            while needed:
                uuid, mark = needed.pop(0)
                was_viewer = self._is_viewer(uuid)
                if not self._add(draft, uuid, mark, reader, slice_, now):
                    marks[uuid] = mark
                    if uuid not in self._replica.entries:  # what depends on it can't be created before it
                        marks.update(needed)
                        break
                elif was_viewer is not None and was_viewer != self._is_viewer(uuid):
                    needed += self._take_children(uuid, reader)
                if draft.is_full:
                    yield draft
                    draft = Draft()
            if slice_.is_over and marks:  # without marks, no later tick would continue
                break
        else:
            self._dirty_set.restart_wait()
            for uuid in self._take_deletes(reader.scan):
                draft.add_delete(uuid, self._replica)
                if draft.is_full:
                    yield draft
                    draft = Draft()
        for uuid, content in self._shown.contents(reader, slice_):
            self._add_named(draft, content, reader, slice_, now)
            if uuid in draft.captured or draft.is_full:
                yield draft
                draft = Draft()
            draft.add_content(uuid, "object", content, [NAME], False, self._replica)
        if draft.changes:
            yield draft

    def mark_all(self) -> None:
        """Marks everything: the whole scene is to be compared with the replica."""
        for uuid in self._replica.entries:
            self._dirty_set.add(uuid)
        self._shown.reset()

    def _order_marks(self, reader: Reader) -> Iterable[str]:
        """Returns the dirty uuids that may be read; some of them twice, as a mark counts only once.

        Before the mesh that is being read come the changes that must not wait for it. The rest comes after that mesh,
        because only one mesh is read at a time. Otherwise new and selected objects come first: when one object is made
        or parented, Blender names all objects of the scene.
        """
        entries, mesh, applying = self._replica.entries, self._meshes.uuid, self.applying
        marks = [uuid for uuid in self._dirty_set.marks if uuid not in applying]
        if mesh in self._dirty_set.marks:
            small = (uuid for uuid in marks if uuid in entries and entries[uuid].kind != "mesh")
            return chain(small, (mesh,), marks)
        if len(marks) < _MANY:
            return marks
        selected = (self._identity.uuid_of(item) for item in reader.layer.objects.selected)
        return chain((uuid for uuid in marks if uuid not in entries), filter(None, selected), marks)

    def _take_deletes(self, scan: Scan) -> list[str]:
        """Returns the entities to delete now.

        During a batch there are none: its entities may be deleted too, and must go before the entities that they
        refer to.
        """
        if not self.unreported_deletes or self.applying:
            return []
        if any(self._may_refer(uuid, scan) for uuid in self._dirty_set.marks):
            return []  # to a deleted entity
        self.unreported_deletes = set()
        missing = self._find_deleted(scan.uuids())
        never_known = {uuid for uuid in missing if self._replica.entries[uuid].is_refused}
        for uuid in never_known:
            del self._replica.entries[uuid]
        return _children_first([uuid for uuid in missing if uuid not in never_known], self._replica)

    def mark_structure_changes(self, scan: Scan) -> None:
        """Marks new entities, and those that a deletion changes: children, and what showed a material.

        Does nothing if no datablock can have been added or removed.
        """
        if not self._dirty_set.is_structure_dirty:
            return
        self._dirty_set.is_structure_dirty = False
        entries = self._replica.entries
        self._mark_other_rate(scan)
        # Data first, in scene order, so that lookups of neighbors share one read of Blender's list.
        present = scan.uuids()
        self._dirty_set.add_all([uuid for uuid in present if uuid not in entries and not is_unnamed(uuid, scan)])
        self.unreported_deletes = missing = set(self._find_deleted(present))
        for uuid in missing:
            self.players.forget(uuid)
        for uuid, entry in entries.items() if missing else ():
            above = self._replica.parent_of(uuid)
            if uuid not in missing and (above in missing or not missing.isdisjoint(references(entry.last_seen))):
                self._dirty_set.add(uuid)

    def _mark_other_rate(self, scan: Scan) -> None:
        """Marks all actions if the scene has another rate than before."""
        render = synced_scene().render
        before, self._rate = self._rate, (render.fps, render.fps_base)
        if before not in (None, self._rate):
            self._dirty_set.add_all([uuid for uuid in scan.data["action"].uuids() if uuid in self._replica.entries])

    def _may_refer(self, uuid: str, scan: Scan) -> bool:
        """Returns whether a dirty entity may still refer to a deleted one: an object, a mesh or a material."""
        entry, kind = self._replica.entries.get(uuid), scan.data_kind(uuid)
        return kind is None or (
            entry is not None and any(map(self.unreported_deletes.__contains__, references(entry.last_seen)))
        )

    def _find_deleted(self, present: Container[str]) -> list[str]:
        """Returns entities that were deleted here and whose delete was not sent."""
        entries = self._replica.entries
        return [uuid for uuid in entries if uuid not in present and not entries[uuid].is_deleting]

    def _take_with_dependencies(self, marked: str, reader: Reader) -> list[tuple[str, int]]:
        """Takes the marks of an entity, its data, its ancestors and its armature, in the order in which they can be
        created."""
        marks, entered = self._dirty_set.marks, set()
        line: dict[str | None, None] = {}
        left = [(reader.scan.objects.get(marked), False)]
        while left:
            item, is_behind = left.pop()
            uuid = self._identity.uuid_of(item)
            if is_behind:
                line[uuid] = None
            elif item and uuid not in entered:
                entered.add(uuid)
                left.append((item, True))
                left += [(reader.synced_parent(item), False), (reader.synced_armature(item), False)]
                data = reader.shown_data(item)
                if data:
                    line[data] = None
                    if data not in self._replica.entries and data not in marks:
                        self._dirty_set.add(data)  # created since the last scan
        line.setdefault(marked)
        free = (uuid for uuid in line if uuid not in self.applying)
        taken = {uuid: marks.pop(uuid, None) for uuid in free}
        return [(uuid, mark) for uuid, mark in taken.items() if mark is not None and uuid in reader.scan]

    def _is_viewer(self, uuid: str) -> bool | None:
        """Returns whether an object showed a light or a camera when it was last seen; None for a new entity."""
        entries = self._replica.entries
        if uuid not in entries or "data" not in entries[uuid].last_seen:
            return None
        shown = entries.get(entries[uuid].last_seen["data"]["uuid"])
        return shown is not None and data_kinds.by_name(shown.kind).is_viewer

    def _take_children(self, uuid: str, reader: Reader) -> list[tuple[str, int]]:
        """Takes marks of an object's children, whose transforms are below other axes now."""
        marks, taken = self._dirty_set.marks, []
        for child in self._replica.entries:
            is_below = self._replica.parent_of(child) == uuid
            if is_below and child in reader.scan.objects and child not in self.applying:
                self._dirty_set.add(child)
                taken.append((child, marks.pop(child)))
        return taken

    def _add(self, draft: Draft, uuid: str, mark: int, reader: Reader, slice_: Slice, now: float) -> bool:
        """Compares one entity and adds the differences. Returns False if it must be tried again in the next tick."""
        if uuid in draft.captured:  # marked again since: an intent names an entity once
            return False
        entry = self._replica.entries.get(uuid)
        if entry and entry.is_deleting:  # undo restored it before the delete was answered: create it again later
            if self._outbox.has_changes_of(uuid):
                return False
            entry.is_deleting = False
            entry.version = 0
            entry.last_seen.clear()
        kind = reader.scan.kind(uuid)
        content = self._read(uuid, kind, mark, reader, slice_, now)
        if content is None:
            return kind != "mesh"
        self._add_named(draft, content, reader, slice_, now)
        is_new = entry is None or entry.is_refused or (entry.version == 0 and not self._outbox.has_create_of(uuid))
        changed = list(content.wire) if is_new else entry.changed_components(content.replica)
        if changed:
            draft.add_content(uuid, kind, content, changed, is_new, self._replica)
        return True

    def _add_named(self, draft: Draft, content: Content, reader: Reader, slice_: Slice, now: float) -> None:
        """Adds the new materials, images and collections that an entity names, which must be created before."""
        marks, entries = self._dirty_set.marks, self._replica.entries
        for uuid in references(content.replica):
            is_here = uuid in reader.scan and uuid not in reader.scan.objects
            is_free = uuid not in self.applying and uuid not in draft.captured
            if (uuid not in entries or uuid in marks) and is_here and is_free:
                self._add(draft, uuid, marks.pop(uuid, 0), reader, slice_, now)

    def _read(self, uuid: str, kind: str, mark: int, reader: Reader, slice_: Slice, now: float) -> Content | None:
        """Reads an entity and reports its unsupported content; None if a mesh needs more ticks."""
        if kind == "object":
            item = reader.scan.objects[uuid]
            content = small_content(reader.read_object(uuid, item))
            self._mark_groups(item, content.replica["data"]["uuid"])
            found = unsynced.find_in_object(item, self._settings().sends_shown)
            self._shown.look_at(uuid, item)
        elif kind == "image":
            content = reader.read_image(uuid)
            found = unsynced.find_in_image(reader.scan.data[kind][uuid])
        elif kind == "action":
            is_new = uuid not in self._replica.entries
            content = None if is_new and is_unnamed(uuid, reader.scan) else reader.read_action(uuid)
            found = unsynced.find_in_action(reader.scan.data[kind][uuid])
        elif kind in QUICK:
            content = small_content(reader.read_values(uuid, kind))
            found = unsynced.find_in_data(reader.scan.data[kind][uuid])
        else:
            content = self._meshes.read(uuid, mark, reader, slice_, now)
            found = unsynced.find_in_data(reader.scan.meshes[uuid]) if content else ()
        self._sweep.note_read(uuid, kind, reader.scan)
        self.players.note(uuid, kind, reader)
        for each in found:
            self._report_unsynced(each, uuid, names.read(reader.scan.get(uuid)))
        if content:
            self._report_foreign_materials(uuid, content, reader)
        return content

    def _mark_groups(self, item: bpy.types.Object, mesh: str | None) -> None:
        """Marks the mesh of an object whose vertex groups came or went: Blender announces that of its objects alone."""
        entry = self._replica.entries.get(mesh) if item.type == "MESH" else None
        known = entry.last_seen.get("weights") if entry else None
        if known is not None and known["groups"] != vertex_groups.names_of(item):
            self._dirty_set.add(mesh)

    def _report_foreign_materials(self, uuid: str, content: Content, reader: Reader) -> None:
        """Reports materials that are not synchronized; their slots are empty for the other editor."""
        shown: Iterable = ()
        if "slots" in content.replica:
            shown = reader.scan.meshes[uuid].materials
        elif None in content.replica.get("materials", ABSENT["materials"])["own"].values():
            shown = (slot.material for slot in reader.scan.objects[uuid].material_slots)
        for material in unsynced.find_foreign_materials(shown):
            self._report_unsynced("foreign materials", material.name_full, material.name)


def is_unnamed(uuid: str, scan: Scan) -> bool:
    """Returns whether a datablock is no entity before one names it: an image, or a collection outside the scene. An
    action is one once it has a slot for entities of a synchronized kind."""
    if uuid in scan.data["image"]:
        return True
    if uuid in scan.data["action"]:
        return not action_curves.has_slots(scan.data["action"][uuid])
    collection = scan.data["collection"].get(uuid) if uuid in scan.data["collection"] else None
    return collection is not None and collection.session_uid not in scan.links.in_scene


def _children_first(missing: list[str], replica: Replica) -> list[str]:
    """Sorts the deepest objects first, then their parents, then what objects show, then what those name."""

    def rank(uuid: str) -> tuple[int, int]:
        depth, above = 0, uuid
        while above in replica.entries and depth < _MAX_DEPTH:
            parents = (replica.entries[above].last_seen.get("collection") or {}).get("parents")
            depth, above = depth + 1, parents[0] if parents else replica.parent_of(above)
        return {"object": 0, "material": 2, "image": 3, "action": 3, "collection": 4}.get(
            replica.entries[uuid].kind, 1
        ), -depth

    return sorted(missing, key=rank)
