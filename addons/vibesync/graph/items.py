# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of dynamic nodes, which define their sockets: zones, Capture Attribute, switches, Bake and others.

Blender's own description of a node type tells its lists and the parameters of their items.
"""

from __future__ import annotations

import bpy

from ..core.sync_error import SyncError
from . import sockets

_KNOWN = ("name", "socket_type", "data_type")


def collections(node: bpy.types.Node) -> dict[str, bpy.types.Function]:
    """Returns the item lists of a node, each with the function that adds an item, in Blender's order."""
    found = {}
    for rna in node.bl_rna.properties:
        functions = rna.srna.functions if rna.type == "COLLECTION" and rna.srna else {}
        if "new" in functions and "clear" in functions and rna.identifier not in ("inputs", "outputs"):
            found[rna.identifier] = functions["new"]
    return found


def read(node: bpy.types.Node) -> list[dict]:
    """Reads the items in the form of graph_json."""
    lists = collections(node)
    found = []
    for name, new in lists.items():
        for item in getattr(node, name):
            entry = {"name": item.name} if "name" in new.parameters else {}
            if "socket_type" in new.parameters:
                entry["type"] = sockets.base_type(getattr(item, "socket_type", None) or item.data_type)
            if len(lists) > 1:
                entry["collection"] = name
            found.append(entry)
    return found


def write(node: bpy.types.Node, wanted: list[dict], location: str) -> None:
    """Replaces all items of a node."""
    lists = collections(node)
    if wanted and not lists:
        raise SyncError("VS-4005", f"a {node.bl_idname} has no items", location)
    for name in lists:
        getattr(node, name).clear()
    for position, item in enumerate(wanted):
        _add(node, lists, item, f"{location}[{position}]")


def _add(node: bpy.types.Node, lists: dict[str, bpy.types.Function], item: dict, location: str) -> None:
    name = item.get("collection") or (next(iter(lists)) if len(lists) == 1 else None)
    if name not in lists:
        raise SyncError("VS-4005", f"name the list of the item; there are {', '.join(lists)}", f"{location}.collection")
    parameters = lists[name].parameters
    if ("name" in parameters) != ("name" in item):
        wanted = "has a name" if "name" in parameters else "is numbered, and has no name"
        raise SyncError("VS-4005", f"an item of {name} {wanted}", f"{location}.name")
    given = {"name": item["name"]} if "name" in parameters else {}
    if "socket_type" in parameters:
        known = [each.identifier for each in parameters["socket_type"].enum_items]
        kind = sockets.find_type(item.get("type", ""), known)
        if kind is None:
            bases = ", ".join(sorted(map(sockets.base_type, known)))
            raise SyncError(
                "VS-4005", f"{item.get('type')!r} is not a type of this list; there are {bases}", f"{location}.type"
            )
        given["socket_type"] = kind
    elif "type" in item:
        raise SyncError("VS-4005", "the node's properties decide the type of this item", f"{location}.type")
    try:
        getattr(node, name).new(**given)
    except (RuntimeError, TypeError, ValueError) as error:
        raise SyncError("VS-4005", f"Blender does not take the item {item}: {error}", location) from error


def describe_losses(node: bpy.types.Node) -> list[str]:
    """Returns sentences about item content that graph_json can't express."""
    found = []
    for name in collections(node):
        for item in getattr(node, name):
            for rna in item.bl_rna.properties:
                if rna.is_readonly or rna.identifier in _KNOWN or rna.type not in ("BOOLEAN", "INT", "ENUM", "STRING"):
                    continue
                value = getattr(item, rna.identifier)
                if value != rna.default:
                    found.append(f"{rna.identifier} of its item {getattr(item, 'name', '')!r} is {value!r}")
    return found
