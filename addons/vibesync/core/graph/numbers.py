# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as Blender holds them: 32-bit floats, written as the shortest decimal that rounds to the same float."""

from __future__ import annotations

import struct

_FLOAT = struct.Struct("<f")


def round_to_f32(value: float) -> float:
    """Rounds a number to a 32-bit float. Raises OverflowError beyond its range."""
    return _FLOAT.unpack(_FLOAT.pack(value))[0]


def shortest_decimal(value: float) -> float:
    """Returns the number with the fewest digits that rounds to this 32-bit float."""
    for digits in range(1, 9):
        candidate = float(f"{value:.{digits}g}")
        if abs(candidate) <= 3.402823466e38 and round_to_f32(candidate) == value:
            return candidate
    return float(f"{value:.9g}")


def same(a: object, b: object) -> bool:
    """Returns whether Blender stores both values as the same. 1 equals 1.0, but 1 differs from True."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or ((isinstance(a, float) or isinstance(b, float)) and round_to_f32(a) == round_to_f32(b))
    return type(a) is type(b) and a == b
