# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests which buffers of a mesh travel again, and in which form."""

import struct

import numpy as np
import pytest
from fake_daemon import PROJECT
from test_session import Harness
from vibesync.core.mesh_patch import Bases, make_patch

MESH = "01920000-0000-7000-8000-00000000000c"
WORDS = 20_000


def words(seed=0):
    return np.random.default_rng(seed).integers(0, 2**31, WORDS).astype("<u4")


def intent(*buffers):
    """Returns the changes and attachments of a mesh with these buffers."""
    named = {f"uv{number}": {"attachment": number, "bytes": data.nbytes} for number, data in enumerate(buffers)}
    change = {"op": "update", "uuid": MESH, "components": {"mesh": {"vertex_count": 1, "buffers": named}}}
    return [change], [memoryview(data.view(np.uint8)) for data in buffers]


def stored(*names):
    return [{"uuid": MESH, "buffers": {f"uv{number}": name for number, name in enumerate(names)}}]


@pytest.fixture
def bases():
    made = Bases()
    made.drop_unused(1_000.0)
    made.keep(*intent(words(0), words(1)), stored("a", "b"))
    return made


def buffers_of(changes):
    return changes[0]["components"]["mesh"]["buffers"]


def test_only_what_differs_travels(bases):
    changed = words(1)
    changed[7] = 5
    changes, attachments = intent(words(0), changed)
    short, kept = bases.shorten(changes, attachments)
    assert buffers_of(short) == {
        "uv0": {"blob": "a", "bytes": 4 * WORDS},
        "uv1": {"base": "b", "attachment": 0, "bytes": 4 * WORDS},
    }
    assert [list(np.frombuffer(data, "<u4")) for data in kept] == [[1, 7, 1, 5]]
    assert buffers_of(changes)["uv0"] == {"attachment": 0, "bytes": 4 * WORDS}, "the intent itself stays whole"


def test_other_content_travels_whole(bases):
    changes, attachments = intent(words(2), words(3)[:-3])
    short, kept = bases.shorten(changes, attachments)
    assert short is changes
    assert kept is attachments


def test_forgotten_mesh_travels_whole(bases):
    changes, attachments = intent(words(0), words(1))
    bases.drop_unused(1_060.0)
    assert bases.shorten(changes, attachments)[1] is not attachments
    bases.drop_unused(1_061.0)
    assert bases.shorten(changes, attachments)[1] is attachments


def test_small_buffer_travels_whole():
    bases = Bases()
    changes, attachments = intent(words(0)[:1_000])
    bases.keep(changes, attachments, stored("a"))
    assert bases.shorten(changes, attachments)[1] is attachments


@pytest.mark.parametrize("seed", range(20))
def test_patch_leads_to_the_new_words(seed):
    random = np.random.default_rng(seed)
    old, new = words(), words()
    at = random.integers(0, WORDS, random.integers(0, 2_000))
    new[at] = random.integers(0, 2**31, len(at))
    patch = np.frombuffer(make_patch(old, new), "<u4")
    made, rest = old.copy(), patch[1 + 2 * patch[0] :]
    for first, count in patch[1 : 1 + 2 * patch[0]].reshape(-1, 2).astype(int):
        made[first : first + count], rest = rest[:count], rest[count:]
    assert np.array_equal(made, new)
    assert len(rest) == 0


@pytest.fixture
def it(tmp_path):
    made = Harness(tmp_path)
    yield made
    made.session.stop("the test is over")
    made.daemon.close()


def mesh_intent(data):
    mesh = {"corner_count": 3, "buffers": {"position": {"attachment": 0, "bytes": len(data)}}}
    return [{"op": "update", "uuid": PROJECT, "components": {"mesh": mesh}}], [data]


def submit_mesh(session, data):
    return session.submit("Change", *mesh_intent(data), {PROJECT: {}})


def sent_buffer(frame):
    return frame.header["changes"][0]["components"]["mesh"]["buffers"]["position"]


def test_only_the_change_of_a_stored_mesh_is_sent(it):
    it.daemon.features, it.daemon.auto_ack = ["upload_patches"], False
    it.wait(lambda: it.session.is_live)
    first = bytes(84_000)
    operation_id = submit_mesh(it.session, first)
    meshes = [{"uuid": PROJECT, "buffers": {"position": "ab"}}]
    it.daemon.send({"type": "stored", "operation_id": operation_id, "meshes": meshes})
    it.wait(lambda: it.session.bases.shorten(*mesh_intent(first))[1] == [])
    second = first[:8] + b"\x01\0\0\0" + first[12:]
    submit_mesh(it.session, second)
    frame = it.wait(lambda: it.daemon.of_type("intent")[1:])[0]
    assert sent_buffer(frame) == {"base": "ab", "attachment": 0, "bytes": 84_000}
    assert frame.attachments == [struct.pack("<4I", 1, 2, 1, 1)]
    it.daemon.features = []
    it.daemon.drop()
    it.wait(lambda: len(it.daemon.of_type("intent")) == 4)
    assert [frame.attachments for frame in it.daemon.of_type("intent")[2:]] == [[first], [second]]
    assert not any(intent.is_patched for intent in it.session.outbox)


def test_other_bulk_of_an_intent_keeps_its_attachments(bases):
    changed = words(1)
    changed[7] = 5
    changes, attachments = intent(words(0), changed)
    shown = {"vertex_count": 1, "buffers": {"position": {"attachment": 2, "bytes": 8}}}
    image = {"format": "png", "buffers": {"file": {"attachment": 3, "bytes": 4}}}
    changes.append({"op": "update", "uuid": "x", "components": {"shown": {"mesh": shown, "materials": None}}})
    changes.append({"op": "update", "uuid": "y", "components": {"image": image}})
    changes.append({"op": "update", "uuid": "z", "components": {"shown": {"mesh": None, "materials": None}}})
    short, kept = bases.shorten(changes, [*attachments, memoryview(b"12345678"), memoryview(b"1234")])
    assert [bytes(data) for data in kept[1:]] == [b"12345678", b"1234"]
    assert short[1]["components"]["shown"]["mesh"]["buffers"]["position"] == {"attachment": 1, "bytes": 8}
    assert short[1]["components"]["shown"]["materials"] is None
    assert short[2]["components"]["image"]["buffers"]["file"] == {"attachment": 2, "bytes": 4}
    assert short[2]["components"]["image"]["format"] == "png"
    assert short[3] == changes[3]
