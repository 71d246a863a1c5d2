"""Previews between a plain client in the place of Blender, the real daemon, and the compiled package of Unity."""

import contextlib

import pytest
from harness import Daemon, Editor, wait_for
from plain_editor import PlainEditor

HERE, AWAY = [1, 2, 3], [7, 0, -2]


class PlainBlender(PlainEditor):
    """The plain editor in the place of Blender."""

    role = "blender"


@pytest.fixture
def stage(binary, tmp_path):
    """A daemon, Unity with one object, and the plain editor that has it too."""
    daemon = Daemon(binary, tmp_path)
    daemon.start()
    unity = Editor("unity-driver", daemon, "unity")
    try:
        unity.wait_until_connected()
        with contextlib.closing(PlainBlender(daemon)) as other:
            item = unity.do("create", name="Item", shape="empty", translation=HERE)["uuid"]
            wait_for(
                "the plain editor has it", lambda: item in other.entities and unity.is_idle() and daemon.is_settled()
            )
            yield daemon, unity, other, item
    finally:
        unity.stop()
        daemon.stop()


def place(unity, item):
    return unity.dump()[item]["components"]["transform"]["translation"]


def wait_for_place(unity, item, wanted):
    wait_for(f"the object is at {wanted}", lambda: place(unity, item) == wanted)


def test_preview_is_shown_and_put_back(stage):
    daemon, unity, other, item = stage
    records, sent = len(daemon.log()), unity.status()["sent"]
    other.preview(item, transform(AWAY))
    wait_for_place(unity, item, AWAY)
    other.preview_end(item)
    wait_for_place(unity, item, HERE)
    assert daemon.is_settled() and len(daemon.log()) == records and unity.status()["sent"] == sent


def test_killed_sender_leaves_nothing(stage):
    daemon, unity, other, item = stage
    sent = unity.status()["sent"]
    other.preview(item, transform(AWAY))
    wait_for_place(unity, item, AWAY)
    other.socket.shutdown(2)
    wait_for_place(unity, item, HERE)
    assert daemon.is_settled() and unity.status()["sent"] == sent


def test_killed_daemon_leaves_nothing(stage):
    daemon, unity, other, item = stage
    other.preview(item, transform(AWAY))
    wait_for_place(unity, item, AWAY)
    daemon.kill()
    wait_for_place(unity, item, HERE)
    daemon.start()
    unity.wait_until_connected()
    wait_for("all is settled", daemon.is_settled)
    assert place(unity, item) == HERE


def test_durable_change_after_a_preview_is_verified(stage):
    daemon, unity, other, item = stage
    other.preview(item, transform([5, 5, 5]))
    wait_for_place(unity, item, [5, 5, 5])
    head = daemon.status()["head_seq"]
    operation = other.send_intent(head, {"op": "update", "uuid": item, "components": {"transform": transform(AWAY)}})
    (outcome,) = wait_for("the outcome arrives", lambda: outcomes(other, operation))
    assert outcome == "verified"
    assert place(unity, item) == AWAY
    unity.do("undo")
    wait_for_place(unity, item, HERE)


def test_drag_in_unity_is_previewed_until_it_ends(stage):
    daemon, unity, other, item = stage
    records, sent = len(daemon.log()), unity.status()["sent"]
    unity.do("select", uuids=[item])
    unity.do("hold", on=True)
    for step in ([2, 2, 3], [4, 2, 3], AWAY):
        unity.do("drag", uuid=item, translation=step)
        wait_for(f"{step} is shown", lambda step=step: shown(other, item) == step)
    assert len(daemon.log()) == records, "nothing durable while it is held"
    unity.do("hold", on=False)
    wait_for("the change is durable", lambda: translation(other, item) == AWAY)
    wait_for("all is settled", daemon.is_settled)
    assert unity.status()["sent"] == sent + 1
    assert {each["from"] for each in other.received if each["type"] == "preview"} == {"unity"}


def test_canceled_drag_in_unity_ends_the_preview(stage):
    daemon, unity, other, item = stage
    records = len(daemon.log())
    unity.do("select", uuids=[item])
    unity.do("hold", on=True)
    unity.do("drag", uuid=item, translation=AWAY)
    wait_for("it is shown", lambda: shown(other, item) == AWAY)
    unity.do("drag", uuid=item, translation=HERE)
    unity.do("hold", on=False)
    wait_for("the preview ends", lambda: other.ended == [item])
    assert daemon.is_settled() and len(daemon.log()) == records and translation(other, item) == HERE


def transform(translation):
    return {"translation": translation, "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}


def shown(other, item):
    """Returns where a preview shows the object; None without one."""
    return other.shown[item]["translation"] if item in other.shown else None


def outcomes(other, operation):
    """Returns how the transactions of an intent ended."""
    ends = [each for each in list(other.received) if each["type"] == "outcome" and each["operation_id"] == operation]
    return [each["outcome"] for each in ends]


def translation(other, item):
    return other.entities[item]["components"]["transform"]["translation"]
