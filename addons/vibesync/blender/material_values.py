# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes materials: the components `pbr`, `emission` and `maps`, and the locks of what Blender cannot write.

Writing sets values of unlinked sockets and fields of the material, and makes nodes of its own for images. No node of a
person is moved, changed but for its image, or removed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy

from ..core import maps, materials
from . import lock_values, map_nodes, surface, synced_value
from .surface import Surface

PROPERTY = "vibesync_material"

_COLORS = ("color", "emission_color")
_EMISSION = {"emission_color", "emission_strength"}


@dataclass
class Images:
    """Names and finds the images of maps."""

    uuid_of: Callable[[bpy.types.Image], str]
    is_known: Callable[[str], bool]
    resolve: Callable[[str], bpy.types.Image]


def create(name: str) -> bpy.types.Material:
    """Creates a material with a Principled BSDF, which is saved even if no slot shows it."""
    material = bpy.data.materials.new(name)
    material.use_fake_user = True
    if material.node_tree is None:  # from Blender 5.0 on, a new material has nodes
        material.use_nodes = True
    if not surface.find(material).is_known:
        _add_shader(material.node_tree)
    return material


def read(material: bpy.types.Material, uuid: str, images: Images) -> dict[str, dict]:
    """Returns the components, and stores them beside the material."""
    found = surface.find(material)
    shown = _read_shown(material, found, images)
    _keep(material, shown)
    locked = set(found.locked)
    if locked & _EMISSION and not shown["emission"]["strength"]:
        # While nothing is emitted, emissions of all colors are equal, so nobody else knows this color.
        locked |= _EMISSION
    own = materials.locked_fields(locked) if found.is_known else materials.EVERYTHING
    if found.is_known and found.locked_maps:
        own = {**own, "maps": found.locked_maps}
    return {**shown, "locks": lock_values.read(material, uuid, own)}


def write(
    material: bpy.types.Material, uuid: str, components: dict[str, dict], saved: list[dict], images: Images
) -> None:
    """Writes some of the components. `saved` gets what is needed to restore the material."""
    saved.append(save(material))
    if "locks" in components:
        lock_values.write(material, uuid, components["locks"])
    if not components.keys() & {"pbr", "emission", "maps"}:
        return
    found = surface.find(material)
    wanted = _read_shown(material, found, images)
    wanted |= {name: components[name] for name in wanted if name in components}
    last = _last(material)
    if "maps" in components and found.shader is not None:
        _write_maps(found, wanted["maps"], images)
        found = surface.find(material)
    native = _native(material, found)
    is_strength_locked = "emission_strength" in found.locked
    _set(material, found, materials.to_write(wanted["pbr"], wanted["emission"], native, last, is_strength_locked))
    _keep(material, wanted)


def peek(material: bpy.types.Material) -> dict[str, dict]:
    """Returns the components `pbr` and `emission`, and stores nothing."""
    pbr, emission = materials.from_native(_native(material, surface.find(material)), _last(material))
    return {"pbr": pbr, "emission": emission}


def show(material: bpy.types.Material, components: dict[str, dict]) -> None:
    """Writes `pbr` and `emission` of a preview, and stores nothing."""
    found = surface.find(material)
    native, last = _native(material, found), _last(material)
    pbr, emission = materials.from_native(native, last)
    wanted = {"pbr": pbr, "emission": emission, **components}
    _set(material, found, materials.to_write(wanted["pbr"], wanted["emission"], native, last))


def fields(material: bpy.types.Material) -> dict:
    """Returns what `show` may change."""
    found = surface.find(material)
    kept = found.locked | found.fixed.keys()
    native = _native(material, found) if found.is_known else {}
    return {name: value for name, value in native.items() if name not in kept}


def set_fields(material: bpy.types.Material, values: dict) -> None:
    """Sets some of the `fields`."""
    _set(material, surface.find(material), values)


def save(material: bpy.types.Material) -> dict:
    """Returns what `restore` brings back."""
    found = surface.find(material)
    native = _native(material, found)
    nodes = map_nodes.save(found.shader) if found.shader else None
    return {"native": native, "nodes": nodes, PROPERTY: material.get(PROPERTY), "locks": lock_values.save(material)}


def restore(material: bpy.types.Material, saved: dict) -> None:
    """Brings back what `save` returned."""
    found = surface.find(material)
    if saved["nodes"] is not None and found.shader is not None:
        map_nodes.restore(found.shader, saved["nodes"])
        found = surface.find(material)
    present = _native(material, found)
    _set(material, found, {name: value for name, value in saved["native"].items() if value != present.get(name)})
    synced_value.restore(material, PROPERTY, saved[PROPERTY])
    lock_values.restore(material, saved["locks"])


def signature(material: bpy.types.Material) -> tuple:
    """Returns what differs after an edit, to find one that Blender did not announce."""
    found = surface.find(material)
    chains = [(name, chain.image.session_uid, repr(chain.values)) for name, chain in found.chains.items() if chain]
    locked = (frozenset(found.locked), *found.locked_maps)
    return (material.name, found.is_known, locked, *chains, *_native(material, found).values())


def keep_unused(found: list[bpy.types.ID]) -> None:
    """Lets Blender save datablocks that nothing shows. Else they would be gone, which is not what anybody decided."""
    for datablock in found:
        if not datablock.users:
            datablock.use_fake_user = True


def _read_shown(material: bpy.types.Material, found: Surface, images: Images) -> dict[str, dict]:
    last = _last(material)
    pbr, emission = materials.from_native(_native(material, found), last)
    chains = found.chains.items()
    shown = {name: chain and {**chain.values, "image": images.uuid_of(chain.image)} for name, chain in chains}
    before = last.get("maps") if last else None
    return {"pbr": pbr, "emission": emission, "maps": maps.from_native(shown, before, images.is_known)}


def _write_maps(found: Surface, wanted: dict, images: Images) -> None:
    chains = found.chains
    shown = {name: chain and {**chain.values, "image": images.uuid_of(chain.image)} for name, chain in chains.items()}
    for name, value in maps.to_write(wanted, shown).items():
        map_nodes.write(found.shader, name, value, value and images.resolve(value["image"]), chains[name])


def _keep(material: bpy.types.Material, shown: dict[str, dict]) -> None:
    """Stores what was synchronized last. Without maps, as files of earlier versions have it."""
    kept = {name: value for name, value in shown.items() if name != "maps" or value != maps.EMPTY}
    synced_value.write(material, PROPERTY, kept)


def _last(material: bpy.types.Material) -> dict | None:
    return synced_value.read(material, PROPERTY, materials.check_last)


def _native(material: bpy.types.Material, found: Surface) -> dict:
    native = {"method": material.surface_render_method, "culling": material.use_backface_culling, **found.fixed}
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
        elif name in found.sockets:
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
