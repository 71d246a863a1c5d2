# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps uuids to datablocks of one kind.

The map knows session_uids and takes a datablock out of Blender's lists only on access. Fetching ten thousand datablocks
in each tick would cost more than the work on the few that changed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Container, Iterator, MutableMapping
from itertools import accumulate

import bpy

_STRETCH = 256  # datablocks per read; Blender walks its lists from the beginning
_FEW = 6  # chunks; afterwards one read of the whole list is cheaper


def sessions(collection) -> array:
    """Returns the session_uids of a collection, in its order."""
    numbers = array("i", bytes(4 * len(collection)))
    if numbers:
        collection.foreach_get("session_uid", numbers)
    return numbers


class Places:
    """The position of each datablock in a row of collections at one moment. Holds numbers only, so it may be kept."""

    def __init__(self, shown: list[array], named: Container[int]) -> None:
        self.shown = shown  # session_uids of each collection
        self.sessions = sum(shown, array("i"))  # session_uids of all collections, concatenated
        self.starts = [0, *accumulate(map(len, shown))]  # first position of each collection, and the end
        self.of = dict(zip(self.sessions, range(len(self.sessions)), strict=True))
        self.nameless = sorted((session_uid, n) for session_uid, n in self.of.items() if session_uid not in named)


class Found(MutableMapping):
    """Datablocks by uuid, for one tick. `uuids` and `owners` map session_uids to uuids and back."""

    def __init__(self, places: Places, collections: list, uuids: dict[int, str], owners: dict[str, int]) -> None:
        self.places = places
        self._collections = collections
        self._uuids = uuids
        self._owners = owners
        self._at: dict[int, bpy.types.ID | None] = {}  # datablocks read so far, by position
        self._left = _FEW
        self._own: dict[str, bpy.types.ID | None] = {}  # entries set since the snapshot; None: removed

    def at(self, place: int) -> bpy.types.ID | None:
        """Returns the datablock that was at this position; None if it is gone."""
        if place not in self._at:
            number = bisect_right(self.places.starts, place) - 1
            self._left -= 1
            if self._left >= 0:
                first = (place - self.places.starts[number]) // _STRETCH * _STRETCH
                taken = self._take(number, first, self._collections[number][first : first + _STRETCH])
            else:
                taken = self._take(number, 0, self._collections[number].values())
            if not taken or place not in self._at:
                self._find_all()
        return self._at[place]

    def _take(self, number: int, first: int, items: list[bpy.types.ID]) -> bool:
        """Stores a slice of a collection; returns False if the collection has changed since the snapshot."""
        first += self.places.starts[number]
        if [item.session_uid for item in items] != self.places.sessions[first : first + len(items)].tolist():
            return False
        self._at.update(enumerate(items, first))
        return True

    def _find_all(self) -> None:
        """Finds all datablocks by session_uid, because the collections have changed."""
        here = {item.session_uid: item for collection in self._collections for item in collection.values()}
        self._at = dict(enumerate(map(here.get, self.places.sessions)))

    def __contains__(self, uuid: object) -> bool:
        return self._own[uuid] is not None if uuid in self._own else self._owners.get(uuid) in self.places.of

    def __getitem__(self, uuid: str) -> bpy.types.ID:
        item = self._own[uuid] if uuid in self._own else self.at(self.places.of[self._owners.get(uuid)])
        if item is None:
            raise KeyError(uuid)
        return item

    def __setitem__(self, uuid: str, datablock: bpy.types.ID) -> None:
        self._own[uuid] = datablock

    def __delitem__(self, uuid: str) -> None:
        if uuid not in self:
            raise KeyError(uuid)
        self._own[uuid] = None

    def __iter__(self) -> Iterator[str]:
        for uuid in map(self._uuids.get, self.places.of):
            if uuid is not None and uuid not in self._own:
                yield uuid
        yield from (uuid for uuid, datablock in self._own.items() if datablock is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
