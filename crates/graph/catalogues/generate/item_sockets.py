# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes whose sockets come from lists of items: which lists, of which types, and which sockets an item makes."""

from fields import Trial
from properties import EVERY_NODES
from values import choices

# Blender 5.0.1 calls a link from a grid to an item of these valid, and crashes when it makes a text of the grid.
CRASH_WITH_GRIDS = {"FunctionNodeFormatString"}


def collections(node):
    """The lists of items that a node owns: those that new items can be added to."""
    return [
        rna.identifier
        for rna in node.bl_rna.properties
        if rna.type == "COLLECTION"
        and rna.identifier not in EVERY_NODES
        and hasattr(getattr(node, rna.identifier), "new")
    ]


def empty(node):
    """Take all items from a node; what is left are the sockets that are always there."""
    for name in collections(node):
        getattr(node, name).clear()


def parameters(node, name):
    """What a new item needs: of "socket_type" and "name" none, one or both."""
    function = getattr(node, name).rna_type.functions["new"]
    return [one.identifier for one in function.parameters if not one.is_output]


def add(node, name, arguments):
    """A new item, or None where Blender refuses it."""
    try:
        return getattr(node, name).new(*arguments)
    except (RuntimeError, TypeError):
        return None


def listed(rig, nodes):
    """[(node, side, position among the sockets that are there, socket)]"""
    return [
        (node.name, side, place, socket)
        for node in nodes
        for side in ("inputs", "outputs")
        for place, (_, socket) in enumerate(rig.sockets(getattr(node, side)))
    ]


def made(rig, nodes, name, arguments):
    """The sockets that one new item makes, as listed; None where Blender refuses it."""
    before = {(node, side, socket.identifier) for node, side, _, socket in listed(rig, nodes)}
    if add(nodes[0], name, arguments) is None:
        return None
    return [one for one in listed(rig, nodes) if (one[0], one[1], one[3].identifier) not in before]


def types(rig, nodes, name, wanted):
    """{idname: what Blender calls it here}: of the items' own types, or of the property that all of them follow."""
    node, found = nodes[0], {}
    if "socket_type" in wanted:
        function = getattr(node, name).rna_type.functions["new"]
        values = [item.identifier for item in function.parameters["socket_type"].enum_items_static]
    elif hasattr(node, "data_type"):
        values = choices(node, "data_type")
    else:
        return None
    for value in values:
        empty(node)
        if "socket_type" not in wanted:
            node.data_type = value
        sockets = made(rig, nodes, name, [{"socket_type": value, "name": "Probe"}[one] for one in wanted])
        if sockets:
            found[rig.idname(sockets[0][3])] = value
    empty(node)
    return dict(sorted(found.items()))


def described(rig, nodes, name, wanted, idname, after):
    """What one item of a type makes, in an otherwise empty list or after an item of another type."""
    empty(nodes[0])
    for one in filter(None, (after, idname)):
        sockets = made(rig, nodes, name, [{"socket_type": one, "name": "Probe"}[key] for key in wanted])
    found = effects(rig, nodes, sockets)
    empty(nodes[0])
    return found


def describe(rig, nodes, name, before):
    """One list of items as the catalogue has it; `before` is what a new node has in it."""
    wanted = parameters(nodes[0], name)
    empty(nodes[0])
    entry = {"collection": name, "named": "name" in wanted}
    known = types(rig, nodes, name, wanted)
    native = "FLOAT"
    if known is not None:
        entry["types"] = known
        native = known["NodeSocketFloat"]
        if "socket_type" not in wanted:
            entry["type_from"] = "data_type"
            nodes[0].data_type = native
    if before:
        idnames = {value: key for key, value in (known or {}).items()}
        entry["default"] = [
            {key: idnames[value] if key == "type" else value for key, value in item.items()} for item in before
        ]
    entry["makes"] = described(rig, nodes, name, wanted, native, None)
    if "socket_type" in wanted and "NodeSocketGeometry" in known:
        after = described(rig, nodes, name, wanted, native, known["NodeSocketGeometry"])
        after = [one | {"at": one["at"] - 1} for one in after]
        if after != entry["makes"]:
            entry["makes_after_geometry"] = after
    return entry


def effects(rig, nodes, sockets):
    """What an item of a type that can be a field makes, and what fields do there."""
    names = {nodes[0].name: "self", **{node.name: "partner" for node in nodes[1:]}}
    of_inputs, of_outputs = Trial(rig, nodes).run()
    new = {(side, node, socket.identifier) for node, side, _, socket in sockets}
    found = []

    def call(side, key):
        return f"item of {names[key[0]]}" if (side, *key) in new else f"{names[key[0]]}: {key[1]}"

    def follows(facts, key):
        return facts.get("field") not in (None, True) and key in facts["field"]

    for node, side, place, socket in sockets:
        key = (node, socket.identifier)
        one = {"node": names[node], "side": side[:-1], "at": place}
        if rig.idname(socket) != rig.idname(sockets[0][3]):
            one["idname"] = rig.idname(socket)
        if side == "inputs":
            one |= of_inputs.get(key, {})
            if nodes[0].bl_idname in CRASH_WITH_GRIDS:
                one.pop("supports_grid", None)
            feeds = [call("outputs", end) for end, facts in of_outputs.items() if follows(facts, key)]
            one |= {"feeds": feeds} if feeds else {}
        for fact, value in of_outputs.get(key, {}).items() if side == "outputs" else ():
            one[fact] = True if value is True else [call("inputs", origin) for origin in value]
        found.append(one)
    return found


def defaults(node, name):
    """The items of a new node."""
    found = []
    for item in getattr(node, name):
        values = (("name", getattr(item, "name", None)), ("type", getattr(item, "socket_type", None)))
        found.append({key: value for key, value in values if value})
    return found


def items(rig, node, partner):
    """All lists of items of a new node, which is left without items."""
    nodes = [node] if partner is None else [node, partner]
    before = {name: defaults(node, name) for name in collections(node)}
    return [describe(rig, nodes, name, items) for name, items in before.items()]
