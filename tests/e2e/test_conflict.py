"""Both editors change the same while neither hears of the other: what stands, and that both hold it in the end."""

import pytest
from harness import converge, wait_for


@pytest.fixture
def apart(world):
    """Lets both editors work on a scene while no daemon runs, and returns what both hold once they have met again."""
    daemon, blender, unity = world

    def meet(*edits):
        converge(daemon, blender, unity)
        daemon.kill()
        for editor, action, arguments in edits:
            editor.do(action, **arguments)
        daemon.start()
        for editor in (blender, unity):
            editor.connected()
        return converge(daemon, blender, unity)

    return meet


def made(world, name):
    daemon, blender, unity = world
    thing = blender.do("create", name=name, shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    return thing


def quarantined(world):
    return world[0].status()["quarantined"]


def test_different_properties_merge(world, apart):
    _, blender, unity = world
    uuid = made(world, "Merge")["uuid"]
    scene = apart(
        (blender, "rename", {"uuid": uuid, "name": "Merged"}),
        (unity, "move", {"uuid": uuid, "translation": [4, 5, 6], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}),
    )
    assert scene[uuid]["components"]["name"] == "Merged"
    assert scene[uuid]["components"]["transform"]["translation"] == pytest.approx([4, 5, 6])
    assert quarantined(world) == 0


def test_one_of_two_names_stands_in_both(world, apart):
    _, blender, unity = world
    uuid = made(world, "Name")["uuid"]
    scene = apart((blender, "rename", {"uuid": uuid, "name": "Blue"}), (unity, "rename", {"uuid": uuid, "name": "Red"}))
    assert scene[uuid]["components"]["name"] in ("Blue", "Red")
    assert quarantined(world) == 0


def test_two_meshes_are_quarantined_until_somebody_edits_it_again(world, apart):
    daemon, blender, unity = world
    thing = made(world, "Mesh")
    edit = {"uuid": thing["uuid"], "vertex": 0}
    apart(
        (blender, "edit_mesh", {**edit, "delta": [0, 0, 1]}),
        (unity, "edit_mesh", {**edit, "delta": [0, 0, -1]}),
    )
    assert quarantined(world) == 1
    assert [record["error_code"] for record in daemon.log() if record["phase"] == "QUARANTINE"] == ["VS-3011"]

    def edited_again():
        """Only an edit by somebody who has been told ends it, and nobody outside knows when that is."""
        unity.do("edit_mesh", **edit, delta=[1, 0, 0])
        converge(daemon, blender, unity)
        return quarantined(world) == 0

    wait_for("an edit ends the quarantine", edited_again)


def test_parents_across_end_without_a_cycle(world, apart):
    _, blender, unity = world
    one, other = made(world, "One")["uuid"], made(world, "Other")["uuid"]
    scene = apart(
        (blender, "reparent", {"uuid": one, "parent": other}), (unity, "reparent", {"uuid": other, "parent": one})
    )
    parents = [scene[uuid]["components"]["parent"]["uuid"] for uuid in (one, other)]
    assert parents in ([other, None], [None, one])
    assert quarantined(world) == 2


def test_what_one_deletes_and_the_other_changes_is_the_same_in_both(world, apart):
    _, blender, unity = world
    before = quarantined(world)
    uuid = made(world, "Doomed")["uuid"]
    apart((blender, "delete", {"uuid": uuid}), (unity, "rename", {"uuid": uuid, "name": "Wanted"}))
    assert quarantined(world) == before + 1
