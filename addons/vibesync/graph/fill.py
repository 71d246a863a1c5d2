# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills an empty group from a graph: sockets, nodes, links, values and frames, each checked right after it is made."""

from __future__ import annotations

import copy

import bpy

from ..core.graph.compare import differences
from ..core.pace import Slice, Steps
from ..core.sync_error import SyncError
from . import export, frames, interface, items, links, positions, properties, settings, values, zones


class GroupFiller:
    """Fills one group from one graph, in as many slices as necessary."""

    def __init__(self, graph: dict, group: bpy.types.NodeTree, slice_: Slice) -> None:
        self._graph = graph
        self._uid = group.session_uid
        self._slice = slice_
        self._slice_number = slice_.number
        self._group = group
        self._nodes: dict[str, bpy.types.Node] = {}
        self._pairs: dict[str, list[tuple[str, str, str]]] = {}  # for each node: both ends, location of the first
        for position, node in enumerate(graph["nodes"]):
            for end in (node["id"], node["pair"]) if "pair" in node else ():
                self._pairs.setdefault(end, []).append((node["id"], node["pair"], f"nodes[{position}]"))
        self._menus: list[tuple[str, str, object, str]] = []
        # The graph with the socket names that export uses.
        self._wanted = {**copy.deepcopy(graph), "links": [], "node_settings": {}}

    def run(self) -> Steps[None]:
        """Runs all steps. Raises SyncError with the location in the graph."""
        for side in ("inputs", "outputs"):
            for position, socket in enumerate(self._graph.get(side, [])):
                interface.declare(self._refresh(), side, socket, f"{side}[{position}]")
                yield
        for position in range(len(self._graph["nodes"])):
            self._refresh()
            self._make_node(position)
            yield
        zones.check(self._graph, self._nodes)
        for name in self._graph.get("node_settings", {}):
            self._refresh()
            self._set_inputs(name)
            yield
        for position, link in enumerate(self._graph["links"]):
            group = self._refresh()
            ends = (self._nodes[link["from"]], self._nodes[link["to"]])
            self._wanted["links"].append(links.make(group, ends, link, f"links[{position}]"))
            yield
        self._refresh()
        for name, key, value, location in self._menus:
            values.write(settings.find_socket(self._nodes[name], key, location), "default_value", value, location)
        self._set_defaults()
        yield
        self._make_frames()
        positions.arrange(self._refresh(), self._graph)
        self._group.nodes.foreach_set("select", [False] * len(self._group.nodes))  # Blender selects new nodes
        links.verify(self._refresh(), self._graph["links"])
        yield
        self._compare()

    def _refresh(self) -> bpy.types.NodeTree:
        """Returns the group. In a new slice, finds group and nodes again, because old references may be stale."""
        if self._slice_number != self._slice.number:
            self._group = find_group(self._uid)
            self._nodes = {node.name: node for node in self._group.nodes}
            self._slice_number = self._slice.number
        return self._group

    def _make_node(self, position: int) -> None:
        wanted = self._graph["nodes"][position]
        location = f"nodes[{position}]"
        if wanted["type"] == frames.TYPE:
            raise SyncError("VS-4005", "frames have a list of their own", f"{location}.type")
        try:
            node = self._group.nodes.new(wanted["type"])
        except RuntimeError as error:
            version = ".".join(map(str, bpy.app.version))
            message = f"Blender {version} has no {wanted['type']} for geometry nodes"
            raise SyncError("VS-4005", message, f"{location}.type") from error
        node.name = wanted["id"]
        node.label = wanted.get("label", "")
        self._nodes[wanted["id"]] = node
        of_properties, _ = settings.split_settings(node, self._graph.get("node_settings", {}).get(wanted["id"], {}))
        properties.write(node, of_properties, f"node_settings.{wanted['id']}")
        if "items" in wanted:
            items.write(node, wanted["items"], f"{location}.items")
        for first, last, of_first in self._pairs.get(wanted["id"], []):
            if first in self._nodes and last in self._nodes:
                zones.pair(self._nodes[first], self._nodes[last], f"{of_first}.pair")

    def _set_inputs(self, name: str) -> None:
        node = self._nodes[name]
        of_properties, of_sockets = settings.split_settings(node, self._graph["node_settings"][name])
        settings_by_key = dict(of_properties)
        for key, value in of_sockets.items():
            location = f"node_settings.{name}.{key}"
            socket = settings.find_socket(node, key, location)
            known = settings.key_of(node, socket) or key
            if known in settings_by_key:
                raise SyncError("VS-4005", f"{known!r} is set twice", location)
            settings_by_key[known] = value
            if socket.type == "MENU":  # its items may depend on a link
                self._menus.append((name, key, value, location))
            else:
                values.write(socket, "default_value", value, location)
        self._wanted["node_settings"][name] = settings_by_key

    def _set_defaults(self) -> None:
        group = self._refresh()
        for side in ("inputs", "outputs"):
            pairs = zip(interface.entries(group, side), self._graph.get(side, []), strict=True)
            for position, (item, wanted) in enumerate(pairs):
                interface.set_values(item, wanted, f"{side}[{position}]")

    def _make_frames(self) -> None:
        group = self._refresh()
        made = {}
        for wanted in self._graph.get("frames", []):
            made[wanted["id"]] = frames.make(group, wanted, [self._nodes[name] for name in wanted["nodes"]])
        for position, wanted in enumerate(self._graph.get("frames", [])):
            if "parent" in wanted:
                frames.set_parent(made, wanted, f"frames[{position}]")

    def _compare(self) -> None:
        group = self._refresh()
        found, with_defaults = export.export(group).graph, export.export(group, with_defaults=True).graph
        wrong = list(differences(self._wanted, found, with_defaults))
        if wrong:
            location, what = wrong[0]
            more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            raise SyncError("VS-4001", f"read back from Blender, {location} {what}{more}", location)


def find_group(uid: int) -> bpy.types.NodeTree:
    """Returns the group with this session_uid. Raises SyncError if an undo or another file removed it."""
    for group in bpy.data.node_groups:
        if group.session_uid == uid:
            return group
    raise SyncError("VS-7005", "the group vanished while it was built", "")
