# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests how meshes are read back: by the hashes of the buffers that arrived if nothing differs, else by their bytes."""

import dataclasses
import math

import bpy
import numpy as np
import pytest
from conftest import cube, new_mesh
from vibesync.blender import mesh_read, mesh_write, triangles
from vibesync.core import mesh as wire_mesh
from vibesync.core.pace import finish


def named_mesh(source, attachments):
    """Returns a create change for a mesh whose buffers have hashes, as those of the daemon."""
    change = new_mesh(source, attachments)
    for number, buffer in enumerate(change["components"]["mesh"]["buffers"].values()):
        buffer["blob"] = f"{number:064x}"
    return change


def test_equal_mesh_is_read_back_by_its_hashes(harness):
    harness.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    source.uvs = [np.random.default_rng(1).random((36, 2), np.float32)]
    attachments = []
    split = dataclasses.replace(source, position=source.corner_position, index=np.arange(len(source.index)))
    change = named_mesh(split, attachments)
    results, back = harness.apply(change, attachments=attachments)
    sent, held = change["components"]["mesh"], results[0]["state"]["components"]["mesh"]
    assert held["vertex_count"] == sent["vertex_count"] == 36
    assert {name: buffer.get("blob") for name, buffer in held["buffers"].items()} == {
        name: buffer["blob"] for name, buffer in sent["buffers"].items()
    }
    assert not back
    harness.settle()
    assert harness.intents() == 0


def test_different_mesh_is_read_back_with_its_bytes(harness, monkeypatch):
    harness.connect()
    source = mesh_read.read(cube("Source"), 1.0)
    set_positions = mesh_write._set_positions

    def set_wrong(mesh, position):
        set_positions(mesh, position + np.float32(0.25))

    monkeypatch.setattr(mesh_write, "_set_positions", set_wrong)
    attachments = []
    results, back = harness.apply(named_mesh(source, attachments), attachments=attachments)
    buffers = results[0]["state"]["components"]["mesh"]["buffers"]
    assert "blob" in buffers["normal"] and "blob" not in buffers["position"] and "blob" not in buffers["index"]
    held = np.frombuffer(back[buffers["position"]["attachment"]], np.float32)
    assert held.max() == pytest.approx(1.25)


@pytest.mark.parametrize("smooth_faces", [1, 2, 100])
def test_normals_are_those_that_blender_shows(smooth_faces):
    """One in so many faces is smooth: all, half, none but the first."""
    mesh = bpy.data.meshes.new("Grid")
    side = 7
    points = [(x, y, math.sin(x * y)) for y in range(side) for x in range(side)]
    at = [y * side + x for y in range(side - 1) for x in range(side - 1)]
    mesh.from_pydata(points, [], [(n, n + 1, n + side + 1, n + side) for n in at])
    mesh.polygons.foreach_set("use_smooth", [number % smooth_faces == 0 for number in range(len(at))])
    mesh.update()
    shown = np.empty(len(mesh.loops) * 3, np.float32)
    mesh.corner_normals.foreach_get("vector", shown)
    loops, _ = finish(triangles.read_corners(lambda: mesh, np.array(points, np.float32)))
    expected = wire_mesh.swap_axes(shown.reshape(-1, 3)[loops], 1.0, to_canonical=True)
    assert np.array_equal(mesh_read.read(mesh, 1.0).normal, expected)
