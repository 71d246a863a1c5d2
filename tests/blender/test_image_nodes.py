# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests what nodes of a person make of images, and files whose pixels Blender changes when it reads them."""

import struct
import zlib

import bpy
import pytest
from conftest import update
from test_images import file_of, load, texture, texture_of, with_maps
from test_materials import add_material, shader_of
from vibesync.core import maps


def test_file_with_16_bits_is_sent_as_it_is(harness, tmp_path):
    """Blender reads its pixels linearized and multiplied with alpha: half gray at half alpha is 0.107."""
    harness.connect()
    row = b"\0" + struct.pack(">8H", *[32768] * 8)
    parts = ((b"IHDR", struct.pack(">2I5B", 2, 1, 16, 6, 0, 0, 0)), (b"IDAT", zlib.compress(row)), (b"IEND", b""))
    chunks = [struct.pack(">I", len(it)) + kind + it + struct.pack(">I", zlib.crc32(kind + it)) for kind, it in parts]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    (tmp_path / "deep.png").write_bytes(data)
    material, image = add_material(harness), bpy.data.images.load(str(tmp_path / "deep.png"))
    texture_of(material, image)
    before = harness.intents()
    harness.edited("Link")
    harness.settle()
    assert file_of(harness, before) == data and image.pixels[0] == pytest.approx(0.107, abs=1e-3)


def test_new_image_of_a_luminance_shows_the_channel(harness, tmp_path):
    harness.connect()
    material = add_material(harness)
    first, second = load(tmp_path), load(tmp_path, name="color.png")
    node = texture_of(material, first, target="Roughness")
    texture_of(material, second)
    harness.edited()
    harness.settle()
    harness.apply(update(material["uuid"], maps=with_maps(roughness=texture(second["uuid"], "g"))))
    assert node.image == first
    source = shader_of(material).inputs["Roughness"].links[0]
    assert (source.from_node.type, source.from_socket.name) == ("SEPARATE_COLOR", "Green")


def test_color_stays_without_its_map_where_nodes_emit(harness, tmp_path):
    harness.connect()
    material = add_material(harness)
    tree, inputs = material.node_tree, shader_of(material).inputs
    value = tree.nodes.new("ShaderNodeValue")
    tree.links.new(value.outputs[0], inputs["Emission Strength"])
    image = load(tmp_path)
    texture_of(material, image)
    harness.edited()
    harness.settle()
    glow = {"color": [1.0, 1.0, 1.0], "strength": 0.0}
    harness.apply(update(material["uuid"], maps=with_maps(emission=texture(image["uuid"])), emission=glow))
    product = inputs["Emission Color"].links[0].from_node
    next(each for each in product.inputs if each.identifier == "B_Color").default_value = (0.25, 0.5, 0.75, 1.0)
    harness.edited()
    harness.settle()
    harness.apply(update(material["uuid"], maps=maps.EMPTY))
    assert tuple(inputs["Emission Color"].default_value)[:3] == (0.25, 0.5, 0.75)
