# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `armature`: the joints with their places at rest.

A property of each bone has the uuid of its joint, and survives Edit Mode and new names. Blender stores the roll of a
bone instead of its axes, so that places come back changed by up to 2e-5, and takes no bone without length. Another
property keeps what a bone was given, and counts as long as Blender still shows what it made of that.
"""

from __future__ import annotations

from uuid import uuid4

import bpy
from mathutils import Matrix, Quaternion

from ..core import armatures, frames, transform
from ..core.equality import close
from ..core.frames import Place
from ..core.uuid_text import is_uuid
from . import synced_value
from .armature_edit import edit_mode
from .identity import PROPERTY

KEPT = "vibesync_rest"
_NAMED = "vibesync_bone"  # the name that a bone had when it got its uuid: a copy has another
_FREE = "vibesync.{}"  # a name for a bone whose own is needed


def create(name: str, _component: dict) -> bpy.types.Armature:
    """Creates an armature; `write` gives it its joints."""
    return bpy.data.armatures.new(name)


def read(armature: bpy.types.Armature, _scene: bpy.types.Scene, unit: float) -> dict:
    """Returns the component. In Edit Mode, its bones are those from before."""
    bones = identify(armature)
    return {"joints": {uuid: _read_joint(bone, unit) for uuid, bone in sorted(bones.items())}}


def identify(armature: bpy.types.Armature) -> dict[str, bpy.types.Bone]:
    """Returns the bones by uuid; gives uuids to new bones, and new ones to copies."""
    bones: dict[str, bpy.types.Bone] = {}
    unnamed = []
    # A copy has the uuid and the property of its original, but not its name.
    for bone in sorted(armature.bones, key=lambda bone: bone.get(_NAMED) != bone.name):
        uuid = bone.get(PROPERTY)
        if is_uuid(uuid) and uuid not in bones:
            bones[uuid] = bone
        else:
            unnamed.append(bone)
    for bone in () if armature.is_editmode else unnamed:
        bone[PROPERTY] = uuid = str(uuid4())
        bones[uuid] = bone
    for bone in () if armature.is_editmode else bones.values():
        if bone.get(_NAMED) != bone.name:
            bone[_NAMED] = bone.name
    if not armature.is_editmode:
        return bones
    return {
        uuid: bone for uuid, bone in bones.items() if all(up.get(PROPERTY) in bones for up in bone.parent_recursive)
    }


def rest(bone: bpy.types.Bone) -> Place:
    """Returns the place at rest below the bone above, in Blender's axes."""
    matrix = bone.matrix_local
    if bone.parent:
        matrix = bone.parent.matrix_local.inverted() @ matrix
    w, x, y, z = matrix.to_quaternion()
    return Place(tuple(matrix.translation), (x, y, z, w), armatures.AT_REST.scale)


def write(
    armature: bpy.types.Armature, component: dict, scene: bpy.types.Scene, unit: float, saved: list[dict]
) -> None:
    """Writes the component. Bones that it lacks stay until `remove_others`, because a failed batch brings none back."""
    saved.append(save(armature))
    wanted, present = component["joints"], read(armature, scene, unit)["joints"]
    is_reshaped = any(
        uuid not in present or not armatures.is_same_shape(present[uuid], joint) for uuid, joint in wanted.items()
    )
    if is_reshaped:
        with edit_mode(armature) as bones:
            saved[-1]["shape"] = {bone[PROPERTY]: _save_shape(bone) for bone in bones}
            _write_shape(bones, wanted, present, unit)
    bones = identify(armature)
    for uuid, joint in wanted.items():
        _write_flags(bones[uuid], joint)
    _write_names(bones, {uuid: joint["name"] for uuid, joint in wanted.items()})
    for uuid, joint in wanted.items():
        _keep(bones[uuid], joint, unit)


def remove_others(armature: bpy.types.Armature, component: dict) -> None:
    """Removes the bones that the component lacks."""
    if identify(armature).keys() <= component["joints"].keys():
        return
    with edit_mode(armature) as bones:
        for bone in [bone for bone in bones if bone[PROPERTY] not in component["joints"]]:
            bones.remove(bone)


def save(armature: bpy.types.Armature) -> dict:
    """Returns what `restore` brings back."""
    return {
        "bones": {
            uuid: {
                "name": bone.name,
                "inherit_scale": bone.inherit_scale,
                KEPT: bone.get(KEPT),
                **{native: getattr(bone, native) for native in armatures.FLAGS.values()},
            }
            for uuid, bone in identify(armature).items()
        }
    }


def restore(armature: bpy.types.Armature, saved: dict) -> None:
    """Brings back what `save` returned, with the shapes that `write` added."""
    if "shape" in saved:
        with edit_mode(armature) as bones:
            _restore_shape(bones, saved["shape"])
    bones = identify(armature)
    present = {uuid: values for uuid, values in saved["bones"].items() if uuid in bones}
    for uuid, values in present.items():
        for name in ("inherit_scale", *armatures.FLAGS.values()):
            setattr(bones[uuid], name, values[name])
        synced_value.restore(bones[uuid], KEPT, values[KEPT])
    _write_names(bones, {uuid: values["name"] for uuid, values in present.items()})


def _read_joint(bone: bpy.types.Bone, unit: float) -> dict:
    shown = _shown(bone, unit)
    kept = synced_value.read(bone, KEPT, _check_kept)
    if kept is not None and _is_same_shown(kept["shown"], shown):
        shown = kept["given"]
    return {
        "name": bone.name,
        "parent": bone.parent.get(PROPERTY) if bone.parent else None,
        "inherit_scale": armatures.SCALES[bone.inherit_scale],
        **{name: getattr(bone, native) for name, native in armatures.FLAGS.items()},
        **shown,
    }


def _shown(bone: bpy.types.Bone, unit: float) -> dict:
    place = frames.to_canonical(rest(bone), unit, armatures.frame_of(bone.parent is not None))
    return {
        "length": bone.length * unit,
        "rest": {"translation": list(place["translation"]), "rotation": list(place["rotation"])},
    }


def _is_same_shown(a: dict, b: dict) -> bool:
    return close(a["length"], b["length"]) and transform.is_same_place(a["rest"], b["rest"])


def _keep(bone: bpy.types.Bone, joint: dict, unit: float) -> None:
    """Keeps what the bone was given, if Blender shows something else."""
    shown = _shown(bone, unit)
    given = {"length": joint["length"], "rest": joint["rest"]}
    if not _is_same_shown(given, shown):
        synced_value.write(bone, KEPT, {"given": given, "shown": shown})
    elif KEPT in bone:
        del bone[KEPT]


def _check_kept(value: dict, location: str) -> None:
    for name in ("given", "shown"):
        armatures.check_shape(value.get(name), f"{location}.{name}")


def _save_shape(bone: bpy.types.EditBone) -> dict:
    return {
        "ends": (bone.head.copy(), bone.tail.copy(), bone.roll),
        "parent": bone.parent[PROPERTY] if bone.parent else None,
        "is_connected": bone.use_connect,
    }


def _restore_shape(bones: bpy.types.ArmatureEditBones, saved: dict[str, dict]) -> None:
    for bone in [bone for bone in bones if bone.get(PROPERTY) not in saved]:
        bones.remove(bone)
    by_uuid = _by_uuid(bones)
    for bone in bones:
        bone.use_connect = False
    present = {uuid: shape for uuid, shape in saved.items() if uuid in by_uuid}
    for uuid, shape in present.items():
        bone = by_uuid[uuid]
        bone.parent = by_uuid.get(shape["parent"])
        bone.head, bone.tail, bone.roll = shape["ends"]
    for uuid, shape in present.items():
        by_uuid[uuid].use_connect = shape["is_connected"]


def _write_shape(
    bones: bpy.types.ArmatureEditBones, wanted: dict[str, dict], present: dict[str, dict], unit: float
) -> None:
    """Makes and moves bones. A bone stays connected to the one above if it still begins at its end."""
    by_uuid = _by_uuid(bones)
    connected = [bone for bone in bones if bone.use_connect]
    for bone in connected:
        bone.use_connect = False  # else it would follow the one above
    places: dict[str, Place] = {}
    moved: set[str | None] = set()
    for uuid in armatures.parents_first(wanted):
        joint = wanted[uuid]
        bone = by_uuid.get(uuid) or _new_bone(bones, by_uuid, uuid, joint["name"])
        parent = joint["parent"]
        if bone.parent != by_uuid.get(parent):
            bone.parent = by_uuid.get(parent)
        given = {**joint["rest"], "scale": armatures.AT_REST.scale}
        place = frames.to_blender(given, unit, armatures.frame_of(parent is not None))
        places[uuid] = armatures.posed(places[parent], place) if parent else place
        is_same = uuid in present and armatures.is_same_shape(present[uuid], joint)
        if not is_same or parent in moved:
            moved.add(uuid)
            _place_bone(bone, places[uuid], max(joint["length"] / unit, armatures.SHORTEST))
    for bone in connected:
        bone.use_connect = bone.parent is not None and (bone.head - bone.parent.tail).length < 1e-5


def _place_bone(bone: bpy.types.EditBone, place: Place, length: float) -> None:
    x, y, z, w = place.rotation
    bone.head, bone.tail = (0.0, 0.0, 0.0), (0.0, length, 0.0)
    bone.matrix = Matrix.LocRotScale(place.location, Quaternion((w, x, y, z)), None)


def _new_bone(
    bones: bpy.types.ArmatureEditBones, by_uuid: dict[str, bpy.types.EditBone], uuid: str, name: str
) -> bpy.types.EditBone:
    bone = bones.new(name)
    bone.head, bone.tail = (0.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    bone[PROPERTY] = uuid
    by_uuid[uuid] = bone
    return bone


def _by_uuid(bones: bpy.types.ArmatureEditBones) -> dict[str, bpy.types.EditBone]:
    """Returns the bones by uuid. `identify` has given each a uuid before Edit Mode."""
    return {bone[PROPERTY]: bone for bone in bones if PROPERTY in bone}


def _write_flags(bone: bpy.types.Bone, joint: dict) -> None:
    wanted = {native: joint[name] for name, native in armatures.FLAGS.items()}
    wanted["inherit_scale"] = armatures.NATIVE_SCALES[joint["inherit_scale"]]
    for name, value in wanted.items():
        if getattr(bone, name) != value:
            setattr(bone, name, value)


def _write_names(bones: dict[str, bpy.types.Bone], wanted: dict[str, str]) -> None:
    """Names bones. A bone whose name another one needs gets a free name first."""
    changed = {uuid: name for uuid, name in wanted.items() if bones[uuid].name != name}
    taken = set(changed.values())
    for uuid, bone in bones.items():
        if bone.name in taken:
            bone.name = _FREE.format(uuid)
    for uuid, name in changed.items():
        bones[uuid].name = name
    for uuid in wanted:
        bones[uuid][_NAMED] = bones[uuid].name
