# SPDX-License-Identifier: GPL-3.0-or-later
"""What an entity is made of here: the components of an object or a mesh, read from Blender's own data."""

from __future__ import annotations

import bpy

from ..core import mesh as wire_mesh
from . import mesh_read, names, transforms
from .identity import PROPERTY, Scan, is_own


def read_flags(item: bpy.types.Object, layer: bpy.types.ViewLayer) -> dict:
    """The components whose changes Blender may not announce: cheap to read, so patrolled."""
    return {
        "name": names.read(item),
        "visibility": {"visible": not item.hide_viewport and not item.hide_get(view_layer=layer)},
    }


class Reader:
    """Reads entities through one view layer, for one tick."""

    def __init__(self, layer: bpy.types.ViewLayer, scan: Scan, unit: float) -> None:
        self.layer = layer
        self.scan = scan
        self.unit = unit
        self.sheared: set[str] = set()  # uuids whose transform lost its shear on the way

    def synced_parent(self, item: bpy.types.Object) -> bpy.types.Object | None:
        """The parent, unless that one is not synchronized (linked, or in another scene)."""
        parent = item.parent
        return parent if parent and self.scan.objects.get(parent.get(PROPERTY)) == parent else None

    def read_object(self, uuid: str, item: bpy.types.Object) -> dict[str, dict]:
        """All components of an object."""
        parent = self.synced_parent(item)
        transform, sheared = transforms.read(item, parent, self.unit)
        if sheared:
            self.sheared.add(uuid)
        shown = item.data if item.type == "MESH" and is_own(item.data) else None
        return {
            **read_flags(item, self.layer),
            "transform": transform,
            "parent": {"uuid": parent[PROPERTY] if parent else None},
            "data": {"uuid": shown.get(PROPERTY) if shown else None},
        }

    def read_mesh(self, mesh: bpy.types.Mesh) -> wire_mesh.Mesh:
        """The canonical mesh, with what is being edited right now."""
        if not mesh.is_editmode:
            return mesh_read.read(mesh, self.unit)
        edited = next(item for item in bpy.data.objects if item.data == mesh and item.mode == "EDIT")
        edited.update_from_editmode()
        copy = edited.to_mesh()  # of the mesh itself, Blender shows no layers as long as it is in Edit Mode
        try:
            return mesh_read.read(copy, self.unit)
        finally:
            edited.to_mesh_clear()

    def read(self, uuid: str, attachments: list[bytes] | None) -> tuple[dict[str, dict], dict[str, dict]]:
        """The components in wire form (a mesh's buffers go to `attachments`; None: leave it out) and shadow form."""
        item = self.scan.objects.get(uuid)
        if item:
            components = self.read_object(uuid, item)
            return components, components
        mesh = self.scan.meshes[uuid]
        name = names.read(mesh)
        content = self.read_mesh(mesh)
        wire = {"name": name}
        if attachments is not None:
            wire["mesh"] = wire_mesh.pack(content, attachments)
        return wire, {"name": name, "mesh": content.digest()}
