# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of long work, for the panel."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_TOO_SHORT = 1.0  # seconds of work that tell nothing about the rest


@dataclass(frozen=True)
class Progress:
    """`what` is a word ("sending", "receiving"), `fraction` is 0 to 1. `seconds_left` is None as long as nobody can
    tell."""

    what: str
    fraction: float
    seconds_left: float | None = None


class Estimate:
    """Estimates how long work will still take, from the time that it took so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._what: str | None = None
        self._began = self._start = self._last = 0.0

    def progress(self, what: str, fraction: float) -> Progress:
        """Returns the progress of work that has come so far. A smaller fraction than before is of other work."""
        now = self._clock()
        if what != self._what or fraction < self._last:
            self._what, self._began, self._start = what, now, fraction
        self._last = fraction
        passed, done = now - self._began, fraction - self._start
        if passed < _TOO_SHORT or done <= 0.0:
            return Progress(what, fraction)
        return Progress(what, fraction, passed / done * (1.0 - fraction))

    def end(self) -> None:
        """Forgets the work, because it is done."""
        self._what = None


class Countdown:
    """Progress of work with a known remainder. The total is the largest remainder since it was last zero."""

    def __init__(self) -> None:
        self._whole = 0.0

    def fraction(self, rest: float) -> float | None:
        """Returns the fraction that is done; None if nothing is left."""
        self._whole = max(self._whole, rest) if rest else 0.0
        return 1.0 - rest / self._whole if rest else None
