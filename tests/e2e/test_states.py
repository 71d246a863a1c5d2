"""What comes while an editor cannot take it waits, is not lost, and is in the scene afterwards: each state in turn."""

import pytest
from harness import converge, wait_for

# State that the daemon is told: what the editor's user does, and how it ends.
BUSY = {
    "play, with its reload of the domain": (
        "unity",
        "reloading",
        ("play", {"on": True, "reloads": True}),
        ("play", {"on": False, "reloads": True}),
    ),
    "play": ("unity", "playing", ("play", {"on": True, "reloads": False}), ("play", {"on": False, "reloads": False})),
    "compile": ("unity", "compiling", ("compile", {"on": True}), ("compile", {"on": False})),
    "drag": ("unity", "modal", ("hold", {"on": True}), ("hold", {"on": False})),
    "edit mode": ("blender", "edit", ("edit_mode", {}), ("object_mode", {})),
}


def presence(daemon, role):
    return next(editor["presence"] for editor in daemon.status()["editors"] if editor["role"] == role)


def on_its_way(daemon, role):
    """Entities that were sent to an editor and not answered."""
    return sum(session["in_flight"] for session in daemon.status()["sessions"] if session["role"] == role)


def name(scene, made):
    return scene[made["uuid"]]["components"]["name"]


def ends(daemon, uuid):
    """How the transactions about an entity ended, in order."""
    ended = ("FINAL", "COMMIT", "ROLLBACK")
    return [record["phase"] for record in daemon.log() if uuid in record["uuids"] and record["phase"] in ended]


@pytest.mark.parametrize("doing", BUSY)
def test_what_comes_meanwhile_waits_and_is_applied_after(world, doing):
    daemon, blender, unity = world
    role, state, begin, end = BUSY[doing]
    busy, other = (unity, blender) if role == "unity" else (blender, unity)
    made = other.do("create", name="Before", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    before = len(ends(daemon, made["uuid"]))
    busy.do(begin[0], **begin[1], **({"uuid": made["uuid"]} if begin[0] == "edit_mode" else {}))
    wait_for("the daemon is told", lambda: presence(daemon, role) == state)
    other.do("rename", uuid=made["uuid"], name="After")
    if state == "reloading":  # it has gone, and is owed
        wait_for("the change is on the disk", lambda: len(ends(daemon, made["uuid"])) > before)
    else:
        wait_for("the change is sent", lambda: on_its_way(daemon, role))
    for _ in range(20):  # each lets the editor work
        assert name(busy.dump(), made) == "Before"
    busy.do(end[0], **end[1])
    scene = converge(daemon, blender, unity)
    assert name(scene, made) == "After"
    assert set(ends(daemon, made["uuid"])[before:]) == {"FINAL"}, "verified or owed, and nothing rolled back"


def test_an_editor_without_focus_takes_what_comes(world):
    daemon, blender, unity = world
    made = blender.do("create", name="Before", shape="empty", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    unity.do("focus", on=False)
    wait_for("the daemon is told", lambda: presence(daemon, "unity") == "unfocused")
    blender.do("rename", uuid=made["uuid"], name="After")
    assert name(converge(daemon, blender, unity), made) == "After"
    unity.do("focus", on=True)


def test_the_domain_reloads_with_a_batch_under_way(world):
    daemon, blender, unity = world
    unity.do("hold", on=True)
    made = [blender.do("create", name=f"Made {n}", shape="cube", translation=[n, 0, 0]) for n in range(10)]
    wait_for("a batch is under way", lambda: on_its_way(daemon, "unity"))
    unity.do("domain_reload")
    unity.do("hold", on=False)
    scene = converge(daemon, blender, unity)
    assert all(one["uuid"] in scene and one["mesh"] in scene for one in made)


def test_blender_opens_a_file_with_a_batch_under_way(world, tmp_path):
    daemon, blender, unity = world
    made = [unity.do("create", name="Before", shape="cube", translation=[n, 0, 0]) for n in range(10)]
    converge(daemon, blender, unity)
    file = str(tmp_path / "scene.blend")
    blender.do("save", path=file)
    blender.do("edit_mode", uuid=made[0]["uuid"])
    for one in made:
        unity.do("rename", uuid=one["uuid"], name="After")
    wait_for("a batch is under way", lambda: on_its_way(daemon, "blender"))
    blender.do("open", path=file)
    scene = converge(daemon, blender, unity)
    assert {name(scene, one) for one in made} == {"After"}
