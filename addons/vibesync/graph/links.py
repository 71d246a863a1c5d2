# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates links one at a time, each checked right after it is made."""

from __future__ import annotations

import bpy

from ..core.sync_error import SyncError
from . import sockets


def make(group: bpy.types.NodeTree, ends: tuple[bpy.types.Node, bpy.types.Node], wanted: dict, location: str) -> dict:
    """Creates one link and returns it in export form. Raises SyncError if Blender rejects or changes it."""
    start, end = ends
    source = _find_end(start, start.outputs, start.inputs, wanted["from_socket"], "output", f"{location}.from_socket")
    target = _find_end(end, end.inputs, end.outputs, wanted["to_socket"], "input", f"{location}.to_socket")
    # `_find_end` searches the right list, so this can't fail today. If it did, Blender would reverse the link.
    if not source.is_output or target.is_output:
        raise SyncError("VS-4005", "a link goes from an output to an input", location)
    if start == end:  # Blender accepts it, and the group yields nothing
        raise SyncError("VS-4005", f"{wanted['from']} can't be linked to itself", location)
    if target.is_linked and not target.is_multi_input:
        raise SyncError("VS-4005", f"{wanted['to']}.{target.name} takes one link and has one", f"{location}.to_socket")
    entry = {
        "from": wanted["from"],
        "from_socket": sockets.reference(start.outputs, source) or wanted["from_socket"],
        "to": wanted["to"],
        "to_socket": sockets.reference(end.inputs, target) or wanted["to_socket"],
    }
    description = _describe_ends(wanted, source, target)
    asked, before = _ends(source, target), len(group.links)
    link = group.links.new(source, target)  # a new type replaces a reroute's sockets, so both may be gone now
    if link is None or len(group.links) != before + 1:
        raise SyncError("VS-4005", f"Blender makes no such link: {description}", location)
    if _ends(link.from_socket, link.to_socket) != asked:
        raise SyncError("VS-4005", f"Blender made another link: {description}", location)
    # A menu gets its items from the end of its links, which may be missing yet; `verify` checks again.
    if not link.is_valid and link.to_socket.type != "MENU":
        raise invalid_link(link, wanted, location)
    return entry


def verify(group: bpy.types.NodeTree, wanted: list[dict]) -> None:
    """Checks all links again: a later link can invalidate an earlier one (a cycle, a field)."""
    for position, (link, entry) in enumerate(zip(group.links, wanted, strict=True)):
        if not link.is_valid:
            raise invalid_link(link, entry, f"links[{position}]")


def invalid_link(link: bpy.types.NodeLink, wanted: dict, location: str) -> SyncError:
    """Returns the error for a link that Blender calls invalid, with the types of its ends."""
    return SyncError(
        "VS-4005", f"Blender calls it invalid: {_describe_ends(wanted, link.from_socket, link.to_socket)}", location
    )


def _ends(*ends: bpy.types.NodeSocket) -> list[tuple[str, str, bool]]:
    return [(socket.node.name, socket.identifier, socket.is_output) for socket in ends]


def _describe_ends(wanted: dict, source: bpy.types.NodeSocket, target: bpy.types.NodeSocket) -> str:
    start, end = (sockets.base_type(socket.type).removeprefix("NodeSocket") for socket in (source, target))
    return f"{wanted['from']}.{source.name} ({start}) -> {wanted['to']}.{target.name} ({end})"


def _find_end(
    node: bpy.types.Node, right: list, wrong: list, reference: str, side: str, location: str
) -> bpy.types.NodeSocket:
    whose = f"{node.name} ({node.bl_idname})"
    try:
        return sockets.find(right, reference, location, f"among the {side}s of {whose}, it")
    except SyncError as error:
        if any(reference in (each.name, each.identifier) for each in sockets.available(wrong)):
            raise SyncError("VS-4005", f"{reference!r} of {whose} is no {side}; {error.message}", location) from error
        raise
