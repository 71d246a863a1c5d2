"""Calls of a tool in Unity: one that ends, and one in whose middle Unity is killed."""

import contextlib
import threading
import time
import uuid

import pytest
from harness import ROOT, converge, running, wait_for
from mcp_client import McpClient

ADDON = "unity_stairs_maker"
PACKAGE = {
    "name": "com.example.stairs",
    "path": str(ROOT / "unity-package" / "Samples~" / "StairsMaker"),
    "assembly": "VibeSync.Samples.StairsMaker",
}
STAIRS = {"addon_id": ADDON, "tool": "build_stairs", "params": {"steps": 200}}


@pytest.fixture(scope="module")
def stage(binary, tmp_path_factory):
    with running(binary, tmp_path_factory.mktemp("unity-calls")) as daemon_and_editors:
        daemon, _, unity = daemon_and_editors
        offer(daemon, unity)
        yield daemon_and_editors


def offer(daemon, unity):
    """Adds the add-on to Unity, and allows it; that also closes the breaker that a crash in a call has opened."""
    unity.do("add_package", **PACKAGE)
    wait_for("the add-on is known", lambda: ADDON in daemon.cli("agents", "capabilities").stdout)
    allowed = daemon.cli("agents", "allow", ADDON, "--why", "test")
    assert allowed.returncode == 0, allowed.stderr


def call(daemon, results):
    """Calls the tool until the call has an end."""
    request = {**STAIRS, "request_id": str(uuid.uuid4())}
    with contextlib.closing(McpClient(daemon, "claude")) as agent:
        results.append(wait_for("an end", lambda: ended(agent.call("call_capability", **request, wait_ms=5000))))


def ended(answer):
    return answer if answer["state"] in ("done", "failed") else None


@pytest.fixture(scope="module")
def whole(stage):
    """Returns the number of entities that a call makes."""
    daemon, blender, unity = stage
    before, results = converge(daemon, blender, unity), []
    call(daemon, results)
    assert results[0]["state"] == "done", results
    return len(converge(daemon, blender, unity)) - len(before)


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3, 0.6, 1.0])
def test_call_in_a_killed_unity_is_whole_or_fails_without_a_trace(stage, whole, delay):
    assert whole > STAIRS["params"]["steps"]
    daemon, blender, unity = stage
    before, results = converge(daemon, blender, unity), []
    running_call = threading.Thread(target=call, args=(daemon, results))
    running_call.start()
    time.sleep(delay)
    unity.kill()
    running_call.join()
    (answer,) = results
    unity.start()
    unity.wait_until_connected()
    after = converge(daemon, blender, unity)
    made = len(after) - len(before)
    if answer["state"] == "done":
        # A second mesh is not needed: all stairs show the same cube.
        assert whole - 1 <= made <= whole, answer
    else:
        assert made == 0, (answer, made)
        assert answer["error"]["code"].startswith("VS-"), answer
    offer(daemon, unity)
    results.clear()
    call(daemon, results)
    assert results[0]["state"] == "done", (answer, results)
    converge(daemon, blender, unity)
