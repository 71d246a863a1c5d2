# SPDX-License-Identifier: GPL-3.0-or-later
"""The group's own sockets, declared through the interface: type, default, minimum, maximum, description."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..core.sync_error import SyncError
from . import values

_SIDES = {"inputs": "INPUT", "outputs": "OUTPUT"}
_VALUES = {"default": "default_value", "min": "min_value", "max": "max_value"}
# Further properties of a group's socket, with their default values.
_FURTHER_DEFAULTS = {
    "subtype": "NONE",
    "hide_value": False,
    "hide_in_modifier": False,
    "default_input": "VALUE",
    "default_attribute_name": "",
    "attribute_domain": "POINT",
    "force_non_field": False,
    "is_inspect_output": False,
    "is_panel_toggle": False,
    "layer_selection_field": False,
    "menu_expanded": False,
    "structure_type": "AUTO",
    "dimensions": 3,
    "optional_label": False,
}


def entries(group: bpy.types.NodeTree, side: str) -> list[bpy.types.NodeTreeInterfaceSocket]:
    """Returns the group's inputs or outputs, in order."""
    items = group.interface.items_tree
    return [each for each in items if each.item_type == "SOCKET" and each.in_out == _SIDES[side]]


def declare(group: bpy.types.NodeTree, side: str, wanted: dict, location: str) -> None:
    """Adds one socket. `set_values` sets values later, because links decide some of them (menus)."""
    try:
        item = group.interface.new_socket(wanted["name"], in_out=_SIDES[side], socket_type=wanted["type"])
    except TypeError as error:
        raise SyncError("VS-4005", f"a group's socket can't be a {wanted['type']}", f"{location}.type") from error
    item.description = wanted.get("description", "")
    for key in wanted.keys() & _VALUES.keys():
        if not hasattr(item, _VALUES[key]):
            raise SyncError("VS-4005", f"a {wanted['type']} has no {key}", f"{location}.{key}")


def set_values(item: bpy.types.NodeTreeInterfaceSocket, wanted: dict, location: str) -> None:
    """Sets limits and default. Blender also takes a default outside of its limits."""
    for key in ("min", "max", "default"):
        if key in wanted:
            values.write(item, _VALUES[key], wanted[key], f"{location}.{key}")


def read(item: bpy.types.NodeTreeInterfaceSocket) -> dict:
    """Reads one socket in the form of graph_json, with all its values."""
    found = {"name": item.name, "type": item.socket_type, "description": item.description}
    for key, name in _VALUES.items():
        if hasattr(item, name) and values.is_value(item.bl_rna.properties[name]):
            found[key] = values.read(item, name)
    return found


def describe_losses(group: bpy.types.NodeTree) -> Iterator[str]:
    """Yields sentences about interface content that graph_json can't express."""
    for item in group.interface.items_tree:
        if item.item_type == "PANEL":
            yield f"the panel {item.name!r} of the group's sockets is left out; its sockets are not"
            continue
        for name, default in _FURTHER_DEFAULTS.items():
            value = getattr(item, name, default)
            if value != default:
                yield f"{name} of the group's socket {item.name!r} is {value!r}"
