# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes values of properties and sockets, checked for type and read back after writing."""

from __future__ import annotations

import bpy

from ..core.graph.numbers import same, shortest_decimal
from ..core.graph.schema import check_number
from ..core.sync_error import SyncError

_LISTS = {
    "Collection": "collections",
    "Image": "images",
    "Material": "materials",
    "Mesh": "meshes",
    "NodeTree": "node_groups",
    "Object": "objects",
    "Scene": "scenes",
    "Sound": "sounds",
    "Text": "texts",
    "Texture": "textures",
    "VectorFont": "fonts",
}
_MAX_LISTED = 8  # names that a message lists


def is_value(rna: bpy.types.Property) -> bool:
    """Returns whether graph_json can hold the value of this property."""
    return rna.type in ("BOOLEAN", "INT", "FLOAT", "STRING", "ENUM") or _list_of(rna) is not None


def read(owner: bpy.types.bpy_struct, name: str) -> object:
    """Returns a property's value; a datablock by its name."""
    return _to_json(getattr(owner, name))


def write(owner: bpy.types.bpy_struct, name: str, value: object, location: str) -> None:
    """Sets a property. Raises SyncError if the type differs or Blender stores another value."""
    rna = owner.bl_rna.properties[name]
    converted = convert(rna, value, getattr(owner, name), location)
    try:
        setattr(owner, name, converted)
    except (TypeError, ValueError, OverflowError, AttributeError, RuntimeError) as error:
        raise SyncError("VS-4005", f"Blender does not take {value!r}: {_reason(error)}", location) from error
    stored = read(owner, name)
    wanted = sorted(value) if isinstance(converted, set) else value
    if not same(wanted, stored):
        raise SyncError("VS-4005", f"Blender stores {stored!r} instead of {value!r}", location)


def _to_json(value: object) -> object:
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    if isinstance(value, float):
        return shortest_decimal(value)
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, bpy.types.ID):
        return value.name
    if isinstance(value[0], (list, tuple)) or hasattr(value[0], "__len__"):  # a matrix
        return [_to_json(part) for row in value for part in row]
    return [_to_json(part) for part in value]


def convert(rna: bpy.types.Property, value: object, now: object, location: str) -> object:
    """Returns the value in Blender's form. Raises SyncError if its type merely converts to the property's."""
    if rna.type in ("BOOLEAN", "INT", "FLOAT"):
        if not getattr(rna, "is_array", False):
            return _scalar(rna.type, value, location)
        if not isinstance(value, list) or len(value) != len(now):
            raise SyncError("VS-4005", f"{value!r} is not a list of {len(now)}", location)
        return [_scalar(rna.type, part, f"{location}[{position}]") for position, part in enumerate(value)]
    if rna.type == "ENUM" and rna.is_enum_flag:
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise SyncError("VS-4005", f"{value!r} is not a list of names", location)
        return set(value)
    if rna.type in ("STRING", "ENUM"):
        if not isinstance(value, str):
            raise SyncError("VS-4005", f"{value!r} is not a text", location)
        return value
    return _datablock(rna, value, location)


def _scalar(kind: str, value: object, location: str) -> object:
    if kind == "BOOLEAN":
        if not isinstance(value, bool):
            raise SyncError("VS-4005", f"{value!r} is neither true nor false", location)
        return value
    check_number(value, location)
    if kind == "INT" and type(value) is not int:
        raise SyncError("VS-4005", f"{value!r} is not a whole number", location)
    return value


def _list_of(rna: bpy.types.Property) -> str | None:
    """Returns the list in bpy.data for a pointer's datablocks."""
    if rna.type != "POINTER":
        return None
    kind = rna.fixed_type.identifier
    return _LISTS.get("NodeTree" if kind.endswith("NodeTree") else kind)


def _datablock(rna: bpy.types.Property, value: object, location: str) -> bpy.types.ID | None:
    if value is None:
        return None
    where = _list_of(rna)
    if where is None:
        raise SyncError("VS-4005", f"a graph can't hold a {rna.fixed_type.name}", location)
    if not isinstance(value, str):
        raise SyncError("VS-4005", f"{value!r} is not the name of a datablock", location)
    datablocks = getattr(bpy.data, where)
    found = [each for each in datablocks if each.name == value]
    if len(found) != 1:
        names = ", ".join(repr(each.name) for each in datablocks[:_MAX_LISTED]) or "none"
        why = "no" if not found else f"{len(found)} (from other files too)"
        raise SyncError(
            "VS-4005", f"there is {why} {rna.fixed_type.name} {value!r}; of {len(datablocks)} there: {names}", location
        )
    return found[0]


def _reason(error: Exception) -> str:
    """Returns Blender's message without the part about its internals."""
    return str(error).rpartition("= val: ")[2].strip() or repr(error)
