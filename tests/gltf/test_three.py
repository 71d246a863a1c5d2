"""Loads exported scenes with three.js, and compares matrices, vertices, materials, lights and cameras."""

import math

import expected
import pytest
from expected import is_close

SIDES = {False: 0, True: 2}  # FrontSide, DoubleSide
TYPES = {"point": "PointLight", "sun": "DirectionalLight", "spot": "SpotLight"}


@pytest.fixture(scope="module")
def loaded(scenes, node):
    answers = node("load.mjs", [file for file, _ in scenes.values()])
    return {seed: answer["nodes"] for seed, answer in zip(scenes, answers, strict=True)}


def pairs(scenes, loaded):
    """Returns each object of each scene with the node that three.js has for it."""
    for seed, (_, scene) in scenes.items():
        shown = expected.objects(scene)
        assert shown.keys() == loaded[seed].keys(), f"seed {seed}"
        for uuid, components in shown.items():
            yield scene, uuid, components, loaded[seed][uuid]


def test_world_matrices_agree_with_three(scenes, loaded):
    compared = mirrored = 0
    for scene, uuid, _, node in pairs(scenes, loaded):
        matrix = expected.world(scene, uuid)
        columns = [value for column in zip(*matrix, strict=True) for value in column]
        largest = max(abs(value) for value in columns)
        assert is_close(columns, node["matrix"], 2e-6 * max(1.0, largest)), f"{uuid}: {columns} {node['matrix']}"
        compared += 1
        mirrored += determinant(matrix) < 0
    assert compared > 300 and mirrored > 50


def determinant(m):
    return (
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    )


def test_vertex_counts_agree_with_three(scenes, loaded):
    compared = 0
    for scene, uuid, shown, node in pairs(scenes, loaded):
        mesh = expected.data(scene, shown, "mesh")
        parts = [(part["vertices"], part["corners"]) for part in node["parts"]]
        submeshes = mesh["submeshes"] if mesh else []
        assert parts == [(expected.vertices(mesh, it), it["count"]) for it in submeshes], uuid
        compared += len(parts)
    assert compared > 100


def test_material_values_agree_with_three(scenes, loaded):
    compared = 0
    for scene, uuid, shown, node in pairs(scenes, loaded):
        if not expected.data(scene, shown, "mesh"):
            continue
        for part, material in zip(node["parts"], expected.materials(scene, shown), strict=True):
            assert (part["material"] is None) == (material is None), uuid
            if material:
                compare_material(part["material"], material)
                compared += 1
    assert compared > 50


def compare_material(found, material):
    pbr, emission, maps = material["pbr"], material["emission"], material.get("maps") or {}
    assert is_close(found["normal_scale"], pbr["normal_scale"]) or not maps.get("normal")
    assert found["sides"] == SIDES[pbr["double_sided"]]
    assert found["blends"] == (pbr["alpha_mode"] == "blend")
    assert is_close(found["cutoff"], pbr["alpha_cutoff"] if pbr["alpha_mode"] == "mask" else 0.0)
    if not maps.get("base_color"):
        assert is_close(found["color"], pbr["base_color"][:3])
    for name in ("metallic", "roughness"):
        if not maps.get(name):
            assert is_close(found[name], pbr[name])
    if not maps.get("emission"):
        assert is_close(found["emission"], [channel * emission["strength"] for channel in emission["color"]])
    assert ("normalMap" in found["maps"]) == bool(maps.get("normal"))
    assert ("emissiveMap" in found["maps"]) == bool(maps.get("emission"))


def test_lights_agree_with_three(scenes, loaded):
    kinds = set()
    for scene, uuid, shown, node in pairs(scenes, loaded):
        light = expected.data(scene, shown, "light")
        if light is None or light["type"] == "area":
            assert "light" not in node, uuid
            continue
        found = node["light"]
        assert found["type"] == TYPES[light["type"]]
        assert is_close(found["product"], [channel * light["intensity"] for channel in light["color"]])
        if light["type"] != "sun":
            assert is_close(found["distance"], light["range"] or 0.0)
        if light["type"] == "spot":
            assert is_close(found["angle"], light["outer"])
        kinds.add(light["type"])
    assert kinds == set(TYPES)


def test_cameras_agree_with_three(scenes, loaded):
    kinds = set()
    for scene, uuid, shown, node in pairs(scenes, loaded):
        camera = expected.data(scene, shown, "camera")
        assert ("camera" in node) == (camera is not None), uuid
        if camera is None:
            continue
        found, (across, up) = node["camera"], expected.view(camera)
        assert is_close([found["near"], found["far"]], [camera["near"], camera["far"]])
        if camera["projection"] == "perspective":
            assert is_close(math.tan(math.radians(found["fov"]) / 2), up)
            assert is_close(found["aspect"], across / up)
        else:
            assert is_close([found["right"], found["top"]], [across, up])
        kinds.add(camera["projection"])
    assert kinds == {"perspective", "orthographic"}
