# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node types and which socket types a geometry tree takes: each is tried."""

import bpy


def node_types(tree):
    """Identifiers of all node types that the tree takes, sorted."""
    found = []
    for name in dir(bpy.types):
        kind = getattr(bpy.types, name)
        if not isinstance(kind, type) or not issubclass(kind, bpy.types.Node):
            continue
        try:
            node = tree.nodes.new(kind.bl_rna.identifier)
        except RuntimeError:  # an abstract type, or one of other trees
            continue
        found.append(node.bl_idname)
        tree.nodes.remove(node)
    return sorted(found)


def socket_types(tree):
    """The base socket types as {socket.type: idname}: those that the interface of a group can have."""
    found = {}
    for name in dir(bpy.types):
        kind = getattr(bpy.types, name)
        if not isinstance(kind, type) or not issubclass(kind, bpy.types.NodeSocket):
            continue
        try:
            item = tree.interface.new_socket("A", in_out="INPUT", socket_type=kind.bl_rna.identifier)
        except TypeError:  # a subtype, or one that groups do not take
            continue
        node = tree.nodes.new("NodeGroupInput")
        if item.socket_type == kind.bl_rna.identifier and len(node.outputs) == 2:
            found[node.outputs[0].type] = item.socket_type
        tree.nodes.remove(node)
        tree.interface.remove(item)
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
