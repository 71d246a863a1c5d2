"""Collections are Blender's alone: Unity keeps them, shows their instances, and no edit there loses one."""

from agent import Agent
from harness import collections_difference, converge, wait_for
from test_restore import committed, restore

HOME = ([["City", "Street"]], False)
ALONE = ([], True)


def around(blender, uuid):
    """Returns the paths of the collections around an object, and whether it is directly in the scene."""
    read = blender.do("read_collections", uuid=uuid)
    return read["paths"], read["in_scene"]


def grouped(daemon, blender, unity):
    """Makes a cube in two nested collections, which arrives in Unity; returns its uuid."""
    cube = blender.do("create", name="House", shape="cube", translation=[0, 0, 0])["uuid"]
    blender.do("group", uuid=cube, names=["City", "Street"])
    assert around(blender, cube) == HOME
    converge(daemon, blender, unity)
    return cube


def assert_shown(unity, uuid, place):
    """Waits until Unity shows one object by an instance, at this place in the world."""
    wanted = [{"source": uuid, "at": place}]
    wait_for("the instance shows its member", lambda: unity.do("read_instances")["shown"] == wanted)


def remove_all(daemon, blender, unity, cube):
    for name in ("Street", "City"):
        blender.do("remove_collection", name=name)
    blender.do("delete", uuid=cube)
    converge(daemon, blender, unity)


def test_edits_in_unity_lose_no_collection(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    cube = grouped(daemon, blender, unity)
    above = unity.do("create", name="Above", shape="empty", translation=[1, 0, 0])["uuid"]
    unity.do("move", uuid=cube, translation=[1, 2, 3])
    unity.do("rename", uuid=cube, name="Tower")
    unity.do("reparent", uuid=cube, parent=above)
    scene = converge(daemon, blender, unity)
    assert scene[cube]["components"]["parent"] == {"uuid": above}
    assert around(blender, cube) == HOME
    assert around(blender, above) == ALONE
    # A deletion that is undone in Unity brings the object back to its collection.
    unity.do("delete", uuid=cube)
    assert cube not in converge(daemon, blender, unity)
    unity.do("undo")
    assert cube in converge(daemon, blender, unity)
    assert around(blender, cube) == HOME
    unity.do("delete", uuid=above)
    remove_all(daemon, blender, unity, cube)


def test_instances_survive_edits_in_unity(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    cube = grouped(daemon, blender, unity)
    stamp = blender.do("create", name="Stamp", shape="empty", translation=[0, 0, 0])["uuid"]
    blender.do("show_collection", uuid=stamp, name="City")
    blender.do("hide_in_renders", uuid=stamp)
    blender.do("hide_in_renders", uuid=cube)
    assert stamp in converge(daemon, blender, unity)
    shown = blender.do("dump_collections")["entities"]
    assert shown[stamp]["instance"]["of"] and not shown[stamp]["render_visibility"]["visible"]
    unity.do("move", uuid=stamp, translation=[1, 2, 3])
    unity.do("move", uuid=cube, translation=[10, 0, 0])
    unity.do("rename", uuid=cube, name="Tower")
    converge(daemon, blender, unity)
    assert_shown(unity, cube, [11, 2, 3])
    for uuid in (stamp, cube):
        unity.do("delete", uuid=uuid)
        assert uuid not in converge(daemon, blender, unity)
        unity.do("undo")
        assert uuid in converge(daemon, blender, unity)
    assert blender.do("dump_collections")["entities"] == shown
    assert_shown(unity, cube, [11, 2, 3])
    agent = Agent(daemon)
    assert not collections_difference(shown, agent.query_entities())
    agent.close()
    unity.do("delete", uuid=stamp)
    remove_all(daemon, blender, unity, cube)


def test_collections_survive_the_daemon_and_come_back(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    cube = grouped(daemon, blender, unity)
    daemon.kill()
    daemon.start()
    for editor in (blender, unity):
        editor.wait_until_connected()
    _, commit = committed(daemon, blender, unity)
    blender.do("remove_collection", name="Street")
    converge(daemon, blender, unity)
    assert around(blender, cube) == ALONE
    restore(daemon, commit)
    converge(daemon, blender, unity)
    assert around(blender, cube) == HOME
    remove_all(daemon, blender, unity, cube)
