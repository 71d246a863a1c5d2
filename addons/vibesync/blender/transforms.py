# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes an object's transform, local to its parent, through Blender's channels.

If the channels alone determine the transform, they are read directly: exact, and a negative scale keeps its axis.
Otherwise (parent inverse, deltas, bone parents, constraints) it is `parent.matrix_world^-1 @ matrix_world`.
"""

from __future__ import annotations

import bpy
from mathutils import Matrix, Quaternion

from ..core import frames, space
from ..core.frames import Frame, Place

_IDENTITY = Matrix.Identity(4)
_PLAIN_PARENTS = {"OBJECT", "ARMATURE", "LATTICE"}
_SHEAR = 1e-4


def read(item: bpy.types.Object, parent: bpy.types.Object | None, unit: float, frame: Frame) -> tuple[dict, bool]:
    """Returns the canonical transform below `parent` (item.parent or None), and whether shear was lost."""
    if is_plain(item, parent):
        location, rotation, scale = item.location, rotation_of(item), item.scale
        sheared = False
    else:
        matrix = _local_matrix(item, parent)
        location, rotation, scale = matrix.decompose()
        sheared = _differs(matrix, Matrix.LocRotScale(location, rotation, scale))
    place = Place(location, (rotation.x, rotation.y, rotation.z, rotation.w), scale)
    return frames.to_canonical(place, unit, frame), sheared


def follows_channels(item: bpy.types.Object, parent: bpy.types.Object | None) -> bool:
    """Returns whether the object's channels, its deltas and its parent inverse alone place it below `parent`."""
    return item.parent == parent and not item.constraints and (parent is None or item.parent_type in _PLAIN_PARENTS)


def is_plain(item: bpy.types.Object, parent: bpy.types.Object | None) -> bool:
    """Returns whether location, rotation and scale alone place the object below `parent`."""
    return follows_channels(item, parent) and _is_plain(item)


def write(item: bpy.types.Object, parent: bpy.types.Object | None, transform: dict, unit: float, frame: Frame) -> None:
    """Writes the transform in the object's own rotation mode. A parent inverse becomes the identity."""
    if follows_channels(item, parent):
        item.matrix_parent_inverse = _IDENTITY
    write_channels(item, parent, transform, unit, frame)


def write_channels(
    item: bpy.types.Object, parent: bpy.types.Object | None, transform: dict, unit: float, frame: Frame
) -> None:
    """Writes location, rotation and scale so that the transform results, and nothing else."""
    location, rotation, scale = place = frames.to_blender(transform, unit, frame)
    quaternion = Quaternion((rotation[3], *rotation[:3]))
    if not follows_channels(item, parent):
        local = Matrix.LocRotScale(location, quaternion, scale)
        item.matrix_world = parent.matrix_world @ local if parent else local
        return
    if not _is_plain(item):
        local = Matrix.LocRotScale(location, quaternion, scale)
        item.matrix_basis = item.matrix_parent_inverse.inverted_safe() @ local if parent else local
        return
    write_plain(item, place)


def write_new(item: bpy.types.Object, transform: dict, unit: float, frame: Frame) -> None:
    """Writes the transform of an object that was just created: nothing but its channels places it."""
    write_plain(item, frames.to_blender(transform, unit, frame))


def write_plain(item: bpy.types.Object | bpy.types.PoseBone, place: Place) -> None:
    """Writes the channels, the rotation in the mode of the object or bone."""
    location, rotation, scale = place
    item.location = location
    item.scale = scale
    quaternion = Quaternion((rotation[3], *rotation[:3]))
    if item.rotation_mode == "QUATERNION":
        item.rotation_quaternion = quaternion
    elif item.rotation_mode == "AXIS_ANGLE":
        axis, angle = quaternion.to_axis_angle()
        item.rotation_axis_angle = (angle, *axis)
    else:
        item.rotation_euler = space.euler_from_quaternion(rotation, item.rotation_mode)


def _is_plain(item: bpy.types.Object) -> bool:
    return (
        (item.parent is None or item.matrix_parent_inverse == _IDENTITY)
        and not any(item.delta_location)
        and not any(item.delta_rotation_euler)
        and tuple(item.delta_rotation_quaternion) == (1.0, 0.0, 0.0, 0.0)
        and tuple(item.delta_scale) == (1.0, 1.0, 1.0)
    )


def rotation_of(item: bpy.types.Object | bpy.types.PoseBone) -> Quaternion:
    """Returns the rotation that the channels give."""
    if item.rotation_mode == "QUATERNION":
        return item.rotation_quaternion.normalized()
    if item.rotation_mode == "AXIS_ANGLE":
        angle, *axis = item.rotation_axis_angle
        return Quaternion(axis, angle)
    return item.rotation_euler.to_quaternion()


def _local_matrix(item: bpy.types.Object, parent: bpy.types.Object | None) -> Matrix:
    # Channels are also right for hidden objects, whose matrix_world Blender does not update.
    if follows_channels(item, parent):
        return item.matrix_parent_inverse @ item.matrix_basis if parent else item.matrix_basis.copy()
    return parent.matrix_world.inverted_safe() @ item.matrix_world if parent else item.matrix_world.copy()


def _differs(a: Matrix, b: Matrix) -> bool:
    size = max(max(abs(value) for value in row[:3]) for row in a[:3]) or 1.0
    pairs = zip(a, b, strict=True)
    return any(abs(p - q) > _SHEAR * size for left, right in pairs for p, q in zip(left, right, strict=True))
