# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree for experiments, with sources of single values and fields, and inputs that accept only single values."""

import bpy
from accepted import socket_types

NUMBERS = ("NodeSocketBool", "NodeSocketColor", "NodeSocketFloat", "NodeSocketInt", "NodeSocketVector")
ROTATIONS = ("NodeSocketMatrix", "NodeSocketRotation")


class ProbeTree:
    """A geometry tree with sources, and with sinks that are added as needed."""

    def __init__(self):
        self.tree = bpy.data.node_groups.new("Catalogue", "GeometryNodeTree")
        self.idnames = socket_types(self.tree)
        index = self.new("GeometryNodeInputIndex").outputs[0]
        value = self.new("ShaderNodeValue").outputs[0]
        self.sources = {  # socket type -> source of a single value, source of a field
            **dict.fromkeys(NUMBERS, (value, index)),
            "NodeSocketString": self.pair("FunctionNodeValueToString", index),
            "NodeSocketRotation": self.pair("FunctionNodeEulerToRotation", index),
            "NodeSocketMatrix": self.pair("FunctionNodeCombineTransform", index),
        }
        self.sources["NodeSocketMenu"] = self.pair("GeometryNodeSwitch", index, input_type="MENU")
        self.grids = self.volume_grids()
        self.sinks = {}
        self.fixed = {node.name for node in self.tree.nodes}
        self.fields = {idname for idname in self.sources if self.can_be_field(idname)}

    def new(self, node_type, **values):
        node = self.tree.nodes.new(node_type)
        for name, value in values.items():
            setattr(node, name, value)
        return node

    def pair(self, node_type, index, **values):
        """Adds two nodes of a type, the second with a field at its first input; returns their first outputs."""
        single, field = self.new(node_type, **values), self.new(node_type, **values)
        self.tree.links.new(index, field.inputs[0])
        return [next(one for one in node.outputs if one.enabled) for node in (single, field)]

    def volume_grids(self):
        """Returns {socket type: an output that is a volume grid}; empty if this Blender does not report grids."""
        if not hasattr(bpy.types.NodeSocket.bl_rna.properties.get("inferred_structure_type"), "identifier"):
            return {}
        grid = self.new("GeometryNodeGetNamedGrid").outputs["Grid"]
        return dict.fromkeys(NUMBERS, grid)

    def is_grid(self, output):
        return bool(self.grids) and output.inferred_structure_type == "GRID"

    def sink(self, idname, number):
        """Returns an input that accepts only single values; each number has its own input."""
        key = (idname, number)
        if key not in self.sinks:
            if idname in NUMBERS:
                self.sinks[key] = self.new("GeometryNodeMeshGrid").inputs["Size X"]
            elif idname in ROTATIONS:
                self.sinks[key] = self.new("GeometryNodeTransform").inputs["Rotation"]
            elif idname == "NodeSocketString":
                self.sinks[key] = self.new("GeometryNodeStringToCurves").inputs["String"]
            else:
                self.sinks[key] = self.new("GeometryNodeMenuSwitch", data_type="GEOMETRY").inputs[0]
        return self.sinks[key]

    def link(self, output, socket):
        return self.tree.links.new(output, socket)

    def can_be_field(self, idname):
        """Returns whether values of the type can be fields in this Blender. Raises if a source is wrong."""
        single, field = self.sources[idname]
        sink = self.sink(idname, 0)
        valid = []
        for source in (single, field):
            link = self.link(source, sink)
            valid.append(link.is_valid)
            self.tree.links.remove(link)
        if not valid[0]:
            raise AssertionError(f"the source of {idname} is no single value")
        return not valid[1]

    def idname(self, socket):
        """Returns the type of a socket without subtype; None for the socket that adds sockets."""
        return self.idnames.get(socket.type)

    def sockets(self, sockets):
        """Returns the sockets that are available with the node's current properties, as (index, socket)."""
        return [
            (at, one) for at, one in enumerate(sockets) if one.enabled and not one.is_unavailable and self.idname(one)
        ]

    def clear(self, keep=()):
        """Removes all nodes except sources and sinks, and the interface of the group."""
        sinks = {one.node.name for one in self.sinks.values()}
        for node in list(self.tree.nodes):
            if node.name not in self.fixed and node.name not in sinks and node.name not in keep:
                self.tree.nodes.remove(node)
        for item in list(self.tree.interface.items_tree):
            self.tree.interface.remove(item)
