# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes cannot be evaluated in a modifier, whatever they are given: each is, with all that it gives led out."""

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
    """Geometry that the node gives to the output of the group, and values stored on a mesh: so all is computed."""
    tree = rig.tree
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    join = rig.new("GeometryNodeJoinGeometry")
    for _, socket in rig.sockets(node.outputs):
        idname = rig.idname(socket)
        if idname == "NodeSocketGeometry":
            rig.link(socket, join.inputs[0])
        elif idname in STORED:
            store = rig.new("GeometryNodeStoreNamedAttribute", data_type=STORED[idname])
            store.inputs["Name"].default_value = "stored"
            rig.link(mesh, store.inputs["Geometry"])
            rig.link(socket, next(one for one in store.inputs if one.name == "Value" and one.enabled))
            mesh = store.outputs["Geometry"]
    rig.link(mesh, join.inputs[0])
    rig.link(join.outputs[0], rig.new("NodeGroupOutput").inputs[0])


def feed(rig, node, mesh):
    """A mesh to every geometry input, a signed distance field to every input that takes nothing but a grid."""
    for _, socket in rig.sockets(node.inputs):
        if rig.idname(socket) == "NodeSocketGeometry":
            rig.link(mesh, socket)
        elif rig.grids and rig.idname(socket) in NUMBERS and not rig.link(rig.sources[NUMBERS[0]][0], socket).is_valid:
            field = rig.new("GeometryNodeMeshToSDFGrid")
            rig.link(mesh, field.inputs["Mesh"])
            rig.link(field.outputs[0], socket)
    for link in rig.sources[NUMBERS[0]][0].links:
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


def error(rig, node_type, zones):
    """What Blender says when the node is evaluated as it comes, or None."""
    node, partner = make(rig, node_type, zones)
    mesh = rig.new("GeometryNodeMeshCube").outputs["Mesh"]
    feed(rig, node, mesh)
    if partner is not None and zones[node_type][0] == "input":
        node = partner
    lead_out(rig, node, mesh)
    found = evaluate(rig.tree)
    for item in list(rig.tree.interface.items_tree):
        rig.tree.interface.remove(item)
    rig.clear()
    return found[0] if found else None
