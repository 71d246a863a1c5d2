"""A tool of an add-on that does nothing, called by an agent in a real headless Blender."""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

from rows import percentile, row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import AGENTS_WORK, Daemon, Editor, wait_for  # (found through the path set above)
from mcp_client import McpClient

ADDON = "empty_capability"
CALL = {"addon_id": ADDON, "tool": "nothing", "params": {}}
CALLS = 40  # an agent has 60 a minute
LEAST_PAUSE = 0.15  # seconds
GOLDEN_RATIO = 0.618034
LONGEST = 60
IDLE_SECONDS = 2


def measure(binary):
    """Yields the rows."""
    with tempfile.TemporaryDirectory(prefix="vibesync-bench-", dir=binary.parent) as folder:
        daemon = Daemon(binary, folder)
        (daemon.project / ".vibesync").mkdir()
        (daemon.project / ".vibesync" / "vibesync.toml").write_text(AGENTS_WORK, "utf-8")
        with contextlib.ExitStack() as ending:
            ending.callback(daemon.stop)
            daemon.start()
            blender = Editor("blender-driver", daemon, "blender", "tests/bench/in_blender.py")
            ending.callback(blender.stop)
            blender.wait_until_connected()
            agent = ending.enter_context(contextlib.closing(McpClient(daemon, "bench")))
            allow(blender, agent)
            yield from calls(blender, agent)


def allow(blender, agent):
    """Enables the add-on, and allows its use as a person does in Blender's panel."""
    blender.do("enable_addon", name=ADDON, folder="tests/bench/addons")
    wait_for("the add-on is listed", lambda: agent.call("list_capabilities").get("rows"), LONGEST)
    waiting = agent.call("call_capability", **CALL, wait_ms=1000)
    (asked,) = wait_for("the panel shows the question", lambda: blender.do("questions")["open"], LONGEST)
    always = next(button for button in asked["buttons"] if button["label"] == "Always")
    blender.do("decide", **{key: always[key] for key in ("approval_id", "allow", "remember")})
    wait_for("the first call ends", lambda: has_ended(agent.call("call_capability", **CALL)), LONGEST)
    if waiting["state"] != "waits_for_person":
        raise RuntimeError(f"nobody was asked: {waiting}")


def has_ended(answer):
    """Whether the call has been made."""
    return answer.get("state") == "done"


def calls(blender, agent):
    """The time from a call to its answer, beside the time from one poll of the addon to the next."""
    blender.do("ticks")
    time.sleep(IDLE_SECONDS)
    tick = percentile(blender.do("ticks")["apart"], 50)
    took = []
    for n in range(CALLS):
        # At another moment between two ticks each time.
        time.sleep(LEAST_PAUSE + n * GOLDEN_RATIO % 1 * tick / 1e3)
        begin = time.perf_counter()
        answer = agent.call("call_capability", **CALL)
        took.append((time.perf_counter() - begin) * 1e3)
        if not has_ended(answer):
            raise RuntimeError(f"a call was not made: {answer}")
    yield row("agents", "tick_of_blender", tick, "ms")
    yield row("agents", "empty_capability_p50", percentile(took, 50), "ms", "<= 2", limit=tick)
    yield row("agents", "empty_capability_p99", percentile(took, 99), "ms")
