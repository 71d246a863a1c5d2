# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds materials that changed without an announcement: Blender names none that no visible object shows."""

from __future__ import annotations

from .dirty_set import DirtySet
from .identity import Scan
from .material_values import signature

_AT_ONCE = 2  # materials a tick; takes 0.1 ms each. At rest, a tick runs every two seconds


class MaterialSweep:
    """Looks at a few known materials in each tick, in turn."""

    def __init__(self, dirty_set: DirtySet) -> None:
        self._dirty_set = dirty_set
        self._left: list[str] = []
        self._seen: dict[str, tuple] = {}  # as each material was at the last look

    def reset(self) -> None:
        """Starts over, because another file was opened."""
        self._left.clear()
        self._seen.clear()

    def run(self, scan: Scan | None) -> None:
        """Marks those that changed since the last look. `scan`: the present one, if there is any."""
        found = scan.data["material"] if scan else ()
        if not self._left:
            self._left = list(found)
        for _ in range(min(_AT_ONCE, len(self._left))):
            uuid = self._left.pop()
            material = found.get(uuid) if found else None
            if material is None:
                self._seen.pop(uuid, None)
                continue
            now = signature(material)
            if self._seen.get(uuid) != now:
                self._seen[uuid] = now
                self._dirty_set.add(uuid)
