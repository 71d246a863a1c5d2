# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions of nodes as graph_json counts them: from the editor's origin, regardless of frames."""

from __future__ import annotations

from collections.abc import Mapping

import bpy

from ..core.graph.layout import layout
from ..core.graph.numbers import shortest_decimal

_ABSOLUTE = "location_absolute" in bpy.types.Node.bl_rna.properties  # from 4.4 on
_HEADER = 30.0
_ROW = 22.0
_FOOT = 10.0


def read(node: bpy.types.Node) -> list[float]:
    """Returns the upper left corner of a node."""
    if _ABSOLUTE:
        x, y = node.location_absolute
    else:  # before 4.4, a location is relative to the frame
        x = y = 0.0
        each: bpy.types.Node | None = node
        while each:
            x, y, each = x + each.location.x, y + each.location.y, each.parent
    return [shortest_decimal(x), shortest_decimal(y)]


def write(group: bpy.types.NodeTree, wanted: Mapping[str, tuple[float, float]]) -> None:
    """Moves nodes by name, in one call: Blender examines the whole group for each node that moves alone."""
    nodes = list(group.nodes)
    numbers: list[float] = []
    for node in nodes:
        if node.name not in wanted:
            numbers.extend(node.location_absolute if _ABSOLUTE else node.location)
            continue
        x, y = wanted[node.name]
        if not _ABSOLUTE and node.parent:
            left, top = read(node.parent)
            x, y = x - left, y - top
        numbers.extend((x, y))
    group.nodes.foreach_set("location_absolute" if _ABSOLUTE else "location", numbers)


def arrange(group: bpy.types.NodeTree, graph: dict) -> None:
    """Puts nodes where the graph says, and all other nodes below them in columns."""
    nodes = {node.name: node for node in group.nodes}
    given = {entry["id"]: tuple(entry["position"]) for entry in graph["nodes"] if "position" in entry}
    sizes = {entry["id"]: _size(nodes[entry["id"]]) for entry in graph["nodes"] if entry["id"] not in given}
    links = [(link["from"], link["to"]) for link in graph["links"] if link["from"] in sizes and link["to"] in sizes]
    parents = {name: frame["id"] for frame in graph.get("frames", []) for name in frame["nodes"]}
    parents |= {frame["id"]: frame.get("parent") for frame in graph.get("frames", [])}
    below = min((y - _size(nodes[name])[1] for name, (_, y) in given.items()), default=0.0)
    if given:
        below -= _HEADER
    free = {name: (x, y + below) for name, (x, y) in layout(sizes, links, parents).items()}
    write(group, given | free)


def _size(node: bpy.types.Node) -> tuple[float, float]:
    """Estimates the drawn size of a node. Blender knows no height before it has drawn the node."""
    if node.bl_idname == "NodeReroute":
        return 20.0, 20.0
    rows = 0
    for socket in (*node.inputs, *node.outputs):
        if socket.enabled:
            rows += 1 if socket.is_output or socket.is_linked or not hasattr(socket, "default_value") else _rows(socket)
    own = len([rna for rna in node.bl_rna.properties if rna.identifier not in bpy.types.Node.bl_rna.properties])
    return node.width, _HEADER + _ROW * (rows + min(own, 4)) + _FOOT


def _rows(socket: bpy.types.NodeSocket) -> int:
    return 4 if socket.type in ("VECTOR", "ROTATION") and not socket.hide_value else 1
