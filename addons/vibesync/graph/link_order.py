# SPDX-License-Identifier: GPL-3.0-or-later
"""Sorts links into creation order, which matters at multi-inputs: Blender joins the newest link first."""

from __future__ import annotations

import bpy


def sort_links(group: bpy.types.NodeTree) -> list[bpy.types.NodeLink]:
    """Returns the group's links. Links of a multi-input have the order that a person may have changed."""
    links = list(group.links)
    places: dict[tuple[str, str], list[int]] = {}
    for position, link in enumerate(links):
        if link.to_socket.is_multi_input:
            places.setdefault((link.to_node.name, link.to_socket.identifier), []).append(position)
    for positions in places.values():
        joined = sorted((links[position] for position in positions), key=_sort_id)
        for position, link in zip(positions, joined, strict=True):
            links[position] = link
    return links


def _sort_id(link: bpy.types.NodeLink) -> int:
    return link.multi_input_sort_id
