# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the entities that a batch will change. A failed batch is rolled back to it exactly."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import bpy

from ..core.sync_error import SyncError
from . import (
    animation_values,
    collection_values,
    data_kinds,
    guard,
    image_values,
    instance_values,
    lock_values,
    material_values,
    names,
    pose_values,
    shape_keys,
    skin_values,
    slot_values,
    still_values,
)
from .entity import VALUES
from .identity import PROPERTY, ROLLBACK_COPY, Identity, Scan
from .replace import replace_object

_VALUES = {
    **VALUES,
    "material": material_values,
    "image": image_values,
    "collection": collection_values,
    "mesh": shape_keys,
}

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
    "hide_render",
)


@dataclass
class Snapshot:
    """The data for a rollback. Entities are named by uuid, never by reference."""

    taken_at: float = field(default_factory=time.time)
    objects: dict[str, dict] = field(default_factory=dict)
    data_names: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[dict]] = field(default_factory=dict)  # lights, materials ... as they were before each write
    slots: dict[str, dict] = field(default_factory=dict)  # of meshes
    locks: dict[str, str | None] = field(default_factory=dict)  # of what is no object
    animations: dict[str, tuple] = field(default_factory=dict)  # of what is no object, with its still values
    mesh_copies: dict[str, int] = field(default_factory=dict)  # uuid -> session_uid of the copy
    action_copies: dict[str, int] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    relatives: set[str] = field(default_factory=set)  # objects that the batch changes without naming them

    def take(self, uuid: str, scan: Scan, layer: bpy.types.ViewLayer, geometry: bool) -> None:
        """Saves one entity. Raises SyncError VS-4005 if it can't be saved in full; the batch must not start then."""
        item, data = scan.objects.get(uuid), scan.get_data(uuid)
        try:
            if item:
                self.objects[uuid] = _save_object(item, layer) | {"around": scan.links.of_object(item.session_uid)}
            if data:
                self.data_names[uuid] = names.read(data)
                self.values[uuid] = []
                self.locks[uuid] = lock_values.save(data)
                if uuid in scan.meshes:
                    self.slots[uuid] = slot_values.save(data)
                if data_kinds.has_animation(data):
                    self.animations[uuid] = animation_values.save(data), still_values.save(data)
                if geometry and uuid in scan.data["action"]:
                    copy = data.copy()
                    del copy[PROPERTY]
                    copy[ROLLBACK_COPY] = True
                    self.action_copies[uuid] = copy.session_uid
                if geometry and uuid in scan.meshes:
                    copy = data.copy()
                    del copy[PROPERTY]  # the copy represents no entity, so a scan must ignore it
                    self.mesh_copies[uuid] = copy.session_uid
        except (RuntimeError, ReferenceError, AttributeError) as error:
            raise SyncError("VS-4005", f"no snapshot, so nothing was changed: {error}", uuid) from error

    def drop(self) -> None:
        """Removes the copies after a successful batch."""
        for mesh in _meshes_by_session(set(self.mesh_copies.values())).values():
            bpy.data.meshes.remove(mesh)
        for action in _by_session(bpy.data.actions, set(self.action_copies.values())).values():
            bpy.data.actions.remove(action)

    def restore(self, identity: Identity, scan: Scan, layer: bpy.types.ViewLayer, touched: set[str]) -> None:
        """Restores all entities in `touched`, and their relatives, that still exist. `scan` must be current."""
        touched = touched | self.relatives
        for uuid in self.objects.keys() & touched & scan.objects.keys():
            instance_values.clear(scan.objects[uuid])  # else the links might be circles
        for uuid, saved in self.objects.items():  # before the collections that the batch made go
            if uuid in scan.objects and uuid in touched:
                _restore_links(scan.objects[uuid], saved["around"], scan)
        for uuid in self.created:
            if uuid in scan.objects:
                bpy.data.objects.remove(scan.objects[uuid])
        replaced = self._restore_actions(identity, scan, touched)
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
            kind = data_kinds.by_name(scan.data_kind(uuid))
            if kind:
                getattr(bpy.data, kind.collection).remove(scan.data[kind.name][uuid])
        collections = [uuid for uuid in self.data_names if uuid in scan.data["collection"]]
        for uuid in (*collections, *self.data_names):  # once more, because collections may have changed places
            if uuid in touched:
                self._restore_data(uuid, self.data_names[uuid], scan)
        objects = {uuid: saved for uuid, saved in self.objects.items() if uuid in scan.objects and uuid in touched}
        for uuid, saved in objects.items():
            item = scan.objects[uuid]
            if item.type != saved["type"]:
                replace_object(uuid, item, _find_data(saved, scan), identity, scan, layer)
        for uuid, saved in objects.items():
            _restore_object(scan.objects[uuid], saved, scan, layer)
            instance_values.restore(scan.objects[uuid], saved["instance"])
            skin_values.restore(scan.objects[uuid], saved["skin"])
        self._restore_animations(scan, touched, replaced)

    def _restore_actions(self, identity: Identity, scan: Scan, touched: set[str]) -> dict[int, bpy.types.Action]:
        """Puts the copies in the place of actions that were touched. Returns them by the session_uid of these."""
        replaced, here = {}, scan.data["action"]
        copies = _by_session(bpy.data.actions, set(self.action_copies.values()))
        for uuid, session_uid in self.action_copies.items():
            if uuid in here and uuid in touched and session_uid in copies:
                spoiled, saved = here[uuid], copies.pop(session_uid)
                name = self.data_names[uuid]
                spoiled.user_remap(saved)
                replaced[spoiled.session_uid] = saved
                bpy.data.actions.remove(spoiled)
                del saved[ROLLBACK_COPY]
                identity.adopt(saved, uuid)
                here[uuid] = saved
                names.write(saved, name)
        for unused in copies.values():
            bpy.data.actions.remove(unused)
        return replaced

    def _restore_animations(self, scan: Scan, touched: set[str], replaced: dict[int, bpy.types.Action]) -> None:
        saved = {uuid: (each["animation"], each["still"]) for uuid, each in self.objects.items()} | self.animations
        for uuid, (animation, still) in saved.items():
            if uuid in scan and uuid in touched:
                animation_values.restore(scan.get(uuid), animation, replaced)
                still_values.restore(scan.get(uuid), still)

    def _restore_data(self, uuid: str, name: str, scan: Scan) -> None:
        kind = scan.data_kind(uuid)
        if kind:
            datablock = scan.data[kind][uuid]
            for saved in reversed(self.values[uuid]):
                _VALUES[kind].restore(datablock, saved)
            if uuid in self.slots:
                slot_values.restore(datablock, self.slots[uuid])
            lock_values.restore(datablock, self.locks[uuid])
            names.write(datablock, name)


def _save_object(item: bpy.types.Object, layer: bpy.types.ViewLayer) -> dict:
    channels = {}
    for name in _CHANNELS:
        value = getattr(item, name)
        channels[name] = value if isinstance(value, (str, bool)) else tuple(value)
    return {
        "name": names.read(item),
        "guard": guard.save(item),
        "animation": animation_values.save(item),
        "still": still_values.save(item),
        "locks": lock_values.save(item),
        "slots": slot_values.save_own(item),
        "instance": instance_values.save(item),
        "skin": skin_values.save(item),
        "pose": pose_values.save(item),
        "channels": channels,
        "parent": (item.parent.get(PROPERTY), item.parent.session_uid) if item.parent else None,
        "parent_inverse": item.matrix_parent_inverse.copy(),
        "hidden": item.hide_get(view_layer=layer),
        "type": item.type,
        "data": (item.data.get(PROPERTY), item.data.session_uid) if data_kinds.of_type(item.type) else None,
    }


def _restore_object(item: bpy.types.Object, saved: dict, scan: Scan, layer: bpy.types.ViewLayer) -> None:
    item.parent = _find_parent(*saved["parent"], scan) if saved["parent"] else None
    for name, value in saved["channels"].items():
        setattr(item, name, value)
    item.matrix_parent_inverse = saved["parent_inverse"]  # after the parent's type, which resets it
    if item.hide_get(view_layer=layer) != saved["hidden"]:
        item.hide_set(saved["hidden"], view_layer=layer)
    data = _find_data(saved, scan)
    if data and item.data != data:
        item.data = data
    names.write(item, saved["name"])
    guard.restore(item, saved["guard"])
    pose_values.restore(item, saved["pose"])
    lock_values.restore(item, saved["locks"])
    slot_values.restore_own(item, saved["slots"])


def _restore_links(item: bpy.types.Object, saved: dict, scan: Scan) -> None:
    """Puts an object back into its collections. The scan has none that the batch made."""
    wanted = collection_values.around(saved["in"], saved["root"], scan.data["collection"].__getitem__)
    collection_values.restore_object(item, wanted)


def _find_data(saved: dict, scan: Scan) -> bpy.types.ID | None:
    """Finds what the object showed by uuid, because a mesh may have been replaced; by session_uid if it is linked."""
    kind = data_kinds.of_type(saved["type"])
    if kind is None:
        return None
    uuid, session_uid = saved["data"]
    unsynced = (other for other in getattr(bpy.data, kind.collection) if other.session_uid == session_uid)
    return scan.data[kind.name].get(uuid) or next(unsynced, None)


def _find_parent(uuid: str | None, session_uid: int, scan: Scan) -> bpy.types.Object | None:
    """Finds the parent by uuid, because it may have been replaced; by session_uid if it is not synchronized."""
    unsynced = (other for other in bpy.data.objects if other.session_uid == session_uid)
    return scan.objects.get(uuid) or next(unsynced, None)


def _meshes_by_session(session_uids: set[int]) -> dict[int, bpy.types.Mesh]:
    return _by_session(bpy.data.meshes, session_uids)


def _by_session(collection, session_uids: set[int]) -> dict:
    return {each.session_uid: each for each in collection if each.session_uid in session_uids}
