# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the catalogue as text, with one node type in each line. The same Blender gives the same bytes."""

import json

import bpy
from accepted import node_types
from add_menu import categories
from evaluation import evaluation_error, geometry_first
from item_sockets import clear_items, describe_collections
from links import valid_pairs
from probe_tree import ProbeTree
from properties import describe_properties
from variants import describe_variants
from zones import new_node, partners

GEOMETRY = "NodeSocketGeometry"
PASS_ON = {"GeometryNodeJoinGeometry", "GeometryNodeSwitch", "NodeReroute"}


def mark_required(entry):
    """Marks the inputs without which a node does nothing: the first geometry, instances, and grids.

    Nodes that pass values on (switches, zones, joins) need none.
    """
    if "zone" in entry or entry["identifier"] in PASS_ON:
        return
    inputs = entry["inputs"]
    for one in entry.get("variants", {"sets": [{"inputs": range(len(inputs))}]})["sets"]:
        geometries = [inputs[at] for at in one["inputs"] if inputs[at]["idname"] == GEOMETRY]
        for socket in (inputs[at] for at in one["inputs"]):
            if socket in geometries[:1] or (socket in geometries and socket["name"] == "Instance"):
                socket["required"] = True
            if "requires_grid" in socket:
                socket["required"] = True


def describe_type(probe, node_type, menus, zones):
    """Describes a node type for the catalogue."""
    paths, tools = menus
    node, partner = new_node(probe, node_type, zones)
    entry = {"identifier": node_type, "label": node.bl_rna.name}
    for name, value in (
        ("category", paths.get(node_type) or tools.get(node_type)),
        ("description", node.bl_rna.description),
    ):
        if value:
            entry[name] = value
    found = describe_properties(node)
    if found:
        entry["properties"] = found
    collections = describe_collections(probe, node, partner)
    probe.clear()
    node, partner = new_node(probe, node_type, zones)
    for one in filter(None, (node, partner)):
        clear_items(one)
    if partner is not None and zones[node_type][0] == "input":  # the output has the properties
        entry |= describe_variants(probe, node, partner, describe_properties(partner))
    else:
        entry |= describe_variants(probe, node, node, found)
    if collections:
        entry["items"] = collections
    if node_type in zones:
        side, other = zones[node_type]
        entry["zone"] = {"side": side, "partner": other}
    mark_required(entry)
    probe.clear()
    message = evaluation_error(probe, node_type, zones) or (tools.get(node_type) and "offered for tools alone")
    if message:
        entry["error"] = message
    return entry


def version():
    return ".".join(map(str, bpy.app.version))


def offered_types(probe):
    """Returns (node types, menus for modifiers and for tools only, zones), without experimental types."""
    paths = categories(probe.tree)
    tools = {name: path for name, path in categories(probe.tree, "TOOL").items() if name not in paths}
    everything = categories(probe.tree, "TOOL", experimental=True) | categories(probe.tree, experimental=True)
    names = [name for name in node_types(probe.tree) if name in paths or name in tools or name not in everything]
    return names, (paths, tools), partners(probe, names)


def write(folder):
    """Examines Blender and writes both files."""
    probe = ProbeTree()
    compat, first = valid_pairs(probe), geometry_first(probe)
    names, menus, zones = offered_types(probe)
    nodes = [describe_type(probe, name, menus, zones) for name in names]
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(node, separators=(",", ":"), ensure_ascii=False) for node in nodes)
    head = json.dumps(
        {"format": 1, "blender": version(), "geometry_first": first, "field_types": sorted(probe.fields)},
        separators=(",", ":"),
    )
    text = f'{head[:-1]},"nodes":[\n{lines}\n]}}\n'
    (folder / "nodes.json").write_text(text, "utf-8", newline="\n")
    rows = "".join(f"{start},{end}\n" for start, end in compat)
    (folder / "socket_compat.csv").write_text("from,to\n" + rows, "utf-8", newline="\n")
