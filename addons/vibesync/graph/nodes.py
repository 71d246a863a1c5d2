# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `nodes`: the graph of an object's modifier, read from it and built for it. Only of groups that were
built from a graph: what somebody has made by hand is theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ..core.errors import SyncError
from ..core.graph.numbers import same
from ..core.pace import Slice, Steps
from .build import REQUEST, Building
from .export import read_back

_NAME = "VibeSync"


class Graphs:
    """The graphs of groups, each read once until it changes: that takes milliseconds."""

    def __init__(self) -> None:
        self._read: dict[int, dict] = {}  # by the group's session_uid

    def of(self, item: bpy.types.Object) -> dict:
        """The component of an object."""
        there = modifier_of(item)
        if there is None:
            return {"graph": None}
        group = there.node_group
        if group.session_uid not in self._read:
            self._read[group.session_uid] = read_back(group, _request(group))
        return {"graph": self._read[group.session_uid]}

    def forget(self, group: bpy.types.NodeTree | None = None) -> None:
        """It may have changed; without one, all may."""
        if group is None:
            self._read.clear()
        else:
            self._read.pop(group.session_uid, None)


class Placing:
    """The graphs of one batch: made aside, then put in their places at once, which can be taken back until `keep`."""

    def __init__(self, slice_: Slice) -> None:
        self._slice = slice_
        self._buildings: list[tuple[str, Building]] = []  # with the places of their graphs
        self._bare: list[int] = []  # objects that lose their modifier, by session_uid

    def make(self, item: bpy.types.Object, component: dict, place: str) -> Steps[None]:
        """Prepare what the component at `place` asks for. Raises SyncError; closing this before its end leaves nothing
        behind."""
        there = modifier_of(item)
        if component["graph"] is None:
            self._bare.append(item.session_uid)
            return
        if there and _holds(there.node_group, component["graph"]):
            return  # to build it again would take as long as the first time
        place = f"{place}.graph"
        with _within(place):
            building = Building(component["graph"], item, there.name if there else _free_name(item), self._slice)
            try:
                yield from building.fill()
            except BaseException:
                building.take_back()
                raise
        self._buildings.append((place, building))

    def place(self) -> None:
        """Put all in their places. Raises SyncError."""
        for place, building in self._buildings:
            with _within(place):
                building.place()

    def take_back(self) -> None:
        """As it was before."""
        for _, building in reversed(self._buildings):
            building.take_back()

    def keep(self) -> None:
        """Remove what is not needed any more: the last step, as it can't be taken back."""
        for _, building in self._buildings:
            building.keep()
        for item in bpy.data.objects if self._bare else ():
            there = modifier_of(item) if item.session_uid in self._bare else None
            if there:
                item.modifiers.remove(there)


@contextmanager
def _within(place: str) -> Iterator[None]:
    """An error in a graph names its place from outside."""
    try:
        yield
    except SyncError as error:
        raise SyncError(error.code, error.message, f"{place}.{error.place}") from error


def modifier_of(item: bpy.types.Object) -> bpy.types.NodesModifier | None:
    """The modifier whose group was built from a graph; the first, where there are several."""
    for modifier in item.modifiers:
        if modifier.type == "NODES" and modifier.node_group and REQUEST in modifier.node_group:
            return modifier
    return None


def _holds(group: bpy.types.NodeTree, graph: dict) -> bool:
    """Whether a group was built from just this graph, and is still as it was built."""
    return _request(group) == graph and same(read_back(group, graph), graph)


def _free_name(item: bpy.types.Object) -> str:
    """A name that no modifier of the object has: another's is not to be taken over."""
    name, number = _NAME, 1
    while name in item.modifiers:
        name, number = f"{_NAME}.{number:03}", number + 1
    return name


def _request(group: bpy.types.NodeTree) -> dict:
    """What the group was built from; where somebody has spoilt that, it is read in no words but Blender's."""
    try:
        request = json.loads(group[REQUEST])
    except (TypeError, ValueError):
        request = None
    readable = isinstance(request, dict) and isinstance(request.get("nodes"), list)
    return request if readable else {"nodes": [], "links": [], "node_settings": {}}
