# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the components of armatures and poses without Blender."""

import math
import random

import pytest
from vibesync.core import armatures, space
from vibesync.core.components import check_component, same_component
from vibesync.core.equality import all_close, same_rotation
from vibesync.core.frames import Place
from vibesync.core.sync_error import SyncError

HIP = "00000000-0000-4000-8000-000000000001"
ARM = "00000000-0000-4000-8000-000000000002"
HAND = "00000000-0000-4000-8000-000000000003"


def joint(name, parent=None):
    return {
        "name": name,
        "parent": parent,
        "length": 1.0,
        "deform": True,
        "inherit_scale": "full",
        "inherit_rotation": True,
        "local_location": True,
        "rest": {"translation": [0.0, 1.0, 0.0], "rotation": [0.0, 0.0, 0.0, 1.0]},
    }


def chain(**edits):
    """Returns an armature whose deepest joint comes first; `edits` are of the arm."""
    return {"joints": {HAND: joint("Hand", ARM), ARM: {**joint("Arm", HIP), **edits}, HIP: joint("Hip")}}


def place(x=0.0):
    return {"translation": [x, 0.0, 0.0], "rotation": [0.0, 0.0, 0.0, 1.0], "scale": [1.0, 1.0, 1.0]}


@pytest.mark.parametrize(
    ("edits", "end"),
    [
        ({"name": "Hip"}, ""),
        ({"name": ""}, f".{ARM}.name"),
        ({"name": "é" * 32}, f".{ARM}.name"),
        ({"parent": 3}, f".{ARM}.parent"),
        ({"parent": "00000000-0000-4000-8000-000000000009"}, f".{ARM}.parent"),
        ({"parent": HAND}, f".{HAND}.parent"),
        ({"length": 0}, f".{ARM}.length"),
        ({"length": math.nan}, f".{ARM}.length"),
        ({"deform": 1}, f".{ARM}.deform"),
        ({"inherit_scale": "half"}, f".{ARM}.inherit_scale"),
        ({"rest": None}, f".{ARM}"),
        ({"rest": {"translation": [0, 0], "rotation": [0, 0, 0, 1]}}, f".{ARM}.rest.translation"),
        ({"rest": {"translation": [0, 0, 0], "rotation": [0, 0, 0, 2]}}, f".{ARM}.rest.rotation"),
    ],
)
def test_faults_of_joints_are_named(edits, end):
    check_component("armature", chain(), "armature")
    with pytest.raises(SyncError) as caught:
        check_component("armature", chain(**edits), "armature")
    assert caught.value.location == f"armature.joints{end}"


def test_number_and_uuids_of_joints_are_checked():
    many = {f"00000000-0000-4000-8000-{number:012d}": place() for number in range(4_097)}
    for joints in (many, {"hip": place()}, {HIP: None}, [], {HIP: {**place(), "scale": [1, 1]}}):
        with pytest.raises(SyncError):
            check_component("pose", {"joints": joints}, "pose")
    many.popitem()
    check_component("pose", {"joints": many}, "pose")


def test_parents_come_first():
    assert armatures.parents_first(chain()["joints"]) == [HIP, ARM, HAND]


def test_armatures_are_equal_up_to_rounding():
    turned = {"translation": [5e-6, 1.0, 0.0], "rotation": [0.0, 0.0, 0.0, -1.0]}
    assert same_component("armature", chain(), chain(length=1.000_005, rest=turned))
    changes = [
        {"name": "Leg"},
        {"parent": None},
        {"length": 1.1},
        {"deform": False},
        {"inherit_scale": "none"},
        {"rest": {**turned, "translation": [0.1, 1.0, 0.0]}},
    ]
    assert not any(same_component("armature", chain(), chain(**change)) for change in changes)
    fewer = {"joints": {HIP: joint("Hip")}}
    assert not same_component("armature", chain(), fewer) and not same_component("armature", fewer, chain())


def test_poses_name_the_same_joints_at_near_places():
    pose = {"joints": {HIP: place(0.5)}}
    assert same_component("pose", pose, {"joints": {HIP: place(0.500_005)}})
    for joints in ({}, {HIP: place(0.6)}, {ARM: place(0.5)}, {HIP: place(0.5), ARM: place()}):
        assert not same_component("pose", pose, {"joints": joints})


def test_channels_give_the_place_that_they_were_made_for():
    chance = random.Random(5)

    def any_place(scale):
        turn = space.normalized(tuple(chance.gauss(0, 1) for _ in range(4)))
        return Place(tuple(chance.uniform(-3, 3) for _ in range(3)), turn, scale)

    for _ in range(50):
        rest, wanted = any_place((1.0, 1.0, 1.0)), any_place((1.0, -2.0, 0.5))
        made = armatures.posed(rest, armatures.channels(rest, wanted))
        assert all_close(made.location, wanted.location) and made.scale == wanted.scale
        assert same_rotation(made.rotation, wanted.rotation)
    assert armatures.posed(rest, armatures.AT_REST).location == rest.location
