# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds sockets by name: those that a node's current properties enable, and the graph's reference to one."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ..core.sync_error import SyncError

# The base types by Blender's names for them at items and sockets. Subtypes such as NodeSocketFloatFactor map to these.
_BASES = {
    "BOOLEAN": "NodeSocketBool",
    "BUNDLE": "NodeSocketBundle",
    "CLOSURE": "NodeSocketClosure",
    "COLLECTION": "NodeSocketCollection",
    "GEOMETRY": "NodeSocketGeometry",
    "IMAGE": "NodeSocketImage",
    "INT": "NodeSocketInt",
    "MATERIAL": "NodeSocketMaterial",
    "MATRIX": "NodeSocketMatrix",
    "MENU": "NodeSocketMenu",
    "OBJECT": "NodeSocketObject",
    "RGBA": "NodeSocketColor",
    "ROTATION": "NodeSocketRotation",
    "SHADER": "NodeSocketShader",
    "STRING": "NodeSocketString",
    "TEXTURE": "NodeSocketTexture",
    "VALUE": "NodeSocketFloat",
    "VECTOR": "NodeSocketVector",
}
# Other names of the same types, as some item lists use them.
_OTHER_NAMES = {
    "FLOAT": "VALUE",
    "FLOAT_VECTOR": "VECTOR",
    "FLOAT_COLOR": "RGBA",
    "QUATERNION": "ROTATION",
    "FLOAT4X4": "MATRIX",
}
_VALUE_IS_OUTPUT = ("ShaderNodeValue", "ShaderNodeRGB")


def base_type(kind: str) -> str:
    """Returns the idname of the base type for a type name of a socket, item or attribute."""
    return _BASES.get(_OTHER_NAMES.get(kind, kind), kind)


def find_type(idname: str, known: Iterable[str]) -> str | None:
    """Returns the type of an item list that has this base type; None without one."""
    return next((each for each in known if base_type(each) == idname), None)


def available(sockets: Iterable[bpy.types.NodeSocket]) -> list[bpy.types.NodeSocket]:
    """Returns the enabled sockets, without the virtual one for drawing new links."""
    return [each for each in sockets if each.enabled and each.bl_idname != "NodeSocketVirtual"]


def settable(node: bpy.types.Node) -> Iterable[bpy.types.NodeSocket]:
    """Returns the sockets that hold the node's values: inputs, except for two nodes that use their output."""
    return node.outputs if node.bl_idname in _VALUE_IS_OUTPUT else node.inputs


def find(sockets: Iterable[bpy.types.NodeSocket], reference: str, location: str, owner: str) -> bpy.types.NodeSocket:
    """Returns the socket that a reference means.

    The name decides if it is unique; among several of that name, or if no socket has the name, the identifier decides.
    Raises SyncError that lists the alternatives.
    """
    sockets_there = available(sockets)
    named = [each for each in sockets_there if each.name == reference]
    if len(named) != 1:
        named = [each for each in named or sockets_there if each.identifier == reference]
    if len(named) != 1:
        raise SyncError("VS-4005", f"{owner} has no {reference!r}; there {list_names(sockets_there)}", location)
    return named[0]


def reference(sockets: Iterable[bpy.types.NodeSocket], socket: bpy.types.NodeSocket) -> str | None:
    """Returns the reference to a socket; None if names and identifiers collide."""
    sockets_there = available(sockets)
    named = [each for each in sockets_there if each.name == socket.name]
    if len(named) == 1 or (socket.identifier == socket.name):
        return socket.name
    return None if any(each.name == socket.identifier for each in sockets_there) else socket.identifier


def list_names(sockets: list[bpy.types.NodeSocket]) -> str:
    """Lists sockets for a message: by name, with the identifier where a name repeats."""
    if not sockets:
        return "are none"
    names = [each.name for each in sockets]
    texts = [each.name if names.count(each.name) == 1 else f"{each.name} ({each.identifier})" for each in sockets]
    return f"{'is' if len(texts) == 1 else 'are'} {', '.join(texts)}"
