# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a mesh's attributes by name. Blender reads and writes their arrays in one fast call."""

from __future__ import annotations

import bpy


def find(mesh: bpy.types.Mesh, name: str, data_type: str, domain: str) -> bpy.types.Attribute | None:
    """Returns the attribute if the mesh has one with this name, type and domain."""
    layer = mesh.attributes.get(name)
    return layer if layer and (layer.data_type, layer.domain) == (data_type, domain) else None


def ensure(mesh: bpy.types.Mesh, name: str, data_type: str, domain: str) -> bpy.types.Attribute:
    """Returns the attribute; creates it if necessary, in place of another one with this name."""
    layer = mesh.attributes.get(name)
    if layer and (layer.data_type, layer.domain) != (data_type, domain):
        mesh.attributes.remove(layer)
        layer = None
    return layer or mesh.attributes.new(name, data_type, domain)
