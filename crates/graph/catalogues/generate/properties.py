# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a node type: those that it has beyond every node's, and that a file keeps as part of the graph."""

import re

import bpy
from values import choices, limits, plain

# What is selected in a list, looked at, or bound to a key: of the window, not of the graph.
OF_THE_WINDOW = re.compile(r"active_(.+_)?(index|item)|inspection_index|is_active_output|ui_shortcut")
EVERY_NODES = set(bpy.types.Node.bl_rna.properties.keys())


def describe(node, rna):
    """One property as the catalogue has it."""
    name = rna.identifier
    entry = {"identifier": name, "type": rna.type}
    if rna.type == "POINTER":
        entry["of"] = rna.fixed_type.identifier
        return entry
    if rna.type == "ENUM":
        if rna.is_enum_flag:
            entry["type"] = "ENUM_FLAG"
        # Of an enumeration that depends on other properties these are too many; which are taken is tried later.
        entry["items"] = [item.identifier for item in rna.enum_items_static] or choices(node, name)
    entry["default"] = plain(getattr(node, name))
    if rna.type in ("INT", "FLOAT"):
        entry |= limits(node, name)
    return entry


def properties(node):
    """All of them, in Blender's order."""
    return [
        describe(node, rna)
        for rna in node.bl_rna.properties
        if rna.identifier not in EVERY_NODES
        and not rna.is_readonly
        and rna.type != "COLLECTION"
        and not OF_THE_WINDOW.fullmatch(rna.identifier)
    ]
