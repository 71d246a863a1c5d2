"""Exports a scene that a real Blender and the Unity package have made together, and reads the file again."""

import json
import subprocess
import sys
from pathlib import Path

import expected
import pytest
from expected import is_close

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from conftest import BLENDER, HERE, ROOT
from harness import converge, running

TURN = [0.182574, -0.365148, 0.547723, 0.730297]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    """The scene that both editors hold, and its file."""
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "vibesync"], cwd=ROOT, check=True)
    folder = tmp_path_factory.mktemp("vibesync")
    with running(ROOT / "target" / "debug" / "vibesync", folder) as (daemon, blender, unity):
        robot = blender.do("create", name="Robot", shape="cube", translation=[1, 0, 2])["uuid"]
        converge(daemon, blender, unity)
        blender.do("move", uuid=robot, translation=[3, 1, 0], rotation=TURN, scale=[1.5, -0.5, 2.0])
        blender.do("edit_mesh", uuid=robot, vertex=0, delta=[0.5, 0.25, 0])
        above = unity.do("create", name="Rig", shape="empty", translation=[0, 5, 0])["uuid"]
        converge(daemon, blender, unity)
        unity.do("reparent", uuid=robot, parent=above)
        unity.do("rename", uuid=robot, name="Roboter")
        unity.do("move", uuid=above, rotation=TURN, scale=[2.0, 1.0, 0.5])
        blender.do("create", name="Lamp", shape="light", type="spot", translation=[1.0, 2.0, 3.0])
        blender.do("create", name="View", shape="camera", type="perspective", translation=[0.0, 1.0, 9.0])
        scene = converge(daemon, blender, unity)
        file = folder / "scene.glb"
        ran = daemon.cli("export", str(file))
        assert ran.returncode == 0, ran.stderr
        yield scene, file


def test_validator_finds_nothing_in_the_demonstration(demonstration, node):
    (report,) = node("validate.mjs", [demonstration[1]])
    assert (report["errors"], report["warnings"]) == (0, 0), report["messages"]


def test_blender_imports_the_demonstration(demonstration):
    scene, file = demonstration
    command = [BLENDER, HERE / "in_blender.py", file]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    found = next(json.loads(line[1:])["entities"] for line in ran.stdout.splitlines() if line.startswith("@"))
    objects = expected.objects(scene)
    assert expected.objects(found).keys() == objects.keys()
    for uuid, shown in objects.items():
        there = found[uuid]["components"]
        assert there["name"] == shown["name"]
        assert is_close(expected.world(found, uuid), expected.world(scene, uuid)), uuid
        for kind, field in (("light", "outer"), ("camera", "near")):
            value = expected.data(scene, shown, kind)
            assert value is None or is_close(expected.data(found, there, kind)[field], value[field])
        mesh = expected.data(scene, shown, "mesh")
        if mesh:
            assert is_close(expected.data(found, there, "mesh")["corners"], mesh["corners"])
    assert sum(expected.data(scene, shown, "mesh") is not None for shown in objects.values()) == 1
