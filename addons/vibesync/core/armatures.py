# SPDX-License-Identifier: GPL-3.0-or-later
"""The components `armature` and `pose`: joints with their places at rest, and the places that an object gives them.

Blender's channels place a joint relative to its rest; the component `pose` gives places below the joint above.
"""

from __future__ import annotations

from . import frames, space, transform
from .equality import close
from .frames import Frame, Place
from .space import Quaternion, Vector
from .sync_error import SyncError
from .uuid_text import is_uuid

MOST_JOINTS = 4_096
SHORTEST = 0.004  # length of a bone, in Blender units: Blender removes bones without length
NO_POSE: dict = {"joints": {}}
AT_REST = Place((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0))  # the channels of a joint at rest

# The values of a joint that Blender keeps in the property of a bone.
FLAGS = {"deform": "use_deform", "inherit_rotation": "use_inherit_rotation", "local_location": "use_local_location"}
NATIVE_SCALES = {
    "full": "FULL",
    "fix_shear": "FIX_SHEAR",
    "aligned": "ALIGNED",
    "average": "AVERAGE",
    "none": "NONE",
    "none_legacy": "NONE_LEGACY",
}
SCALES = {native: name for name, native in NATIVE_SCALES.items()}

_LONGEST_NAME = 63  # bytes


def check(value: dict, location: str) -> None:
    """Checks the component `armature`. Raises SyncError at the location of the first fault."""
    joints = _joints(value, location)
    for uuid, joint in joints.items():
        at = f"{location}.joints.{uuid}"
        _check_joint(joint, at)
        if joint["parent"] is not None and joint["parent"] not in joints:
            raise SyncError("VS-1006", "no joint has this uuid", f"{at}.parent")
    if len({joint["name"] for joint in joints.values()}) != len(joints):
        raise SyncError("VS-1006", "two joints have the same name", f"{location}.joints")
    parents_first(joints, f"{location}.joints")


def check_shape(value: object, location: str) -> None:
    """Checks a length and a place at rest."""
    if not isinstance(value, dict) or not isinstance(value.get("rest"), dict):
        raise SyncError("VS-1006", "not an object", location)
    if not transform.is_number(value.get("length")) or value["length"] <= 0:
        raise SyncError("VS-3003", "not a positive number", f"{location}.length")
    transform.check_place(value["rest"], f"{location}.rest")


def check_pose(value: dict, location: str) -> None:
    """Checks the component `pose`. Raises SyncError at the location of the first fault."""
    for uuid, place in _joints(value, location).items():
        transform.check(place, f"{location}.joints.{uuid}")


def parents_first(joints: dict[str, dict], location: str = "joints") -> list[str]:
    """Returns the uuids of joints, each after its parent. Raises SyncError if joints are their own ancestors."""
    order: dict[str, None] = {}
    for start in joints:
        line: dict[str, None] = {}
        uuid: str | None = start
        while uuid is not None and uuid not in order:
            if uuid in line:
                raise SyncError("VS-1006", "the joints are their own ancestors", f"{location}.{uuid}.parent")
            line[uuid] = None
            uuid = joints[uuid]["parent"]
        order |= dict.fromkeys(reversed(line))
    return list(order)


def is_same(a: dict, b: dict) -> bool:
    """Returns whether two armatures are equal."""
    left, right = a["joints"], b["joints"]
    return left.keys() == right.keys() and all(_is_same_joint(left[uuid], right[uuid]) for uuid in left)


def is_same_pose(a: dict, b: dict) -> bool:
    """Returns whether two poses are equal. A place that only one names differs."""
    left, right = a["joints"], b["joints"]
    return left.keys() == right.keys() and all(transform.is_same(left[uuid], right[uuid]) for uuid in left)


def is_same_shape(a: dict, b: dict) -> bool:
    """Returns whether two joints have the same length, parent and place at rest: what Edit Mode alone changes."""
    is_same_rest = transform.is_same_place(a["rest"], b["rest"])
    return a["parent"] == b["parent"] and close(a["length"], b["length"]) and is_same_rest


def frame_of(has_parent: bool) -> Frame:
    """Returns the axes that the place of a joint is between."""
    return frames.JOINT if has_parent else frames.ROOT


def posed(rest: Place, channels: Place) -> Place:
    """Returns the place of a bone below the bone above, if it takes over everything from that one."""
    moved = _turned(rest.rotation, channels.location)
    location = tuple(a + b for a, b in zip(rest.location, moved, strict=True))
    return Place(location, frames.multiply(rest.rotation, channels.rotation), channels.scale)


def channels(rest: Place, place: Place) -> Place:
    """Returns the channels that give a bone this place: undoes `posed`."""
    back = _inverse(rest.rotation)
    moved = tuple(a - b for a, b in zip(place.location, rest.location, strict=True))
    return Place(_turned(back, moved), space.normalized(frames.multiply(back, place.rotation)), place.scale)


def _inverse(rotation: Quaternion) -> Quaternion:
    x, y, z, w = rotation
    return (-x, -y, -z, w)


def _turned(rotation: Quaternion, vector: Vector) -> Vector:
    x, y, z, _ = frames.multiply(frames.multiply(rotation, (*vector, 0.0)), _inverse(rotation))
    return (x, y, z)


def _is_same_joint(a: dict, b: dict) -> bool:
    exact = ("name", "inherit_scale", *FLAGS)
    return all(a[name] == b[name] for name in exact) and is_same_shape(a, b)


def _joints(value: dict, location: str) -> dict[str, dict]:
    joints = value.get("joints")
    if not isinstance(joints, dict) or len(joints) > MOST_JOINTS:
        raise SyncError("VS-1006", f"not at most {MOST_JOINTS} joints", f"{location}.joints")
    for uuid, joint in joints.items():
        if not is_uuid(uuid) or not isinstance(joint, dict):
            raise SyncError("VS-1006", "not a joint by its uuid", f"{location}.joints.{uuid}")
    return joints


def _check_joint(joint: dict, location: str) -> None:
    name = joint.get("name")
    if not isinstance(name, str) or not 0 < len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME:
        raise SyncError("VS-1006", f"a joint's name has 1 to {_LONGEST_NAME} bytes", f"{location}.name")
    if joint.get("parent", 0) is not None and not is_uuid(joint.get("parent")):
        raise SyncError("VS-1006", "neither a uuid nor null", f"{location}.parent")
    if joint.get("inherit_scale") not in NATIVE_SCALES:
        raise SyncError("VS-1006", "no way to inherit scale", f"{location}.inherit_scale")
    for flag in FLAGS:
        if not isinstance(joint.get(flag), bool):
            raise SyncError("VS-1006", "not a boolean", f"{location}.{flag}")
    check_shape(joint, location)
