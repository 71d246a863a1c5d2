"""Previews from a real Blender with the addon, through the real daemon, to the compiled package of Unity."""

import pytest
from harness import converge, wait_for

HERE, NEAR, AWAY = [1, 2, 3], [5, 5, 5], [7, 0, -2]


@pytest.fixture
def item(daemon_and_editors):
    """An object that both editors have; all is at rest."""
    daemon, blender, unity = daemon_and_editors
    uuid = blender.do("create", name="Item", shape="cube", translation=HERE)["uuid"]
    converge(daemon, blender, unity)
    return uuid


def place(editor, uuid):
    return editor.dump()[uuid]["components"]["transform"]["translation"]


def is_at(editor, uuid, wanted):
    return place(editor, uuid) == pytest.approx(wanted, abs=1e-5)


def wait_for_place(editor, uuid, wanted):
    wait_for(f"the object is at {wanted}", lambda: is_at(editor, uuid, wanted))


def drag(blender, unity, uuid, *places):
    """Takes hold of the object and moves it; the C# side must follow each step."""
    blender.do("hold", on=True)
    for each in places:
        blender.do("drag", uuid=uuid, translation=each)
        wait_for_place(unity, uuid, each)


def edits(daemon):
    """Returns the records of the log, but for those about connections."""
    return [record for record in daemon.log() if record["phase"] != "SESSION"]


def test_drag_in_blender_is_seen_in_unity_and_ends_as_one_change(daemon_and_editors, item):
    daemon, blender, unity = daemon_and_editors
    before, applied, sent = edits(daemon), unity.status()["applied"], unity.status()["sent"]
    drag(blender, unity, item, NEAR, HERE, AWAY)
    assert edits(daemon) == before and unity.status()["applied"] == applied, "nothing durable while it is held"
    blender.do("hold", on=False)
    converge(daemon, blender, unity)
    assert is_at(unity, item, AWAY) and unity.status()["sent"] == sent
    begun = [record for record in edits(daemon)[len(before) :] if record["phase"] == "BEGIN"]
    assert [record["uuids"] for record in begun] == [[item]], "one transaction"


def test_canceled_drag_in_blender_is_put_back_in_unity(daemon_and_editors, item):
    daemon, blender, unity = daemon_and_editors
    before, sent = edits(daemon), unity.status()["sent"]
    drag(blender, unity, item, NEAR, AWAY)
    blender.do("drag", uuid=item, translation=HERE)  # as a tool does when it is canceled
    blender.do("hold", on=False)
    wait_for_place(unity, item, HERE)
    wait_for("all is settled", daemon.is_settled)
    assert edits(daemon) == before and unity.status()["sent"] == sent


def test_killed_blender_leaves_no_preview_in_unity(daemon_and_editors, item):
    daemon, blender, unity = daemon_and_editors
    before, sent = edits(daemon), unity.status()["sent"]
    drag(blender, unity, item, NEAR, AWAY)
    blender.kill()
    wait_for_place(unity, item, HERE)
    wait_for("all is settled", daemon.is_settled)
    assert edits(daemon) == before and unity.status()["sent"] == sent
    blender.start()
    blender.wait_until_connected()
    converge(daemon, blender, unity)
    assert is_at(blender, item, HERE) and edits(daemon)[: len(before)] == before
