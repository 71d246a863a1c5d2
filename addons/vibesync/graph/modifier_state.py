# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that a modifier loses with its group: input values, bake settings, open panels.

It is saved and restored exactly, except data that was baked into the file itself.
"""

from __future__ import annotations

import bpy

from .inputs import Inputs, assign_group

_LISTS = ("bakes", "panels")


class ModifierState:
    """The state of one modifier at one moment."""

    def __init__(self, modifier: bpy.types.NodesModifier) -> None:
        self._group = modifier.node_group
        self._inputs = Inputs(modifier).dump()
        self._lists = {name: _read(getattr(modifier, name)) for name in _LISTS}

    def restore(self, modifier: bpy.types.NodesModifier) -> None:
        """Restores the group and the state for it."""
        if modifier.node_group == self._group:
            return
        assign_group(modifier, self._group, {})
        Inputs(modifier).restore(self._inputs)
        for name in _LISTS:
            for key, entry in _numbered(getattr(modifier, name)):
                for each, value in self._lists[name].get(key, {}).items():
                    setattr(entry, each, value)


def _read(entries: bpy.types.bpy_prop_collection) -> dict[int, dict[str, object]]:
    """Reads the settings of each entry, by its number."""
    found = {}
    for key, entry in _numbered(entries):
        own = [rna for rna in entry.bl_rna.properties if not rna.is_readonly]
        found[key] = {rna.identifier: getattr(entry, rna.identifier) for rna in own}
    return found


def _numbered(entries: bpy.types.bpy_prop_collection) -> list[tuple[int, bpy.types.bpy_struct]]:
    """Numbers the entries: bakes have ids, panels follow the group's order."""
    return [(getattr(entry, "bake_id", position), entry) for position, entry in enumerate(entries)]
