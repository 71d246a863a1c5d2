# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones: a first and a last node, which only work as a pair."""

from __future__ import annotations

import bpy

from ..core.sync_error import SyncError

# Experimental in 4.5, which crashes on access to its pair. NodeClosureInput from 5.0 on is sound.
CRASHES_WHEN_PAIRED = "GeometryNodeClosureInput"


def is_zone_start(node: bpy.types.Node) -> bool:
    """Returns whether a node begins a zone."""
    return hasattr(node, "pair_with_output")


def is_zone_end(node: bpy.types.Node) -> bool:
    """Returns whether a node ends a zone, judged by the existence of a matching input type."""
    kind = getattr(bpy.types, node.bl_idname.removesuffix("Output") + "Input", None)
    return node.bl_idname.endswith("Output") and kind is not None and "pair_with_output" in kind.bl_rna.functions


def partner(first: bpy.types.Node) -> bpy.types.Node | None:
    """Returns the node that ends the zone of this first node; None if it begins none."""
    return first.paired_output if is_zone_start(first) and first.bl_idname != CRASHES_WHEN_PAIRED else None


def pair(first: bpy.types.Node, last: bpy.types.Node, location: str) -> None:
    """Pairs two nodes as a zone."""
    if not is_zone_start(first):
        raise SyncError("VS-4005", f"{first.name} ({first.bl_idname}) begins no zone", location)
    if first.bl_idname == CRASHES_WHEN_PAIRED:
        raise SyncError("VS-4005", "this Blender crashes on closures, which are experimental in it", location)
    wanted = first.bl_idname.removesuffix("Input") + "Output"
    # Blender accepts the end of another kind of zone, and then crashes.
    if last.bl_idname != wanted or not first.pair_with_output(last) or partner(first) != last:
        message = f"{first.name} ({first.bl_idname}) is ended by a {wanted}, but {last.name} is a {last.bl_idname}"
        raise SyncError("VS-4005", message, location)


def check(graph: dict, nodes: dict[str, bpy.types.Node]) -> None:
    """Checks that no zone lacks one of its ends."""
    paired = {entry["pair"] for entry in graph["nodes"] if "pair" in entry}
    for position, entry in enumerate(graph["nodes"]):
        node = nodes[entry["id"]]
        if is_zone_start(node) and "pair" not in entry:
            raise SyncError(
                "VS-4005", f"{node.name} begins a zone: `pair` names the node that ends it", f"nodes[{position}]"
            )
        if is_zone_end(node) and entry["id"] not in paired:
            raise SyncError("VS-4005", f"{node.name} ends a zone that no node begins", f"nodes[{position}]")
