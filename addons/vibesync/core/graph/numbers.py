# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as Blender holds them: floats of 32 bits, written as the shortest decimal that gives them again."""

from __future__ import annotations

import struct

_FLOAT = struct.Struct("<f")


def held(value: float) -> float:
    """What a float of 32 bits makes of a number. Raises OverflowError beyond what it holds."""
    return _FLOAT.unpack(_FLOAT.pack(value))[0]


def shortest(value: float) -> float:
    """The number with the fewest digits that a float of 32 bits holds as this one."""
    for digits in range(1, 9):
        candidate = float(f"{value:.{digits}g}")
        if abs(candidate) <= 3.402823466e38 and held(candidate) == value:
            return candidate
    return float(f"{value:.9g}")


def same(a: object, b: object) -> bool:
    """Whether Blender holds both values as the same. 1 and 1.0 are, 1 and True are not."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or ((isinstance(a, float) or isinstance(b, float)) and held(a) == held(b))
    return type(a) is type(b) and a == b
