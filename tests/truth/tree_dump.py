# SPDX-License-Identifier: GPL-3.0-or-later
"""Describes node trees with all that their nodes hold, and finds changes that a batch may not make."""

import bpy

MARK = "vibesync"
SOCKETS = {
    "base_color": "Base Color",
    "alpha": "Alpha",
    "metallic": "Metallic",
    "roughness": "Roughness",
    "emission": "Emission Color",
    "normal": "Normal",
}
VALUES = {"pbr": ("Base Color", "Alpha", "Metallic", "Roughness"), "emission": ("Emission Color", "Emission Strength")}
UNSTABLE = {"rna_type", "internal_links", "dimensions", "node", "is_linked", "is_multi_input", "link_limit", "links"}


def describe_tree(material):
    """Returns all nodes by name, each with all its properties, and all links."""
    tree = material.node_tree
    nodes = {node.name: describe(node) for node in tree.nodes}
    links = {
        (it.from_node.name, it.from_socket.identifier, it.to_node.name, it.to_socket.identifier, it.is_muted)
        for it in tree.links
    }
    drivers = tree.animation_data.drivers if tree.animation_data else ()
    others = [(each.data_path, each.array_index, each.driver.expression) for each in drivers]
    return {"nodes": nodes, "links": links, "drivers": others, "order": list(nodes)}


def describe(struct, depth=0):
    """Returns all properties of a struct of Blender, with those of the structs in it."""
    found = {name: repr(value) for name, value in struct.items()} if isinstance(struct, bpy.types.Node) else {}
    for rna in struct.bl_rna.properties:
        name = rna.identifier
        if name in UNSTABLE:
            continue
        value = getattr(struct, name)
        if rna.type == "COLLECTION":
            value = [describe(each, depth + 1) for each in value] if depth < 4 else None
        elif rna.type == "POINTER":
            is_reference = value is None or isinstance(value, (bpy.types.ID, bpy.types.Node)) or depth >= 4
            value = getattr(value, "name", None) if is_reference else describe(value, depth + 1)
        elif getattr(rna, "is_array", False):
            value = repr([list(each) if hasattr(each, "__len__") else each for each in value])
        else:
            value = repr(value)
        found[name] = value
    return found


def unexpected_changes(before, after, maps, values):
    """Returns the changes of a tree that a batch may not make.

    `maps`: the fields whose maps it changes; `values`: the components with other numbers. A map may cut the links of
    its socket of the shader, replace the image of a texture, and make marked nodes. A number may change the value of a
    socket of the shader, or the constant that a color or a normal is multiplied with.
    """
    wrong = []
    shader = next((name for name, node in before["nodes"].items() if node["type"] == "'BSDF_PRINCIPLED'"), None)
    ends = {SOCKETS[name] for name in maps}
    made = after["nodes"].keys() - before["nodes"].keys()
    if before["nodes"].keys() - after["nodes"].keys():
        wrong.append(f"removed nodes: {before['nodes'].keys() - after['nodes'].keys()}")
    wrong += [f"made {name}" for name in made if not maps or after["nodes"][name].get(MARK) is None]
    cut, new = before["links"] - after["links"], after["links"] - before["links"]
    wrong += [f"cut {link}" for link in cut if (link[2], link[3]) not in {(shader, end) for end in ends}]
    wrong += [
        f"new {link}"
        for link in new
        if link[0] not in made or (link[2] not in made and (link[2], link[3]) not in {(shader, end) for end in ends})
    ]
    if before["drivers"] != after["drivers"]:
        wrong.append(f"drivers: {after['drivers']}")
    if [name for name in after["order"] if name not in made] != before["order"]:
        wrong.append("order of nodes")
    for name in before["nodes"].keys() & after["nodes"].keys():
        wrong += node_changes(name, before["nodes"][name], after["nodes"][name], maps, values, name == shader)
    return wrong


def node_changes(name, before, after, maps, values, is_shader):
    """Returns the changes of a node that a batch may not make."""
    wrong = []
    for key in before.keys() | after.keys():
        a, b = before.get(key), after.get(key)
        if a == b or (key == "image" and maps and before["type"] == "'TEX_IMAGE'"):
            continue
        if key == "inputs":
            free = {each for component in values for each in VALUES[component]} if is_shader else set()
            if is_shader:  # without its map, the number of the component counts
                free |= {SOCKETS[field] for field in maps}
            if values and before["type"] == "'MIX'":
                free |= {"A_Color", "B_Color"}
            if "pbr" in values and before["type"] == "'NORMAL_MAP'":
                free |= {"Strength"}
            for x, y in zip(a, b, strict=True):
                same = {each: value for each, value in x.items() if each != "default_value"}
                if any(y[each] != value for each, value in same.items()) or (
                    x["identifier"].strip("'") not in free and x != y
                ):
                    wrong.append(
                        f"{name} {x['identifier']}: {y.get('default_value')} instead of {x.get('default_value')}"
                    )
        else:
            wrong.append(f"{name}.{key}: {str(b)[:200]} instead of {str(a)[:200]}")
    return wrong
