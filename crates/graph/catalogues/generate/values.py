# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as JSON: numbers as short as they can be and still be the same 32 bits, vectors as lists."""

import ast
import re
import struct

LARGEST = struct.unpack("f", b"\xff\xff\x7f\x7f")[0]
WHOLE = (-(2**31), 2**31 - 1)


def short(number):
    """The decimal number with the fewest digits that is this 32-bit float."""
    for digits in range(1, 10):
        text = float(f"{number:.{digits}g}")
        if abs(text) <= LARGEST and struct.pack("f", text) == struct.pack("f", number):
            return text
    return number


def plain(value):
    """A value of a property or a socket as JSON; None where JSON has nothing for it (a datablock, nothing)."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return short(value)
    if isinstance(value, set):
        return sorted(value)
    if hasattr(value, "__len__"):
        return [plain(one) for one in value]
    return None


def choices(owner, name):
    """The items of an enumeration, also where they are made at run time: Blender names them when it refuses one."""
    try:
        setattr(owner, name, "\x7f")
    except TypeError as error:
        listed = re.search(r"not found in (\(.*\))", str(error), re.DOTALL)
        return list(ast.literal_eval(listed[1])) if listed else []
    raise AssertionError(f"{owner} takes anything as {name}")


def limits(owner, name):
    """{"min": ..., "max": ...} as far as a number is held to them: set the largest numbers, and look."""
    before = plain(getattr(owner, name))
    first = before[0] if isinstance(before, list) and before else before
    if isinstance(first, bool) or not isinstance(first, int | float):
        return {}
    extremes = WHOLE if isinstance(first, int) else (-LARGEST, LARGEST)
    found = {}
    for key, extreme in zip(("min", "max"), extremes, strict=True):
        setattr(owner, name, [extreme] * len(before) if isinstance(before, list) else extreme)
        value = getattr(owner, name)
        held = value[0] if isinstance(before, list) else value
        if held != extreme:
            found[key] = plain(held)
    setattr(owner, name, before)
    return found
