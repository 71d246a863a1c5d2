# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets by name: which there are with a node's present properties, and how a graph refers to one of them."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ..core.errors import SyncError

# The base types, by what Blender calls them where items of nodes and sockets are concerned. Subtypes such as
# NodeSocketFloatFactor fold to these.
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
# The names that some lists of items have for the same types.
_OTHER_NAMES = {
    "FLOAT": "VALUE",
    "FLOAT_VECTOR": "VECTOR",
    "FLOAT_COLOR": "RGBA",
    "QUATERNION": "ROTATION",
    "FLOAT4X4": "MATRIX",
}
_VALUE_IS_OUTPUT = ("ShaderNodeValue", "ShaderNodeRGB")


def base(kind: str) -> str:
    """The base type's idname for a type as Blender writes it at sockets, items and attributes."""
    return _BASES.get(_OTHER_NAMES.get(kind, kind), kind)


def kind_of(idname: str, known: Iterable[str]) -> str | None:
    """Which of the types that a list of items takes is this base type; None if none is."""
    return next((each for each in known if base(each) == idname), None)


def available(sockets: Iterable[bpy.types.NodeSocket]) -> list[bpy.types.NodeSocket]:
    """Those that are there now, without the one that only exists to draw new links from."""
    return [each for each in sockets if each.enabled and each.bl_idname != "NodeSocketVirtual"]


def settable(node: bpy.types.Node) -> Iterable[bpy.types.NodeSocket]:
    """The sockets whose values are the node's: its inputs, but for two nodes that hold their value at the output."""
    return node.outputs if node.bl_idname in _VALUE_IS_OUTPUT else node.inputs


def find(sockets: Iterable[bpy.types.NodeSocket], reference: str, place: str, whose: str) -> bpy.types.NodeSocket:
    """The socket that a graph means: the only one of that name, of several the one with that identifier; if none has
    the name, the one with that identifier. Raises SyncError that lists what there is."""
    there = available(sockets)
    named = [each for each in there if each.name == reference]
    if len(named) != 1:
        named = [each for each in named or there if each.identifier == reference]
    if len(named) != 1:
        raise SyncError("VS-4005", f"{whose} has no {reference!r}; there {listed(there)}", place)
    return named[0]


def reference(sockets: Iterable[bpy.types.NodeSocket], socket: bpy.types.NodeSocket) -> str | None:
    """How a graph refers to this socket; None where names and identifiers are in each other's way."""
    there = available(sockets)
    named = [each for each in there if each.name == socket.name]
    if len(named) == 1 or (socket.identifier == socket.name):
        return socket.name
    return None if any(each.name == socket.identifier for each in there) else socket.identifier


def listed(sockets: list[bpy.types.NodeSocket]) -> str:
    """What there is, for a message: by name, with the identifier where a name is there twice."""
    if not sockets:
        return "are none"
    names = [each.name for each in sockets]
    texts = [each.name if names.count(each.name) == 1 else f"{each.name} ({each.identifier})" for each in sockets]
    return f"{'is' if len(texts) == 1 else 'are'} {', '.join(texts)}"
