# SPDX-License-Identifier: GPL-3.0-or-later
"""What `node_settings` says of one node: properties by identifier, values of inputs by the socket's name."""

from __future__ import annotations

import bpy

from ..core.errors import SyncError
from . import properties, sockets


def split(node: bpy.types.Node, wanted: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """The settings of properties, and those of sockets. What could be either is the property."""
    own = set(properties.names(node))
    of_properties = {key: value for key, value in wanted.items() if key in own}
    return of_properties, {key: value for key, value in wanted.items() if key not in own}


def find(node: bpy.types.Node, key: str, place: str) -> bpy.types.NodeSocket:
    """The socket that a setting is for. Raises SyncError that lists what there is."""
    own = ", ".join(properties.names(node))
    whose = f"{node.name} ({node.bl_idname}), whose properties are {own or 'none'},"
    socket = sockets.find(sockets.settable(node), key, place, whose)
    if not hasattr(socket, "default_value"):
        raise SyncError("VS-4005", f"{key!r} of {node.name} takes a link and no value", place)
    return socket


def key_of(node: bpy.types.Node, socket: bpy.types.NodeSocket) -> str | None:
    """How `node_settings` names an input; None where it can't."""
    own = set(properties.names(node))
    name = sockets.reference(sockets.settable(node), socket)
    if name in own:
        name = socket.identifier
    return None if name in own else name
