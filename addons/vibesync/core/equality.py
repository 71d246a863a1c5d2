# SPDX-License-Identifier: GPL-3.0-or-later
"""Defines when two numbers count as equal, following section 4 of docs/protocol.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import eq

EPSILON = 1e-5
RELATIVE_EPSILON = 2.0**-21


def close(a: float, b: float) -> bool:
    """Returns whether the numbers differ by at most 1e-5, or by the resolution of float32 where that is coarser."""
    return a == b or abs(a - b) <= max(EPSILON, RELATIVE_EPSILON * max(abs(a), abs(b)))


def all_close(a: Sequence[float], b: Sequence[float]) -> bool:
    """Returns whether both have the same length and every pair is `close`."""
    return len(a) == len(b) and all(map(close, a, b))


def same_rotation(a: Sequence[float], b: Sequence[float]) -> bool:
    """Returns whether the angle between two unit quaternions is at most 2e-5 rad; q and -q are the same rotation."""
    # The sine is precise for small angles; the arc cosine of a dot product near 1 is not.
    if all(map(eq, a, b)):
        return True
    minus = math.sqrt(sum((p - q) ** 2 for p, q in zip(a, b, strict=True)))
    plus = math.sqrt(sum((p + q) ** 2 for p, q in zip(a, b, strict=True)))
    return 4.0 * math.asin(min(1.0, min(minus, plus) / 2.0)) <= 2.0 * EPSILON
