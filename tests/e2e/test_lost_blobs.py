"""The folder of bulk data is lost: the meshes alone are missing in an editor, until another one has sent them again."""

import shutil

import pytest
from harness import converge, wait_for


@pytest.mark.parametrize("name", ["blender", "unity"])
def test_lost_meshes_come_back_from_an_editor(daemon_and_editors, tmp_path, name):
    daemon, blender, unity = daemon_and_editors
    mine, other = (blender, unity) if name == "blender" else (unity, blender)
    made = mine.do("create", name="Wheel", shape="cube", translation=[1, 2, 3])
    below = mine.do("create", name="Below", shape="empty", translation=[0, 0, 1])
    mine.do("reparent", uuid=below["uuid"], parent=made["uuid"])
    before = converge(daemon, blender, unity)
    path = str(tmp_path / f"{name}.scene")
    mine.do("save", path=path)
    for each in (mine, other, daemon):
        each.kill()
    shutil.rmtree(daemon.project / ".vibesync/blobs")
    daemon.start()
    other.start()
    other.wait_until_connected()
    wait_for("everything else comes", lambda: below["uuid"] in other.dump())
    alone = other.dump()
    assert made["mesh"] not in alone
    assert alone[made["uuid"]]["components"]["data"] == {"uuid": None}
    status = daemon.status()
    assert made["mesh"] in [each["uuid"] for each in status["lost_entities"]], status
    mine.start()
    mine.do("open", path=path)
    mine.wait_until_connected()
    wait_for("the mesh is sent again", lambda: daemon.status()["lost"] == 0)
    scene = converge(daemon, blender, unity)
    assert scene.keys() == before.keys()
    assert scene[made["uuid"]]["components"]["data"] == {"uuid": made["mesh"]}
    assert not daemon.status()["quarantined"]
