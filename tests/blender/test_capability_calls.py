# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of add-ons' tools in a real Blender: one intent and one undo step, and nothing left of a call that failed."""

import bpy
import pytest
from capability_addons import parameter, scene_state, tool

MAKE_TWO_MOVE_ONE = """
for name in ('New 1', 'New 2'):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    bpy.context.collection.objects.link(bpy.data.objects.new(name, mesh))
bpy.data.objects['A'].location.x = 5
"""


def calls(harness):
    """The intents that calls made."""
    return [frame.header for frame in harness.daemon.of_type("intent") if "request_id" in frame.header]


def test_call_is_one_intent_and_one_undo_step(harness, addons):
    harness.add()
    before = scene_state()
    name = addons.handler(MAKE_TWO_MOVE_ONE + "print('made')\nreturn {'status': 'success', 'message': 'ok', 'data': 2}")
    answer = addons.call(name)
    assert (answer["code"], answer["result"]["data"], answer["output"]) == (None, 2, "made\n")
    [intent] = calls(harness)
    assert intent["request_id"] == answer["request_id"]
    assert intent["operation_id"] == answer["operation_id"]
    assert intent["label"] == f"claude: {name}.run"
    assert sorted(change["op"] for change in intent["changes"]) == ["create"] * 4 + ["update"]
    made = scene_state()
    bpy.ops.ed.undo()
    assert scene_state() == before
    bpy.ops.ed.redo()
    assert scene_state() == made
    harness.settle()


CHANGE = """
bpy.data.objects['A'].location.x = 5
bpy.data.objects.remove(bpy.data.objects['B'])
bpy.context.collection.objects.link(bpy.data.objects.new('New', None))
"""

FAILURES = {
    "exception": ("raise ValueError('no ' + 'stone')", "VS-9106", "EXECUTION_FAILED", "ValueError: no stone"),
    "exit": ("raise SystemExit(3)", "VS-9106", "EXECUTION_FAILED", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "VS-9106", "EXECUTION_FAILED", "KeyboardInterrupt"),
    "memory": ("raise MemoryError", "VS-9106", "EXECUTION_FAILED", "MemoryError"),
    "recursion": ("def f(): f()\nf()", "VS-9106", "EXECUTION_FAILED", "RecursionError"),
    "unreadable": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E",
        "VS-9106",
        "EXECUTION_FAILED",
        "E: (its text cannot be read: SystemExit)",
    ),
    "own error": ("return {'status': 'error', 'message': 'm', 'error_code': 'NO_STONE'}", "VS-9106", "NO_STONE", "m"),
    "loop": ("while True: pass", "VS-9107", "EXECUTION_FAILED", "not finished after 0.3 s"),
    "stubborn loop": (
        "while True:\n    try:\n        while True: pass\n    except Exception: pass",
        "VS-9107",
        "EXECUTION_FAILED",
        "not finished",
    ),
    "object": ("return {'status': 'success', 'data': object()}", "VS-9108", "UNSERIALIZABLE_RESULT", "TypeError"),
    "nan": ("return {'status': 'success', 'data': float('nan')}", "VS-9108", "UNSERIALIZABLE_RESULT", "ValueError"),
    "circle": ("x = []\nx.append(x)\nreturn x", "VS-9108", "UNSERIALIZABLE_RESULT", "ValueError"),
    "large": ("return 'x' * 300_000", "VS-9108", "UNSERIALIZABLE_RESULT", "256 KiB"),
    "no status": ("return {'state': 'done'}", "VS-9108", "UNSERIALIZABLE_RESULT", "status"),
    "endless result": (
        "class D(dict):\n    def items(self):\n        while True: pass\nreturn D(a=1)",
        "VS-9107",
        "EXECUTION_FAILED",
        "not finished",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failed_call_leaves_nothing(harness, addons, case):
    body, code, error_code, message = FAILURES[case]
    harness.add("A")
    harness.add("B")
    before, intents = scene_state(), harness.intents()
    name = addons.handler(CHANGE + body)
    answer = addons.call(name, deadline_ms=300 if code == "VS-9107" else 5_000)
    result = answer["result"]
    assert (answer["code"], result["status"], result["error_code"]) == (code, "error", error_code)
    assert message in result["message"]
    assert answer["taken_back"] is True and answer["operation_id"] is None
    assert scene_state() == before
    assert harness.intents() == intents
    assert_works(harness, addons)


def assert_works(harness, addons):
    """The next call and a person's edit work as ever."""
    answer = addons.call(addons.handler("bpy.data.objects['A'].location.y += 2\nreturn 'fine'"))
    assert (answer["code"], answer["result"]["data"]) == (None, "fine")
    assert len(addons.intents_of(answer["request_id"])) == 1
    start = harness.intents()
    bpy.data.objects["A"].location.z = 7
    harness.edited()
    harness.settle()
    assert [change["op"] for change in harness.changes(start)] == ["update"]
    assert "request_id" not in harness.daemon.of_type("intent")[-1].header


def test_sleep_ends_at_the_deadline_where_there_is_a_timer_signal(harness, addons):
    harness.add()
    answer = addons.call(addons.handler("import time\ntime.sleep(20)"), deadline_ms=200)
    assert answer["code"] == "VS-9107"
    assert answer["elapsed_ms"] < 15_000
    assert_works(harness, addons)


def test_traceback_names_the_frames_of_the_addon(harness, addons):
    name = addons.handler("def deep(n):\n    return 1 / n if n == 0 else deep(n - 1)\ndeep(50)")
    trace = addons.call(name)["result"]["data"]["traceback"]
    assert len(trace) == 20
    assert all(name in line and line.endswith("in deep") for line in trace)


def test_handler_that_is_missing_is_told(harness, addons):
    name = addons.add("AI_COMMAND_HANDLERS = {'odd': 3}", [tool("run"), tool("odd")])
    for command in ("run", "odd"):
        answer = addons.call(name, command)
        assert (answer["code"], answer["result"]["error_code"]) == ("VS-9109", "COMMAND_NOT_FOUND")
    listed = addons.add("AI_COMMAND_HANDLERS = [1]", [tool("run")])
    answer = addons.call(listed)
    assert (answer["code"], answer["result"]["error_code"]) == ("VS-9109", "NO_HANDLERS")
    assert addons.call(name, "other")["code"] == "VS-9102"


def test_arguments_are_checked_again(harness, addons):
    harness.add()
    parameters = [parameter("size", min=1, max=2), parameter("target", "object_name")]
    name = addons.handler("return {'status': 'success', 'data': kwargs}", parameters=parameters)
    answer = addons.call(name, "run", {"size": 3})
    assert (answer["code"], answer["result"]["error_code"]) == ("VS-9103", "INVALID_PARAMETERS")
    assert addons.call(name, "run", {"unknown": 1})["code"] == "VS-9103"
    assert addons.call(name, "run", {"target": "A"})["code"] == "VS-9103"
    answer = addons.call(name, "run", {"target": "old name"}, resolved={"target": bpy.data.objects["A"]["uuid"]})
    assert answer["result"]["data"] == {"target": "A"}


def test_person_goes_first(harness, addons):
    item = harness.add()
    name = addons.handler("bpy.data.objects['A'].location.x = 5\nreturn 1")
    start = harness.intents()
    item.location.z = 3
    harness.edited()
    answer = addons.call(name)
    intents = [frame.header for frame in harness.daemon.of_type("intent")[start:]]
    assert ["request_id" in intent for intent in intents] == [False, True]
    assert answer["operation_id"] == intents[1]["operation_id"]


def test_call_waits_for_edit_mode_until_its_deadline(harness, addons):
    name = addons.handler("return 1")
    item = harness.add("A", "cube")
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    request_id = addons.send(name, deadline_ms=200)
    answer = harness.wait(lambda: addons.answers(request_id))[0]
    assert (answer["code"], answer["result"]["error_code"]) == ("VS-9206", "ROUTING_FAILED")
    states = [frame.header["state"] for frame in harness.daemon.of_type("command_progress")]
    assert states and set(states) == {"waiting"}
    bpy.ops.object.mode_set(mode="OBJECT")
    assert addons.call(name)["code"] is None


def test_refused_changes_are_taken_back(harness, addons):
    harness.add("A")
    harness.add("B")
    before = scene_state()
    name = addons.handler(CHANGE + "return 1")
    harness.daemon.refuse_calls = {"code": "VS-9205", "message": "kept for people", "place": "changes[0]"}
    answer = addons.call(name, keep=False)
    assert (answer["code"], answer["taken_back"]) == ("VS-9205", True)
    assert scene_state() == before
    assert len(calls(harness)) == 1
    harness.daemon.refuse_calls = None
    assert_works(harness, addons)


def test_end_without_keep_takes_back(harness, addons):
    harness.add("A")
    harness.add("B")
    before = scene_state()
    answer = addons.call(addons.handler(CHANGE + "return 1"), keep=False)
    assert answer["code"] is None
    assert scene_state() == before
    assert_works(harness, addons)


def test_end_without_keep_spares_later_work_of_a_person(harness, addons):
    harness.add("A")
    name = addons.handler("bpy.data.objects['A'].location.x = 5\nreturn 1")
    request_id = addons.send(name)
    harness.wait(lambda: addons.answers(request_id))
    bpy.data.objects["A"].location.z = 3
    harness.edited()
    harness.daemon.send({"type": "command_end", "request_id": request_id, "keep": False})
    harness.settle()
    assert bpy.data.objects["A"].location.z == 3


def test_handler_that_makes_undo_steps_is_taken_back_whole(harness, addons):
    harness.add("A")
    harness.add("B")
    before = scene_state()
    body = "bpy.ops.ed.undo_push(message='mine')\nbpy.ops.mesh.primitive_cube_add()\n"
    body += "bpy.ops.ed.undo_push(message='mine too')\nbpy.ops.object.mode_set(mode='EDIT')\nraise ValueError"
    assert addons.call(addons.handler(CHANGE + body))["taken_back"] is True
    assert scene_state() == before
    assert_works(harness, addons)


def test_read_only_tool_may_not_change_the_scene(harness, addons):
    harness.add()
    before = scene_state()
    answer = addons.call(addons.handler("bpy.data.objects['A'].location.x = 5", read_only=True))
    assert (answer["code"], answer["taken_back"]) == ("VS-9110", True)
    assert scene_state() == before
    assert calls(harness) == []


def test_only_reading_tools_run_without_undo(harness, addons):
    harness.add()
    edit = bpy.context.preferences.edit
    edit.use_global_undo = False
    try:
        assert addons.call(addons.handler("return 1"))["code"] == "VS-9206"
        assert addons.call(addons.handler("return 1", read_only=True))["code"] is None
    finally:
        edit.use_global_undo = True


def test_handler_cannot_call_again_from_inside(harness, addons):
    harness.add()
    body = "import vibesync\nfor _ in range(20): vibesync.pump()\n"
    name = addons.handler(body + "bpy.data.objects['A'].location.x += 1\nreturn 1")
    first, second = addons.send(name), addons.send(name)
    answers = harness.wait(lambda: (addons.answers(first) + addons.answers(second))[1:])
    assert answers
    assert sorted(str(addons.answers(each)[0]["code"]) for each in (first, second)) == ["None", "VS-9206"]
    assert bpy.data.objects["A"].location.x == 1
    assert_works(harness, addons)


DEFERRED = """
class Later:
    def __init__(self): self.left = 3
    def check_is_finished(self):
        self.left -= 1
        if self.left: return None
        {end}
{start}
return Later()
"""


def test_deferred_call_changes_the_scene_in_its_last_step(harness, addons):
    harness.add()
    end = "bpy.data.objects['A'].location.x = 5; return {'status': 'success', 'data': 3}"
    answer = addons.call(addons.handler(DEFERRED.format(start="", end=end)))
    assert (answer["code"], answer["result"]["data"]) == (None, 3)
    assert len(addons.intents_of(answer["request_id"])) == 1
    states = [frame.header["state"] for frame in harness.daemon.of_type("command_progress")]
    assert states[0] == "running" and "deferred" in states
    bpy.ops.ed.undo()
    assert bpy.data.objects["A"].location.x == 0
    harness.settle()


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("bpy.data.objects['A'].location.x = 5", "return True", "VS-9110"),
        ("", "bpy.data.objects['A'].location.x = 5; raise ValueError", "VS-9106"),
        ("", "\n        while True: pass", "VS-9107"),
    ],
)
def test_deferred_call_that_fails_leaves_nothing(harness, addons, start, end, code):
    harness.add()
    before = scene_state()
    answer = addons.call(addons.handler(DEFERRED.format(start=start, end=end)), deadline_ms=500)
    assert answer["code"] == code
    assert scene_state() == before
    assert_works(harness, addons)


def test_deferred_call_can_be_canceled(harness, addons):
    name = addons.handler("class L:\n    def check_is_finished(self): return None\nreturn L()")
    request_id = addons.send(name)
    states = harness.daemon.of_type
    harness.wait(lambda: [each for each in states("command_progress") if each.header["state"] == "deferred"])
    harness.daemon.send({"type": "command_cancel", "request_id": request_id})
    assert harness.wait(lambda: addons.answers(request_id))[0]["result"]["message"] == "canceled"


def test_lost_connection_ends_a_deferred_call(harness, addons):
    name = addons.handler("class L:\n    def check_is_finished(self): return None\nreturn L()")
    addons.send(name)
    states = harness.daemon.of_type
    harness.wait(lambda: [each for each in states("command_progress") if each.header["state"] == "deferred"])
    harness.daemon.drop()
    harness.wait(lambda: harness.daemon.connections == 2 and harness.bridge.session.is_live)
    harness.wait(lambda: harness.bridge.calls.runner.is_idle)


def test_what_is_not_synchronized_is_told(harness, addons):
    answer = addons.call(addons.handler("bpy.data.materials.new('M')\nreturn 1"))
    assert answer["not_synced"] == ["1 new materials stay in Blender."]
    assert answer["operation_id"] is None
    bpy.ops.ed.undo()
    assert len(bpy.data.materials) == 0
    harness.settle()


def test_handler_that_opens_a_file_ends_its_call(harness, addons):
    harness.add()
    addons.send(addons.handler("bpy.ops.wm.read_homefile(use_empty=True)\nreturn 1"))
    harness.wait(lambda: "A" not in bpy.data.objects)
    harness.bridge.settings.project_folder = str(harness.folder)
    harness.wait(lambda: harness.bridge.session.is_live, 20.0)
    assert harness.bridge.calls.runner.is_idle
    assert calls(harness) == []
