"""A character of a real Blender, exported by the daemon: three.js shows its vertices where Blender does, at each frame."""

import math
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from conftest import ROOT
from harness import converge, running

FRAMES = list(range(1, 12))
FPS = 24
S = math.sqrt(0.5)


def make_character(blender):
    """Makes a cube that two bones and a shape key deform, posed and animated. Returns its uuid."""
    rig = blender.do("add_rig", name="Rig")["uuid"]
    body = blender.do("create", name="Body", shape="cube", translation=[0.5, 1, 0.25])["uuid"]
    blender.do("edit_shape_keys", uuid=body, edit="add_shape_key", name="Open", vertex=2, delta=[0, 0.5, 1])
    weights = {"Root": [1, 0.25, 0, 0.5, 0.1, 0, 0.75, 1], "Child": [0, 0.5, 1, 0.5, 0.3, 0, 0.25, 0], "Cloth": [0.5] * 8}
    blender.do("skin", uuid=body, armature=rig, weights=weights)
    blender.do("pose_bone", uuid=rig, bone="Child", location=[0.5, 0, 0], rotation_quaternion=[S, 0, 0, S])
    blender.do("pose_bone", uuid=rig, bone="Root", rotation_quaternion=[0.5, 0.5, -0.5, 0.5], scale=[1.2, 1.2, 1.2])
    blender.do("reparent", uuid=body, parent=rig)
    blender.do("insert_keys", uuid=rig, path="location", keys=[[1, [0, 0, 0]], [6, [1, 2, 3]], [11, [4, -2, 0]]])
    blender.do("insert_keys", uuid=body, of="Open", path="value", keys=[[1, 0.0], [5, 1.0], [9, 0.25]])
    return body


def test_character_of_blender_moves_alike_in_three(tmp_path, node):
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "vibesync"], cwd=ROOT, check=True)
    with running(ROOT / "target" / "debug" / "vibesync", tmp_path) as (daemon, blender, unity):
        body = make_character(blender)
        converge(daemon, blender, unity)
        file = tmp_path / "character.glb"
        ran = daemon.cli("export", str(file))
        assert ran.returncode == 0, ran.stderr
        shown = {frame: blender.do("read_vertices", uuid=body, frame=frame)["places"] for frame in FRAMES}
    (report,) = node("validate.mjs", [file])
    assert (report["errors"], report["warnings"]) == (0, 0), report["messages"]
    times = {frame: repr(frame / FPS) for frame in FRAMES}
    (answer,) = node("motion.mjs", [",".join(times.values()), file])
    for frame, time in times.items():
        ((corners,),) = answer["times"][time].values()
        distances = [min(math.dist(vertex, corner) for corner in corners) for vertex in shown[frame]]
        assert max(distances) < 1e-4, f"frame {frame}: {distances}"
    moved = [math.dist(a, b) for a, b in zip(shown[1], shown[6], strict=True)]
    assert min(moved) > 1 and max(moved) - min(moved) > 0.1, "the object, and the shape key"
