# SPDX-License-Identifier: GPL-3.0-or-later
"""Detects content of entities that is not synchronized: the kinds of core/notices.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import bpy

from ..core.mesh import MAX_UVS
from . import action_read, data_kinds, image_values, instance_values, pose_values, shown_values, skin_values, surface
from .data_kinds import is_local

_WITHOUT_NODES = {"EMISSION", "OUTPUT_LIGHT"}  # the nodes of a light that shows what its properties say


def find_in_object(item: bpy.types.Object, sends_shown: bool) -> Iterator[str]:
    """Yields the kinds of unsupported content that this object has. `sends_shown`: its evaluated mesh is sent."""
    if sends_shown and item.type in shown_values.CURVES:
        yield "curves"
    elif item.type != "EMPTY" and data_kinds.of_type(item.type) is None:
        yield "data"
    elif instance_values.is_locked(item):
        yield "linked"
    elif instance_values.shown(item) is not None:
        yield "instances"
    elif item.instance_type in ("VERTS", "FACES"):
        yield "vertex instances"
    elif item.data and not is_local(item.data):
        yield "linked"
    if item.particle_systems:
        yield "particles"
    elif item.type == "MESH" and len(item.modifiers) > (skin_values.modifier_of(item) is not None):
        yield from _find_in_modifiers(item, sends_shown)
    if skin_values.has_second(item):
        yield "second armatures"
    if skin_values.has_settings(item):
        yield "skin settings"
    if pose_values.is_locked(item):
        yield "decided bones"
    if _is_animated(item):
        yield "animation"


def _find_in_modifiers(item: bpy.types.Object, sends_shown: bool) -> Iterator[str]:
    if shown_values.has_armature(item):
        yield "armatures"
    elif not sends_shown:
        yield "modifiers"


def find_in_data(datablock: bpy.types.ID) -> Iterator[str]:
    """Yields the kinds of unsupported content that this mesh, light, camera or material has."""
    if isinstance(datablock, bpy.types.Light):
        yield from _find_in_light(datablock.type_recast())
    elif isinstance(datablock, bpy.types.Camera):
        yield from _find_in_camera(datablock)
    elif isinstance(datablock, (bpy.types.Armature, bpy.types.Collection)):
        return
    elif isinstance(datablock, bpy.types.Material):
        yield from _find_in_material(datablock)
    else:
        yield from _find_in_mesh(datablock)


def find_in_image(image: bpy.types.Image) -> Iterator[str]:
    """Yields the kinds of unsupported content that this image has."""
    if image_values.is_painting(image):
        yield "paintings"


def find_foreign_materials(materials: Iterable[bpy.types.Material | None]) -> Iterator[bpy.types.Material]:
    """Yields the materials in slots that are not synchronized."""
    return (each for each in materials if each is not None and not data_kinds.is_synced_material(each))


def _find_in_light(light: bpy.types.Light) -> Iterator[str]:
    if light.use_nodes and light.node_tree and not _has_default_nodes(light.node_tree):
        yield "light nodes"
    if light.energy < 0:
        yield "negative lights"
    if _is_animated(light):
        yield "animation"


def _has_default_nodes(tree: bpy.types.NodeTree) -> bool:
    """Returns whether the nodes show what the properties of their light say: a white emission of strength 1."""
    emissions = [node for node in tree.nodes if node.type == "EMISSION"]
    if {node.type for node in tree.nodes} != _WITHOUT_NODES or len(emissions) != 1:
        return False
    color, strength = emissions[0].inputs["Color"], emissions[0].inputs["Strength"]
    is_plain = tuple(color.default_value)[:3] == (1.0, 1.0, 1.0) and strength.default_value == 1.0
    return is_plain and emissions[0].outputs[0].is_linked and not color.is_linked and not strength.is_linked


def _find_in_camera(camera: bpy.types.Camera) -> Iterator[str]:
    if camera.type not in ("PERSP", "ORTHO"):
        yield "panoramas"
    if camera.dof.use_dof and camera.dof.focus_object:
        yield "focus objects"
    if _is_animated(camera):
        yield "animation"


def _find_in_material(material: bpy.types.Material) -> Iterator[str]:
    found = surface.find(material)
    if not found.is_known:
        yield "shaders"
    if surface.is_textured(found):
        yield "textures"
    elif found.locked - found.fixed.keys():  # the locks of a color that an image alone decides tell enough
        yield "material nodes"


def _find_in_mesh(mesh: bpy.types.Mesh) -> Iterator[str]:
    if mesh.shape_keys:
        yield from _find_in_shape_keys(mesh.shape_keys)
    if len(mesh.color_attributes) > 1:
        yield "colors"
    if len(mesh.uv_layers) > MAX_UVS:
        yield "uvs"
    if mesh.edges and not mesh.polygons:
        yield "edges"


def _find_in_shape_keys(keys: bpy.types.Key) -> Iterator[str]:
    if not keys.use_relative:
        yield "absolute shape keys"
    if any(block.vertex_group for block in keys.key_blocks):
        yield "shape key masks"
    if _is_animated(keys):
        yield "animation"


def find_in_action(action: bpy.types.Action) -> Iterator[str]:
    """Yields the kinds of unsupported content that this action has."""
    if action_read.has_others(action):
        yield "animation"


def _is_animated(datablock: bpy.types.ID) -> bool:
    """Returns whether something besides an action changes values over time."""
    animation = datablock.animation_data
    return animation is not None and bool(animation.nla_tracks or animation.drivers)
