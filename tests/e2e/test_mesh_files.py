"""Unity's asset files of meshes: they outlive a crash of the editor, and one that is lost comes back."""

import pytest
from harness import converge


@pytest.mark.parametrize("is_lost", [False, True])
def test_mesh_survives_a_crash_of_unity(daemon_and_editors, tmp_path, is_lost):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Rock", shape="cube", translation=[1, 2, 3])
    before = converge(daemon, blender, unity)
    path = str(tmp_path / "scene.unity")
    unity.do("save", path=path)
    unity.kill()
    files = daemon.project.parent / "unity" / "Assets" / "VibeSync"
    if is_lost:
        (files / f"{made['mesh']}.asset").unlink()
    unity.start()
    unity.do("open", path=path)
    unity.wait_until_connected()
    scene = converge(daemon, blender, unity)
    assert scene.keys() == before.keys()
    assert scene[made["uuid"]]["components"]["data"] == {"uuid": made["mesh"]}
    assert scene[made["mesh"]]["components"] == before[made["mesh"]]["components"]
    assert (files / f"{made['mesh']}.asset").exists()
    assert not daemon.status()["quarantined"]
