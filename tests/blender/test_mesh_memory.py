# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that a large mesh is read as before if only what differs is converted."""

import dataclasses
import math
from functools import partial

import bpy
import numpy as np
import pytest
from conftest import cube
from mathutils import Vector
from vibesync.blender import mesh_memory, mesh_read, scenes
from vibesync.blender.identity import PROPERTY
from vibesync.core.pace import finish


def large_grid(side=112, sides=4):
    """Returns a bent plane of quads or triangles with uv coordinates, large enough to be remembered."""
    mesh = bpy.data.meshes.new("Large")
    places = [(x, y, (x * y) % 7 * 0.1) for x in range(side) for y in range(side)]
    quads = [(at, at + side, at + side + 1, at + 1) for at in range(side * side - side) if at % side < side - 1]
    mesh.from_pydata(places, [], quads if sides == 4 else [quad[:3] for quad in quads])
    mesh.uv_layers.new()
    return mesh


def move(mesh, generator):
    """Moves some vertices far enough that quads are split along their other diagonal."""
    for vertex in generator.choice(len(mesh.vertices), 5):
        mesh.vertices[vertex].co += Vector(generator.uniform(-3, 3, 3))


def unwrap(mesh, generator):
    mesh.uv_layers[0].uv[int(generator.integers(len(mesh.loops)))].vector = (0.5, -0.0)


def sharpen(mesh, generator):
    mesh.polygons[int(generator.integers(len(mesh.polygons)))].use_smooth ^= True


def tint(domain, mesh, generator):
    colors = mesh.color_attributes or [mesh.color_attributes.new("Color", "FLOAT_COLOR", domain)]
    colors[0].data[int(generator.integers(len(colors[0].data)))].color = (0.5, 0.25, 0, 1)


def read_known(mesh, known=None, unit=1.0):
    known = finish(mesh_memory.read_steps(lambda: mesh, unit, known))
    known.digests = finish(known.mesh.part_digests(known.digests))
    return known


def assert_is_as_read(known, mesh, unit=1.0):
    whole = mesh_read.read(mesh, unit)
    bytes_of = {name: values.tobytes() for name, values in whole.buffers().items()}
    assert {name: values.tobytes() for name, values in known.mesh.buffers().items()} == bytes_of
    assert known.mesh.submeshes == whole.submeshes
    assert known.mesh.combine(known.digests) == whole.digest()


EDITS = {
    "move": move,
    "unwrap": unwrap,
    "sharpen": sharpen,
    "tint vertices": partial(tint, "POINT"),
    "tint corners": partial(tint, "CORNER"),
}


@pytest.mark.parametrize("is_smooth", [True, False])
@pytest.mark.parametrize("sides", [3, 4])
@pytest.mark.parametrize("edit", EDITS)
def test_patched_mesh_is_as_one_that_is_read_whole(edit, sides, is_smooth, monkeypatch):
    generator = np.random.default_rng(7)
    mesh = large_grid(sides=sides)
    mesh.polygons.foreach_set("use_smooth", [is_smooth] * len(mesh.polygons))
    EDITS[edit](mesh, generator)
    mesh.update()
    known = read_known(mesh)
    for _ in range(3):
        before = {name: values.tobytes() for name, values in known.mesh.buffers().items()}
        EDITS[edit](mesh, generator)
        mesh.update()
        with monkeypatch.context() as patching:
            if edit != "sharpen":  # the normals of a mesh that was smooth are per vertex
                patching.setattr(mesh_read, "convert", None)
            patched = read_known(mesh, known)
        assert_is_as_read(patched, mesh)
        # An intent may still hold the arrays of the read before.
        assert {name: values.tobytes() for name, values in known.mesh.buffers().items()} == before
        known = patched


def test_mesh_with_other_polygons_or_slots_is_read_whole():
    mesh = large_grid()
    known = read_known(mesh)
    mesh.polygons[3].material_index = 1
    known = read_known(mesh, known)
    assert_is_as_read(known, mesh)
    mesh.flip_normals()
    known = read_known(mesh, known)
    assert_is_as_read(known, mesh)
    mesh.uv_layers.new()
    known = read_known(mesh, known)
    assert_is_as_read(known, mesh)
    known = read_known(mesh, known, unit=0.01)
    assert_is_as_read(known, mesh, unit=0.01)


def test_patch_beside_a_large_polygon_is_exact():
    mesh = bpy.data.meshes.new("Fan")
    turns = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    mesh.from_pydata([(math.cos(t), math.sin(t), 0) for t in turns], [], [range(7), (7, 8, 0)])
    known = read_known(mesh)
    mesh.vertices[2].co.z += 1
    mesh.update()
    assert_is_as_read(read_known(mesh, known), mesh)


def test_memory_of_meshes_is_limited(monkeypatch):
    mesh = large_grid()
    one = read_known(mesh)
    memory = mesh_memory.MeshMemory()
    memory.keep("small", read_known(cube()))
    assert memory.find("small") is None
    monkeypatch.setattr(mesh_memory, "_MAX_BYTES", 2 * one.bytes)
    for uuid in ("a", "b", "a", "c"):
        memory.keep(uuid, dataclasses.replace(one))
    assert [memory.find(uuid) is not None for uuid in "abc"] == [True, False, True]
    memory.drop_unused(one.used_at + 1e6)
    assert [memory.find(uuid) for uuid in "abc"] == [None] * 3


def test_stroke_on_a_large_mesh_is_sent_exactly(harness, monkeypatch):
    mesh = large_grid()
    harness.connect()
    scenes.synced_scene().collection.objects.link(bpy.data.objects.new("Large", mesh))
    harness.edited()
    harness.settle()
    before = harness.intents()
    monkeypatch.setattr(mesh_read, "convert", None)
    mesh.vertices[5].co.z += 1
    mesh.update()
    harness.edited()
    harness.settle()
    (change,) = harness.changes(before)
    assert list(change["components"]) == ["mesh"]
    sent = harness.mesh_of(before)
    monkeypatch.undo()
    assert sent.digest() == mesh_read.read(mesh, 1.0).digest()


def test_digest_of_an_older_addon_is_no_change(harness):
    harness.connect()
    item = harness.add("Cube", shape="cube")
    entry = harness.bridge.replica.entries[item.data[PROPERTY]]
    old = finish(mesh_read.read(item.data, 1.0).whole_digest_steps())
    for known in (entry.last_seen, entry.confirmed):
        known["mesh"] = old
    before = harness.intents()
    harness.bridge.rebind()
    harness.settle()
    assert harness.intents() == before
    item.data.vertices[0].co.x += 1
    harness.edited()
    harness.settle()
    assert harness.intents() == before + 1
    assert entry.last_seen["mesh"] == mesh_read.read(item.data, 1.0).digest() != old


def test_stroke_whose_base_the_daemon_lost_is_sent_whole(harness):
    harness.daemon.features, harness.daemon.auto_ack = ["upload_patches"], False
    mesh = large_grid()
    harness.connect()
    scenes.synced_scene().collection.objects.link(bpy.data.objects.new("Large", mesh))
    harness.edited()
    first = harness.wait(lambda: harness.daemon.of_type("intent"))[0].header
    buffers = first["changes"][0]["components"]["mesh"]["buffers"]
    stored = {"uuid": first["changes"][0]["uuid"], "buffers": {name: name for name in buffers}}
    harness.daemon.send({"type": "stored", "operation_id": first["operation_id"], "meshes": [stored]})
    harness.daemon.acknowledge(first)
    harness.daemon.auto_ack = True
    for later in harness.daemon.of_type("intent")[1:]:  # the object may come in an intent of its own
        harness.daemon.acknowledge(later.header)
    harness.settle()
    harness.daemon.auto_ack = False
    before = harness.intents()

    mesh.vertices[5].co.z += 1
    mesh.update()
    harness.edited()
    patch = harness.wait(lambda: harness.daemon.of_type("intent")[before:])[0]
    sent = patch.header["changes"][0]["components"]["mesh"]["buffers"]
    assert sent["position"]["base"] == "position"
    assert sent["uv0"] == {"blob": "uv0", "bytes": buffers["uv0"]["bytes"]}
    assert sum(map(len, patch.attachments)) < 1_000
    harness.daemon.auto_ack = True
    error = {"code": "VS-3010", "message": "lost", "place": "changes[0].components.mesh", "help": ""}
    harness.daemon.acknowledge(patch.header, "refused", error)
    harness.settle()
    assert harness.bridge.last_error is None
    assert harness.mesh_of(before + 1).digest() == mesh_read.read(mesh, 1.0).digest()
