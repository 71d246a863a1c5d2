# SPDX-License-Identifier: GPL-3.0-or-later
"""The armatures of a batch: their bones are written in place, and removed last."""

from __future__ import annotations

import bpy

from . import armature_values, pose_values
from .scene_lookup import SceneLookup
from .scenes import synced_scene
from .snapshot import Snapshot


class ArmatureBatch:
    """The armatures that a batch changes. Objects keep the places that they give to joints."""

    def __init__(self, lookup: SceneLookup) -> None:
        self._wanted: dict[str, dict] = {}  # components, by armature
        self._lookup = lookup

    def write(self, uuid: str, component: dict, location: str, snapshot: Snapshot) -> None:
        """Writes the joints."""
        lookup = self._lookup
        armature = lookup.resolve(uuid, "armature", location)
        for user in [lookup.identity.uuid_of(item) for item in bpy.data.objects if item.data == armature]:
            if user in lookup.scan.objects and user not in snapshot.objects:
                snapshot.take(user, lookup.scan, lookup.layer, geometry=False)
                snapshot.relatives.add(user)
        unit, saved = lookup.reader().unit, snapshot.values.get(uuid, [])
        with pose_values.places_kept(armature, unit):
            armature_values.write(armature, component, synced_scene(), unit, saved)
        self._wanted[uuid] = component

    def remove_bones(self) -> None:
        """Removes the bones that their armatures lose, once nothing can fail any more."""
        for uuid, component in self._wanted.items():
            armature = self._lookup.resolve(uuid, "armature", uuid)
            with pose_values.places_kept(armature, self._lookup.reader().unit):
                armature_values.remove_others(armature, component)
