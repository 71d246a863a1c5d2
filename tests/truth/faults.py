"""Plants one fault into a valid graph: each function changes the document so that Blender must refuse it.

A function returns False if the graph has no suitable place for its fault.
"""

GEOMETRY, MENU = "NodeSocketGeometry", "NodeSocketMenu"
SINGLE_ONLY = "GeometryNodeMeshCube", "Size"


def add_node(document, type_, name):
    """Adds a node to the document and returns its id."""
    document["nodes"].append({"id": name, "type": type_})
    return name


def add_link(document, start, start_socket, end, end_socket):
    document["links"].append({"from": start, "from_socket": start_socket, "to": end, "to_socket": end_socket})


def random_link(graph, wanted=lambda output, socket: True):
    """Returns the index of a random link for which `wanted` is true, or None."""
    found = [at for at, pair in enumerate(graph.links) if wanted(*pair)]
    return graph.random.choice(found) if found else None


def unknown_type(graph, document):
    spec = graph.random.choice(document["nodes"])
    spec["type"] = graph.random.choice(["GeometryNodeNoSuchThing", "ShaderNodeBsdfPrincipled", "CompositorNodeBlur"])


def other_name(graph, document):
    """Adds a node type under a name that no Blender has."""
    document["nodes"].append({"id": "fault", "type": "FunctionNodeCombineXYZ"})


def unknown_output(graph, document):
    graph.random.choice(document["links"])["from_socket"] = "No Such Socket"


def unknown_input(graph, document):
    graph.random.choice(document["links"])["to_socket"] = "No Such Socket"


def unknown_node(graph, document):
    graph.random.choice(document["links"])[graph.random.choice(["from", "to"])] = "nobody"


def wrong_direction(graph, document):
    """Turns a link around, if its new ends do not exist as output and input."""
    names = {one.ref: {out.ref for out in one.node.outputs} | identifiers(one.node.outputs) for _, one in graph.links}
    at = random_link(graph, lambda _, socket: socket.ref not in names[socket.ref])
    if at is None:
        return False
    one = document["links"][at]
    one["from"], one["from_socket"] = one["to"], one["to_socket"]
    return True


def identifiers(sockets):
    return {one.facts.get("identifier") for one in sockets} | {one.facts["name"] for one in sockets}


def unavailable_socket(graph, document):
    """Links a socket that the node has only with other values of its properties."""
    found = []
    for node in graph.nodes:
        available = identifiers(node.inputs)
        for one in node.kind["inputs"]:
            if one["name"] not in available and one["identifier"] not in available and "required" not in one:
                found.append((node, one))
    if not found:
        return False
    node, one = graph.random.choice(found)
    document.setdefault("node_settings", {}).setdefault(node.id, {})
    source = {"NodeSocketGeometry": ("GeometryNodeMeshCube", "Mesh")}.get(one["idname"], ("ShaderNodeValue", "Value"))
    add_link(document, add_node(document, source[0], "fault"), source[1], node.id, one["name"])
    return True


def incompatible(graph, document):
    """Links two types that are not a pair in the table."""
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
    add_link(document, add_node(document, source[0], "fault"), source[1], to.node.id, to.ref)
    return True


def second_link(graph, document):
    """Adds a second link to an input that accepts one."""
    at = random_link(graph, lambda _, socket: "multi_input" not in socket.facts)
    if at is None:
        return False
    _, socket = graph.links[at]
    same = {
        "NodeSocketGeometry": ("GeometryNodeMeshCube", "Mesh"),
        "NodeSocketString": ("FunctionNodeInputString", "String"),
    }
    source = same.get(socket.idname, ("ShaderNodeValue", "Value"))
    add_link(document, add_node(document, source[0], "fault"), source[1], socket.node.id, socket.ref)
    return True


def field_into_single(graph, document):
    """Links a field, directly or after arithmetic, to an input for a single value."""
    cube = add_node(document, SINGLE_ONLY[0], "fault")
    end = cube, SINGLE_ONLY[1]
    if graph.random.random() < 0.5:
        math = add_node(document, "ShaderNodeVectorMath", "fault math")
        add_link(document, math, "Vector", *end)
        end = math, "Vector"
    position = add_node(document, "GeometryNodeInputPosition", "fault field")
    add_link(document, position, "Position", *end)


def cycle(graph, document):
    """Adds two nodes that depend on each other."""
    for one in ("fault a", "fault b"):
        add_node(document, "GeometryNodeSetPosition", one)
    add_link(document, "fault a", "Geometry", "fault b", "Geometry")
    add_link(document, "fault b", "Geometry", "fault a", "Geometry")


def unpaired(graph, document):
    """Removes the pair of a zone input, which then lacks the sockets of its items."""
    ends = [one for pair in graph.links for one in pair]
    found = {one.node.id for one in ends if one.node.partner is not None and "identifier" not in one.facts}
    found = [spec for spec in document["nodes"] if "pair" in spec and spec["id"] in found]
    if not found:
        return False
    del graph.random.choice(found)["pair"]
    return True


def out_of_zone(graph, document):
    """Adds a link from the inside of a zone to the outside, past its output."""
    found = [node for node in graph.nodes if node.partner is not None and node.kind["zone"]["side"] == "input"]
    found = [(node, out) for node in found for out in node.outputs if out.idname == GEOMETRY]
    if not found:
        return False
    node, out = graph.random.choice(found)
    join = next(one for one in graph.nodes if one.type == "GeometryNodeJoinGeometry" and one.inputs[0].links)
    group_node = next(one for one in graph.nodes if one.type == "NodeGroupOutput")
    last = next(at for at, (_, socket) in enumerate(graph.links) if socket.node is group_node)
    join = graph.links[last][0].node
    add_link(document, node.id, out.ref, join.id, join.inputs[0].ref)
    return True


def bad_item(graph, document):
    """Sets an enumeration to an item that it does not have."""
    for node in graph.random.sample(graph.nodes, len(graph.nodes)):
        for entry in node.kind.get("properties", ()):
            if entry["type"] == "ENUM":
                document["node_settings"].setdefault(node.id, {})[entry["identifier"]] = "NO_SUCH_ITEM"
                return True
    return False


def bad_value(graph, document):
    """Sets an input to a value of another type."""
    for node in graph.random.sample(graph.nodes, len(graph.nodes)):
        for socket in node.inputs:
            default = socket.facts.get("default")
            if isinstance(default, float | list) and not isinstance(default, bool):
                value = "much" if isinstance(default, float) else [0.5] * (len(default) + 4)
                document["node_settings"].setdefault(node.id, {})[socket.ref] = value
                return True
    return False


def out_of_range(graph, document):
    """Sets an input to a number outside of its limits."""
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
    """Adds a menu without items: it leads to no node that has some."""
    group_node = next((node for node in graph.nodes if node.type == "NodeGroupInput"), None)
    if group_node is None:
        return False
    document["inputs"].append({"name": "Menu fault", "type": MENU})
    document["outputs"].append({"name": "Menu fault", "type": MENU})
    end = next(node for node in graph.nodes if node.type == "NodeGroupOutput")
    add_link(document, group_node.id, "Menu fault", end.id, "Menu fault")
    return True


def two_menus(graph, document):
    """Links one menu to two switches with different items."""
    group_node = next((node for node in graph.nodes if node.type == "NodeGroupInput"), None)
    if group_node is None:
        return False
    document["inputs"].append({"name": "Menu fault", "type": MENU})
    for one in ("fault a", "fault b"):
        add_link(document, group_node.id, "Menu fault", add_node(document, "GeometryNodeMenuSwitch", one), "Menu")
    return True


def tool_node(graph, document):
    """Adds a node for tools where it is evaluated. Before Blender 4.3 it reports no error."""
    if not graph.catalogue.reports_errors:
        return False
    group_node = next(node for node in graph.nodes if node.type == "NodeGroupOutput")
    last = next(at for at, (_, socket) in enumerate(graph.links) if socket.node is group_node)
    join = graph.links[last][0].node
    tool = add_node(document, "GeometryNodeToolSetSelection", "fault")
    add_link(document, add_node(document, "GeometryNodeMeshCube", "fault mesh"), "Mesh", tool, "Geometry")
    add_link(document, tool, "Geometry", join.id, join.inputs[0].ref)
    return True


def bad_group_socket(graph, document):
    """Adds a group input with an unknown type."""
    document["inputs"].append({"name": "Fault", "type": "NodeSocketNoSuchThing"})


def bad_item_type(graph, document):
    """Sets an item to a type that its collection does not accept."""
    found = [(node, item) for node in graph.nodes for item in node.items or () if "type" in item]
    if not found:
        return False
    node, item = graph.random.choice(found)
    spec = next(one for one in document["nodes"] if one["id"] == node.id)
    spec["items"] = [dict(one) for one in spec["items"]]
    spec["items"][node.items.index(item)]["type"] = "NodeSocketShader"
    return True


def grid_into_single(graph, document):
    """Links a volume grid to an input for a single value."""
    if "GeometryNodeGetNamedGrid" not in graph.catalogue.nodes:
        return False
    grid = add_node(document, "GeometryNodeGetNamedGrid", "fault")
    add_link(document, add_node(document, "GeometryNodeMeshCube", "fault mesh"), "Mesh", grid, "Volume")
    add_link(document, grid, "Grid", add_node(document, *SINGLE_ONLY[:1], "fault cube"), SINGLE_ONLY[1])
    return True


def single_into_grid(graph, document):
    """Links a single value to an input that accepts only grids."""
    if "GeometryNodeGetNamedGrid" not in graph.catalogue.nodes:
        return False
    value = add_node(document, "ShaderNodeValue", "fault")
    add_link(document, value, "Value", add_node(document, "GeometryNodeGridToMesh", "fault mesh"), "Grid")
    return True


def late_geometry(graph, document):
    """Adds a geometry input of the group that is not the first input."""
    if any(one["type"] == GEOMETRY for one in document["inputs"]):
        return False
    document["inputs"] += [{"name": "Fault before", "type": "NodeSocketFloat"}, {"name": "Fault", "type": GEOMETRY}]
    return True


def no_geometry_out(graph, document):
    """Makes the first output of the group another type than geometry."""
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
