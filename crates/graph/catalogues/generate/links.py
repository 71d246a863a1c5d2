# SPDX-License-Identifier: GPL-3.0-or-later
"""Which types can be linked: each pair is, from a group's input to its output, and Blender says if that is valid."""

MENU = "NodeSocketMenu"


def pairs(rig):
    """All (from, to) whose link is valid, sorted."""
    tree = rig.tree
    idnames = sorted(rig.idnames.values())
    for idname in idnames:
        tree.interface.new_socket(idname, in_out="INPUT", socket_type=idname)
        tree.interface.new_socket(idname, in_out="OUTPUT", socket_type=idname)
    ends = rig.new("NodeGroupInput"), rig.new("NodeGroupOutput")
    # A menu is valid only where something says what can be chosen, so these links end at a node that does.
    switches = [rig.new("GeometryNodeMenuSwitch") for _ in range(2)]
    found = []
    for start in idnames:
        for end in idnames:
            source = ends[0].outputs[start]
            if start == MENU:
                rig.link(source, switches[0].inputs[0])
            link = rig.link(
                source, switches[1 if start != MENU else 0].inputs[0] if end == MENU else ends[1].inputs[end]
            )
            if link.is_valid:
                found.append((start, end))
            for link in list(source.links):
                tree.links.remove(link)
    rig.clear()
    return found
