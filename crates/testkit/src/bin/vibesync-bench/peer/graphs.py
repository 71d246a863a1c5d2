"""Checks a geometry-node graph by the same rules in plain Python; the arguments are the catalogue's folder and the
graph's file. First it prints the seconds that loading the catalogue took. Then, for each line of the input, it checks
once more, and prints the seconds that it took and how many errors there are."""

import json
import math
import sys
import time

LISTS = {"NodeSocketVector": 3, "NodeSocketRotation": 3, "NodeSocketColor": 4}


def load(folder):
    """The catalogue as lookups: types by identifier, pairs of socket types."""
    with open(f"{folder}/nodes.json", encoding="utf-8") as file:
        kinds = {kind["identifier"]: kind for kind in json.load(file)["nodes"]}
    for kind in kinds.values():
        kind["property"] = {each["identifier"]: each for each in kind.get("properties", ())}
        if "variants" in kind:
            sets = kind["variants"]["sets"]
            kind["set"] = {tuple(map(str, when)): each for each in sets for when in each["when"]}
    with open(f"{folder}/socket_compat.csv", encoding="utf-8") as file:
        pairs = {tuple(line.strip().split(",")) for line in file}
    return kinds, pairs


def shape(node, kinds, settings):
    """Returns the sockets that a node has with its current properties."""
    kind = kinds[node["type"]]
    if "variants" not in kind:
        return kind["inputs"], kind["outputs"]
    values = [str(settings.get(name, kind["property"][name].get("default"))) for name in kind["variants"]["by"]]
    chosen = kind["set"].get(tuple(values))
    if chosen is None:
        return None
    return [kind["inputs"][at] for at in chosen["inputs"]], [kind["outputs"][at] for at in chosen["outputs"]]


def find(sockets, reference):
    """Returns the index of the socket with this name."""
    named = [at for at, socket in enumerate(sockets) if socket["name"] == reference]
    if len(named) == 1:
        return named[0]
    among = named or range(len(sockets))
    return next((at for at in among if sockets[at]["identifier"] == reference), None)


def fits(value, socket):
    """Returns true if an input keeps a value unchanged."""
    idname = socket["idname"]
    if idname in LISTS:
        wanted = len(socket["default"]) if isinstance(socket.get("default"), list) else LISTS[idname]
        return isinstance(value, list) and len(value) == wanted and all(is_number(part, socket) for part in value)
    if idname == "NodeSocketFloat":
        return is_number(value, socket)
    if idname == "NodeSocketInt":
        return isinstance(value, int) and is_number(value, socket)
    if idname == "NodeSocketBool":
        return isinstance(value, bool)
    return idname == "NodeSocketString" and isinstance(value, str)


def is_number(value, socket):
    """Returns true if a number is finite and within its bounds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return socket.get("min", -math.inf) <= value <= socket.get("max", math.inf)


def interface(graph, shapes):
    """Gives the group's input and output the sockets that their links need."""
    ends = {node["id"]: node["type"] for node in graph["nodes"]}
    for link in graph["links"]:
        start, end = ends.get(link["from"]), ends.get(link["to"])
        if start == "NodeGroupInput" and end not in (None, "NodeGroupOutput"):
            name, inputs = link["from_socket"], shapes[link["to"]][0]
            at = find(inputs, link["to_socket"])
            if at is not None and find(shapes[link["from"]][1], name) is None:
                shapes[link["from"]][1].append({"name": name, "identifier": name, "idname": inputs[at]["idname"]})
        if end == "NodeGroupOutput" and start not in (None, "NodeGroupInput"):
            name, outputs = link["to_socket"], shapes[link["from"]][1]
            at = find(outputs, link["from_socket"])
            if at is not None and find(shapes[link["to"]][0], name) is None:
                made = {"name": name, "identifier": name, "idname": outputs[at]["idname"], "supports_field": True}
                shapes[link["to"]][0].append(made)


def check(text, kinds, pairs):
    """Returns all errors of a graph, as pairs of rule and location."""
    graph = json.loads(text)
    errors = []
    settings = graph.get("node_settings", {})
    shapes = {}
    for node in graph["nodes"]:
        if node["id"] in shapes:
            errors.append(("duplicates", node["id"]))
            continue
        if node["type"] not in kinds:
            errors.append(("types", node["id"]))
            continue
        found = shape(node, kinds, settings.get(node["id"], {}))
        if found is None:
            errors.append(("variants", node["id"]))
            continue
        shapes[node["id"]] = (list(found[0]), list(found[1]))
    interface(graph, shapes)
    errors += wrong_settings(graph, kinds, shapes, settings)
    wires = []
    errors += wrong_links(graph, shapes, pairs, wires)
    linked = {(to, at) for _, _, to, at in wires}
    for name, (inputs, _) in shapes.items():
        for at, socket in enumerate(inputs):
            if socket.get("required") and (name, at) not in linked:
                errors.append(("required", name))
    order, circle = topological(shapes, wires)
    if circle:
        errors.append(("cycles", sorted(circle)[0]))
    errors += fields(shapes, wires, order)
    outputs = [shapes[node["id"]][0] for node in graph["nodes"] if node["type"] == "NodeGroupOutput"]
    if not outputs or not outputs[0] or outputs[0][0]["idname"] != "NodeSocketGeometry":
        errors.append(("outputs", ""))
    return errors


def wrong_settings(graph, kinds, shapes, settings):
    """Finds settings that do not exist, or have values that Blender does not keep."""
    types = {node["id"]: node["type"] for node in graph["nodes"]}
    for name, values in settings.items():
        if name not in shapes:
            yield "ends", name
            continue
        properties = kinds[types[name]]["property"]
        inputs = shapes[name][0]
        for key, value in values.items():
            if key in properties:
                each = properties[key]
                good = value in each["items"] if each["type"] == "ENUM" else isinstance(value, type(each["default"]))
            else:
                at = find(inputs, key)
                good = at is not None and fits(value, inputs[at])
            if not good:
                yield "settings", (name, key)


def wrong_links(graph, shapes, pairs, wires):
    """Finds links that lead nowhere, do not fit, repeat another, or share a single input; adds the others to `wires`."""
    seen, taken = set(), set()
    ids = {node["id"] for node in graph["nodes"]}
    for number, link in enumerate(graph["links"]):
        if link["from"] not in shapes or link["to"] not in shapes:
            # Without a type there is nothing more to check.
            if link["from"] not in ids or link["to"] not in ids:
                yield "ends", number
            continue
        outputs, inputs = shapes[link["from"]][1], shapes[link["to"]][0]
        start, end = find(outputs, link["from_socket"]), find(inputs, link["to_socket"])
        if start is None or end is None:
            yield "sockets", number
            continue
        wire = (link["from"], start, link["to"], end)
        if wire in seen:
            yield "duplicates", number
            continue
        seen.add(wire)
        wires.append(wire)
        if (outputs[start]["idname"], inputs[end]["idname"]) not in pairs:
            yield "compatible", number
        if not inputs[end].get("multi_input"):
            if wire[2:] in taken:
                yield "single", number
            taken.add(wire[2:])


def topological(shapes, wires):
    """Returns the nodes, each after those that lead to it; and the nodes of cycles."""
    waiting, after = dict.fromkeys(shapes, 0), {name: [] for name in shapes}
    for start, _, end, _ in wires:
        waiting[end] += 1
        after[start].append(end)
    order = [name for name, count in waiting.items() if count == 0]
    for name in order:
        for end in after[name]:
            waiting[end] -= 1
            if waiting[end] == 0:
                order.append(end)
    return order, set(shapes) - set(order)


def fields(shapes, wires, order):
    """Finds fields in inputs that need a single value."""
    coming = {}
    for start, output, end, place in wires:
        coming.setdefault(end, []).append((place, (start, output)))
    found = set()
    for name in order:
        inputs, outputs = shapes[name]
        linked = {}
        for place, port in coming.get(name, ()):
            linked[place] = linked.get(place, False) or port in found
        held = {
            socket["identifier"]
            for at, socket in enumerate(inputs)
            if linked.get(at, socket.get("implicit_field", False))
        }
        for at, socket in enumerate(outputs):
            depends = socket.get("field", False)
            if depends is True or (isinstance(depends, list) and not held.isdisjoint(depends)):
                found.add((name, at))
    for start, output, end, place in wires:
        if (start, output) in found and not shapes[end][0][place].get("supports_field"):
            yield "fields", (end, place)


def main():
    folder, graph = sys.argv[1:]
    begin = time.perf_counter()
    kinds, pairs = load(folder)
    print(time.perf_counter() - begin, flush=True)
    with open(graph, encoding="utf-8") as file:
        text = file.read()
    for _ in sys.stdin:
        begin = time.perf_counter()
        broken = len(check(text, kinds, pairs))
        print(time.perf_counter() - begin, broken, flush=True)


if __name__ == "__main__":
    main()
