# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is who: uuids in datablock["uuid"], found by uuid alone.

Within a run `session_uid` (stable over undo, new for each copy) tells an original from its copy, gives a uuid back that
undo took away, and finds a datablock without reading its properties. No reference to a datablock is kept from one tick
to the next: a Scan lives for one tick.
"""

from __future__ import annotations

import os
import uuid as uuids
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import repeat
from operator import itemgetter

import bpy

from ..core.check import is_uuid
from ..core.pace import Slice
from .found import Found, Places, sessions
from .log import logger
from .scenes import synced_scene

PROPERTY = "uuid"

_AT_LEAST = 250  # newcomers a scan, whatever the time, so that it comes to an end on a busy machine

# Kinds that have an identity already, though nothing of them is synchronized yet.
_OTHERS = ("materials", "armatures", "actions", "images", "collections")


def is_own(datablock: bpy.types.ID) -> bool:
    """Whether it belongs to this file: library data and overrides of it are never written to."""
    return datablock.library is None and datablock.override_library is None


@dataclass
class Scan:
    """All datablocks with an identity by uuid, as of now. `in`, `kind` and `get` are about the synchronized ones."""

    objects: Found
    meshes: Found
    others: Found
    foreign: dict[str, str] = field(default_factory=dict)  # linked objects and overrides: an identifier, the name
    complete: bool = True  # False: some datablocks have no uuid yet, as the time was up

    def kind(self, uuid: str) -> str | None:
        """ "object", "mesh" or None."""
        return "object" if uuid in self.objects else "mesh" if uuid in self.meshes else None

    def get(self, uuid: str) -> bpy.types.ID | None:
        """The datablock with this uuid."""
        return self.objects.get(uuid) or self.meshes.get(uuid)

    def __contains__(self, uuid: str) -> bool:
        return uuid in self.objects or uuid in self.meshes


class Identity:
    """Assigns and finds uuids."""

    def __init__(self) -> None:
        self._uuids: dict[int, str] = {}  # by session_uid
        self._owners: dict[str, int] = {}  # session_uid by uuid
        self._random = b""
        self._known: dict[str, Places] = {}
        self.news = False  # somebody got a uuid since this was last set to False

    def forget(self) -> None:
        """Another file is open: session identifiers start anew."""
        self._uuids.clear()
        self._owners.clear()
        self._known.clear()

    def uuid_of(self, datablock: bpy.types.ID | None) -> str | None:
        """The uuid of a datablock that has one already."""
        return self._uuids.get(datablock.session_uid) if datablock else None

    def adopt(self, datablock: bpy.types.ID, uuid: str) -> None:
        """Bind a datablock to the uuid that it stands for."""
        if self._uuids.pop(self._owners.get(uuid), None):
            self._known.clear()  # whoever had it is without one now
        self._owners.pop(self._uuids.get(datablock.session_uid), None)
        self._uuids[datablock.session_uid] = uuid
        self._owners[uuid] = datablock.session_uid
        datablock[PROPERTY] = uuid

    def identify(self, datablock: bpy.types.ID, present: Sequence[Container[int]] | None = None) -> str:
        """The uuid of one datablock of this file; a new one if it has none. `present`: who is here, if known."""
        return self.uuid_of(datablock) or self._settle(datablock, present or [self._uuids])

    def scan(self, slice_: Slice | None = None) -> Scan:
        """Index all; give uuids to those without, and new ones to copies, as long as the slice lasts."""
        # Not `all_objects`: where one was linked, Blender first compares each with all, a second for ten thousand.
        root = synced_scene().collection
        objects = [collection.objects for collection in (root, *root.children_recursive)]
        others = [getattr(bpy.data, kind) for kind in _OTHERS]
        rows = {"objects": objects, "meshes": [bpy.data.meshes], "others": others}
        kinds = [self._find(kind, collections) for kind, collections in rows.items()]
        scan = Scan(*kinds)
        present = [found.places.of for found in kinds]
        newcomers = (zip(found.places.nameless, repeat(found)) for found in kinds)
        settled = 0
        for (session_uid, place), found in merge(*newcomers, key=itemgetter(0)):  # oldest first
            item = found.at(place)
            uuid = self._uuids.get(session_uid)  # a mesh may have been settled with its object
            if uuid is None and _is_wanted(item):
                if settled >= _AT_LEAST and slice_ and slice_.over:
                    scan.complete = False
                    break
                settled += 1
                uuid = self._settle(item, present)
                if isinstance(item, bpy.types.Object) and item.type == "MESH" and is_own(item.data):
                    scan.meshes[self.identify(item.data, present)] = item.data
            if uuid:
                found[uuid] = item
            elif found is scan.objects:
                # A library's refresh makes its data anew, but for the name that they have in it.
                scan.foreign[item.name_full if item.library else str(session_uid)] = item.name
        return scan

    def everywhere(self) -> Found:
        """All objects, whether or not the scene shows them."""
        return self._find("everywhere", [bpy.data.objects])

    def _find(self, kind: str, collections: list) -> Found:
        """What the collections show, by numbers that are kept for as long as they show the same."""
        known = self._known.get(kind)
        shown = list(map(sessions, collections))
        if known is None or known.shown != shown:
            known = self._known[kind] = Places(shown, self._uuids)
        elif known.nameless:
            known.nameless = [each for each in known.nameless if each[0] not in self._uuids]
        return Found(known, collections, self._uuids, self._owners)

    def heal(self) -> None:
        """Write all uuids to their datablocks again: undo may have taken some away."""
        scan = self.scan()
        for found in (scan.objects, scan.meshes, scan.others):
            for uuid, item in found.items():
                write(item, uuid)

    def _settle(self, item: bpy.types.ID, present: Sequence[Container[int]]) -> str:
        """Its own uuid, unless that one belongs to another datablock that is here."""
        self.news = True
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

    def _new_uuid(self) -> str:
        """Version 4; the random bytes are taken from the system some hundred at a time, as each call takes long."""
        if not self._random:
            self._random = os.urandom(16 * 256)
        taken, self._random = self._random[:16], self._random[16:]
        return str(uuids.UUID(bytes=taken, version=4))


def write(datablock: bpy.types.ID, uuid: str) -> None:
    """Let the datablock carry its uuid, where it does not."""
    if datablock.get(PROPERTY) != uuid:
        datablock[PROPERTY] = uuid


def _is_wanted(item: bpy.types.ID) -> bool:
    """Whether it needs a uuid of its own now. Meshes get theirs with the first object that shows them."""
    return is_own(item) and (PROPERTY in item or not isinstance(item, bpy.types.Mesh))
