# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces the group of a modifier by a finished group, which takes over name and custom properties.

Each step can be rolled back. Removal comes last, as one call.
"""

from __future__ import annotations

import bpy

from ..blender import names
from ..core.sync_error import SyncError
from . import interface
from .inputs import Inputs, assign_group
from .modifier_state import ModifierState

_NAME = "Geometry Nodes"  # Blender's name for new groups of modifiers


class GroupReplacement:
    """The replacement of one group. The constructor only checks, and raises SyncError if it is impossible."""

    def __init__(self, target: bpy.types.Object | None, modifier: str | None, name: str | None) -> None:
        self._target = target
        self._old: bpy.types.NodeTree | None = None
        self.modifier: str | None = None
        if target:
            existing = _choose_modifier(target, modifier, name)
            self.modifier = existing.name if existing else None
            self._old = existing.node_group if existing else None
        self._is_new = target is not None and self.modifier is None
        self._wanted_modifier = modifier or name or _NAME
        self._replaces_old = self._old is not None and is_exclusive(self._old)
        self._name = name or (names.read(self._old) if self._old else _NAME)
        self._old_names = _read_raw_name(self._old) if self._replaces_old else None
        self._modifier_state = ModifierState(self._modifier()) if self.modifier else None
        self.customized = Inputs(self._modifier()).customized() if self.modifier else {}
        self._is_installed = False
        self._new: bpy.types.NodeTree | None = None

    def install(self, group: bpy.types.NodeTree) -> None:
        """Assigns the group to the modifier and gives it its final name."""
        self._new = group
        self._is_installed = True
        if self._replaces_old:
            for key in self._old.keys():  # noqa: SIM118 (no mapping)
                group[key] = self._old[key]
            group.use_fake_user = self._old.use_fake_user
            self._old.name = ".vibesync old"
        names.write(group, self._name)
        if not self._target:
            group.use_fake_user = True  # nothing uses it yet, and Blender drops unused data on save
            return
        if self._is_new:
            self.modifier = self._target.modifiers.new(self._wanted_modifier, "NODES").name
        assign_group(self._modifier(), group, self.customized)
        self._target.update_tag()

    def commit(self) -> None:
        """Removes replaced groups. This is the last step, because it can't be undone."""
        unused = [group for group in bpy.data.node_groups if _is_left_over(group)]
        if self._replaces_old:
            unused.append(self._old)
        bpy.data.batch_remove(unused)

    def roll_back(self) -> None:
        """Restores the state from before `install`."""
        if not self._is_installed:
            return
        if self._is_new and self.modifier:
            self._target.modifiers.remove(self._modifier())
        elif self._modifier_state:
            self._modifier_state.restore(self._modifier())
            self._target.update_tag()
        if self._replaces_old:
            self._new.name = ".vibesync taken back"  # frees the name
            _restore_name(self._old, self._old_names)

    def _modifier(self) -> bpy.types.NodesModifier:
        return self._target.modifiers[self.modifier]


def is_exclusive(group: bpy.types.NodeTree) -> bool:
    """Returns whether at most one modifier uses the group: then another group may replace it."""
    return group.users - group.use_fake_user <= 1 and group.library is None and group.asset_data is None


def _choose_modifier(target: bpy.types.Object, name: str | None, graph: str | None) -> bpy.types.NodesModifier | None:
    """Returns the modifier that gets the group; None if a new one is needed."""
    if not target.is_editable:
        raise SyncError("VS-7003", f"{target.name} is linked and can't be changed", "")
    existing = target.modifiers.get(name) if name else None
    if existing and existing.type != "NODES":
        raise SyncError("VS-4005", f"the modifier {name!r} is a {existing.type}, not geometry nodes", "")
    if name:
        return existing
    found = [each for each in target.modifiers if each.type == "NODES"]
    named = [each for each in found if each.node_group and graph and names.read(each.node_group) == graph]
    if len(named or found) > 1:
        known = ", ".join(repr(each.name) for each in found)
        raise SyncError("VS-4005", f"{target.name} has several geometry-node modifiers, name one: {known}", "")
    return next(iter(named or found), None)


def _is_left_over(group: bpy.types.NodeTree) -> bool:
    """Returns whether Blender made the group for a modifier, and it is unchanged and unused since."""
    made = group.name.partition(".")[0] == _NAME and group.bl_idname == "GeometryNodeTree"
    if not made or group.users or group.library or group.asset_data:
        return False
    kinds = sorted(node.bl_idname for node in group.nodes)
    sides = (interface.entries(group, "inputs"), interface.entries(group, "outputs"))
    return kinds in ([], ["NodeGroupInput", "NodeGroupOutput"]) and all(len(side) <= 1 for side in sides)


def _read_raw_name(group: bpy.types.NodeTree) -> tuple[str, str | None]:
    return group.name, group.get(names.PROPERTY)


def _restore_name(group: bpy.types.NodeTree, saved: tuple[str, str | None]) -> None:
    group.name, wanted = saved
    if wanted is not None:
        group[names.PROPERTY] = wanted
