# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that large batches and their answers have long headers, and nothing else has."""

import struct

import pytest
from test_session import Harness
from vibesync.core.frame import MAX_HEADER, MAX_HEADER_OF_BATCH, Listed, encode
from vibesync.core.sync_error import SyncError


@pytest.fixture
def it(tmp_path):
    it = Harness(tmp_path)
    yield it
    it.session.stop("the test is over")
    it.daemon.close()


def test_large_batch_and_its_answer_have_long_headers(it):
    it.daemon.features = ["large_batches"]
    it.wait(lambda: it.session.is_live)
    long = "x" * MAX_HEADER
    it.daemon.send_bytes(b"".join(encode({"type": "apply", "label": long}, max_header=MAX_HEADER_OF_BATCH)))
    it.wait(lambda: len(it.frames) > 1)
    assert it.frames[-1].header["label"] == long
    results = Listed("results")
    results.add(long)
    it.session.send({"type": "applied"}, (), results)
    with pytest.raises(SyncError) as caught:  # no other message may
        it.session.send({"type": "error", "message": long})
    assert caught.value.code == "VS-1003"


def test_long_header_is_refused_without_large_batches(it):
    it.wait(lambda: it.session.is_live)
    it.daemon.send_bytes(struct.pack(">II", MAX_HEADER + 5, MAX_HEADER + 1) + b"{")
    it.wait(lambda: it.session.last_error)
    assert it.session.last_error["code"] == "VS-1003"
