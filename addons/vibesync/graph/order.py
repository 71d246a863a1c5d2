# SPDX-License-Identifier: GPL-3.0-or-later
"""Links in the order in which they would have to be made, which counts where an input takes several: Blender joins what
was linked last first."""

from __future__ import annotations

import bpy


def ordered(group: bpy.types.NodeTree) -> list[bpy.types.NodeLink]:
    """The group's links; those of an input that takes several in the order that a person may have given them since."""
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
