# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the components `pbr` and `emission`, slots and locks: what Blender's values mean, and what stays as it was."""

import struct

import pytest
from vibesync.core import locks, materials, slots
from vibesync.core.components import check_component, same_component
from vibesync.core.references import references
from vibesync.core.replica import ReplicaEntry
from vibesync.core.sync_error import SyncError

ONE = "0191aaaa-0000-4000-8000-000000000001"
TWO = "0191aaaa-0000-4000-8000-000000000002"


def single(value):
    """Returns a value as Blender stores it: in single precision."""
    if isinstance(value, float):
        return struct.unpack("f", struct.pack("f", value))[0]
    return tuple(map(single, value)) if isinstance(value, tuple) else value


def blender(**values):
    """Returns the native values of a new material."""
    native = materials.to_native(materials.PBR, materials.EMISSION)
    return {name: single(value) for name, value in {**native, **values}.items()}


def pbr(**values):
    return {**materials.PBR, **values}


def emission(**values):
    return {**materials.EMISSION, **values}


def last(**values):
    return {"pbr": pbr(), "emission": emission(), **values}


def written(native, component, known=None):
    """Returns the native values after both components arrived, and the names of those that were set."""
    changes = materials.to_write(component["pbr"], component["emission"], native, known)
    assert changes.keys() <= native.keys()
    return {**native, **{name: single(value) for name, value in changes.items()}}, set(changes)


def test_new_material_has_the_defaults_of_the_protocol():
    native = blender()
    assert native["color"] == pytest.approx((0.8, 0.8, 0.8))
    assert (native["alpha"], native["metallic"], native["roughness"]) == (1.0, 0.0, 0.5)
    assert (native["method"], native["culling"], native["emission_strength"]) == ("DITHERED", False, 0.0)
    shown = materials.from_native(native, None)
    assert same_component("pbr", shown[0], materials.PBR) and shown[1] == materials.EMISSION
    assert materials.PBR == {
        "base_color": [0.8, 0.8, 0.8, 1.0],
        "metallic": 0.0,
        "roughness": 0.5,
        "alpha_mode": "opaque",
        "alpha_cutoff": 0.5,
        "double_sided": True,
        "normal_scale": 1.0,
        "occlusion_strength": 1.0,
    }


def test_values_are_linear_and_arrive_unchanged():
    native, _ = written(blender(), last(pbr=pbr(base_color=[0.8, 0.5, 0.18, 1.0], roughness=0.25)))
    assert native["color"] == pytest.approx((0.8, 0.5, 0.18)) and native["roughness"] == 0.25


def test_emission_is_compared_as_a_product():
    split = emission(color=[0.5, 0.25, 0.0], strength=4.0)
    product = emission(color=[2.0, 1.0, 0.0], strength=1.0)
    assert same_component("emission", split, product)
    assert same_component("emission", split, emission(color=[1.0, 0.5, 0.0], strength=2.0 + 5e-6))
    assert not same_component("emission", split, emission(color=[2.0, 1.0001, 0.0], strength=1.0))
    assert not same_component("emission", split, emission(color=[2.0, 1.0, 2e-5], strength=1.0))
    bright = emission(color=[1.0, 1.0, 1.0], strength=1e6)
    assert same_component("emission", bright, emission(color=[1e6, 1e6, 1e6 + 3.0], strength=1.0))
    assert not same_component("emission", bright, emission(color=[1e6, 1e6, 1e6 + 5.0], strength=1.0))


def test_split_of_an_emission_stays_with_its_product():
    native = blender(emission_color=(0.5, 0.25, 0.0), emission_strength=4.0)
    known = last(emission=emission(color=[0.5, 0.25, 0.0], strength=4.0))
    arrived = last(emission=emission(color=[2.0, 1.0, 0.0], strength=1.0))
    after, changed = written(native, arrived, known)
    assert changed == set() and materials.from_native(after, arrived)[1] == known["emission"]
    after, changed = written(native, last(emission=emission(color=[2.0, 1.0, 0.5], strength=1.0)), known)
    assert changed == {"emission_color", "emission_strength"}


ALPHA = [
    # method, alpha, last mode, last alpha: mode and alpha that are read
    ("DITHERED", 1.0, None, None, "opaque", 1.0),
    ("DITHERED", 0.5, None, None, "blend", 0.5),
    ("BLENDED", 1.0, None, None, "blend", 1.0),
    ("BLENDED", 0.25, "mask", 0.5, "blend", 0.25),
    ("DITHERED", 1.0, "opaque", 0.25, "opaque", 0.25),
    ("DITHERED", 0.5, "opaque", 0.25, "blend", 0.5),
    ("DITHERED", 0.5, "mask", 0.5, "mask", 0.5),
    ("DITHERED", 0.25, "mask", 0.5, "mask", 0.25),
    ("DITHERED", 1.0, "mask", 0.5, "mask", 1.0),
    ("DITHERED", 1.0, "blend", 0.5, "opaque", 1.0),
    ("DITHERED", 0.5, "blend", 0.5, "blend", 0.5),
    ("DITHERED", 7.0, None, None, "opaque", 1.0),
    ("BLENDED", -1.0, None, None, "blend", 0.0),
]


@pytest.mark.parametrize("case", ALPHA, ids=str)
def test_alpha_and_render_method_give_the_mode(case):
    method, alpha, mode, former, expected, shown = case
    known = last(pbr=pbr(base_color=[0.1, 0.2, 0.3, former], alpha_mode=mode, alpha_cutoff=0.25)) if mode else None
    found, _ = materials.from_native(blender(color=(0.1, 0.2, 0.3), method=method, alpha=alpha), known)
    assert (found["alpha_mode"], found["base_color"][3]) == (expected, shown)
    assert found["alpha_cutoff"] == (0.25 if mode else 0.5)


@pytest.mark.parametrize("mode", ["opaque", "mask", "blend"])
@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_every_mode_arrives_over_every_other(mode, alpha):
    wanted = last(pbr=pbr(base_color=[0.1, 0.2, 0.3, alpha], alpha_mode=mode))
    for former in ("opaque", "mask", "blend"):
        known = last(pbr=pbr(base_color=[0.1, 0.2, 0.3, 0.5], alpha_mode=former))
        before, _ = written(blender(), known)
        after, _ = written(before, wanted, known)
        assert materials.from_native(after, wanted)[0] == wanted["pbr"], former


def test_render_method_stays_with_its_alpha_and_mode():
    native = blender(method="DITHERED", alpha=0.5)
    known = dict(zip(("pbr", "emission"), materials.from_native(native, None), strict=True))
    after, changed = written(native, {**known, "pbr": {**known["pbr"], "roughness": 0.125}}, known)
    assert changed == {"roughness"} and after["method"] == "DITHERED"


EDITS = [
    ({"color": (0.5, 0.25, 0.125)}, "pbr", {"base_color": [0.5, 0.25, 0.125, 0.3]}),
    ({"metallic": 2.0}, "pbr", {"metallic": 1.0}),
    ({"roughness": -1.0}, "pbr", {"roughness": 0.0}),
    ({"culling": False}, "pbr", {"double_sided": True}),
    ({"emission_strength": -2.0}, "emission", {"strength": 0.0}),
    ({"emission_color": (float("inf"), float("nan"), 0.5)}, "emission", {"color": [1e12, 0.0, 0.5]}),
]


@pytest.mark.parametrize(("values", "name", "expected"), EDITS)
def test_edit_of_one_value_changes_one_field(values, name, expected):
    known = last(
        pbr=pbr(base_color=[0.1, 0.2, 0.7, 0.3], metallic=0.1, roughness=0.7, double_sided=False, normal_scale=-2.0),
        emission=emission(color=[0.1, 0.7, 0.3], strength=1.1),
    )
    before, _ = written(blender(), known)
    assert dict(zip(("pbr", "emission"), materials.from_native(before, known), strict=True)) == known
    found = dict(zip(("pbr", "emission"), materials.from_native({**before, **values}, known), strict=True))
    assert found == {**known, name: {**known[name], **expected}}
    check_component(name, found[name], name)


def test_material_without_nodes_keeps_its_emission():
    native = {name: value for name, value in blender().items() if not name.startswith("emission")}
    known = last(emission=emission(strength=3.0))
    after, changed = written(native, known, None)
    assert changed == set() and materials.from_native(after, known)[1] == known["emission"]


def test_locked_values_lock_their_fields():
    assert materials.locked_fields(set()) == {}
    assert materials.locked_fields({"color"}) == {"pbr": ["base_color"]}
    assert materials.locked_fields({"alpha"}) == {"pbr": ["alpha_mode", "base_color"]}
    both = materials.locked_fields({"roughness", "emission_color", "culling"})
    assert both == {"emission": ["color"], "pbr": ["double_sided", "roughness"]}


WRONG = [
    ("pbr", pbr(base_color=[0.1, 0.2, 0.3]), "base_color"),
    ("pbr", pbr(base_color=[0.1, -0.2, 0.3, 1.0]), "base_color"),
    ("pbr", pbr(base_color=[0.1, 0.2, 0.3, 1.5]), "base_color"),
    ("pbr", pbr(metallic=1.5), "metallic"),
    ("pbr", pbr(alpha_mode="clip"), "alpha_mode"),
    ("pbr", pbr(normal_scale=float("nan")), "normal_scale"),
    ("emission", emission(strength=-1.0), "strength"),
    ("emission", {"color": [1.0, 1.0, 1.0]}, "strength"),
    ("slots", {"materials": ["x"]}, "materials[0]"),
    ("slots", {"materials": [None] * 32_768}, "materials"),
    ("slots", {}, "materials"),
    ("materials", {"own": []}, "own"),
    ("materials", {"own": {"-1": None}}, "own"),
    ("materials", {"own": {"01": None}}, "own"),
    ("materials", {"own": {"0": "x"}}, "own.0"),
    ("locks", {"cli": {}}, "cli"),
    ("locks", {"unity": []}, "unity"),
    ("locks", {"unity": {"pbr": "roughness"}}, "unity.pbr"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]}.{case[2]}")
def test_wrong_component_is_refused_at_its_field(case):
    name, value, place = case
    with pytest.raises(SyncError) as caught:
        check_component(name, value, "x")
    assert caught.value.location == f"x.{place}"


def test_left_out_lists_are_empty_ones():
    entry = ReplicaEntry("mesh")
    assert entry.changed_components({"slots": {"materials": []}, "materials": {"own": {}}, "locks": {}}) == []
    assert entry.changed_components({"slots": {"materials": [None]}}) == ["slots"]


def test_empty_slots_at_the_end_are_as_agreed():
    assert slots.as_agreed([ONE, None, None], None) == [ONE]
    assert slots.as_agreed([ONE, None, None], [ONE, None]) == [ONE, None]
    assert slots.as_agreed([ONE], [ONE, None]) == [ONE, None]
    assert slots.as_agreed([None, ONE], [ONE, None]) == [None, ONE]
    assert slots.as_agreed([], [None]) == [None]


def test_references_are_those_of_meshes_and_objects():
    assert list(references({"slots": {"materials": [ONE, None, TWO]}})) == [ONE, TWO]
    assert list(references({"materials": {"own": {"3": TWO, "4": None}}})) == [TWO]
    assert list(references({"maps": {"alpha": None, "normal": {"image": ONE}}})) == [ONE]
    assert list(references({"name": "A"})) == []


def test_each_editor_sends_its_own_locks():
    both = locks.combine({"pbr": ["roughness"]}, {"unity": {"pbr": ["metallic"]}})
    assert both == {"blender": {"pbr": ["roughness"]}, "unity": {"pbr": ["metallic"]}}
    assert locks.of_this(both) == {"blender": {"pbr": ["roughness"]}}
    assert locks.of_others(both) == {"unity": {"pbr": ["metallic"]}}
    assert locks.combine({}, {}) == locks.of_this({"unity": {}}) == {}
