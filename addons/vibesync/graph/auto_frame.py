# SPDX-License-Identifier: GPL-3.0-or-later
"""Suggests frames for an existing group, and creates them on request."""

from __future__ import annotations

import bpy

from ..blender.undo import push_undo
from ..core.graph.framing import suggest
from ..core.graph.ids import plain_ids
from . import frames, positions

_FOLLOWS = (frames.TYPE, "NodeReroute")


def auto_frame(group: bpy.types.NodeTree, strategy: str = "connectivity", apply: bool = False) -> list[dict]:
    """Returns frames for nodes without one, in the form of graph_json: by connectivity, or by node type ("type").

    `apply` also creates them, in one undo step. No node moves.
    """
    free = {node.name: node for node in group.nodes if node.bl_idname not in _FOLLOWS and not node.parent}
    reroutes = [link for link in group.links if link.to_node.bl_idname == "NodeReroute"]
    sources = {link.to_node.name: link.from_node.name for link in reroutes}
    links = [(_origin(link.from_node.name, sources), link.to_node.name) for link in group.links]
    found = suggest({name: node.bl_idname for name, node in free.items()}, links, strategy)
    for frame in found:
        while frame["id"] in group.nodes:
            frame["id"] += "_"
    if apply:
        before = {name: tuple(positions.read(node)) for name, node in free.items()}
        for frame in found:
            frames.make(group, frame, [free[name] for name in frame["nodes"]])
        positions.write(group, before)
        push_undo(f"Frame {group.name}")
    ids = plain_ids(node.name for node in group.nodes)
    return [{**frame, "nodes": [ids[name] for name in frame["nodes"]]} for frame in found]


def _origin(name: str, sources: dict[str, str]) -> str:
    """Follows reroutes back to the node that the links come from."""
    seen = set()
    while name in sources and name not in seen:
        seen.add(name)
        name = sources[name]
    return name
