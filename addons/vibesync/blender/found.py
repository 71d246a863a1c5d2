# SPDX-License-Identifier: GPL-3.0-or-later
"""Datablocks of one kind by uuid. Which there are is known as numbers; each is taken out of Blender's lists only when
it is asked for: to take ten thousand in each tick would cost more than what is done with some of them."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Container, Iterator, MutableMapping
from itertools import accumulate

import bpy

_STRETCH = 256  # taken at once, as Blender goes through its lists from their beginning
_FEW = 6  # stretches; after so many the whole list is taken


def sessions(collection) -> array:
    """The session identifiers of a collection, in its order."""
    numbers = array("i", bytes(4 * len(collection)))
    if numbers:
        collection.foreach_get("session_uid", numbers)
    return numbers


class Places:
    """Where in a row of collections each datablock is, as of a moment. Numbers only, so it may be kept."""

    def __init__(self, shown: list[array], named: Container[int]) -> None:
        self.shown = shown  # the session identifiers of each collection
        self.sessions = sum(shown, array("i"))  # of all, one after the other
        self.starts = [0, *accumulate(map(len, shown))]  # where each collection begins among them, and the end
        self.of = dict(zip(self.sessions, range(len(self.sessions)), strict=True))
        self.nameless = sorted((session_uid, n) for session_uid, n in self.of.items() if session_uid not in named)


class Found(MutableMapping):
    """Datablocks by uuid, for one tick. `uuids` and `owners` tell session identifiers and uuids from each other."""

    def __init__(self, places: Places, collections: list, uuids: dict[int, str], owners: dict[str, int]) -> None:
        self.places = places
        self._collections = collections
        self._uuids = uuids
        self._owners = owners
        self._at: dict[int, bpy.types.ID | None] = {}  # those that were taken, by place
        self._left = _FEW
        self._own: dict[str, bpy.types.ID | None] = {}  # what was set since; None: taken away

    def at(self, place: int) -> bpy.types.ID | None:
        """The datablock that was at this place; None when it is gone."""
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
        """Takes what a collection shows from some number on; false when that is something else by now."""
        first += self.places.starts[number]
        if [item.session_uid for item in items] != self.places.sessions[first : first + len(items)].tolist():
            return False
        self._at.update(enumerate(items, first))
        return True

    def _find_all(self) -> None:
        """The collections changed since: looks all up by their numbers."""
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
