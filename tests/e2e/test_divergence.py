"""A daemon that has lost its newest records gets back what the editors still hold, and nothing is undone."""

import shutil

from harness import converge, difference, wait_for

CUBE = {"shape": "cube", "translation": [0, 0, 0]}


def divergences(daemon):
    """Lists the records of editors whose history is not that of the log."""
    return [record for record in daemon.log() if record["phase"] == "SESSION" and record["error_code"] == "VS-5010"]


def restart(daemon, editors, replace=lambda: None):
    """Stops the daemon, lets `replace` work on its folder, and waits for both editors."""
    daemon.stop()
    replace()
    daemon.start()
    for editor in editors:
        wait_for(f"{editor.name} notices", lambda editor=editor: connected(daemon, editor))


def connected(daemon, editor):
    roles = {session["role"] for session in daemon.status()["sessions"]}
    return editor.name in roles and editor.status()["state"] == "connected"


def test_older_copy_of_the_project_gets_back_what_editors_hold(daemon_and_editors, tmp_path):
    daemon, blender, unity = daemon_and_editors
    editors = (blender, unity)
    moved, gone, both = (blender.do("create", name=f"Old {n}", **CUBE)["uuid"] for n in range(3))
    removed = unity.do("create", name="Old 3", **CUBE)["uuid"]
    older = converge(daemon, *editors)
    backup = tmp_path / "backup"
    restart(daemon, editors, lambda: shutil.copytree(daemon.project, backup, symlinks=True))
    blender.do("move", uuid=moved, translation=[5, 0, 0])
    unity.do("rename", uuid=both, name="By Unity")
    converge(daemon, *editors)
    blender.do("edit_mesh", uuid=both, vertex=0, delta=[0.5, 0, 0])
    blender.do("reparent", uuid=both, parent=moved)
    blender.do("delete", uuid=gone)
    unity.do("delete", uuid=removed)
    made = [editor.do("create", name="New", **CUBE)["uuid"] for editor in editors]
    ahead = converge(daemon, *editors)

    def restore():
        shutil.rmtree(daemon.project)
        shutil.copytree(backup, daemon.project, symlinks=True)

    restart(daemon, editors, restore)
    scene = converge(daemon, *editors)
    assert not difference(scene, ahead), "nothing newer is lost, nothing older is back"
    assert not {gone, removed} & scene.keys() and {*made, moved, both} <= scene.keys() and older.keys() != scene.keys()
    assert {record["payload"]["role"] for record in divergences(daemon)} == {"blender", "unity"}
    held = [record for record in daemon.log() if record["phase"] == "QUARANTINE"]
    # Both editors bring the same mesh, in bytes of their own. The daemon keeps the first, and sets the second aside.
    assert all(set(record["payload"]["change"]["components"]) == {"mesh"} for record in held)
    assert daemon.status()["entities"] == len(scene)
    told = len(divergences(daemon))
    restart(daemon, editors)
    assert not difference(converge(daemon, *editors), ahead)
    assert len(divergences(daemon)) == told, "once"
