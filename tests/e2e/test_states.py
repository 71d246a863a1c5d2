"""A batch for an editor that cannot apply it waits and is applied later, for each such state of an editor."""

import pytest
from harness import converge, wait_for

# Editor, state that it reports to the daemon, command that begins the state, command that ends it.
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


def in_flight(daemon, role):
    """Counts the entities that were sent to an editor and are not answered yet."""
    return sum(session["in_flight"] for session in daemon.status()["sessions"] if session["role"] == role)


def name(scene, made):
    return scene[made["uuid"]]["components"]["name"]


def transaction_ends(daemon, uuid):
    """Lists the last phases of the transactions about an entity, in order."""
    ended = ("FINAL", "COMMIT", "ROLLBACK")
    return [record["phase"] for record in daemon.log() if uuid in record["uuids"] and record["phase"] in ended]


@pytest.mark.parametrize("doing", BUSY)
def test_batch_waits_while_editor_is_busy_and_is_applied_after(daemon_and_editors, doing):
    daemon, blender, unity = daemon_and_editors
    role, state, begin, end = BUSY[doing]
    busy, other = (unity, blender) if role == "unity" else (blender, unity)
    made = other.do("create", name="Before", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    before = len(transaction_ends(daemon, made["uuid"]))
    busy.do(begin[0], **begin[1], **({"uuid": made["uuid"]} if begin[0] == "edit_mode" else {}))
    wait_for("the daemon is told", lambda: presence(daemon, role) == state)
    other.do("rename", uuid=made["uuid"], name="After")
    if state == "reloading":  # the editor is disconnected; the change waits in its delivery queue
        wait_for("the change is on the disk", lambda: len(transaction_ends(daemon, made["uuid"])) > before)
    else:
        wait_for("the change is sent", lambda: in_flight(daemon, role))
    for _ in range(20):  # each call lets the editor run
        assert name(busy.dump(), made) == "Before"
    busy.do(end[0], **end[1])
    scene = converge(daemon, blender, unity)
    assert name(scene, made) == "After"
    assert set(transaction_ends(daemon, made["uuid"])[before:]) == {"FINAL"}, (
        "verified or owed, and nothing rolled back"
    )


def test_editor_without_focus_applies_batches(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Before", shape="empty", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    unity.do("focus", on=False)
    wait_for("the daemon is told", lambda: presence(daemon, "unity") == "unfocused")
    blender.do("rename", uuid=made["uuid"], name="After")
    assert name(converge(daemon, blender, unity), made) == "After"
    unity.do("focus", on=True)


def test_domain_reload_during_a_batch_loses_nothing(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    unity.do("hold", on=True)
    made = [blender.do("create", name=f"Made {n}", shape="cube", translation=[n, 0, 0]) for n in range(10)]
    wait_for("a batch is under way", lambda: in_flight(daemon, "unity"))
    unity.do("domain_reload")
    unity.do("hold", on=False)
    scene = converge(daemon, blender, unity)
    assert all(one["uuid"] in scene and one["mesh"] in scene for one in made)


def test_opening_a_file_during_a_batch_loses_nothing(daemon_and_editors, tmp_path):
    daemon, blender, unity = daemon_and_editors
    made = [unity.do("create", name="Before", shape="cube", translation=[n, 0, 0]) for n in range(10)]
    converge(daemon, blender, unity)
    file = str(tmp_path / "scene.blend")
    blender.do("save", path=file)
    blender.do("edit_mode", uuid=made[0]["uuid"])
    for one in made:
        unity.do("rename", uuid=one["uuid"], name="After")
    wait_for("a batch is under way", lambda: in_flight(daemon, "blender"))
    blender.do("open", path=file)
    scene = converge(daemon, blender, unity)
    assert {name(scene, one) for one in made} == {"After"}
