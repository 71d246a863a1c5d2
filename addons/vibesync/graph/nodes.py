# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `nodes`: reads the graph of an object's modifier and builds one for it.

Only groups that were built from a graph count. A group that a person made by hand stays untouched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ..core.graph.numbers import same
from ..core.pace import Slice, Steps
from ..core.sync_error import SyncError
from .build import REQUEST, GroupBuild
from .export import read_back

_NAME = "VibeSync"


class NodesComponent:
    """Reads and builds the component. It caches graphs by group, because reading one takes milliseconds."""

    def __init__(self) -> None:
        self._read: dict[int, dict] = {}  # by the group's session_uid

    def read(self, item: bpy.types.Object) -> dict:
        """Returns the component of an object."""
        current = modifier_of(item)
        if current is None:
            return {"graph": None}
        group = current.node_group
        if group.session_uid not in self._read:
            self._read[group.session_uid] = read_back(group, _request(group))
        return {"graph": self._read[group.session_uid]}

    def modifier_of(self, item: bpy.types.Object) -> bpy.types.NodesModifier | None:
        """Returns the first modifier whose group was built from a graph."""
        return modifier_of(item)

    def begin(self, slice_: Slice) -> GraphPlacement:
        """Begins the graphs of one batch."""
        return GraphPlacement(slice_)

    def forget(self, group: bpy.types.NodeTree | None = None) -> None:
        """Drops the graph of a group that may have changed; without a group, drops all."""
        if group is None:
            self._read.clear()
        else:
            self._read.pop(group.session_uid, None)


class GraphPlacement:
    """The graphs of one batch: built aside, then installed together. They can be rolled back until `commit`."""

    def __init__(self, slice_: Slice) -> None:
        self._slice = slice_
        self._builds: list[tuple[str, GroupBuild]] = []  # with the locations of their graphs
        self._cleared: list[int] = []  # session_uids of objects that lose their modifier

    def make(self, item: bpy.types.Object, component: dict, location: str) -> Steps[None]:
        """Builds the component at `location` aside. Raises SyncError. Closing the generator early leaves no traces."""
        current = modifier_of(item)
        if component["graph"] is None:
            self._cleared.append(item.session_uid)
            return
        if current and _is_built_from(current.node_group, component["graph"]):
            return  # building it again would take as long as the first time
        location = f"{location}.graph"
        with _within(location):
            group_build = GroupBuild(
                component["graph"], item, current.name if current else _free_name(item), self._slice
            )
            try:
                yield from group_build.fill()
            except BaseException:
                group_build.roll_back()
                raise
        self._builds.append((location, group_build))

    def install(self) -> None:
        """Installs all groups. Raises SyncError."""
        for location, group_build in self._builds:
            with _within(location):
                group_build.install()

    def roll_back(self) -> None:
        """Restores the state from before."""
        for _, group_build in reversed(self._builds):
            group_build.roll_back()

    def commit(self) -> None:
        """Removes replaced groups. This is the last step, because it can't be undone."""
        for _, group_build in self._builds:
            group_build.commit()
        for item in bpy.data.objects if self._cleared else ():
            current = modifier_of(item) if item.session_uid in self._cleared else None
            if current:
                item.modifiers.remove(current)


@contextmanager
def _within(location: str) -> Iterator[None]:
    """Prefixes the location of an error in a graph with the location of the graph."""
    try:
        yield
    except SyncError as error:
        raise SyncError(error.code, error.message, f"{location}.{error.location}") from error


def modifier_of(item: bpy.types.Object) -> bpy.types.NodesModifier | None:
    """Returns the first modifier whose group was built from a graph."""
    for modifier in item.modifiers:
        if modifier.type == "NODES" and modifier.node_group and REQUEST in modifier.node_group:
            return modifier
    return None


def _is_built_from(group: bpy.types.NodeTree, graph: dict) -> bool:
    """Returns whether a group was built from this graph and is unchanged since."""
    return _request(group) == graph and same(read_back(group, graph), graph)


def _free_name(item: bpy.types.Object) -> str:
    """Returns a modifier name that is unused on the object, so that no other modifier is replaced."""
    name, number = _NAME, 1
    while name in item.modifiers:
        name, number = f"{_NAME}.{number:03}", number + 1
    return name


def _request(group: bpy.types.NodeTree) -> dict:
    """Returns the graph that the group was built from; an empty one if somebody damaged the property."""
    try:
        request = json.loads(group[REQUEST])
    except (TypeError, ValueError):
        request = None
    readable = isinstance(request, dict) and isinstance(request.get("nodes"), list)
    return request if readable else {"nodes": [], "links": [], "node_settings": {}}
