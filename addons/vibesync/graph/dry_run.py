# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluates a group on a copy of its object, in a hidden temporary scene, before it is installed."""

from __future__ import annotations

import bpy

from ..blender.identity import PROPERTY
from ..core.sync_error import SyncError
from . import interface
from .inputs import Customized, assign_group

NAME = ".vibesync trial"


def can_be_modifier(group: bpy.types.NodeTree) -> str | None:
    """Returns the reason why a group can't be a modifier; None if it can."""
    outputs = interface.entries(group, "outputs")
    if not outputs or outputs[0].socket_type != "NodeSocketGeometry":
        return "the first output of a modifier's group is its geometry"
    if not any(node.bl_idname == "NodeGroupOutput" for node in group.nodes):
        return "a modifier's group has a Group Output"
    inputs = [each.socket_type for each in interface.entries(group, "inputs")]
    if inputs.count("NodeSocketGeometry") == 1 and inputs[0] != "NodeSocketGeometry":
        return "a modifier's group takes its geometry from the first input"
    return None


class DryRun:
    """One evaluation: the copy of the object and the temporary scene."""

    def __init__(self, target: bpy.types.Object | None) -> None:
        self._target = target
        self._temporary: dict[str, int] = {}  # session_uids of the data to remove

    def run(self, group: bpy.types.NodeTree, modifier: str | None, customized: Customized) -> None:
        """Evaluates the group at this modifier, or a new one, with its future inputs.

        Raises SyncError if Blender reports an error.
        """
        item = self._copy()
        item.hide_viewport = False
        modifier_used = item.modifiers[modifier] if modifier else item.modifiers.new(NAME, "NODES")
        if modifier_used is None:
            message = f"{self._target.name} ({self._target.type}) takes no geometry nodes"
            raise SyncError("VS-4005", message, "")
        modifier_used.show_viewport = True
        assign_group(modifier_used, group, customized)
        self._temporary["scenes"] = bpy.data.scenes.new(NAME).session_uid
        scene = self._find("scenes")
        scene.frame_current = bpy.context.scene.frame_current
        scene.collection.objects.link(item)
        scene.view_layers[0].update()
        _check_warnings(modifier_used)

    def close(self) -> None:
        """Removes the temporary data. A second call does nothing."""
        for where in self._temporary:
            found = self._find(where)
            if found:
                getattr(bpy.data, where).remove(found)

    def _copy(self) -> bpy.types.Object:
        if self._target:
            self._temporary["objects"] = self._target.copy().session_uid
            item = self._find("objects")
            item.pop(PROPERTY, None)  # the copy represents no entity
            return item
        self._temporary["meshes"] = bpy.data.meshes.new(NAME).session_uid
        mesh = self._find("meshes")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [], [(0, 1, 2, 3)])
        self._temporary["objects"] = bpy.data.objects.new(NAME, mesh).session_uid
        return self._find("objects")

    def _find(self, where: str) -> bpy.types.ID | None:
        return next((each for each in getattr(bpy.data, where) if each.session_uid == self._temporary[where]), None)


def _check_warnings(modifier: bpy.types.NodesModifier) -> None:
    """Raises SyncError for node errors. Before 4.3, Blender shows these only in its window."""
    errors = [each.message for each in getattr(modifier, "node_warnings", ()) if each.type == "ERROR"]
    if errors:
        raise SyncError("VS-4005", f"the group does not work: {'; '.join(errors)}", "nodes")
