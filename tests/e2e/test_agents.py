"""An agent that uses an add-on of Blender: real client process, real daemon, real Blender, the compiled package."""

import contextlib
import uuid

import pytest
from harness import converge, running, wait_for
from mcp_client import McpClient

ADDON = "random_mesh_generator"
CUBES = {"addon_id": ADDON, "tool": "add_random_cube", "params": {"count": 3, "seed": 7}}


@pytest.fixture(scope="module")
def stage(binary, tmp_path_factory):
    """A daemon with its own settings, in which people decide about agents, and both editors."""
    with running(binary, tmp_path_factory.mktemp("agents"), agents="") as daemon_and_editors:
        yield daemon_and_editors


@pytest.fixture
def agent(stage):
    with contextlib.closing(McpClient(stage[0], "claude")) as client:
        yield client


def state_of(agent, addon):
    """Returns the state of an add-on; none if it is not listed."""
    rows = agent.call("list_capabilities").get("rows", [])
    return next((row["state"] for row in rows if row["addon_id"] == addon), None)


def of_addons(names):
    """Returns the names of tools of add-ons."""
    return [name for name in names if "__" in name]


def allow(blender, waiting):
    """Answers the question that a call waits for, as a person does in Blender's panel."""
    assert waiting["state"] == "waits_for_person", waiting
    (asked,) = wait_for("the panel shows the question", lambda: blender.do("questions")["open"])
    assert ADDON in asked["lines"][0], asked
    always = next(button for button in asked["buttons"] if button["label"] == "Always")
    blender.do("decide", **{key: always[key] for key in ("approval_id", "allow", "remember")})


def test_agent_uses_an_addon_that_a_person_allows(stage, agent):
    daemon, blender, unity = stage
    before = converge(daemon, blender, unity)
    listed = agent.tools()
    assert "call_capability" in listed and not of_addons(listed)

    blender.do("enable_addon", name=ADDON)
    wait_for("the add-on is listed", lambda: state_of(agent, ADDON) == "needs_permission")
    request = {**CUBES, "request_id": str(uuid.uuid4())}
    allow(blender, agent.call("call_capability", **request, wait_ms=1000))
    done = wait_for("the call ends", lambda: ended(agent.call("call_capability", **request, wait_ms=5000)))
    assert done["state"] == "done", done
    assert done["result"]["status"] == "success" and done["changes"] > 0

    after = converge(daemon, blender, unity)
    made = [entity for key, entity in after.items() if key not in before and entity["kind"] == "object"]
    assert len(made) == 3
    outcome = agent.call("change_wait", operation_id=done["operation_id"])
    assert outcome["state"] == "verified", outcome
    again = agent.call("call_capability", **request)
    assert again["operation_id"] == done["operation_id"]
    assert len(converge(daemon, blender, unity)) == len(after), "the same request ran twice"
    assert len(of_addons(agent.tools())) == 4
    begin = next(record for record in daemon.log() if record["operation_id"] == done["operation_id"])
    assert begin["phase"] == "BEGIN" and begin["payload"]["agent"] == "claude"

    asking = agent.call("undo", operations=[done["operation_id"]], wait_ms=1000)
    assert asking["state"] == "waits_for_person" and not asking["left_out"], asking
    wait_for("the panel shows the question", lambda: blender.do("questions")["open"])
    blender.do("set_agent", agent="claude", mode="work")
    undone = agent.call("change_wait", operation_id=asking["operation_id"])
    assert undone["state"] == "verified", undone
    assert converge(daemon, blender, unity) == before


def test_call_is_one_step_in_the_undo_history_of_the_person(stage, agent):
    daemon, blender, unity = stage
    before = converge(daemon, blender, unity)
    done = agent.call("call_capability", **CUBES)
    assert done["state"] == "done", done
    assert len(converge(daemon, blender, unity)) > len(before)
    blender.do("undo")
    assert converge(daemon, blender, unity) == before


def ended(answer):
    """Returns the answer unless the call still goes on."""
    return answer if answer["state"] in ("done", "failed") else None


def test_each_tool_of_the_generator_makes_objects_in_both_editors(stage, agent):
    daemon, blender, unity = stage
    described = agent.call("describe_capability", addon_id=ADDON)
    tools = [tool["name"] for tool in described["tools"]]
    assert len(tools) == 4
    for tool in tools:
        before = converge(daemon, blender, unity)
        done = agent.call("call_capability", addon_id=ADDON, tool=tool, params={"seed": 3})
        assert done["state"] == "done", done
        after = converge(daemon, blender, unity)
        assert len(after) > len(before), tool
        outcome = agent.call("change_wait", operation_id=done["operation_id"])
        assert outcome["state"] == "verified", outcome


def test_failed_call_leaves_both_editors_as_they_were(stage, agent):
    daemon, blender, unity = stage
    before = converge(daemon, blender, unity)
    wrong = agent.call("call_capability", **{**CUBES, "params": {"count": 1000}})
    assert wrong["error"]["code"] == "VS-9103", wrong
    assert converge(daemon, blender, unity) == before


def test_disabled_addon_leaves_the_list_of_tools(stage, agent):
    _, blender, _ = stage
    name = of_addons(agent.tools())[0]
    blender.do("disable_addon", name=ADDON)
    wait_for("its tools are gone", lambda: not of_addons(agent.tools()))
    wait_for("the client hears of it", lambda: agent.tools() and "notifications/tools/list_changed" in agent.heard)
    stale = agent.call(name, count=1)
    assert stale["error"]["code"] == "VS-9102", stale
