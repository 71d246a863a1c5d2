"""Scenes that others made, with skins, animation and textures among them, go from Blender to Unity and stay equal.

Blender imports each file while both editors are connected. Afterwards both hold the same, nothing was refused, and
Unity has sent nothing back. The test prints the hints that
Blender shows (pytest -rP, scripts/real-files).
"""

import os
import subprocess

import pytest
from agent import Agent
from harness import ROOT, difference, is_same_component, running, wait_for

MODELS = ROOT / ".tools" / "real-files" / "models"
# By file, what it has that is more than objects with plain meshes and materials.
SMALL = {
    "glTF2/simple_skin/simple_skin.gltf": {"skins", "actions"},
    "glTF2/glTF-Sample-Models/AnimatedMorphCube-glTF/AnimatedMorphCube.gltf": {"actions", "shape keys"},
    "glTF2/BoxTextured-glTF-Binary/BoxTextured.glb": {"images"},
}
OTHERS = {
    "glTF2/ClearCoat-glTF/ClearCoatTest.gltf": {"images"},
    "glTF2/textureTransform/TextureTransformTest.gltf": {"images"},
    "glTF2/cameras/Cameras.gltf": set(),
    "glTF2/2CylinderEngine-glTF-Binary/2CylinderEngine.glb": set(),
    "FBX/animation_with_skeleton.fbx": {"actions"},
    "FBX/huesitos.fbx": {"actions"},
    "FBX/spider.fbx": {"images"},
    "BLEND/blender_269_regress1.blend": set(),
    "BLEND/TorusLightsCams_250_compressed.blend": set(),
    "BLEND/test_279.blend": set(),
    "OBJ/spider.obj": {"images"},
}
FILES = SMALL | OTHERS if os.environ.get("VIBESYNC_REAL_FILES") == "all" else SMALL


# Components that nodes show. The driver reads only plain nodes, so the daemon's values count, which Blender has sent.
OF_NODES = ("pbr", "emission", "maps", "locks")


def without_nodes(scene):
    """Returns a dump without the values that nodes show."""
    return {
        uuid: {**it, "components": {name: one for name, one in it["components"].items() if name not in OF_NODES}}
        for uuid, it in scene.items()
    }


def difference_of_materials(daemon, unity):
    """Describes the first value of a material that Unity does not show as the daemon holds it; empty if none."""
    agent = Agent(daemon)
    known = agent.query_entities()
    agent.close()
    if unity.keys() - known.keys():
        return f"{unity.keys() - known.keys()} are in Unity alone"
    for uuid, shown in unity.items():
        for name in ("pbr", "emission"):
            wanted = known[uuid]["components"].get(name)
            if wanted is not None and not is_same_component(name, wanted, shown["components"].get(name)):
                return f"{uuid}.{name}: {wanted} is not {shown['components'].get(name)}"
    return ""


def wait_until_equal(daemon, blender, unity):
    """Waits until nothing is in flight and all hold the same."""

    def compare():
        if not (blender.is_idle() and unity.is_idle() and daemon.is_settled()):
            return "not settled"
        mine, theirs = blender.dump(), unity.dump()
        return difference(without_nodes(mine), without_nodes(theirs)) or difference_of_materials(daemon, theirs)

    try:
        wait_for("both editors hold the same", lambda: not compare(), seconds=120)
    except TimeoutError as error:
        raise AssertionError(f"{error}: {compare()}") from None


@pytest.fixture(scope="module")
def session(binary, tmp_path_factory):
    subprocess.run([ROOT / "scripts" / "setup-real-files"], check=True)
    with running(binary, tmp_path_factory.mktemp("vibesync")) as daemon_and_editors:
        yield daemon_and_editors


@pytest.mark.parametrize("name", FILES)
def test_imported_scene_is_equal_in_both(session, name):
    daemon, blender, unity = session
    before, told = len(daemon.log()), set(blender.do("told")["told"])
    found = blender.do("import_file", path=str(MODELS / name))
    parts = {part for part, count in found.items() if part != "ok" and count > 0}
    assert parts >= FILES[name] | {"objects"}, f"the file lost something on import: {found}"
    wait_for("the import is sent", lambda: any(record["phase"] == "BEGIN" for record in daemon.log()[before:]))
    wait_until_equal(daemon, blender, unity)
    records = daemon.log()
    roles = {record["session_id"]: record["payload"]["role"] for record in records if record["phase"] == "SESSION"}
    records = records[before:]
    origins = {roles.get(record["session_id"]) for record in records if record["phase"] == "BEGIN"}
    assert origins == {"blender"}, "Unity sent something back"
    bad = [record for record in records if record["error_code"] or record["phase"] == "ROLLBACK"]
    assert not bad, str(bad[0])[:2000]
    print(f"{name}: {', '.join(f'{found[part]} {part}' for part in sorted(parts))}")
    for sentence in blender.do("told")["told"]:
        if sentence not in told:
            print(f"  told: {sentence}")
