# SPDX-License-Identifier: GPL-3.0-or-later
"""The example add-ons: each tool is called in a real Blender by the scripted daemon."""

import json
import sys
from pathlib import Path

import bpy
import pytest
from capability_addons import scene_state

EXAMPLES = Path(__file__).parents[2] / "addons" / "examples"
CALLS = {
    "random_mesh_generator": [
        ("add_random_cube", {"count": 3, "seed": 1}, 6),
        ("add_random_sphere", {"seed": 1, "segments": 8}, 2),
        ("add_random_cylinder", {"seed": 1}, 2),
        ("add_surprise_mesh", {"seed": 2}, 2),
    ],
    "mesh_optimizer": [
        ("inspect_mesh", {"target": "A"}, 0),
        ("weld_vertices", {"target": "A", "distance": 0.5}, 0),
        ("reduce_faces", {"target": "A", "ratio": 0.5}, 1),
    ],
    "animator": [
        ("move_to", {"target": "A", "location": [1, 2, 3]}, 2),
        ("turntable", {"target": "A", "axis": "x"}, 2),
        ("clear_animation", {"target": "A"}, 1),
    ],
    "renderer": [("frame_objects", {"target": "A"}, 4)],
    "template": [("raise_object", {"target": "A"}, 1)],
}


@pytest.fixture
def examples(harness, addons, monkeypatch):
    """Enables examples from their own folder."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    enabled = []

    def enable(name):
        enabled.append(name)
        addons.enable(name)
        harness.wait(lambda: addons.listed().get(name))
        assert addons.listed()[name]["problem"] is None

    yield enable
    for name in enabled:
        addons.disable(name)
        del sys.modules[name]


def add_doubled_cube(harness):
    """A cube with a vertex that lies on another one."""
    item = harness.add("A", "cube")
    item.data.vertices.add(1)
    item.data.vertices[8].co = item.data.vertices[0].co
    harness.edited()
    harness.settle()
    return item


@pytest.mark.parametrize("name", sorted(CALLS))
def test_each_tool_of_an_example_works(harness, addons, examples, name):
    item = add_doubled_cube(harness)
    examples(name)
    declared = {each["name"] for each in json.loads(addons.listed()[name]["manifest"])["ai_integration"]["tools"]}
    assert set(addons.listed()[name]["declared"]) == declared
    for command, params, changes in CALLS[name]:
        before = scene_state()
        resolved = {"target": item["uuid"]} if "target" in params else {}
        answer = addons.call(name, command, params, resolved=resolved)
        assert (answer["code"], answer["result"]["status"]) == (None, "success"), answer
        intents = addons.intents_of(answer["request_id"])
        assert sum(len(intent["changes"]) for intent in intents) == changes, command
        if intents:
            after = scene_state()
            bpy.ops.ed.undo()
            assert scene_state() == before
            bpy.ops.ed.redo()
            assert scene_state() == after
            harness.settle()
            item = bpy.data.objects["A"]
    assert set(declared) >= {command for command, _, _ in CALLS[name]}


def test_optimizer_reports_what_it_did(harness, addons, examples):
    item = add_doubled_cube(harness)
    examples("mesh_optimizer")
    call = {"params": {"target": "A"}, "resolved": {"target": item["uuid"]}}
    data = addons.call("mesh_optimizer", "inspect_mesh", **call)["result"]["data"]
    assert (data["faces"], data["loose_vertices"], data["open_edges"]) == (6, 1, 0)
    data = addons.call("mesh_optimizer", "weld_vertices", **call)["result"]["data"]
    assert (data["before"]["vertices"], data["after"]["vertices"]) == (9, 8)


def render_settings():
    scene = bpy.context.scene
    return scene.render.filepath, scene.render.resolution_x, scene.cycles.samples


def test_renderer_writes_a_picture_into_the_project(harness, addons, examples):
    item = harness.add("A", "cube")
    bpy.context.scene.render.engine = "CYCLES"  # the other one needs a graphics card
    before = render_settings()
    examples("renderer")
    assert addons.call("renderer", "render_image", {"path": "a.png"})["result"]["error_code"] == "NO_CAMERA"
    addons.call("renderer", "frame_objects", {"target": "A"}, resolved={"target": item["uuid"]})
    params = {"path": "renders/a.png", "width": 16, "height": 16, "samples": 1}
    answer = addons.call("renderer", "render_image", params, deadline_ms=60_000)
    assert answer["code"] is None, answer
    assert (harness.folder / "renders" / "a.png").read_bytes().startswith(b"\x89PNG")
    assert render_settings() == before
