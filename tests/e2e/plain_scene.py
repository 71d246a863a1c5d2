# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and moves entities with bpy, mathutils and numpy alone: no code of the addon.

An error of conversion in the addon shows here, even if the addon reads and writes in the same wrong way.
"""

from __future__ import annotations

import json
import math

import bpy
import numpy as np
import plain_materials
from mathutils import Matrix

# From Blender's axes (Z up) to those of the wire (Y up): x stays x, y is the old z, z is the old y, negated.
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_OWN = np.identity(3)  # lights and cameras look along their own -Z in both spaces, so they keep their axes
_SHOWN = ("MESH", "LIGHT", "CAMERA", "ARMATURE")
_LUMEN = 683.0  # of a watt


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
            add(mesh, "mesh", {"name": _name(mesh), "mesh": _mesh(mesh), **plain_materials.slots(mesh)})
    for material in bpy.data.materials:
        if _is_entity(material):
            add(material, "material", {"name": _name(material), **plain_materials.components(material)})
    for light in bpy.data.lights:
        if _is_entity(light):
            add(light, "light", {"name": _name(light), "light": _light(light)})
    for camera in bpy.data.cameras:
        if _is_entity(camera):
            add(camera, "camera", {"name": _name(camera), "camera": _camera(camera)})
    for armature in bpy.data.armatures:
        if _is_entity(armature):
            add(armature, "armature", {"name": _name(armature)})
    return entities


def shown() -> dict:
    """Returns the evaluated meshes of objects that modifiers change, and of curves and texts, by uuid."""
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    found = {}
    for item in scene().objects:
        if _is_entity(item) and (item.type in ("CURVE", "FONT") or any(each.show_viewport for each in item.modifiers)):
            evaluated = item.evaluated_get(depsgraph)
            found[item["uuid"]] = _corners(evaluated.to_mesh())
            evaluated.to_mesh_clear()
    return found


def move(item: bpy.types.Object, parts: dict) -> None:
    """Sets some of translation, rotation and scale below the parent; a parent inverse becomes the identity."""
    wanted = {**_transform(item), **parts}
    above, own = _axes(_parent(item)), _axes(item)
    item.matrix_parent_inverse = Matrix.Identity(4)
    item.location = (above.T @ np.array(wanted["translation"]) / unit()).tolist()
    x, y, z = wanted["scale"]
    item.scale = (x, y, z) if own is _OWN else (x, z, y)
    rotation = above.T @ _rotation_matrix(wanted["rotation"]) @ own
    if item.rotation_mode == "QUATERNION":
        item.rotation_quaternion = Matrix(rotation.tolist()).to_quaternion()
    else:
        item.rotation_mode = "XYZ"
        item.rotation_euler = _euler(rotation)


def _is_local(datablock: bpy.types.ID) -> bool:
    return datablock.library is None and datablock.override_library is None


def _is_entity(datablock: bpy.types.ID) -> bool:
    return _is_local(datablock) and "uuid" in datablock


def _axes(item: bpy.types.Object | None) -> np.ndarray:
    """Returns the map from the axes of an object, or of the world, in Blender to those on the wire."""
    is_viewer = item is not None and item.type in ("LIGHT", "CAMERA") and _is_local(item.data)
    return _OWN if is_viewer else _AXES


def _object(item: bpy.types.Object) -> dict:
    above = _parent(item)
    hidden = item.hide_viewport or item.hide_get(view_layer=scene().view_layers[0])
    return {
        "name": _name(item),
        "transform": _transform(item),
        "visibility": {"visible": not hidden},
        "parent": {"uuid": above["uuid"] if above else None},
        "data": {"uuid": item.data.get("uuid") if item.type in _SHOWN and _is_local(item.data) else None},
        **plain_materials.own(item),
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
    outer, own = _axes(above), _axes(item)
    if item.constraints or above != item.parent or (above and item.parent_type != "OBJECT"):
        local = (above.matrix_world.inverted() if above else Matrix.Identity(4)) @ item.matrix_world
    else:
        local = item.matrix_parent_inverse @ item.matrix_basis if above else item.matrix_basis
    local = np.array(local, dtype=np.float64)
    turned = outer @ local[:3, :3] @ own.T
    x, y, z = np.sign(item.scale)
    signs = np.array((x, y, z) if own is _OWN else (x, z, y))  # a matrix does not tell which axes are mirrored
    signs = np.where(signs == 0, 1.0, signs)
    determinant = np.linalg.det(turned)
    if np.prod(signs) * determinant < 0:  # the parent inverse mirrors
        signs = np.full(3, np.sign(determinant))
    lengths = np.linalg.norm(turned, axis=0) * signs
    rotation = turned / np.where(lengths == 0, 1.0, lengths)
    if np.abs(rotation.T @ rotation - np.identity(3)).max() > 2e-6:  # sheared: no rotation is right, Blender's counts
        # Blender's quaternion of such a matrix may have a length of 1.00003.
        turn = Matrix(local.tolist()).decompose()[1].normalized()
        rotation = outer @ np.array(turn.to_matrix()) @ own.T
    quaternion = Matrix(rotation.tolist()).to_quaternion()
    return {
        "translation": (outer @ local[:3, 3] * unit()).tolist(),
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


def _light(light: bpy.types.Light) -> dict:
    """Returns what the light shows, and from the property of the addon what this type of light does not have."""
    light = light.type_recast()
    kept = json.loads(light.get("vibesync_light", "{}"))
    color, temperature, tint = list(light.color), None, [1.0, 1.0, 1.0]
    if getattr(light, "use_temperature", False):
        color, tint = [a * b for a, b in zip(light.color, light.temperature_color, strict=True)], color
        temperature = light.temperature
    elif not hasattr(light, "use_temperature") and np.allclose(color, kept.get("color", color), atol=1e-6):
        temperature, tint = kept.get("temperature"), kept.get("tint", tint)
    found = {
        **kept,
        "type": light.type.lower(),
        "color": color,
        "intensity": max(light.energy * _power(light), 0.0),
        "range": light.cutoff_distance * unit() if light.use_custom_distance else None,
        "shadow": light.use_shadow,
        "temperature": temperature,
        "tint": tint,
    }
    if light.type in ("POINT", "SPOT"):
        found["radius"] = light.shadow_soft_size * unit()
    if light.type == "SUN":
        found["angle"] = light.angle
    if light.type == "SPOT":
        outer = light.spot_size / 2
        inner = math.acos(min(math.cos(outer) + (1 - math.cos(outer)) * light.spot_blend, 1.0))
        found |= {"outer": outer, "inner": inner}
    if light.type == "AREA":
        found["shape"] = "rect" if light.shape in ("SQUARE", "RECTANGLE") else "disk"
        found["size"] = [side * unit() for side in _sides(light)]
    return found


def _sides(light: bpy.types.AreaLight) -> tuple[float, float]:
    return light.size, light.size if light.shape in ("SQUARE", "DISK") else light.size_y


def _power(light: bpy.types.Light) -> float:
    """Returns candela, lux or lumen of one unit of the light's power."""
    factor = _LUMEN * 2 ** getattr(light, "exposure", 0.0)
    if not getattr(light, "normalize", True):
        factor *= light.area(matrix_world=Matrix.Identity(4))
    if light.type == "SUN":
        return factor
    return factor * unit() ** 2 / (1.0 if light.type == "AREA" else 4 * math.pi)


def _camera(camera: bpy.types.Camera) -> dict:
    """Returns what the camera shows, and from the property of the addon what Blender does not have."""
    kept, render, dof = json.loads(camera.get("vibesync_camera", "{}")), scene().render, camera.dof
    width, height = render.resolution_x * render.pixel_aspect_x, render.resolution_y * render.pixel_aspect_y
    is_unitys = kept.get("fit") in ("fill", "overscan", "none")  # Blender shows one of its own instead
    return {
        "projection": "orthographic" if camera.type == "ORTHO" else "perspective",
        "fit": kept["fit"] if is_unitys else camera.sensor_fit.lower(),
        "sensor": [camera.sensor_width, camera.sensor_height],
        "focal": camera.lens,
        "size": camera.ortho_scale * unit(),
        "shift": [camera.shift_x, camera.shift_y],
        "near": camera.clip_start * unit(),
        "far": camera.clip_end * unit(),
        "aspect": width / height,
        "physical": kept.get("physical", True),
        "focus": dof.focus_distance * unit() if dof.use_dof and not dof.focus_object else 0.0,
        "fstop": dof.aperture_fstop,
    }


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
