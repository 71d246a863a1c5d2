# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolves the `node_settings` of one node: properties by identifier, input values by socket name."""

from __future__ import annotations

import bpy

from ..core.sync_error import SyncError
from . import properties, sockets


def split_settings(node: bpy.types.Node, wanted: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Splits settings into those of properties and those of sockets. A name that fits both means the property."""
    own = set(properties.names(node))
    of_properties = {key: value for key, value in wanted.items() if key in own}
    return of_properties, {key: value for key, value in wanted.items() if key not in own}


def find_socket(node: bpy.types.Node, key: str, location: str) -> bpy.types.NodeSocket:
    """Returns the socket of a setting. Raises SyncError that lists the alternatives."""
    own = ", ".join(properties.names(node))
    owner = f"{node.name} ({node.bl_idname}), whose properties are {own or 'none'},"
    socket = sockets.find(sockets.settable(node), key, location, owner)
    if not hasattr(socket, "default_value"):
        raise SyncError("VS-4005", f"{key!r} of {node.name} takes a link and no value", location)
    return socket


def key_of(node: bpy.types.Node, socket: bpy.types.NodeSocket) -> str | None:
    """Returns the key of an input in `node_settings`; None if it has none."""
    own = set(properties.names(node))
    name = sockets.reference(sockets.settable(node), socket)
    if name in own:
        name = socket.identifier
    return None if name in own else name
