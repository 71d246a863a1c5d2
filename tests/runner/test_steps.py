"""A test run ends by itself, and so does everything that it started."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import containment
import pytest
import steps

SLEEP = 600  # seconds; any of these that is waited for fails a test by its own limit
LIMIT = 2
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")

# Starts a grandchild in a session of its own, which holds the output open and ignores polite signals.
LEAVE_GRANDCHILD = f"""
import os, signal, subprocess, sys
code = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep({SLEEP})"
child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
with open(sys.argv[1], "w") as file:
    file.write(str(child.pid))
"""


@pytest.fixture
def pid_file(tmp_path):
    return tmp_path / "pid"


def leave_grandchild(pid_file, then):
    return [sys.executable, "-c", LEAVE_GRANDCHILD + then, pid_file]


def is_running(pid_file):
    return containment.state_of(int(pid_file.read_text())) not in ("Z", "X", None)


def run(*wanted):
    """Runs steps; returns exit code, output and seconds."""
    stream, begin = io.BytesIO(), time.monotonic()
    code = steps.run(list(wanted), stream)
    return code, stream.getvalue().decode(), time.monotonic() - begin


def test_step_that_never_ends_is_ended_at_its_limit(pid_file):
    endless = leave_grandchild(pid_file, f"\nimport time; print('begun', flush=True); time.sleep({SLEEP})")
    code, output, seconds = run(steps.Step("endless", endless, LIMIT))
    assert code == 1
    assert LIMIT <= seconds < SLEEP / 2
    assert not is_running(pid_file)
    assert "begun" in output and f"ended at its limit of {LIMIT} s" in output
    assert output.endswith("\n0 passed, 1 failed\n")


def test_step_that_ignores_interrupts_is_killed_at_its_limit(pid_file, monkeypatch):
    ignore = f"\nimport time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep({SLEEP})"
    code, _, seconds = run(steps.Step("deaf", leave_grandchild(pid_file, ignore), LIMIT))
    assert code == 1 and seconds < SLEEP / 2
    assert not is_running(pid_file)


@pytest.mark.parametrize(("code", "totals"), [(0, "1 passed, 0 failed"), (3, "0 passed, 1 failed")])
def test_grandchild_that_holds_the_output_ends_with_its_step(pid_file, code, totals):
    step = steps.Step("leaves one behind", leave_grandchild(pid_file, f"\nsys.exit({code})"), SLEEP)
    _, output, seconds = run(step)
    assert seconds < SLEEP / 2
    assert not is_running(pid_file)
    assert "was still running, and was killed" in output
    assert output.endswith(f"\n{totals}\n")


def test_descendants_end_when_the_test_run_is_killed(pid_file, tmp_path):
    endless = leave_grandchild(pid_file, f"\nimport time; time.sleep({SLEEP})")
    code = f"import steps, sys; steps.run([steps.Step('endless', sys.argv[1:], {SLEEP})])"
    command = [sys.executable, "-c", code, *map(str, endless)]
    environment = {**os.environ, "PYTHONPATH": str(Path(steps.__file__).parent), "PYTHONDONTWRITEBYTECODE": "1"}
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        wait_until(lambda: pid_file.exists() and pid_file.read_text() and is_running(pid_file))
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not is_running(pid_file))


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("failure", ["panic", "abort", "leak"])
def test_daemon_is_dead_after_its_rust_test_failed(pid_file, failure):
    command = ["cargo", "test", "--locked", "--quiet", "-p", "vibesync", "--test", "it"]
    command += ["--", "--exact", "child_process::fails_while_daemon_runs", "--nocapture"]
    environment = {"VIBESYNC_PANIC_TEST": failure, "VIBESYNC_PANIC_TEST_PID": str(pid_file)}
    code, output, _ = run(steps.Step("fails", command, 280, environment=environment))
    assert code == 1
    assert not is_running(pid_file)
    assert output.endswith("\n0 passed, 1 failed\n") and "limit" not in output


def test_steps_share_the_places_and_wait_for_others(tmp_path):
    def step(name, places, after=()):
        script = "import pathlib, sys, time; sys.stdout.write(sys.argv[1]); time.sleep(0.3)"
        return steps.Step(name, [sys.executable, "-c", script, f"said by {name}"], 60, places=places, after=list(after))

    one, other, whole = step("one", 1), step("other", 1), step("whole", steps.PLACES)
    free, last = step("free", 0), step("last", 1, after=["whole"])
    _, output, _ = run(one, other, last, whole, free)
    end = {each.name: each.started + each.seconds for each in (one, other, whole)}
    assert other.started < end["one"] and free.started < end["one"], "these run side by side"
    assert whole.started > end["other"] - 0.1, "this one runs alone"
    assert last.started > end["whole"] - 0.1, "this one waits for another"
    # The output of steps that run side by side is not mixed.
    blocks = [line for line in output.splitlines() if line.startswith(("==", "said"))]
    assert len(blocks) == 10
    for head, said in zip(blocks[::2], blocks[1::2], strict=True):
        name = head.removeprefix("== ")
        assert said.startswith(f"said by {name}== {name}: ok")


def test_failed_steps_are_shown_again_before_the_table():
    fails = steps.Step("fails", [sys.executable, "-c", "print('the reason'); exit(1)"], 60)
    missing = steps.Step("missing", ["/nowhere/at/all"], 60)
    code, output, _ = run(fails, missing)
    assert code == 1
    end = output[output.index("its last lines were") :]
    assert end.index("the reason") < end.index("seconds  result  step") < end.index("0 passed, 2 failed")
