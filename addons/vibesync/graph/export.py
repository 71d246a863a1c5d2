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


def export(group: bpy.types.NodeTree, whole: bool = False) -> Exported:
    """Reads a group. `whole` includes default values."""
    return _Reading(group, whole).read()


def read_back(group: bpy.types.NodeTree, request: dict) -> dict:
    """Returns the content of a group, phrased like the request that built it. An intact group equals its request."""
    return phrase_like_request(request, export(group).graph, export(group, whole=True).graph)


class _Reading:
    def __init__(self, group: bpy.types.NodeTree, whole: bool) -> None:
        self._group = group
        self._whole = whole
        self._notes: list[str] = []
        self._nodes = [node for node in group.nodes if node.bl_idname not in (frames.TYPE, "NodeUndefined")]
        self._frames = frames.nested([node for node in group.nodes if node.bl_idname == frames.TYPE])
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
            untouched = {node.name: defaults.of(node) for node in self._nodes}
            for side in ("inputs", "outputs"):
                items_there = interface.entries(self._group, side)
                graph[side] = [self._socket(item, side, defaults.socket(item.socket_type)) for item in items_there]
        graph["nodes"] = [self._node(node, untouched[node.name]) for node in self._nodes]
        graph["links"] = self._links()
        graph["node_settings"] = {
            self._ids[node.name]: found
            for node in self._nodes
            if (found := self._settings(node, untouched[node.name])) or self._whole
        }
        if self._frames:
            members = self._members
            graph["frames"] = [frames.read(each, members.get(each.name, []), self._ids) for each in self._frames]
        self._notes += describe_losses(self._group, self._nodes, untouched)
        return Exported(graph, self._notes)

    def _socket(self, item: bpy.types.NodeTreeInterfaceSocket, side: str, usual: dict) -> dict:
        found = interface.read(item)
        if self._whole:
            return found
        if side == "outputs":  # values of outputs have no effect
            found = {key: found[key] for key in ("name", "type", "description")}
        return {key: value for key, value in found.items() if key in ("name", "type") or value != usual[key]}

    def _node(self, node: bpy.types.Node, usual: DefaultValues) -> dict:
        found = {"id": self._ids[node.name], "type": node.bl_idname}
        if node.label or self._whole:
            found["label"] = node.label
        made_of = items.read(node)
        if made_of != usual.items or self._whole:
            found["items"] = made_of
        partner = zones.partner(node)
        if partner:
            found["pair"] = self._ids[partner.name]
        elif zones.begins(node):
            self._notes.append(f"{node.name} begins a zone that no node ends")
        found["position"] = positions.read(node)
        return found

    def _links(self) -> list[dict]:
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

    def _reference(self, there: list, socket: bpy.types.NodeSocket) -> str | None:
        return sockets.reference(there, socket) if socket.enabled else None

    def _settings(self, node: bpy.types.Node, usual: DefaultValues) -> dict[str, object]:
        found = {}
        for name in properties.names(node):
            value = values.read(node, name)
            if self._whole or value != usual.properties[name]:
                found[name] = value
        for socket, untouched in zip(sockets_with_values(node), usual.inputs, strict=True):
            value = values.read(socket, "default_value")
            if self._whole or value != untouched:
                key = settings.key_of(node, socket)
                if key is None:
                    self._notes.append(f"{node.name}: {socket.name!r} can't be named, its value {value!r} is left out")
                else:
                    found[key] = value
        return found
