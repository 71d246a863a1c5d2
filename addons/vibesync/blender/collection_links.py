# SPDX-License-Identifier: GPL-3.0-or-later
"""The links of collections: which objects and collections are in which, and in the scene.

Blender lists only what is in a collection. To ask it the other way round, object by object, takes time that grows with
the whole scene; so all links are read at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import bpy

from .data_kinds import is_local
from .datablock_index import session_uids


@dataclass
class Links:
    """All links at one moment: the uuids of the collections around an object or a collection, by its session_uid."""

    around_objects: dict[int, list[str]] = field(default_factory=dict)
    around_collections: dict[int, list[str]] = field(default_factory=dict)
    root_objects: frozenset[int] = frozenset()
    root_collections: frozenset[int] = frozenset()
    in_scene: frozenset[int] = frozenset()  # collections below the root of the scene

    def of_object(self, session_uid: int) -> dict:
        """Returns the component `collections` of an object."""
        around = self.around_objects.get(session_uid, ())
        # An object that only collections of libraries hold counts as in the scene: nobody may unlink it there.
        return {"in": sorted(around), "root": session_uid in self.root_objects or not around}

    def of_collection(self, session_uid: int) -> dict:
        """Returns the fields `parents` and `root` of a collection."""
        around = self.around_collections.get(session_uid, ())
        return {"parents": sorted(around), "root": session_uid in self.root_collections}


def find(uuid_of: Callable[[bpy.types.ID], str | None], root: bpy.types.Collection) -> Links:
    """Reads all links of the synchronized collections, and of the root of the scene."""
    links = Links(
        root_objects=frozenset(session_uids(root.objects)),
        root_collections=frozenset(session_uids(root.children)),
        in_scene=frozenset(each.session_uid for each in root.children_recursive),
    )
    for collection in bpy.data.collections:
        uuid = uuid_of(collection) if is_local(collection) else None
        if uuid is None:
            continue
        for session_uid in session_uids(collection.objects):
            links.around_objects.setdefault(session_uid, []).append(uuid)
        for session_uid in session_uids(collection.children):
            links.around_collections.setdefault(session_uid, []).append(uuid)
    return links
