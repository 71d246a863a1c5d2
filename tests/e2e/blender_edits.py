# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits with Blender's own operators on the selected objects, as an artist makes them."""

from __future__ import annotations

from contextlib import contextmanager

# isort: off
import bpy  # brings bmesh and mathutils
import bmesh

# isort: on
import numpy as np
from mathutils import Matrix


@contextmanager
def selected(*items: bpy.types.Object):
    """Select exactly these, the first one active; what is hidden is shown meanwhile, as operators pass it over."""
    layer = bpy.context.view_layer
    hidden = [(item, item.hide_viewport, item.hide_get()) for item in items]
    for item in items:
        item.hide_viewport = False
        item.hide_set(False)
    for item in layer.objects:
        item.select_set(item in items)
    layer.objects.active = items[0]
    layer.update()
    yield
    left = set(layer.objects)
    for item, viewport, eye in hidden:
        if item in left:  # else it was joined into another
            item.hide_viewport = viewport
            item.hide_set(eye)


def new_data(name: str, shape: str, kind: str) -> bpy.types.ID:
    """Returns a new light or camera of a type, which is named as Blender or the wire names it."""
    if shape == "light":
        return bpy.data.lights.new(name, kind.upper())
    camera = bpy.data.cameras.new(name)
    camera.type = {"perspective": "PERSP", "orthographic": "ORTHO"}.get(kind, kind.upper())
    return camera


def add_shape_key(item: bpy.types.Object, name: str, vertex: int, delta: list, base: str = "Basis") -> None:
    """Add a shape key relative to another, which moves one vertex; with the basis if there is none."""
    if item.data.shape_keys is None:
        item.shape_key_add(name="Basis", from_mix=False)
    key, blocks = item.shape_key_add(name=name, from_mix=False), item.data.shape_keys.key_blocks
    key.relative_key, key.value = blocks[base], 0.0
    for own, below in zip(key.data, item.data.shape_keys.reference_key.data, strict=True):
        own.co = below.co
    key.data[vertex].co = [a + b for a, b in zip(key.data[vertex].co, delta, strict=True)]


def sculpt_shape_key(item: bpy.types.Object, name: str, vertex: int, delta: list) -> None:
    """Move a vertex of a shape key."""
    point = item.data.shape_keys.key_blocks[name].data[vertex]
    point.co = [a + b for a, b in zip(point.co, delta, strict=True)]
    item.data.update()


def set_weights(item: bpy.types.Object, **weights: float) -> None:
    """Set weights of shape keys by name."""
    for name, value in weights.items():
        item.data.shape_keys.key_blocks[name].value = value


def read_shape_keys(item: bpy.types.Object) -> dict:
    """Return the weights of all shape keys, where they move vertices how far, and how far each is shown along Z."""
    reference, *blocks = item.data.shape_keys.key_blocks
    deltas = {}
    for block in blocks:
        points = zip(reference.data, block.data, block.relative_key.data, strict=True)
        moves = [[round(x, 4) for x in (*base.co, *(a.co - b.co))] for base, a, b in points if a.co != b.co]
        deltas[block.name] = sorted(moves)
    shown = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices
    moved = [a.co.z - b.co.z for a, b in zip(shown, item.data.shape_keys.reference_key.data, strict=True)]
    moved = sorted(round(z, 4) for z in moved)
    return {"weights": {block.name: block.value for block in blocks}, "deltas": deltas, "moved": moved}


def edit_light(light: bpy.types.Light, values: dict) -> None:
    """Set properties of a light, its type first."""
    if "type" in values:
        light.type = values["type"].upper()
    light = light.type_recast()  # with the properties of the type
    for name, value in values.items():
        if name != "type":
            setattr(light, name, value)


def edit_camera(camera: bpy.types.Camera, values: dict) -> None:
    """Set properties of a camera or of its depth of field."""
    for name, value in values.items():
        setattr(camera if hasattr(camera, name) else camera.dof, name, value)


def new_material(name: str) -> bpy.types.Material:
    """Returns a new material with a Principled BSDF, as the button New makes it."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):  # newer materials have nodes
        material.use_nodes = True
    return material


def edit_material(material: bpy.types.Material, values: dict) -> None:
    """Set sockets of the Principled BSDF, as "Base Color" or base_color, and properties of the material."""
    tree = material.node_tree
    shader = next((node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"), None) if tree else None
    for name, value in values.items():
        socket = shader.inputs.get(name.replace("_", " ").title()) if shader else None
        if socket is None:
            setattr(material, name, value)
        elif isinstance(value, list):
            socket.default_value = [*value, 1.0][:4]
        else:
            socket.default_value = value


def link_socket(material: bpy.types.Material, name: str, on: bool) -> None:
    """Let a noise decide a socket of the Principled BSDF, or cut its links."""
    tree = material.node_tree
    socket = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED").inputs[name]
    for link in list(socket.links):
        tree.links.remove(link)
    if on:
        tree.links.new(tree.nodes.new("ShaderNodeTexNoise").outputs[0], socket)


def find_shader(material: bpy.types.Material) -> bpy.types.ShaderNode | None:
    """Returns a Principled BSDF of a material."""
    return next((node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED"), None)


def link_image(material: bpy.types.Material, image: bpy.types.Image | str, name: str) -> bpy.types.Image:
    """Let an image, or one from a file, decide a socket of the Principled BSDF."""
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.load(image) if isinstance(image, str) else image
    tree.links.new(node.outputs["Color"], find_shader(material).inputs[name])
    return node.image


def assign_material(item: bpy.types.Object, slot: int, material: bpy.types.Material | None, link: str) -> None:
    """Show a material in a slot of the mesh (`data`) or of this object alone (`object`)."""
    while len(item.data.materials) <= slot:
        item.data.materials.append(None)
    item.material_slots[slot].link = link.upper()
    item.material_slots[slot].material = material


def duplicate(item: bpy.types.Object, linked: bool) -> bpy.types.Object:
    """Shift+D, or Alt+D where the mesh stays shared; returns the copy."""
    with selected(item):
        bpy.ops.object.duplicate(linked=linked)
        copy = bpy.context.view_layer.objects.active
    copy.hide_viewport = item.hide_viewport
    copy.hide_set(item.hide_get())
    return copy


def join(items: list[bpy.types.Object]) -> None:
    """Ctrl+J: the first takes the meshes of the others, which are gone then."""
    with selected(*items):
        bpy.ops.object.join()


def separate(item: bpy.types.Object, polygon: int) -> bpy.types.Object:
    """P, Selection: one polygon becomes an object of its own, which is returned."""
    before = set(bpy.data.objects)
    with selected(item):
        bpy.ops.object.mode_set(mode="EDIT")
        edited = bmesh.from_edit_mesh(item.data)
        for face in edited.faces:
            face.select_set(face.index == polygon)
        bmesh.update_edit_mesh(item.data)
        bpy.ops.mesh.separate(type="SELECTED")
        bpy.ops.object.mode_set(mode="OBJECT")
    return (set(bpy.data.objects) - before).pop()


def move_vertex(mesh: bpy.types.Mesh, vertex: int, x: float) -> None:
    """Moves one vertex of a mesh in Edit Mode; the tool goes on."""
    edited = bmesh.from_edit_mesh(mesh)
    edited.verts.ensure_lookup_table()
    edited.verts[vertex].co.x = x
    bmesh.update_edit_mesh(mesh)
    bpy.context.view_layer.update()


def apply_modifier(item: bpy.types.Object, kind: str) -> None:
    """Add a modifier and apply it; a shared mesh is made the object's own first, as Blender asks for."""
    with selected(item):
        if item.data.users > 1:
            item.data = item.data.copy()
        modifier = item.modifiers.new("Applied", kind)
        bpy.ops.object.modifier_apply(modifier=modifier.name)


def modify(item: bpy.types.Object, kind: str, values: dict) -> None:
    """Adds a modifier or changes the one of this kind; removes all without a kind."""
    if not kind:
        item.modifiers.clear()
        return
    modifier = next((each for each in item.modifiers if each.type == kind), None) or item.modifiers.new(kind, kind)
    for name, value in values.items():
        setattr(modifier, name, value)


def parent(item: bpy.types.Object, above: bpy.types.Object | None, keep: bool) -> None:
    """Parent or free an object. `keep`: it stays where it is (Ctrl+P, Alt+P with Keep Transform)."""
    if not keep:
        item.parent = above
        item.matrix_parent_inverse = Matrix.Identity(4)
    elif above is None:
        with selected(item):
            bpy.ops.object.parent_clear(type="CLEAR_KEEP_TRANSFORM")
    else:
        with selected(above, item):
            bpy.ops.object.parent_set(type="OBJECT", keep_transform=True)


def paint(mesh: bpy.types.Mesh, seed: int) -> None:
    """Give each corner a random color."""
    layers = mesh.color_attributes
    layer = layers[0] if layers else layers.new("Color", "FLOAT_COLOR", "CORNER")
    layer.data.foreach_set("color", np.random.default_rng(seed).random(4 * len(layer.data), np.float32))
    mesh.update()


def unwrap(mesh: bpy.types.Mesh, layers: int, seed: int) -> None:
    """Make it `layers` uv layers with random coordinates."""
    while len(mesh.uv_layers) > layers:
        mesh.uv_layers.remove(mesh.uv_layers[-1])
    while len(mesh.uv_layers) < layers:
        mesh.uv_layers.new()
    generator = np.random.default_rng(seed)
    for number in range(layers):
        data = mesh.attributes[mesh.uv_layers[number].name].data  # `uv_layers[n].uv` writes copies of the mesh as well
        data.foreach_set("vector", generator.random(2 * len(data), np.float32))
    mesh.update()
