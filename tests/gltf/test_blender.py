"""Imports exported scenes with Blender's own importer, and compares what a plain reader finds with the scenes."""

import expected
import pytest
from expected import is_close

EPSILONS = {
    "normals": 5e-3,  # Blender joins custom normals around a vertex that are less than a degree apart
    "colors": 5e-3,  # the importer stores bytes
}


@pytest.fixture(scope="module")
def pairs(scenes, imported):
    """Each object of each scene, with the object of Blender that has its uuid."""
    found = []
    for seed, (_, scene) in scenes.items():
        shown = expected.objects(scene)
        there = expected.objects(imported[seed])
        assert shown.keys() == there.keys(), f"seed {seed}"
        found += [(scene, imported[seed], uuid, shown[uuid], there[uuid]) for uuid in shown]
    return found


def test_names_and_parents_agree_with_blender(pairs):
    for _, _, uuid, shown, there in pairs:
        assert there["parent"] == shown["parent"], uuid
        assert there["name"] == shown["name"], uuid


def test_transforms_agree_with_blender(pairs):
    for scene, blender, uuid, shown, there in pairs:
        wanted, found = shown["transform"], there["transform"]
        assert is_close(found["translation"], wanted["translation"]), uuid
        matrices = [expected.world(entities, uuid) for entities in (scene, blender)]
        largest = max(abs(value) for row in matrices[0] for value in row)
        pairs_of_rows = zip(*matrices, strict=True)
        assert all(is_close(a, b, 1e-5 * max(1.0, largest)) for a, b in pairs_of_rows), f"{uuid}: {wanted} {found}"


def test_meshes_agree_with_blender(pairs):
    compared = 0
    for scene, blender, uuid, shown, there in pairs:
        mesh = expected.data(scene, shown, "mesh")
        if mesh is None:
            continue
        found = expected.data(blender, there, "mesh")
        # Blender gives primitives with one material one slot.
        materials = [material and material["name"] for material in expected.materials(scene, shown)]
        slots = sorted(set(materials), key=materials.index)
        runs = sorted(zip(materials, mesh["submeshes"], strict=True), key=lambda run: slots.index(run[0]))
        for name, values in mesh.items():
            if name == "submeshes":
                continue
            wanted = [value for _, run in runs for value in values[run["start"] : run["start"] + run["count"]]]
            assert is_close(found[name], wanted, EPSILONS.get(name, 1e-5)), f"{uuid}: {name}"
        compared += 1
    assert compared > 100


def test_materials_agree_with_blender(scenes, imported):
    compared = 0
    for seed, (_, scene) in scenes.items():
        for uuid, entity in imported[seed].items():
            if entity["kind"] != "material":
                continue
            # The importer makes a material twice that is on meshes with and without colors.
            compared += compare_material(entity["components"], scene[uuid.split("#")[0]]["components"])
    assert compared >= 10


def compare_material(found, wanted):
    """Compares the values that sockets have. Returns whether the base color is among them."""
    maps, pbr = wanted.get("maps") or {}, wanted["pbr"]
    assert found["pbr"]["double_sided"] == pbr["double_sided"]
    # With vertex colors, the importer links a node that multiplies them to the socket.
    locked = found.get("locks", {"blender": {}})["blender"].get("pbr", [])
    has_color = not maps.get("base_color") and "base_color" not in locked
    if has_color:
        assert is_close(found["pbr"]["base_color"][:3], pbr["base_color"][:3])
    for name in ("metallic", "roughness"):
        if not (maps.get("metallic") or maps.get("roughness")):
            assert is_close(found["pbr"][name], pbr[name])
    if not maps.get("emission"):
        products = [[channel * it["strength"] for channel in it["color"]] for it in (found["emission"], wanted["emission"])]
        assert is_close(*products)
    return has_color


def test_lights_agree_with_blender(pairs):
    kinds = set()
    for scene, blender, uuid, shown, there in pairs:
        light = expected.data(scene, shown, "light")
        if light is None or light["type"] == "area":
            continue
        found = expected.data(blender, there, "light")
        assert found["type"] == light["type"], uuid
        products = [[channel * it["intensity"] for channel in it["color"]] for it in (found, light)]
        assert is_close(*products), uuid
        if light["type"] == "spot":
            assert is_close(found["outer"], light["outer"]), uuid
        kinds.add(light["type"])
    assert kinds == {"point", "sun", "spot"}


def test_cameras_agree_with_blender(pairs):
    kinds = set()
    for scene, blender, uuid, shown, there in pairs:
        camera = expected.data(scene, shown, "camera")
        if camera is None:
            continue
        found = expected.data(blender, there, "camera")
        assert found["projection"] == camera["projection"], uuid
        assert is_close([found["near"], found["far"]], [camera["near"], camera["far"]]), uuid
        across, up = expected.view(camera)
        if camera["projection"] == "orthographic":
            assert is_close(found["size"], 2 * max(across, up)), uuid
        else:
            side, size = {"horizontal": (across, 0), "vertical": (up, 1)}[found["fit"]]
            assert is_close(found["sensor"][size] / (2 * found["focal"]), side), f"{uuid}: {found}"
        kinds.add(camera["projection"])
    assert kinds == {"perspective", "orthographic"}
