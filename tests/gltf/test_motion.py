"""Plays exported characters: shape keys, skins and actions move the corners of meshes as the scene says."""

import json
import math
import subprocess

import motion
import pytest
from conftest import BLENDER, HERE, export
from expected import is_close

SEEDS = 40
FRAMES = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12]


@pytest.fixture(scope="module")
def characters(tmp_path_factory):
    """Returns the file and the plain form of each scene, by seed."""
    return export(tmp_path_factory.mktemp("characters"), SEEDS, "characters")


def test_validator_finds_nothing_in_characters(characters, node):
    reports = node("validate.mjs", [file for file, _ in characters.values()])
    found = [f"{it['file']} {message}" for it in reports for message in it["messages"] if message[0] in "01"]
    assert len(reports) == SEEDS and not found, "\n".join(found[:20])


def rate(scene):
    """Returns the frames a second of the actions of a scene: all have one rate."""
    actions = [entity["components"]["action"] for entity in scene.values() if entity["kind"] == "action"]
    return actions[0]["fps"]["num"] / actions[0]["fps"]["den"] if actions else 24.0


def test_characters_move_alike_in_three(characters, node):
    compared = skins = 0
    for file, scene in characters.values():
        times = [repr(frame / rate(scene)) for frame in FRAMES]
        (answer,) = node("motion.mjs", [",".join(times), file])
        for frame, time in zip(FRAMES, times, strict=True):
            compared += compare(motion.corners(scene, frame), answer["times"][time], f"{file} at {frame}")
        skins += sum(bool(it["components"].get("skin")) for it in scene.values())
    assert compared > 300 and skins > 30


def compare(wanted, found, label):
    """Compares the corners of all objects with a mesh. Returns the number of objects."""
    assert found.keys() == wanted.keys(), label
    for uuid, shown in wanted.items():
        left = list(found[uuid])
        assert len(left) == len(shown), f"{label}: {uuid}"
        for corners in shown:
            # The nodes that show a mesh come in any order.
            there = min(left, key=lambda it: math.dist(it[0], corners[0]))
            left.remove(there)
            largest = max(abs(number) for corner in corners for number in corner)
            is_same = is_close(there, corners, 2e-5 * max(1.0, largest))
            assert is_same, f"{label}: {uuid}\n{corners[:3]}\n{there[:3]}"
    return sum(len(shown) for shown in wanted.values())


def test_characters_move_alike_in_blender(characters):
    # The importer drops the scale of a mesh relative to its armature, and the slopes of splines. Even seeds have neither.
    plain = [scene for seed, scene in characters.items() if seed % 2 == 0]
    command = [BLENDER, HERE / "motion_in_blender.py", json.dumps(FRAMES), *(file for file, _ in plain)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    answers = [json.loads(line[1:]) for line in ran.stdout.splitlines() if line.startswith("@")]
    compared = 0
    for (file, scene), answer in zip(plain, answers, strict=True):
        for frame in FRAMES:
            compared += compare(motion.corners(scene, frame), answer["frames"][str(frame)], f"{file} at {frame}")
    assert compared > 300
