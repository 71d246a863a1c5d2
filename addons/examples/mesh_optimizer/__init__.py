# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on meshes, welds close vertices, and reduces the number of faces."""

import bmesh
import bpy

bl_info = {
    "name": "Mesh Optimizer",
    "author": "The VibeSync authors",
    "version": (1, 0, 0),
    "blender": (4, 2, 0),
    "category": "Mesh",
}


def inspect_mesh(target):
    mesh, problem = _mesh_of(target)
    if problem:
        return problem
    shape = bmesh.new()
    try:
        shape.from_mesh(mesh)
        data = {
            **_sizes(mesh),
            "loose_vertices": sum(not vertex.link_edges for vertex in shape.verts),
            "open_edges": sum(edge.is_boundary for edge in shape.edges),
        }
    finally:
        shape.free()
    return {"status": "success", "message": f"{target} has {data['faces']} faces", "data": data}


def weld_vertices(target, distance=0.0001):
    def weld(shape):
        bmesh.ops.remove_doubles(shape, verts=shape.verts, dist=distance)

    return _edit(target, weld)


def reduce_faces(target, ratio=0.5):
    mesh, problem = _mesh_of(target)
    if problem:
        return problem
    item = bpy.data.objects[target]
    before = _sizes(mesh)
    modifier = item.modifiers.new("Reduce", "DECIMATE")
    modifier.ratio = ratio
    # Only this modifier counts: others of the object stay as they are.
    shown = [(each, each.show_viewport) for each in item.modifiers if each != modifier]
    try:
        for each, _ in shown:
            each.show_viewport = False
        graph = bpy.context.evaluated_depsgraph_get()
        reduced = bpy.data.meshes.new_from_object(item.evaluated_get(graph))
    finally:
        item.modifiers.remove(modifier)
        for each, was_shown in shown:
            each.show_viewport = was_shown
    shape = bmesh.new()
    try:
        shape.from_mesh(reduced)
        shape.to_mesh(mesh)
    finally:
        shape.free()
        bpy.data.meshes.remove(reduced)
    mesh.update()
    return _report(target, before, mesh)


def _edit(target, change):
    mesh, problem = _mesh_of(target)
    if problem:
        return problem
    before = _sizes(mesh)
    shape = bmesh.new()
    try:
        shape.from_mesh(mesh)
        change(shape)
        shape.to_mesh(mesh)
    finally:
        shape.free()
    mesh.update()
    return _report(target, before, mesh)


def _mesh_of(target):
    item = bpy.data.objects[target]
    if item.type != "MESH":
        return None, {"status": "error", "message": f"{target} has no mesh", "error_code": "NO_MESH"}
    if item.data.shape_keys:
        return None, {"status": "error", "message": f"{target} has shape keys", "error_code": "SHAPE_KEYS"}
    return item.data, None


def _sizes(mesh):
    return {"vertices": len(mesh.vertices), "edges": len(mesh.edges), "faces": len(mesh.polygons)}


def _report(target, before, mesh):
    after = _sizes(mesh)
    message = f"{target}: {before['faces']} faces before, {after['faces']} now"
    return {"status": "success", "message": message, "data": {"before": before, "after": after}}


AI_COMMAND_HANDLERS = {
    "inspect_mesh": inspect_mesh,
    "weld_vertices": weld_vertices,
    "reduce_faces": reduce_faces,
}


def register():
    pass


def unregister():
    pass
