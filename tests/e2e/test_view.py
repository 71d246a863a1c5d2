"""An agent that looks and selects: real client process, real daemon, a real Blender without a window."""

import contextlib

import pytest
from harness import converge, running
from mcp_client import McpClient


@pytest.fixture(scope="module")
def stage(binary, tmp_path_factory):
    """A daemon in which agents may work, and both editors."""
    with running(binary, tmp_path_factory.mktemp("view")) as daemon_and_editors:
        yield daemon_and_editors


@pytest.fixture
def agent(stage):
    with contextlib.closing(McpClient(stage[0], "claude")) as client:
        yield client


def test_blender_without_a_window_says_that_it_shows_no_picture(stage, agent):
    daemon, *_ = stage
    result = agent.request("tools/call", name="scene_view", arguments={"editor": "blender"})
    assert result["isError"] and [each["type"] for each in result["content"]] == ["text"]
    error = result["structuredContent"]["error"]
    assert error["code"] == "VS-9206" and "background" in error["message"], error
    assert not [record for record in daemon.log() if record["phase"] == "VIEW"]


def test_agent_selects_in_blender(stage, agent):
    daemon, blender, unity = stage
    made = unity.do("create", name="Stone", shape="cube", translation=[0, 0, 0])["uuid"]
    other = blender.do("create", name="Other", shape="empty", translation=[1, 0, 0])["uuid"]
    scene = converge(daemon, blender, unity)
    answer = agent.call("selection_set", editor="blender", uuids=[made])
    assert answer["selected"] == [made], answer
    assert blender.do("selection")["selected"] == [made]
    answer = agent.call("selection_set", editor="blender", uuids=[made, other])
    assert set(answer["selected"]) == {made, other} == set(blender.do("selection")["selected"])
    answer = agent.call("selection_set", editor="blender", uuids=[])
    assert answer["selected"] == [] == blender.do("selection")["selected"]
    assert converge(daemon, blender, unity) == scene
