# SPDX-License-Identifier: GPL-3.0-or-later
"""Deadlines, results, and the order of a call, without Blender."""

import signal
import sys
import time
import uuid

import pytest
from vibesync.capability import answers, command, deadline, output, run
from vibesync.capability.arguments import make_arguments
from vibesync.core.sync_error import SyncError

WAYS = [pytest.param(True, id="signal", marks=pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="none"))]
WAYS.append(pytest.param(False, id="trace"))


def foreign(code):
    """A function of an add-on: its module is not one of ours."""
    space = {"__name__": "some_addon", "time": time}
    exec(code, space)
    return space["run"]


LOOPS = {
    "one line": "def run():\n    while True: pass",
    "calls": "def f(): return 1\ndef run():\n    while True: f()",
    "caught": "def run():\n    while True:\n        try:\n            while True: pass\n        except Exception: pass",
    "comprehension": "def run():\n    return sum(1 for _ in iter(int, 1))",
    "finally": "def run():\n    try:\n        while True: pass\n    finally:\n        run.cleaned = True",
}


@pytest.mark.parametrize("use_signal", WAYS)
@pytest.mark.parametrize("name", LOOPS)
def test_busy_loop_ends_at_the_deadline(name, use_signal):
    with pytest.raises(deadline.DeadlinePassed):
        deadline.call_until(foreign(LOOPS[name]), {}, 0.05, use_signal)


@pytest.mark.parametrize("use_signal", WAYS)
def test_nothing_is_raised_after_a_call(use_signal):
    run = foreign("def run(n):\n    x = 0\n    for i in range(n): x += i\n    return x")
    ended = 0
    for number in range(150):
        try:
            assert deadline.call_until(run, {"n": 200 * number}, 0.001, use_signal) >= 0
        except deadline.DeadlinePassed:
            ended += 1
        sum(range(2_000))  # a late exception would come here
    assert sys.gettrace() is None
    if hasattr(signal, "setitimer"):
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0.0
        signal.raise_signal(signal.SIGALRM) if signal.getsignal(signal.SIGALRM) is deadline._on_alarm else None


@pytest.mark.parametrize("use_signal", WAYS)
def test_own_code_below_an_addon_is_not_interrupted(use_signal):
    """Blender calls our handlers from inside an add-on's operators; they must end what they began."""
    space = {"__name__": "vibesync.blender.handlers", "time": time}
    exec(
        "def ours():\n    end = time.monotonic() + 0.3\n    while time.monotonic() < end: pass\n    done.append(1)",
        space,
    )
    space["done"] = done = []
    theirs = {"__name__": "some_addon", "ours": space["ours"]}
    exec("def run():\n    while True: ours()", theirs)
    with pytest.raises(deadline.DeadlinePassed):
        deadline.call_until(theirs["run"], {}, 0.05, use_signal)
    assert done


def test_signal_of_somebody_else_is_left_alone():
    if not hasattr(signal, "setitimer"):
        pytest.skip("no timer signal")
    previous = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        assert not deadline.has_timer_signal()
    finally:
        signal.signal(signal.SIGALRM, previous)


def test_results_have_their_form():
    good = answers.read_result(answers.encode_result({"status": "warning", "message": "m", "more": 1}))
    assert good.result == {"status": "warning", "message": "m", "more": 1, "data": {}} and good.code is None
    assert answers.read_result("[1]").result == {"status": "success", "message": "", "data": [1]}
    for bad in ({"status": "fine"}, {"status": "error", "message": 3}, {"status": "error", "error_code": "no"}):
        with pytest.raises(answers.Unusable):
            answers.read_result(answers.encode_result(bad))
    for bad in (float("inf"), {1, 2}, "\ud800", {"a": object()}, ["x" * 1_000] * 300):
        with pytest.raises(answers.Unusable):
            answers.encode_result(bad)


def test_output_is_bounded():
    stream = output.Output()
    with stream.capture():
        print("é" * 100_000)
        print("more", file=sys.stderr)
    assert len(stream.text.encode()) <= output.MAX_OUTPUT
    assert stream.text.startswith("éé") and "more" not in stream.text


def header(**more):
    return {
        "request_id": str(uuid.uuid4()),
        "addon_id": "a",
        "command": "t",
        "params": {},
        "deadline_ms": 1000,
        "manifest_sha256": "0",
        "code_sha256": "0",
        **more,
    }


def test_command_of_another_form_is_refused_with_its_field():
    assert command.read_command(header()).label == "a.t"
    bad = {"request_id": "x", "addon_id": 1, "params": [], "deadline_ms": True, "folders": [1], "label": 3}
    for key, value in bad.items():
        with pytest.raises(SyncError) as caught:
            command.read_command(header(**{key: value}))
        assert (caught.value.code, caught.value.location) == ("VS-1006", key)


def arguments(kind, value, folder, **more):
    tool = command.Tool([{"name": "p", "type": kind, "description": "d"}], False)
    call = command.read_command(header(params={"p": value}, **more))
    known = {"u": "Present"}.get
    return make_arguments(call, tool, known, lambda kind, name: name == "M", str(folder), "")["p"]


def test_names_are_looked_up_at_the_call(tmp_path):
    assert arguments("object_name", "Old", tmp_path, resolved={"p": "u"}) == "Present"
    assert arguments("material_name", "M", tmp_path) == "M"
    for kind, more in (("object_name", {}), ("material_name", {}), ("collection_name", {})):
        with pytest.raises(SyncError) as caught:
            arguments(kind, "N", tmp_path, **more)
        assert caught.value.code == "VS-9103"


def test_paths_stay_in_their_folder_whatever_links_say(tmp_path):
    project, outside = tmp_path / "project", tmp_path / "outside"
    for each in (project, outside, project / ".git", project / "in"):
        each.mkdir()
    (project / "out").symlink_to(outside, target_is_directory=True)
    (project / "private").symlink_to(project / ".git", target_is_directory=True)
    (project / "same").symlink_to(project / "in", target_is_directory=True)
    assert arguments("file_path", "same/a.png", project) == str((project / "in" / "a.png").resolve())
    assert arguments("file_path", f"{outside}/a", project, folders=[str(outside)]) == str(outside.resolve() / "a")
    for path in ("out/a.png", "private/config", "//beside.png", f"{outside}/a"):
        with pytest.raises(SyncError) as caught:
            arguments("file_path", path, project)
        assert caught.value.code == "VS-9103"


class FakeStage:
    """A scene that no tool changes. It has an obstacle as long as a test says so."""

    def __init__(self):
        self.reason = None

    def obstacle(self, now):
        return self.reason

    def run(self, label, work):
        return work()

    def capture(self):
        return False

    def not_synced(self):
        return []

    def commit(self, label, request_id):
        return None


def test_call_is_due_from_its_announcement_until_it_runs():
    stage, sent = FakeStage(), []
    runner = run.Runner(stage, sent.append, lambda: 1)
    tool = command.Tool([], True)
    stage.reason = "the person draws"
    runner.add(command.read_command(header()), tool, lambda: (lambda: {"status": "success"}, {}), 0.0)
    runner.work(0.0)
    assert not runner.is_due, "waiting would cost a quick tick each time"
    stage.reason = None
    runner.work(0.02)
    assert runner.is_due and sent[-1]["state"] == "running"
    runner.work(0.024)
    assert not runner.is_due and sent[-1]["result"]["status"] == "success"
