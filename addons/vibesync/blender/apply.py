# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch from the daemon -> the scene: all of it or nothing, in one named undo step. Only changes about what the user
has deleted meanwhile are left out."""

from __future__ import annotations

import bpy

from ..core.errors import SyncError
from ..core.mesh import Mesh, unpack
from . import mesh_write, names, transforms
from .entity import Reader
from .identity import Identity, is_own
from .replace import replace_object
from .scenes import synced_scene, unit, view_layer
from .snapshot import Snapshot


class Batch:
    """One batch on its way into the scene; lives for one call of `run`."""

    def __init__(self, identity: Identity, changes: list[dict], attachments: list[bytes]):
        self.scene = synced_scene()
        self.layer = view_layer(self.scene)
        self.unit = unit(self.scene)
        self.identity = identity
        self.changes = changes
        self.scan = identity.scan()
        self.meshes: dict[str, Mesh] = {}
        for number, change in enumerate(changes):
            component = change.get("components", {}).get("mesh")
            if component is not None:
                place = f"changes[{number}].components.mesh"
                self.meshes[change["uuid"]] = unpack(component, attachments, place)
        self.deleted = {change["uuid"] for change in changes if change["op"] == "delete"}
        self.failed = self._vanished()

    def run(self, label: str) -> Reader:
        """Apply all changes. Returns a reader of the result. Raises SyncError with the scene as it was before."""
        self._check_deletes()
        snapshot = Snapshot()
        for change in self.changes:
            if change["op"] != "delete":
                snapshot.take(change["uuid"], self.scan, self.layer, change["uuid"] in self.meshes)
        try:
            for number, change in enumerate(self.changes):
                if change["op"] != "delete" and change["uuid"] not in self.failed:
                    self._apply(change, f"changes[{number}]", snapshot)
        except Exception as error:
            self.scan = self.identity.scan()
            snapshot.restore(self.identity, self.scan, self.layer)
            self.layer.update()
            if isinstance(error, SyncError):
                raise
            raise SyncError("VS-4005", f"Blender refused the change: {error!r}", "changes") from error
        snapshot.drop()
        self._delete()  # last: nothing after it can fail
        self.layer.update()
        push_undo(label)
        return Reader(self.layer, self.identity.scan(), self.unit)

    def _vanished(self) -> dict[str, SyncError]:
        """Changes whose entity, parent or data the user has deleted meanwhile, by uuid, with the reason. The delete is
        on its way to the daemon; the other changes of the batch have nothing to do with it."""
        here = {*self.scan.objects, *self.scan.meshes}
        failed = {}
        for number, change in enumerate(self.changes):
            if change["op"] == "delete":
                continue
            components = change["components"]
            needs = {components.get(name, {}).get("uuid") for name in ("parent", "data")}
            needs |= {change["uuid"]} if change["op"] == "update" else set()
            missing = sorted(needs - here - {None})
            if missing:
                failed[change["uuid"]] = SyncError("VS-7005", f"{missing[0]} was deleted here", f"changes[{number}]")
            else:
                here.add(change["uuid"])
        return failed

    def _resolve(self, uuid: str | None, found: str, place: str) -> bpy.types.ID | None:
        """The datablock right before it is used, with one re-scan; None for None. Raises SyncError VS-7005."""
        if uuid is None:
            return None
        for _ in range(2):
            datablock = getattr(self.scan, found).get(uuid)
            try:
                if datablock is not None and datablock.session_uid:
                    if not is_own(datablock):
                        raise SyncError("VS-7003", f"{datablock.name} is linked", place)
                    return datablock
            except ReferenceError:
                pass  # removed under our hands: look again
            self.scan = self.identity.scan()
        raise SyncError("VS-7005", f"{uuid} is not in the scene", place)

    def _apply(self, change: dict, place: str, snapshot: Snapshot) -> None:
        uuid, components = change["uuid"], change["components"]
        kind = change.get("kind") or self.scan.kind(uuid)
        if uuid in self.scan and self.scan.kind(uuid) != kind:
            raise SyncError("VS-3002", f"{uuid} is a {self.scan.kind(uuid)} here", place)
        if change["op"] == "create" and uuid not in self.scan:
            snapshot.created.append(uuid)
            self._create(uuid, kind, components, place)
        if kind == "mesh":
            mesh = self._resolve(uuid, "meshes", place)
            if uuid in self.meshes:
                mesh_write.write(mesh, self.meshes[uuid], self.unit)
            if "name" in components:
                names.write(mesh, components["name"])
        else:
            self._apply_object(uuid, components, place, snapshot)

    def _create(self, uuid: str, kind: str, components: dict, place: str) -> None:
        name = components.get("name", kind)
        if kind == "mesh":
            mesh = bpy.data.meshes.new(name)
            self.identity.adopt(mesh, uuid)
            self.scan.meshes[uuid] = mesh
            return
        data = self._resolve(components.get("data", {}).get("uuid"), "meshes", f"{place}.components.data")
        item = bpy.data.objects.new(name, data)
        self.identity.adopt(item, uuid)
        self.scan.objects[uuid] = item
        self.scene.collection.objects.link(item)

    def _apply_object(self, uuid: str, components: dict, place: str, snapshot: Snapshot) -> None:
        item = self._resolve(uuid, "objects", place)
        if "data" in components:
            mesh = self._resolve(components["data"]["uuid"], "meshes", f"{place}.components.data")
            item = self._show(uuid, item, mesh, place)
        transform = components.get("transform")
        if "parent" in components:
            parent = self._resolve(components["parent"]["uuid"], "objects", f"{place}.components.parent")
            if parent != item.parent:
                before = Reader(self.layer, self.scan, self.unit).read_object(uuid, item)["transform"]
                item.parent = parent
                item.parent_type = "OBJECT"
                transform = transform or before
        if transform:
            parent = Reader(self.layer, self.scan, self.unit).synced_parent(item)
            transforms.write(item, parent, transform, self.unit)
        if "visibility" in components:
            self._show_or_hide(item, components["visibility"]["visible"])
        if "name" in components:
            names.write(item, components["name"])

    def _show(self, uuid: str, item: bpy.types.Object, mesh: bpy.types.Mesh | None, place: str) -> bpy.types.Object:
        """Let the object show this mesh. Blender fixes an object's type, so an empty is replaced, keeping its uuid."""
        if item.type == "MESH" and mesh:
            item.data = mesh
            return item
        if mesh is None and item.type != "MESH":
            return item
        if item.type not in ("MESH", "EMPTY"):
            raise SyncError("VS-4005", f"a {item.type.lower()} can't show a mesh", f"{place}.components.data")
        return replace_object(uuid, item, mesh, self.identity, self.scan, self.layer)

    def _show_or_hide(self, item: bpy.types.Object, visible: bool) -> None:
        in_layer = self.layer.objects.get(item.name) == item
        if visible:
            item.hide_viewport = False
        elif not in_layer:
            item.hide_viewport = True
        if in_layer and item.hide_get(view_layer=self.layer) == visible:
            item.hide_set(not visible, view_layer=self.layer)

    def _check_deletes(self) -> None:
        for number, change in enumerate(self.changes):
            mesh = self.scan.meshes.get(change["uuid"]) if change["op"] == "delete" else None
            for uuid, item in self.scan.objects.items() if mesh else ():
                released = uuid in self.deleted or self._releases(uuid, change["uuid"])
                if item.data == mesh and not released:
                    raise SyncError("VS-4005", f"{mesh.name} is still shown by {item.name}", f"changes[{number}]")

    def _releases(self, uuid: str, mesh_uuid: str) -> bool:
        for change in self.changes:
            if change["uuid"] == uuid:
                return change.get("components", {}).get("data", {"uuid": mesh_uuid})["uuid"] != mesh_uuid
        return False

    def _delete(self) -> None:
        for uuid in self.deleted:
            if uuid in self.scan.objects:
                bpy.data.objects.remove(self.scan.objects.pop(uuid))
        for uuid in self.deleted:
            if uuid in self.scan.meshes:
                bpy.data.meshes.remove(self.scan.meshes.pop(uuid))


def push_undo(label: str) -> None:
    """One undo step with the batch's name; Blender does not push for changes made by scripts."""
    windows = bpy.context.window_manager.windows
    if windows and bpy.context.window is None:  # timers run outside of any window
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=label)
    elif bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=label)
