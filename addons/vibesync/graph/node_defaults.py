# SPDX-License-Identifier: GPL-3.0-or-later
"""Default values of nodes. Only a new node shows them, so nodes are created for comparison."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import TracebackType

import bpy

from . import interface, items, properties, sockets, values, zones

NAME = ".vibesync untouched"


@dataclass
class DefaultValues:
    """Default values for one type of node."""

    properties: dict[str, object] = field(default_factory=dict)
    items: list[dict] = field(default_factory=list)
    inputs: list[object] = field(default_factory=list)  # of `sockets_with_values`, with the same properties and items
    curves: dict[str, object] = field(default_factory=dict)


class NodeDefaults:
    """Creates new nodes in a temporary group, which is removed at the end."""

    def __init__(self) -> None:
        self._temporary_group: bpy.types.NodeTree | None = None
        self._node_values: dict[str, DefaultValues] = {}
        self._socket_values: dict[str, dict] = {}

    def __enter__(self) -> NodeDefaults:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        remove_leftovers()

    @property
    def _group(self) -> bpy.types.NodeTree:
        if self._temporary_group is None:
            self._temporary_group = bpy.data.node_groups.new(NAME, "GeometryNodeTree")
        return self._temporary_group

    def for_node(self, node: bpy.types.Node) -> DefaultValues:
        """Returns the values of a new node of this type. For inputs, it has the properties and items of this node."""
        own = {name: values.read(node, name) for name in properties.names(node)}
        holder = zones.partner(node) or node
        if node.bl_idname == "NodeGroupOutput":  # it has the sockets of its group
            return DefaultValues(
                inputs=[self.for_socket(sockets.base_type(each.type))["default"] for each in sockets_with_values(node)]
            )
        item_list = items.read(holder)
        key = json.dumps([node.bl_idname, own, item_list])
        if key not in self._node_values:
            self._node_values[key] = self._make(node.bl_idname, own, holder.bl_idname, item_list)
            self._group.nodes.clear()
        return self._node_values[key]

    def _make(self, kind: str, own: dict[str, object], holds_items: str, item_list: list[dict]) -> DefaultValues:
        twin = self._group.nodes.new(kind)
        found = DefaultValues({name: values.read(twin, name) for name in own}, items.read(twin))
        properties.write(twin, {name: value for name, value in own.items() if value != found.properties[name]}, "")
        partner = twin
        if holds_items != kind:
            partner = self._group.nodes.new(holds_items)
            twin.pair_with_output(partner)
        if items.collections(partner):
            items.write(partner, item_list, "")
        found.inputs = _inputs(twin)
        found.curves = properties.curves(twin)
        return found

    def for_socket(self, kind: str) -> dict:
        """Returns the values of a new group input of this type."""
        if kind not in self._socket_values:
            item = self._group.interface.new_socket("A", in_out="INPUT", socket_type=kind)
            self._socket_values[kind] = interface.read(item)
            self._group.interface.clear()
        return self._socket_values[kind]


def remove_leftovers() -> None:
    """Removes the temporary group."""
    for group in [each for each in bpy.data.node_groups if each.name == NAME]:
        bpy.data.node_groups.remove(group)


def _inputs(node: bpy.types.Node) -> list[object]:
    return [values.read(each, "default_value") for each in sockets_with_values(node)]


def sockets_with_values(node: bpy.types.Node) -> list[bpy.types.NodeSocket]:
    """Returns the sockets that have a value of their own. A reroute passes on a value of any type."""
    if node.bl_idname == "NodeReroute":
        return []
    return [
        each
        for each in sockets.available(sockets.settable(node))
        if hasattr(each, "default_value") and values.is_value(each.bl_rna.properties["default_value"])
    ]
