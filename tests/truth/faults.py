"""One fault planted into a valid graph: each changes the document so that Blender must not take it."""

GEOMETRY, MENU = "NodeSocketGeometry", "NodeSocketMenu"
SINGLE_ALONE = "GeometryNodeMeshCube", "Size"


def fresh(graph, document, type_, name):
    """One more node in the document."""
    document["nodes"].append({"id": name, "type": type_})
    return name


def link(document, start, start_socket, end, end_socket):
    document["links"].append({"from": start, "from_socket": start_socket, "to": end, "to_socket": end_socket})


def some_link(graph, wanted=lambda output, socket: True):
    """The index of a random link of a kind, or None."""
    found = [at for at, pair in enumerate(graph.links) if wanted(*pair)]
    return graph.random.choice(found) if found else None


def unknown_type(graph, document):
    spec = graph.random.choice(document["nodes"])
    spec["type"] = graph.random.choice(["GeometryNodeNoSuchThing", "ShaderNodeBsdfPrincipled", "CompositorNodeBlur"])


def other_name(graph, document):
    """A type under a name that no Blender has."""
    document["nodes"].append({"id": "fault", "type": "FunctionNodeCombineXYZ"})


def unknown_output(graph, document):
    graph.random.choice(document["links"])["from_socket"] = "No Such Socket"


def unknown_input(graph, document):
    graph.random.choice(document["links"])["to_socket"] = "No Such Socket"


def unknown_node(graph, document):
    graph.random.choice(document["links"])[graph.random.choice(["from", "to"])] = "nobody"


def wrong_direction(graph, document):
    """A link that begins at an input: there is no output of that name."""
    names = {one.ref: {out.ref for out in one.node.outputs} | identifiers(one.node.outputs) for _, one in graph.links}
    at = some_link(graph, lambda _, socket: socket.ref not in names[socket.ref])
    if at is None:
        return False
    one = document["links"][at]
    one["from"], one["from_socket"] = one["to"], one["to_socket"]
    return True


def identifiers(sockets):
    return {one.facts.get("identifier") for one in sockets} | {one.facts["name"] for one in sockets}


def unavailable_socket(graph, document):
    """A socket that the node has with other values of its properties alone."""
    found = []
    for node in graph.nodes:
        there = identifiers(node.inputs)
        for one in node.kind["inputs"]:
            if one["name"] not in there and one["identifier"] not in there and "required" not in one:
                found.append((node, one))
    if not found:
        return False
    node, one = graph.random.choice(found)
    document.setdefault("node_settings", {}).setdefault(node.id, {})
    source = {"NodeSocketGeometry": ("GeometryNodeMeshCube", "Mesh")}.get(one["idname"], ("ShaderNodeValue", "Value"))
    link(document, fresh(graph, document, source[0], "fault"), source[1], node.id, one["name"])
    return True


def incompatible(graph, document):
    """A link between two types that are not in the table."""
    pairs = graph.catalogue.pairs
    targets = [one for _, one in graph.links if "multi_input" not in one.facts and one.node.type != "NodeReroute"]
    found = [(out, to) for out, to in graph.links if to in targets and to.idname != MENU]
    sources = {"NodeSocketFloat": ("ShaderNodeValue", "Value"), "NodeSocketGeometry": ("GeometryNodeMeshCube", "Mesh")}
    sources |= {"NodeSocketString": ("FunctionNodeInputString", "String")}
    choices = [
        (to, source) for _, to in found for idname, source in sources.items() if (idname, to.idname) not in pairs
    ]
    if not choices:
        return False
    to, source = graph.random.choice(choices)
    at = next(at for at, (_, one) in enumerate(graph.links) if one is to)
    document["links"].pop(at)
    link(document, fresh(graph, document, source[0], "fault"), source[1], to.node.id, to.ref)
    return True


def second_link(graph, document):
    """Two links into an input that takes one."""
    at = some_link(graph, lambda _, socket: "multi_input" not in socket.facts)
    if at is None:
        return False
    _, socket = graph.links[at]
    same = {
        "NodeSocketGeometry": ("GeometryNodeMeshCube", "Mesh"),
        "NodeSocketString": ("FunctionNodeInputString", "String"),
    }
    source = same.get(socket.idname, ("ShaderNodeValue", "Value"))
    link(document, fresh(graph, document, source[0], "fault"), source[1], socket.node.id, socket.ref)
    return True


def field_into_single(graph, document):
    """A field, perhaps after some arithmetic, where single values alone go."""
    cube = fresh(graph, document, SINGLE_ALONE[0], "fault")
    end = cube, SINGLE_ALONE[1]
    if graph.random.random() < 0.5:
        math = fresh(graph, document, "ShaderNodeVectorMath", "fault math")
        link(document, math, "Vector", *end)
        end = math, "Vector"
    position = fresh(graph, document, "GeometryNodeInputPosition", "fault field")
    link(document, position, "Position", *end)


def cycle(graph, document):
    """Two nodes that wait for each other."""
    for one in ("fault a", "fault b"):
        fresh(graph, document, "GeometryNodeSetPosition", one)
    link(document, "fault a", "Geometry", "fault b", "Geometry")
    link(document, "fault b", "Geometry", "fault a", "Geometry")


def unpaired(graph, document):
    """A zone whose beginning has no end, and so none of the sockets that its items make."""
    ends = [one for pair in graph.links for one in pair]
    found = {one.node.id for one in ends if one.node.partner is not None and "identifier" not in one.facts}
    found = [spec for spec in document["nodes"] if "pair" in spec and spec["id"] in found]
    if not found:
        return False
    del graph.random.choice(found)["pair"]
    return True


def out_of_zone(graph, document):
    """A link from the inside of a zone to the outside that does not go through its end."""
    found = [node for node in graph.nodes if node.partner is not None and node.kind["zone"]["side"] == "input"]
    found = [(node, out) for node in found for out in node.outputs if out.idname == GEOMETRY]
    if not found:
        return False
    node, out = graph.random.choice(found)
    join = next(one for one in graph.nodes if one.type == "GeometryNodeJoinGeometry" and one.inputs[0].links)
    gate = next(one for one in graph.nodes if one.type == "NodeGroupOutput")
    last = next(at for at, (_, socket) in enumerate(graph.links) if socket.node is gate)
    join = graph.links[last][0].node
    link(document, node.id, out.ref, join.id, join.inputs[0].ref)
    return True


def bad_item(graph, document):
    """A value that an enumeration does not have."""
    for node in graph.random.sample(graph.nodes, len(graph.nodes)):
        for entry in node.kind.get("properties", ()):
            if entry["type"] == "ENUM":
                document["node_settings"].setdefault(node.id, {})[entry["identifier"]] = "NO_SUCH_ITEM"
                return True
    return False


def bad_value(graph, document):
    """A value of another type than its socket's."""
    for node in graph.random.sample(graph.nodes, len(graph.nodes)):
        for socket in node.inputs:
            default = socket.facts.get("default")
            if isinstance(default, float | list) and not isinstance(default, bool):
                value = "much" if isinstance(default, float) else [0.5] * (len(default) + 4)
                document["node_settings"].setdefault(node.id, {})[socket.ref] = value
                return True
    return False


def out_of_range(graph, document):
    """A number that Blender would hold to its limits."""
    for node in graph.random.sample(graph.nodes, len(graph.nodes)):
        for socket in node.inputs:
            if "min" in socket.facts and not isinstance(socket.facts["default"], list):
                document["node_settings"].setdefault(node.id, {})[socket.ref] = socket.facts["min"] - 5
                return True
    return False


def no_such_setting(graph, document):
    node = graph.random.choice(graph.nodes)
    document["node_settings"].setdefault(node.id, {})["No Such Setting"] = 1


def undefined_menu(graph, document):
    """A menu of which nothing says what can be chosen."""
    gate = next((node for node in graph.nodes if node.type == "NodeGroupInput"), None)
    if gate is None:
        return False
    document["inputs"].append({"name": "Menu fault", "type": MENU})
    document["outputs"].append({"name": "Menu fault", "type": MENU})
    end = next(node for node in graph.nodes if node.type == "NodeGroupOutput")
    link(document, gate.id, "Menu fault", end.id, "Menu fault")
    return True


def two_menus(graph, document):
    """One menu for two switches, each of which has choices of its own."""
    gate = next((node for node in graph.nodes if node.type == "NodeGroupInput"), None)
    if gate is None:
        return False
    document["inputs"].append({"name": "Menu fault", "type": MENU})
    for one in ("fault a", "fault b"):
        link(document, gate.id, "Menu fault", fresh(graph, document, "GeometryNodeMenuSwitch", one), "Menu")
    return True


def tool_node(graph, document):
    """A node that only tools can have, where it is evaluated. Before Blender 4.3 it does not tell that it fails."""
    if not graph.catalogue.tells_errors:
        return False
    gate = next(node for node in graph.nodes if node.type == "NodeGroupOutput")
    last = next(at for at, (_, socket) in enumerate(graph.links) if socket.node is gate)
    join = graph.links[last][0].node
    tool = fresh(graph, document, "GeometryNodeToolSetSelection", "fault")
    link(document, fresh(graph, document, "GeometryNodeMeshCube", "fault mesh"), "Mesh", tool, "Geometry")
    link(document, tool, "Geometry", join.id, join.inputs[0].ref)
    return True


def bad_group_socket(graph, document):
    """A type that no group can have at its border."""
    document["inputs"].append({"name": "Fault", "type": "NodeSocketNoSuchThing"})


def bad_item_type(graph, document):
    """An item of a type that its list does not take."""
    found = [(node, item) for node in graph.nodes for item in node.items or () if "type" in item]
    if not found:
        return False
    node, item = graph.random.choice(found)
    spec = next(one for one in document["nodes"] if one["id"] == node.id)
    spec["items"] = [dict(one) for one in spec["items"]]
    spec["items"][node.items.index(item)]["type"] = "NodeSocketShader"
    return True


def grid_into_single(graph, document):
    """A volume grid where single values alone go."""
    if "GeometryNodeGetNamedGrid" not in graph.catalogue.nodes:
        return False
    grid = fresh(graph, document, "GeometryNodeGetNamedGrid", "fault")
    link(document, fresh(graph, document, "GeometryNodeMeshCube", "fault mesh"), "Mesh", grid, "Volume")
    link(document, grid, "Grid", fresh(graph, document, *SINGLE_ALONE[:1], "fault cube"), SINGLE_ALONE[1])
    return True


def single_into_grid(graph, document):
    """A single value where grids alone go."""
    if "GeometryNodeGetNamedGrid" not in graph.catalogue.nodes:
        return False
    value = fresh(graph, document, "ShaderNodeValue", "fault")
    link(document, value, "Value", fresh(graph, document, "GeometryNodeGridToMesh", "fault mesh"), "Grid")
    return True


def late_geometry(graph, document):
    """A geometry input of the group that is not the first."""
    if any(one["type"] == GEOMETRY for one in document["inputs"]):
        return False
    document["inputs"] += [{"name": "Fault before", "type": "NodeSocketFloat"}, {"name": "Fault", "type": GEOMETRY}]
    return True


def no_geometry_out(graph, document):
    """A group whose first output is no geometry."""
    document["outputs"].insert(0, {"name": "Fault", "type": "NodeSocketFloat"})


FAULTS = [
    unknown_type,
    other_name,
    unknown_output,
    unknown_input,
    unknown_node,
    wrong_direction,
    unavailable_socket,
    incompatible,
    second_link,
    field_into_single,
    cycle,
    unpaired,
    out_of_zone,
    bad_item,
    bad_value,
    out_of_range,
    no_such_setting,
    undefined_menu,
    two_menus,
    tool_node,
    bad_group_socket,
    bad_item_type,
    grid_into_single,
    single_into_grid,
    late_geometry,
    no_geometry_out,
]
