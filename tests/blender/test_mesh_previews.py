# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that the vertices of a mesh are sent while a person works on it, against what was stored, and end with it."""

import struct
import time

import bmesh
import bpy
import numpy as np
import pytest
from fake_daemon import address_of, wait_for
from vibesync.blender import mesh_preview_send

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

    def enter_quietly(self, mode="EDIT"):
        """Enters a mode while a tool holds the mesh: nothing durable follows."""
        bpy.ops.object.mode_set(mode=mode)
        for _ in range(20):
            self.harness.pump()
        self.daemon.received.clear()

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


@pytest.mark.parametrize("mode", ["EDIT", "SCULPT"])
def test_vertex_that_comes_back_ends_its_preview(work, mode):
    work.enter(mode)
    work.move(2.5)
    work.next_preview()
    work.move(-1.0)
    wait_for(lambda: work.daemon.of_type("preview_end"), work.harness.pump, 3.0)
    work.leave()
    work.harness.settle()
    (end,) = work.daemon.of_type("preview_end")
    assert end.header["uuids"] == [work.uuid]
    assert work.daemon.of_type("intent") == []


def test_durable_change_takes_over_and_is_the_next_base(work):
    work.enter()
    work.move(2.5)
    work.next_preview()
    work.harness.settle()  # the pause of the person makes the change durable
    newer = work.positions()
    assert struct.unpack_from("<f", newer) == (2.5,)
    assert work.daemon.of_type("preview_end") == [], "its apply ends the preview"
    before = len(work.previews())
    work.move(3.5, vertex=1)
    positions, words = work.next_preview()
    assert len(work.previews()) > before and positions["base"] == address_of(newer)
    assert words.tolist() == [1, 3, 1, as_word(3.5)]


def test_vertices_wait_for_the_answer_to_an_intent(work):
    work.enter()
    work.daemon.auto_ack = False
    work.move(2.5)
    wait_for(lambda: work.daemon.of_type("intent"), work.harness.pump, 5.0)
    work.daemon.received.clear()
    work.move(3.5)
    work.expect_none()


def test_refused_intent_ends_the_preview(work):
    work.enter()
    work.daemon.auto_ack = False
    work.move(2.5)
    (intent,) = wait_for(lambda: work.daemon.of_type("intent"), work.harness.pump, 5.0)
    error = {"code": "VS-3005", "message": "test", "location": "changes[0]"}
    work.daemon.acknowledge(intent.header, "refused", error)
    wait_for(lambda: work.daemon.of_type("preview_end"), work.harness.pump, 3.0)


def test_vertices_are_repeated_while_the_hand_rests(work, monkeypatch):
    monkeypatch.setattr(work.harness.bridge.activity, "state", lambda: "modal")
    work.enter_quietly()
    work.move(2.5)
    first = work.next_preview()
    again = work.next_preview()
    assert (first[0], first[1].tolist()) == (again[0], again[1].tolist())
    numbers = [frame.header["seq"] for frame in work.previews()]
    assert numbers == sorted(set(numbers))


def test_changed_topology_is_not_previewed(work):
    work.enter()
    content = bmesh.from_edit_mesh(work.cube.data)
    content.faces.ensure_lookup_table()
    content.faces.remove(content.faces[0])  # as many vertices as before
    work.move(2.5)
    work.expect_none(ticks=10)


def test_mesh_with_too_many_differences_is_not_previewed(work, monkeypatch):
    work.enter()
    monkeypatch.setattr(mesh_preview_send, "MAX_PATCH", 12)
    work.move(2.5)
    work.expect_none(ticks=10)
    monkeypatch.setattr(mesh_preview_send, "MAX_PATCH", 16)
    work.move(3.5)
    work.next_preview()


@pytest.mark.parametrize("what", ["shape keys", "large", "multires", "dynamic topology"])
def test_what_is_left_out_has_no_preview(work, monkeypatch, what):
    mode = "EDIT"
    if what == "shape keys":
        work.cube.shape_key_add(name="Basis")
    elif what == "large":
        monkeypatch.setattr(mesh_preview_send, "_MOST_EDITED", 7)
    else:
        mode = "SCULPT"
    if what == "multires":
        work.cube.modifiers.new("Multires", "MULTIRES")
    work.harness.settle()
    work.enter(mode)
    if what == "dynamic topology":
        bpy.ops.sculpt.dynamic_topology_toggle()
        assert work.cube.use_dynamic_topology_sculpting
    work.move(2.5)
    work.expect_none(ticks=10)


def test_mesh_of_the_other_editor_is_not_previewed(work):
    mesh = work.daemon.of_type("intent")
    assert mesh
    work.harness.apply({"op": "update", "uuid": work.uuid, "components": {"name": "Theirs"}})
    work.enter()
    work.move(2.5)
    work.expect_none(ticks=10)


def test_feature_is_needed(harness):
    harness.daemon.features = ["previews", "upload_patches"]
    harness.daemon.stores_meshes = True
    harness.connect()
    assert "mesh_previews" not in harness.daemon.of_type("hello")[-1].header["features"]
    bpy.ops.mesh.primitive_cube_add()
    harness.edited("Add")
    harness.settle()
    work = Work(harness, bpy.context.object).enter()
    work.move(2.5)
    work.expect_none(ticks=10)
    work.leave()


def test_reading_takes_a_quarter_of_the_time(work, monkeypatch):
    monkeypatch.setattr(work.harness.bridge.activity, "state", lambda: "modal")
    work.enter_quietly()
    clock = [0.0]
    outbox = work.harness.bridge.previews._meshes.outbox

    def read(*_):
        clock[0] += 0.05

    monkeypatch.setattr(mesh_preview_send, "find_moved", read)
    monkeypatch.setattr(mesh_preview_send.time, "perf_counter", lambda: clock[0])
    work.harness.bridge.dirty_set.touched_meshes.add(work.uuid)
    now = time.monotonic() + 10.0
    work.harness.bridge.previews._meshes.work(now)
    assert not outbox.is_due(now + 0.199) and outbox.is_due(now + 0.201)
