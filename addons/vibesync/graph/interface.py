# SPDX-License-Identifier: GPL-3.0-or-later
"""The group's own sockets, declared through the interface: type, default, smallest and largest value, description."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..core.errors import SyncError
from . import values

_SIDES = {"inputs": "INPUT", "outputs": "OUTPUT"}
_VALUES = {"default": "default_value", "min": "min_value", "max": "max_value"}
# What people can set on a group's socket beyond that, and its value when nobody did.
_MORE = {
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
    """The group's inputs or outputs, in order."""
    items = group.interface.items_tree
    return [each for each in items if each.item_type == "SOCKET" and each.in_out == _SIDES[side]]


def declare(group: bpy.types.NodeTree, side: str, wanted: dict, place: str) -> None:
    """Add one socket; values that links decide (menus) are for `set_values`, when there are links."""
    try:
        item = group.interface.new_socket(wanted["name"], in_out=_SIDES[side], socket_type=wanted["type"])
    except TypeError as error:
        raise SyncError("VS-4005", f"a group's socket can't be a {wanted['type']}", f"{place}.type") from error
    item.description = wanted.get("description", "")
    for key in wanted.keys() & _VALUES.keys():
        if not hasattr(item, _VALUES[key]):
            raise SyncError("VS-4005", f"a {wanted['type']} has no {key}", f"{place}.{key}")


def set_values(item: bpy.types.NodeTreeInterfaceSocket, wanted: dict, place: str) -> None:
    """Limits and default; Blender takes a default outside of its limits, too."""
    for key in ("min", "max", "default"):
        if key in wanted:
            values.write(item, _VALUES[key], wanted[key], f"{place}.{key}")


def read(item: bpy.types.NodeTreeInterfaceSocket) -> dict:
    """One socket as a graph has it, with all its values."""
    found = {"name": item.name, "type": item.socket_type, "description": item.description}
    for key, name in _VALUES.items():
        if hasattr(item, name) and values.is_value(item.bl_rna.properties[name]):
            found[key] = values.read(item, name)
    return found


def extras(group: bpy.types.NodeTree) -> Iterator[str]:
    """What the interface holds that a graph can't, in words."""
    for item in group.interface.items_tree:
        if item.item_type == "PANEL":
            yield f"the panel {item.name!r} of the group's sockets is left out; its sockets are not"
            continue
        for name, usual in _MORE.items():
            value = getattr(item, name, usual)
            if value != usual:
                yield f"{name} of the group's socket {item.name!r} is {value!r}"
