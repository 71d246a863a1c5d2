# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the node trees that `node_trees` describes, and those that a batch must look like."""

import bpy
import node_trees
from tree_dump import SOCKETS

CHANNELS = {"r": "Red", "g": "Green", "b": "Blue"}
EXTENSIONS = {"repeat": "REPEAT", "clamp": "EXTEND", "mirror": "MIRROR"}


def build_tree(tree, images, name):
    """Returns a new material with the tree."""
    builder = Builder(name, images)
    for field, spec in tree["fields"].items():
        builder.value(field, tree["values"])
        if spec["kind"] == "image":
            builder.chain(field, spec)
        elif spec["kind"] == "other":
            builder.other(field, spec)
    builder.strength(tree)
    builder.surface(tree["surface"])
    for _ in range(tree["loose"]):
        builder.texture(0)
    builder.material.use_backface_culling = tree["culling"]
    builder.material.diffuse_color = (0.25, 0.5, 0.75, 1.0)
    return builder.material


def build_expected(tree, components, images, image_of):
    """Returns a new material that shows components, and other nodes where the tree has them."""
    builder = Builder("Expected", images)
    pbr, emission = components["pbr"], components["emission"]
    is_known = tree["surface"] in node_trees.RECOGNIZED
    alpha = 1.0 if pbr["alpha_mode"] == "opaque" else pbr["base_color"][3]
    shown = {
        "base_color": pbr["base_color"][:3],
        "alpha": alpha,
        "metallic": pbr["metallic"],
        "roughness": pbr["roughness"],
        "emission": emission["color"],
        "strength": emission["strength"],
    }
    for field, spec in tree["fields"].items():
        wanted = components["maps"].get(field)
        is_plain = spec["kind"] == "other" and (spec["way"] != "driven" or not wanted)
        if is_plain or not is_known:
            builder.value(field, tree["values"])
            if spec["kind"] == "image":
                builder.chain(field, spec)
            elif spec["kind"] == "other":
                builder.other(field, spec)
            continue
        builder.value(field, shown)
        if wanted:
            builder.map(field, wanted, image_of(wanted["image"]), shown, pbr["normal_scale"])
    if is_known:
        builder.strength({**tree, "values": shown})
    else:
        builder.strength(tree)
    builder.surface(tree["surface"])
    return builder.material


class Builder:
    """A new material with a Principled BSDF and an output."""

    def __init__(self, name, images):
        self.images = images
        self.material = bpy.data.materials.new(name)
        if self.material.node_tree is None:
            self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()
        self.shader = self.add("ShaderNodeBsdfPrincipled")
        self.output = self.add("ShaderNodeOutputMaterial")
        self.inputs = {socket.identifier: socket for socket in self.shader.inputs}

    def add(self, kind, **values):
        node = self.tree.nodes.new(kind)
        count = len(self.tree.nodes)
        node.location = (-37.0 * count, 11.0 * count)
        for name, value in values.items():
            setattr(node, name, value)
        return node

    def link(self, start, end):
        return self.tree.links.new(start, end)

    def value(self, field, values):
        """Sets the socket of a field."""
        if field != "normal":
            value = values[field]
            self.inputs[SOCKETS[field]].default_value = (*value, 1.0) if isinstance(value, list) else value

    def strength(self, tree):
        end = self.inputs["Emission Strength"]
        end.default_value = tree["values"]["strength"]
        if tree["strength"] == "other":
            node = self.add("ShaderNodeValue")
            node.outputs[0].default_value = 0.75
            self.link(node.outputs[0], end)

    def surface(self, kind):
        start, end = self.shader.outputs[0], self.output.inputs["Surface"]
        if kind == "reroute":
            node = self.add("NodeReroute")
            self.link(start, node.inputs[0])
            start = node.outputs[0]
        elif kind == "mix":
            node = self.add("ShaderNodeMixShader")
            self.link(start, node.inputs[1])
            self.link(self.add("ShaderNodeBsdfDiffuse").outputs[0], node.inputs[2])
            start = node.outputs[0]
        elif kind == "emission":
            start = self.add("ShaderNodeEmission").outputs[0]
        elif kind == "group":
            start = self.group().outputs[0]
        if kind != "none":
            self.link(start, end)

    def group(self):
        inner = bpy.data.node_groups.new("Group", "ShaderNodeTree")
        inner.interface.new_socket("Shader", in_out="OUTPUT", socket_type="NodeSocketShader")
        start, end = inner.nodes.new("ShaderNodeBsdfPrincipled"), inner.nodes.new("NodeGroupOutput")
        inner.links.new(start.outputs[0], end.inputs[0])
        return self.add("ShaderNodeGroup", node_tree=inner)

    def texture(self, image, **values):
        shown = self.images[image] if isinstance(image, int) else image
        return self.add("ShaderNodeTexImage", image=shown, **values)

    def chain(self, field, spec):
        """Links an image in a way that is recognized."""
        end = self.inputs[SOCKETS[field]]
        texture = self.texture(spec["image"], extension=spec["extension"], interpolation=spec["interpolation"])
        self.place(texture, spec["place"])
        start = texture.outputs["Color"]
        if field == "normal":
            node = self.add("ShaderNodeNormalMap")
            node.inputs["Strength"].default_value = spec["scale"]
            self.link(start, node.inputs["Color"])
            start = node.outputs["Normal"]
        elif field in node_trees.COLORS:
            if spec["factor"] is not None:
                start = self.product(start, spec["factor"], 1.0, spec["side"])
        else:
            start = self.channel(texture, spec["output"])
            for operation in spec["sums"]:
                start = self.sum(start, *operation)
        if spec["reroute"]:
            node = self.add("NodeReroute")
            self.link(start, node.inputs[0])
            start = node.outputs[0]
        self.link(start, end)

    def channel(self, texture, output):
        if output == "a":
            return texture.outputs["Alpha"]
        if output == "gray":
            return texture.outputs["Color"]
        node = self.add("ShaderNodeSeparateColor")
        self.link(texture.outputs["Color"], node.inputs[0])
        return node.outputs[CHANNELS[output]]

    def sum(self, start, operation, linked, first, second):
        node = self.add("ShaderNodeMath", operation=operation)
        constants = iter((first, second, 0.0))
        for number in range(3):
            if number != linked:
                node.inputs[number].default_value = next(constants)
        self.link(start, node.inputs[linked])
        return node.outputs[0]

    def product(self, start, constant, factor, side="A"):
        node = self.add("ShaderNodeMix", data_type="RGBA", blend_type="MULTIPLY")
        inputs = {socket.identifier: socket for socket in node.inputs}
        inputs["Factor_Float"].default_value = factor
        inputs["B_Color" if side == "A" else "A_Color"].default_value = (*constant, 1.0)
        self.link(start, inputs[f"{side}_Color"])
        return next(each for each in node.outputs if each.identifier == "Result_Color")

    def place(self, texture, place):
        if place is None:
            return
        if place == "coordinates":
            start = self.add("ShaderNodeTexCoord").outputs["UV"]
        else:
            start = self.add("ShaderNodeUVMap").outputs[0]
        if isinstance(place, list):
            x, y, turn, width, height = place
            node = self.add("ShaderNodeMapping")
            node.inputs["Location"].default_value = (x, y, 0.0)
            node.inputs["Rotation"].default_value = (0.0, 0.0, turn)
            node.inputs["Scale"].default_value = (width, height, 1.0)
            self.link(start, node.inputs["Vector"])
            start = node.outputs[0]
        self.link(start, texture.inputs["Vector"])

    def other(self, field, spec):
        """Lets nodes decide a field that are not recognized."""
        end, way = self.inputs[SOCKETS[field]], spec["way"]
        if way == "driven":
            curves = end.driver_add("default_value")
            for number, curve in enumerate(curves if isinstance(curves, list) else [curves]):
                curve.driver.expression = str((0.25, 0.5, 0.75, 1.0)[number])
            return
        if way == "noise":
            self.link(self.add("ShaderNodeTexNoise").outputs["Color"], end)
            return
        if way == "value":
            node = self.add("ShaderNodeRGB")
            node.outputs[0].default_value = (0.5, 0.25, 0.75, 1.0)
            self.link(node.outputs[0], end)
            return
        texture = self.texture(spec["image"], extension="CLIP" if way == "clip" else "REPEAT")
        start = texture.outputs["Color"]
        if way == "generated":
            self.link(self.add("ShaderNodeTexCoord").outputs["Generated"], texture.inputs["Vector"])
        elif way == "half":
            start = self.product(start, (0.25, 0.5, 0.75), 0.5)
        elif way == "ramp":
            node = self.add("ShaderNodeValToRGB")
            node.color_ramp.elements[0].color = (0.5, 0.0, 0.25, 1.0)
            self.link(start, node.inputs[0])
            start = node.outputs[0]
        elif way in ("clamped", "power"):
            node = self.add(
                "ShaderNodeMath", operation="POWER" if way == "power" else "MULTIPLY", use_clamp=way == "clamped"
            )
            self.link(start, node.inputs[0])
            start = node.outputs[0]
        made = self.link(start, end)
        if way == "muted":
            made.is_muted = True

    def map(self, field, wanted, image, values, normal_scale):
        """Shows a map by other nodes than the addon makes."""
        interpolation = "Closest" if wanted["filter"] == "nearest" else "Linear"
        texture = self.texture(image, extension=EXTENSIONS[wanted["wrap"][0]], interpolation=interpolation)
        self.link(self.placed(wanted), texture.inputs["Vector"])
        end = self.inputs[SOCKETS[field]]
        if field == "normal":
            node = self.add("ShaderNodeNormalMap")
            node.inputs["Strength"].default_value = normal_scale
            self.link(texture.outputs["Color"], node.inputs["Color"])
            self.link(node.outputs["Normal"], end)
        elif field in node_trees.COLORS:
            node = self.add("ShaderNodeVectorMath", operation="MULTIPLY")
            node.inputs[1].default_value = values[field]
            self.link(texture.outputs["Color"], node.inputs[0])
            self.link(node.outputs[0], end)
        else:
            start = texture.outputs["Alpha"]
            if wanted["channel"] != "a":
                node = self.add("ShaderNodeSeparateXYZ")
                self.link(texture.outputs["Color"], node.inputs[0])
                start = node.outputs["rgb".index(wanted["channel"])]
            for operation, number in (("MULTIPLY", wanted["scale"]), ("ADD", wanted["bias"])):
                node = self.add("ShaderNodeMath", operation=operation)
                node.inputs[1].default_value = number
                self.link(start, node.inputs[0])
                start = node.outputs[0]
            self.link(start, end)

    def placed(self, wanted):
        """Returns the coordinates of a map: scaled, then turned, then moved."""
        start = self.add("ShaderNodeUVMap").outputs[0]
        scaled = self.add("ShaderNodeVectorMath", operation="MULTIPLY")
        scaled.inputs[1].default_value = (*wanted["tile"], 1.0)
        turned = self.add("ShaderNodeVectorRotate", rotation_type="Z_AXIS")
        turned.inputs["Angle"].default_value = wanted["rotation"]
        moved = self.add("ShaderNodeVectorMath", operation="ADD")
        moved.inputs[1].default_value = (*wanted["offset"], 0.0)
        self.link(start, scaled.inputs[0])
        self.link(scaled.outputs[0], turned.inputs["Vector"])
        self.link(turned.outputs[0], moved.inputs[0])
        return moved.outputs[0]
