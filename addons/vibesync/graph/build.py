# SPDX-License-Identifier: GPL-3.0-or-later
"""graph_json -> a node group, and an object's modifier that uses it: all of it or nothing, in one undo step.

The group is made aside, compared with the request and evaluated before anything that was there is touched. Then it
takes the old group's place, which can be taken back until the old group is removed; nothing comes after that.
"""

from __future__ import annotations

import json

import bpy

from ..blender.undo import push_undo
from ..core.errors import SyncError
from ..core.graph.shape import check
from ..core.pace import Slice, Steps, finish
from .fill import Filling, by_uid
from .fresh import sweep
from .swap import Swap
from .trial import Trial, can_be_modifier

NAME = ".vibesync build"  # of the group while it is made; the leading dot hides it in menus
REQUEST = "vibesync_graph"  # a group's property: the graph that it was built from, in whose words it is read back


def build(graph: dict, target: bpy.types.Object | None = None, modifier: str | None = None) -> bpy.types.NodeTree:
    """Build a canonical graph, for the modifier of this object if one is given: the one of that name, else the one that
    there is, else a new one. Raises SyncError with the place in the graph; the file is then as it was before."""
    return finish(build_steps(graph, target, modifier))


def build_steps(
    graph: dict, target: bpy.types.Object | None = None, modifier: str | None = None, slice_: Slice | None = None
) -> Steps[bpy.types.NodeTree]:
    """The same in slices. Closing the generator before its end takes all back."""
    building = Building(graph, target, modifier, slice_ or Slice())
    try:
        yield from building.fill()
        group = building.place()
        building.keep()
    except BaseException as error:
        building.take_back()
        if isinstance(error, SyncError) or not isinstance(error, Exception):
            raise
        raise SyncError("VS-4005", f"Blender refused the graph: {error!r}", "") from error
    push_undo(f"Build {group.name}")
    return group


def _check_version(graph: dict) -> None:
    here = [str(part) for part in bpy.app.version[:2]]
    if "blender" in graph and graph["blender"].split(".")[:2] != here:
        message = f"the graph is for Blender {graph['blender']}, and this is {'.'.join(here)}"
        raise SyncError("VS-4005", message, "blender")


class Building:
    """A graph on its way. Raises SyncError before anything is made where it can be told then."""

    def __init__(self, graph: dict, target: bpy.types.Object | None, modifier: str | None, slice_: Slice) -> None:
        check(graph)
        _check_version(graph)
        self._graph = graph
        self._slice = slice_
        self._swap: Swap | None = None
        self._trial: Trial | None = None
        self._target_uid = target.session_uid if target else None
        self._modifier = modifier
        self._uid: int | None = None
        Swap(target, modifier, graph.get("name"))  # refuses before anything is made

    def fill(self) -> Steps[None]:
        """Make the group aside."""
        self._uid = bpy.data.node_groups.new(NAME, "GeometryNodeTree").session_uid
        yield from Filling(self._graph, by_uid(self._uid), self._slice).run()

    def place(self) -> bpy.types.NodeTree:
        """Try it, and put it where it belongs."""
        group, target = by_uid(self._uid), self._target()
        self._swap = Swap(target, self._modifier, self._graph.get("name"))
        obstacle = can_be_modifier(group)
        if target and obstacle:
            raise SyncError("VS-4005", obstacle, "outputs")
        group.is_modifier = obstacle is None
        if not obstacle:
            self._trial = Trial(target)
            self._trial.run(group, self._swap.modifier, self._swap.own)
            self._trial.close()
        self._swap.put(group)
        group[REQUEST] = json.dumps(self._graph, separators=(",", ":"))
        return group

    def keep(self) -> None:
        """Remove what stood in its place: the last step, as it can't be taken back."""
        self._swap.finish()

    def take_back(self) -> None:
        """As it was before."""
        if self._swap:
            self._swap.take_back()
        if self._trial:
            self._trial.close()
        sweep()
        for group in bpy.data.node_groups:
            if group.session_uid == self._uid:
                bpy.data.node_groups.remove(group)
                break

    def _target(self) -> bpy.types.Object | None:
        if self._target_uid is None:
            return None
        for item in bpy.data.objects:
            if item.session_uid == self._target_uid:
                return item
        raise SyncError("VS-7005", "the object vanished while the group was built", "")
