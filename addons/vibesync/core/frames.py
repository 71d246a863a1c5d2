# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts transforms between Blender and canonical space, by the kind of data that an object and its parent show.

Lights and cameras look along their own -Z in both spaces and keep their axes, and so do joints. The axes of all other
objects are renamed with the world's. docs/coordinates.md has the formula. Quaternions are (x, y, z, w).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from . import space
from .space import Quaternion, Vector

_S = math.sqrt(0.5)
_AXES = (-_S, 0.0, 0.0, _S)  # a quarter turn about -X: (x, y, z) becomes (x, z, -y)
_BACK = (_S, 0.0, 0.0, _S)


class Frame(NamedTuple):
    """The axes that a local transform is between. A viewer is an object that shows a synchronized light or camera, or a
    joint of an armature."""

    is_viewer: bool = False
    is_in_viewer: bool = False  # its parent is a viewer; False without a parent


class Place(NamedTuple):
    """A transform in Blender's axes and units, below the parent."""

    location: Vector
    rotation: Quaternion
    scale: Vector


OBJECT = Frame()
ROOT = Frame(is_viewer=True)  # of a joint without a parent, below the object of its armature
JOINT = Frame(is_viewer=True, is_in_viewer=True)


def to_canonical(place: Place, unit: float, frame: Frame) -> dict:
    """Returns the canonical transform. `unit` is meters per Blender unit."""
    location, rotation, scale = place
    if frame == OBJECT:  # by far the most frequent case
        return {
            "translation": space.point_to_canonical(location, unit),
            "rotation": space.rotation_to_canonical(rotation),
            "scale": space.scale_swapped(scale),
        }
    if frame.is_in_viewer:
        translation = tuple(_clean(value * unit) for value in location)
    else:
        translation = space.point_to_canonical(location, unit)
    return {
        "translation": translation,
        "rotation": _rotation_to_canonical(rotation, frame),
        "scale": _scale(scale, frame),
    }


def to_blender(transform: dict, unit: float, frame: Frame) -> Place:
    """Converts a canonical transform to Blender: undoes `to_canonical`."""
    translation = tuple(transform["translation"])
    if frame.is_in_viewer:
        location = tuple(_clean(value / unit) for value in translation)
    else:
        location = space.point_to_blender(translation, unit)
    rotation = _rotation_to_blender(tuple(transform["rotation"]), frame)
    return Place(location, rotation, _scale(tuple(transform["scale"]), frame))


def _rotation_to_canonical(rotation: Quaternion, frame: Frame) -> Quaternion:
    if not frame.is_in_viewer:
        rotation = multiply(_AXES, rotation)
    if not frame.is_viewer:
        rotation = multiply(rotation, _BACK)
    return space.normalized(rotation)


def _rotation_to_blender(rotation: Quaternion, frame: Frame) -> Quaternion:
    if frame == OBJECT:
        return space.rotation_to_blender(rotation)
    if not frame.is_in_viewer:
        rotation = multiply(_BACK, rotation)
    if not frame.is_viewer:
        rotation = multiply(rotation, _AXES)
    return space.normalized(rotation)


def _scale(scale: Vector, frame: Frame) -> Vector:
    """Converts a scale in either direction. Its factors stay with their axes, which only plain objects rename."""
    return tuple(_clean(value) for value in scale) if frame.is_viewer else space.scale_swapped(scale)


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """Returns the product: the rotation `b`, then `a`."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + bw * ax + ay * bz - az * by,
        aw * by + bw * ay + az * bx - ax * bz,
        aw * bz + bw * az + ax * by - ay * bx,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def _clean(value: float) -> float:
    return value + 0.0  # -0.0 becomes 0.0
