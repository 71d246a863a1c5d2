# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps uuids to datablocks of one kind.

The map knows session_uids and takes a datablock out of Blender's lists only on access. Fetching ten thousand datablocks
for a change of one would cost more than the change. A datablock that was fetched is kept, and checked at each use.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Container, Iterator, MutableMapping
from itertools import accumulate

import bpy

_CHUNK = 256  # datablocks per read; Blender walks its lists from the beginning
_MAX_READS = 6  # chunks; afterwards one read of the whole list is cheaper


def session_uids(collection) -> array:
    """Returns the session_uids of a collection, in its order."""
    numbers = array("i", bytes(4 * len(collection)))
    if numbers:
        collection.foreach_get("session_uid", numbers)
    return numbers


def has_session_uid(datablock: bpy.types.ID, session_uid: int | None) -> bool:
    """Returns whether the reference is still valid, and is to the datablock with this number."""
    try:
        return datablock.session_uid == session_uid
    except ReferenceError:
        return False


class IndexSnapshot:
    """The position of each datablock in a row of collections at one moment. Holds numbers only, so it may be kept."""

    def __init__(self, uids_by_collection: list[array], named: Container[int]) -> None:
        self.uids_by_collection = uids_by_collection  # session_uids of each collection
        self.session_uids = sum(uids_by_collection, array("i"))  # session_uids of all collections, concatenated
        self.starts = [0, *accumulate(map(len, uids_by_collection))]  # first position of each collection, and the end
        self.position_of = dict(zip(self.session_uids, range(len(self.session_uids)), strict=True))
        self.unidentified = sorted(
            (session_uid, n) for session_uid, n in self.position_of.items() if session_uid not in named
        )


class DatablockMap(MutableMapping):
    """Datablocks by uuid, until Blender announces an undo, a load, or an added or removed datablock.

    `uuids` and `owners` map session_uids to uuids and back.
    """

    def __init__(
        self, snapshot: IndexSnapshot, collections: list, uuids: dict[int, str], owners: dict[str, int]
    ) -> None:
        self.snapshot = snapshot
        self._collections = collections
        self._uuids = uuids
        self._owners = owners
        self._loaded: dict[int, bpy.types.ID | None] = {}  # datablocks read so far, by position
        self._reads_left = _MAX_READS
        # Entries set since the snapshot, with their session_uids; None: removed.
        self._overrides: dict[str, tuple[bpy.types.ID, int] | None] = {}

    def datablock_at(self, position: int) -> bpy.types.ID | None:
        """Returns the datablock that was at this position; None if it is gone."""
        item = self._loaded.get(position)
        if item is not None and has_session_uid(item, self.snapshot.session_uids[position]):
            return item
        if position in self._loaded and item is not None:  # removed without an announcement
            self._load_all()
        elif position not in self._loaded:
            number = bisect_right(self.snapshot.starts, position) - 1
            self._reads_left -= 1
            if self._reads_left >= 0:
                first = (position - self.snapshot.starts[number]) // _CHUNK * _CHUNK
                taken = self._store(number, first, self._collections[number][first : first + _CHUNK])
            else:
                taken = self._store(number, 0, self._collections[number].values())
            if not taken or position not in self._loaded:
                self._load_all()
        return self._loaded[position]

    def _store(self, number: int, first: int, items: list[bpy.types.ID]) -> bool:
        """Stores a slice of a collection; returns False if the collection has changed since the snapshot."""
        first += self.snapshot.starts[number]
        if [item.session_uid for item in items] != self.snapshot.session_uids[first : first + len(items)].tolist():
            return False
        self._loaded.update(enumerate(items, first))
        return True

    def _load_all(self) -> None:
        """Finds all datablocks by session_uid, because the collections have changed."""
        here = {item.session_uid: item for collection in self._collections for item in collection.values()}
        self._loaded = dict(enumerate(map(here.get, self.snapshot.session_uids)))

    def __contains__(self, uuid: object) -> bool:
        if uuid in self._overrides:
            return self._overrides[uuid] is not None
        return self._owners.get(uuid) in self.snapshot.position_of

    def __getitem__(self, uuid: str) -> bpy.types.ID:
        if uuid in self._overrides:
            override = self._overrides[uuid]
            item = override[0] if override and has_session_uid(*override) else None
        else:
            item = self.datablock_at(self.snapshot.position_of[self._owners.get(uuid)])
        if item is None:
            raise KeyError(uuid)
        return item

    def __setitem__(self, uuid: str, datablock: bpy.types.ID) -> None:
        self._overrides[uuid] = (datablock, datablock.session_uid)

    def __delitem__(self, uuid: str) -> None:
        if uuid not in self:
            raise KeyError(uuid)
        self._overrides[uuid] = None

    def uuids(self) -> dict[str, None]:
        """Returns all uuids, in the order of Blender's lists."""
        found = dict.fromkeys(map(self._uuids.get, self.snapshot.position_of))
        found.pop(None, None)
        for uuid, override in self._overrides.items():
            if override is None:
                found.pop(uuid, None)
            else:
                found[uuid] = None
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.uuids())

    def __len__(self) -> int:
        return len(self.uuids())
