# SPDX-License-Identifier: GPL-3.0-or-later
"""Defines when two values count as equal, following section 4 of docs/protocol.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import eq

from .graph.numbers import same

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


def same_component(name: str, a: dict, b: dict) -> bool:
    """Returns whether two values of one component are equal. Meshes are given by their digests."""
    if a == b:  # by far the most frequent case, and much cheaper than the rest
        return True
    if name == "nodes":
        return same(a, b)
    if name != "transform":
        return False
    return (
        all_close(a["translation"], b["translation"])
        and all_close(a["scale"], b["scale"])
        and same_rotation(a["rotation"], b["rotation"])
    )
