# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's own properties: those that a node of its type has beyond every node's, and that are part of the graph."""

from __future__ import annotations

import re
from collections.abc import Mapping

import bpy

from ..core.errors import SyncError
from . import values

# What is selected in a list, which round of a zone is looked at, a viewer's key.
_OF_THE_WINDOW = re.compile(r"active_(.+_)?(index|item)|inspection_index|ui_shortcut")
_EVERY_NODES = frozenset(bpy.types.Node.bl_rna.properties.keys())
# What follows from links, or from which other nodes there are.
_DERIVED = {("NodeReroute", "socket_idname"), ("NodeGroupOutput", "is_active_output")}


def names(node: bpy.types.Node) -> list[str]:
    """Identifiers of the properties that a graph can set, in Blender's order."""
    return [rna.identifier for rna in own(node) if values.is_value(rna)]


def own(node: bpy.types.Node) -> list[bpy.types.Property]:
    """All properties that are the node type's own and can be written."""
    return [
        rna
        for rna in node.bl_rna.properties
        if rna.identifier not in _EVERY_NODES
        and rna.type != "COLLECTION"
        and not rna.is_readonly
        and not _OF_THE_WINDOW.fullmatch(rna.identifier)
        and (node.bl_idname, rna.identifier) not in _DERIVED
    ]


def write(node: bpy.types.Node, wanted: Mapping[str, object], place: str) -> None:
    """Set properties. Which values one can have may depend on another, so those that were refused get another try."""
    left = dict(wanted)
    while left:
        refused: dict[str, SyncError] = {}
        for name, value in left.items():
            try:
                values.write(node, name, value, f"{place}.{name}")
            except SyncError as error:
                refused[name] = error
        if len(refused) == len(left):
            raise next(iter(refused.values()))
        left = {name: left[name] for name in refused}
    for name, value in wanted.items():  # one that was set later may have changed it
        values.write(node, name, value, f"{place}.{name}")


def curves(node: bpy.types.Node) -> dict[str, object]:
    """Curves and color ramps of a node, by the name of their property, to be compared."""
    found = {}
    for rna in node.bl_rna.properties:
        kind = rna.fixed_type.identifier if rna.type == "POINTER" else None
        held = getattr(node, rna.identifier) if kind in ("CurveMapping", "ColorRamp") else None
        if kind == "ColorRamp":
            stops = [(stop.position, *stop.color) for stop in held.elements]
            found[rna.name] = (held.color_mode, held.interpolation, held.hue_interpolation, stops)
        elif held:
            found[rna.name] = [
                [(*point.location, point.handle_type) for point in curve.points] for curve in held.curves
            ]
    return found
