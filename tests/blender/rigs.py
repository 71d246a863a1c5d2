# SPDX-License-Identifier: GPL-3.0-or-later
"""Armatures for tests: made like a person makes them, and as changes of the other editor."""

import uuid

import bpy
from conftest import new_object

HALF = 0.7071067811865476


def add_rig(harness, name="Rig"):
    """Adds an armature: a root bone along +Z, and at its tail a child with a roll of 30 degrees."""
    item = harness.add(name, "empty")
    bpy.data.objects.remove(item)
    armature = bpy.data.armatures.new(name)
    item = bpy.data.objects.new(name, armature)
    bpy.context.scene.collection.objects.link(item)
    with editing(item) as bones:
        root = bones.new("Root")
        root.tail = (0.0, 0.0, 1.0)
        child = bones.new("Child")
        child.parent, child.head, child.tail = root, (0.0, 0.0, 1.0), (0.0, 0.0, 2.0)
        child.roll = root.roll + 0.5235987755982988
    return item


class editing:
    """Edits the bones of an object in Edit Mode, like a person."""

    def __init__(self, item):
        self.item = item

    def __enter__(self):
        bpy.context.view_layer.objects.active = self.item
        bpy.ops.object.mode_set(mode="EDIT")
        return self.item.data.edit_bones

    def __exit__(self, *_):
        bpy.ops.object.mode_set(mode="OBJECT")


def joint(name, parent=None, translation=(0.0, 1.0, 0.0), rotation=(0.0, 0.0, 0.0, 1.0), **values):
    """Returns a joint of the component `armature`."""
    rest = {"translation": list(translation), "rotation": list(rotation)}
    return {
        "name": name,
        "parent": parent,
        "length": 1.0,
        "deform": True,
        "inherit_scale": "full",
        "inherit_rotation": True,
        "local_location": True,
        "rest": rest,
        **values,
    }


def place(translation=(0.0, 1.0, 0.0), rotation=(0.0, 0.0, 0.0, 1.0), scale=(1.0, 1.0, 1.0)):
    """Returns the place of a joint in the component `pose`."""
    return {"translation": list(translation), "rotation": list(rotation), "scale": list(scale)}


def new_rig(joints, pose=None, name="RemoteRig"):
    """Returns the creates of an armature and of an object that shows it."""
    components = {"name": name, "armature": {"joints": joints}}
    armature = {"op": "create", "uuid": str(uuid.uuid4()), "kind": "armature", "components": components}
    posed = {"pose": {"joints": pose}} if pose else {}
    return [armature, new_object(name, data={"uuid": armature["uuid"]}, **posed)]


def fresh():
    """Returns a new uuid."""
    return str(uuid.uuid4())
