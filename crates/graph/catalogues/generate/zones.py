# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs the two nodes of a zone: a node has its sockets only after pairing."""


def partners(probe, node_types):
    """Returns {node type: ("input" or "output", type of the other node)} of all zones.

    Tries only nodes with the same name: Blender 4.5 crashes on pairing nodes of different kinds of zones.
    """
    found = {}
    for start in node_types:
        end = start.removesuffix("Input") + "Output"
        node = probe.new(start)
        if end in node_types and hasattr(node, "pair_with_output") and node.pair_with_output(probe.new(end)):
            found |= {start: ("input", end), end: ("output", start)}
        probe.clear()
    return found


def new_node(probe, node_type, zones):
    """Adds a node, and its partner if it belongs to a zone; returns (node, partner or None)."""
    node = probe.new(node_type)
    if node_type not in zones:
        return node, None
    side, other = zones[node_type]
    partner = probe.new(other)
    start, end = (node, partner) if side == "input" else (partner, node)
    if not start.pair_with_output(end):
        raise AssertionError(f"{node_type} and {other} make no zone")
    return node, partner
