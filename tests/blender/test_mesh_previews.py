# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that the vertices of a mesh are sent while a person works on it, against what was stored, and end with it."""

import struct

import bmesh
import bpy
import numpy as np
import pytest
from fake_daemon import address_of, wait_for
from vibesync.blender import mesh_preview_send
from vibesync.core import mesh_preview_outbox

FEATURES = ["previews", "mesh_previews", "upload_patches"]


@pytest.fixture
def work(harness):
    """A cube that the daemon has stored."""
    harness.daemon.features = FEATURES
    harness.daemon.stores_meshes = True
    harness.connect()
    bpy.ops.mesh.primitive_cube_add()
    harness.edited("Add")
    harness.settle()
    yield Work(harness, bpy.context.object)
    if bpy.context.object and bpy.context.object.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")


class Work:
    """A person works on a cube."""

    def __init__(self, harness, cube):
        self.harness, self.cube = harness, cube
        self.daemon = harness.daemon
        self.uuid = cube.data["uuid"]

    def enter(self, mode="EDIT"):
        bpy.ops.object.mode_set(mode=mode)
        self.harness.settle()
        self.daemon.received.clear()
        return self

    def leave(self):
        bpy.ops.object.mode_set(mode="OBJECT")
        bpy.context.view_layer.update()

    def move(self, x, vertex=0):
        """Moves one vertex as a tool does."""
        mesh = self.cube.data
        if self.cube.mode == "EDIT":
            content = bmesh.from_edit_mesh(mesh)
            content.verts.ensure_lookup_table()
            content.verts[vertex].co.x = x
            bmesh.update_edit_mesh(mesh)
        else:
            mesh.vertices[vertex].co.x = x
            mesh.update()
        bpy.context.view_layer.update()

    def previews(self):
        return self.daemon.of_type("preview")

    def next_preview(self):
        """Waits for one more preview. Returns its value and the words of its patch."""
        before = len(self.previews())
        wait_for(lambda: len(self.previews()) > before, self.harness.pump, 3.0)
        return self.read(self.previews()[before])

    def read(self, frame):
        (change,) = frame.header["changes"]
        assert change["uuid"] == self.uuid and change["components"] == {}
        (patch,) = frame.attachments
        return change["positions"], np.frombuffer(patch, "<u4")

    def positions(self):
        """Returns the positions of the newest intent with this mesh."""
        changes = [(frame, change) for frame in self.daemon.of_type("intent") for change in frame.header["changes"]]
        frame, mesh = [
            (frame, change["components"]["mesh"])
            for frame, change in changes
            if change["uuid"] == self.uuid and "mesh" in change.get("components", {})
        ][-1]
        return frame.attachments[mesh["buffers"]["position"]["attachment"]]

    def expect_none(self, kind="preview", ticks=40):
        for _ in range(ticks):
            self.harness.pump()
        assert self.daemon.of_type(kind) == []


def as_word(number):
    return struct.unpack("<I", struct.pack("<f", number))[0]


@pytest.mark.parametrize("mode", ["EDIT", "SCULPT"])
def test_moved_vertex_is_sent_before_the_durable_change(work, mode):
    base = work.positions()
    work.enter(mode)
    work.move(2.5, vertex=3)
    positions, words = work.next_preview()
    assert positions == {"base": address_of(base), "bytes": 96, "attachment": 0}
    assert words.tolist() == [1, 9, 1, as_word(2.5)]
    assert work.daemon.of_type("intent") == [], "nothing durable has happened yet"
    work.move(3.5, vertex=0)
    _, words = work.next_preview()
    expected = [2, 0, 1, 9, 1, as_word(3.5), as_word(2.5)]
    assert words.tolist() == expected, "each preview has all differences from the base"
