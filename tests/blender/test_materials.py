# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that materials are sent, written, read back, locked and restored, and that their nodes stay as they are."""

import uuid

import bpy
import pytest
from conftest import cube, new_object, update
from vibesync.blender import material_values, scenes
from vibesync.core import maps, materials
from vibesync.core.components import ABSENT, same_component

HAS_ALWAYS_NODES = bpy.app.version >= (5, 0, 0)
BASE = [0.8, 0.8, 0.8, 1.0]
WRITTEN = ("Base Color", "Alpha", "Metallic", "Roughness", "Emission Color", "Emission Strength")


def add_material(harness, name="Paint", has_nodes=True):
    """Adds a cube with a material, like a user; returns the material."""
    material = bpy.data.materials.new(name)
    if not HAS_ALWAYS_NODES:
        material.use_nodes = has_nodes
    mesh = cube(name)
    mesh.materials.append(material)
    scenes.synced_scene().collection.objects.link(bpy.data.objects.new(name, mesh))
    harness.edited("Add")
    harness.settle()
    return material


def shader_of(material):
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def pbr(**values):
    return {**materials.PBR, **values}


def emission(**values):
    return {**materials.EMISSION, **values}


def new_material(name="Remote paint", **components):
    """Returns a create change for a material."""
    made = {"name": name, "pbr": pbr(), "emission": emission(), **components}
    return {"op": "create", "uuid": str(uuid.uuid4()), "kind": "material", "components": made}


def edited(harness, label="Edit"):
    """Returns the components of the only change that an edit leads to."""
    before = harness.intents()
    harness.edited(label)
    harness.settle()
    (change,) = harness.changes(before)
    return change["components"]


def apply_material(harness, change, *others):
    """Applies changes, expects an equal read-back and nothing to be sent; returns the material of the first."""
    before = harness.intents()
    results, _ = harness.apply(change, *others)
    assert [result["error"] for result in results] == [None] * len(results)
    for each, result in zip((change, *others), results, strict=True):
        for name, value in each.get("components", {}).items():
            assert same_component(name, value, result["state"]["components"].get(name, ABSENT.get(name))), (
                name,
                result,
            )
    harness.settle()
    assert harness.intents() == before, harness.changes(before)
    return harness.find(change["uuid"])


def describe_tree(material):
    """Returns all that a tree holds, apart from the values that VibeSync may write."""
    tree = material.node_tree
    nodes = []
    for node in tree.nodes:
        own = {rna.identifier: repr(getattr(node, rna.identifier)) for rna in node.bl_rna.properties if is_plain(rna)}
        sockets = []
        for socket in (*node.inputs, *node.outputs):
            is_ours = node.type == "BSDF_PRINCIPLED" and socket.identifier in WRITTEN
            value = getattr(socket, "default_value", None)
            value = tuple(value) if hasattr(value, "__len__") and not isinstance(value, str) else value
            sockets.append((socket.identifier, socket.is_linked, None if is_ours and not socket.is_linked else value))
        nodes.append((node.name, node.bl_idname, own, sockets))
    links = [
        (it.from_node.name, it.from_socket.identifier, it.to_node.name, it.to_socket.identifier) for it in tree.links
    ]
    return nodes, links


def is_plain(rna):
    return rna.type in ("BOOLEAN", "INT", "FLOAT", "STRING", "ENUM") and not getattr(rna, "is_array", False)


def test_material_is_sent_before_what_shows_it(harness):
    harness.connect()
    material = add_material(harness)
    made, mesh, item = harness.changes()
    assert (made["op"], made["kind"], made["uuid"]) == ("create", "material", material["uuid"])
    assert made["components"] == {
        "name": "Paint",
        "pbr": {**pbr(), "base_color": pytest.approx([0.8, 0.8, 0.8, 1.0])},
        "emission": emission(),
    }
    assert mesh["components"]["slots"] == {"materials": [material["uuid"]]}
    assert "materials" not in item["components"] and not harness.bridge.notices.all


EDITS = [
    ("Base Color", (0.5, 0.25, 0.125, 1.0), "pbr", {"base_color": [0.5, 0.25, 0.125, 1.0]}),
    ("Metallic", 0.75, "pbr", {"metallic": 0.75}),
    ("Roughness", 0.25, "pbr", {"roughness": 0.25}),
    ("Roughness", 1.5, "pbr", {"roughness": 1.0}),
    ("Alpha", 0.5, "pbr", {"base_color": [pytest.approx(0.8)] * 3 + [0.5], "alpha_mode": "blend"}),
    ("Emission Color", (0.5, 0.25, 0.0, 1.0), "emission", {"color": [0.5, 0.25, 0.0]}),
    ("Emission Strength", 4.0, "emission", {"strength": 4.0}),
]


@pytest.mark.parametrize("case", EDITS, ids=lambda case: f"{case[0]} {case[1]}")
def test_edit_of_a_socket_is_one_update(harness, case):
    socket, value, name, expected = case
    harness.connect()
    material = add_material(harness)
    known = harness.changes()[0]["components"]
    if name == "emission":
        shader_of(material).inputs["Emission Strength"].default_value = 1.0
        known = {**known, **edited(harness)}
    shader_of(material).inputs[socket].default_value = value
    sent = edited(harness)
    assert list(sent) == [name]
    assert sent[name] == {**known[name], **expected}


def test_edit_of_the_surface_is_one_update(harness):
    harness.connect()
    material = add_material(harness)
    material.use_backface_culling = True
    assert edited(harness)["pbr"]["double_sided"] is False
    material.surface_render_method = "BLENDED"
    assert edited(harness)["pbr"]["alpha_mode"] == "blend"
    material.surface_render_method = "DITHERED"
    assert edited(harness)["pbr"]["alpha_mode"] == "opaque"
    material.name = "Renamed"
    assert edited(harness) == {"name": "Renamed"}


def test_edit_of_a_material_reads_no_mesh(harness):
    harness.connect()
    material = add_material(harness)
    mesh = bpy.data.meshes["Paint"]
    shader_of(material).inputs["Roughness"].default_value = 0.1
    bpy.context.view_layer.update()
    marks = harness.bridge.dirty_set.marks
    assert material["uuid"] in marks and mesh["uuid"] not in marks


VALUES = {
    "opaque": {"pbr": pbr(base_color=[0.1, 0.2, 0.3, 0.4], metallic=0.5, roughness=0.25, normal_scale=2.0)},
    "mask": {"pbr": pbr(base_color=[0.1, 0.2, 0.3, 0.4], alpha_mode="mask", alpha_cutoff=0.25)},
    "mask of a full alpha": {"pbr": pbr(alpha_mode="mask", occlusion_strength=0.5)},
    "blend": {"pbr": pbr(base_color=[4.0, 0.0, 0.5, 0.125], alpha_mode="blend", double_sided=False)},
    "blend of a full alpha": {"pbr": pbr(alpha_mode="blend")},
    "glow": {"emission": emission(color=[0.5, 0.25, 0.0], strength=4.0)},
    "bright glow": {"emission": emission(color=[12.0, 0.001, 0.0], strength=3e6)},
    "dark": {"pbr": pbr(base_color=[0.0, 0.0, 0.0, 0.0]), "emission": emission(color=[0.0, 0.0, 0.0])},
    "locked by unity": {"locks": {"unity": {"pbr": ["metallic", "roughness"]}}},
}


@pytest.mark.parametrize("name", VALUES)
def test_material_of_the_daemon_is_read_back(harness, name):
    harness.connect()
    change = new_material(**VALUES[name])
    material = apply_material(harness, change)
    assert material.use_fake_user and material.name == "Remote paint"
    assert [node.type for node in material.node_tree.nodes].count("BSDF_PRINCIPLED") == 1
    plain = {"pbr": pbr(), "emission": emission(), "locks": {}}
    apply_material(harness, update(change["uuid"], **plain))
    apply_material(harness, update(change["uuid"], **VALUES[name]))


def test_opaque_alpha_and_cutoff_survive_an_edit(harness):
    harness.connect()
    change = new_material(**VALUES["mask"])
    material = apply_material(harness, change)
    slot = harness.add("Box", "cube")
    slot.data.materials.append(material)
    harness.edited("Assign")
    harness.settle()
    shader_of(material).inputs["Roughness"].default_value = 0.125
    assert edited(harness) == {"pbr": {**change["components"]["pbr"], "roughness": 0.125}}
    apply_material(harness, update(change["uuid"], **VALUES["opaque"]))
    assert shader_of(material).inputs["Alpha"].default_value == 1.0
    shader_of(material).inputs["Metallic"].default_value = 1.0
    assert edited(harness) == {"pbr": {**VALUES["opaque"]["pbr"], "metallic": 1.0}}


def test_split_of_an_emission_is_the_persons(harness):
    harness.connect()
    material = add_material(harness)
    inputs = shader_of(material).inputs
    inputs["Emission Color"].default_value = (0.5, 0.25, 0.0, 1.0)
    inputs["Emission Strength"].default_value = 4.0
    assert edited(harness)["emission"] == emission(color=[0.5, 0.25, 0.0], strength=4.0)
    apply_material(harness, update(material["uuid"], emission=emission(color=[2.0, 1.0, 0.0], strength=1.0)))
    assert tuple(inputs["Emission Color"].default_value)[:3] == (0.5, 0.25, 0.0)
    assert inputs["Emission Strength"].default_value == 4.0
    apply_material(harness, update(material["uuid"], emission=emission(color=[2.0, 2.0, 0.0], strength=1.0)))
    assert tuple(inputs["Emission Color"].default_value)[:3] == (2.0, 2.0, 0.0)


def test_render_method_stays_when_another_field_arrives(harness):
    harness.connect()
    material = add_material(harness)
    shader_of(material).inputs["Alpha"].default_value = 0.5
    sent = edited(harness)["pbr"]
    assert sent["alpha_mode"] == "blend"
    apply_material(harness, update(material["uuid"], pbr={**sent, "roughness": 0.125}))
    assert material.surface_render_method == "DITHERED"
    apply_material(harness, update(material["uuid"], pbr={**sent, "base_color": [1.0, 1.0, 1.0, 0.25]}))
    assert material.surface_render_method == "BLENDED"


def lock_with_a_node(material):
    tree = material.node_tree
    noise = tree.nodes.new("ShaderNodeTexNoise")
    reroute = tree.nodes.new("NodeReroute")
    tree.links.new(noise.outputs[0], reroute.inputs[0])
    tree.links.new(reroute.outputs[0], shader_of(material).inputs["Roughness"])


def lock_with_a_driver(material):
    shader_of(material).inputs["Roughness"].driver_add("default_value").driver.expression = "0.5"


def lock_with_a_key(material):
    shader_of(material).inputs["Roughness"].keyframe_insert("default_value", frame=1)


@pytest.mark.parametrize("lock", [lock_with_a_node, lock_with_a_driver, lock_with_a_key])
def test_value_that_nodes_decide_is_locked(harness, lock):
    harness.connect()
    material = add_material(harness)
    lock(material)
    sent = edited(harness)
    assert sent["locks"]["blender"]["pbr"] == ["roughness"]
    before = describe_tree(material)
    results, _ = harness.apply(update(material["uuid"], pbr=pbr(roughness=0.9, metallic=1.0)))
    shown = results[0]["state"]["components"]
    assert (shown["pbr"]["roughness"], shown["pbr"]["metallic"]) == pytest.approx((0.5, 1.0))
    assert shown["locks"] == sent["locks"]
    assert describe_tree(material) == before
    assert [notice.kind for notice in harness.bridge.notices.all] == ["material nodes"]


def test_lock_ends_with_its_link(harness):
    harness.connect()
    material = add_material(harness)
    tree = material.node_tree
    texture = tree.nodes.new("ShaderNodeTexImage")
    for socket in ("Base Color", "Alpha"):
        tree.links.new(texture.outputs[socket.split()[-1]], shader_of(material).inputs[socket])
    assert edited(harness)["locks"] == {
        "blender": {"maps": ["alpha", "base_color"], "pbr": ["alpha_mode", "base_color"]}
    }
    assert [notice.sentence for notice in harness.bridge.notices.all] == [
        "Some images of materials go through nodes that are not synchronized: Unity shows the plain values. (Paint)"
    ]
    tree.links.clear()
    assert edited(harness)["locks"] == {"blender": materials.EVERYTHING}, "no shader makes the surface"
    tree.links.new(shader_of(material).outputs[0], tree.get_output_node("EEVEE").inputs["Surface"])
    assert edited(harness)["locks"] == {}


def test_locks_of_unity_are_read_back_and_never_sent(harness):
    harness.connect()
    material = add_material(harness)
    theirs = {"unity": {"pbr": ["metallic"]}}
    apply_material(harness, update(material["uuid"], locks=theirs))
    lock_with_a_node(material)
    assert edited(harness)["locks"] == {"blender": {"maps": ["roughness"], "pbr": ["roughness"]}}
    results, _ = harness.apply(update(material["uuid"], name="Other"))
    assert results[0]["state"]["components"]["locks"] == {
        **theirs,
        "blender": {"maps": ["roughness"], "pbr": ["roughness"]},
    }
    copy = material.copy()
    assert material_values.read(copy, str(uuid.uuid4()), material_values.Images(None, bool, None))["locks"] == {
        "blender": {"maps": ["roughness"], "pbr": ["roughness"]}
    }


def test_surface_without_a_known_shader_is_locked(harness):
    harness.connect()
    material = add_material(harness)
    tree = material.node_tree
    glass = tree.nodes.new("ShaderNodeBsdfGlass")
    material.diffuse_color = (0.5, 0.25, 0.125, 1.0)
    material.metallic, material.roughness = 1.0, 0.75
    tree.links.new(glass.outputs[0], tree.get_output_node("EEVEE").inputs["Surface"])
    sent = edited(harness)
    assert sent["pbr"] == pbr(base_color=[0.5, 0.25, 0.125, 1.0], metallic=1.0, roughness=0.75)
    assert sent["locks"] == {"blender": materials.EVERYTHING} and "emission" not in sent
    before = describe_tree(material)
    results, _ = harness.apply(update(material["uuid"], pbr=pbr(), emission=emission(strength=3.0)))
    assert results[0]["state"]["components"]["pbr"] == sent["pbr"] and describe_tree(material) == before
    assert [notice.kind for notice in harness.bridge.notices.all] == ["shaders"]


@pytest.mark.skipif(HAS_ALWAYS_NODES, reason="newer materials always have nodes")
def test_material_without_nodes_shows_its_own_fields(harness):
    harness.connect()
    material = add_material(harness, has_nodes=False)
    made = harness.changes()[0]["components"]
    assert made["locks"] == {"blender": {"maps": list(maps.SHOWN)}} and made["pbr"]["roughness"] == pytest.approx(0.4)
    material.metallic = 0.75
    assert edited(harness)["pbr"]["metallic"] == 0.75
    glow = emission(strength=2.0)
    change = update(material["uuid"], pbr=pbr(base_color=[0.1, 0.2, 0.3, 0.5], alpha_mode="blend"), emission=glow)
    apply_material(harness, change)
    assert tuple(material.diffuse_color) == pytest.approx((0.1, 0.2, 0.3, 0.5)) and not material.use_nodes


def test_other_parts_of_the_tree_stay_as_they_are(harness):
    harness.connect()
    material = add_material(harness)
    tree = material.node_tree
    lock_with_a_node(material)
    shader = shader_of(material)
    shader.inputs["Coat Weight"].default_value = 0.5
    shader.inputs["IOR"].default_value = 1.25
    tree.nodes.new("ShaderNodeMixShader").location = (10.0, 20.0)
    shader.location = (5.0, 6.0)
    harness.edited("Edit")
    harness.settle()
    before = describe_tree(material)
    values = pbr(base_color=[0.1, 0.2, 0.3, 0.5], metallic=1.0, alpha_mode="blend", double_sided=False)
    apply_material(harness, update(material["uuid"], pbr=values, emission=emission(strength=2.0)))
    assert describe_tree(material) == before


def test_edit_of_an_unused_material_is_sent(harness):
    harness.connect()
    change = new_material()
    material = apply_material(harness, change)
    shader_of(material).inputs["Roughness"].default_value = 0.25
    assert edited(harness) == {"pbr": pbr(roughness=0.25)}


def test_color_of_an_emission_that_is_off_locks_its_strength(harness):
    harness.connect()
    material = add_material(harness)
    shader = shader_of(material)
    noise = material.node_tree.nodes.new("ShaderNodeTexNoise")
    material.node_tree.links.new(noise.outputs["Color"], shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = 0.0
    assert edited(harness)["locks"]["blender"]["emission"] == ["color", "strength"]
    shader.inputs["Emission Strength"].default_value = 2.0
    assert edited(harness)["locks"]["blender"]["emission"] == ["color"]


def test_strength_that_is_off_and_locked_locks_its_color(harness):
    harness.connect()
    material = add_material(harness)
    value = material.node_tree.nodes.new("ShaderNodeValue")
    material.node_tree.links.new(value.outputs[0], shader_of(material).inputs["Emission Strength"])
    assert edited(harness)["locks"]["blender"]["emission"] == ["color", "strength"]


def test_unannounced_edit_goes_out_before_a_batch(harness, monkeypatch):
    harness.connect()
    change = new_material()
    material = apply_material(harness, change)
    shader_of(material).inputs["Roughness"].default_value = 0.25
    before = harness.intents()
    monkeypatch.setattr(harness.bridge.capture, "sweep_materials", lambda *_: None)  # it comes too late
    harness.bridge.settings.budget = 10.0  # the whole batch fits into a slice
    harness.apply(update(change["uuid"], emission={"color": [1.0, 1.0, 1.0], "strength": 2.0}))
    assert harness.changes(before) == [update(change["uuid"], pbr=pbr(roughness=0.25))]
    kinds = [frame.header["type"] for frame in harness.daemon.received]
    assert kinds[::-1].index("applied") < kinds[::-1].index("intent")


def test_edit_of_a_material_of_a_hidden_object_is_sent(harness):
    harness.connect()
    material = add_material(harness)
    bpy.data.objects["Paint"].hide_viewport = True
    harness.edited("Hide")
    harness.settle()
    shader_of(material).inputs["Roughness"].default_value = 0.25
    assert edited(harness)["pbr"]["roughness"] == 0.25


def test_materials_are_unchanged_when_a_batch_fails(harness):
    harness.connect()
    material = add_material(harness)
    shader_of(material).inputs["Alpha"].default_value = 0.5
    harness.edited("Edit")
    harness.settle()
    wrong = harness.add("D", "cube").data["uuid"]
    saved, tree = material_values.save(material), describe_tree(material)
    made = new_material()
    before = harness.intents()
    results, _ = harness.apply(
        made,
        update(material["uuid"], name="Other", pbr=pbr(roughness=0.1), locks={"unity": {"pbr": ["roughness"]}}),
        update(bpy.data.meshes["Paint"]["uuid"], slots={"materials": [made["uuid"], material["uuid"], None]}),
        update(bpy.data.objects["Paint"]["uuid"], materials={"own": {"0": made["uuid"], "5": material["uuid"]}}),
        {**new_object("X"), "uuid": wrong},
    )
    assert {result["status"] for result in results} == {"failed"}
    assert results[0]["error"]["code"] == "VS-3002", "at the end, when all else was changed"
    assert (material_values.save(material), describe_tree(material)) == (saved, tree)
    assert list(bpy.data.materials) == [material] and material.name == "Paint"
    item = bpy.data.objects["Paint"]
    assert [(slot.link, slot.material) for slot in item.material_slots] == [("DATA", material)]
    assert list(item.data.materials) == [material]
    harness.edited()
    harness.settle()
    assert harness.intents() == before, harness.changes(before)
