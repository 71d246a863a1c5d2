# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the pairs of socket types that can be linked: links each pair, and Blender says whether the link is valid."""

MENU = "NodeSocketMenu"


def valid_pairs(probe):
    """Returns all (from, to) with a valid link, sorted."""
    tree = probe.tree
    idnames = sorted(probe.idnames.values())
    for idname in idnames:
        tree.interface.new_socket(idname, in_out="INPUT", socket_type=idname)
        tree.interface.new_socket(idname, in_out="OUTPUT", socket_type=idname)
    ends = probe.new("NodeGroupInput"), probe.new("NodeGroupOutput")
    # A link of a menu is valid only if its end defines items, so these links end at a Menu Switch.
    switches = [probe.new("GeometryNodeMenuSwitch") for _ in range(2)]
    found = []
    for start in idnames:
        for end in idnames:
            source = ends[0].outputs[start]
            if start == MENU:
                probe.link(source, switches[0].inputs[0])
            link = probe.link(
                source, switches[1 if start != MENU else 0].inputs[0] if end == MENU else ends[1].inputs[end]
            )
            if link.is_valid:
                found.append((start, end))
            for link in list(source.links):
                tree.links.remove(link)
    probe.clear()
    return found
