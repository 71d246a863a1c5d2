# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `transform`, and the places of joints."""

from __future__ import annotations

import math

from .equality import all_close, same_rotation
from .sync_error import SyncError

_NUMBERS = {"translation": 3, "rotation": 4, "scale": 3}
_MAX_NUMBER = 3.4e38


def check(value: dict, location: str) -> None:
    """Checks the component. Raises SyncError at the location of the first fault."""
    check_place(value, location)
    _check_numbers(value, "scale", location)


def check_place(value: dict, location: str) -> None:
    """Checks a translation and a rotation."""
    _check_numbers(value, "translation", location)
    _check_numbers(value, "rotation", location)
    if abs(math.hypot(*value["rotation"]) - 1.0) > 1e-3:
        raise SyncError("VS-3003", "the rotation's length is not 1", f"{location}.rotation")


def is_number(value: object) -> bool:
    """Returns whether a value is a finite number that single precision can hold."""
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= _MAX_NUMBER


def is_same(a: dict, b: dict) -> bool:
    """Returns whether two transforms are equal."""
    return is_same_place(a, b) and all_close(a["scale"], b["scale"])


def is_same_place(a: dict, b: dict) -> bool:
    """Returns whether two translations and rotations are equal."""
    return all_close(a["translation"], b["translation"]) and same_rotation(a["rotation"], b["rotation"])


def _check_numbers(value: dict, key: str, location: str) -> None:
    numbers, count = value.get(key), _NUMBERS[key]
    if not isinstance(numbers, list) or len(numbers) != count:
        raise SyncError("VS-1006", f"not {count} numbers", f"{location}.{key}")
    if not all(map(is_number, numbers)):
        raise SyncError("VS-3003", "not a finite number", f"{location}.{key}")
