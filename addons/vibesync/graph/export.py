# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports a node group as graph_json, without default values. Notes list content that graph_json can't express."""

from __future__ import annotations

from typing import NamedTuple

import bpy

from ..blender import names
from ..core.graph.ids import plain_ids
from ..core.graph.read_back import phrase_like_request
from . import frames, interface, items, positions, properties, settings, sockets, values, zones
from .link_order import sort_links
from .losses import describe_losses
from .node_defaults import DefaultValues, NodeDefaults, sockets_with_values


class Exported(NamedTuple):
    """The graph, and notes about content that it lacks."""

    graph: dict
    notes: list[str]


def export(group: bpy.types.NodeTree, with_defaults: bool = False) -> Exported:
    """Reads a group. `with_defaults` includes default values."""
    return _Export(group, with_defaults).read()


def read_back(group: bpy.types.NodeTree, request: dict) -> dict:
    """Returns the content of a group, phrased like the request that built it. An intact group equals its request."""
    return phrase_like_request(request, export(group).graph, export(group, with_defaults=True).graph)


class _Export:
    def __init__(self, group: bpy.types.NodeTree, with_defaults: bool) -> None:
        self._group = group
        self._with_defaults = with_defaults
        self._notes: list[str] = []
        self._nodes = [node for node in group.nodes if node.bl_idname not in (frames.TYPE, "NodeUndefined")]
        self._frames = frames.sort_nested([node for node in group.nodes if node.bl_idname == frames.TYPE])
        self._ids = plain_ids(node.name for node in (*self._nodes, *self._frames))
        self._members: dict[str, list[str]] = {}
        for node in self._nodes:
            if node.parent:
                self._members.setdefault(node.parent.name, []).append(self._ids[node.name])

    def read(self) -> Exported:
        if self._group.bl_idname != "GeometryNodeTree":
            raise ValueError(f"{self._group.name} is no group of geometry nodes")
        graph: dict = {"blender": f"{bpy.app.version[0]}.{bpy.app.version[1]}", "name": names.read(self._group)}
        with NodeDefaults() as defaults:
            default_values = {node.name: defaults.for_node(node) for node in self._nodes}
            for side in ("inputs", "outputs"):
                items_there = interface.entries(self._group, side)
                graph[side] = [
                    self._read_socket(item, side, defaults.for_socket(item.socket_type)) for item in items_there
                ]
        graph["nodes"] = [self._read_node(node, default_values[node.name]) for node in self._nodes]
        graph["links"] = self._read_links()
        graph["node_settings"] = {
            self._ids[node.name]: found
            for node in self._nodes
            if (found := self._read_settings(node, default_values[node.name])) or self._with_defaults
        }
        if self._frames:
            members = self._members
            graph["frames"] = [frames.read(each, members.get(each.name, []), self._ids) for each in self._frames]
        self._notes += describe_losses(self._group, self._nodes, default_values)
        return Exported(graph, self._notes)

    def _read_socket(self, item: bpy.types.NodeTreeInterfaceSocket, side: str, defaults: dict) -> dict:
        found = interface.read(item)
        if self._with_defaults:
            return found
        if side == "outputs":  # values of outputs have no effect
            found = {key: found[key] for key in ("name", "type", "description")}
        return {key: value for key, value in found.items() if key in ("name", "type") or value != defaults[key]}

    def _read_node(self, node: bpy.types.Node, defaults: DefaultValues) -> dict:
        found = {"id": self._ids[node.name], "type": node.bl_idname}
        if node.label or self._with_defaults:
            found["label"] = node.label
        item_list = items.read(node)
        if item_list != defaults.items or self._with_defaults:
            found["items"] = item_list
        partner = zones.partner(node)
        if partner:
            found["pair"] = self._ids[partner.name]
        elif zones.is_zone_start(node):
            self._notes.append(f"{node.name} begins a zone that no node ends")
        found["position"] = positions.read(node)
        return found

    def _read_links(self) -> list[dict]:
        found = []
        for link in sort_links(self._group):
            start, end = link.from_node, link.to_node
            ends = f"{start.name}.{link.from_socket.name} -> {end.name}.{link.to_socket.name}"
            entry = {
                "from": self._ids.get(start.name),
                "from_socket": self._reference(start.outputs, link.from_socket),
                "to": self._ids.get(end.name),
                "to_socket": self._reference(end.inputs, link.to_socket),
            }
            if link.is_muted:
                self._notes.append(f"the muted link {ends} is left out, as it does nothing")
            elif None in entry.values():
                self._notes.append(f"the link {ends} is left out: one of its sockets is not there now, or has no name")
            else:
                if not link.is_valid:
                    self._notes.append(f"the link {ends} is invalid in Blender")
                found.append(entry)
        return found

    def _reference(self, sockets_there: list, socket: bpy.types.NodeSocket) -> str | None:
        return sockets.reference(sockets_there, socket) if socket.enabled else None

    def _read_settings(self, node: bpy.types.Node, defaults: DefaultValues) -> dict[str, object]:
        found = {}
        for name in properties.names(node):
            value = values.read(node, name)
            if self._with_defaults or value != defaults.properties[name]:
                found[name] = value
        for socket, default_value in zip(sockets_with_values(node), defaults.inputs, strict=True):
            value = values.read(socket, "default_value")
            if self._with_defaults or value != default_value:
                key = settings.key_of(node, socket)
                if key is None:
                    self._notes.append(f"{node.name}: {socket.name!r} can't be named, its value {value!r} is left out")
                else:
                    found[key] = value
        return found
