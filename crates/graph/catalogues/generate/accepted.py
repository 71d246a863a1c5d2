# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the node types and socket types that a geometry tree accepts, by adding each of them."""

import bpy


def node_types(tree):
    """Returns the identifiers of all node types that the tree accepts, sorted."""
    found = []
    for name in dir(bpy.types):
        kind = getattr(bpy.types, name)
        if not isinstance(kind, type) or not issubclass(kind, bpy.types.Node):
            continue
        try:
            node = tree.nodes.new(kind.bl_rna.identifier)
        except RuntimeError:  # an abstract type, or one for other trees
            continue
        found.append(node.bl_idname)
        tree.nodes.remove(node)
    return sorted(found)


def socket_types(tree):
    """Returns the socket types that the interface of a group can have, as {socket.type: idname}."""
    found = {}
    for name in dir(bpy.types):
        kind = getattr(bpy.types, name)
        if not isinstance(kind, type) or not issubclass(kind, bpy.types.NodeSocket):
            continue
        try:
            item = tree.interface.new_socket("A", in_out="INPUT", socket_type=kind.bl_rna.identifier)
        except TypeError:  # a subtype, or one that groups do not accept
            continue
        node = tree.nodes.new("NodeGroupInput")
        if item.socket_type == kind.bl_rna.identifier and len(node.outputs) == 2:
            found[node.outputs[0].type] = item.socket_type
        tree.nodes.remove(node)
        tree.interface.remove(item)
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
