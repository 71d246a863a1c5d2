# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a modifier holds for its group and loses with it: values of inputs, settings of bakes, open panels. Kept, to
be put back exactly; but for what was baked into the file itself."""

from __future__ import annotations

import bpy

from .inputs import Inputs, exchange

_LISTS = ("bakes", "panels")


class Kept:
    """That of one modifier, as it is now."""

    def __init__(self, modifier: bpy.types.NodesModifier) -> None:
        self._group = modifier.node_group
        self._inputs = Inputs(modifier).kept()
        self._lists = {name: _read(getattr(modifier, name)) for name in _LISTS}

    def put_back(self, modifier: bpy.types.NodesModifier) -> None:
        """The group, and what was held for it."""
        if modifier.node_group == self._group:
            return
        exchange(modifier, self._group, {})
        Inputs(modifier).put_back(self._inputs)
        for name in _LISTS:
            for key, entry in _numbered(getattr(modifier, name)):
                for each, value in self._lists[name].get(key, {}).items():
                    setattr(entry, each, value)


def _read(entries: bpy.types.bpy_prop_collection) -> dict[int, dict[str, object]]:
    """The settings of each entry, by its number."""
    found = {}
    for key, entry in _numbered(entries):
        own = [rna for rna in entry.bl_rna.properties if not rna.is_readonly]
        found[key] = {rna.identifier: getattr(entry, rna.identifier) for rna in own}
    return found


def _numbered(entries: bpy.types.bpy_prop_collection) -> list[tuple[int, bpy.types.bpy_struct]]:
    """Bakes have numbers of their own; panels are in the order of the group's."""
    return [(getattr(entry, "bake_id", position), entry) for position, entry in enumerate(entries)]
