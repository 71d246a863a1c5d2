# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that images and the maps of materials are sent, written, read back and restored."""

import struct
import uuid
import zlib

import bpy
import numpy as np
import pytest
from conftest import update
from test_materials import add_material, describe_tree, edited, new_material, pbr, shader_of
from vibesync.blender import image_values, map_nodes
from vibesync.core import images, maps, png
from vibesync.core.components import same_component


def picture(value, size=(4, 2), channels=4):
    """Returns the bytes of a PNG of one value."""
    return png.encode(np.full((size[1], size[0], channels), value, np.uint8))


def load(tmp_path, value=128, name="grain.png"):
    """Loads an image from a file, like a user."""
    path = tmp_path / name
    path.write_bytes(picture(value))
    return bpy.data.images.load(str(path))


def texture_of(material, image, output="Color", target="Base Color"):
    """Adds a texture and links it to a socket of the shader; returns its node."""
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs[output], shader_of(material).inputs[target])
    return node


def wire_image(data, **values):
    """Returns the component `image` of a change."""
    described = {"width": 4, "height": 2, "color_space": "srgb", "alpha": "straight", "format": "png", **values}
    return {**described, "buffers": {"file": {"attachment": 0, "bytes": len(data), "blob": "b" * 64}}}


def new_image(data, name="Remote grain", **values):
    """Returns a create change for an image."""
    made = {"name": name, "image": wire_image(data, **values)}
    return {"op": "create", "uuid": str(uuid.uuid4()), "kind": "image", "components": made}


def texture(image, channel="rgb", **values):
    return {"image": image, "channel": channel, **maps.PLAIN, **values}


def with_maps(**fields):
    return {**maps.EMPTY, **fields}


def file_of(harness, number):
    """Returns the file of the image that the first change of an intent has."""
    frame = harness.daemon.of_type("intent")[number]
    return images.unpack(frame.header["changes"][0]["components"]["image"], frame.attachments, "x")


def apply_all(harness, *changes, data=b""):
    """Applies changes, expects an equal read-back and nothing to be sent."""
    before = harness.intents()
    results, back = harness.apply(*changes, attachments=[data])
    assert [result["error"] for result in results] == [None] * len(results)
    for change, result in zip(changes, results, strict=True):
        state = result["state"]["components"]
        for name, value in change["components"].items():
            if name == "image":
                assert images.without_buffers(state[name]) == images.without_buffers(value)
                assert state[name]["buffers"]["file"] == {"blob": "b" * 64, "bytes": len(data)}
            elif name != "locks":
                assert same_component(name, value, state.get(name, maps.EMPTY)), (name, state.get(name))
    assert not back
    harness.settle()
    # A product of a color and an image is free where an image alone was locked.
    sent = [change["components"].keys() for change in harness.changes(before)]
    assert all(names == {"locks"} for names in sent), harness.changes(before)


def test_image_is_sent_before_the_material_that_shows_it(harness, tmp_path):
    harness.connect()
    image = load(tmp_path)
    unused = load(tmp_path, name="unused.png")
    material = add_material(harness)
    before = harness.intents()
    texture_of(material, image)
    harness.edited("Link")
    harness.settle()
    made, changed = harness.changes(before)
    assert (made["op"], made["kind"], made["uuid"]) == ("create", "image", image["uuid"])
    described = images.without_buffers(made["components"]["image"])
    assert described == {"width": 4, "height": 2, "color_space": "srgb", "alpha": "straight", "format": "png"}
    assert file_of(harness, before) == picture(128)
    assert changed["components"]["maps"] == with_maps(base_color=texture(image["uuid"]))
    assert changed["components"]["pbr"]["base_color"] == [1.0, 1.0, 1.0, 1.0]
    assert changed["components"]["locks"] == {"blender": {"pbr": ["base_color"]}}
    assert not harness.bridge.notices.all
    assert unused.name == "unused.png" and harness.intents() == before + 1


def chain(material, image, target, *kinds):
    """Links a texture to a socket of the shader through nodes of these kinds; returns the nodes, the texture last."""
    tree, made = material.node_tree, []
    end = shader_of(material).inputs[target]
    for kind, output, entry, values in kinds:
        node = tree.nodes.new(kind)
        for name, value in values.items():
            if isinstance(name, int):
                node.inputs[name].default_value = value
            else:
                setattr(node, name, value)
        tree.links.new(next(it for it in node.outputs if it.identifier == output), end)
        end = next((it for it in node.inputs if it.identifier == entry), None)
        made.append(node)
    made[-1].image = image
    return made


TEXTURE = ("ShaderNodeTexImage", "Color", "Vector", {})
ALPHA = ("ShaderNodeTexImage", "Alpha", "Vector", {})


def math(operation, entry, **values):
    constants = {int(name[1:]): value for name, value in values.items()}
    return ("ShaderNodeMath", "Value", entry, {"operation": operation, **constants})


def split(output):
    return ("ShaderNodeSeparateColor", output, "Color", {})


MIX = ("ShaderNodeMix", "Result_Color", "A_Color", {"data_type": "RGBA", "blend_type": "MULTIPLY", 0: 1.0})
NORMAL = ("ShaderNodeNormalMap", "Normal", "Color", {})
CHAINS = {
    "gray": ("Roughness", [TEXTURE], "roughness", {"channel": "g"}),
    "green": ("Roughness", [split("Green"), TEXTURE], "roughness", {"channel": "g"}),
    "blue": ("Metallic", [split("Blue"), TEXTURE], "metallic", {"channel": "b"}),
    "alpha": ("Alpha", [ALPHA], "alpha", {"channel": "a"}),
    "scaled": ("Roughness", [math("MULTIPLY", "Value", n1=0.5), TEXTURE], "roughness", {"channel": "g", "scale": 0.5}),
    "smoothness": (
        "Roughness",
        [math("SUBTRACT", "Value_001", n0=1.0), ALPHA],
        "roughness",
        {"channel": "a", "scale": -1.0, "bias": 1.0},
    ),
    "sum of a product": (
        "Metallic",
        [math("ADD", "Value", n1=0.25), math("MULTIPLY_ADD", "Value", n1=0.5, n2=0.125), split("Red"), TEXTURE],
        "metallic",
        {"channel": "r", "scale": 0.5, "bias": 0.375},
    ),
    "emission": ("Emission Color", [TEXTURE], "emission", {}),
    "normal": ("Normal", [NORMAL, TEXTURE], "normal", {}),
    "product": ("Base Color", [MIX, TEXTURE], "base_color", {}),
    "nearest": ("Base Color", [(*TEXTURE[:3], {"interpolation": "Closest"})], "base_color", {"filter": "nearest"}),
    "clamp": ("Base Color", [(*TEXTURE[:3], {"extension": "EXTEND"})], "base_color", {"wrap": ["clamp", "clamp"]}),
}


@pytest.mark.parametrize("case", CHAINS)
def test_common_chain_is_one_map(harness, tmp_path, case):
    target, kinds, field, expected = CHAINS[case]
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    before = harness.intents()
    chain(material, image, target, *kinds)
    harness.edited("Link")
    harness.settle()
    sent = harness.changes(before)[1]["components"]
    wanted = {**texture(image["uuid"]), **expected}
    assert sent["maps"] == with_maps(**{field: wanted})
    is_plain_color = field in ("base_color", "emission") and case != "product"
    assert ("locks" in sent) == is_plain_color
    assert not harness.bridge.notices.all
    # Blender shows the same when it arrives.
    results, _ = harness.apply(update(material["uuid"], maps=maps.EMPTY))
    assert results[0]["error"] is None and not shader_of(material).inputs[target].is_linked
    apply_all(harness, update(material["uuid"], maps=sent["maps"]))


def test_mapping_places_the_texture(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    before = harness.intents()
    mapping = ("ShaderNodeMapping", "Vector", "Vector", {1: (0.25, 0.5, 0.0), 2: (0.0, 0.0, 0.5), 3: (2.0, 3.0, 1.0)})
    uv = ("ShaderNodeUVMap", "UV", None, {})
    *_, node, _ = chain_of_uv(material, image, mapping, uv)
    harness.edited("Link")
    harness.settle()
    placed = harness.changes(before)[1]["components"]["maps"]["base_color"]
    assert placed == texture(image["uuid"], offset=[0.25, 0.5], rotation=0.5, tile=[2.0, 3.0])
    node.inputs["Scale"].default_value = (4.0, 4.0, 1.0)
    assert edited(harness)["maps"]["base_color"]["tile"] == [4.0, 4.0]
    apply_all(harness, update(material["uuid"], maps=with_maps(base_color=placed)))


def chain_of_uv(material, image, mapping, uv):
    """Links a texture that is placed by nodes; returns all nodes."""
    tree = material.node_tree
    node = texture_of(material, image)
    place, source = (tree.nodes.new(kind[0]) for kind in (mapping, uv))
    for name, value in mapping[3].items():
        place.inputs[name].default_value = value
    tree.links.new(place.outputs["Vector"], node.inputs["Vector"])
    tree.links.new(source.outputs["UV"], place.inputs["Vector"])
    return node, place, source


OTHERS = {
    "ramp": ("Roughness", [("ShaderNodeValToRGB", "Color", "Fac", {}), TEXTURE]),
    "clamped": ("Roughness", [("ShaderNodeMath", "Value", "Value", {"use_clamp": True}), TEXTURE]),
    "box": ("Base Color", [(*TEXTURE[:3], {"projection": "BOX"})]),
    "clip": ("Base Color", [(*TEXTURE[:3], {"extension": "CLIP"})]),
    "bump": ("Normal", [("ShaderNodeBump", "Normal", "Height", {}), TEXTURE]),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_chains_are_locked_and_told(harness, tmp_path, case):
    target, kinds = OTHERS[case]
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    chain(material, image, target, *kinds)
    sent = edited(harness)
    field = {"Base Color": "base_color"}.get(target, target.lower())
    assert "maps" not in sent and sent["locks"]["blender"]["maps"] == [field]
    assert [notice.kind for notice in harness.bridge.notices.all] == ["textures"]
    before = describe_tree(material)
    results, _ = harness.apply(update(material["uuid"], maps=with_maps(alpha=None)))
    assert results[0]["error"] is None and describe_tree(material) == before


def test_color_of_a_product_is_free(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    mix, _ = chain(material, image, "Base Color", MIX, TEXTURE)
    b = next(it for it in mix.inputs if it.identifier == "B_Color")
    b.default_value = (0.5, 0.25, 0.125, 1.0)
    assert harness.edited("Link") is None
    harness.settle()
    before = describe_tree(material)
    apply_all(harness, update(material["uuid"], pbr=pbr(base_color=[0.25, 0.5, 0.75, 1.0])))
    assert tuple(b.default_value)[:3] == (0.25, 0.5, 0.75)
    assert [it[:2] for it in describe_tree(material)[0]] == [it[:2] for it in before[0]]
    apply_all(harness, update(material["uuid"], maps=maps.EMPTY))
    color = shader_of(material).inputs["Base Color"]
    assert not color.is_linked and tuple(color.default_value)[:3] == (0.25, 0.5, 0.75)


def test_whole_material_arrives_with_its_images(harness):
    harness.connect()
    data = picture(77)
    image = new_image(data, color_space="data", alpha="none")
    who = image["uuid"]
    shown = with_maps(
        base_color=texture(who, tile=[2.0, 2.0], uv=3, wrap=["clamp", "repeat"]),
        alpha=texture(who, "a", scale=0.5, bias=0.25),
        roughness=texture(who, "a", scale=-1.0, bias=1.0),
        metallic=texture(who, "r"),
        normal=texture(who),
        occlusion=texture(who, "g"),
        emission=texture(who, filter="nearest"),
    )
    color = pbr(base_color=[0.5, 0.25, 0.125, 0.5], alpha_mode="mask", normal_scale=0.5, roughness=0.25)
    material = new_material(maps=shown, pbr=color)
    apply_all(harness, image, material, data=data)
    made = harness.find(who)
    assert made.packed_file and made.source == "FILE" and tuple(made.size) == (4, 2) and made.use_fake_user
    assert (made.colorspace_settings.name, made.alpha_mode) == ("Non-Color", "NONE")
    tree = harness.find(material["uuid"]).node_tree
    assert all(node.get(map_nodes.MARK) for node in tree.nodes if node.type == "TEX_IMAGE")
    # No node of ours stays once no map asks for it.
    apply_all(harness, update(material["uuid"], maps=maps.EMPTY))
    assert sorted(node.type for node in tree.nodes) == ["BSDF_PRINCIPLED", "OUTPUT_MATERIAL"]


def test_another_image_takes_the_place_in_a_node_of_a_person(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    node = texture_of(material, image)
    harness.edited("Link")
    harness.settle()
    data = picture(9)
    other = new_image(data)
    apply_all(harness, other, update(material["uuid"], maps=with_maps(base_color=texture(other["uuid"]))), data=data)
    assert node.image == harness.find(other["uuid"]) and len(material.node_tree.nodes) == 3
    # A texture that something else uses, too, stays as it is.
    tree = material.node_tree
    tree.links.new(node.outputs["Color"], shader_of(material).inputs["Roughness"])
    harness.edited("Link")
    harness.settle()
    shown = with_maps(base_color=texture(image["uuid"]), roughness=texture(other["uuid"], "g"))
    apply_all(harness, update(material["uuid"], maps=shown))
    assert node.image == harness.find(other["uuid"])


def test_file_on_disk_is_read_again_when_it_changes(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    texture_of(material, image)
    harness.edited("Link")
    harness.settle()
    before = harness.intents()
    (tmp_path / "grain.png").write_bytes(picture(3))
    harness.wait(lambda: harness.intents() > before)
    assert [list(change["components"]) for change in harness.changes(before)] == [["image"]]
    assert file_of(harness, before) == picture(3)


def test_arriving_file_never_overwrites_the_one_on_disk(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    texture_of(material, image)
    harness.edited("Link")
    harness.settle()
    data = picture(200)
    apply_all(harness, update(image["uuid"], image=wire_image(data)), data=data)
    assert image.packed_file.data == data and (tmp_path / "grain.png").read_bytes() == picture(128)
    assert image.pixels[0] == pytest.approx(200 / 255)


def test_painted_pixels_are_sent_as_png(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    texture_of(material, image)
    harness.edited("Link")
    harness.settle()
    before = harness.intents()
    image.pixels[:] = [0.0, 1.0, 0.0, 1.0] * 8
    harness.wait(lambda: harness.intents() > before)
    painted = np.zeros((2, 4, 4), np.uint8)
    painted[:, :, 1::2] = 255
    assert file_of(harness, before) == png.encode(painted)
    results, _ = harness.apply(update(image["uuid"], image=wire_image(picture(1))), attachments=[picture(1)])
    assert results[0]["error"]["code"] == "VS-4005" and image.pixels[1] == 1.0, "a painting is not lost"


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


def test_painting_over_a_packed_image_is_not_lost(harness):
    harness.connect()
    data = picture(5)
    image = new_image(data)
    apply_all(harness, image, new_material(maps=with_maps(base_color=texture(image["uuid"]))), data=data)
    before, held = harness.intents(), harness.find(image["uuid"])
    held.pixels[:] = [0.0, 1.0, 0.0, 1.0] * 8
    harness.wait(lambda: harness.intents() > before)
    results, _ = harness.apply(update(image["uuid"], image=wire_image(picture(1))), attachments=[picture(1)])
    assert results[0]["error"]["code"] == "VS-4005" and held.pixels[1] == 1.0


def test_read_back_has_the_file_that_blender_holds(harness, monkeypatch):
    harness.connect()
    data, other = picture(5), picture(6)
    pack = image_values._pack
    monkeypatch.setattr(image_values, "_pack", lambda image, _data, name: pack(image, other, name))
    results, back = harness.apply(new_image(data), attachments=[data])
    assert results[0]["state"]["components"]["image"]["buffers"]["file"] == {"attachment": 0, "bytes": len(other)}
    assert [bytes(each) for each in back] == [other]


def test_large_painting_waits_until_it_is_saved(harness, tmp_path, monkeypatch):
    monkeypatch.setattr(image_values, "_MOST_PAINTED", 7)
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    texture_of(material, image)
    harness.edited("Link")
    harness.settle()
    before = harness.intents()
    image.pixels[:] = [1.0] * 32
    harness.wait(lambda: [notice.kind for notice in harness.bridge.notices.all] == ["paintings"])
    assert harness.intents() == before
    image.save()
    harness.wait(lambda: harness.intents() > before)
    assert file_of(harness, before) == (tmp_path / "grain.png").read_bytes()


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


def test_deleted_image_leaves_its_maps(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    texture_of(material, image)
    harness.edited("Link")
    harness.settle()
    who, before = image["uuid"], harness.intents()
    bpy.data.images.remove(image)
    harness.edited("Remove")
    harness.settle()
    changes = harness.changes(before)
    assert [change["op"] for change in changes] == ["update", "delete"] and changes[1]["uuid"] == who
    assert "maps" not in changes[0]["components"] or changes[0]["components"]["maps"] == maps.EMPTY


def test_image_arrives_deleted(harness):
    harness.connect()
    data = picture(5)
    image = new_image(data)
    material = new_material(maps=with_maps(base_color=texture(image["uuid"])))
    apply_all(harness, image, material, data=data)
    gone = {"op": "delete", "uuid": image["uuid"]}
    results, _ = harness.apply(update(material["uuid"], maps=maps.EMPTY), gone)
    assert [result["error"] for result in results] == [None, None]
    assert harness.find(image["uuid"]) is None


def test_failed_batch_restores_image_and_nodes(harness, tmp_path):
    harness.connect()
    material, image = add_material(harness), load(tmp_path)
    node = texture_of(material, image)
    data = picture(5)
    arrived = new_image(data)
    harness.edited("Link")
    harness.settle()
    apply_all(harness, arrived, data=data)
    before = describe_tree(material)
    broken = new_image(b"no picture")
    for shown in (
        with_maps(base_color=texture(arrived["uuid"])),
        maps.EMPTY,
        with_maps(alpha=texture(arrived["uuid"], "a")),
    ):
        other = update(arrived["uuid"], image=wire_image(picture(6), color_space="data"))
        broken["components"]["image"]["buffers"]["file"]["attachment"] = 1
        changes = (other, update(material["uuid"], maps=shown), broken)
        results, _ = harness.apply(*changes, attachments=[picture(6), b"no picture"])
        assert all(result["error"] for result in results)
        assert describe_tree(material) == before and node.image == image
        held = harness.find(arrived["uuid"])
        assert held.packed_file.data == data and held.colorspace_settings.name == "sRGB"


def test_undo_brings_back_map_and_image(harness):
    harness.connect()
    data = picture(5)
    image = new_image(data)
    material = new_material(maps=with_maps(base_color=texture(image["uuid"])))
    apply_all(harness, image, material, data=data)
    apply_all(harness, update(material["uuid"], maps=maps.EMPTY))
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.wait(lambda: harness.intents() > before)
    harness.settle()
    sent = [change["components"].get("maps") for change in harness.changes(before)]
    assert with_maps(base_color=texture(image["uuid"])) in sent
