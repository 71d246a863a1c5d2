# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes material slots: the list of a mesh, and the slots in which an object shows materials of its own.

An object's slots are those of its mesh. A slot that is linked to the object is an entry of its
component `materials`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container

import bpy
import numpy as np

from ..core import slots
from ..core.sync_error import SyncError
from . import synced_value
from .data_kinds import is_local

PROPERTY = "vibesync_slots"  # of a mesh, the list that arrived; of an object, entries for slots that it does not have

_MOST_GROWN = 256  # slots that a mesh gets because an object names them

UuidOf = Callable[["bpy.types.Material | None"], "str | None"]
Resolve = Callable[["str | None"], "bpy.types.Material | None"]


def read(mesh: bpy.types.Mesh, uuid_of: UuidOf) -> dict:
    """Returns the component `slots`."""
    shown = [uuid_of(material) for material in mesh.materials]
    return {"materials": slots.as_agreed(shown, _stored_list(mesh))}


def read_own(item: bpy.types.Object, uuid_of: UuidOf, known: Container[str]) -> dict:
    """Returns the component `materials`. `known`: the materials that exist."""
    if item.type != "MESH":
        return {"own": _stored_entries(item, 0, known)}
    found = item.material_slots
    if PROPERTY not in item and not any(slot.link == "OBJECT" for slot in found):  # by far the most frequent case
        return {"own": {}}
    if not is_local(item.data):
        return {"own": _stored_entries(item, 0, known)}
    return {"own": _shown(item, uuid_of) | _stored_entries(item, len(found), known)}


def write(mesh: bpy.types.Mesh, component: dict, uuid_of: UuidOf, resolve: Resolve) -> None:
    """Gives the mesh these materials. A slot that shows what arrives stays as it is."""
    wanted, found = component["materials"], mesh.materials
    while len(found) < len(wanted):
        found.append(None)
    for number, material in enumerate(found.values()):
        uuid = wanted[number] if number < len(wanted) else None
        if uuid_of(material) != uuid:
            found[number] = resolve(uuid)
    _drop_end(mesh, len(wanted))
    stored = wanted if wanted != slots.without_end(wanted) else None
    synced_value.restore(mesh, PROPERTY, None if stored is None else json.dumps(stored))


def write_own(item: bpy.types.Object, component: dict, uuid_of: UuidOf, resolve: Resolve) -> None:
    """Makes the object show these materials instead of those of its mesh."""
    own = component["own"]
    shows_mesh = item.type == "MESH" and is_local(item.data)
    if shows_mesh:
        count = 1 + max((int(slot) for slot in own if int(slot) < _MOST_GROWN), default=-1)
        while len(item.data.materials) < count:
            item.data.materials.append(None)
        present = _shown(item, uuid_of)
        for number, slot in enumerate(item.material_slots):
            name = str(number)
            if name in own:
                if name not in present or present[name] != own[name]:
                    slot.link = "OBJECT"
                    slot.material = resolve(own[name])
            elif name in present:
                slot.material = None
                slot.link = "DATA"
    first = len(item.material_slots) if shows_mesh else 0
    rest = {slot: uuid for slot, uuid in own.items() if int(slot) >= first}
    synced_value.restore(item, PROPERTY, json.dumps(rest, sort_keys=True) if rest else None)


def save(mesh: bpy.types.Mesh) -> dict:
    """Returns what `restore` brings back: the materials by session_uid, as references may become invalid."""
    return {"materials": [_session_uid(material) for material in mesh.materials], PROPERTY: mesh.get(PROPERTY)}


def restore(mesh: bpy.types.Mesh, saved: dict) -> None:
    """Brings back what `save` returned."""
    wanted, found = saved["materials"], mesh.materials
    while len(found) > len(wanted):
        found.pop()
    while len(found) < len(wanted):
        found.append(None)
    for number, session_uid in enumerate(wanted):
        if _session_uid(found[number]) != session_uid:
            found[number] = _find(session_uid)
    synced_value.restore(mesh, PROPERTY, saved[PROPERTY])


def save_own(item: bpy.types.Object) -> dict:
    """Returns what `restore_own` brings back."""
    links = {
        number: _session_uid(slot.material) for number, slot in enumerate(item.material_slots) if slot.link == "OBJECT"
    }
    return {"links": links, "count": len(item.material_slots), PROPERTY: item.get(PROPERTY)}


def restore_own(item: bpy.types.Object, saved: dict) -> None:
    """Brings back what `save_own` returned; the mesh loses the slots that it got for this object."""
    if item.type == "MESH" and is_local(item.data):
        while len(item.data.materials) > saved["count"]:
            item.data.materials.pop()
    for number, slot in enumerate(item.material_slots):
        if number in saved["links"]:
            slot.link = "OBJECT"
            if _session_uid(slot.material) != saved["links"][number]:
                slot.material = _find(saved["links"][number])
        elif slot.link == "OBJECT":
            slot.material = None
            slot.link = "DATA"
    synced_value.restore(item, PROPERTY, saved[PROPERTY])


def _shown(item: bpy.types.Object, uuid_of: UuidOf) -> dict[str, str | None]:
    return {
        str(number): uuid_of(slot.material) for number, slot in enumerate(item.material_slots) if slot.link == "OBJECT"
    }


def _stored_list(mesh: bpy.types.Mesh) -> list | None:
    value = _stored(mesh)
    return value if isinstance(value, list) else None


def _stored_entries(item: bpy.types.Object, first: int, known: Container[str]) -> dict[str, str | None]:
    """Returns the stored entries for slots from `first` on. A material that was deleted leaves its slot empty."""
    value = _stored(item)
    entries = value.items() if isinstance(value, dict) else ()
    return {slot: uuid if uuid in known else None for slot, uuid in entries if int(slot) >= first}


def _stored(datablock: bpy.types.ID) -> object:
    text = datablock.get(PROPERTY)
    try:
        value = json.loads(text) if isinstance(text, str) else None
        if isinstance(value, dict):
            slots.check_own({"own": value}, PROPERTY)
        elif value is not None:
            slots.check_slots({"materials": value}, PROPERTY)
    except (ValueError, SyncError):
        return None
    return value


def _drop_end(mesh: bpy.types.Mesh, count: int) -> None:
    """Removes empty slots beyond `count` that no face and no object uses."""
    if len(mesh.materials) <= count or mesh.materials[-1] is not None or mesh.is_editmode:
        return
    users = [item for item in bpy.data.objects if item.data == mesh]
    linked = [at for item in users for at, slot in enumerate(item.material_slots) if slot.link == "OBJECT"]
    count = max(count, 1 + max(linked, default=-1), 1 + _highest_slot(mesh))
    while len(mesh.materials) > count and mesh.materials[-1] is None:
        mesh.materials.pop()


def _highest_slot(mesh: bpy.types.Mesh) -> int:
    """Returns the highest slot that a face has."""
    numbers = np.zeros(len(mesh.polygons), np.int32)
    if len(numbers):
        mesh.polygons.foreach_get("material_index", numbers)
    return int(numbers.max(initial=-1))


def _session_uid(material: bpy.types.Material | None) -> int | None:
    return material.session_uid if material else None


def _find(session_uid: int | None) -> bpy.types.Material | None:
    return next((material for material in bpy.data.materials if material.session_uid == session_uid), None)
