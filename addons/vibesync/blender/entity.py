# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads entities: the components of an object or a mesh, from Blender's own data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import bpy

from ..core import mesh as wire_mesh
from ..core.components import ABSENT
from ..core.pace import Steps, finish
from . import guard, mesh_memory, mesh_read, names, transforms
from .graph_port import GraphPort
from .identity import Identity, Scan, is_local, write_uuid
from .mesh_memory import MeshMemory


def read_flags(item: bpy.types.Object, layer: bpy.types.ViewLayer) -> dict:
    """Returns the components that are cheap to read. Blender reports their changes without naming the object."""
    return {
        "name": names.read(item),
        "visibility": {"visible": not item.hide_viewport and not item.hide_get(view_layer=layer)},
        "guard": guard.read(item),
    }


@dataclass
class Content:
    """The components of an entity in wire form and in replica form, with the buffers of a mesh in `attachments`."""

    wire: dict[str, dict]
    replica: dict[str, dict]
    attachments: list = field(default_factory=list)
    mesh: wire_mesh.Mesh | None = None


class Reader:
    """Reads entities through one view layer, for one tick."""

    def __init__(
        self,
        layer: bpy.types.ViewLayer,
        scan: Scan,
        unit: float,
        identity: Identity,
        graphs: GraphPort,
    ) -> None:
        self.layer = layer
        self.scan = scan
        self.unit = unit
        self._identity = identity
        self._graphs = graphs
        self.sheared: set[str] = set()  # uuids whose transform lost its shear

    def synced_parent(self, item: bpy.types.Object) -> bpy.types.Object | None:
        """Returns the parent, unless it is not synchronized (linked, or in another scene)."""
        parent = item.parent
        return parent if parent and self._identity.uuid_of(parent) in self.scan.objects else None

    def shown_mesh(self, item: bpy.types.Object) -> str | None:
        """Returns the uuid of the mesh that the object shows; assigns one to a mesh that was created just now."""
        if item.type != "MESH" or not is_local(item.data):
            return None
        uuid = self._identity.identify(item.data)
        self.scan.meshes[uuid] = item.data
        return uuid

    def has_graph(self, item: bpy.types.Object) -> bool:
        """Returns whether the object has a modifier whose graph is synchronized."""
        return self._graphs.modifier_of(item) is not None

    def read_object(self, uuid: str, item: bpy.types.Object) -> dict[str, dict]:
        """Returns all components of an object."""
        write_uuid(item, uuid)
        parent = self.synced_parent(item)
        transform, sheared = transforms.read(item, parent, self.unit)
        if sheared:
            self.sheared.add(uuid)
        return {
            **read_flags(item, self.layer),
            "transform": transform,
            "parent": {"uuid": self._identity.uuid_of(parent)},
            "data": {"uuid": self.shown_mesh(item)},
            "nodes": self._graphs.read(item),
        }

    def read_mesh(self, mesh: bpy.types.Mesh) -> wire_mesh.Mesh:
        """Returns the canonical mesh in one step, including edits in Edit Mode."""
        if not mesh.is_editmode:
            return mesh_read.read(mesh, self.unit)
        edited = next(item for item in bpy.data.objects if item.data == mesh and item.mode == "EDIT")
        edited.update_from_editmode()
        copy = edited.to_mesh()  # in Edit Mode, Blender hides the layers of the mesh itself
        try:
            return mesh_read.read(copy, self.unit)
        finally:
            edited.to_mesh_clear()


def object_content(components: dict[str, dict]) -> Content:
    """Returns the content of an object without the optional components that have their default value."""
    return Content({name: value for name, value in components.items() if value != ABSENT.get(name)}, components)


def read_mesh(
    uuid: str, now: Callable[[], Reader], memory: MeshMemory | None = None, recorded: dict | None = None
) -> Steps[Content | None]:
    """Reads a mesh in steps, None if it is gone. `now` returns the reader of the current tick.

    `memory`: keeps large meshes, so that the next read converts only what differs. `recorded`: the digest to compare
    with; the content gets the same if it has the same corners.
    """

    def find() -> bpy.types.Mesh | None:
        return now().scan.meshes.get(uuid)

    mesh = find()
    if mesh is None:
        return None
    if mesh.is_editmode:  # the read uses a temporary copy that lives for this step only
        known, content = None, now().read_mesh(mesh)
    else:
        write_uuid(mesh, uuid)
        known = yield from mesh_memory.read_steps(find, now().unit, memory.find(uuid) if memory else None)
        content = known and known.mesh
    mesh = find()
    if content is None or mesh is None:
        return None
    name = names.read(mesh)
    digests = yield from content.part_digests(known.digests if known else ())
    digest = content.combine(digests)
    if recorded and "sha256" in recorded and (yield from content.whole_digest_steps()) == recorded:
        digest = recorded  # an older version of the addon made it
    if memory and known:
        memory.keep(uuid, replace(known, digests=digests))
    attachments: list = []
    wire = {"name": name, "mesh": wire_mesh.pack(content, attachments)}
    return Content(wire, {"name": name, "mesh": digest}, attachments, content)


def read_entity(uuid: str, now: Callable[[], Reader]) -> Steps[Content | None]:
    """Reads an object or a mesh in steps; None if it is not in the scene."""
    item = now().scan.objects.get(uuid)
    if item:
        return object_content(now().read_object(uuid, item))
    return (yield from read_mesh(uuid, now))


def read_now(uuid: str, reader: Reader) -> Content | None:
    """Does the same as `read_entity` in one step."""
    return finish(read_entity(uuid, lambda: reader))
