# SPDX-License-Identifier: GPL-3.0-or-later
"""The headless Blender of the benchmarks, with a character: a skinned mesh with shape keys, bones and actions."""

from __future__ import annotations

import math
import time

import bpy
import in_blender
import numpy as np
from in_blender import scenes

_SIDE = 224  # 224 * 224 vertices are 50,176
_INFLUENCES = 4
_BONE = 0.1  # length
_FRAMES = 24


class Driver(in_blender.Driver):
    """Adds the commands for a character."""

    def character(self, keys: int, bones: int, actions: int) -> dict:
        """Makes the character; returns the number of its vertices."""
        mesh = _make_mesh()
        rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
        scenes.synced_scene().collection.objects.link(rig)
        _add_bones(rig, bones)
        body = bpy.data.objects.new("Body", mesh)
        scenes.synced_scene().collection.objects.link(body)
        _weigh(body, rig.data.bones)
        body.parent = rig
        body.modifiers.new("Armature", "ARMATURE").object = rig
        _add_keys(body, keys)
        for n in range(actions):
            _add_action(rig, n)
        bpy.context.view_layer.update()
        return {"vertices": len(mesh.vertices)}

    def export_character(self, path: str) -> dict:
        """Seconds of Blender's own glTF exporter, with skins, shape keys and all actions."""
        bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
        with in_blender.without_addon():
            begin = time.perf_counter()
            bpy.ops.export_scene.gltf(filepath=path)
            return {"seconds": time.perf_counter() - begin}

    def pose(self, seconds: float, rate: float) -> dict:
        """Turns every bone `rate` times a second, as a script or a tracker does; returns the number of poses."""
        rig = next(each for each in scenes.synced_scene().objects if each.type == "ARMATURE")
        bones, steps = list(rig.pose.bones), 0
        begin = time.monotonic()
        while (now := time.monotonic() - begin) < seconds:
            for n, bone in enumerate(bones):
                bone.rotation_mode = "QUATERNION"
                half = 0.1 * math.sin(now + n)
                bone.rotation_quaternion = (math.cos(half), math.sin(half), 0.0, 0.0)
            bpy.context.view_layer.update()
            steps += 1
            while time.monotonic() - begin < steps / rate:
                self.watch.tick()
                time.sleep(min(self.watch.pause, 0.002))
        return {"steps": steps}


def _make_mesh() -> bpy.types.Mesh:
    side = np.arange(_SIDE, dtype=np.float32)
    x, y = (axis.reshape(-1) for axis in np.meshgrid(side, side))
    corner = np.add.outer(np.arange(_SIDE - 1) * _SIDE, np.arange(_SIDE - 1)).reshape(-1)
    quads = np.stack([corner, corner + 1, corner + _SIDE + 1, corner + _SIDE], axis=1)
    mesh = bpy.data.meshes.new("Body")
    mesh.vertices.add(len(x))
    mesh.loops.add(quads.size)
    mesh.polygons.add(len(quads))
    mesh.vertices.foreach_set("co", np.stack([x, np.sin(y), y], axis=1).reshape(-1) * _BONE / 2)
    mesh.loops.foreach_set("vertex_index", quads.reshape(-1).astype(np.int32))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    return mesh


def _add_bones(rig: bpy.types.Object, count: int) -> None:
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    above = None
    for n in range(count):
        bone = rig.data.edit_bones.new(f"Bone {n}")
        bone.head, bone.tail = (0.0, 0.0, n * _BONE), (0.0, 0.0, (n + 1) * _BONE)
        bone.parent, above = above, bone
    bpy.ops.object.mode_set(mode="OBJECT")


def _weigh(body: bpy.types.Object, bones: bpy.types.bpy_prop_collection) -> None:
    """Gives each vertex a few bones in a row."""
    groups = [body.vertex_groups.new(name=bone.name) for bone in bones]
    for vertex in range(len(body.data.vertices)):
        first = vertex * (len(groups) - _INFLUENCES) // len(body.data.vertices)
        for n in range(_INFLUENCES):
            groups[first + n].add([vertex], (n + 1) / 10, "REPLACE")


def _add_keys(body: bpy.types.Object, count: int) -> None:
    body.shape_key_add(name="Basis")
    places = np.empty(len(body.data.vertices) * 3, dtype=np.float32)
    body.data.vertices.foreach_get("co", places)
    for n in range(count):
        key = body.shape_key_add(name=f"Shape {n}", from_mix=False)
        moved = places.reshape(-1, 3).copy()
        moved[n::count, 1] += 0.1  # each key moves its own share of the vertices
        key.data.foreach_set("co", moved.reshape(-1))


def _add_action(rig: bpy.types.Object, number: int) -> None:
    """Makes an action that turns every bone; the last one stays assigned."""
    action = bpy.data.actions.new(f"Action {number}")
    action.use_fake_user = True
    rig.animation_data_create().action = action
    for n, bone in enumerate(rig.pose.bones):
        bone.rotation_mode = "QUATERNION"
        for frame in (1, _FRAMES):
            half = 0.05 * math.sin(frame + n + number)
            bone.rotation_quaternion = (math.cos(half), 0.0, math.sin(half), 0.0)
            bone.keyframe_insert("rotation_quaternion", frame=frame)


if __name__ == "__main__":
    in_blender.Driver = Driver
    in_blender.main()
