# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue as text: one node type a line, the same bytes each time."""

import json

import bpy
from accepted import node_types
from add_menu import categories
from evaluation import error, geometry_first
from item_sockets import empty, items
from links import pairs
from properties import properties
from rig import Rig
from variants import variants
from zones import make, partners

GEOMETRY = "NodeSocketGeometry"
PASS_ON = {"GeometryNodeJoinGeometry", "GeometryNodeSwitch", "NodeReroute"}


def required(entry):
    """Mark the inputs without which a node does nothing: the first geometry, what is put onto points, grids.

    Nodes that pass on whatever they are given (switches, zones, a join of nothing) need none.
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


def describe(rig, node_type, menus, zones):
    """One node type as the catalogue has it."""
    paths, tools = menus
    node, partner = make(rig, node_type, zones)
    entry = {"identifier": node_type, "label": node.bl_rna.name}
    for name, value in (
        ("category", paths.get(node_type) or tools.get(node_type)),
        ("description", node.bl_rna.description),
    ):
        if value:
            entry[name] = value
    found = properties(node)
    if found:
        entry["properties"] = found
    listed = items(rig, node, partner)
    rig.clear()
    node, partner = make(rig, node_type, zones)
    for one in filter(None, (node, partner)):
        empty(one)
    if partner is not None and zones[node_type][0] == "input":  # it has nothing of its own to set
        entry |= variants(rig, node, partner, properties(partner))
    else:
        entry |= variants(rig, node, node, found)
    if listed:
        entry["items"] = listed
    if node_type in zones:
        side, other = zones[node_type]
        entry["zone"] = {"side": side, "partner": other}
    required(entry)
    rig.clear()
    message = error(rig, node_type, zones) or (tools.get(node_type) and "offered for tools alone")
    if message:
        entry["error"] = message
    return entry


def version():
    return ".".join(map(str, bpy.app.version))


def offered(rig):
    """(node types, menus of modifiers and of tools alone, zones): what the tree takes and is not experimental."""
    paths = categories(rig.tree)
    tools = {name: path for name, path in categories(rig.tree, "TOOL").items() if name not in paths}
    everything = categories(rig.tree, "TOOL", experimental=True) | categories(rig.tree, experimental=True)
    names = [name for name in node_types(rig.tree) if name in paths or name in tools or name not in everything]
    return names, (paths, tools), partners(rig, names)


def write(folder):
    """Find everything out and write both files."""
    rig = Rig()
    compat, first = pairs(rig), geometry_first(rig)
    names, menus, zones = offered(rig)
    nodes = [describe(rig, name, menus, zones) for name in names]
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(node, separators=(",", ":"), ensure_ascii=False) for node in nodes)
    head = json.dumps(
        {"format": 1, "blender": version(), "geometry_first": first, "field_types": sorted(rig.fields)},
        separators=(",", ":"),
    )
    text = f'{head[:-1]},"nodes":[\n{lines}\n]}}\n'
    (folder / "nodes.json").write_text(text, "utf-8", newline="\n")
    rows = "".join(f"{start},{end}\n" for start, end in compat)
    (folder / "socket_compat.csv").write_text("from,to\n" + rows, "utf-8", newline="\n")
