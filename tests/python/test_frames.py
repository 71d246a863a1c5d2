# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the conversion of transforms by the kind of data that an object and its parent show."""

import math
import random

import pytest
from vibesync.core import frames, space
from vibesync.core.equality import all_close, same_rotation
from vibesync.core.frames import OBJECT, Frame, Place

S = math.sqrt(0.5)
LOCAL = Place((1.0, 2.0, 3.0), (0.5, -0.5, 0.5, 0.5), (1.0, 2.0, 3.0))
VIEWER = Frame(is_viewer=True)
ALL = [Frame(own, above) for own in (False, True) for above in (False, True)]


@pytest.mark.parametrize(
    ("frame", "translation", "rotation", "scale"),
    [
        (OBJECT, (1, 3, -2), (0.5, 0.5, 0.5, 0.5), (1, 3, 2)),
        (VIEWER, (1, 3, -2), (0, 0, S, S), (1, 2, 3)),
        (Frame(is_in_viewer=True), (1, 2, 3), (S, 0, S, 0), (1, 3, 2)),
        (Frame(True, True), *LOCAL),
    ],
)
def test_local_transform_depends_on_both_frames(frame, translation, rotation, scale):
    converted = frames.to_canonical(LOCAL, 1.0, frame)
    assert converted["translation"] == translation and converted["scale"] == scale
    assert same_rotation(converted["rotation"], rotation)


@pytest.mark.parametrize("frame", ALL)
def test_conversion_back_gives_the_same_transform(frame):
    chance = random.Random(7)
    for unit in (1.0, 0.01):
        place = Place(
            tuple(chance.uniform(-9, 9) for _ in range(3)),
            space.normalized(tuple(chance.gauss(0, 1) for _ in range(4))),
            tuple(chance.uniform(0.1, 3) for _ in range(3)),
        )
        again = frames.to_blender(frames.to_canonical(place, unit, frame), unit, frame)
        assert all_close(again.location, place.location) and all_close(again.scale, place.scale)
        assert same_rotation(again.rotation, place.rotation)


def test_unturned_light_shines_along_its_own_axis():
    rotation = frames.to_canonical(Place((0, 0, 0), (0, 0, 0, 1), (1, 1, 1)), 1.0, VIEWER)["rotation"]
    assert same_rotation(rotation, (-S, 0, 0, S))


def test_camera_of_the_factory_file_has_this_rotation():
    angles = [math.radians(angle) for angle in (63.5593, 0.0, 46.6919)]
    (sx, cx), (sz, cz) = ((math.sin(angle / 2), math.cos(angle / 2)) for angle in (angles[0], angles[2]))
    about_x_then_z = (sx * cz, sx * sz, cx * sz, cx * cz)
    rotation = frames.to_canonical(Place((0, 0, 0), about_x_then_z, (1, 1, 1)), 1.0, VIEWER)["rotation"]
    assert same_rotation(rotation, space.normalized((-0.209973, 0.385780, 0.090628, 0.893796)))


def test_child_stays_in_the_world_below_a_viewer():
    """Chains of mixed frames give the same place in the world as the matrices of Blender."""
    chance = random.Random(3)
    for _ in range(100):
        chain = [
            (chance.random() < 0.5, tuple(chance.uniform(-3, 3) for _ in range(3)), random_rotation(chance))
            for _ in range(4)
        ]
        native, canonical, above = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), False
        turn_native, turn_canonical = (0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 1.0)
        for is_viewer, location, rotation in chain:
            local = frames.to_canonical(Place(location, rotation, (1, 1, 1)), 1.0, Frame(is_viewer, above))
            native = added(native, turned(turn_native, location))
            canonical = added(canonical, turned(turn_canonical, local["translation"]))
            turn_native = frames.multiply(turn_native, rotation)
            turn_canonical = frames.multiply(turn_canonical, local["rotation"])
            above = is_viewer
        assert all_close(canonical, space.point_to_canonical(native, 1.0))


def random_rotation(chance):
    return space.normalized(tuple(chance.gauss(0, 1) for _ in range(4)))


def turned(rotation, vector):
    x, y, z, w = rotation
    return frames.multiply(frames.multiply(rotation, (*vector, 0.0)), (-x, -y, -z, w))[:3]


def added(a, b):
    return tuple(p + q for p, q in zip(a, b, strict=True))
