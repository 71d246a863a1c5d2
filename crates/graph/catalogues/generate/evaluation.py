# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes cannot be evaluated in a modifier, whatever they are given: each is, with all that it gives led out."""

import contextlib
import ctypes
import os
import tempfile

import bpy
from rig import NUMBERS
from zones import make

STORED = {  # socket type -> what Store Named Attribute calls it
    "NodeSocketBool": "BOOLEAN",
    "NodeSocketColor": "FLOAT_COLOR",
    "NodeSocketFloat": "FLOAT",
    "NodeSocketInt": "INT",
    "NodeSocketMatrix": "FLOAT4X4",
    "NodeSocketRotation": "QUATERNION",
    "NodeSocketVector": "FLOAT_VECTOR",
}


def lead_out(rig, node, mesh):
    """All that the node gives to outputs of the group, values also stored on a mesh: so all is computed."""
    tree = rig.tree
    join, end = rig.new("GeometryNodeJoinGeometry"), rig.new("NodeGroupOutput")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    for _, socket in rig.sockets(node.outputs):
        idname = rig.idname(socket)
        if idname == "NodeSocketGeometry":
            rig.link(socket, join.inputs[0])
            continue
        item = tree.interface.new_socket("Value", in_out="OUTPUT", socket_type=idname)
        rig.link(socket, next(one for one in end.inputs if one.identifier == item.identifier))
        if idname in STORED and not rig.is_grid(socket):
            store = rig.new("GeometryNodeStoreNamedAttribute", data_type=STORED[idname])
            store.inputs["Name"].default_value = "stored"
            rig.link(mesh, store.inputs["Geometry"])
            rig.link(socket, next(one for one in store.inputs if one.name == "Value" and one.enabled))
            mesh = store.outputs["Geometry"]
    rig.link(mesh, join.inputs[0])
    rig.link(join.outputs[0], end.inputs[0])


def distance_field(rig, mesh):
    """A signed distance field of the mesh: a grid that all nodes for grids take."""
    node = rig.new("GeometryNodeMeshToSDFGrid")
    rig.link(mesh, node.inputs["Mesh"])
    return node.outputs[0]


def feed(rig, node, mesh):
    """A mesh to every geometry input, a signed distance field to every input that takes nothing but a grid."""
    value = rig.sources[NUMBERS[0]][0]
    for _, socket in rig.sockets(node.inputs):
        if rig.idname(socket) == "NodeSocketGeometry":
            rig.link(mesh, socket)
        elif rig.grids and rig.idname(socket) in NUMBERS and not rig.link(value, socket).is_valid:
            rig.link(distance_field(rig, mesh), socket)
    for link in list(value.links):
        rig.tree.links.remove(link)


def evaluate(tree):
    """Messages of the errors that the modifier shows. Before Blender 4.3 they cannot be read."""
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
def listening():
    """Blender's log while something is done, as a list of lines that is complete at the end."""
    lines = []
    kept = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
        try:
            yield lines
        finally:
            ctypes.CDLL(None).fflush(None)
            for stream in (1, 2):
                os.dup2(kept[stream - 1], stream)
                os.close(kept[stream - 1])
            log.seek(0)
            lines += log.read().splitlines()


def geometry_first(rig):
    """The types of inputs of which the modifier says that they must be the first: these want geometry before them."""
    tree, found = rig.tree, []
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("A", in_out="INPUT", socket_type="NodeSocketFloat")
    rig.link(rig.new("GeometryNodeMeshCube").outputs["Mesh"], rig.new("NodeGroupOutput").inputs[0])
    for idname in sorted(rig.idnames.values()):
        item = tree.interface.new_socket("B", in_out="INPUT", socket_type=idname)
        with listening() as lines:
            evaluate(tree)
        if any("must be the first" in line for line in lines):
            found.append(idname)
        tree.interface.remove(item)
    rig.clear()
    return found


def error(rig, node_type, zones):
    """What Blender says when the node is evaluated as it comes, or None."""
    node, partner = make(rig, node_type, zones)
    mesh = rig.new("GeometryNodeMeshCube").outputs["Mesh"]
    feed(rig, node, mesh)
    if partner is not None and zones[node_type][0] == "input":
        node = partner
    lead_out(rig, node, mesh)
    found = evaluate(rig.tree)
    rig.clear()
    return found[0] if found else None


def refused_grids(rig, node, values, identifiers):
    """The inputs to which a grid can be linked, but with which a node like this one cannot be evaluated."""
    found = []
    for identifier in identifiers:
        other = rig.new(node.bl_idname)
        for name, value in values.items():
            setattr(other, name, value)
        mesh = rig.new("GeometryNodeMeshCube").outputs["Mesh"]
        feed(rig, other, mesh)
        socket = next(one for _, one in rig.sockets(other.inputs) if one.identifier == identifier)
        rig.link(distance_field(rig, mesh), socket)
        lead_out(rig, other, mesh)
        with listening():  # Blender 5.0 asks for a report of some of these
            errors = evaluate(rig.tree)
        if errors:
            found.append(identifier)
        rig.clear(keep={node.name})
    return found
