# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the entities that a batch will change. A failed batch is rolled back to it exactly."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import bpy

from ..core.sync_error import SyncError
from . import guard, names
from .identity import PROPERTY, Identity, Scan
from .replace import replace_object

_CHANNELS = (
    "rotation_mode",
    "location",
    "rotation_euler",
    "rotation_quaternion",
    "rotation_axis_angle",
    "scale",
    "parent_type",
    "parent_bone",
    "hide_viewport",
)


@dataclass
class Snapshot:
    """The data for a rollback. Objects and meshes are named by uuid, never by reference."""

    taken_at: float = field(default_factory=time.time)
    objects: dict[str, dict] = field(default_factory=dict)
    mesh_names: dict[str, str] = field(default_factory=dict)
    mesh_copies: dict[str, int] = field(default_factory=dict)  # uuid -> session_uid of the copy
    created: list[str] = field(default_factory=list)

    def take(self, uuid: str, scan: Scan, layer: bpy.types.ViewLayer, geometry: bool) -> None:
        """Saves one entity. Raises SyncError VS-4005 if it can't be saved in full; the batch must not start then."""
        item, mesh = scan.objects.get(uuid), scan.meshes.get(uuid)
        try:
            if item:
                self.objects[uuid] = _save_object(item, layer)
            if mesh:
                self.mesh_names[uuid] = names.read(mesh)
                if geometry:
                    copy = mesh.copy()
                    del copy[PROPERTY]  # the copy represents no entity, so a scan must ignore it
                    self.mesh_copies[uuid] = copy.session_uid
        except (RuntimeError, ReferenceError, AttributeError) as error:
            raise SyncError("VS-4005", f"no snapshot, so nothing was changed: {error}", uuid) from error

    def drop(self) -> None:
        """Removes the copies after a successful batch."""
        for mesh in _meshes_by_session(set(self.mesh_copies.values())).values():
            bpy.data.meshes.remove(mesh)

    def restore(self, identity: Identity, scan: Scan, layer: bpy.types.ViewLayer, touched: set[str]) -> None:
        """Restores all entities in `touched` that still exist. `scan` must be current."""
        for uuid in self.created:
            if uuid in scan.objects:
                bpy.data.objects.remove(scan.objects[uuid])
        copies = _meshes_by_session(set(self.mesh_copies.values()))
        for uuid, session_uid in self.mesh_copies.items():
            if uuid in scan.meshes and uuid in touched and session_uid in copies:
                spoiled, saved = scan.meshes[uuid], copies.pop(session_uid)
                spoiled.user_remap(saved)
                bpy.data.meshes.remove(spoiled)
                identity.adopt(saved, uuid)
                scan.meshes[uuid] = saved
        for unused in copies.values():
            bpy.data.meshes.remove(unused)
        for uuid in self.created:
            if uuid in scan.meshes:
                bpy.data.meshes.remove(scan.meshes[uuid])
        for uuid, name in self.mesh_names.items():
            if uuid in scan.meshes and uuid in touched:
                names.write(scan.meshes[uuid], name)
        objects = {uuid: saved for uuid, saved in self.objects.items() if uuid in scan.objects and uuid in touched}
        for uuid, saved in objects.items():
            item = scan.objects[uuid]
            if (item.type == "MESH") != saved["shows_mesh"]:
                mesh = scan.meshes.get(saved["mesh"])
                replace_object(uuid, item, mesh, identity, scan, layer)
        for uuid, saved in objects.items():
            _restore_object(scan.objects[uuid], saved, scan, layer)


def _save_object(item: bpy.types.Object, layer: bpy.types.ViewLayer) -> dict:
    channels = {}
    for name in _CHANNELS:
        value = getattr(item, name)
        channels[name] = value if isinstance(value, (str, bool)) else tuple(value)
    return {
        "name": names.read(item),
        "guard": guard.save(item),
        "channels": channels,
        "parent": (item.parent.get(PROPERTY), item.parent.session_uid) if item.parent else None,
        "parent_inverse": item.matrix_parent_inverse.copy(),
        "hidden": item.hide_get(view_layer=layer),
        "shows_mesh": item.type == "MESH",
        "mesh": item.data.get(PROPERTY) if item.type == "MESH" else None,
    }


def _restore_object(item: bpy.types.Object, saved: dict, scan: Scan, layer: bpy.types.ViewLayer) -> None:
    item.parent = _find_parent(*saved["parent"], scan) if saved["parent"] else None
    for name, value in saved["channels"].items():
        setattr(item, name, value)
    item.matrix_parent_inverse = saved["parent_inverse"]  # after the parent's type, which resets it
    if item.hide_get(view_layer=layer) != saved["hidden"]:
        item.hide_set(saved["hidden"], view_layer=layer)
    mesh = scan.meshes.get(saved["mesh"])
    if mesh and item.data != mesh:
        item.data = mesh
    names.write(item, saved["name"])
    guard.restore(item, saved["guard"])


def _find_parent(uuid: str | None, session_uid: int, scan: Scan) -> bpy.types.Object | None:
    """Finds the parent by uuid, because it may have been replaced; by session_uid if it is not synchronized."""
    unsynced = (other for other in bpy.data.objects if other.session_uid == session_uid)
    return scan.objects.get(uuid) or next(unsynced, None)


def _meshes_by_session(session_uids: set[int]) -> dict[int, bpy.types.Mesh]:
    return {mesh.session_uid: mesh for mesh in bpy.data.meshes if mesh.session_uid in session_uids}
