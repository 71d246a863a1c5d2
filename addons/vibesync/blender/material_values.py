# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes materials: the components `pbr` and `emission`, and the locks of what Blender cannot write.

Writing sets values of unlinked sockets and fields of the material. No node is made, moved, linked or removed.
"""

from __future__ import annotations

import bpy

from ..core import materials
from . import lock_values, surface, synced_value
from .surface import Surface

PROPERTY = "vibesync_material"

_COLORS = ("color", "emission_color")


def create(name: str) -> bpy.types.Material:
    """Creates a material with a Principled BSDF, which is saved even if no slot shows it."""
    material = bpy.data.materials.new(name)
    material.use_fake_user = True
    if material.node_tree is None:  # from Blender 5.0 on, a new material has nodes
        material.use_nodes = True
    if not surface.find(material).is_known:
        _add_shader(material.node_tree)
    return material


def read(material: bpy.types.Material, uuid: str) -> dict[str, dict]:
    """Returns the components, and stores them beside the material."""
    found = surface.find(material)
    pbr, emission = materials.from_native(_native(material, found), _last(material))
    synced_value.write(material, PROPERTY, {"pbr": pbr, "emission": emission})
    own = materials.locked_fields(found.locked) if found.is_known else materials.EVERYTHING
    return {"pbr": pbr, "emission": emission, "locks": lock_values.read(material, uuid, own)}


def write(material: bpy.types.Material, uuid: str, components: dict[str, dict], saved: list[dict]) -> None:
    """Writes some of the components. `saved` gets what is needed to restore the material."""
    saved.append(save(material))
    if "locks" in components:
        lock_values.write(material, uuid, components["locks"])
    if not components.keys() & {"pbr", "emission"}:
        return
    found = surface.find(material)
    native, last = _native(material, found), _last(material)
    pbr, emission = materials.from_native(native, last)
    pbr, emission = components.get("pbr", pbr), components.get("emission", emission)
    _set(material, found, materials.to_write(pbr, emission, native, last))
    synced_value.write(material, PROPERTY, {"pbr": pbr, "emission": emission})


def save(material: bpy.types.Material) -> dict:
    """Returns what `restore` brings back."""
    native = _native(material, surface.find(material))
    return {"native": native, PROPERTY: material.get(PROPERTY), "locks": lock_values.save(material)}


def restore(material: bpy.types.Material, saved: dict) -> None:
    """Brings back what `save` returned."""
    found = surface.find(material)
    present = _native(material, found)
    _set(material, found, {name: value for name, value in saved["native"].items() if value != present.get(name)})
    synced_value.restore(material, PROPERTY, saved[PROPERTY])
    lock_values.restore(material, saved["locks"])


def signature(material: bpy.types.Material) -> tuple:
    """Returns what differs after an edit, to find one that Blender did not announce."""
    found = surface.find(material)
    return (material.name, found.is_known, frozenset(found.locked), *_native(material, found).values())


def keep_unused(found: list[bpy.types.Material]) -> None:
    """Lets Blender save materials that nothing shows. Else they would be gone, which is not what anybody decided."""
    for material in found:
        if not material.users:
            material.use_fake_user = True


def _last(material: bpy.types.Material) -> dict | None:
    return synced_value.read(material, PROPERTY, materials.check_last)


def _native(material: bpy.types.Material, found: Surface) -> dict:
    native = {"method": material.surface_render_method, "culling": material.use_backface_culling}
    if found.shader is not None:
        for name, socket in found.sockets.items():
            value = socket.default_value
            native[name] = tuple(value)[:3] if name in _COLORS else value
        return native
    *color, alpha = material.diffuse_color
    native |= {"color": tuple(color), "alpha": alpha, "metallic": material.metallic, "roughness": material.roughness}
    if found.has_nodes:  # without a Principled BSDF, nobody knows what it emits
        native |= {"emission_color": tuple(materials.EMISSION["color"]), "emission_strength": 0.0}
    return native


def _set(material: bpy.types.Material, found: Surface, values: dict) -> None:
    """Sets native values, except locked ones."""
    if not found.is_known:
        return
    for name, value in values.items():
        if name in found.locked:
            continue
        if name == "method":
            if "alpha" not in found.locked:
                material.surface_render_method = value
        elif name == "culling":
            material.use_backface_culling = value
        elif found.shader is not None:
            _set_socket(found.sockets[name], name, value)
        elif name == "color":
            material.diffuse_color = (*value, material.diffuse_color[3])
        elif name == "alpha":
            material.diffuse_color = (*tuple(material.diffuse_color)[:3], value)
        else:
            setattr(material, name, value)


def _set_socket(socket: bpy.types.NodeSocket, name: str, value: object) -> None:
    socket.default_value = (*value, socket.default_value[3]) if name in _COLORS else value


def _add_shader(tree: bpy.types.ShaderNodeTree) -> None:
    """Makes a Principled BSDF and an output in a new tree."""
    tree.nodes.clear()
    shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    output.location = (300.0, 0.0)
    tree.links.new(shader.outputs["BSDF"], output.inputs["Surface"])
