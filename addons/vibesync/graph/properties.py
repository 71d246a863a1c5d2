# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a node type beyond those of every node, as far as they are part of the graph."""

from __future__ import annotations

import re
from collections.abc import Mapping

import bpy

from ..core.sync_error import SyncError
from . import values

# State of the window: the selected item, the inspected iteration of a zone, a viewer's shortcut.
_OF_THE_WINDOW = re.compile(r"active_(.+_)?(index|item)|inspection_index|ui_shortcut")
_EVERY_NODES = frozenset(bpy.types.Node.bl_rna.properties.keys())
# Properties that Blender derives from links or other nodes.
_DERIVED = {("NodeReroute", "socket_idname"), ("NodeGroupOutput", "is_active_output")}


def names(node: bpy.types.Node) -> list[str]:
    """Returns identifiers of the properties that a graph can set, in Blender's order."""
    return [rna.identifier for rna in own_properties(node) if values.is_value(rna)]


def own_properties(node: bpy.types.Node) -> list[bpy.types.Property]:
    """Returns all writable properties of the node type itself."""
    return [
        rna
        for rna in node.bl_rna.properties
        if rna.identifier not in _EVERY_NODES
        and rna.type != "COLLECTION"
        and not rna.is_readonly
        and not _OF_THE_WINDOW.fullmatch(rna.identifier)
        and (node.bl_idname, rna.identifier) not in _DERIVED
    ]


def write(node: bpy.types.Node, wanted: Mapping[str, object], location: str) -> None:
    """Sets properties. The allowed values of one may depend on another, so refused ones are tried again."""
    remaining = dict(wanted)
    while remaining:
        refused: dict[str, SyncError] = {}
        for name, value in remaining.items():
            try:
                values.write(node, name, value, f"{location}.{name}")
            except SyncError as error:
                refused[name] = error
        if len(refused) == len(remaining):
            raise next(iter(refused.values()))
        remaining = {name: remaining[name] for name in refused}
    for name, value in wanted.items():  # a later property may have changed an earlier one
        values.write(node, name, value, f"{location}.{name}")


def curves(node: bpy.types.Node) -> dict[str, object]:
    """Returns curves and color ramps by property name, in comparable form."""
    found = {}
    for rna in node.bl_rna.properties:
        kind = rna.fixed_type.identifier if rna.type == "POINTER" else None
        mapping = getattr(node, rna.identifier) if kind in ("CurveMapping", "ColorRamp") else None
        if kind == "ColorRamp":
            stops = [(stop.position, *stop.color) for stop in mapping.elements]
            found[rna.name] = (mapping.color_mode, mapping.interpolation, mapping.hue_interpolation, stops)
        elif mapping:
            found[rna.name] = [
                [(*point.location, point.handle_type) for point in curve.points] for curve in mapping.curves
            ]
    return found
