# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the component that was synchronized last beside a datablock, for what Blender cannot show of it.

A custom property stores it as JSON, so that it is saved, undone and duplicated with its datablock.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import bpy

from ..core.sync_error import SyncError


def read(datablock: bpy.types.ID, name: str, check: Callable[[dict, str], None]) -> dict | None:
    """Returns the component; None without a usable one."""
    text = datablock.get(name)
    if not isinstance(text, str):
        return None
    try:
        value = json.loads(text)
        if not isinstance(value, dict):
            return None
        check(value, name)
    except (ValueError, SyncError):
        return None
    return value


def write(datablock: bpy.types.ID, name: str, value: dict) -> None:
    """Stores the component. Assigns nothing if it is the same."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), sort_keys=True)
    if datablock.get(name) != text:
        datablock[name] = text


def restore(datablock: bpy.types.ID, name: str, text: str | None) -> None:
    """Brings back what the property held before."""
    if text is not None:
        datablock[name] = text
    elif name in datablock:
        del datablock[name]
