# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ends of a zone: an end has its sockets only once it is paired, so nodes are looked at in pairs."""


def partners(rig, node_types):
    """{node type: ("input" or "output", the other end's type)}, as far as Blender pairs the two.

    Only ends of one name are tried: Blender 4.5 crashes when asked to pair the ends of two kinds of zone.
    """
    found = {}
    for start in node_types:
        end = start.removesuffix("Input") + "Output"
        node = rig.new(start)
        if end in node_types and hasattr(node, "pair_with_output") and node.pair_with_output(rig.new(end)):
            found |= {start: ("input", end), end: ("output", start)}
        rig.clear()
    return found


def make(rig, node_type, zones):
    """(the node, its partner or None): a new node, paired where it is an end of a zone."""
    node = rig.new(node_type)
    if node_type not in zones:
        return node, None
    side, other = zones[node_type]
    partner = rig.new(other)
    start, end = (node, partner) if side == "input" else (partner, node)
    if not start.pair_with_output(end):
        raise AssertionError(f"{node_type} and {other} make no zone")
    return node, partner
