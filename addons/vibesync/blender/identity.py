# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is who: uuids in datablock["uuid"], found by uuid alone.

Within a run `session_uid` (stable over undo, new for each copy) tells an original from its copy and gives a uuid back
that undo took away. No reference to a datablock is kept from one tick to the next: a Scan lives for one tick.
"""

from __future__ import annotations

import uuid as uuids
from dataclasses import dataclass, field

import bpy

from ..core.check import is_uuid
from .log import logger
from .scenes import synced_scene

PROPERTY = "uuid"

# Kinds that have an identity already, though nothing of them is synchronized yet.
_OTHERS = ("materials", "armatures", "actions", "images", "collections")


def is_own(datablock: bpy.types.ID) -> bool:
    """Whether it belongs to this file: library data and overrides of it are never written to."""
    return datablock.library is None and datablock.override_library is None


@dataclass
class Scan:
    """All datablocks with an identity by uuid, as of now. `in`, `kind` and `get` are about the synchronized ones."""

    objects: dict[str, bpy.types.Object] = field(default_factory=dict)
    meshes: dict[str, bpy.types.Mesh] = field(default_factory=dict)
    others: dict[str, bpy.types.ID] = field(default_factory=dict)

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
        self._by_session: dict[int, str] = {}

    def forget(self) -> None:
        """Another file is open: session identifiers start anew."""
        self._by_session.clear()

    def adopt(self, datablock: bpy.types.ID, uuid: str) -> None:
        """Bind a datablock that was just made to the uuid that it stands for."""
        datablock[PROPERTY] = uuid
        self._by_session[datablock.session_uid] = uuid

    def scan(self) -> Scan:
        """Index all; give uuids to those without, and new ones to copies."""
        objects = [item for item in synced_scene().objects if is_own(item)]
        used = {item.data.session_uid for item in objects if item.type == "MESH"}
        meshes = [item for item in bpy.data.meshes if is_own(item) and (item.session_uid in used or PROPERTY in item)]
        others = [item for kind in _OTHERS for item in getattr(bpy.data, kind) if is_own(item)]
        scan = Scan()
        taken: set[str] = set()
        rest: list[tuple[int, dict, bpy.types.ID]] = []
        for items, found in ((objects, scan.objects), (meshes, scan.meshes), (others, scan.others)):
            for item in items:
                session_uid = item.session_uid
                known = self._by_session.get(session_uid)
                if known is None:
                    rest.append((session_uid, found, item))
                    continue
                if item.get(PROPERTY) != known:
                    item[PROPERTY] = known
                found[known] = item
                taken.add(known)
        for session_uid, found, item in sorted(rest, key=lambda part: part[0]):
            uuid = self._settle(item, taken)
            self._by_session[session_uid] = uuid
            found[uuid] = item
            taken.add(uuid)
        return scan

    def _settle(self, item: bpy.types.ID, taken: set[str]) -> str:
        current = item.get(PROPERTY)
        if is_uuid(current) and current not in taken:
            return current
        fresh = str(uuids.uuid4())
        item[PROPERTY] = fresh
        if current in taken:
            logger.warning("VS-7002: %s was copied; the copy is %s now", current, fresh)
        return fresh
