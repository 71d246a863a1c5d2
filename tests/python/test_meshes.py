# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests meshes of the core: their bytes, digests, welding, and the comparison with what was sent."""

import numpy as np
import pytest
from vibesync.core.mesh import Mesh, exact_buffers, name_blobs, pack, unpack, weld
from vibesync.core.pace import finish
from vibesync.core.sync_error import SyncError


def code_of(function, *arguments):
    with pytest.raises(SyncError) as caught:
        function(*arguments)
    return caught.value.code


def quad():
    position = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    return Mesh(position, np.array([0, 1, 2, 0, 2, 3]), [(0, 0, 6)], uvs=[np.zeros((6, 2), np.float32)])


class TestMesh:
    def test_round_trip(self):
        attachments = [b"something else"]
        component = pack(quad(), attachments)
        again = unpack(component, attachments, "x")
        assert again.digest() == quad().digest()
        assert component["vertex_count"] == 4

    def test_digest_is_independent_of_vertex_sharing(self):
        split = quad()
        split.position, split.index = split.corner_position, np.arange(6)
        assert split.digest() == quad().digest()
        split.position[0, 0] = 0.5
        assert split.digest() != quad().digest()

    def test_welding_shares_positions_but_keeps_flat_triangles(self):
        split = quad()
        split.position, split.index = split.corner_position, np.arange(6)
        position, index = finish(weld(split))
        assert len(position) == 4
        assert np.array_equal(position[index], split.corner_position)
        split.position[1] = split.position[0]
        position, index = finish(weld(split))
        assert np.array_equal(position[index], split.corner_position)
        assert all(len(set(triangle)) == 3 for triangle in index.reshape(-1, 3).tolist())

    def test_exact_buffers_are_those_with_the_same_corners(self):
        everything = {"position", "index", "uv0"}
        assert finish(exact_buffers(quad(), quad())) == everything
        split = quad()
        split.position, split.index = split.corner_position, np.arange(6)
        assert finish(exact_buffers(quad(), split)) == everything
        split.position[4, 1] += 1e-6
        assert finish(exact_buffers(quad(), split)) == {"uv0"}
        turned = quad()
        turned.index = np.array([0, 1, 2, 2, 3, 0])
        assert finish(exact_buffers(quad(), turned)) == {"uv0"}
        moved = quad()
        moved.uvs[0] = moved.uvs[0] + np.float32(1e-6)
        assert finish(exact_buffers(quad(), moved)) == {"position", "index"}
        other = quad()
        other.submeshes = [(1, 0, 6)]
        assert finish(exact_buffers(quad(), other)) == set()
        fewer = quad()
        fewer.index, fewer.uvs, fewer.submeshes = fewer.index[:3], [fewer.uvs[0][:3]], [(0, 0, 3)]
        assert finish(exact_buffers(quad(), fewer)) == set()

    def test_exact_buffers_are_named_by_the_blobs_that_were_sent(self):
        split = quad()
        split.position, split.index = split.corner_position, np.arange(6)
        sent = pack(quad(), [])
        attachments = []
        component = pack(split, attachments)
        assert name_blobs(component, attachments, sent, {"position", "index", "uv0"}) == (component, attachments)
        for name, buffer in sent["buffers"].items():
            buffer["blob"] = name
        named, kept = name_blobs(component, attachments, sent, {"position", "index"})
        assert named["buffers"] == {
            "position": {"blob": "position", "bytes": 48},
            "index": {"blob": "index", "bytes": 24},
            "uv0": {"attachment": 0, "bytes": 48},
        }
        assert named["vertex_count"] == 4 and kept == attachments[2:]
        del sent["buffers"]["index"]["blob"]
        named, kept = name_blobs(component, attachments, sent, {"position", "index", "uv0"})
        assert set(named["buffers"]["uv0"]) == {"blob", "bytes"} and kept == attachments[:2]
        assert named["vertex_count"] == 6, "position and index are named together or not at all"

    def test_welding_keeps_what_is_welded(self):
        position, index = finish(weld(quad()))
        assert np.array_equal(position, quad().position) and index.tolist() == quad().index.tolist()
        flat = quad()
        flat.index[1] = 0
        position, index = finish(weld(flat))
        assert np.array_equal(position[index], flat.corner_position)
        assert all(len(set(triangle)) == 3 for triangle in index.reshape(-1, 3).tolist())

    @pytest.mark.parametrize(
        ("edit", "code"),
        [
            (lambda mesh, parts: mesh.update(corner_count=5), "VS-3005"),
            (lambda mesh, parts: mesh.update(vertex_count=3), "VS-3005"),
            (lambda mesh, parts: mesh["buffers"].pop("index"), "VS-3005"),
            (lambda mesh, parts: mesh["buffers"]["index"].update(attachment=9), "VS-3005"),
            (lambda mesh, parts: mesh["buffers"]["index"].pop("attachment"), "VS-3010"),
            (lambda mesh, parts: mesh["submeshes"][0].update(count=3), "VS-3005"),
            (lambda mesh, parts: mesh["submeshes"][0].update(slot=-1), "VS-3005"),
            (lambda mesh, parts: parts.__setitem__(1, (4).to_bytes(4, "little") * 6), "VS-3005"),
            (lambda mesh, parts: parts.__setitem__(0, b"\0\0\xc0\x7f" * 12), "VS-3003"),
        ],
    )
    def test_malformed_meshes_are_refused(self, edit, code):
        attachments = []
        component = pack(quad(), attachments)
        edit(component, attachments)
        assert code_of(unpack, component, attachments, "x") == code
