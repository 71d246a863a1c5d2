# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity of entities: a uuid in datablock["uuid"], the only address of an entity.

Within a run, `session_uid` is stable over undo and new for each copy. It tells an original from its copy, restores a
uuid that undo removed, and finds a datablock without reading properties. References to datablocks are kept only as long
as `generation` stays: Blender announces each event that may make one invalid.
"""

from __future__ import annotations

import logging
import os
import uuid as uuids
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from heapq import merge
from itertools import repeat
from operator import itemgetter

import bpy

from ..core.check import is_uuid
from ..core.pace import Slice
from . import collection_links, data_kinds, material_values
from .collection_links import Links
from .data_kinds import is_local
from .datablock_index import DatablockMap, IndexSnapshot, session_uids
from .log import logger
from .scenes import synced_scene

PROPERTY = "uuid"
ROLLBACK_COPY = "vibesync_rollback"  # of an action that stands for no entity: a batch may be rolled back to it

_AT_LEAST = 100  # new datablocks per tick regardless of time, so that scanning ends on a busy machine


@dataclass
class Scan:
    """All identified datablocks by uuid, at one moment."""

    objects: DatablockMap
    data: dict[
        str, DatablockMap
    ]  # actions, collections, images, materials and what objects may show, by the name of its kind
    find_links: Callable[[], Links]
    foreign: dict[str, str] = field(default_factory=dict)  # linked objects and overrides: identifier -> name
    has_users: bool = False  # all objects were looked at for the meshes that they show
    is_complete: bool = True  # False if time ran out before all datablocks had a uuid

    @cached_property
    def links(self) -> Links:
        """Returns the links of all collections when they were first asked for. Blender announces each new link."""
        return self.find_links()

    @property
    def meshes(self) -> DatablockMap:
        """Returns the meshes."""
        return self.data["mesh"]

    def kind(self, uuid: str) -> str | None:
        """Returns the kind of the entity: "object", or that of the datablock; None if it is not here."""
        return "object" if uuid in self.objects else self.data_kind(uuid)

    def data_kind(self, uuid: str) -> str | None:
        """Returns the kind of an entity that is no object; None if there is none with this uuid."""
        return next((kind for kind, found in self.data.items() if uuid in found), None)

    def get(self, uuid: str) -> bpy.types.ID | None:
        """Returns the object, or the other datablock, with this uuid."""
        return self.objects.get(uuid) or self.get_data(uuid)

    def get_data(self, uuid: str) -> bpy.types.ID | None:
        """Returns the datablock with this uuid that is no object."""
        kind = self.data_kind(uuid)
        return self.data[kind].get(uuid) if kind else None

    def __contains__(self, uuid: str) -> bool:
        return self.kind(uuid) is not None

    def uuids(self) -> dict[str, None]:
        """Returns the uuids of all entities in one quick step, to look many up: data first, then objects."""
        found: dict[str, None] = {}
        for each in (*self.data.values(), self.objects):
            found |= each.uuids()
        return found


@dataclass
class _Pass:
    """A scan that may go on in later ticks, as long as the generation of the datablocks is the same."""

    scan: Scan
    present: list[Container[int]]  # session_uids in the file
    left: Iterator[tuple[tuple[int, int], DatablockMap]]  # datablocks that had no uuid, oldest first
    generation: int


class Identity:
    """Assigns and finds uuids."""

    def __init__(self) -> None:
        self._uuids: dict[int, str] = {}  # by session_uid
        self._owners: dict[str, int] = {}  # session_uid by uuid
        self._random = b""
        self._snapshots: dict[str, IndexSnapshot] = {}
        self._recent: _Pass | None = None
        self.users: dict[str, str | None] = {}  # by mesh, an object that showed it once; to be checked
        self.generation = 0  # of the datablocks: scans of another generation are outdated
        self.has_new_uuids = False  # a uuid was assigned since the flag was last cleared

    def reset(self) -> None:
        """Clears all, because session_uids start anew with another file."""
        self._uuids.clear()
        self._owners.clear()
        self._snapshots.clear()
        self.users.clear()
        self.begin_generation()

    def begin_generation(self) -> None:
        """Makes all scans so far outdated: datablocks were added, removed, or replaced by undo or a load."""
        self.generation += 1
        self._recent = None

    def uuid_of(self, datablock: bpy.types.ID | None) -> str | None:
        """Returns the uuid of a datablock that has one already."""
        return self._uuids.get(datablock.session_uid) if datablock else None

    def adopt(self, datablock: bpy.types.ID, uuid: str) -> None:
        """Binds a datablock to the uuid of its entity."""
        if self._uuids.pop(self._owners.get(uuid), None):
            self._snapshots.clear()  # the former owner has no uuid now
        self._owners.pop(self._uuids.get(datablock.session_uid), None)
        self._uuids[datablock.session_uid] = uuid
        self._owners[uuid] = datablock.session_uid
        datablock[PROPERTY] = uuid

    def identify(self, datablock: bpy.types.ID, present: Sequence[Container[int]] | None = None) -> str:
        """Returns the uuid of a local datablock; assigns one if necessary. `present`: session_uids in the file, if
        known."""
        return self.uuid_of(datablock) or self._assign(datablock, present or [self._uuids])

    def scan(self, slice_: Slice | None = None) -> Scan:
        """Indexes all datablocks. Gives uuids to those without and new ones to copies, as long as the slice lasts."""
        begun = self._begin_pass()
        self._go_on(begun, slice_)
        return begun.scan

    def recent_scan(self, slice_: Slice) -> Scan:
        """Returns the last scan of this generation, and goes on with it if it is incomplete; scans if there is none."""
        if self._recent is None or self._recent.generation != self.generation:
            self._recent = self._begin_pass()
        if not self._recent.scan.is_complete:
            self._go_on(self._recent, slice_)
        return self._recent.scan

    def current_scan(self) -> Scan | None:
        """Returns the last scan, if it is complete and of this generation. Costs nothing."""
        recent = self._recent
        is_current = recent is not None and recent.generation == self.generation and recent.scan.is_complete
        return recent.scan if is_current else None

    def _begin_pass(self) -> _Pass:
        # Not the scene's `all_objects`: after a link, Blender compares each object with all, a second for ten thousand.
        root = synced_scene().collection
        objects = [collection.objects for collection in (root, *root.children_recursive)]
        data = {kind.name: self._map(kind.name, [getattr(bpy.data, kind.collection)]) for kind in data_kinds.ALL}
        links = partial(collection_links.find, self.uuid_of, root)
        scan = Scan(self._map("objects", objects), data, links, is_complete=False)
        kinds = [scan.objects, *data.values()]
        present = [found.snapshot.position_of for found in kinds]
        newcomers = (zip(found.snapshot.unidentified, repeat(found)) for found in kinds)
        left = merge(*newcomers, key=itemgetter(0))
        return _Pass(scan, present, left, self.generation)

    def _go_on(self, begun: _Pass, slice_: Slice | None) -> None:
        scan, assigned = begun.scan, 0
        for (session_uid, position), found in begun.left:
            item = found.datablock_at(position)
            if item is None:  # removed since the pass began
                continue
            uuid = self._uuids.get(session_uid)  # data may have got its uuid with its object
            if uuid is None and self._needs_uuid(item, begun.present):
                assigned += 1
                uuid = self._assign(item, begun.present)
                shown = data_kinds.of_object(item) if isinstance(item, bpy.types.Object) else None
                if shown:
                    scan.data[shown.name][self.identify(item.data, begun.present)] = item.data
            if uuid:
                found[uuid] = item
            elif found is scan.objects:
                # A library reload creates its data anew; only the name inside the library is stable.
                scan.foreign[item.name_full if item.library else str(session_uid)] = item.name
            if assigned >= _AT_LEAST and slice_ and slice_.is_over:
                return
        scan.is_complete = True

    def all_objects(self) -> DatablockMap:
        """Returns all objects, in the scene or not."""
        return self._map("everywhere", [bpy.data.objects])

    def _map(self, kind: str, collections: list) -> DatablockMap:
        """Maps the content of the collections, with a cached snapshot as long as they are unchanged."""
        known = self._snapshots.get(kind)
        shown = list(map(session_uids, collections))
        if known is None or known.uids_by_collection != shown:
            known = self._snapshots[kind] = IndexSnapshot(shown, self._uuids)
        elif known.unidentified:
            known.unidentified = [each for each in known.unidentified if each[0] not in self._uuids]
        return DatablockMap(known, collections, self._uuids, self._owners)

    def restore_properties(self) -> None:
        """Writes all uuids to their datablocks again, because undo may have removed some."""
        scan = self.scan()
        for found in (scan.objects, *scan.data.values()):
            for uuid, item in found.items():
                write_uuid(item, uuid)

    def _assign(self, item: bpy.types.ID, present: Sequence[Container[int]]) -> str:
        """Assigns the uuid in its property, unless another datablock in the file owns it; else a new one."""
        self.has_new_uuids = True
        current = item.get(PROPERTY)
        if is_uuid(current):
            owner = self._owners.get(current)
            if not any(owner in kind for kind in present):
                self.adopt(item, current)
                return current
            logger.warning("VS-7002: %s was copied; the copy gets a uuid of its own", current)
        fresh = self._new_uuid()
        self.adopt(item, fresh)
        return fresh

    def keep_unused(self, known: Container[str]) -> None:
        """Lets Blender save the known materials, images and actions that nothing shows."""
        data = self.scan().data
        material_values.keep_unused(list(data["material"].values()))
        for kind in ("image", "action"):
            material_values.keep_unused([each for uuid, each in data[kind].items() if uuid in known])

    def _needs_uuid(self, item: bpy.types.ID, present: Sequence[Container[int]]) -> bool:
        """Returns whether a datablock needs a uuid now. Data gets one with the first object that shows it.

        So does a material, with the first slot: a copy that no slot shows is no entity. A synchronized material
        stays an entity without slots.
        """
        if not isinstance(item, bpy.types.Material):
            return (
                is_local(item)
                and ROLLBACK_COPY not in item
                and (PROPERTY in item or not isinstance(item, data_kinds.TYPES))
            )
        if PROPERTY not in item or material_values.PROPERTY not in item or not data_kinds.is_synced_material(item):
            return False
        owner = self._owners.get(item[PROPERTY])
        is_copy = any(owner in kind for kind in present)
        if is_copy:
            del item[PROPERTY]
        return not is_copy

    def _new_uuid(self) -> str:
        """Returns a version 4 uuid. Random bytes are fetched for 256 at a time, because each system call is slow."""
        if not self._random:
            self._random = os.urandom(16 * 256)
        taken, self._random = self._random[:16], self._random[16:]
        return str(uuids.UUID(bytes=taken, version=4))


def write_uuid(datablock: bpy.types.ID, uuid: str) -> None:
    """Writes the uuid to the datablock if it is missing there."""
    if datablock.get(PROPERTY) != uuid:
        datablock[PROPERTY] = uuid


def log_bound(scan: Scan, known: Collection[str]) -> None:
    """Logs how many known entities were found again by uuid. Copies were logged when they were found."""
    present = scan.uuids()
    found = sum(uuid in present for uuid in known)
    fresh = len(present) - found
    missing = len(known) - found
    level = logging.INFO if missing or fresh else logging.DEBUG
    logger.log(level, "bound by uuid: %d found, %d missing, %d not known before", found, missing, fresh)
