# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of armatures and poses, as a part of the storm."""

import bpy
from conftest import update
from mathutils import Quaternion
from rigs import editing, fresh, joint, place
from vibesync.blender import armature_values, pose_values, scenes
from vibesync.core import armatures

NAMES = ["Hip", "Arm", "Arm.001", "Öffnen", "x" * 63]
SCALES = ("FULL", "FULL", "NONE", "ALIGNED", "AVERAGE")
MOST_RIGS, MOST_BONES = 4, 6


class RigEdits:
    """The edits of a simulated user that concern armatures."""

    weights = {"add_rig": 8, "pose": 8, "edit_rest": 5, "edit_bone": 4, "copy_bone": 5, "constrain": 4, "remote_rig": 5}

    @property
    def rigs(self):
        """Returns visible objects with bones, because a person edits only these."""
        return [item for item in self.items if pose_values.has_bones(item) and item.visible_get() and item.pose]

    def any_bone(self):
        """Returns an object with bones, and the name of one; none if there is no bone."""
        rigs = [item for item in self.rigs if item.data.bones]
        if not rigs:
            return None, None
        item = self.chance.choice(rigs)
        return item, self.chance.choice(item.data.bones).name

    def add_rig(self):
        if len(self.rigs) >= MOST_RIGS:
            return "enough"
        data = self.chance.choice([None, *(item.data for item in self.rigs)])
        item = bpy.data.objects.new("Rig", data or bpy.data.armatures.new("Rig"))
        scenes.synced_scene().collection.objects.link(item)
        if data is None:
            with editing(item) as bones:
                self._add_bone(bones)
        return None

    def _add_bone(self, bones):
        above = self.chance.choice([None, *bones])
        bone = bones.new(self.chance.choice(NAMES))
        bone.parent = above
        bone.head = [self.chance.uniform(-1, 1) for _ in range(3)]
        bone.tail = bone.head + Quaternion([self.chance.gauss(0, 1) for _ in range(4)]).normalized().to_matrix().col[1]
        bone.roll = self.chance.uniform(-3, 3)

    def pose(self):
        item, name = self.any_bone()
        if item is None:
            return "no bone"
        bone = item.pose.bones[name]
        bone.rotation_mode = self.chance.choice(("XYZ", "QUATERNION", "AXIS_ANGLE"))
        if self.chance.random() < 0.2:
            bone.matrix_basis.identity()
            return None
        bone.location = [self.chance.uniform(-1, 1) for _ in range(3)]
        turn = Quaternion([self.chance.gauss(0, 1) for _ in range(4)]).normalized()
        bone.rotation_quaternion, bone.rotation_euler = turn, turn.to_euler()
        bone.rotation_axis_angle = (turn.angle, *turn.axis)
        bone.scale = self.chance.choice(((1, 1, 1), (2, 2, 2), (1, 2, 1)))
        return None

    def edit_rest(self):
        """Edits bones in Edit Mode: a roll, a place, one bone more or less."""
        item, name = self.any_bone()
        if item is None:
            return "no bone"
        number = self.chance.random()
        with editing(item) as bones:
            if number < 0.3:
                bones[name].roll += self.chance.uniform(-1, 1)
            elif number < 0.5:
                bones[name].tail.x += self.chance.uniform(-0.3, 0.3)
            elif number < 0.6:
                bones[name].use_connect = bones[name].parent is not None
            elif number < 0.8 and len(bones) < MOST_BONES:
                self._add_bone(bones)
            elif number > 0.9:
                bones.remove(bones[name])
        return None

    def edit_bone(self):
        item, name = self.any_bone()
        if item is None:
            return "no bone"
        bone, number = item.data.bones[name], self.chance.random()
        if number < 0.4:
            bone.name = self.chance.choice(NAMES)
        elif number < 0.6:
            bone.use_deform = not bone.use_deform
        elif number < 0.8:
            bone.inherit_scale = self.chance.choice(SCALES)
        else:
            bone.use_inherit_rotation = not bone.use_inherit_rotation
        return None

    def copy_bone(self):
        item, name = self.any_bone()
        if item is None or len(item.data.bones) >= MOST_BONES:
            return "no bone"
        with editing(item) as bones:
            for bone in bones:
                bone.select = bone.select_head = bone.select_tail = bone.name == name
            bones.active = bones[name]
            bpy.ops.armature.duplicate()
        return None

    def constrain(self):
        item, name = self.any_bone()
        if item is None:
            return "no bone"
        constraints = item.pose.bones[name].constraints
        if constraints:
            constraints.remove(constraints[0])
        else:
            constraints.new("LIMIT_SCALE")
        return None

    def remote_rig(self):
        """Applies a batch of the other side: an armature gets other bones, and the object another pose."""
        self.rest()
        rigs = [item for item in self.rigs if not pose_values.is_locked(item)]
        if not rigs:
            return "no rig"
        item = self.chance.choice(rigs)
        users = [each for each in bpy.data.objects if each.data == item.data]
        if any(pose_values.is_locked(each) for each in users):
            return "locked"
        unit = self.harness.bridge.unit()
        present = armature_values.read(item.data, None, unit)["joints"]
        kept = dict(self.chance.sample(sorted(present.items()), min(len(present), 2)))
        joints: dict = {}
        for uuid, each in kept.items():
            above = self.chance.choice([None, *joints])
            joints[uuid] = {**each, "parent": above, "inherit_scale": "full", "inherit_rotation": True}
        for name in self.chance.sample(NAMES, 2):
            if name not in {each["name"] for each in joints.values()}:
                turn = self.chance.choice(((0, 0, 0, 1), (1, 0, 0, 0), (0.6, 0, 0.8, 0), (1, 0, 1e-5, 0)))
                above = self.chance.choice([None, *joints])
                joints[fresh()] = joint(name, above, (0.5, 1.0, 0.0), turn, length=self.chance.choice((1e-4, 1.0)))
        pose = {uuid: place((0.5, 1.0, 0.25), (0, 0.6, 0, 0.8)) for uuid in joints if self.chance.random() < 0.5}
        armature, shown, before = item.data["uuid"], item["uuid"], self.harness.intents()
        wanted = update(armature, armature={"joints": joints}), update(shown, pose={"joints": pose})
        results, _ = self.harness.apply(*wanted)
        assert [result["error"] for result in results] == [None, None], results
        self.harness.settle()
        assert not self.sent_back(before, wanted)
        item = self.harness.find(shown)
        assert armatures.is_same({"joints": joints}, armature_values.read(item.data, None, unit))
        assert armatures.is_same_pose({"joints": pose}, pose_values.read(item, unit))
        return None
