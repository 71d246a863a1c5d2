# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the graphs that loosely written sketches mean, and looks at the shapes.

`crates/graph/tests/it/loose.rs` compares the corrected sketches with the same graphs.
"""

import json
import math
from pathlib import Path

import bpy
import pytest
from graphs import HERE, evaluated, thing
from vibesync.graph.build import build

LOOSE = Path(__file__).parents[2] / "crates" / "graph" / "tests" / "corpus" / "loose"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in LOOSE.glob("*.expected.json"))

# The cutters are larger than the cube; the density is an input of the group, and zero.
EMPTY = {"boolean_with_two_cutters", "lower_case_labels"}


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def built(name):
    """Builds a graph of the corpus on an object with a triangle; returns the object."""
    wanted = json.loads((LOOSE / f"{name}.expected.json").read_text("utf-8"))
    item = thing()
    group = build({**wanted, "blender": HERE, "name": name}, item)
    assert all(link.is_valid for link in group.links)
    return item


def instances(item):
    """Returns how many instances an object shows."""
    bpy.context.view_layer.update()
    shown = bpy.context.evaluated_depsgraph_get().object_instances
    return sum(each.is_instance and each.parent.original == item for each in shown)


def extent(item, axis):
    values = [corner[axis] for corner in evaluated(item)]
    return min(values), max(values)


def lengths(item):
    return {round(math.hypot(*corner), 2) for corner in evaluated(item)}


@pytest.mark.parametrize("name", NAMES)
def test_loose_sketch_builds_and_shows_something(name):
    item = built(name)
    assert bool(instances(item) or evaluated(item)) == (name not in EMPTY)


def test_instances_stand_on_the_points():
    assert instances(built("output_label_only_instance_free")) == 9
    assert instances(built("two_meshes_to_points_joined")) == 9 + 3
    assert instances(built("random_value_with_limits")) == 16


def test_geometries_are_joined():
    assert len(evaluated(built("two_ends_into_group_output"))) == 8 + 33
    circle = 32
    assert len(evaluated(built("two_curves_into_curve_to_mesh"))) == (2 + 17) * circle


def test_values_of_titles_have_their_effect():
    cube = built("values_in_titles")
    assert len(evaluated(cube)) == 6 * 8 * 8 + 2
    assert (extent(cube, 0), extent(cube, 2)) == ((-1.0, 1.0), (0.5, 2.5))
    assert extent(built("value_node_scales"), 0) == (-1.5, 1.5)


def test_operations_compute_what_they_are_named():
    line = evaluated(built("multiply_of_numbers"))
    assert sorted(line) == [(0.5 * index, 0.0, float(index)) for index in range(5)]
    odd = evaluated(built("math_with_operation_in_brackets"))
    assert sorted(z for _, _, z in odd) == [0.0, 2.0, 4.0]
    assert lengths(built("multiply_of_vectors")) == {1.25}


def test_types_follow_the_linked_values():
    assert lengths(built("mix_of_vectors")) == {1.75}
    assert extent(built("switch_of_numbers"), 0) == (-1.5, 1.5)
    assert len(evaluated(built("compare_of_whole_numbers"))) == 3


def test_words_for_domains_choose_the_domain():
    item = built("domain_words")
    bpy.context.view_layer.update()
    shown = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    attribute = shown.data.attributes["tint"]
    assert (attribute.domain, attribute.data_type) == ("FACE", "FLOAT_VECTOR")


def test_repeat_zones_repeat():
    assert extent(built("repeat_zone_without_items"), 2) == (2.5, 3.5)
    assert extent(built("repeat_zone_with_a_number"), 0) == (-1.0, 1.0)
