# SPDX-License-Identifier: GPL-3.0-or-later
"""Detects content of an object or a mesh that is not synchronized: the kinds of core/notices.py."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..core.mesh import MAX_UVS
from .identity import is_local

_WITHOUT_DATA = ("MESH", "EMPTY")


def find_in_object(item: bpy.types.Object, has_graph: bool) -> Iterator[str]:
    """Yields the kinds of unsupported content that this object has.

    `has_graph`: one of its modifiers is synchronized.
    """
    if item.type not in _WITHOUT_DATA:
        yield "data"
    elif item.type == "EMPTY" and item.instance_type == "COLLECTION":
        yield "instances"
    elif item.data and not is_local(item.data):
        yield "linked"
    if len(item.modifiers) > has_graph:
        yield "particles" if item.particle_systems else "modifiers"
    if item.type == "MESH" and item.vertex_groups:
        yield "weights"
    if item.animation_data and (item.animation_data.action or item.animation_data.drivers):
        yield "animation"


def find_in_mesh(mesh: bpy.types.Mesh) -> Iterator[str]:
    """Yields the kinds of unsupported content that this mesh has."""
    if any(mesh.materials):
        yield "materials"
    if mesh.shape_keys:
        yield "shape keys"
    if len(mesh.color_attributes) > 1:
        yield "colors"
    if len(mesh.uv_layers) > MAX_UVS:
        yield "uvs"
    if mesh.edges and not mesh.polygons:
        yield "edges"
