# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of armatures, poses, skins, shape keys, their actions, and materials, as an artist makes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import blender_edits as edits
import bpy
import plain_scene

NAMES = ["Hip", "Arm", "Öffnen", "x" * 60]
MOST_RIGS, MOST_BONES, MOST_KEYS = 3, 6, 3
WEIGHTS = {
    "pose": 10,
    "add_bone": 5,
    "edit_bone": 4,
    "remove_bone": 1,
    "bind": 5,
    "paint_weights": 6,
    "add_key": 6,
    "weigh": 8,
    "sculpt_key": 4,
    "remove_key": 1,
    "animate_key": 8,
    "edit_curve": 4,
    "color": 6,
}


def any_edit(chance: random.Random, item: bpy.types.Object, kind: str | None = None) -> None:
    """Makes one of these edits, or that one. An object with a mesh is what it concerns, if it concerns one."""
    globals()[kind or chance.choices(list(WEIGHTS), WEIGHTS.values())[0]](chance, item)


def pose(chance: random.Random, _item: bpy.types.Object) -> None:
    """Moves and turns a bone, or brings it back to rest."""
    rig, bone = _any_bone(chance)
    if rig.pose is None or bone not in rig.pose.bones:  # a hidden object
        return
    posed = rig.pose.bones[bone]
    posed.rotation_mode = "QUATERNION"
    if chance.random() < 0.2:
        posed.matrix_basis.identity()
        return
    posed.location = [chance.uniform(-1, 1) for _ in range(3)]
    posed.rotation_quaternion = [1.0, *(chance.uniform(-1, 1) for _ in range(3))]
    posed.rotation_quaternion.normalize()
    posed.scale = chance.choice(((1, 1, 1), (2, 2, 2), (1, 2, 1)))


def add_bone(chance: random.Random, _item: bpy.types.Object) -> None:
    """Adds a bone, to an armature with others or to a new one."""
    rig, _ = _any_bone(chance)
    if len(rig.data.bones) < MOST_BONES:
        with _editing(rig) as bones:
            _new_bone(chance, bones)


def edit_bone(chance: random.Random, _item: bpy.types.Object) -> None:
    """Renames a bone, ends its deforming, or gives it another end."""
    rig, name = _any_bone(chance)
    number = chance.random()
    if number < 0.4:
        rig.data.bones[name].name = chance.choice(NAMES)
    elif number < 0.7:
        rig.data.bones[name].use_deform = chance.random() < 0.7
    else:
        with _editing(rig) as bones:
            bones[name].tail.x += chance.uniform(-0.3, 0.3)


def remove_bone(chance: random.Random, _item: bpy.types.Object) -> None:
    """Removes a bone; those below it stay."""
    rig, name = _any_bone(chance)
    if len(rig.data.bones) > 1:
        with _editing(rig) as bones:
            bones.remove(bones[name])


def bind(chance: random.Random, item: bpy.types.Object) -> None:
    """Lets an armature deform a mesh, or ends that."""
    if item.type != "MESH":
        return
    if item.modifiers:
        item.modifiers.clear()
        return
    rig, _ = _any_bone(chance)
    item.modifiers.new("Armature", "ARMATURE").object = rig
    for bone in rig.data.bones:
        if bone.name not in item.vertex_groups:
            item.vertex_groups.new(name=bone.name)


def paint_weights(chance: random.Random, item: bpy.types.Object) -> None:
    """Gives some vertices a weight in a group, or takes them out."""
    if item.type != "MESH":
        return
    group = chance.choice(list(item.vertex_groups) or [item.vertex_groups.new(name=chance.choice(NAMES))])
    vertices = [at for at in range(len(item.data.vertices)) if chance.random() < 0.4]
    if chance.random() < 0.2:
        group.remove(vertices)
    else:
        group.add(vertices, chance.uniform(0, 1), "REPLACE")


def add_key(chance: random.Random, item: bpy.types.Object) -> None:
    """Adds a shape key that moves a vertex."""
    if item.type == "MESH" and len(_keys(item)) < MOST_KEYS and len(item.data.vertices):
        delta = [chance.uniform(-1, 1) for _ in range(3)]
        edits.add_shape_key(item, chance.choice(NAMES), chance.randrange(len(item.data.vertices)), delta)


def weigh(chance: random.Random, item: bpy.types.Object) -> None:
    """Sets the weight of a shape key. An animated one would get it back from its curve."""
    for key in _some(chance, [key for key in _keys(item) if not _is_animated(key)]):
        key.value = chance.uniform(0, 1)


def sculpt_key(chance: random.Random, item: bpy.types.Object) -> None:
    """Moves a vertex of a shape key."""
    for key in _some(chance, _keys(item)):
        delta = [chance.uniform(-1, 1) for _ in range(3)]
        edits.sculpt_shape_key(item, key.name, chance.randrange(len(key.data)), delta)


def remove_key(chance: random.Random, item: bpy.types.Object) -> None:
    """Removes a shape key."""
    for key in _some(chance, _keys(item)):
        item.shape_key_remove(key)


def animate_key(chance: random.Random, item: bpy.types.Object) -> None:
    """Keys the weight of a shape key."""
    for key in _some(chance, _keys(item)):
        key.keyframe_insert("value", frame=chance.randrange(1, 40))


def edit_curve(chance: random.Random, item: bpy.types.Object) -> None:
    """Moves a key of the curve of a weight, at another frame than the one that is shown."""
    for key in _some(chance, [key for key in _keys(item) if _is_animated(key)]):
        key.keyframe_insert("value", frame=chance.randrange(50, 90))


def color(chance: random.Random, item: bpy.types.Object) -> None:
    """Shows a new material on a mesh, or gives a material another color."""
    found = sorted(bpy.data.materials, key=lambda each: each.session_uid)
    if item.type == "MESH" and (not found or chance.random() < 0.3):
        found = [edits.new_material(chance.choice(NAMES))]
        edits.assign_material(item, chance.randrange(2), found[0], "data")
    for material in _some(chance, found):
        edits.edit_material(material, {"Base Color": [chance.random() for _ in range(3)], "Roughness": chance.random()})


def _any_bone(chance: random.Random) -> tuple[bpy.types.Object, str]:
    """Returns an armature's object with the name of a bone; makes both if there are few."""
    items = sorted(plain_scene.scene().objects, key=lambda each: each.session_uid)
    rigs = [item for item in items if item.type == "ARMATURE" and item.data.bones and item.visible_get()]
    if not rigs or (len(rigs) < MOST_RIGS and chance.random() < 0.2):
        rigs = [bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))]
        plain_scene.scene().collection.objects.link(rigs[0])
        with _editing(rigs[0]) as bones:
            _new_bone(chance, bones)
    rig = chance.choice(rigs)
    return rig, chance.choice(list(rig.data.bones)).name


def _new_bone(chance: random.Random, bones: bpy.types.ArmatureEditBones) -> None:
    above = chance.choice([None, *bones])
    bone = bones.new(chance.choice(NAMES))
    bone.parent, bone.head = above, [chance.uniform(-1, 1) for _ in range(3)]
    bone.tail = [at + step for at, step in zip(bone.head, (0.3, chance.uniform(-1, 1), 0.5), strict=True)]


@contextmanager
def _editing(rig: bpy.types.Object) -> Iterator[bpy.types.ArmatureEditBones]:
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    yield rig.data.edit_bones
    bpy.ops.object.mode_set(mode="OBJECT")


def _keys(item: bpy.types.Object) -> list[bpy.types.ShapeKey]:
    """Returns the shape keys of an object apart from the basis."""
    keys = item.data.shape_keys if item.type == "MESH" else None
    return list(keys.key_blocks)[1:] if keys else []


def _is_animated(key: bpy.types.ShapeKey) -> bool:
    animation = key.id_data.animation_data
    return animation is not None and animation.action is not None


def _some(chance: random.Random, found: list) -> list:
    """Returns one of these, if there is one."""
    return chance.sample(found, min(1, len(found)))
