# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames for a group that is there: suggested, and put around its nodes when asked for."""

from __future__ import annotations

import bpy

from ..blender.apply import push_undo
from ..core.graph.framing import suggest
from . import frames, places

_FOLLOWS = (frames.TYPE, "NodeReroute")


def auto_frame(group: bpy.types.NodeTree, strategy: str = "connectivity", apply: bool = False) -> list[dict]:
    """Frames for nodes that are in none yet, as graph_json has them: by what hangs together, or by kind ("type").
    With `apply` they are made, in one undo step; no node moves."""
    free = {node.name: node for node in group.nodes if node.bl_idname not in _FOLLOWS and not node.parent}
    before = {link.to_node.name: link.from_node.name for link in group.links if link.to_node.bl_idname == "NodeReroute"}
    links = [(_origin(link.from_node.name, before), link.to_node.name) for link in group.links]
    found = suggest({name: node.bl_idname for name, node in free.items()}, links, strategy)
    for frame in found:
        while frame["id"] in group.nodes:
            frame["id"] += "_"
    if apply:
        for frame in found:
            members = {name: (free[name], places.read(free[name])) for name in frame["nodes"]}
            frames.make(group, frame, [node for node, _ in members.values()])
            for node, place in members.values():
                places.write(node, tuple(place))
        push_undo(f"Frame {group.name}")
    return found


def _origin(name: str, before: dict[str, str]) -> str:
    """The node that a reroute's links come from in the end."""
    seen = set()
    while name in before and name not in seen:
        seen.add(name)
        name = before[name]
    return name
