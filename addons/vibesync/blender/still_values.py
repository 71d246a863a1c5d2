# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the still values of animated fields beside a datablock, and tells which fields are animated: by an action, a
strip, or a driver."""

from __future__ import annotations

import bpy

from ..core import still
from ..core.action_map import CAMERA_FIELDS, LIGHT_FIELDS, OBJECT_FIELDS
from . import action_read, synced_value
from .pose_values import BONES
from .surface import animated_paths

PROPERTY = "vibesync_still"
_TRANSFORM = frozenset(("transform", field) for field in ("translation", "rotation", "scale"))
_POSE = ("pose", "joints")

Animated = set[tuple[str, str]]  # components with their fields


def find_animated(datablock: bpy.types.ID, is_plain: bool = True) -> Animated:
    """Returns the animated fields. `is_plain`: location, rotation and scale alone place the object."""
    if isinstance(datablock, bpy.types.Mesh):
        keys = datablock.shape_keys
        names = map(action_read.key_name, animated_paths(keys)) if keys and keys.animation_data else ()
        return {("shape_values", name) for name in names if name}
    if datablock.animation_data is None:
        return set()
    paths = animated_paths(datablock)
    if isinstance(datablock, bpy.types.Object):
        found = {OBJECT_FIELDS[path] for path in paths if path in OBJECT_FIELDS}
        posed = {_POSE} if any(path.startswith(BONES) for path in paths) else set()
        return posed | found if is_plain or not found & _TRANSFORM else posed | found | _TRANSFORM
    if isinstance(datablock, bpy.types.Light):
        return {("light", field) for path in paths for field in LIGHT_FIELDS.get(path, ())}
    if isinstance(datablock, bpy.types.Camera):
        return {("camera", field) for path in paths for field in CAMERA_FIELDS.get(path, ())}
    return set()


def peek(datablock: bpy.types.ID, components: dict[str, dict], animated: Animated) -> dict[str, dict]:
    """Returns the components with still values, and stores nothing."""
    return still.hold(components, animated, _kept(datablock))[0] if animated else components


def read(datablock: bpy.types.ID, components: dict[str, dict], animated: Animated) -> dict[str, dict]:
    """Returns the components with still values, and stores those."""
    if not animated and PROPERTY not in datablock:
        return components
    held, kept = still.hold(components, animated, _kept(datablock))
    _store(datablock, kept)
    return held


def take(datablock: bpy.types.ID, components: dict[str, dict], animated: Animated) -> None:
    """Stores the values of animated fields that arrive."""
    if animated:
        _store(datablock, still.take(components, animated, _kept(datablock)))


def save(datablock: bpy.types.ID) -> str | None:
    """Returns what `restore` brings back."""
    return datablock.get(PROPERTY)


def restore(datablock: bpy.types.ID, saved: str | None) -> None:
    """Brings back what `save` returned."""
    synced_value.restore(datablock, PROPERTY, saved)


def _kept(datablock: bpy.types.ID) -> still.Fields:
    return (synced_value.read(datablock, PROPERTY, still.check) or {}) if PROPERTY in datablock else {}


def _store(datablock: bpy.types.ID, kept: still.Fields) -> None:
    if kept:
        synced_value.write(datablock, PROPERTY, kept)
    elif PROPERTY in datablock:
        del datablock[PROPERTY]
