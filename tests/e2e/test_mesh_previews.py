"""Previews of vertices from Edit Mode of a real Blender, through the real daemon, to the compiled package."""

import pytest
from harness import converge, wait_for

VERTEX = 0
NEAR, AWAY = 4.25, 7.5


@pytest.fixture
def item(daemon_and_editors):
    """A cube that both editors have; all is at rest, and a person holds a vertex in Edit Mode of Blender."""
    daemon, blender, unity = daemon_and_editors
    uuid = blender.do("create", name="Item", shape="cube", translation=[0, 0, 0])["uuid"]
    converge(daemon, blender, unity)
    blender.do("edit_mode", uuid=uuid)
    wait_for("all is settled", lambda: daemon.is_settled() and unity.is_idle())
    blender.do("hold", on=True)
    return uuid


def xs(unity, uuid):
    """Returns the X of all corners that Unity shows, in canonical axes, each once."""
    entities = unity.dump()
    mesh = entities[uuid]["components"]["data"]["uuid"]
    return {corner[0] for corner in entities[mesh]["components"]["mesh"]["corners"]}


def move(blender, unity, uuid, x):
    """Moves the vertex; the C# side must follow."""
    blender.do("move_vertex", uuid=uuid, vertex=VERTEX, x=x)
    wait_for(f"the vertex is at {x}", lambda: x in xs(unity, uuid))


def changes(daemon):
    """Returns the records of the log, but for those about connections."""
    return [record for record in daemon.log() if record["phase"] != "SESSION"]


def test_moved_vertex_is_seen_in_unity_and_ends_as_one_change(daemon_and_editors, item):
    daemon, blender, unity = daemon_and_editors
    before, applied, sent = changes(daemon), unity.status()["applied"], unity.status()["sent"]
    for x in (NEAR, 5.5, AWAY):
        move(blender, unity, item, x)
    assert NEAR not in xs(unity, item)
    assert changes(daemon) == before and unity.status()["applied"] == applied, "nothing durable while it is held"
    blender.do("hold", on=False)
    blender.do("object_mode")
    converge(daemon, blender, unity)
    assert AWAY in xs(unity, item) and unity.status()["sent"] == sent
    begun = [record for record in changes(daemon)[len(before) :] if record["phase"] == "BEGIN"]
    assert len(begun) == 1, "one transaction"
    assert daemon.status()["previews"]["refused"] == 0


def test_canceled_edit_is_put_back_in_unity(daemon_and_editors, item):
    daemon, blender, unity = daemon_and_editors
    before, shown = changes(daemon), xs(unity, item)
    move(blender, unity, item, AWAY)
    blender.do("move_vertex", uuid=item, vertex=VERTEX, x=min(shown))  # as a tool does when it is canceled
    wait_for("it is put back", lambda: xs(unity, item) == shown)
    blender.do("hold", on=False)
    blender.do("object_mode")
    wait_for("all is settled", lambda: daemon.is_settled() and unity.is_idle())
    assert changes(daemon) == before


@pytest.mark.parametrize("killed", ["daemon", "blender"])
def test_killed_program_leaves_no_vertex_in_unity(daemon_and_editors, item, killed):
    daemon, blender, unity = daemon_and_editors
    before, shown = changes(daemon), xs(unity, item)
    move(blender, unity, item, AWAY)
    program = blender if killed == "blender" else daemon
    program.kill()
    wait_for("it is put back", lambda: xs(unity, item) == shown)
    program.start()
    blender.wait_until_connected()
    unity.wait_until_connected()
    if killed == "daemon":
        blender.do("hold", on=False)
        blender.do("object_mode")
    converge(daemon, blender, unity)
    assert changes(daemon)[: len(before)] == before
