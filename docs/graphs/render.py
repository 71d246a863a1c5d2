# SPDX-License-Identifier: MIT OR Apache-2.0
"""Builds each graph of this folder in the Blender that runs this script, and renders it to NAME.png in a given folder.

`scripts/render-graphs` runs this script. The pictures are the same on each run on one machine; other processors round
differently.
"""

import json
import math
import os
import sys
import traceback
from pathlib import Path

import bpy
from mathutils import Vector
from vibesync.graph.build import build

HERE = Path(__file__).parent
SIZE = (800, 450)
SAMPLES = 24
LOW, HIGH = (0.05, 0.17, 0.5, 1.0), (0.9, 0.35, 0.06, 1.0)
GROUND = (0.75, 0.75, 0.72, 1.0)
VIEWS = {  # position and target of the camera, height of the shape
    "scatter": ((11.0, -11.0, 8.0), (0.4, -0.4, 0.0), 1.6),
    "staircase": ((6.6, -2.9, 3.4), (0.0, 1.55, 0.85), 2.2),
    "spiral": ((7.2, -6.4, 6.4), (0.6, -0.3, 0.9), 2.6),
}


def material(height):
    """Returns a material from blue at the bottom to orange at the top; gray for the object with index 1, the ground."""
    made = bpy.data.materials.new("Look")
    made.use_nodes = True
    nodes, link = made.node_tree.nodes, made.node_tree.links.new
    geometry, split, ramp, info, rising, color = (
        nodes.new(f"ShaderNode{kind}")
        for kind in ("NewGeometry", "SeparateXYZ", "MapRange", "ObjectInfo", "Mix", "Mix")
    )
    ramp.inputs["From Max"].default_value = height
    for mix, first, second in ((rising, LOW, HIGH), (color, LOW, GROUND)):
        mix.data_type = "RGBA"
        socket(mix.inputs, "A_Color").default_value, socket(mix.inputs, "B_Color").default_value = first, second
    link(geometry.outputs["Position"], split.inputs["Vector"])
    link(split.outputs["Z"], ramp.inputs["Value"])
    link(ramp.outputs["Result"], socket(rising.inputs, "Factor_Float"))
    link(socket(rising.outputs, "Result_Color"), socket(color.inputs, "A_Color"))
    link(info.outputs["Object Index"], socket(color.inputs, "Factor_Float"))
    link(socket(color.outputs, "Result_Color"), nodes["Principled BSDF"].inputs["Base Color"])
    return made


def socket(sockets, identifier):
    return next(each for each in sockets if each.identifier == identifier)


def add(name, data):
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    return item


def ground():
    mesh = bpy.data.meshes.new("Ground")
    mesh.from_pydata([(-90, -90, 0), (90, -90, 0), (90, 90, 0), (-90, 90, 0)], [], [(0, 1, 2, 3)])
    item = add("Ground", mesh)
    item.pass_index, item.location.z = 1, -0.01


def light():
    sun = add("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.data.angle = 2.0, math.radians(4)
    sun.rotation_euler = (math.radians(42), math.radians(12), math.radians(60))
    world = bpy.context.scene.world = bpy.data.worlds.new("World")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.35, 0.4, 0.5, 1.0)


def camera(position, target):
    item = add("Camera", bpy.data.cameras.new("Camera"))
    item.location = position
    item.rotation_euler = (Vector(target) - Vector(position)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.camera = item


def settings(path):
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.cycles.samples, scene.cycles.seed, scene.cycles.use_denoising = SAMPLES, 1, True
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.render.image_settings.color_mode, scene.render.image_settings.compression = "RGB", 100
    scene.view_settings.view_transform = "Standard"
    scene.render.filepath = str(path)


def render(name, folder):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    position, target, height = VIEWS[name]
    build(json.loads((HERE / f"{name}.json").read_text("utf-8")), add(name, bpy.data.meshes.new(name)))
    ground()
    light()
    camera(position, target)
    settings(folder / f"{name}.png")
    bpy.context.view_layer.material_override = material(height)
    bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    code = 1
    try:
        for name in VIEWS:
            render(name, Path(sys.argv[1]).resolve())
        code = 0
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's module can hang in its cleanup
