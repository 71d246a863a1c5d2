# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts values to JSON: 32-bit floats with the fewest digits, vectors as lists."""

import ast
import re
import struct

MAX_FLOAT = struct.unpack("f", b"\xff\xff\x7f\x7f")[0]
INT_LIMITS = (-(2**31), 2**31 - 1)


def shortest(number):
    """Returns the decimal number with the fewest digits that is this 32-bit float."""
    for digits in range(1, 10):
        text = float(f"{number:.{digits}g}")
        if abs(text) <= MAX_FLOAT and struct.pack("f", text) == struct.pack("f", number):
            return text
    return number


def to_json(value):
    """Converts a value of a property or a socket to JSON; None for a datablock and for no value."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, set):
        return sorted(value)
    if hasattr(value, "__len__"):
        return [to_json(one) for one in value]
    return None


def choices(owner, name):
    """Returns the items of an enumeration, also of a dynamic one: Blender lists them in the error for a wrong item."""
    try:
        setattr(owner, name, "\x7f")
    except TypeError as error:
        listed = re.search(r"not found in (\(.*\))", str(error), re.DOTALL)
        return list(ast.literal_eval(listed[1])) if listed else []
    raise AssertionError(f"{owner} accepts any value as {name}")


def limits(owner, name):
    """Returns the limits of a number as {"min": ..., "max": ...}: sets the largest numbers and reads them back."""
    before = to_json(getattr(owner, name))
    first = before[0] if isinstance(before, list) and before else before
    if isinstance(first, bool) or not isinstance(first, int | float):
        return {}
    extremes = INT_LIMITS if isinstance(first, int) else (-MAX_FLOAT, MAX_FLOAT)
    found = {}
    for key, extreme in zip(("min", "max"), extremes, strict=True):
        setattr(owner, name, [extreme] * len(before) if isinstance(before, list) else extreme)
        value = getattr(owner, name)
        stored = value[0] if isinstance(before, list) else value
        if stored != extreme:
            found[key] = to_json(stored)
    setattr(owner, name, before)
    return found
