"""Imports random scenes into a project with a real Blender and the Unity package, and compares what both hold."""

import json
import subprocess
import sys
from pathlib import Path

import expected
import pytest
from expected import is_close

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from conftest import ROOT
from harness import converge, running, wait_for

SEEDS = (3, 9, 11, 13, 20)


@pytest.fixture(scope="module")
def imported_scenes(scenes, tmp_path_factory):
    """The plain form of each scene, and the scene that each editor holds after its import, without code of the import."""
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "vibesync"], cwd=ROOT, check=True)
    found = []
    for seed in SEEDS:
        folder = tmp_path_factory.mktemp("vibesync")
        with running(ROOT / "target" / "debug" / "vibesync", folder) as (daemon, blender, unity):
            file, scene = scenes[seed]
            ran = daemon.cli("import", str(file), "--json")
            assert ran.returncode == 0, ran.stderr
            report = json.loads(ran.stdout)
            assert report["outcome"] == "verified", report
            wait_for("nothing is in flight", lambda editors=(blender, unity): all(it.is_idle() for it in editors))
            found += [(scene, editor.dump(), report) for editor in (blender, unity)]
    return found


@pytest.fixture(scope="module")
def pairs(imported_scenes):
    """Each object of each scene with the object that was made of it. Names are unique in a scene."""
    found = []
    for scene, held, report in imported_scenes:
        shown = expected.objects(held)
        made = {shown[uuid]["name"]: uuid for uuid in report["uuids"] if uuid in shown}
        objects = expected.objects(scene)
        assert made.keys() == {shown["name"] for shown in objects.values()}
        found += [(scene, held, uuid, made[shown["name"]]) for uuid, shown in objects.items()]
    assert len(found) > 30
    return found


def test_imported_objects_have_their_places(pairs):
    for scene, held, uuid, made in pairs:
        matrices = [expected.world(scene, uuid), expected.world(held, made)]
        largest = max(abs(value) for row in matrices[0] for value in row)
        rows = zip(*matrices, strict=True)
        assert all(is_close(a, b, 1e-5 * max(1.0, largest)) for a, b in rows), uuid
        wanted, found = scene[uuid]["components"], held[made]["components"]
        assert found["visibility"] == wanted["visibility"]


def test_imported_meshes_have_their_corners(pairs):
    compared = 0
    for scene, held, uuid, made in pairs:
        wanted = expected.data(scene, scene[uuid]["components"], "mesh")
        if wanted:
            found = expected.data(held, held[made]["components"], "mesh")
            assert found["submeshes"] == wanted["submeshes"]
            assert is_close(found["corners"], wanted["corners"]), uuid
            assert is_close(found["normals"], wanted["normals"], 1e-4), uuid
            compared += 1
    assert compared > 8


def test_imported_materials_lights_and_cameras_keep_their_values(pairs):
    compared = {"material": 0, "light": 0, "camera": 0}
    for scene, held, uuid, made in pairs:
        wanted, found = scene[uuid]["components"], held[made]["components"]
        if expected.data(scene, wanted, "mesh"):
            for a, b in zip(expected.materials(scene, wanted), expected.materials(held, found), strict=True):
                assert (a and a["name"]) == (b and b["name"])
                compared["material"] += a is not None
        light = expected.data(scene, wanted, "light")
        if light and light["type"] != "area":
            there = expected.data(held, found, "light")
            assert there["type"] == light["type"]
            assert is_close(*[[channel * it["intensity"] for channel in it["color"]] for it in (light, there)])
            compared["light"] += 1
        camera = expected.data(scene, wanted, "camera")
        if camera:
            there = expected.data(held, found, "camera")
            assert there["projection"] == camera["projection"]
            assert is_close([there["near"], there["far"]], [camera["near"], camera["far"]])
            compared["camera"] += 1
    assert compared["material"] and compared["light"] and compared["camera"], compared


def test_imported_morph_targets_are_shape_keys_in_both_editors(tmp_path):
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "vibesync"], cwd=ROOT, check=True)
    with running(ROOT / "target" / "debug" / "vibesync", tmp_path) as (daemon, blender, unity):
        face = blender.do("create", name="Face", shape="cube", translation=[0, 0, 0])["uuid"]
        blender.do("edit_shape_keys", uuid=face, edit="add_shape_key", name="Open", vertex=2, delta=[0, 0.5, 1])
        blender.do("edit_shape_keys", uuid=face, edit="set_weights", Open=0.25)
        converge(daemon, blender, unity)
        file = tmp_path / "face.glb"
        assert daemon.cli("export", str(file)).returncode == 0
        ran = daemon.cli("import", str(file), "--json")
        assert ran.returncode == 0, ran.stderr
        report = json.loads(ran.stdout)
        assert report["outcome"] == "verified", report
        scene = converge(daemon, blender, unity)
        (made,) = [uuid for uuid in expected.objects(scene) if uuid in report["uuids"]]
        wanted, found = (blender.do("read_shape_keys", uuid=uuid) for uuid in (face, made))
    assert found == wanted and wanted["deltas"]["Open"] and wanted["moved"][-1] == 0.25
