# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports content of a group that graph_json can't express, so that no loss is silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import bpy

from . import interface, items, properties, values
from .node_defaults import DefaultValues


def describe_losses(
    group: bpy.types.NodeTree, nodes: list[bpy.types.Node], defaults_of: Mapping[str, DefaultValues]
) -> Iterator[str]:
    """Yields sentences; those that affect the group's result come first."""
    for node in nodes:
        yield from _of_node(node, defaults_of[node.name])
    undefined = [node.name for node in group.nodes if node.bl_idname == "NodeUndefined"]
    if undefined:
        yield f"left out, because this Blender does not know their type: {', '.join(undefined)}"
    if sum(node.bl_idname == "NodeGroupOutput" for node in nodes) > 1:
        yield "several Group Outputs: only the active one counts, and the graph does not tell which one is active"
    for side in ("inputs", "outputs"):
        socket_names = [item.name for item in interface.entries(group, side)]
        for name in sorted({name for name in socket_names if socket_names.count(name) > 1}):
            yield f"several of the group's {side} are called {name!r}: give each a name of its own to build this again"
    yield from interface.describe_losses(group)
    if group.animation_data and (group.animation_data.drivers or group.animation_data.action):
        yield "drivers and animation of the group are not kept"
    if group.asset_data:
        yield "the asset mark of the group is not kept"
    looks = {
        "collapsed": [node for node in nodes if node.hide],
        "in a color of their own": [node for node in nodes if node.use_custom_color],
        "of another width": [
            node for node in nodes if node.width != node.bl_width_default and node.bl_idname != "NodeReroute"
        ],
    }
    for what, found in looks.items():
        if found:
            yield f"appearance only: nodes {what} ({', '.join(node.name for node in found)})"


def _of_node(node: bpy.types.Node, defaults: DefaultValues) -> Iterator[str]:
    if getattr(node, "warning_propagation", "ALL") != "ALL":
        yield f"{node.name} does not pass on all warnings; in the graph it does"
    if node.mute:
        yield f"{node.name} is muted; in the graph it is not"
    if isinstance(getattr(node, "node_tree", None), bpy.types.NodeTree):
        yield f"{node.name} uses the group {node.node_tree.name!r}, which is not part of this graph and must exist"
    item_names = [item["name"] for item in items.read(node) if "name" in item]
    for name in sorted({name for name in item_names if item_names.count(name) > 1}):
        yield f"several items of {node.name} are called {name!r}: give each a name of its own to build this again"
    for each in items.describe_losses(node):
        yield f"{node.name}: {each}"
    for rna in properties.own_properties(node):
        if not values.is_value(rna) and getattr(node, rna.identifier) is not None:
            yield f"{node.name}: its {rna.name} is not kept"
    for name, current in properties.curves(node).items():
        if current != defaults.curves.get(name):
            yield f"{node.name}: its {name} is not kept"
