# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nodes are in the editor: as a graph says it, counted from the editor's origin whatever frame they are in."""

from __future__ import annotations

import bpy

from ..core.graph.layout import layout
from ..core.graph.numbers import shortest

_HEADER = 30.0
_ROW = 22.0
_FOOT = 10.0


def read(node: bpy.types.Node) -> list[float]:
    """The upper left corner of a node."""
    if hasattr(node, "location_absolute"):
        x, y = node.location_absolute
    else:  # before 4.4 a place is counted from the frame's
        x = y = 0.0
        each: bpy.types.Node | None = node
        while each:
            x, y, each = x + each.location.x, y + each.location.y, each.parent
    return [shortest(x), shortest(y)]


def write(node: bpy.types.Node, place: tuple[float, float]) -> None:
    """Put a node there. Its frames are in their place already."""
    if hasattr(node, "location_absolute"):
        node.location_absolute = place
        return
    x, y = read(node.parent) if node.parent else (0.0, 0.0)
    node.location = (place[0] - x, place[1] - y)


def arrange(graph: dict, nodes: dict[str, bpy.types.Node]) -> None:
    """Put all nodes where the graph says; those of which it says nothing below the others, in columns."""
    given = {entry["id"]: entry["position"] for entry in graph["nodes"] if "position" in entry}
    sizes = {name: _size(node) for name, node in nodes.items() if name not in given}
    links = [(link["from"], link["to"]) for link in graph["links"] if link["from"] in sizes and link["to"] in sizes]
    homes = {name: frame["id"] for frame in graph.get("frames", []) for name in frame["nodes"]}
    homes |= {frame["id"]: frame.get("parent") for frame in graph.get("frames", [])}
    below = min((y - _size(nodes[name])[1] for name, (_, y) in given.items()), default=0.0)
    for name, (x, y) in layout(sizes, links, homes).items():
        write(nodes[name], (x, y + below - (_HEADER if given else 0.0)))
    for name, place in given.items():
        write(nodes[name], tuple(place))


def _size(node: bpy.types.Node) -> tuple[float, float]:
    """As large as the node will be drawn, at most: what Blender has not drawn yet has no height."""
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
