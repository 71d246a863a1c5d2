# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests shape keys without Blender: what is refused, what is equal, and what a mesh is split by."""

import numpy as np
import pytest
from vibesync.core import shapes
from vibesync.core.components import check_component, same_component
from vibesync.core.mesh import Mesh, split, weld
from vibesync.core.mesh_patch import Bases
from vibesync.core.pace import finish
from vibesync.core.sync_error import SyncError


def two(vertex=(0, 1, 2), count=3):
    """Returns two keys of a triangle, which move each vertex by another number."""
    keys = [shapes.Key("A", None, 0.0, 1.0), shapes.Key("B", "A", -1.0, 2.0)]
    delta = np.arange(6 * count, dtype=np.float32).reshape(2, count, 3)
    return shapes.Shapes(keys, np.array(vertex, np.uint32), delta)


def packed(made=None):
    attachments = []
    component = (made or two()).pack(attachments)
    return component, attachments


def test_keys_are_the_same_after_the_wire():
    component, attachments = packed()
    assert (component["vertex_count"], component["corner_count"]) == (3, 3)
    read = shapes.unpack(component, attachments, "x")
    assert read.keys == two().keys and read.digest() == two().digest()
    assert shapes.unpack(shapes.EMPTY, [], "x").digest() == shapes.EMPTY


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"vertex_count": 4}, "VS-3005"),
        ({"corner_count": 4}, "VS-3005"),
        ({"vertex_count": -1}, "VS-3005"),
        ({"vertex_count": 2, "keys": [{"name": x, "relative_to": None, "min": 0, "max": 1} for x in "ABC"]}, "VS-3005"),
        ({"buffers": {}}, "VS-3005"),
        ({"keys": []}, "VS-3005"),
        ({"keys": [{"name": "", "relative_to": None, "min": 0, "max": 1}]}, "VS-1006"),
        ({"keys": [{"name": "é" * 32, "relative_to": None, "min": 0, "max": 1}]}, "VS-1006"),
        ({"keys": [{"name": "A", "relative_to": "C", "min": 0, "max": 1}]}, "VS-1006"),
        ({"keys": [{"name": "A", "relative_to": None, "min": 0, "max": 1}] * 2}, "VS-1006"),
        ({"keys": [{"name": "A", "relative_to": None, "min": 0, "max": 11}]}, "VS-3003"),
        ({"keys": 3}, "VS-1006"),
    ],
)
def test_malformed_keys_are_refused(change, code):
    component, attachments = packed()
    with pytest.raises(SyncError) as error:
        shapes.unpack({**component, **change}, attachments, "x")
    assert error.value.code == code


def test_numbers_of_keys_are_checked():
    for made in (two(vertex=(0, 1, 3)), two()):
        if made.vertex[2] == 2:
            made.delta[0, 0, 0] = np.nan
        with pytest.raises(SyncError):
            shapes.unpack(*packed(made), "x")


def test_weights_are_checked_and_missing_ones_are_zero():
    check_component("shape_values", {"values": {"A": -10}}, "x")
    for values in ({"A": 11}, {"A": None}, {"": 0.0}, [], {"A": float("nan")}):
        with pytest.raises(SyncError):
            check_component("shape_values", {"values": values}, "x")
    assert same_component("shape_values", {"values": {"A": 0.0}}, {"values": {}})
    assert same_component("shape_values", {"values": {"A": 0.5}}, {"values": {"A": 0.500001}})
    assert not same_component("shape_values", {"values": {}}, {"values": {"A": 0.5}})


def test_keys_are_compared_by_corners():
    other = two()
    other.vertex, other.delta = other.vertex[::-1], other.delta[:, ::-1]
    assert finish(shapes.is_same(two(), other))
    for row, name in enumerate("AB"):
        other = two()
        other.delta[row, 1] += 1e-3
        assert not finish(shapes.is_same(two(), other)), name
    other = two()
    other.keys[1] = shapes.Key("B", None, -1.0, 2.0)
    assert not finish(shapes.is_same(two(), other))


def test_vertices_that_a_key_moves_apart_stay_apart():
    position = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0)] * 2, np.float32)
    mesh = Mesh(position, np.arange(6, dtype=np.uint32), [(0, 0, 6)])
    lips = shapes.Shapes([shapes.Key("Open", None, 0, 1)], mesh.index, np.zeros((1, 6, 3), np.float32))
    assert len(finish(weld(*split(mesh, [shapes.number_corners(lips)])))[0]) == 3
    lips.delta[0, 3:] = 1.0
    positions, index = finish(weld(*split(mesh, [shapes.number_corners(lips)])))
    assert len(positions) == 6 and len(set(index.tolist())) == 6
    assert np.array_equal(positions[index], position)


def test_only_the_changed_moves_of_a_large_key_are_sent():
    many = two(vertex=range(9_000), count=9_000)
    component, attachments = packed(many)
    change = {"op": "update", "uuid": "m", "components": {"shapes": component}}
    bases = Bases()
    bases.keep([change], attachments, [{"uuid": "m", "buffers": {"delta": "one", "vertex": "two"}}])
    many.delta = many.delta.copy()
    many.delta[1, 5, 0] += 1.0
    component, attachments = packed(many)
    changes, short = bases.shorten([{**change, "components": {"shapes": component}}], attachments)
    assert changes[0]["components"]["shapes"]["buffers"]["delta"]["base"] == "one"
    assert sum(map(len, short)) < 40_000, "the vertices are too few to be kept"
