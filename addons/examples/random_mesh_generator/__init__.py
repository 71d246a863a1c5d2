# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds meshes of random size, place and color to the scene."""

import math
import random

import bmesh
import bpy
from mathutils import Matrix, Vector

bl_info = {
    "name": "Random Mesh Generator",
    "author": "The VibeSync authors",
    "version": (1, 0, 0),
    "blender": (4, 2, 0),
    "category": "Add Mesh",
}

SHAPES = ("cube", "sphere", "cylinder", "cone", "torus")


def add_random_cube(size_min=0.5, size_max=2.0, spread=5.0, seed=None, count=1):
    return _add("cube", size_min, size_max, spread, seed, count)


def add_random_sphere(size_min=0.5, size_max=2.0, spread=5.0, seed=None, count=1, segments=24):
    return _add("sphere", size_min, size_max, spread, seed, count, segments)


def add_random_cylinder(size_min=0.5, size_max=2.0, spread=5.0, seed=None, count=1, segments=24):
    return _add("cylinder", size_min, size_max, spread, seed, count, segments)


def add_surprise_mesh(spread=5.0, seed=None):
    return _add("surprise", 0.5, 2.0, spread, seed, 1)


def _add(shape, size_min, size_max, spread, seed, count, segments=24):
    if size_min > size_max:
        return {"status": "error", "message": "size_min is above size_max", "error_code": "SIZES_CROSSED"}
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        kind = chance.choice(SHAPES) if shape == "surprise" else shape
        size = chance.uniform(size_min, size_max)
        item = bpy.data.objects.new(f"Random{kind.title()}", _mesh(kind, size, segments))
        item.location = [chance.uniform(-spread, spread) for _ in range(3)]
        item.rotation_euler = [chance.uniform(-math.pi, math.pi) for _ in range(3)]
        bpy.context.collection.objects.link(item)
        made.append({"name": item.name, "shape": kind, "size": size, "location": list(item.location)})
    names = ", ".join(each["name"] for each in made)
    return {"status": "success", "message": f"Made {names}", "data": {"made": made}}


def _mesh(kind, size, segments):
    mesh = bpy.data.meshes.new(f"Random{kind.title()}")
    shape = bmesh.new()
    try:
        half = size / 2
        if kind == "cube":
            bmesh.ops.create_cube(shape, size=size)
        elif kind == "sphere":
            bmesh.ops.create_uvsphere(shape, u_segments=segments, v_segments=max(segments // 2, 3), radius=half)
        elif kind == "torus":
            _add_torus(shape, half, half / 3, segments)
        else:
            top = half if kind == "cylinder" else 0.0
            bmesh.ops.create_cone(shape, cap_ends=True, segments=segments, radius1=half, radius2=top, depth=size)
        shape.to_mesh(mesh)
    finally:
        shape.free()
    return mesh


def _add_torus(shape, radius, thickness, segments):
    rings = []
    for turn in range(segments):
        around = Matrix.Rotation(2 * math.pi * turn / segments, 3, "Z")
        angles = [2 * math.pi * part / 12 for part in range(12)]
        places = [Vector((radius + thickness * math.cos(a), 0, thickness * math.sin(a))) for a in angles]
        rings.append([shape.verts.new(around @ place) for place in places])
    for turn, ring in enumerate(rings):
        after = rings[(turn + 1) % segments]
        for part in range(12):
            following = (part + 1) % 12
            shape.faces.new((ring[part], after[part], after[following], ring[following]))


AI_COMMAND_HANDLERS = {
    "add_random_cube": add_random_cube,
    "add_random_sphere": add_random_sphere,
    "add_random_cylinder": add_random_cylinder,
    "add_surprise_mesh": add_surprise_mesh,
}


def register():
    pass


def unregister():
    pass
