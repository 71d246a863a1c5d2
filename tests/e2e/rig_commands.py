# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of Blender's driver that concern armatures."""

from __future__ import annotations

import math

import bpy
from vibesync.blender import scenes


class RigCommands:
    """A part of the driver, which has `item`, `made` and `edited`."""

    def add_rig(self, name: str, roll: float = 0.0) -> dict:
        """Add an armature: a root along +Z, and at its tail a child with a roll in degrees."""
        armature = bpy.data.armatures.new(name)
        item = bpy.data.objects.new(name, armature)
        scenes.synced_scene().collection.objects.link(item)
        bpy.context.view_layer.objects.active = item
        bpy.ops.object.mode_set(mode="EDIT")
        root, child = armature.edit_bones.new("Root"), armature.edit_bones.new("Child")
        root.tail = child.head = (0.0, 0.0, 1.0)
        child.tail, child.parent, child.roll = (0.0, 0.0, 2.0), root, math.radians(roll)
        bpy.ops.object.mode_set(mode="OBJECT")
        return self.made(item, "Add")

    def add_body(self, name: str, rig: str) -> dict:
        """Add a mesh that an armature deforms: the first vertex belongs to both bones and to a group without a bone."""
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata([(0.0, 0.0, 0.5), (1.0, 0.0, 1.5), (0.0, 1.0, 0.0)], [], [(0, 1, 2)])
        item = bpy.data.objects.new(name, mesh)
        scenes.synced_scene().collection.objects.link(item)
        for group, weights in (("Root", (0.25, 0, 0)), ("Child", (0.5, 1, 0)), ("Other", (0.25, 0, 1))):
            made = item.vertex_groups.new(name=group)
            for vertex, weight in enumerate(weights):
                if weight:
                    made.add([vertex], weight, "REPLACE")
        item.modifiers.new("Armature", "ARMATURE").object = self.item(rig)
        return self.made(item, "Add")

    def read_body(self, uuid: str) -> dict:
        """Return where the vertices of a deformed mesh are shown in the world."""
        item = self.item(uuid)
        shown = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
        return {"vertices": [list(shown.matrix_world @ vertex.co) for vertex in shown.data.vertices]}

    def deform_body(self, uuid: str, rig: str | None) -> dict:
        """Let the modifier name another armature, or none."""
        self.item(uuid).modifiers["Armature"].object = self.item(rig) if rig else None
        return self.edited("Deform")

    def pose_bone(self, uuid: str, bone: str, **channels: list) -> dict:
        """Set location, rotation_quaternion (w first) or scale of a bone."""
        for name, value in channels.items():
            setattr(self.item(uuid).pose.bones[bone], name, value)
        return self.edited("Pose")

    def constrain_bone(self, uuid: str, bone: str, least: float) -> dict:
        """Let a constraint move a bone at least so far along its own X."""
        limit = self.item(uuid).pose.bones[bone].constraints.new("LIMIT_LOCATION")
        limit.use_min_x, limit.min_x, limit.owner_space = True, least, "LOCAL"
        return self.edited("Add Constraint")

    def skin(self, uuid: str, armature: str, weights: dict) -> dict:
        """Let an armature deform a mesh: a weight for each vertex by group."""
        item = self.item(uuid)
        for name, numbers in weights.items():
            group = item.vertex_groups.new(name=name)
            for vertex, weight in enumerate(numbers):
                if weight:
                    group.add([vertex], weight, "REPLACE")
        item.modifiers.new("Armature", "ARMATURE").object = self.item(armature)
        return self.edited("Skin")

    def read_vertices(self, uuid: str, frame: int) -> dict:
        """Return where the vertices of a mesh are in the world at a frame, in the axes of glTF."""
        before = bpy.context.scene.frame_current
        bpy.context.scene.frame_set(frame)
        evaluated = self.item(uuid).evaluated_get(bpy.context.evaluated_depsgraph_get())
        places = [evaluated.matrix_world @ vertex.co for vertex in evaluated.data.vertices]
        bpy.context.scene.frame_set(before)
        return {"places": [[x, z, -y] for x, y, z in places]}

    def read_rig(self, uuid: str) -> dict:
        """Return where bones begin and end in the armature, at rest and posed, by name."""
        item = self.item(uuid)
        bpy.context.view_layer.update()

        def place(*points) -> list:
            return [[round(value, 4) + 0.0 for value in point] for point in points]

        if item.type != "ARMATURE":
            return {}
        rest = {bone.name: place(bone.head_local, bone.tail_local) for bone in item.data.bones}
        posed = {bone.name: place(bone.head, bone.tail) for bone in item.pose.bones}
        return {"rest": rest, "posed": posed}
