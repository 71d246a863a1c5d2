"""After a crash of an editor, its last save or auto-save is opened: nothing is lost or duplicated."""

from harness import converge, is_close


def test_recovered_auto_save_is_synchronized_again(daemon_and_editors, tmp_path):
    daemon, blender, unity = daemon_and_editors
    create = {"shape": "cube", "translation": [0, 0, 0]}
    made = [blender.do("create", name=f"Saved {n}", **create) for n in range(4)]
    saved = [one["uuid"] for one in made]
    converge(daemon, blender, unity)
    blender.do("save", path=str(tmp_path / "scene.blend"))
    unity.do("rename", uuid=saved[0], name="By Unity")
    blender.do("move", uuid=saved[1], translation=[5, 0, 0])
    blender.do("delete", uuid=saved[2])
    unsaved = blender.do("create", name="Not saved", **create)["uuid"]
    converge(daemon, blender, unity)
    blender.do("auto_save", path=str(tmp_path / "auto.blend"))
    later = blender.do("create", name="After the auto-save", **create)["uuid"]
    blender.do("move", uuid=saved[3], translation=[7, 0, 0])
    unity.do("rename", uuid=unsaved, name="By Unity too")
    before = converge(daemon, blender, unity)
    blender.kill()
    unity.do("rename", uuid=saved[1], name="While it was gone")
    blender.start()
    blender.do("recover", path=str(tmp_path / "auto.blend"))
    blender.wait_until_connected()
    scene = converge(daemon, blender, unity)
    both = {uuid: entity["components"]["name"] for some in (before, scene) for uuid, entity in some.items()}
    differ = [(both[uuid], uuid) for uuid in scene.keys() ^ before.keys()]
    # Blender does not save a mesh that nothing shows.
    assert differ == [("Saved 2", made[2]["mesh"])], "else nothing is lost, back, or there twice"
    names = {uuid: scene[uuid]["components"]["name"] for uuid in (saved[0], saved[1], unsaved, later)}
    assert names == {
        saved[0]: "By Unity",
        saved[1]: "While it was gone",
        unsaved: "By Unity too",
        later: "After the auto-save",
    }
    for uuid, x in ((saved[1], 5), (saved[3], 7)):
        assert is_close(scene[uuid]["components"]["transform"]["translation"][0], x)
    assert not daemon.status()["quarantined"]


def test_unity_resumes_from_its_last_save_after_a_crash(daemon_and_editors, tmp_path):
    daemon, blender, unity = daemon_and_editors
    create = {"shape": "cube", "translation": [0, 0, 0]}
    saved = [unity.do("create", name=f"Saved {n}", **create)["uuid"] for n in range(3)]
    converge(daemon, blender, unity)
    file = str(tmp_path / "scene.unity")
    unity.do("save", path=file)
    unity.do("move", uuid=saved[0], translation=[5, 0, 0])
    blender.do("rename", uuid=saved[1], name="By Blender")
    unity.do("delete", uuid=saved[2])
    late = unity.do("create", name="Not saved", **create)["uuid"]
    before = converge(daemon, blender, unity)
    unity.kill()
    blender.do("rename", uuid=late, name="While it was gone")
    unity.start()
    unity.do("open", path=file)
    unity.wait_until_connected()
    scene = converge(daemon, blender, unity)
    assert scene.keys() == before.keys(), "nothing is lost, back, or there twice"
    assert is_close(scene[saved[0]]["components"]["transform"]["translation"][0], 5)
    names = [scene[uuid]["components"]["name"] for uuid in (saved[1], late)]
    assert names == ["By Blender", "While it was gone"]
    assert not daemon.status()["quarantined"]
