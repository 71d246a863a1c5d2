# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what decides how a material looks: sockets of a Principled BSDF and images, or the material's own fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import bpy

from ..core import maps
from . import map_nodes

# Identifiers of the sockets: the same in all versions, unlike their order.
SOCKETS = {
    "color": "Base Color",
    "alpha": "Alpha",
    "metallic": "Metallic",
    "roughness": "Roughness",
    "emission_color": "Emission Color",
    "emission_strength": "Emission Strength",
}
# The native values that an image decides instead, by the field of its map.
_MAPPED = {"alpha": "alpha", "metallic": "metallic", "roughness": "roughness"}
_COLORED = {"base_color": "color", "emission": "emission_color"}
_WHITE = (1.0, 1.0, 1.0)
_HAS_ALWAYS_NODES = bpy.app.version >= (5, 0, 0)
_MOST_REROUTES = 100


@dataclass
class Surface:
    """The sockets that decide the look of a material. Without nodes, the fields of the material decide."""

    has_nodes: bool
    shader: bpy.types.ShaderNode | None = None  # the Principled BSDF
    sockets: dict[str, bpy.types.NodeSocket] = field(default_factory=dict)  # by native value
    locked: set[str] = field(default_factory=set)  # what nodes, drivers or an animation decide
    fixed: dict[str, tuple] = field(default_factory=dict)  # native values that no socket holds
    chains: dict[str, map_nodes.Chain | None] = field(default_factory=dict)  # by the field of the map; None: no image

    @property
    def is_known(self) -> bool:
        """Returns whether values can be written."""
        return self.shader is not None or not self.has_nodes

    @property
    def locked_maps(self) -> list[str]:
        """Returns the maps that cannot be written."""
        return [name for name in maps.SHOWN if name not in self.chains]


def find(material: bpy.types.Material) -> Surface:
    """Returns what decides the look of a material now."""
    own = animated_paths(material)
    locked = {"culling"} if "use_backface_culling" in own else set()
    tree = material.node_tree if _HAS_ALWAYS_NODES or material.use_nodes else None
    if tree is None:
        fields = {"diffuse_color": ("color", "alpha"), "metallic": ("metallic",), "roughness": ("roughness",)}
        locked |= {name for path, names in fields.items() if path in own for name in names}
        return Surface(False, locked=locked)
    shader = find_shader(tree)
    if shader is None:
        return Surface(True)
    by_identifier = {socket.identifier: socket for socket in shader.inputs}
    sockets = {name: by_identifier[each] for name, each in SOCKETS.items() if each in by_identifier}
    paths = animated_paths(tree)
    found = Surface(True, shader, sockets, locked, chains=map_nodes.find(shader, paths))
    _take_chains(found)
    locked |= {name for name, socket in sockets.items() if socket.is_linked}
    if paths:
        locked |= {name for name, each in sockets.items() if f"{each.path_from_id()}.default_value" in paths}
    return found


def _take_chains(found: Surface) -> None:
    """Takes the values that images decide out of the sockets."""
    for name, chain in found.chains.items():
        if chain is None:
            continue
        if name in _MAPPED:
            del found.sockets[_MAPPED[name]]
        elif name in _COLORED and chain.factor is None:
            del found.sockets[_COLORED[name]]
            found.fixed[_COLORED[name]] = _WHITE
            found.locked.add(_COLORED[name])
        elif chain.factor is not None:
            found.sockets[_COLORED.get(name, "normal_scale")] = chain.factor


def find_shader(tree: bpy.types.ShaderNodeTree) -> bpy.types.ShaderNode | None:
    """Returns the Principled BSDF that the active output shows, through reroutes; None if there is none."""
    output = tree.get_output_node("EEVEE") or tree.get_output_node("CYCLES")
    socket = output.inputs.get("Surface") if output else None
    for _ in range(_MOST_REROUTES):
        if socket is None or not socket.is_linked:
            return None
        node = socket.links[0].from_node
        if node.type == "BSDF_PRINCIPLED":
            return node
        if node.type != "REROUTE":
            return None
        socket = node.inputs[0]
    return None


def is_textured(surface: Surface) -> bool:
    """Returns whether an image decides a value of the shader in a way that is not synchronized."""
    synced = {map_nodes.socket(surface.shader, name) for name in surface.chains}
    waiting = [each for each in surface.shader.inputs if each not in synced] if surface.shader else []
    seen = set()
    while waiting:
        socket = waiting.pop()
        for link in socket.links if socket.is_linked else ():
            node = link.from_node
            if node.type == "TEX_IMAGE":
                return True
            if node.name not in seen:
                seen.add(node.name)
                waiting.extend(node.inputs)
    return False


def animated_paths(datablock: bpy.types.ID) -> set[str]:
    """Returns the paths of all properties that a driver or an action decides."""
    animation = datablock.animation_data
    if animation is None:
        return set()
    strips = (strip for track in animation.nla_tracks for strip in track.strips)
    actions = {animation.action, *(strip.action for strip in strips)} - {None}
    paths = {driver.data_path for driver in animation.drivers}
    return paths | {curve.data_path for action in actions for curve in _curves(action)}


def _curves(action: bpy.types.Action) -> Iterator[bpy.types.FCurve]:
    """Yields the curves of an action. From Blender 5.0 on they are in its layers alone."""
    if hasattr(action, "fcurves"):
        yield from action.fcurves
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                yield from bag.fcurves
