# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts Blender's space (Z up, scene units) to the canonical one (glTF 2.0: Y up, meters), and back.

`unit` is meters per Blender unit. Quaternions are (x, y, z, w). All functions are pure and take and return tuples.
"""

from __future__ import annotations

import math

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


def _clean(value: float) -> float:
    return value + 0.0  # -0.0 becomes 0.0


def point_to_canonical(point: Vector, unit: float) -> Vector:
    """Converts a position in Blender units to meters."""
    x, y, z = point
    return (_clean(x * unit), _clean(z * unit), _clean(-y * unit))


def point_to_blender(point: Vector, unit: float) -> Vector:
    """Converts a position in meters to Blender units."""
    x, y, z = point
    return (_clean(x / unit), _clean(-z / unit), _clean(y / unit))


def rotation_to_canonical(rotation: Quaternion) -> Quaternion:
    """Converts and normalizes a rotation."""
    x, y, z, w = rotation
    return normalized((x, z, -y, w))


def rotation_to_blender(rotation: Quaternion) -> Quaternion:
    """Converts and normalizes a rotation."""
    x, y, z, w = rotation
    return normalized((x, -z, y, w))


def scale_swapped(scale: Vector) -> Vector:
    """Converts a scale in either direction; a ratio has no unit."""
    x, y, z = scale
    return (_clean(x), _clean(z), _clean(y))


def normalized(rotation: Quaternion) -> Quaternion:
    """Returns the unit quaternion in the same direction; the identity for (nearly) zero."""
    x, y, z, w = rotation
    length = math.sqrt(x * x + y * y + z * z + w * w)
    if length < 1e-12:
        return (0.0, 0.0, 0.0, 1.0)
    return (_clean(x / length), _clean(y / length), _clean(z / length), _clean(w / length))


def euler_from_quaternion(rotation: Quaternion, order: str) -> Vector:
    """Returns Euler angles (radians, as x, y, z) in Blender's order "XYZ" ... "ZYX", in double precision.

    mathutils works in single precision and loses about 3e-4 rad near gimbal lock, which verification would reject.
    """
    matrix = _matrix(normalized(rotation))
    i, j, k = ("XYZ".index(axis) for axis in order)
    odd = (j - i) % 3 == 2
    horizontal = math.hypot(matrix[i][i], matrix[j][i])
    if horizontal > 1e-9:
        first = math.atan2(matrix[k][j], matrix[k][k])
        second = math.atan2(-matrix[k][i], horizontal)
        third = math.atan2(matrix[j][i], matrix[i][i])
    else:  # gimbal lock: both angles turn about the same axis, so the first gets all of it
        first = math.atan2(-matrix[j][k], matrix[j][j])
        second = math.atan2(-matrix[k][i], horizontal)
        third = 0.0
    angles = [0.0, 0.0, 0.0]
    for axis, angle in ((i, first), (j, second), (k, third)):
        angles[axis] = _clean(-angle if odd else angle)
    return (angles[0], angles[1], angles[2])


def _matrix(rotation: Quaternion) -> list[list[float]]:
    x, y, z, w = rotation
    return [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
