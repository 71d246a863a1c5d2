# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a node group from graph_json, and the modifier that uses it: all or nothing, in one undo step.

The group is built aside, compared with the request and evaluated before existing data change. Then it replaces the old
group. That step can be rolled back until the old group is removed, which is the last step.
"""

from __future__ import annotations

import json

import bpy

from ..blender.undo import push_undo
from ..core.graph.schema import check
from ..core.pace import Slice, Steps, finish
from ..core.sync_error import SyncError
from .dry_run import DryRun, can_be_modifier
from .fill import GroupFiller, find_group
from .group_replacement import GroupReplacement
from .node_defaults import remove_leftovers

NAME = ".vibesync build"  # name of an unfinished group; the dot hides it in menus
REQUEST = "vibesync_graph"  # property of a group: the graph that it was built from


def build(graph: dict, target: bpy.types.Object | None = None, modifier: str | None = None) -> bpy.types.NodeTree:
    """Builds a canonical graph, optionally for a modifier of `target`.

    The modifier is the one with that name, else the existing one, else a new one. Raises SyncError with the location in
    the graph; the file is then unchanged.
    """
    return finish(build_steps(graph, target, modifier))


def build_steps(
    graph: dict, target: bpy.types.Object | None = None, modifier: str | None = None, slice_: Slice | None = None
) -> Steps[bpy.types.NodeTree]:
    """Does the same in slices. Closing the generator before its end rolls back."""
    group_build = GroupBuild(graph, target, modifier, slice_ or Slice())
    try:
        yield from group_build.fill()
        group = group_build.install()
        group_build.commit()
    except BaseException as error:
        group_build.roll_back()
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


class GroupBuild:
    """The build of one group. The constructor raises SyncError for faults that show before anything is made."""

    def __init__(self, graph: dict, target: bpy.types.Object | None, modifier: str | None, slice_: Slice) -> None:
        check(graph)
        _check_version(graph)
        self._graph = graph
        self._slice = slice_
        self._replacement: GroupReplacement | None = None
        self._dry_run: DryRun | None = None
        self._target_uid = target.session_uid if target else None
        self._modifier = modifier
        self._uid: int | None = None
        GroupReplacement(target, modifier, graph.get("name"))  # raises before anything is made

    def fill(self) -> Steps[None]:
        """Builds the group aside."""
        self._uid = bpy.data.node_groups.new(NAME, "GeometryNodeTree").session_uid
        yield from GroupFiller(self._graph, find_group(self._uid), self._slice).run()

    def install(self) -> bpy.types.NodeTree:
        """Evaluates the group and installs it."""
        group, target = find_group(self._uid), self._target()
        self._replacement = GroupReplacement(target, self._modifier, self._graph.get("name"))
        obstacle = can_be_modifier(group)
        if target and obstacle:
            raise SyncError("VS-4005", obstacle, "outputs")
        group.is_modifier = obstacle is None
        if not obstacle:
            self._dry_run = DryRun(target)
            self._dry_run.run(group, self._replacement.modifier, self._replacement.customized)
            self._dry_run.close()
        self._replacement.install(group)
        group[REQUEST] = json.dumps(self._graph, separators=(",", ":"))
        return group

    def commit(self) -> None:
        """Removes the replaced group. This is the last step, because it can't be undone."""
        self._replacement.commit()

    def roll_back(self) -> None:
        """Restores the state from before."""
        if self._replacement:
            self._replacement.roll_back()
        if self._dry_run:
            self._dry_run.close()
        remove_leftovers()
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
