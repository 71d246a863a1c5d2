# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes the collections of items of a node, the types of items, and the sockets that an item makes."""

from fields import FieldProbe
from properties import COMMON_PROPERTIES
from values import choices

# Blender 5.0.1 accepts a link from a grid to an item of these types, and crashes when it formats the grid.
CRASH_WITH_GRIDS = {"FunctionNodeFormatString"}


def collections(node):
    """Returns the collections of items of a node: those to which items can be added."""
    return [
        rna.identifier
        for rna in node.bl_rna.properties
        if rna.type == "COLLECTION"
        and rna.identifier not in COMMON_PROPERTIES
        and hasattr(getattr(node, rna.identifier), "new")
    ]


def clear_items(node):
    """Removes all items from a node, so that only its fixed sockets are left."""
    for name in collections(node):
        getattr(node, name).clear()


def parameters(node, name):
    """Returns the arguments for a new item: "socket_type" and "name", one of them, or none."""
    function = getattr(node, name).rna_type.functions["new"]
    return [one.identifier for one in function.parameters if not one.is_output]


def add(node, name, arguments):
    """Adds an item; returns None if Blender refuses it."""
    try:
        return getattr(node, name).new(*arguments)
    except (RuntimeError, TypeError):
        return None


def list_sockets(probe, nodes):
    """Returns [(node, side, index among the available sockets, socket)]."""
    return [
        (node.name, side, index, socket)
        for node in nodes
        for side in ("inputs", "outputs")
        for index, (_, socket) in enumerate(probe.sockets(getattr(node, side)))
    ]


def add_and_list(probe, nodes, name, arguments):
    """Adds an item and returns its sockets as in `list_sockets`; None if Blender refuses the item."""
    before = {(node, side, socket.identifier) for node, side, _, socket in list_sockets(probe, nodes)}
    if add(nodes[0], name, arguments) is None:
        return None
    return [one for one in list_sockets(probe, nodes) if (one[0], one[1], one[3].identifier) not in before]


def item_types(probe, nodes, name, wanted):
    """Returns {idname: name in the API} of the types that items, or the property for all items, can have."""
    node, found = nodes[0], {}
    if "socket_type" in wanted:
        function = getattr(node, name).rna_type.functions["new"]
        values = [item.identifier for item in function.parameters["socket_type"].enum_items_static]
    elif hasattr(node, "data_type"):
        values = choices(node, "data_type")
    else:
        return None
    for value in values:
        clear_items(node)
        if "socket_type" not in wanted:
            node.data_type = value
        sockets = add_and_list(probe, nodes, name, [{"socket_type": value, "name": "Probe"}[one] for one in wanted])
        if sockets:
            found[probe.idname(sockets[0][3])] = value
    clear_items(node)
    return dict(sorted(found.items()))


def describe_item(probe, nodes, name, wanted, idname, after):
    """Describes the sockets of an item, alone in its collection or after an item of another type."""
    clear_items(nodes[0])
    for one in filter(None, (after, idname)):
        sockets = add_and_list(probe, nodes, name, [{"socket_type": one, "name": "Probe"}[key] for key in wanted])
    found = describe_sockets(probe, nodes, sockets)
    clear_items(nodes[0])
    return found


def describe_collection(probe, nodes, name, before):
    """Describes a collection for the catalogue; `before` holds the items of a new node."""
    wanted = parameters(nodes[0], name)
    clear_items(nodes[0])
    entry = {"collection": name, "named": "name" in wanted}
    known = item_types(probe, nodes, name, wanted)
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
    entry["makes"] = describe_item(probe, nodes, name, wanted, native, None)
    if "socket_type" in wanted and "NodeSocketGeometry" in known:
        after = describe_item(probe, nodes, name, wanted, native, known["NodeSocketGeometry"])
        after = [one | {"at": one["at"] - 1} for one in after]
        if after != entry["makes"]:
            entry["makes_after_geometry"] = after
    return entry


def describe_sockets(probe, nodes, sockets):
    """Describes the sockets of an item whose type can be a field, and how fields pass through them."""
    names = {nodes[0].name: "self", **{node.name: "partner" for node in nodes[1:]}}
    of_inputs, of_outputs = FieldProbe(probe, nodes).run()
    new = {(side, node, socket.identifier) for node, side, _, socket in sockets}
    found = []

    def reference(side, key):
        return f"item of {names[key[0]]}" if (side, *key) in new else f"{names[key[0]]}: {key[1]}"

    def follows(facts, key):
        return facts.get("field") not in (None, True) and key in facts["field"]

    for node, side, index, socket in sockets:
        key = (node, socket.identifier)
        one = {"node": names[node], "side": side[:-1], "at": index}
        if probe.idname(socket) != probe.idname(sockets[0][3]):
            one["idname"] = probe.idname(socket)
        if side == "inputs":
            one |= of_inputs.get(key, {})
            if nodes[0].bl_idname in CRASH_WITH_GRIDS:
                one.pop("supports_grid", None)
            feeds = [reference("outputs", end) for end, facts in of_outputs.items() if follows(facts, key)]
            one |= {"feeds": feeds} if feeds else {}
        for fact, value in of_outputs.get(key, {}).items() if side == "outputs" else ():
            one[fact] = True if value is True else [reference("inputs", origin) for origin in value]
        found.append(one)
    return found


def default_items(node, name):
    """Returns the items of a new node."""
    found = []
    for item in getattr(node, name):
        values = (("name", getattr(item, "name", None)), ("type", getattr(item, "socket_type", None)))
        found.append({key: value for key, value in values if value})
    return found


def describe_collections(probe, node, partner):
    """Describes all collections of a new node, and removes its items."""
    nodes = [node] if partner is None else [node, partner]
    before = {name: default_items(node, name) for name in collections(node)}
    return [describe_collection(probe, nodes, name, items) for name, items in before.items()]
