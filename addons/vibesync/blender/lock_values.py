# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the locks of other editors beside a datablock. A property has them, with the uuid that they are for: a copy has
no locks yet."""

from __future__ import annotations

import bpy

from ..core import locks
from ..core.sync_error import SyncError
from . import synced_value

PROPERTY = "vibesync_locks"


def read(datablock: bpy.types.ID, uuid: str, own: dict[str, list[str]] | None = None) -> dict[str, dict]:
    """Returns the component. `own`: what Blender itself locks."""
    others: dict[str, dict] = {}
    if PROPERTY in datablock:
        kept = synced_value.read(datablock, PROPERTY, _check)
        if kept is not None and kept["uuid"] == uuid:
            others = locks.of_others(kept["locks"])
    return locks.combine(own or {}, others) if own or others else {}


def write(datablock: bpy.types.ID, uuid: str, component: dict[str, dict]) -> None:
    """Stores the locks of other editors."""
    others = locks.of_others(component)
    if others:
        synced_value.write(datablock, PROPERTY, {"uuid": uuid, "locks": others})
    elif PROPERTY in datablock:
        del datablock[PROPERTY]


def save(datablock: bpy.types.ID) -> str | None:
    """Returns what `restore` brings back."""
    return datablock.get(PROPERTY)


def restore(datablock: bpy.types.ID, saved: str | None) -> None:
    """Brings back what `save` returned."""
    synced_value.restore(datablock, PROPERTY, saved)


def _check(value: dict, location: str) -> None:
    kept = value.get("locks")
    if not isinstance(kept, dict) or not isinstance(value.get("uuid"), str):
        raise SyncError("VS-1006", "no locks of an entity", location)
    locks.check(kept, location)
