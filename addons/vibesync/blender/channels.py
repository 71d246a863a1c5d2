# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves and puts back the channels of an object that place it: location, rotation in its own mode, and scale."""

from __future__ import annotations

import bpy

# Eleven numbers: the rotation mode, three of the location, four of the rotation (padded with 0), three of the scale.
Channels = tuple[float, ...]

SIZE = 11
_MODES = ("QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE")
_ROTATIONS = {"QUATERNION": ("rotation_quaternion", 4), "AXIS_ANGLE": ("rotation_axis_angle", 4)}
_EULER = ("rotation_euler", 3)
_LOCATION, _ROTATION, _SCALE = slice(1, 4), slice(4, 8), slice(8, 11)


def read(item: bpy.types.Object) -> Channels:
    """Returns the channels of an object."""
    mode = item.rotation_mode
    name, count = _ROTATIONS.get(mode, _EULER)
    padding = (0.0,) * (4 - count)
    return (float(_MODES.index(mode)), *item.location, *getattr(item, name), *padding, *item.scale)


def put_back(item: bpy.types.Object, before: Channels, shown: Channels) -> None:
    """Writes location, rotation and scale as they were before, each only if it still is what was shown: otherwise a
    person has changed it, who saw the rest of it."""
    now = read(item)
    if now[_LOCATION] == shown[_LOCATION]:
        item.location = before[_LOCATION]
    if now[_SCALE] == shown[_SCALE]:
        item.scale = before[_SCALE]
    if now[0] == shown[0] == before[0] and now[_ROTATION] == shown[_ROTATION]:
        name, count = _ROTATIONS.get(item.rotation_mode, _EULER)
        setattr(item, name, before[_ROTATION][:count])
