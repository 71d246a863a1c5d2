# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of long work, for the panel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """`what` is a word ("sending", "receiving"), `fraction` is 0 to 1."""

    what: str
    fraction: float


class Countdown:
    """Progress of work with a known remainder. The total is the largest remainder since it was last zero."""

    def __init__(self) -> None:
        self._whole = 0.0

    def fraction(self, rest: float) -> float | None:
        """Returns the fraction that is done; None if nothing is left."""
        self._whole = max(self._whole, rest) if rest else 0.0
        return 1.0 - rest / self._whole if rest else None
