"""Geometry-node graphs of an agent: the daemon checks them, Blender builds them, and the result is read back."""

import json
from pathlib import Path

import pytest
from agent import Agent
from harness import converge, git, wait_for

GRAPHS = Path(__file__).parents[2] / "docs" / "graphs"


def cone(vertices):
    link = ("from", "from_socket", "to", "to_socket")
    return {
        "outputs": [{"name": "Geometry", "type": "NodeSocketGeometry"}],
        "nodes": [{"id": "n1", "type": "GeometryNodeMeshCone"}, {"id": "go", "type": "NodeGroupOutput"}],
        "links": [dict(zip(link, ("n1", "Mesh", "go", "Geometry"), strict=True))],
        "node_settings": {"n1": {"Vertices": vertices}},
    }


@pytest.fixture
def agent(daemon_and_editors):
    daemon, _, _ = daemon_and_editors
    agent = Agent(daemon)
    yield agent
    agent.close()


@pytest.fixture
def made(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Thing", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    return made["uuid"]


def ask(daemon, agent, uuid, graph, *others):
    """Sends an intent with a graph and other changes; returns the answer and the records of its transaction."""
    head_seq = daemon.status()["head_seq"]
    change = {"op": "update", "uuid": uuid, "components": {"nodes": {"graph": graph}}}
    operation_id = agent.send_intent(head_seq, change, *others)
    answer = agent.receive("ack")
    wait_for("nothing is in flight", daemon.is_settled)
    return answer, [record for record in daemon.log() if record["operation_id"] == operation_id]


def committed(daemon, uuid, text):
    """Waits for a commit that adds a text to the file of an entity; returns the newest commit."""
    file = f":(glob)**/{uuid}*"
    wait_for("the commit is there", lambda: text in git(daemon, "log", "--all", "-3", "-p", "--", file))
    return git(daemon, "rev-parse", "HEAD").strip()


def last_step(daemon):
    """Returns the components of the last change in the log that has a graph. Its evaluated mesh is sent beside it."""
    steps = [record["payload"]["change"] for record in daemon.log() if record["phase"] == "STEP"]
    return [change["components"] for change in steps if "nodes" in change.get("components", {})][-1]


def phases(records):
    return [record["phase"] for record in records]


def test_graph_of_an_agent_is_checked_built_and_committed(daemon_and_editors, agent, made):
    daemon, blender, unity = daemon_and_editors
    answer, records = ask(daemon, agent, made, json.loads((GRAPHS / "staircase.json").read_text("utf-8")))
    assert answer["status"] == "accepted", answer
    assert phases(records) == ["BEGIN", "STEP", "COMMIT"], records
    end = records[-1]["payload"]
    assert (end["verified_by"], end["owed_to"]) == (["blender"], []), end
    held = blender.do("graph", uuid=made)
    assert held["graph"]["nodes"] and held["vertices"] > 8
    converge(daemon, blender, unity)
    committed(daemon, made, "GeometryNode")


def test_unity_gets_its_part_of_an_intent_with_a_graph(daemon_and_editors, agent, made):
    daemon, blender, unity = daemon_and_editors
    other = blender.do("create", name="Other", shape="empty", translation=[0, 0, 0])["uuid"]
    converge(daemon, blender, unity)
    rename = {"op": "update", "uuid": other, "components": {"name": "Renamed"}}
    answer, records = ask(daemon, agent, made, cone(7), rename)
    assert answer["status"] == "accepted" and phases(records)[-1] == "COMMIT", records
    assert sorted(records[-1]["payload"]["verified_by"]) == ["blender", "unity"]
    assert converge(daemon, blender, unity)[other]["components"]["name"] == "Renamed"
    unity.do("move", uuid=made, translation=[3, 0, 0], rotation=[0, 0, 0, 1], scale=[1, 1, 1])
    scene = converge(daemon, blender, unity)
    assert scene[made]["components"]["transform"]["translation"] == [3, 0, 0]
    assert blender.do("graph", uuid=made)["vertices"] == 8


def test_graph_that_breaks_a_rule_is_refused_before_begin(daemon_and_editors, agent, made):
    daemon, blender, _ = daemon_and_editors
    broken = cone(7)
    broken["links"][0]["from_socket"] = "Meshes"
    answer, records = ask(daemon, agent, made, broken)
    assert (answer["status"], answer["error"]["code"]) == ("refused", "VS-9003"), answer
    assert answer["error"]["place"].startswith("changes[0].components.nodes.graph"), answer
    assert "BEGIN" not in phases(records) and blender.do("graph", uuid=made)["graph"] is None


def test_graph_that_blender_refuses_is_rolled_back(daemon_and_editors, agent, made):
    daemon, blender, unity = daemon_and_editors
    ask(daemon, agent, made, cone(7))
    other = {**cone(9), "blender": "4.2"}  # it is checked against that catalogue, and this Blender is not that one
    answer, records = ask(daemon, agent, made, other)
    assert answer["status"] == "accepted" and phases(records)[-1] == "ROLLBACK", records
    wait_for("what was before is there", lambda: blender.do("graph", uuid=made)["vertices"] == 8)
    converge(daemon, blender, unity)


def test_unfinished_graph_of_a_person_is_sent_as_it_is(daemon_and_editors, agent, made):
    daemon, blender, unity = daemon_and_editors
    before = len(daemon.log())
    ask(daemon, agent, made, cone(7))
    blender.do("unlink_nodes", uuid=made)  # a graph that no agent could ask for
    wait_for("it is told", lambda: last_step(daemon)["nodes"]["graph"]["links"] == [])
    converge(daemon, blender, unity)
    assert "VS-9003" not in json.dumps(daemon.log()[before:])


def test_manual_graph_edit_is_committed_and_can_be_restored(daemon_and_editors, agent, made):
    daemon, blender, unity = daemon_and_editors
    bare = committed(daemon, made, made)
    ask(daemon, agent, made, cone(7))
    seven = committed(daemon, made, "GeometryNodeMeshCone")
    blender.do("node_input", uuid=made, node="n1", name="Vertices", value=5)
    told = {"n1": {"Vertices": 5}}
    wait_for("it is told", lambda: last_step(daemon)["nodes"]["graph"]["node_settings"] == told)
    assert list(last_step(daemon)) == ["nodes"]
    converge(daemon, blender, unity)
    for commit, vertices in ((seven, 8), (bare, 8), (seven, 8)):
        done = daemon.cli("audit", "restore", commit, "--reason", "the test wants it back", "--yes", "--json")
        assert done.returncode == 0, done.stderr
        wait_for("it is back", daemon.is_settled)
        held = blender.do("graph", uuid=made)
        wanted = None if commit == bare else {"n1": {"Vertices": 7}}
        assert (held["graph"] and held["graph"]["node_settings"], held["vertices"]) == (wanted, vertices)


def test_graph_is_sent_again_to_a_blender_that_lost_it(daemon_and_editors, agent, made):
    daemon, blender, unity = daemon_and_editors
    ask(daemon, agent, made, cone(7))
    daemon.kill()
    daemon.start()
    for editor in (blender, unity):
        editor.wait_until_connected()
    converge(daemon, blender, unity)
    assert blender.do("graph", uuid=made)["graph"]["node_settings"] == {"n1": {"Vertices": 7}}
    blender.kill()
    blender.start()
    blender.wait_until_connected()
    converge(daemon, blender, unity)
    wait_for("it is there again", lambda: blender.do("graph", uuid=made)["vertices"] == 8)
