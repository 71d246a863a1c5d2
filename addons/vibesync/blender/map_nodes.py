# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the images that decide values of a shader, in the chains of nodes that are commonly made; makes such chains.

Nodes of a person are never moved or removed: at most, the link to the shader is replaced, or the image of a texture.
Nodes that were made here are marked, and only these are removed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy

from ..core import maps
from . import image_values

MARK = "vibesync"

_SOCKETS = {
    "base_color": "Base Color",
    "alpha": "Alpha",
    "metallic": "Metallic",
    "roughness": "Roughness",
    "emission": "Emission Color",
    "normal": "Normal",
}
_CHANNELS = {"Red": "r", "Green": "g", "Blue": "b"}
_CHANNEL_NAMES = {letter: name for name, letter in _CHANNELS.items()}
_WRAPS = {"REPEAT": "repeat", "EXTEND": "clamp", "MIRROR": "mirror"}
_WRAP_NAMES = {name: word for word, name in _WRAPS.items()}
_MOST_NODES = 100
_STEP = 280.0  # between two nodes


@dataclass
class Chain:
    """The nodes between an image and a socket of the shader, and what they compute."""

    texture: bpy.types.ShaderNode
    values: dict  # a map without its image
    nodes: list[bpy.types.ShaderNode]
    factor: bpy.types.NodeSocket | None = None  # of a color: what it is multiplied with; of a normal: its strength
    is_luminance: bool = False  # a color decides a number, which is its green for gray images alone

    @property
    def image(self) -> bpy.types.Image:
        """Returns the image."""
        return self.texture.image


def find(shader: bpy.types.ShaderNode, animated: set[str]) -> dict[str, Chain | None]:
    """Returns the chain of each field; None for an unlinked socket. Fields that other nodes decide are missing.

    `animated`: paths of properties in the tree that a driver or an action decides.
    """
    chains: dict[str, Chain | None] = {}
    for field in _SOCKETS:
        end = socket(shader, field)
        if not end.is_linked:
            chains[field] = None
            continue
        chain = _follow(end, field)
        if chain and not _is_animated(chain, animated) and image_values.is_synced(chain.image):
            chains[field] = chain
    return chains


def socket(shader: bpy.types.ShaderNode, field: str) -> bpy.types.NodeSocket:
    """Returns the socket of the shader that a map decides."""
    return next(each for each in shader.inputs if each.identifier == _SOCKETS[field])


def write(
    shader: bpy.types.ShaderNode, field: str, wanted: dict | None, image: bpy.types.Image | None, chain: Chain | None
) -> None:
    """Makes the socket of a field show this map, or none. `chain`: what it shows now."""
    if wanted and chain and not chain.is_luminance and _only_image_differs(wanted, chain) and _is_used_once(chain):
        chain.texture.image = image
        return
    unlink(shader, field)
    if wanted:
        _build(shader, field, wanted, image)


def unlink(shader: bpy.types.ShaderNode, field: str) -> None:
    """Removes the link to the socket of a field, and the nodes that were made for it."""
    tree = shader.id_data
    for link in list(socket(shader, field).links):
        tree.links.remove(link)
    for node in [node for node in tree.nodes if node.get(MARK) == field]:
        tree.nodes.remove(node)


def save(shader: bpy.types.ShaderNode) -> dict[str, dict]:
    """Returns what `restore` brings back: for each field the node and the output that its socket is linked to."""
    saved = {}
    chains = find(shader, set())
    for field in _SOCKETS:
        end, chain = socket(shader, field), chains.get(field)
        link = end.links[0] if end.is_linked else None
        saved[field] = {
            "value": _value(end),
            "link": (link.from_node.name, link.from_socket.identifier) if link else None,
            "map": dict(chain.values) if chain else None,
            "texture": (chain.texture.name, chain.image.session_uid) if chain else None,
        }
    return saved


def restore(shader: bpy.types.ShaderNode, saved: dict[str, dict]) -> None:
    """Brings back what `save` returned."""
    tree = shader.id_data
    present = save(shader)
    for field, before in saved.items():
        if before == present.get(field):
            continue
        image = _find_image(before["texture"][1]) if before["texture"] else None
        texture = tree.nodes.get(before["texture"][0]) if before["texture"] else None
        if before["link"] and before["link"][0] in tree.nodes:
            node = tree.nodes[before["link"][0]]
            output = next(each for each in node.outputs if each.identifier == before["link"][1])
            tree.links.new(output, socket(shader, field))
            if texture is not None and image is not None:
                texture.image = image
        else:
            unlink(shader, field)
            if before["map"] and image is not None:
                _build(shader, field, before["map"], image)
        if before["value"] is not None:
            socket(shader, field).default_value = before["value"]


def _value(end: bpy.types.NodeSocket) -> object:
    """Returns the value that the socket has without a link; that of a normal cannot be set."""
    value = end.default_value if end.type != "VECTOR" else None
    return tuple(value) if end.type == "RGBA" else value


def _find_image(session_uid: int) -> bpy.types.Image | None:
    return next((image for image in bpy.data.images if image.session_uid == session_uid), None)


def _is_animated(chain: Chain, animated: set[str]) -> bool:
    if not animated:
        return False
    paths = tuple(node.path_from_id() for node in chain.nodes)
    return any(path.startswith(paths) for path in animated)


def _only_image_differs(wanted: dict, chain: Chain) -> bool:
    return all(chain.values[name] == wanted[name] for name in chain.values)


def _is_used_once(chain: Chain) -> bool:
    """Returns whether nothing but this chain shows what its texture does."""
    return sum(len(output.links) for node in chain.nodes for output in node.outputs) == len(chain.nodes)


def _source(end: bpy.types.NodeSocket) -> tuple[bpy.types.ShaderNode, bpy.types.NodeSocket] | None:
    """Returns the node and the output that a socket gets its value from, through reroutes."""
    for _ in range(_MOST_NODES):
        if not end.is_linked or not end.links[0].is_valid or end.links[0].is_muted:
            return None
        link = end.links[0]
        if link.from_node.type != "REROUTE":
            return None if link.from_node.mute else (link.from_node, link.from_socket)
        end = link.from_node.inputs[0]
    return None


def _follow(end: bpy.types.NodeSocket, field: str) -> Chain | None:
    """Returns the chain to a socket of the shader; None if its nodes compute something else."""
    if field == "normal":
        return _follow_normal(end)
    return _follow_color(end) if field in maps.COLORS else _follow_number(end, 0)


def _follow_normal(end: bpy.types.NodeSocket) -> Chain | None:
    found = _source(end)
    if found is None or found[0].type != "NORMAL_MAP":
        return None
    node = found[0]
    if node.space != "TANGENT" or node.uv_map:
        return None
    chain = _texture(node.inputs["Color"], "Color", "rgb")
    strength = node.inputs["Strength"]
    return chain and replace(chain, nodes=[*chain.nodes, node], factor=None if strength.is_linked else strength)


def _follow_color(end: bpy.types.NodeSocket) -> Chain | None:
    """Follows a texture, perhaps multiplied with a constant color."""
    found = _source(end)
    if found is None or found[0].type != "MIX":
        return _texture(end, "Color", "rgb")
    node = found[0]
    by_identifier = {each.identifier: each for each in node.inputs}
    factor, a, b = (by_identifier[name] for name in ("Factor_Float", "A_Color", "B_Color"))
    is_product = node.data_type == "RGBA" and node.blend_type == "MULTIPLY" and not node.clamp_result
    if not is_product or factor.is_linked or factor.default_value != 1.0 or a.is_linked == b.is_linked:
        return None
    chain = _texture(a if a.is_linked else b, "Color", "rgb")
    return chain and replace(chain, nodes=[*chain.nodes, node], factor=b if a.is_linked else a)


def _follow_number(end: bpy.types.NodeSocket, depth: int) -> Chain | None:
    """Follows one channel of a texture through sums and products with constants."""
    found = _source(end)
    if found is None or depth > _MOST_NODES:
        return None
    node, output = found
    if node.type == "TEX_IMAGE":  # Blender takes the luminance of a color; that of a gray image is each of its channels
        chain = _texture(end, "Color", "g")
        return replace(chain, is_luminance=True) if chain else _texture(end, "Alpha", "a")
    if node.type == "SEPARATE_COLOR" and node.mode == "RGB":
        chain = _texture(node.inputs["Color"], "Color", _CHANNELS[output.identifier])
        return chain and replace(chain, nodes=[*chain.nodes, node])
    if node.type != "MATH" or node.use_clamp:
        return None
    return _follow_math(node, depth)


def _follow_math(node: bpy.types.ShaderNode, depth: int) -> Chain | None:
    count = 3 if node.operation == "MULTIPLY_ADD" else 2
    linked = [number for number in range(count) if node.inputs[number].is_linked]
    if len(linked) != 1:
        return None
    at = linked[0]
    constants = [node.inputs[number].default_value for number in range(count) if number != at]
    factors = {
        "MULTIPLY": (constants[0], 0.0),
        "ADD": (1.0, constants[0]),
        "SUBTRACT": (1.0, -constants[0]) if at == 0 else (-1.0, constants[0]),
        "MULTIPLY_ADD": (constants[0], constants[-1]) if at < 2 else (1.0, constants[0] * constants[-1]),
    }
    if node.operation not in factors:
        return None
    chain = _follow_number(node.inputs[at], depth + 1)
    if chain is None:
        return None
    scale, bias = factors[node.operation]
    values = {**chain.values, "scale": scale * chain.values["scale"], "bias": scale * chain.values["bias"] + bias}
    return replace(chain, values=values, nodes=[*chain.nodes, node])


def _texture(end: bpy.types.NodeSocket, output: str, channel: str) -> Chain | None:
    """Returns the chain of a texture whose output is linked to a end."""
    found = _source(end)
    if found is None or found[0].type != "TEX_IMAGE" or found[1].identifier != output:
        return None
    node = found[0]
    is_plain = node.projection == "FLAT" and node.extension in _WRAPS
    placed = _placement(node.inputs["Vector"]) if is_plain and node.image else None
    if placed is None:
        return None
    nodes, place = placed
    values = {
        **maps.PLAIN,
        **place,
        "channel": channel,
        "wrap": [_WRAPS[node.extension]] * 2,
        "filter": "nearest" if node.interpolation == "Closest" else "linear",
    }
    return Chain(node, values, [*nodes, node])


def _placement(end: bpy.types.NodeSocket) -> tuple[list[bpy.types.ShaderNode], dict] | None:
    """Returns the nodes that place a texture, and where; None if they do so in a way of their own."""
    if not end.is_linked:
        return [], {}
    found = _source(end)
    if found is None:
        return None
    node, output = found
    if node.type == "UVMAP":
        return None if node.uv_map or node.from_instancer else ([node], {})
    if node.type == "TEX_COORD":
        return ([node], {}) if output.identifier == "UV" and not node.from_instancer else None
    if node.type != "MAPPING" or node.vector_type != "POINT":
        return None
    inner = _placement(node.inputs["Vector"])
    parts = [node.inputs[name] for name in ("Location", "Rotation", "Scale")]
    if inner is None or inner[1] or not inner[0] or any(part.is_linked for part in parts):
        return None
    location, rotation, scale = (tuple(part.default_value) for part in parts)
    if any(rotation[:2]):
        return None
    place = {"offset": list(location[:2]), "rotation": rotation[2], "tile": list(scale[:2])}
    return [*inner[0], node], place


def _build(shader: bpy.types.ShaderNode, field: str, wanted: dict, image: bpy.types.Image) -> None:
    """Makes the nodes of a map, to the left of the shader, and links them."""
    tree, target = shader.id_data, socket(shader, field)
    row = list(_SOCKETS).index(field)
    x, y = shader.location.x, shader.location.y - row * _STEP

    def add(kind: str) -> bpy.types.ShaderNode:
        nonlocal x
        x -= _STEP
        node = tree.nodes.new(kind)
        node.location = (x, y)
        node.hide = True
        node[MARK] = field
        return node

    if field == "normal":
        node = add("ShaderNodeNormalMap")
        tree.links.new(node.outputs["Normal"], target)
        target = node.inputs["Color"]
    elif field in maps.COLORS:
        target = _add_product(tree, add("ShaderNodeMix"), target)
    elif (wanted["scale"], wanted["bias"]) != (1.0, 0.0):
        node = add("ShaderNodeMath")
        node.operation = "MULTIPLY_ADD"
        node.inputs[1].default_value, node.inputs[2].default_value = wanted["scale"], wanted["bias"]
        tree.links.new(node.outputs["Value"], target)
        target = node.inputs[0]
    if wanted["channel"] in _CHANNEL_NAMES:
        node = add("ShaderNodeSeparateColor")
        tree.links.new(node.outputs[_CHANNEL_NAMES[wanted["channel"]]], target)
        target = node.inputs["Color"]
    texture = add("ShaderNodeTexImage")
    texture.image = image
    texture.extension = _WRAP_NAMES[wanted["wrap"][0]]
    texture.interpolation = "Closest" if wanted["filter"] == "nearest" else "Linear"
    tree.links.new(texture.outputs["Alpha" if wanted["channel"] == "a" else "Color"], target)
    if any(wanted[name] != maps.PLAIN[name] for name in ("offset", "rotation", "tile")):
        node = add("ShaderNodeMapping")
        node.inputs["Location"].default_value = (*wanted["offset"], 0.0)
        node.inputs["Rotation"].default_value = (0.0, 0.0, wanted["rotation"])
        node.inputs["Scale"].default_value = (*wanted["tile"], 1.0)
        tree.links.new(node.outputs["Vector"], texture.inputs["Vector"])
        tree.links.new(add("ShaderNodeUVMap").outputs["UV"], node.inputs["Vector"])


def _add_product(
    tree: bpy.types.NodeTree, node: bpy.types.ShaderNode, target: bpy.types.NodeSocket
) -> bpy.types.NodeSocket:
    """Makes a node multiply with the color that the socket had, and returns the input for the texture."""
    node.data_type, node.blend_type = "RGBA", "MULTIPLY"
    by_identifier = {each.identifier: each for each in node.inputs}
    by_identifier["Factor_Float"].default_value = 1.0
    by_identifier["B_Color"].default_value = tuple(target.default_value)
    output = next(each for each in node.outputs if each.identifier == "Result_Color")
    tree.links.new(output, target)
    return by_identifier["A_Color"]
