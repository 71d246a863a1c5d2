# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and moves entities with bpy, mathutils and numpy alone: no code of the addon.

An error of conversion in the addon shows here, even if the addon reads and writes in the same wrong way.
"""

from __future__ import annotations

import math

import bpy
import numpy as np
from mathutils import Matrix

# From Blender's axes (Z up) to those of the wire (Y up): x stays x, y is the old z, z is the old y, negated.
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


def scene() -> bpy.types.Scene:
    """Returns the synchronized scene."""
    marked = (each for each in bpy.data.scenes if each.get("vibesync_scene") and each.library is None)
    return next(marked, bpy.context.scene)


def unit() -> float:
    """Returns meters per Blender unit."""
    return scene().unit_settings.scale_length


def to_blender(point: list) -> list:
    """Converts meters to Blender's axes and units."""
    return (_AXES.T @ np.array(point) / unit()).tolist()


def dump() -> dict:
    """Returns all entities of the scene; a uuid that is there twice has a second entry."""
    bpy.context.view_layer.update()
    entities: dict = {}

    def add(datablock: bpy.types.ID, kind: str, components: dict) -> None:
        uuid = datablock["uuid"]
        entities[f"{uuid} again" if uuid in entities else uuid] = {"kind": kind, "components": components}

    for item in scene().objects:
        if _is_entity(item):
            add(item, "object", _object(item))
    for mesh in bpy.data.meshes:
        if _is_entity(mesh):
            add(mesh, "mesh", {"name": _name(mesh), "mesh": _mesh(mesh)})
    return entities


def move(item: bpy.types.Object, parts: dict) -> None:
    """Sets some of translation, rotation and scale below the parent; a parent inverse becomes the identity."""
    wanted = {**_transform(item), **parts}
    item.matrix_parent_inverse = Matrix.Identity(4)
    item.location = to_blender(wanted["translation"])
    x, y, z = wanted["scale"]
    item.scale = (x, z, y)
    rotation = _AXES.T @ _rotation_matrix(wanted["rotation"]) @ _AXES
    if item.rotation_mode == "QUATERNION":
        item.rotation_quaternion = Matrix(rotation.tolist()).to_quaternion()
    else:
        item.rotation_mode = "XYZ"
        item.rotation_euler = _euler(rotation)


def _is_entity(datablock: bpy.types.ID) -> bool:
    return datablock.library is None and datablock.override_library is None and "uuid" in datablock


def _object(item: bpy.types.Object) -> dict:
    above = _parent(item)
    hidden = item.hide_viewport or item.hide_get(view_layer=scene().view_layers[0])
    return {
        "name": _name(item),
        "transform": _transform(item),
        "visibility": {"visible": not hidden},
        "parent": {"uuid": above["uuid"] if above else None},
        "data": {"uuid": item.data.get("uuid") if item.type == "MESH" else None},
    }


def _parent(item: bpy.types.Object) -> bpy.types.Object | None:
    above = item.parent
    return above if above and _is_entity(above) and above.name in scene().objects else None


def _name(datablock: bpy.types.ID) -> str:
    """Returns the name on the wire: Blender may have cut it, or made it unique."""
    shown, _, wanted = datablock.get("vibesync_name", "").partition("\n")
    return wanted if wanted and shown == datablock.name else datablock.name


def _transform(item: bpy.types.Object) -> dict:
    """Returns the transform below the parent: the matrix in the axes of the wire, taken apart."""
    above = _parent(item)
    if item.constraints or above != item.parent or (above and item.parent_type != "OBJECT"):
        local = (above.matrix_world.inverted() if above else Matrix.Identity(4)) @ item.matrix_world
    else:
        local = item.matrix_parent_inverse @ item.matrix_basis if above else item.matrix_basis
    local = np.array(local, dtype=np.float64)
    turned = _AXES @ local[:3, :3] @ _AXES.T
    x, y, z = np.sign(item.scale)
    signs = np.where(np.array((x, z, y)) == 0, 1.0, (x, z, y))  # a matrix does not tell which axes are mirrored
    determinant = np.linalg.det(turned)
    if np.prod(signs) * determinant < 0:  # the parent inverse mirrors
        signs = np.full(3, np.sign(determinant))
    lengths = np.linalg.norm(turned, axis=0) * signs
    rotation = turned / np.where(lengths == 0, 1.0, lengths)
    if np.abs(rotation.T @ rotation - np.identity(3)).max() > 2e-6:  # sheared: no rotation is right, Blender's counts
        rotation = _AXES @ np.array(Matrix(local.tolist()).decompose()[1].to_matrix()) @ _AXES.T
    quaternion = Matrix(rotation.tolist()).to_quaternion()
    return {
        "translation": (_AXES @ local[:3, 3] * unit()).tolist(),
        "rotation": [quaternion.x, quaternion.y, quaternion.z, quaternion.w],
        "scale": lengths.tolist(),
    }


def _rotation_matrix(quaternion: list) -> np.ndarray:
    axis, w = np.array(quaternion[:3], dtype=np.float64), quaternion[3]
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.identity(3) + 2.0 * w * cross + 2.0 * cross @ cross


def _euler(matrix: np.ndarray) -> tuple[float, float, float]:
    """Returns the angles of Rz @ Ry @ Rx, in double precision: mathutils loses 3e-4 rad near gimbal lock."""
    flat = math.hypot(matrix[0, 0], matrix[1, 0])
    pitch = math.atan2(-matrix[2, 0], flat)
    if flat < 1e-9:
        return math.atan2(-matrix[1, 2], matrix[1, 1]), pitch, 0.0
    return math.atan2(matrix[2, 1], matrix[2, 2]), pitch, math.atan2(matrix[1, 0], matrix[0, 0])


def _mesh(mesh: bpy.types.Mesh) -> dict:
    """Returns the parts of a mesh by corner: its triangles, slot after slot."""
    edited = next((item for item in bpy.data.objects if item.data == mesh and item.mode == "EDIT"), None)
    if edited is None:
        return _corners(mesh)
    edited.update_from_editmode()
    try:
        return _corners(edited.to_mesh())  # in Edit Mode, Blender hides the layers of the mesh itself
    finally:
        edited.to_mesh_clear()


def _corners(mesh: bpy.types.Mesh) -> dict:
    mesh.calc_loop_triangles()
    triangles = sorted(mesh.loop_triangles, key=lambda triangle: triangle.material_index)
    loops = [loop for triangle in triangles for loop in triangle.loops]
    vertices = [mesh.loops[loop].vertex_index for loop in loops]
    normals = _normals(mesh)
    parts = {
        "corners": [_point(mesh.vertices[vertex].co, unit()) for vertex in vertices],
        "normals": [_point(normals[loop], 1.0) for loop in loops],
    }
    for number, layer in enumerate(list(mesh.uv_layers)[:8]):
        parts[f"uv{number}"] = [list(layer.uv[loop].vector) for loop in loops]
    if mesh.color_attributes:
        layer = mesh.color_attributes[0]
        elements = loops if layer.domain == "CORNER" else vertices
        parts["colors"] = [list(layer.data[element].color) for element in elements]
    slots = [triangle.material_index for triangle in triangles]
    submeshes = [
        {"slot": slot, "start": 3 * slots.index(slot), "count": 3 * slots.count(slot)} for slot in sorted(set(slots))
    ]
    return {**parts, "submeshes": submeshes}


def _point(vector, scale: float) -> list:
    x, y, z = vector
    return [x * scale, z * scale, -y * scale]


def _normals(mesh: bpy.types.Mesh) -> list:
    """Returns the normal of each loop; before Blender 4.5, one that arrived counts while what is shown stays."""
    shown = [tuple(normal.vector) for normal in mesh.corner_normals]
    exact, made = (mesh.attributes.get(name) for name in ("vibesync_normal", "vibesync_normal_shown"))
    if bpy.app.version >= (4, 5, 0) or exact is None or made is None or len(exact.data) != len(shown):
        return shown
    return [
        tuple(exact.data[loop].vector)
        if max(abs(a - b) for a, b in zip(now, made.data[loop].vector, strict=True)) <= 1e-6
        else now
        for loop, now in enumerate(shown)
    ]
