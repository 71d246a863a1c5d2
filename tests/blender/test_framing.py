# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrices of looks: what is where in the picture."""

import math

import bpy
import numpy as np
import pytest
from conftest import cube
from mathutils import Matrix, Vector
from vibesync.blender import framing, scenes

FILLED = 1 / 1.1
AXES = {"x": Vector((1, 0, 0)), "y": Vector((0, 1, 0)), "z": Vector((0, 0, 1))}
# The axes that point right, up and to the viewer, for each direction.
SEEN = {"front": ("x", "z", "-y"), "top": ("x", "y", "z"), "side": ("y", "z", "x")}


def project(found, point):
    """Returns the position in the picture (-1 to 1), and the depth (-1 near, 1 far)."""
    clip = found.projection @ found.view @ Vector(point).to_4d()
    return [each / clip.w for each in clip[:3]]


def axis(name):
    return -AXES[name[1:]] if name[0] == "-" else AXES[name]


@pytest.mark.parametrize("look", SEEN)
def test_directions_are_those_of_the_numpad(look):
    rotation = framing.DIRECTIONS[look]
    points = np.array([[3.0, 5.0, 7.0], [5.0, 7.0, 9.0]])
    found = framing.orthographic(rotation, points, points, aspect=1.0)
    center = Vector((4, 6, 8))
    assert project(found, center)[:2] == pytest.approx([0, 0], abs=1e-5)
    right, up, near = map(axis, SEEN[look])
    assert project(found, center + right)[:2] == pytest.approx([FILLED, 0], abs=1e-5)
    assert project(found, center + up)[:2] == pytest.approx([0, FILLED], abs=1e-5)
    assert project(found, center + near)[2] < project(found, center)[2] < project(found, center - near)[2]


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("look", SEEN)
def test_picture_without_perspective_shows_all_and_cuts_off_nothing(look, aspect):
    noise = np.random.default_rng(3)
    shown, everything = noise.normal(size=(20, 3)), noise.normal(size=(50, 3)) * 40 + 7
    found = framing.orthographic(framing.DIRECTIONS[look], shown, everything, aspect)
    inside = np.array([project(found, point) for point in shown])
    assert np.abs(inside[:, :2]).max() == pytest.approx(FILLED, abs=1e-4)
    assert np.abs([project(found, point)[2] for point in everything]).max() < 1
    scale = [project(found, Vector(each))[:2] for each in (shown[0], shown[0] + np.array(axis(SEEN[look][0])))]
    tall = [project(found, Vector(each))[:2] for each in (shown[0], shown[0] + np.array(axis(SEEN[look][1])))]
    assert (scale[1][0] - scale[0][0]) * aspect == pytest.approx(tall[1][1] - tall[0][1], rel=1e-4), (
        "nothing is stretched"
    )


def test_perspective_keeps_direction_and_angles_and_shows_all():
    noise = np.random.default_rng(5)
    rotation = Matrix.Rotation(0.7, 3, "X") @ Matrix.Rotation(2.0, 3, "Z")
    like = Matrix(((1.5, 0, 0, 0), (0, 2.5, 0, 0), (0, 0, -1, -0.2), (0, 0, -1, 0)))
    for size in (0.01, 1, 1000):
        shown = noise.normal(size=(30, 3)) * size + 3
        found = framing.perspective(rotation, like, shown, (0.1, 100))
        points = np.array([project(found, point) for point in shown])
        assert 0.5 < np.abs(points[:, :2]).max() < 1 and np.abs(points[:, 2]).max() < 1
        assert found.view.to_3x3() == rotation
        assert (found.projection[0][0], found.projection[1][1]) == (1.5, 2.5)


def test_single_point_has_a_picture():
    point = np.array([[1.0, 2.0, 3.0]])
    for found in (
        framing.orthographic(framing.DIRECTIONS["top"], point, point, 1.5),
        framing.perspective(Matrix.Identity(3), Matrix.Identity(4), point, (0.1, 100)),
    ):
        assert project(found, point[0])[:2] == pytest.approx([0, 0], abs=1e-5)
        assert math.isfinite(project(found, point[0])[2])


def test_corners_are_those_of_shapes_in_the_scene(harness):
    box = bpy.data.objects.new("Box", cube())
    box.matrix_world = Matrix.Translation((10, 0, 0)) @ Matrix.Scale(2, 4)
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    lamp.location = (500, 0, 0)
    for item in (box, lamp):
        scenes.synced_scene().collection.objects.link(item)
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    points = framing.corners([box, lamp], depsgraph)
    assert points.min(axis=0).tolist() == [8, -2, -2] and points.max(axis=0).tolist() == [12, 2, 2]
    assert framing.corners([lamp], depsgraph).tolist() == [[500, 0, 0]]
    assert framing.corners([], depsgraph).tolist() == [[0, 0, 0]]


def test_size_of_a_picture_keeps_the_aspect():
    assert framing.picture_size(768, 2.0) == (768, 384)
    assert framing.picture_size(768, 0.5) == (384, 768)
    assert framing.picture_size(256, 1000.0) == (256, 1)
