# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the component `camera`: how Blender's cameras show it, and what stays as it was."""

import math

import pytest
from test_lights import single
from vibesync.core import cameras
from vibesync.core.components import same_component
from vibesync.core.sync_error import SyncError


def blender(**values):
    """Returns the native values of a new camera."""
    native = {
        "type": "PERSP",
        "sensor_fit": "AUTO",
        "sensor_width": 36.0,
        "sensor_height": 24.0,
        "lens": 50.0,
        "ortho_scale": 6.0,
        "shift_x": 0.0,
        "shift_y": 0.0,
        "clip_start": 0.1,
        "clip_end": 1000.0,
        "use_dof": False,
        "focus_distance": 10.0,
        "aperture_fstop": 2.8,
        "has_focus_object": False,
        "aspect": 1920 / 1080,
        **values,
    }
    return {name: single(value) for name, value in native.items()}


def read(native, last=None, unit=1.0):
    return cameras.from_native(native, last, unit)


def written(native, component, unit=1.0):
    """Returns the native values after a write."""
    wanted = cameras.to_native(component, native, unit)
    assert wanted.keys() <= native.keys()
    return {**native, **{name: single(value) for name, value in wanted.items()}}


def component(**values):
    return {**cameras.DEFAULTS, **values}


def test_new_camera_has_the_defaults():
    camera = read(blender())
    cameras.check(camera, "camera")
    assert same_component("camera", camera, component())
    assert written(blender(), camera) == blender()


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("type", "ORTHO", "projection", "orthographic"),
        ("sensor_fit", "VERTICAL", "fit", "vertical"),
        ("sensor_height", 20.0, "sensor", [36.0, 20.0]),
        ("lens", 35.0, "focal", 35.0),
        ("ortho_scale", 7.5, "size", 7.5),
        ("shift_y", -0.25, "shift", [0.0, -0.25]),
        ("clip_start", 0.5, "near", 0.5),
        ("clip_end", 50.0, "far", 50.0),
        ("use_dof", True, "focus", 10.0),
        ("aperture_fstop", 5.5, "fstop", 5.5),
    ],
)
def test_edit_changes_its_field_alone(name, value, field, expected):
    last = component(near=0.3, far=77.7, aspect=1.0)
    native = {**written(blender(), last), name: value}
    after = read(native, last)
    assert after == {**last, field: expected, "aspect": pytest.approx(1920 / 1080)}
    assert read(native, after) == after
    assert read(native)[field] == expected, "without a former value too"


def test_unit_of_the_scene_scales_lengths_but_not_the_lens():
    native = blender(use_dof=True)
    camera = read(native, unit=0.01)
    assert (camera["size"], camera["near"], camera["far"], camera["focus"]) == pytest.approx((0.06, 0.001, 10.0, 0.1))
    assert (camera["focal"], camera["sensor"]) == (50.0, [36.0, 24.0])
    assert written(native, camera, unit=0.01) == pytest.approx(native)


def test_camera_of_unity_that_is_not_physical_is_vertical():
    unity = component(fit="vertical", sensor=[36.0, 24.0], focal=12 / math.tan(math.radians(30)), physical=False)
    native = written(blender(), unity)
    assert native["sensor_fit"] == "VERTICAL" and native["lens"] == pytest.approx(20.784610)
    assert read(native, unity) == unity
    assert not read({**native, "lens": 30.0}, unity)["physical"]
    assert read({**native, "sensor_fit": "AUTO"}, unity)["physical"], "only a physical camera shows this"
    assert read({**native, "shift_x": 0.5}, unity)["physical"]


@pytest.mark.parametrize(
    ("fit", "sensor", "aspect", "expected"),
    [
        ("fill", [40.0, 20.0], 1.5, "VERTICAL"),
        ("fill", [40.0, 20.0], 2.5, "HORIZONTAL"),
        ("overscan", [40.0, 20.0], 1.5, "HORIZONTAL"),
        ("overscan", [40.0, 20.0], 2.5, "VERTICAL"),
        ("none", [40.0, 20.0], 2.5, "VERTICAL"),
    ],
)
def test_fits_of_unity_are_shown_nearly_and_kept(fit, sensor, aspect, expected):
    camera = component(fit=fit, sensor=sensor, aspect=aspect)
    native = written(blender(), camera)
    assert native["sensor_fit"] == expected
    assert read(native, camera) == camera
    assert read({**native, "lens": 20.0}, camera)["fit"] == fit


def test_panorama_reads_as_perspective_and_stays():
    native = blender(type="PANO")
    camera = read(native)
    assert camera["projection"] == "perspective"
    assert written(native, {**camera, "far": 5.0})["type"] == "PANO"
    assert written(native, {**camera, "projection": "orthographic"})["type"] == "ORTHO"


def test_focus_on_an_object_is_no_distance_and_stays():
    native = blender(use_dof=True, has_focus_object=True)
    camera = read(native)
    assert camera["focus"] == 0.0
    assert written(native, {**camera, "far": 5.0})["use_dof"]


def test_focus_turns_depth_of_field_on_and_off():
    near = component(focus=3.0)
    native = written(blender(), near)
    assert (native["use_dof"], native["focus_distance"]) == (True, 3.0)
    native = written(native, component())
    assert (native["use_dof"], native["focus_distance"]) == (False, 3.0), "the number is the person's"


def test_aspect_is_not_compared_and_follows_an_edit():
    last = component(aspect=1.0)
    native = written(blender(), last)
    assert read(native, last) == last
    assert read({**native, "lens": 35.0}, last)["aspect"] == pytest.approx(1920 / 1080)
    assert same_component("camera", component(aspect=1.0), component(aspect=2.0))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("projection", "orthographic"),
        ("fit", "fill"),
        ("physical", False),
        ("sensor", [36.0, 25.0]),
        ("focal", 51.0),
        ("size", 5.0),
        ("shift", [0.0, 0.1]),
        ("near", 0.2),
        ("far", 100.0),
        ("focus", 1.0),
        ("fstop", 4.0),
    ],
)
def test_every_other_field_is_compared(field, value):
    assert not same_component("camera", component(), component(**{field: value}))
    nearly = value + 1e-6 if isinstance(value, float) else value
    assert same_component("camera", component(**{field: nearly}), component(**{field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("projection", "panorama"),
        ("fit", None),
        ("sensor", [36.0]),
        ("sensor", [36.0, -1.0]),
        ("focal", -1.0),
        ("focal", 1e10),
        ("size", "large"),
        ("shift", [0.0, math.nan]),
        ("near", None),
        ("far", math.inf),
        ("far", -1.0),
        ("aspect", -1.0),
        ("physical", 1),
        ("focus", -1.0),
        ("fstop", True),
    ],
)
def test_camera_with_a_fault_is_refused(field, value):
    with pytest.raises(SyncError) as caught:
        cameras.check(component(**{field: value}), "x")
    assert caught.value.location == f"x.{field}"


def test_camera_beyond_the_limits_is_sent_within_them():
    camera = read(blender(clip_end=3e38, shift_x=-3e38))
    cameras.check(camera, "camera")
    assert (camera["far"], camera["shift"]) == (1e9, [-1e9, 0.0])


def test_camera_without_a_sensor_is_shown():
    camera = component(fit="fill", sensor=[0.0, 0.0], aspect=0.0)
    assert written(blender(), camera)["sensor_fit"] in ("HORIZONTAL", "VERTICAL")


@pytest.mark.parametrize(
    "values", [{"near": -5.0}, {"focal": 0.5}, {"sensor": [0.5, 0.25]}, {"near": 0.0, "far": 0.0}], ids=str
)
def test_what_blender_has_no_value_for_stays(values):
    camera = component(projection="orthographic", **values)
    native = written(blender(), camera)
    assert native["lens"] >= 1.0 and native["sensor_width"] >= 1.0 and native["clip_start"] > 0.0
    assert read(native, camera) == camera
    assert read({**native, "ortho_scale": 2.0}, camera) == {**camera, "size": 2.0, "aspect": native["aspect"]}
