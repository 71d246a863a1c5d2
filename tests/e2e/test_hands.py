"""A person at work in real Blender, and an agent that wants the same object."""

import contextlib

import pytest
from agent import Agent
from harness import converge, wait_for


@pytest.fixture
def agent(world):
    with contextlib.closing(Agent(world[0])) as one:
        yield one


def renamed(uuid, name):
    return {"op": "update", "uuid": uuid, "components": {"name": name}}


def hands(daemon):
    return {session["role"]: session["hands"] for session in daemon.status()["sessions"]}


def test_an_agent_waits_until_the_artist_has_left_edit_mode_and_rested(world, agent):
    daemon, blender, unity = world
    mine = blender.do("create", name="Mine", shape="cube", translation=[0, 0, 0])
    free = blender.do("create", name="Free", shape="cube", translation=[5, 0, 0])
    converge(daemon, blender, unity)
    blender.do("edit_mode", uuid=mine["uuid"])
    wait_for("the daemon knows", lambda: hands(daemon)["blender"] == [mine["uuid"]])
    head = daemon.status()["head_seq"]
    paused = agent.ask(head, renamed(mine["uuid"], "Agent's"))
    notice = agent.hear("notice", "ack")
    assert (notice["type"], notice["code"], notice["uuids"]) == ("notice", "VS-3014", [mine["uuid"]])
    at_once = agent.ask(head, renamed(free["uuid"], "Also Agent's"))
    assert agent.hear("ack")["operation_id"] == at_once, "nobody's hands are on it"
    assert daemon.status()["paused_intents"] == 1
    blender.do("object_mode")
    ack = agent.hear("ack")
    assert (ack["operation_id"], ack["status"]) == (paused, "accepted")
    assert hands(daemon)["blender"] is None
    scene = converge(daemon, blender, unity)
    assert scene[mine["uuid"]]["components"]["name"] == "Agent's"
    assert scene[free["uuid"]]["components"]["name"] == "Also Agent's"


def test_what_the_artist_did_meanwhile_stands(world, agent):
    daemon, blender, unity = world
    made = blender.do("create", name="Disputed", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    blender.do("edit_mode", uuid=made["uuid"])
    wait_for("the daemon knows", lambda: hands(daemon)["blender"] == [made["uuid"]])
    head = daemon.status()["head_seq"]
    agent.ask(head, renamed(made["uuid"], "Agent's"))
    agent.hear("notice")
    blender.do("rename", uuid=made["uuid"], name="Artist's")
    wait_for("it is logged", lambda: daemon.status()["head_seq"] > head)
    blender.do("object_mode")
    assert agent.hear("ack")["error"]["code"] == "VS-4009"
    assert converge(daemon, blender, unity)[made["uuid"]]["components"]["name"] == "Artist's"


def test_an_editor_that_is_killed_lets_go(world, agent):
    daemon, blender, unity = world
    made = blender.do("create", name="Held", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    blender.do("edit_mode", uuid=made["uuid"])
    wait_for("the daemon knows", lambda: hands(daemon)["blender"] == [made["uuid"]])
    agent.ask(daemon.status()["head_seq"], renamed(made["uuid"], "Agent's"))
    agent.hear("notice")
    blender.kill()
    assert agent.hear("ack")["status"] == "accepted"
    blender.start()
    blender.connected()
    assert converge(daemon, blender, unity)[made["uuid"]]["components"]["name"] == "Agent's"
