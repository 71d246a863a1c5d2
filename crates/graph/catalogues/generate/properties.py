# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes the properties of a node type that not every node has, and that are part of the graph in a file."""

import re

import bpy
from values import choices, limits, to_json

# State of the user interface, not of the graph: selected items, inspection, shortcuts.
UI_STATE = re.compile(r"active_(.+_)?(index|item)|inspection_index|is_active_output|ui_shortcut")
COMMON_PROPERTIES = set(bpy.types.Node.bl_rna.properties.keys())


def describe_property(node, rna):
    """Describes a property for the catalogue."""
    name = rna.identifier
    entry = {"identifier": name, "type": rna.type}
    if rna.type == "POINTER":
        entry["of"] = rna.fixed_type.identifier
        return entry
    if rna.type == "ENUM":
        if rna.is_enum_flag:
            entry["type"] = "ENUM_FLAG"
        # These can be too many if the items depend on other properties; `variants.py` removes the refused ones.
        entry["items"] = [item.identifier for item in rna.enum_items_static] or choices(node, name)
    entry["default"] = to_json(getattr(node, name))
    if rna.type in ("INT", "FLOAT"):
        entry |= limits(node, name)
    return entry


def describe_properties(node):
    """Describes all properties, in Blender's order."""
    return [
        describe_property(node, rna)
        for rna in node.bl_rna.properties
        if rna.identifier not in COMMON_PROPERTIES
        and not rna.is_readonly
        and rna.type != "COLLECTION"
        and not UI_STATE.fullmatch(rna.identifier)
    ]
