# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh's attributes by name: arrays that Blender hands out and takes at once, and fast."""

from __future__ import annotations

import bpy


def find(mesh: bpy.types.Mesh, name: str, data_type: str, domain: str) -> bpy.types.Attribute | None:
    """The attribute, if the mesh has one of this name, type and domain."""
    layer = mesh.attributes.get(name)
    return layer if layer and (layer.data_type, layer.domain) == (data_type, domain) else None


def need(mesh: bpy.types.Mesh, name: str, data_type: str, domain: str) -> bpy.types.Attribute:
    """The attribute; a new one if need be, in place of another of this name."""
    layer = mesh.attributes.get(name)
    if layer and (layer.data_type, layer.domain) != (data_type, domain):
        mesh.attributes.remove(layer)
        layer = None
    return layer or mesh.attributes.new(name, data_type, domain)
