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
