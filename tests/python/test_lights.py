# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the component `light`: what Blender's lights mean in candela, lux and lumen, and what stays as it was."""

import math
import struct

import pytest
from vibesync.core import lights
from vibesync.core.components import same_component
from vibesync.core.sync_error import SyncError

WARM = (1.77083, 0.84428, 0.27222)  # of 3000 K


def single(value):
    """Returns a value as Blender stores it: in single precision."""
    if isinstance(value, float):
        return struct.unpack("f", struct.pack("f", value))[0]
    return tuple(map(single, value)) if isinstance(value, (list, tuple)) else value


def blender(kind, version=4.5, **values):
    """Returns the native values of a new light."""
    native = {"type": kind, "color": (1.0, 1.0, 1.0), "energy": 10.0, "use_shadow": True}
    native |= {"use_custom_distance": False, "cutoff_distance": 40.0}
    if version >= 4.5:
        native |= {"exposure": 0.0, "normalize": True, "use_temperature": False, "temperature": 6500.0}
        native["temperature_color"] = (1.0, 1.0, 1.0)
    if kind == "SPOT":
        native |= {"spot_size": math.pi / 4, "spot_blend": 0.15}
    if kind in ("POINT", "SPOT"):
        native["shadow_soft_size"] = 0.0
    if kind == "SUN":
        native["angle"] = 0.00918043
    if kind == "AREA":
        native |= {"shape": "SQUARE", "size": 0.25, "size_y": 0.25}
    return {name: single(value) for name, value in {**native, **values}.items()}


def read(native, last=None, unit=1.0):
    return lights.from_native(native, last, unit)


def written(native, component, unit=1.0):
    """Returns the native values after a write."""
    wanted = lights.to_native(component, native, unit)
    assert wanted.keys() <= native.keys()
    return {**native, **{name: single(value) for name, value in wanted.items()}}


def component(**values):
    return {**lights.DEFAULTS, "intensity": 100.0, **values}


def product(light):
    return [value * light["intensity"] for value in light["color"]]


@pytest.mark.parametrize(
    ("native", "intensity"),
    [
        (blender("POINT", energy=100.0), 5435.1413),
        (blender("POINT", energy=100.0, exposure=1.0), 10870.283),
        (blender("SPOT", energy=100.0), 5435.1413),
        (blender("SUN", energy=3.0), 2049.0),
        (blender("SUN", energy=3.0, normalize=False, angle=0.1), 16.0794),
        (blender("AREA", energy=100.0, size=1.0), 68300.0),
        (blender("AREA", energy=100.0, shape="DISK", size=1.0), 68300.0),
        (blender("AREA", energy=100.0, size=0.5, normalize=False), 17075.0),
        (blender("AREA", energy=100.0, shape="ELLIPSE", size=0.5, size_y=2.0, normalize=False), 68300.0 * math.pi / 4),
        (blender("POINT", energy=100.0, normalize=False, shadow_soft_size=0.5), 5435.1413 * math.pi),
        (blender("POINT", energy=100.0, normalize=False), 5435.1413 * 4.0),
        (blender("SUN", energy=3.0, normalize=False, angle=0.0), 2049.0),
        (blender("POINT", energy=-5.0), 0.0),
    ],
)
def test_power_of_blender_has_this_intensity(native, intensity):
    light = read(native)
    assert light["intensity"] == pytest.approx(intensity, rel=1e-5)
    lights.check(light, "light")
    assert written(native, light) == pytest.approx(native), "back again"


def test_unit_of_the_scene_scales_lengths_and_power():
    native = blender("AREA", energy=100.0, size=2.0, use_custom_distance=True, cutoff_distance=10.0)
    light = read(native, unit=0.01)
    assert light["intensity"] == pytest.approx(6.83) and light["size"] == [0.02, 0.02]
    assert light["range"] == pytest.approx(0.1)
    assert read(blender("SUN", energy=3.0), unit=0.01)["intensity"] == pytest.approx(2049.0)
    assert written(native, light, unit=0.01) == pytest.approx(native)


def test_exposed_light_has_twice_the_power_in_older_versions():
    light = read(blender("POINT", energy=100.0, exposure=1.0))
    assert written(blender("POINT", version=4.2), light)["energy"] == pytest.approx(200.0)


def test_exposure_and_normalize_stay_the_choice_of_the_person():
    native = blender("SUN", energy=3.0, exposure=2.0, normalize=False, angle=0.1)
    light = read(native)
    after = written(native, {**light, "intensity": light["intensity"] * 2})
    assert after == pytest.approx({**native, "energy": 6.0})
    larger = written(native, {**light, "angle": 0.2})
    assert read(larger)["intensity"] == pytest.approx(light["intensity"]), "the power follows from the new size"


def test_power_stays_where_no_power_gives_the_intensity():
    native = blender("AREA", energy=7.0, size=0.0, normalize=False)
    assert written(native, component(type="area", size=[0.0, 0.0]))["energy"] == 7.0


def test_cone_is_measured_by_cosines():
    light = read(blender("SPOT", spot_size=math.radians(60), spot_blend=0.15))
    assert (light["outer"], light["inner"]) == pytest.approx((0.5235988, 0.4818878), abs=1e-6)
    assert written(blender("SPOT"), light)["spot_blend"] == pytest.approx(0.15)
    unity = component(type="spot", outer=math.radians(40), inner=math.radians(20))
    native = written(blender("SPOT"), unity)
    assert native["spot_size"] == pytest.approx(math.radians(80))
    assert native["spot_blend"] == pytest.approx(0.7422272)


@pytest.mark.parametrize(("inner", "outer"), [(0.0, 0.5), (0.00001, 1.2), (0.5, 0.5), (1.5, math.pi / 2), (0.0, 0.0)])
def test_extreme_cones_are_kept(inner, outer):
    light = component(type="spot", inner=inner, outer=outer)
    assert read(written(blender("SPOT"), light), light) == light


def test_temperature_is_part_of_the_color():
    native = blender("POINT", energy=100.0, use_temperature=True, temperature=3000.0, temperature_color=WARM)
    light = read(native)
    expected = [value * 9624.71 for value in (1, 0.47677, 0.15373)]
    assert product(light) == pytest.approx(expected, rel=1e-4)
    assert light["temperature"] == 3000.0 and light["tint"] == [1.0, 1.0, 1.0]
    assert written(native, light) == pytest.approx(native)


def test_older_version_shows_the_color_and_keeps_the_temperature():
    light = component(color=list(WARM), temperature=3000.0, tint=[1.0, 1.0, 1.0])
    native = written(blender("POINT", version=4.2), light)
    assert native["color"] == single(WARM)
    assert read(native, light) == light
    brighter = read({**native, "energy": native["energy"] * 2}, light)
    assert brighter == {**light, "intensity": pytest.approx(200.0)}
    recolored = read({**native, "color": (0.0, 1.0, 0.0)}, light)
    assert recolored["temperature"] is None and recolored["tint"] == [1.0, 1.0, 1.0]
    assert recolored["color"] == [0.0, 1.0, 0.0]


def test_color_that_the_temperature_does_not_give_is_not_claimed():
    light = component(color=[0.0, 0.0, 1.0], temperature=3000.0)
    native = written({**blender("POINT"), "temperature_color": WARM}, light)
    assert native["use_temperature"]
    assert read(native, light)["color"] == pytest.approx(WARM), "Blender shows the temperature"


def test_color_without_a_temperature_turns_it_off():
    native = blender("POINT", use_temperature=True, temperature=3000.0, temperature_color=WARM)
    after = written(native, component(color=[0.0, 1.0, 0.0]))
    assert not after["use_temperature"] and after["temperature"] == 3000.0, "the number is the person's"
    assert read(after)["color"] == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("shape", "size", "before", "after"),
    [
        ("rect", [2.0, 2.0], "DISK", "SQUARE"),
        ("rect", [2.0, 2.0], "RECTANGLE", "RECTANGLE"),
        ("rect", [2.0, 3.0], "SQUARE", "RECTANGLE"),
        ("disk", [2.0, 2.0], "SQUARE", "DISK"),
        ("disk", [2.0, 2.0], "ELLIPSE", "ELLIPSE"),
        ("disk", [2.0, 3.0], "RECTANGLE", "ELLIPSE"),
    ],
)
def test_shape_of_equal_sides_is_the_choice_of_the_person(shape, size, before, after):
    light = component(type="area", shape=shape, size=size)
    native = written(blender("AREA", shape=before), light)
    assert native["shape"] == after
    assert (read(native)["shape"], read(native)["size"]) == (shape, size)


@pytest.mark.parametrize("kind", ["point", "sun", "spot", "area"])
def test_fields_that_blender_does_not_show_are_kept(kind):
    light = component(
        type=kind,
        color=[0.1, 0.7, 0.3],
        intensity=12.3,
        range=7.7,
        inner=0.31,
        outer=0.77,
        size=[0.3, 0.9],
        radius=0.33,
        angle=0.0123,
        temperature=4321.0,
        tint=[0.2, 0.3, 0.4],
    )
    native = written(blender(lights.NATIVE_TYPES[kind], version=4.2), light)
    assert read(native, light) == light
    edited = read({**native, "use_shadow": False}, light)
    assert edited == {**light, "shadow": False}, "one edit changes one field"


EDITS = {
    "POINT": [("energy", 33.0, "intensity"), ("shadow_soft_size", 2.0, "radius"), ("cutoff_distance", 2.0, "range")],
    "SUN": [("energy", 33.0, "intensity"), ("angle", 0.5, "angle"), ("use_custom_distance", False, "range")],
    "SPOT": [("color", (0.5, 0.25, 0.125), "color"), ("spot_blend", 0.25, "inner")],
    "AREA": [("size", 2.0, "size"), ("size_y", 2.0, "size"), ("shape", "ELLIPSE", "shape")],
}


@pytest.mark.parametrize(("kind", "edit"), [(kind, edit) for kind, edits in EDITS.items() for edit in edits])
def test_edit_changes_its_field_alone(kind, edit):
    name, value, field = edit
    light = component(
        type=kind.lower(), color=[0.1, 0.7, 0.3], range=7.7, inner=0.3, outer=0.7, size=[0.3, 0.9], radius=0.3
    )
    native = written(blender(kind), light)
    after = read({**native, name: value}, light)
    differing = {key for key in light if not same_value(light[key], after[key])}
    assert differing == {field}
    assert after == read({**native, name: value}, after), "read again, it is the same"


def same_value(a, b):
    if isinstance(a, list):
        return all(map(same_value, a, b))
    return a == b if not isinstance(a, float) or b is None else a == pytest.approx(b, rel=1e-6)


def test_clamped_value_is_reported_as_it_is():
    light = component(type="spot", inner=0.0, outer=0.001)
    native = {**written(blender("SPOT"), light), "spot_size": math.radians(2)}
    assert read(native, light)["outer"] == pytest.approx(math.radians(1))


def test_change_of_the_type_keeps_nothing():
    last = component(type="point", radius=3.0, range=5.0, temperature=3000.0)
    assert read(blender("SUN", energy=3.0), last) == read(blender("SUN", energy=3.0))


def test_light_without_light_keeps_its_negative_power():
    native = blender("POINT", energy=-5.0)
    light = read(native)
    assert written(native, {**light, "shadow": False})["energy"] == -5.0
    assert written(native, {**light, "intensity": 5435.1413})["energy"] == pytest.approx(100.0)


SAME = {
    "product": ({"color": [0.5, 1.0, 0.0], "intensity": 200.0}, {"color": [1.0, 2.0, 0.0], "intensity": 100.0}, True),
    "resolution": ({"intensity": 1000.0}, {"intensity": 1000.003}, True),
    "intensity": ({"intensity": 1000.0}, {"intensity": 1000.01}, False),
    "small light": ({"intensity": 0.0}, {"intensity": 0.000009}, True),
    "inner cone": ({"inner": 0.1}, {"inner": 0.2}, False),
    "outer cone": ({"outer": 0.6}, {"outer": 0.7}, False),
    "type": ({"type": "spot"}, {}, False),
    "shape": ({"shape": "disk"}, {}, False),
    "shadow": ({"shadow": False}, {}, False),
    "no range": ({"range": 5.0}, {}, False),
    "range": ({"range": 5.0}, {"range": 5.000001}, True),
    "no temperature": ({"temperature": 3000.0}, {}, False),
    "tint": ({"temperature": 3000.0, "tint": [1.0, 0.5, 1.0]}, {"temperature": 3000.0}, False),
    "tint of none": ({"tint": [1.0, 0.5, 1.0]}, {}, False),
    "size": ({"size": [1.0, 2.0]}, {}, False),
    "radius": ({"radius": 1.0}, {}, False),
    "angle": ({"angle": 1.0}, {}, False),
}


@pytest.mark.parametrize("case", SAME)
def test_lights_are_equal_by_what_they_show(case):
    one, other, expected = SAME[case]
    assert same_component("light", component(**one), component(**other)) is expected
    assert same_component("light", component(**other), component(**one)) is expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "tube"),
        ("type", ["point"]),
        ("color", [1.0, 1.0]),
        ("color", [1.0, -1.0, 1.0]),
        ("intensity", -1.0),
        ("intensity", math.inf),
        ("intensity", 1e13),
        ("intensity", True),
        ("range", "far"),
        ("inner", 1.0),
        ("outer", 2.0),
        ("shape", None),
        ("size", [1.0, None]),
        ("shadow", 1),
        ("temperature", -3.0),
        ("tint", None),
    ],
)
def test_light_with_a_fault_is_refused(field, value):
    with pytest.raises(SyncError) as caught:
        lights.check(component(**{field: value}), "changes[0].components.light")
    assert caught.value.code in ("VS-1006", "VS-3003")
    assert caught.value.location == f"changes[0].components.light.{field}"


@pytest.mark.parametrize("field", sorted(lights.DEFAULTS))
def test_light_without_a_field_is_refused(field):
    light = component()
    del light[field]
    with pytest.raises(SyncError) as caught:
        lights.check(light, "x")
    assert caught.value.location == f"x.{field}"


def test_light_beyond_the_limits_is_sent_within_them():
    light = read(blender("POINT", energy=3e38, use_custom_distance=True, cutoff_distance=3e38, color=(math.nan, 1, 1)))
    lights.check(light, "light")
    assert (light["intensity"], light["range"], light["color"][0]) == (1e12, 1e12, 0.0)


def test_unknown_fields_of_a_former_light_are_not_sent():
    light = component(color=[0.1, 0.7, 0.3])
    native = written(blender("POINT"), light)
    assert read(native, {**light, "cookie": "star"}) == light


@pytest.mark.parametrize("values", [{"inner": 0.001, "outer": 0.002}, {"temperature": 500.0}], ids=str)
def test_what_blender_has_no_value_for_stays(values):
    light = component(type="spot", **values)
    native = written(blender("SPOT"), light)
    assert native["spot_size"] >= single(math.radians(1.0)) and native["temperature"] >= 800.0
    assert same_component("light", read(native, light), light)
