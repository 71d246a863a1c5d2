# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests vertex groups without Blender: what is refused, what is equal, and what a mesh is split by."""

import numpy as np
import pytest
from vibesync.core import weights
from vibesync.core.mesh import Mesh, split, weld
from vibesync.core.mesh_patch import Bases
from vibesync.core.pace import finish
from vibesync.core.sync_error import SyncError


def two(**changes):
    """Returns two groups of a triangle: its vertices are in both, in the second, and in none."""
    values = {"groups": ["A", "B"], "vertex": [0, 1, 2], "offset": [0, 2, 3, 3], "group": [0, 1, 1]}
    values |= {"weight": [0.25, 0.75, 1.0], **changes}
    numbers = {name: np.array(values[name], np.uint32) for name in ("vertex", "offset", "group")}
    return weights.Weights(values["groups"], **numbers, weight=np.array(values["weight"], np.float32))


def refusal(component, attachments):
    with pytest.raises(SyncError) as caught:
        weights.unpack(component, attachments, "x")
    return caught.value.code, caught.value.location


def test_groups_are_the_same_after_the_wire():
    attachments = []
    component = two().pack(attachments)
    assert (component["vertex_count"], component["corner_count"]) == (3, 3)
    read = weights.unpack(component, attachments, "x")
    assert read.digest() == two().digest() and finish(weights.is_same(two(), read))
    assert weights.unpack(weights.EMPTY, [], "x").digest() == weights.EMPTY


@pytest.mark.parametrize(
    ("changes", "code", "part"),
    [
        ({"groups": ["A", "A"]}, "VS-1006", "groups"),
        ({"groups": ["A", "é" * 32]}, "VS-1006", "groups[1]"),
        ({"groups": [str(i) for i in range(4_097)]}, "VS-1006", "groups"),
        ({"groups": ["A"]}, "VS-3005", "buffers.group"),
        ({"vertex": [0, 1, 3]}, "VS-3005", "buffers.vertex"),
        ({"offset": [1, 2, 3, 3]}, "VS-3005", "buffers.offset"),
        ({"offset": [0, 2, 1, 3]}, "VS-3005", "buffers.offset"),
        ({"offset": [0, 2, 3, 2]}, "VS-3005", "buffers.offset"),
        ({"group": [1, 0, 1]}, "VS-3005", "buffers.group"),
        ({"group": [1, 1, 1]}, "VS-3005", "buffers.group"),
        ({"weight": [0.25, 1.5, 1.0]}, "VS-3003", "buffers.weight"),
        ({"weight": [0.25, -0.5, 1.0]}, "VS-3003", "buffers.weight"),
        ({"weight": [0.25, np.nan, 1.0]}, "VS-3003", "buffers.weight"),
    ],
)
def test_malformed_groups_are_refused(changes, code, part):
    attachments = []
    assert refusal(two(**changes).pack(attachments), attachments) == (code, f"x.{part}")


def test_groups_whose_buffers_do_not_fit_are_refused():
    attachments = []
    component = two().pack(attachments)
    assert refusal({**component, "vertex_count": 4}, attachments) == ("VS-3005", "x.buffers.offset")
    assert refusal({**component, "corner_count": -1}, attachments) == ("VS-3005", "x")
    assert refusal({**component, "buffers": {}}, attachments) == ("VS-3005", "x.buffers")
    assert refusal(component, attachments[:2])[0] == "VS-3005"


def test_sharing_of_vertices_changes_neither_equality_nor_digest():
    # The vertices in another order, and one more that no corner uses.
    turned = two(vertex=[3, 1, 0], offset=[0, 0, 1, 2, 4], group=[1, 0, 0, 1], weight=[1.0, 0.5, 0.25, 0.75])
    assert finish(weights.is_same(two(), turned)) and turned.digest() == two().digest()
    near = two(weight=[0.25, 0.750_005, 1.0])
    assert finish(weights.is_same(two(), near)) and near.digest() != two().digest()
    changes = ({"weight": [0.25, 0.8, 1.0]}, {"group": [0, 1, 0]}, {"offset": [0, 2, 2, 3]}, {"groups": ["B", "A"]})
    for change in changes:
        assert not finish(weights.is_same(two(), two(**change)))
        assert two(**change).digest() != two().digest()


def test_vertices_with_other_weights_stay_apart():
    position = np.zeros((6, 3), np.float32)
    position[3:, 0] = [0, 1, 2]
    position[:3, 0] = [0, 1, 2]
    mesh = Mesh(position, np.arange(6, dtype=np.uint32), [(0, 0, 6)])
    lips = two(vertex=[0, 1, 2, 3, 4, 5], offset=[0, 1, 1, 1, 2, 2, 2], group=[0, 0], weight=[0.5, 0.5])
    assert len(finish(weld(*split(mesh, [weights.number_corners(lips)])))[0]) == 3
    lips.weight[1] = 1.0
    assert len(finish(weld(*split(mesh, [weights.number_corners(lips)])))[0]) == 4


def test_painted_weight_travels_as_a_patch():
    count = 50_000
    large = two(vertex=range(count), offset=range(count + 1), group=[0] * count, weight=[0.5] * count)
    bases, attachments = Bases(), []
    change = {"op": "update", "uuid": "u", "components": {"weights": large.pack(attachments)}}
    names = large.pack([])["buffers"]
    bases.keep([change], attachments, [{"uuid": "u", "buffers": {name: name for name in names}}])
    large = two(vertex=range(count), offset=range(count + 1), group=[0] * count, weight=[0.5] * (count - 1) + [1.0])
    painted = []
    change = {"op": "update", "uuid": "u", "components": {"weights": large.pack(painted)}}
    (short,), sent = bases.shorten([change], painted)
    assert {name for name, buffer in short["components"]["weights"]["buffers"].items() if "base" in buffer} == {
        "weight"
    }
    assert sum(map(len, sent)) < 100
