# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes graphs to build, and objects to build them for."""

import json
from pathlib import Path

import bpy

GRAPHS = Path(__file__).parents[2] / "docs" / "graphs"
GEOMETRY = [{"name": "Geometry", "type": "NodeSocketGeometry"}]
HERE = f"{bpy.app.version[0]}.{bpy.app.version[1]}"


def link(text):
    """Converts `a.X -> b.Y` to a link of graph_json."""
    start, end = text.split(" -> ")
    (a, x), (b, y) = start.split(".", 1), end.split(".", 1)
    return {"from": a, "from_socket": x, "to": b, "to_socket": y}


def graph(nodes, links=(), settings=None, **more):
    """Returns a canonical graph with one geometry output."""
    listed = [{"id": name, "type": kind, "position": [0.0, 0.0]} for name, kind in nodes.items()]
    return {
        "blender": HERE,
        "name": "Test",
        "inputs": [],
        "outputs": GEOMETRY,
        "nodes": listed,
        "links": [link(text) for text in links],
        "node_settings": settings or {},
        **more,
    }


def example(name):
    return json.loads((GRAPHS / f"{name}.json").read_text("utf-8"))


def thing(name="Thing"):
    """Returns an object with a mesh, in the scene."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    item = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(item)
    return item


def evaluated(item):
    """Returns the evaluated mesh of an object."""
    bpy.context.view_layer.update()
    shown = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = bpy.data.meshes.new_from_object(shown)
    corners = [tuple(round(x, 5) for x in vertex.co) for vertex in mesh.vertices]
    bpy.data.meshes.remove(mesh)
    return corners
