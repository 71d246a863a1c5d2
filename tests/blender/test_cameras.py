# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that cameras are sent, written, read back and restored, and show what their component says."""

import math
import uuid

import bpy
import pytest
from conftest import new_object, update
from vibesync.blender import camera_values, scenes
from vibesync.core import cameras
from vibesync.core.components import same_component


def add_camera(harness, name="Eye", **values):
    """Adds an object with a camera, like a user."""
    camera = bpy.data.cameras.new(name)
    for field, value in values.items():
        setattr(camera, field, value)
    item = bpy.data.objects.new(name, camera)
    scenes.synced_scene().collection.objects.link(item)
    harness.edited("Add")
    harness.settle()
    return item


def component(**values):
    return {**cameras.DEFAULTS, **values}


def new_camera(name="Remote camera", **values):
    """Returns a create change for a camera."""
    made = {"name": name, "camera": component(**values)}
    return {"op": "create", "uuid": str(uuid.uuid4()), "kind": "camera", "components": made}


def camera_of(changes):
    """Returns the component of the only change."""
    (change,) = changes
    assert list(change["components"]) == ["camera"], change
    return change["components"]["camera"]


def edit(harness, owner, **values):
    """Edits a camera or its depth of field; returns the component that is sent."""
    before = harness.intents()
    for field, value in values.items():
        setattr(owner, field, value)
    harness.edited("Edit")
    harness.settle()
    return camera_of(harness.changes(before))


def apply_camera(harness, change, *others):
    """Applies a change of a camera, expects the read-back to be equal and nothing to be sent; returns the camera."""
    before = harness.intents()
    results, _ = harness.apply(change, *others)
    assert [result["error"] for result in results] == [None] * len(results)
    state = results[0]["state"]
    assert same_component("camera", state["components"]["camera"], change["components"]["camera"]), state
    harness.settle()
    assert harness.intents() == before, harness.changes(before)
    return harness.find(change["uuid"])


def test_new_camera_is_sent_before_its_object(harness):
    harness.connect()
    scenes.synced_scene().render.resolution_x = 3840
    item = add_camera(harness, lens=35.0)
    first, second = harness.changes()
    assert (first["op"], first["kind"], first["uuid"]) == ("create", "camera", item.data["uuid"])
    sent = first["components"]["camera"]
    assert sent["focal"] == 35.0 and sent["aspect"] == pytest.approx(3840 / 1080)
    assert (second["kind"], second["components"]["data"]) == ("object", {"uuid": item.data["uuid"]})
    assert not harness.bridge.notices.all


EDITS = [
    ("type", "ORTHO", "projection", "orthographic"),
    ("sensor_fit", "VERTICAL", "fit", "vertical"),
    ("sensor_width", 20.0, "sensor", [20.0, 24.0]),
    ("lens", 35.0, "focal", 35.0),
    ("angle", math.radians(60), "focal", 18 / math.tan(math.radians(30))),
    ("ortho_scale", 7.5, "size", 7.5),
    ("shift_x", 0.25, "shift", [0.25, 0.0]),
    ("clip_start", 0.5, "near", 0.5),
    ("clip_end", 50.0, "far", 50.0),
    ("use_dof", True, "focus", 10.0),
    ("aperture_fstop", 5.5, "fstop", 5.5),
]


@pytest.mark.parametrize("case", EDITS, ids=lambda case: case[0])
def test_edit_of_a_camera_is_one_update(harness, case):
    name, value, field, expected = case
    harness.connect()
    item = add_camera(harness)
    known = harness.changes()[0]["components"]["camera"]
    sent = edit(harness, item.data.dof if hasattr(item.data.dof, name) else item.data, **{name: value})
    assert sent[field] == (expected if isinstance(expected, str) else pytest.approx(expected, rel=1e-6))
    assert {each for each in sent if sent[each] != known[each]} == {field}


CAMERAS = {
    "physical": {"fit": "horizontal", "sensor": [23.5, 15.6], "focal": 85.0, "shift": [0.1, -0.2]},
    "not physical": {"fit": "vertical", "focal": 20.784610, "physical": False},
    "orthographic": {"projection": "orthographic", "size": 3.375, "near": 0.3, "far": 55.5},
    "filled": {"fit": "fill", "sensor": [70.0, 51.0], "aspect": 0.5},
    "focused": {"focus": 2.5, "fstop": 1.4},
}


@pytest.mark.parametrize("name", CAMERAS)
def test_camera_of_the_daemon_is_read_back(harness, name):
    harness.connect()
    change = new_camera(**CAMERAS[name])
    item = new_object("Eye", data={"uuid": change["uuid"]})
    camera = apply_camera(harness, change, item)
    assert harness.find(item["uuid"]).data == camera and camera.name == "Remote camera"
    assert camera.lens_unit == ("FOV" if name == "not physical" else "MILLIMETERS")
    apply_camera(harness, update(change["uuid"], camera=component()))
    apply_camera(harness, update(change["uuid"], camera=component(**CAMERAS[name])))


def test_edit_keeps_what_blender_does_not_show(harness):
    harness.connect()
    change = new_camera(**CAMERAS["filled"])
    item = new_object("Eye", data={"uuid": change["uuid"]})
    camera = apply_camera(harness, change, item)
    sent = edit(harness, camera, lens=20.0)
    assert sent == {**change["components"]["camera"], "focal": 20.0, "aspect": pytest.approx(1920 / 1080)}


def test_undo_and_reload_of_a_camera_are_followed(harness):
    harness.connect()
    harness.edited("start")
    item = add_camera(harness, lens=35.0)
    apply_camera(harness, update(item.data["uuid"], camera=component(**CAMERAS["filled"])))
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    assert camera_of(harness.changes(before))["focal"] == 35.0
    path = str(harness.folder / "cameras.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    before = harness.intents()
    harness.connect()
    assert harness.intents() == before
    assert edit(harness, bpy.data.objects["Eye"].data, lens=20.0)["focal"] == 20.0


def test_camera_is_unchanged_when_a_batch_fails(harness):
    harness.connect()
    item = add_camera(harness, lens=35.0)
    key = item.data["uuid"]
    saved = camera_values.save(item.data)
    wrong = harness.add("D", "cube").data["uuid"]
    before = harness.intents()
    results, _ = harness.apply(
        new_camera(),
        update(key, name="Other", camera=component(**CAMERAS["orthographic"], physical=False, focus=3.0)),
        {**new_object("X"), "uuid": wrong},
    )
    assert results[0]["error"]["code"] == "VS-3002"
    assert camera_values.save(harness.find(key)) == saved and harness.find(key).name == "Eye"
    assert len(bpy.data.cameras) == 1
    harness.settle()
    assert harness.intents() == before


def test_active_camera_stays_when_its_object_is_replaced(harness):
    harness.connect()
    item, scene = harness.add("Eye"), scenes.synced_scene()
    scene.camera = item
    harness.edited()
    harness.settle()
    change = new_camera()
    apply_camera(harness, change, update(item["uuid"], data={"uuid": change["uuid"]}))
    assert scene.camera.type == "CAMERA" and scene.camera.data == harness.find(change["uuid"])


def test_content_of_cameras_that_unity_lacks_is_told(harness):
    harness.connect()
    item = add_camera(harness)
    target = harness.add("Target")
    item.data.dof.use_dof = True
    item.data.dof.focus_object = target
    item.data.type = "PANO"
    harness.edited()
    harness.settle()
    assert {notice.kind for notice in harness.bridge.notices.all} == {"panoramas", "focus objects"}
    apply_camera(harness, update(item.data["uuid"], camera=component(far=50.0)))
    assert item.data.type == "PANO" and item.data.dof.use_dof and item.data.clip_end == 50.0


def tangents(camera, width, height):
    """Returns half the view at distance 1 (perspective) or half the size (orthographic), to the right and up."""
    x, y = width, height
    fit = camera["fit"] if camera["fit"] != "auto" else "horizontal" if x >= y else "vertical"
    sensor = camera["sensor"][1] if camera["fit"] == "vertical" else camera["sensor"][0]
    half = sensor / 2 / camera["focal"] if camera["projection"] == "perspective" else camera["size"] / 2
    return (half, half * y / x) if fit == "horizontal" else (half * x / y, half)


VIEWS = [
    ({}, (1920, 1080), 22.895193),
    ({}, (1080, 1920), 39.597753),
    ({"sensor_fit": "VERTICAL"}, (1920, 1080), 26.991467),
    ({"sensor_fit": "HORIZONTAL", "shift_x": 0.1, "shift_y": -0.2}, (1080, 1920), None),
    ({"shift_x": 0.1, "shift_y": -0.2}, (1920, 1080), 22.895193),
    ({"type": "ORTHO"}, (1920, 1080), None),
    ({"type": "ORTHO", "sensor_fit": "VERTICAL", "ortho_scale": 4.0}, (1080, 1920), None),
]


@pytest.mark.parametrize(("values", "size", "degrees"), VIEWS)
def test_component_says_what_the_camera_sees(harness, values, size, degrees):
    harness.connect()
    render = scenes.synced_scene().render
    render.resolution_x, render.resolution_y = size
    item = add_camera(harness, **values)
    sent = harness.changes()[0]["components"]["camera"]
    right, up = tangents(sent, *size)
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    matrix = item.evaluated_get(depsgraph).calc_matrix_camera(depsgraph, x=size[0], y=size[1])
    assert (1 / matrix[0][0], 1 / matrix[1][1]) == pytest.approx((right, up), rel=1e-5)
    if degrees:
        assert math.degrees(2 * math.atan(up)) == pytest.approx(degrees, rel=1e-6)
    if values == VIEWS[4][0]:
        assert (matrix[0][2], matrix[1][2]) == pytest.approx((0.2, -0.711111), abs=1e-6)
        assert sent["shift"] == pytest.approx([0.1, -0.2])
    if values == {"type": "ORTHO"}:
        assert up == pytest.approx(1.6875), "the size of the orthographic view in Unity"


def test_near_plane_behind_the_camera_stays(harness):
    harness.connect()
    change = new_camera(projection="orthographic", near=-5.0)
    item = new_object("Eye", data={"uuid": change["uuid"]})
    camera = apply_camera(harness, change, item)
    assert camera.clip_start == pytest.approx(1e-6)
    assert edit(harness, camera, ortho_scale=3.0)["near"] == -5.0
