"""An agent waits for an object that a person edits in a real Blender."""

import contextlib

import pytest
from agent import Agent
from harness import converge, wait_for


@pytest.fixture
def agent(daemon_and_editors):
    with contextlib.closing(Agent(daemon_and_editors[0])) as one:
        yield one


def renamed(uuid, name):
    return {"op": "update", "uuid": uuid, "components": {"name": name}}


def active_edits(daemon):
    return {session["role"]: session["hands"] for session in daemon.status()["sessions"]}


def test_agent_waits_until_the_artist_leaves_edit_mode(daemon_and_editors, agent):
    daemon, blender, unity = daemon_and_editors
    mine = blender.do("create", name="Mine", shape="cube", translation=[0, 0, 0])
    free = blender.do("create", name="Free", shape="cube", translation=[5, 0, 0])
    converge(daemon, blender, unity)
    blender.do("edit_mode", uuid=mine["uuid"])
    wait_for("the daemon knows", lambda: active_edits(daemon)["blender"] == [mine["uuid"]])
    head = daemon.status()["head_seq"]
    paused = agent.send_intent(head, renamed(mine["uuid"], "Agent's"))
    notice = agent.receive("notice", "ack")
    assert (notice["type"], notice["code"], notice["uuids"]) == ("notice", "VS-3014", [mine["uuid"]])
    at_once = agent.send_intent(head, renamed(free["uuid"], "Also Agent's"))
    assert agent.receive("ack")["operation_id"] == at_once, "nobody edits this object"
    assert daemon.status()["paused_intents"] == 1
    blender.do("object_mode")
    ack = agent.receive("ack")
    assert (ack["operation_id"], ack["status"]) == (paused, "accepted")
    assert active_edits(daemon)["blender"] is None
    scene = converge(daemon, blender, unity)
    assert scene[mine["uuid"]]["components"]["name"] == "Agent's"
    assert scene[free["uuid"]]["components"]["name"] == "Also Agent's"


def test_edit_by_the_artist_beats_the_waiting_agent(daemon_and_editors, agent):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Disputed", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    blender.do("edit_mode", uuid=made["uuid"])
    wait_for("the daemon knows", lambda: active_edits(daemon)["blender"] == [made["uuid"]])
    head = daemon.status()["head_seq"]
    agent.send_intent(head, renamed(made["uuid"], "Agent's"))
    agent.receive("notice")
    blender.do("rename", uuid=made["uuid"], name="Artist's")
    wait_for("it is logged", lambda: daemon.status()["head_seq"] > head)
    blender.do("object_mode")
    assert agent.receive("ack")["error"]["code"] == "VS-4009"
    assert converge(daemon, blender, unity)[made["uuid"]]["components"]["name"] == "Artist's"


def test_killed_editor_releases_its_active_edits(daemon_and_editors, agent):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Held", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    blender.do("edit_mode", uuid=made["uuid"])
    wait_for("the daemon knows", lambda: active_edits(daemon)["blender"] == [made["uuid"]])
    agent.send_intent(daemon.status()["head_seq"], renamed(made["uuid"], "Agent's"))
    agent.receive("notice")
    blender.kill()
    assert agent.receive("ack")["status"] == "accepted"
    blender.start()
    blender.wait_until_connected()
    assert converge(daemon, blender, unity)[made["uuid"]]["components"]["name"] == "Agent's"
