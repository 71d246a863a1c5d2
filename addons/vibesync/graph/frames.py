# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames: label, color, text and members."""

from __future__ import annotations

from collections.abc import Mapping

import bpy

from ..core.graph.numbers import shortest_decimal
from ..core.sync_error import SyncError

TYPE = "NodeFrame"
_TEXT = "text"  # custom properties, because a frame has no such fields
_ALPHA = "alpha"


def make(group: bpy.types.NodeTree, wanted: dict, members: list[bpy.types.Node]) -> bpy.types.Node:
    """Adds one frame around these nodes."""
    frame = group.nodes.new(TYPE)
    frame.name = wanted["id"]
    frame.label = wanted.get("label", "")
    if "color" in wanted:
        frame.use_custom_color = True
        frame.color = wanted["color"][:3]
        frame[_ALPHA] = float(wanted["color"][3])
    if wanted.get("text"):
        frame[_TEXT] = wanted["text"]
    for node in members:
        node.parent = frame
    return frame


def set_parent(frames: Mapping[str, bpy.types.Node], wanted: dict, location: str) -> None:
    """Puts a frame into its parent."""
    frames[wanted["id"]].parent = frames[wanted["parent"]]
    if frames[wanted["id"]].parent != frames[wanted["parent"]]:
        raise SyncError("VS-4005", "Blender does not put the frame there", f"{location}.parent")


def sort_nested(frames: list[bpy.types.Node]) -> list[bpy.types.Node]:
    """Returns the frames with each parent right before its children."""
    below: dict[str | None, list[bpy.types.Node]] = {}
    for frame in reversed(frames):
        below.setdefault(frame.parent.name if frame.parent else None, []).append(frame)
    found: list[bpy.types.Node] = []
    open_ = below.get(None, [])
    while open_:
        found.append(open_.pop())
        open_ += below.get(found[-1].name, [])
    return found


def read(frame: bpy.types.Node, members: list[str], ids: Mapping[str, str]) -> dict:
    """Reads one frame in the form of graph_json."""
    found: dict = {"id": ids[frame.name], "label": frame.label, "nodes": members}
    if frame.use_custom_color:
        found["color"] = [*map(shortest_decimal, frame.color), shortest_decimal(frame.get(_ALPHA, 1.0))]
    if isinstance(frame.get(_TEXT), str):
        found["text"] = frame[_TEXT]
    if frame.parent:
        found["parent"] = ids[frame.parent.name]
    return found
