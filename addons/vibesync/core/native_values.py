# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares values that Blender shows, in single precision, with those it was given."""

from __future__ import annotations

import math

_RELATIVE = 1e-6
_SMALLEST = 1e-12


def agree(a: object, b: object) -> bool:
    """Returns whether two native values are the same, as far as single precision tells."""
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(agree, a, b))
    if isinstance(a, float) or isinstance(b, float):
        return a == b or abs(a - b) <= max(_RELATIVE * max(abs(a), abs(b)), _SMALLEST)
    return a == b


def differing(wanted: dict, present: dict) -> dict:
    """Returns the wanted values that the present ones do not have."""
    return {name: value for name, value in wanted.items() if not agree(value, present[name])}


def bounded(value: float, most: float) -> float:
    """Returns the number within limits of the protocol. -0.0 becomes 0.0, and what is no number becomes 0.0."""
    return min(max(value, -most), most) + 0.0 if not math.isnan(value) else 0.0


def within(limits: dict, wanted: dict) -> dict:
    """Returns the wanted values as Blender holds them: a property takes no value beyond its limits, least and most."""
    return wanted | {
        name: min(max(wanted[name], least), most) for name, (least, most) in limits.items() if name in wanted
    }
