# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `pose`: the places of bones, below the bone above and not relative to their rest.

The channels of a bone give its place exactly if the bone takes over everything from the one above. Otherwise Blender
converts between both. If constraints, drivers or an action decide a bone, the pose is what they show, and locked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
from mathutils import Matrix, Quaternion

from ..core import armatures, frames, transform
from ..core.frames import Place
from . import armature_values, data_kinds, surface, synced_value, transforms
from .identity import PROPERTY

KEPT = "vibesync_pose"  # of a bone: the place that it was given; of an object: places of joints that it does not have
_CHANNELS = ("location", "rotation_quaternion", "rotation_euler", "rotation_axis_angle", "scale")
BONES = "pose.bones["  # how paths of their channels begin


def read(item: bpy.types.Object, unit: float) -> dict:
    """Returns the component. It names the joints that are not at rest, and those that it was given."""
    joints = _others(item)
    if not has_bones(item) or item.pose is None:  # a hidden object has no pose yet
        return {"joints": joints}
    show = _evaluated if is_locked(item) else _place
    for uuid, bone in bones_of(item).items():
        joints.pop(uuid, None)
        place = _canonical(show(bone), bone, unit)
        kept = synced_value.read(bone, KEPT, _check_kept)
        if kept is not None and transform.is_same(kept["shown"], place):
            if kept["given"]:
                joints[uuid] = kept["given"]
        elif not transform.is_same(place, _canonical(armature_values.rest(_data_of(bone)), bone, unit)):
            joints[uuid] = place
    return {"joints": dict(sorted(joints.items()))}


def has_bones(item: bpy.types.Object) -> bool:
    """Returns whether the object shows a synchronized armature."""
    return item.type == "ARMATURE" and data_kinds.of_object(item) is not None


def bones_of(item: bpy.types.Object) -> dict[str, bpy.types.PoseBone]:
    """Returns the posed bones by uuid, each after its parent."""
    if item.pose is None or set(item.pose.bones.keys()) != set(item.data.bones.keys()):
        item.data = item.data  # makes the pose of a new object, or of one that missed an edit of its bones
    uuids = {bone.name: uuid for uuid, bone in armature_values.identify(item.data).items()}
    return {uuids[bone.name]: bone for bone in item.pose.bones if bone.name in uuids}


def is_locked(item: bpy.types.Object) -> bool:
    """Returns whether something else than its channels decides a bone."""
    if not has_bones(item) or item.pose is None:
        return False
    if any(not constraint.mute for bone in item.pose.bones for constraint in bone.constraints):
        return True
    return any(path.startswith(BONES) for path in surface.animated_paths(item))


def write(item: bpy.types.Object, component: dict, unit: float) -> None:
    """Writes the component: joints that it does not name get back to rest. A locked pose stays as it is."""
    wanted = component["joints"]
    bones = bones_of(item) if has_bones(item) else {}
    others = {uuid: place for uuid, place in wanted.items() if uuid not in bones}
    if others:
        synced_value.write(item, KEPT, {"joints": others})
    elif KEPT in item:
        del item[KEPT]
    for uuid, bone in {} if is_locked(item) else bones.items():
        _write_bone(bone, wanted.get(uuid), unit)


@contextmanager
def places_kept(armature: bpy.types.Armature, unit: float) -> Iterator[None]:
    """Keeps what objects give the joints of an armature, while these change in this context."""
    users = [item for item in bpy.data.objects if item.data == armature and PROPERTY in item]
    poses = [read(item, unit) for item in users]
    yield
    for item, pose in zip(users, poses, strict=True):
        write(item, pose, unit)


def save(item: bpy.types.Object) -> dict:
    """Returns what `restore` brings back."""
    bones = item.pose.bones if has_bones(item) and item.pose else ()
    saved = {bone.name: {name: tuple(getattr(bone, name)) for name in _CHANNELS} for bone in bones}
    return {"bones": saved, "kept": {bone.name: bone.get(KEPT) for bone in bones}, KEPT: item.get(KEPT)}


def restore(item: bpy.types.Object, saved: dict) -> None:
    """Brings back what `save` returned."""
    synced_value.restore(item, KEPT, saved[KEPT])
    for bone in item.pose.bones if has_bones(item) and item.pose else ():
        if bone.name in saved["bones"]:
            for name, value in saved["bones"][bone.name].items():
                setattr(bone, name, value)
            synced_value.restore(bone, KEPT, saved["kept"][bone.name])


def _others(item: bpy.types.Object) -> dict[str, dict]:
    """Returns the places that the object was given for joints that it does not have."""
    kept = synced_value.read(item, KEPT, armatures.check_pose) if KEPT in item else None
    return kept["joints"] if kept else {}


def _write_bone(bone: bpy.types.PoseBone, given: dict | None, unit: float) -> None:
    """Gives a bone this place, or that at rest. A property keeps what Blender shows otherwise, or as a bone at rest."""
    rest = armature_values.rest(_data_of(bone))
    wanted = given or _canonical(rest, bone, unit)
    shown = _canonical(_place(bone), bone, unit)
    if not transform.is_same(shown, wanted):
        is_plain_rest = given is None and _is_plain(_data_of(bone))
        place = frames.to_blender(wanted, unit, armatures.frame_of(bone.parent is not None))
        transforms.write_plain(bone, armatures.AT_REST if is_plain_rest else _channels_for(bone, place))
        shown = _canonical(_place(bone), bone, unit)
    is_at_rest = transform.is_same(shown, _canonical(rest, bone, unit))
    if is_at_rest != (given is None) or not transform.is_same(shown, wanted):
        synced_value.write(bone, KEPT, {"given": given, "shown": shown})
    elif KEPT in bone:
        del bone[KEPT]


def _check_kept(value: dict, location: str) -> None:
    for name in ("given", "shown"):
        if name == "shown" or value.get(name) is not None:
            transform.check(value.get(name, {}), f"{location}.{name}")


def _canonical(place: Place, bone: bpy.types.PoseBone, unit: float) -> dict:
    converted = frames.to_canonical(place, unit, armatures.frame_of(bone.parent is not None))
    return {name: list(numbers) for name, numbers in converted.items()}


def _data_of(bone: bpy.types.PoseBone) -> bpy.types.Bone:
    """Returns the bone of the armature. Never `bone.bone`: an edit of the bones may free what it refers to."""
    return bone.id_data.data.bones[bone.name]


def _is_plain(bone: bpy.types.Bone) -> bool:
    return bone.inherit_scale == "FULL" and bone.use_inherit_rotation and bone.use_local_location


def _channels(bone: bpy.types.PoseBone) -> Place:
    """Returns the channels. The location of a connected bone does nothing."""
    w, x, y, z = transforms.rotation_of(bone)
    location = armatures.AT_REST.location if _data_of(bone).use_connect else tuple(bone.location)
    return Place(location, (x, y, z, w), tuple(bone.scale))


def _place(bone: bpy.types.PoseBone) -> Place:
    """Returns the place that the channels give a bone, below the bone above."""
    if _is_plain(_data_of(bone)):
        return armatures.posed(armature_values.rest(_data_of(bone)), _channels(bone))
    matrix = _matrix(bone)
    return _place_of(_matrix(bone.parent).inverted_safe() @ matrix if bone.parent else matrix)


def _matrix(bone: bpy.types.PoseBone) -> Matrix:
    """Returns the matrix in the armature that the channels of this bone and of those above give."""
    line = [bone, *bone.parent_recursive]
    matrix = Matrix()
    for each in reversed(line):
        matrix = _convert(each, _matrix_of(_channels(each)), matrix)
    return matrix


def _convert(bone: bpy.types.PoseBone, matrix: Matrix, above: Matrix, invert: bool = False) -> Matrix:
    """Converts channels to the matrix in the armature, or back."""
    own, parent = _data_of(bone), bone.parent
    if parent is None:
        return own.convert_local_to_pose(matrix, own.matrix_local, invert=invert)
    rest = _data_of(parent).matrix_local
    return own.convert_local_to_pose(
        matrix, own.matrix_local, parent_matrix=above, parent_matrix_local=rest, invert=invert
    )


def _channels_for(bone: bpy.types.PoseBone, place: Place) -> Place:
    """Returns the channels that give a bone this place. Those of the bones above are written."""
    if _is_plain(_data_of(bone)):
        return armatures.channels(armature_values.rest(_data_of(bone)), place)
    above = _matrix(bone.parent) if bone.parent else Matrix()
    return _place_of(_convert(bone, above @ _matrix_of(place), above, invert=True))


def _evaluated(bone: bpy.types.PoseBone) -> Place:
    """Returns the place that Blender shows. An armature that shows its rest position does not say it."""
    if bone.id_data.data.pose_position == "REST":
        return _place(bone)
    matrix = bone.matrix
    return _place_of(bone.parent.matrix.inverted_safe() @ matrix if bone.parent else matrix)


def _matrix_of(place: Place) -> Matrix:
    x, y, z, w = place.rotation
    return Matrix.LocRotScale(place.location, Quaternion((w, x, y, z)), place.scale)


def _place_of(matrix: Matrix) -> Place:
    location, (w, x, y, z), scale = matrix.decompose()
    return Place(tuple(location), (x, y, z, w), tuple(scale))
