# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `animation`: the action that an entity plays, and the slot of it."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ..core.actions import NOTHING
from ..core.sync_error import SyncError
from . import action_curves, shape_keys
from .data_kinds import is_local

Saved = tuple[int, int | None] | None


def holder(datablock: bpy.types.ID) -> bpy.types.ID | None:
    """Returns what holds the animation of an entity: of a mesh, its shape keys. None if these are not synchronized."""
    if isinstance(datablock, bpy.types.Mesh):
        return datablock.shape_keys if shape_keys.has_keys(datablock) else None
    return datablock


def action_of(datablock: bpy.types.ID) -> bpy.types.Action | None:
    """Returns the action that an entity plays."""
    holding = holder(datablock)
    animation = holding.animation_data if holding else None
    return animation.action if animation else None


def read(datablock: bpy.types.ID, uuid_of: Callable[[bpy.types.Action], str | None]) -> dict:
    """Returns the component. An action of a library is none."""
    action = action_of(datablock)
    if action is None or not is_local(action):
        return NOTHING
    slot = action_curves.played_slot(holder(datablock).animation_data)
    return {"action": uuid_of(action), "slot": slot.id if slot and slot.kind else None}


def write(datablock: bpy.types.ID, action: bpy.types.Action | None, slot: int | None, location: str) -> None:
    """Makes an entity play an action. Raises SyncError if it plays one of a library, or cannot play any."""
    present = action_of(datablock)
    if present is not None and not is_local(present):
        raise SyncError("VS-7003", f"{present.name} is linked", location)
    holding = holder(datablock)
    if action is None and (holding is None or holding.animation_data is None):
        return
    if holding is None:
        raise SyncError("VS-4005", f"{datablock.name} has no shape keys to animate", location)
    animation = holding.animation_data or holding.animation_data_create()
    action_curves.play(animation, action, slot)


def save(datablock: bpy.types.ID) -> Saved:
    """Returns what `restore` brings back."""
    action = action_of(datablock)
    if action is None:
        return None
    slot = action_curves.played_slot(holder(datablock).animation_data)
    return action.session_uid, slot.id if slot else None


def restore(datablock: bpy.types.ID, saved: Saved, replaced: dict[int, bpy.types.Action]) -> None:
    """Brings back what `save` returned. `replaced`: actions that stand for others now, by their session_uid."""
    if save(datablock) == saved or holder(datablock) is None:
        return
    action = None
    if saved is not None:
        here = {each.session_uid: each for each in bpy.data.actions} | replaced
        action = here.get(saved[0])
    holding = holder(datablock)
    animation = holding.animation_data or holding.animation_data_create()
    action_curves.play(animation, action, saved[1] if saved else None)
