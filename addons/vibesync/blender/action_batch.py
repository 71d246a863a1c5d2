# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of a batch, which are written last: what plays a curve decides how it is written."""

from __future__ import annotations

import bpy

from ..core.actions import KeyedAction
from ..core.pace import Steps
from . import action_write, animation_values
from .scene_lookup import SceneLookup


class ActionBatch:
    """The actions that a batch changes, and the entities that begin or cease to play one."""

    def __init__(self, lookup: SceneLookup) -> None:
        self.wanted: dict[str, KeyedAction] = {}
        self.played: dict[str, tuple[dict, str]] = {}  # components `animation`, with their locations, by entity
        self._lookup = lookup

    def write(self) -> Steps[None]:
        """Lets entities play their actions, and then fills these.

        The values of newly animated fields are kept in the same step, before Blender evaluates them.
        """
        lookup = self._lookup
        for uuid, (component, location) in self.played.items():
            action = lookup.resolve(component["action"], "action", location)
            datablock = lookup.scan.get(uuid)
            if datablock is not None:
                animation_values.write(datablock, action, component["slot"], location)
                lookup.reader().keep_still(datablock)
            yield
        lookup.reader().forget_players()
        for uuid, wanted in self.wanted.items():
            if uuid in lookup.scan:
                reader, action = lookup.reader(), lookup.resolve(uuid, "action", uuid)
                action_write.write(action, wanted, reader.setting)
                for player in reader.setting.players(action):
                    reader.keep_still(player.user if isinstance(player, bpy.types.Key) else player)
            yield
