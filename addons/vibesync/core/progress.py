# SPDX-License-Identifier: GPL-3.0-or-later
"""How far long work is, for the panel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """`what` is a word ("sending", "receiving"), `fraction` 0 to 1."""

    what: str
    fraction: float


class Countdown:
    """Progress of work whose rest is known, and whose whole is the largest rest since it was nothing."""

    def __init__(self) -> None:
        self._whole = 0.0

    def fraction(self, rest: float) -> float | None:
        """How much is done; None while nothing is to do."""
        self._whole = max(self._whole, rest) if rest else 0.0
        return 1.0 - rest / self._whole if rest else None
