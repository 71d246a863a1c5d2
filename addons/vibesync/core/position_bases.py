# SPDX-License-Identifier: GPL-3.0-or-later
"""The positions of meshes that previews build on: those of the newest durable change, under the daemon's address."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MAX_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True)
class PositionBase:
    """Positions as the daemon has stored them, and the number of corners of the mesh."""

    address: str
    positions: np.ndarray  # float32, vertices x 3, in canonical axes; never changes
    corners: int


class PositionBases:
    """The positions of this editor's own changes by uuid, within a limit of memory."""

    def __init__(self) -> None:
        self._meshes: dict[str, PositionBase] = {}  # the newest one is at the end

    def find(self, uuid: str) -> PositionBase | None:
        """Returns the base of a mesh; None if its newest durable change came from elsewhere, or is too long ago."""
        return self._meshes.get(uuid)

    def keep(self, changes: list[dict], attachments: list, stored: list[dict]) -> None:
        """Remembers the meshes of an intent, given the addresses that a `stored` names."""
        addresses = {str(mesh.get("uuid")): mesh.get("buffers") or {} for mesh in stored}
        for change in changes:
            mesh = (change.get("components") or {}).get("mesh")
            if not mesh:
                continue
            self._meshes.pop(change["uuid"], None)
            address = addresses.get(change["uuid"], {}).get("position")
            number = mesh["buffers"]["position"].get("attachment")
            if isinstance(address, str) and number is not None:
                positions = np.frombuffer(attachments[number], "<f4").reshape(-1, 3)
                self._meshes[change["uuid"]] = PositionBase(address, positions, mesh["corner_count"])
        while sum(base.positions.nbytes for base in self._meshes.values()) > _MAX_BYTES:
            del self._meshes[next(iter(self._meshes))]

    def drop(self, uuids: set[str]) -> None:
        """Forgets meshes that a change of somebody else names: Blender may have other vertices for them."""
        for uuid in uuids & self._meshes.keys():
            del self._meshes[uuid]

    def clear(self) -> None:
        """Forgets all."""
        self._meshes.clear()
