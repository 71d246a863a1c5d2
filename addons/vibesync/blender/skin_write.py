# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the vertex groups and skins of a batch, as far as other entities must be there before."""

from __future__ import annotations

from functools import partial

from ..core.pace import Steps
from ..core.sync_error import SyncError
from ..core.weights import Weights
from . import mesh_write, skin_values
from .scene_lookup import SceneLookup


class SkinWriter:
    """Writes vertex groups of meshes that are in the scene at once, all else in `finish`."""

    def __init__(self, lookup: SceneLookup) -> None:
        self.weights: dict[str, Weights] = {}  # the vertex groups of the batch, by mesh
        self._lookup = lookup
        self._waiting: dict[str, Weights] = {}
        self._skins: dict[str, tuple[str | None, str]] = {}  # armatures with locations, by object

    def write_weights(self, uuid: str, weights: Weights | None, is_new: bool) -> Steps[None]:
        """Gives a mesh vertex groups. A new one waits for an object that shows it: Blender needs one for that."""
        if weights is not None and is_new:
            self._waiting[uuid] = weights
        elif weights is not None:
            yield from self._write_weights(uuid, weights)

    def add_skin(self, uuid: str, armature: str | None, location: str) -> None:
        """Lets an armature deform an object, once both are there."""
        self._skins[uuid] = armature, f"{location}.components.skin"

    def finish(self) -> Steps[None]:
        """Writes what has waited for objects."""
        for uuid, weights in self._waiting.items():
            yield from self._write_weights(uuid, weights)
        for uuid, (armature, location) in self._skins.items():
            try:
                self._write_skin(uuid, armature, location)
            except SyncError as error:
                if error.code != "VS-7005":  # the user has deleted one of them; the read-back says so
                    raise
            yield

    def _write_weights(self, uuid: str, weights: Weights) -> Steps[None]:
        lookup = self._lookup
        find = partial(lookup.resolve, uuid, "mesh", uuid)
        unit = lookup.reader().unit
        yield from mesh_write.write_weights(find, lambda: lookup.reader().find_user(uuid), weights, unit)

    def _write_skin(self, uuid: str, armature: str | None, location: str) -> None:
        lookup = self._lookup
        item = lookup.resolve(uuid, "object", location)
        if lookup.reader().read_skin(item)["armature"] != armature:
            skin_values.write(item, lookup.resolve(armature, "object", location), armature)
