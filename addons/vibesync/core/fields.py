# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the fields of components that consist of named values. A fault raises SyncError at its location."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

from .sync_error import SyncError

FieldCheck = Callable[[object, str], None]


def check_fields(value: dict, checks: dict[str, FieldCheck], location: str) -> None:
    """Checks each field of a component; all must be present."""
    for name, check in checks.items():
        if name not in value:
            raise SyncError("VS-1006", "missing", f"{location}.{name}")
        check(value[name], f"{location}.{name}")


def boolean(value: object, location: str) -> None:
    """Accepts true and false."""
    if not isinstance(value, bool):
        raise SyncError("VS-1006", "not a boolean", location)


def one_of(words: Collection[str]) -> FieldCheck:
    """Returns a check that accepts these words."""

    def check(value: object, location: str) -> None:
        if not isinstance(value, str) or value not in words:
            raise SyncError("VS-1006", f"not one of {', '.join(words)}", location)

    return check


def number(least: float, most: float) -> FieldCheck:
    """Returns a check that accepts numbers within these limits."""

    def check(value: object, location: str) -> None:
        if type(value) not in (int, float):
            raise SyncError("VS-1006", "not a number", location)
        if not math.isfinite(value) or not least <= value <= most:
            raise SyncError("VS-3003", "not a number within the limits", location)

    return check


def numbers(count: int, each: FieldCheck) -> FieldCheck:
    """Returns a check that accepts a list of so many numbers."""

    def check(value: object, location: str) -> None:
        if not isinstance(value, list) or len(value) != count:
            raise SyncError("VS-1006", f"not {count} numbers", location)
        for member in value:
            each(member, location)

    return check


def nullable(each: FieldCheck) -> FieldCheck:
    """Returns a check that accepts null too."""

    def check(value: object, location: str) -> None:
        if value is not None:
            each(value, location)

    return check
