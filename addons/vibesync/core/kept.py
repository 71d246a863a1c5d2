# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides which objects people keep from agents: those with a guard, and all objects below them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Item = TypeVar("Item")


def is_kept(item: Item | None, has_guard: Callable[[Item], bool], parent: Callable[[Item], Item | None]) -> bool:
    """Returns whether the object, or one above it, has a guard."""
    while item is not None:
        if has_guard(item):
            return True
        item = parent(item)
    return False
