# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports files with Blender's own importer and plays them. Prints a JSON line for each: by frame and by uuid of
the mesh, the corners in the world of each object that shows it. Some objects have no uuid after the import, but each mesh has.

usage: python tests/gltf/motion_in_blender.py FRAMES FILE...
"""

import json
import sys

import bpy

import addon_utils


def load(file):
    """Imports a file, and has each object play the action that the importer made for it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("io_scene_gltf2")
    # The importer multiplies seconds by fps * fps_base, where Blender divides: the product must be the rate of the actions.
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = rate(file)
    bpy.ops.import_scene.gltf(filepath=file)
    # It plays only the first animation, and shifts the strips of the others.
    for owner in [*bpy.data.objects, *bpy.data.shape_keys]:
        data = owner.animation_data
        if data and data.nla_tracks:
            (strip,) = data.nla_tracks[0].strips
            data.action, data.action_slot = strip.action, strip.action_slot


def rate(file):
    """Returns the rate of the actions in the plain form beside a file."""
    with open(file.replace(".glb", ".json"), encoding="utf-8") as stream:
        scene = json.load(stream)
    actions = [entity["components"]["action"] for entity in scene.values() if entity["kind"] == "action"]
    fps = actions[0]["fps"] if actions else {"num": 24, "den": 1}
    return (30, 1 / 1.001) if fps["den"] != 1 else (fps["num"], 1.0)


def corners(item, graph):
    evaluated = item.evaluated_get(graph)
    mesh = evaluated.to_mesh()
    places = [item.matrix_world @ mesh.vertices[loop.vertex_index].co for loop in mesh.loops]
    evaluated.to_mesh_clear()
    return [[x, z, -y] for x, y, z in places]


def at_frame(frame):
    bpy.context.scene.frame_set(frame)
    graph = bpy.context.evaluated_depsgraph_get()
    found = {}
    for item in bpy.data.objects:
        if item.type == "MESH" and "vibesync" in item.data:  # others are the shapes of bones
            found.setdefault(item.data["vibesync"]["uuid"], []).append(corners(item, graph))
    return found


frames, *files = sys.argv[1:]
for name in files:
    load(name)
    print("\n@" + json.dumps({"file": name, "frames": {frame: at_frame(frame) for frame in json.loads(frames)}}), flush=True)
