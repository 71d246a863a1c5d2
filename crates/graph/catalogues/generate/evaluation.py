# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the nodes that fail in a modifier: evaluates each node with all of its outputs linked to the group."""

import contextlib
import ctypes
import os
import tempfile

import bpy
from probe_tree import NUMBERS
from zones import new_node

STORED_TYPES = {  # socket type -> data type of Store Named Attribute
    "NodeSocketBool": "BOOLEAN",
    "NodeSocketColor": "FLOAT_COLOR",
    "NodeSocketFloat": "FLOAT",
    "NodeSocketInt": "INT",
    "NodeSocketMatrix": "FLOAT4X4",
    "NodeSocketRotation": "QUATERNION",
    "NodeSocketVector": "FLOAT_VECTOR",
}


def link_outputs(probe, node, mesh):
    """Links all outputs to outputs of the group, and stores values on a mesh, so that Blender computes all of them."""
    tree = probe.tree
    join, end = probe.new("GeometryNodeJoinGeometry"), probe.new("NodeGroupOutput")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    for _, socket in probe.sockets(node.outputs):
        idname = probe.idname(socket)
        if idname == "NodeSocketGeometry":
            probe.link(socket, join.inputs[0])
            continue
        item = tree.interface.new_socket("Value", in_out="OUTPUT", socket_type=idname)
        probe.link(socket, next(one for one in end.inputs if one.identifier == item.identifier))
        if idname in STORED_TYPES and not probe.is_grid(socket):
            store = probe.new("GeometryNodeStoreNamedAttribute", data_type=STORED_TYPES[idname])
            store.inputs["Name"].default_value = "stored"
            probe.link(mesh, store.inputs["Geometry"])
            probe.link(socket, next(one for one in store.inputs if one.name == "Value" and one.enabled))
            mesh = store.outputs["Geometry"]
    probe.link(mesh, join.inputs[0])
    probe.link(join.outputs[0], end.inputs[0])


def distance_field(probe, mesh):
    """Returns a signed distance field of the mesh: a grid that all nodes for grids accept."""
    node = probe.new("GeometryNodeMeshToSDFGrid")
    probe.link(mesh, node.inputs["Mesh"])
    return node.outputs[0]


def link_inputs(probe, node, mesh):
    """Links a mesh to each geometry input, and a signed distance field to each input that accepts only a grid."""
    value = probe.sources[NUMBERS[0]][0]
    for _, socket in probe.sockets(node.inputs):
        if probe.idname(socket) == "NodeSocketGeometry":
            probe.link(mesh, socket)
        elif probe.grids and probe.idname(socket) in NUMBERS and not probe.link(value, socket).is_valid:
            probe.link(distance_field(probe, mesh), socket)
    for link in list(value.links):
        probe.tree.links.remove(link)


def evaluate(tree):
    """Returns the error messages of a modifier with the tree. Before Blender 4.3 they cannot be read."""
    item = bpy.data.objects.new("Plain", bpy.data.meshes.new("Plain"))
    bpy.context.scene.collection.objects.link(item)
    modifier = item.modifiers.new("Catalogue", "NODES")
    modifier.node_group = tree
    bpy.context.view_layer.update()
    errors = [one.message for one in getattr(modifier, "node_warnings", ()) if one.type == "ERROR"]
    mesh = item.data
    bpy.data.objects.remove(item)
    bpy.data.meshes.remove(mesh)
    return errors


@contextlib.contextmanager
def captured_log():
    """Captures Blender's log as a list of lines, which is complete after the `with` block."""
    lines = []
    saved = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
        try:
            yield lines
        finally:
            ctypes.CDLL(None).fflush(None)
            for stream in (1, 2):
                os.dup2(saved[stream - 1], stream)
                os.close(saved[stream - 1])
            log.seek(0)
            lines += log.read().splitlines()


def geometry_first(probe):
    """Returns the input types that need a geometry before them: the modifier logs that these must be the first."""
    tree, found = probe.tree, []
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("A", in_out="INPUT", socket_type="NodeSocketFloat")
    probe.link(probe.new("GeometryNodeMeshCube").outputs["Mesh"], probe.new("NodeGroupOutput").inputs[0])
    for idname in sorted(probe.idnames.values()):
        item = tree.interface.new_socket("B", in_out="INPUT", socket_type=idname)
        with captured_log() as lines:
            evaluate(tree)
        if any("must be the first" in line for line in lines):
            found.append(idname)
        tree.interface.remove(item)
    probe.clear()
    return found


def evaluation_error(probe, node_type, zones):
    """Returns the error of Blender when it evaluates a new node, or None."""
    node, partner = new_node(probe, node_type, zones)
    mesh = probe.new("GeometryNodeMeshCube").outputs["Mesh"]
    link_inputs(probe, node, mesh)
    if partner is not None and zones[node_type][0] == "input":
        node = partner
    link_outputs(probe, node, mesh)
    found = evaluate(probe.tree)
    probe.clear()
    return found[0] if found else None


def refused_grids(probe, node, values, identifiers):
    """Returns the inputs with which a node like this one fails, although a grid can be linked to them."""
    found = []
    for identifier in identifiers:
        other = probe.new(node.bl_idname)
        for name, value in values.items():
            setattr(other, name, value)
        mesh = probe.new("GeometryNodeMeshCube").outputs["Mesh"]
        link_inputs(probe, other, mesh)
        socket = next(one for _, one in probe.sockets(other.inputs) if one.identifier == identifier)
        probe.link(distance_field(probe, mesh), socket)
        link_outputs(probe, other, mesh)
        with captured_log():  # Blender 5.0 logs an internal error for some of these
            errors = evaluate(probe.tree)
        if errors:
            found.append(identifier)
        probe.clear(keep={node.name})
    return found
