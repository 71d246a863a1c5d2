# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes changes of a batch to objects and meshes."""

from __future__ import annotations

from functools import partial

import bpy

from ..core.mesh import Mesh
from ..core.pace import Steps
from ..core.sync_error import SyncError
from . import guard, mesh_write, names, transforms
from .replace import replace_object
from .scene_lookup import SceneLookup
from .scenes import synced_scene
from .snapshot import Snapshot


class EntityWriter:
    """Writes entities one at a time. New objects are staged, and enter the scene together in `link_staged`."""

    def __init__(self, lookup: SceneLookup) -> None:
        self.meshes: dict[str, Mesh] = {}  # the meshes of the batch, by uuid
        self.only_new = True  # no entity that existed before has changed so far
        self._lookup = lookup
        self._created: set[str] = set()
        self._hidden: list[str] = []  # staged objects to hide once they are in the scene

    def write(self, change: dict, location: str, snapshot: Snapshot) -> Steps[None]:
        """Applies a create or an update. Raises SyncError."""
        lookup = self._lookup
        uuid, components = change["uuid"], change["components"]
        kind = change.get("kind")
        if uuid not in self._created:
            here = lookup.scan.kind(uuid)
            kind = kind or here
            if here not in (None, kind):
                raise SyncError("VS-3002", f"{uuid} is a {here} here", location)
            if change["op"] == "create" and here is None:
                self.create(change, location, snapshot)
            else:
                self.only_new = False
        if kind == "mesh":
            if uuid in self.meshes:
                find = partial(lookup.resolve, uuid, "meshes", location)
                yield from mesh_write.write(find, self.meshes[uuid], lookup.reader().unit)
            if "name" in components:
                names.write(lookup.resolve(uuid, "meshes", location), components["name"])
        elif uuid in lookup.staged:
            self._fill_staged(uuid, components, location)
        else:
            self._write_object(uuid, components, location)

    def create(self, change: dict, location: str, snapshot: Snapshot) -> None:
        """Creates an entity that is not in the scene; `write` fills it. Raises SyncError."""
        lookup, uuid, components = self._lookup, change["uuid"], change["components"]
        snapshot.created.append(uuid)
        self._created.add(uuid)
        name = components.get("name", change["kind"])
        if change["kind"] == "mesh":
            mesh = bpy.data.meshes.new(name)
            lookup.identity.adopt(mesh, uuid)
            lookup.scan.meshes[uuid] = mesh
            return
        data = lookup.resolve(components.get("data", {}).get("uuid"), "meshes", f"{location}.components.data")
        item = bpy.data.objects.new(name, data)
        lookup.identity.adopt(item, uuid)
        lookup.scan.objects[uuid] = item
        lookup.staged[uuid] = None

    def link_staged(self) -> None:
        """Links all staged objects at once, even beyond the slice: Blender's work after each part takes much longer."""
        lookup = self._lookup
        link = synced_scene().collection.objects.link
        for uuid, parent in lookup.staged.items():
            item = lookup.scan.objects[uuid]
            if parent is not None:
                item.parent = lookup.resolve(parent, "objects", f"{uuid}.parent")
            link(item)
        lookup.staged.clear()

    def hide_staged(self) -> Steps[None]:
        """Hides new objects, which must be in the scene for that."""
        for uuid in self._hidden:
            _hide(self._lookup.scan.objects[uuid], self._lookup.layer)
            yield

    def _fill_staged(self, uuid: str, components: dict, location: str) -> None:
        """Writes a new object, which has its mesh, is visible, and gets its parent when it enters the scene."""
        lookup = self._lookup
        item = lookup.resolve(uuid, "objects", location)
        lookup.staged[uuid] = components.get("parent", {}).get("uuid")
        if "transform" in components:
            transforms.write_new(item, components["transform"], lookup.reader().unit)
        if not components.get("visibility", {}).get("visible", True):
            self._hidden.append(uuid)
        if "name" in components:
            names.write(item, components["name"])
        if "guard" in components:
            guard.write(item, components["guard"])

    def _write_object(self, uuid: str, components: dict, location: str) -> None:
        lookup = self._lookup
        item = lookup.resolve(uuid, "objects", location)
        if "data" in components:
            mesh = lookup.resolve(components["data"]["uuid"], "meshes", f"{location}.components.data")
            item = self._set_mesh(uuid, item, mesh, location)
        transform = components.get("transform")
        if "parent" in components:
            parent = lookup.resolve(components["parent"]["uuid"], "objects", f"{location}.components.parent")
            if parent != item.parent:
                before = lookup.reader().read_object(uuid, item)["transform"]
                item.parent = parent
                item.parent_type = "OBJECT"
                transform = transform or before
        if transform:
            transforms.write(item, lookup.reader().synced_parent(item), transform, lookup.reader().unit)
        if "visibility" in components:
            self._set_visibility(item, components["visibility"]["visible"])
        if "name" in components:
            names.write(item, components["name"])
        if "guard" in components:
            guard.write(item, components["guard"])

    def _set_mesh(
        self, uuid: str, item: bpy.types.Object, mesh: bpy.types.Mesh | None, location: str
    ) -> bpy.types.Object:
        """Makes the object show this mesh. Blender fixes an object's type, so an empty is replaced with its uuid."""
        if item.type == "MESH" and mesh:
            if item.data != mesh:  # assigning the same mesh again costs a depsgraph update
                item.data = mesh
            return item
        if mesh is None and item.type != "MESH":
            return item
        if item.type not in ("MESH", "EMPTY"):
            raise SyncError("VS-4005", f"a {item.type.lower()} can't show a mesh", f"{location}.components.data")
        lookup = self._lookup
        return replace_object(uuid, item, mesh, lookup.identity, lookup.scan, lookup.layer)

    def _set_visibility(self, item: bpy.types.Object, visible: bool) -> None:
        layer = self._lookup.layer
        if not visible:
            _hide(item, layer)
        else:
            if item.hide_viewport:
                item.hide_viewport = False
            if item.hide_get(view_layer=layer):
                item.hide_set(False, view_layer=layer)


def _hide(item: bpy.types.Object, layer: bpy.types.ViewLayer) -> None:
    """Hides with the eye icon; with the monitor icon if the view layer does not contain the object."""
    try:
        if not item.hide_get(view_layer=layer):
            item.hide_set(True, view_layer=layer)
    except RuntimeError:
        item.hide_viewport = True
