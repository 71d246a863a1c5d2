# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds materials and images that changed without an announcement.

Blender names no material that no visible object shows, and hardly any change of an image.
"""

from __future__ import annotations

from collections.abc import Container

from . import image_values, material_values
from .dirty_set import DirtySet
from .identity import Scan

_AT_ONCE = 2  # datablocks a tick; takes 0.1 ms each. At rest, a tick runs every two seconds
_SIGNATURES = {"material": material_values.signature, "image": image_values.signature}


class MaterialSweep:
    """Looks at a few known materials and images in each tick, in turn, and at those of a batch before it begins."""

    def __init__(self, dirty_set: DirtySet) -> None:
        self._dirty_set = dirty_set
        self._left: list[str] = []
        self._seen: dict[str, tuple] = {}  # as each was at the last look

    def reset(self) -> None:
        """Starts over, because another file was opened."""
        self._left.clear()
        self._seen.clear()

    def run(self, scan: Scan | None, known: Container[str], shown: Container[str]) -> None:
        """Marks those that changed since the last look. `scan`: the present one, if there is any.

        `known`: the entities that exist. An image that no map shows is none. `shown`: those that show a preview, which
        is no change.
        """
        if scan is None:
            return
        if not self._left:
            self._left = [uuid for kind in _SIGNATURES for uuid in scan.data[kind]]
        for _ in range(min(_AT_ONCE, len(self._left))):
            uuid = self._left.pop()
            if uuid not in shown:
                self.look_at(uuid, scan, known)

    def look_at(self, uuid: str, scan: Scan, known: Container[str]) -> bool:
        """Marks a material or image that changed since the last look or read. Returns whether it did."""
        kind = scan.data_kind(uuid)
        if kind not in _SIGNATURES or (kind == "image" and uuid not in known):
            self._seen.pop(uuid, None)
            return False
        now = _SIGNATURES[kind](scan.data[kind][uuid])
        if self._seen.get(uuid) == now:
            return False
        self._seen[uuid] = now
        self._dirty_set.add(uuid)
        return True

    def note_read(self, uuid: str, kind: str, scan: Scan) -> None:
        """Records a material or image that was just read as a whole, so that no look finds it changed."""
        if kind in _SIGNATURES:
            self._seen[uuid] = _SIGNATURES[kind](scan.data[kind][uuid])
