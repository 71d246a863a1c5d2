# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads materials and slots with bpy alone: no code of the addon, except the formats of its properties."""

from __future__ import annotations

import json

import bpy

_PBR = {
    "base_color": [0.8, 0.8, 0.8, 1.0],
    "metallic": 0.0,
    "roughness": 0.5,
    "alpha_mode": "opaque",
    "alpha_cutoff": 0.5,
    "double_sided": True,
    "normal_scale": 1.0,
    "occlusion_strength": 1.0,
}
_EMISSION = {"color": [1.0, 1.0, 1.0], "strength": 0.0}
_SOCKETS = {
    "Base Color": [("pbr", "base_color")],
    "Alpha": [("pbr", "base_color"), ("pbr", "alpha_mode")],
    "Metallic": [("pbr", "metallic")],
    "Roughness": [("pbr", "roughness")],
    "Emission Color": [("emission", "color")],
    "Emission Strength": [("emission", "strength")],
}
_MAPS = {
    "base_color": "Base Color",
    "alpha": "Alpha",
    "metallic": "Metallic",
    "roughness": "Roughness",
    "emission": "Emission Color",
    "normal": "Normal",
}
_NO_MAPS = dict.fromkeys((*_MAPS, "occlusion"))


def components(material: bpy.types.Material) -> dict:
    """Returns what a material shows; what Blender has no place for, from the property of the addon."""
    kept = json.loads(material.get("vibesync_material", "{}"))
    pbr, emission = {**_PBR, **kept.get("pbr", {})}, {**_EMISSION, **kept.get("emission", {})}
    shader, maps = _shader(material), dict(_NO_MAPS)
    if shader is not None:
        color, alpha = list(shader.inputs["Base Color"].default_value)[:3], shader.inputs["Alpha"].default_value
        metallic, roughness = (shader.inputs[name].default_value for name in ("Metallic", "Roughness"))
        emission = {
            "color": [max(value, 0.0) for value in list(shader.inputs["Emission Color"].default_value)[:3]],
            "strength": max(shader.inputs["Emission Strength"].default_value, 0.0),
        }
        shown, unknown = _maps(shader)
        maps |= shown
        mapped = {_MAPS[name] for name, value in shown.items() if value}
        decided = {name for name in _SOCKETS if shader.inputs[name].is_linked} - (
            mapped - {"Base Color", "Emission Color"}
        )
        locked = [field for name in decided for field in _SOCKETS[name]] + [("maps", name) for name in unknown]
        if "Emission Color" in decided and not emission["strength"]:  # nobody else knows the color
            locked.append(("emission", "strength"))
        if "Metallic" in mapped:  # the image decides; the value stays as it was
            metallic = pbr["metallic"]
        if "Roughness" in mapped:
            roughness = pbr["roughness"]
        if "Base Color" in mapped:
            color = [1.0, 1.0, 1.0]
        if "Emission Color" in mapped:
            emission["color"] = [1.0, 1.0, 1.0]
    else:
        *color, alpha = material.diffuse_color
        metallic, roughness = material.metallic, material.roughness
        if _has_nodes(material):
            emission = dict(_EMISSION)
            locked = [("pbr", field) for field in _PBR] + [("emission", field) for field in _EMISSION]
            locked += [("maps", field) for field in _NO_MAPS]
        else:
            locked = [("maps", field) for field in _MAPS]
    mode, alpha = _mode(material, min(max(alpha, 0.0), 1.0), pbr)
    pbr |= {
        "base_color": [*color, alpha],
        "alpha_mode": mode,
        "metallic": min(max(metallic, 0.0), 1.0),
        "roughness": min(max(roughness, 0.0), 1.0),
        "double_sided": not material.use_backface_culling,
    }
    locks = _locks(material, locked)
    shown = {"maps": maps} if any(maps.values()) else {}
    return {"pbr": pbr, "emission": emission, **shown, **({"locks": locks} if locks else {})}


def _maps(shader: bpy.types.ShaderNode) -> tuple[dict, list[str]]:
    """Returns the images that are linked directly to the shader, and the fields that other nodes decide."""
    shown, unknown = {}, []
    for name, socket in _MAPS.items():
        end = shader.inputs[socket]
        if not end.is_linked:
            shown[name] = None
            continue
        node, output = end.links[0].from_node, end.links[0].from_socket.name
        if node.type != "TEX_IMAGE" or node.image is None or name == "normal":
            unknown.append(name)
            continue
        is_color = name in ("base_color", "emission")
        shown[name] = {
            "image": node.image.get("uuid"),
            "channel": "rgb" if is_color else {"Alpha": "a", "Color": "g"}[output],
            "scale": 1.0,
            "bias": 0.0,
            "uv": 0,
            "offset": [0.0, 0.0],
            "rotation": 0.0,
            "tile": [1.0, 1.0],
            "wrap": ["repeat", "repeat"],
            "filter": "linear",
        }
    return shown, unknown


def slots(mesh: bpy.types.Mesh) -> dict:
    """Returns the component `slots` of a mesh, if there are any. Empty ones at the end count only if they were sent."""
    shown = [_uuid(material) for material in mesh.materials]
    while shown and shown[-1] is None:
        shown.pop()
    sent = json.loads(mesh.get("vibesync_slots", "[]"))
    if sent[: len(shown)] == shown and not any(sent[len(shown) :]):
        shown = sent or shown
    return {"slots": {"materials": shown}} if shown else {}


def own(item: bpy.types.Object) -> dict:
    """Returns the component `materials`: what an object shows of its own, or would show with more slots; if any."""
    known = {material.get("uuid") for material in bpy.data.materials}
    entries = json.loads(item.get("vibesync_slots", "{}"))
    entries = {slot: uuid if uuid in known else None for slot, uuid in entries.items()}  # some may be deleted
    if item.type != "MESH" or item.data.library or item.data.override_library:
        return {"materials": {"own": entries}} if entries else {}
    entries = {slot: uuid for slot, uuid in entries.items() if int(slot) >= len(item.material_slots)}
    for number, slot in enumerate(item.material_slots):
        if slot.link == "OBJECT":
            entries[str(number)] = _uuid(slot.material)
    return {"materials": {"own": entries}} if entries else {}


def _uuid(material: bpy.types.Material | None) -> str | None:
    is_synced = material is not None and not material.library and not material.override_library
    return material.get("uuid") if is_synced and not material.is_grease_pencil else None


def _has_nodes(material: bpy.types.Material) -> bool:
    return bpy.app.version >= (5, 0, 0) or material.use_nodes


def _shader(material: bpy.types.Material) -> bpy.types.ShaderNode | None:
    """Returns the Principled BSDF at the active output."""
    if not _has_nodes(material):
        return None
    outputs = [node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL" and node.is_active_output]
    came_from = {link.to_socket: link.from_node for link in material.node_tree.links}
    node = came_from.get(outputs[0].inputs["Surface"]) if outputs else None
    while node is not None and node.type == "REROUTE":
        node = came_from.get(node.inputs[0])
    return node if node is not None and node.type == "BSDF_PRINCIPLED" else None


def _mode(material: bpy.types.Material, alpha: float, kept: dict) -> tuple[str, float]:
    """Returns mode and alpha: Blender knows neither a cutoff nor an alpha without effect."""
    if material.surface_render_method == "BLENDED":
        return "blend", alpha
    if kept["alpha_mode"] == "mask":
        return "mask", alpha
    if alpha < 1.0:
        return "blend", alpha
    return "opaque", kept["base_color"][3] if kept["alpha_mode"] == "opaque" else 1.0


def _locks(material: bpy.types.Material, locked: list[tuple[str, str]]) -> dict:
    mine: dict = {}
    for component, field in sorted(set(locked)):
        mine.setdefault(component, []).append(field)
    kept = json.loads(material.get("vibesync_locks", '{"uuid":"","locks":{}}'))
    others = kept["locks"] if kept["uuid"] == material.get("uuid") else {}
    return {**({"blender": mine} if mine else {}), **others}
