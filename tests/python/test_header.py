# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that a large header is parsed in steps, with the same result as at once."""

import json

import pytest
from vibesync.core.frame import FrameDecoder, encode
from vibesync.core.header import MAX_NESTING, parse, parse_steps
from vibesync.core.pace import Slice, finish
from vibesync.core.sync_error import SyncError

CHANGES = [
    {"op": "update", "uuid": f"{n}", "components": {"name": 'A "[{\\ ü', "at": [n, 0.5, -1e3]}} for n in range(50)
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"type": "apply", "changes": CHANGES, "last": None}).encode(),
        json.dumps({"changes": [], "a": [[]], "b": {}, "c": [[1, {"d": []}], "e"]}, indent=2).encode(),
        b' { "type" : "x" , "list" : [ 1 , "[" , { } ] } ',
        b"{}",
        b'{"a": 1, "a": [2]}',
        '{"ü": ["é", "\\u00fc"]}'.encode(),
    ],
)
def test_steps_give_the_same_header(text):
    assert finish(parse_steps(text)) == parse(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{",
        b'{"a": [1, 2}',
        b'{"a": [1 2]}',
        b'{"a": [1,]}',
        b'{"a": 1,}',
        b'{"a" 1}',
        b"{a: 1}",
        b'{"a": [NaN]}',
        b'{"a": 1} x',
        b'{"a": "\xff"}',
        b'{"a": [' + b"[" * 100_000,
    ],
)
def test_broken_header_is_refused_in_steps_too(text):
    for read in (parse, lambda text: finish(parse_steps(text))):
        with pytest.raises(SyncError) as refused:
            read(text)
        assert refused.value.code == "VS-1003"


def test_steps_have_the_same_limit_of_nesting():
    for wrap in ('{"a": %s}', '{"a": [%s]}', '{"a": {"b": %s}}'):
        outside = wrap.count("{") + wrap.count("[")
        deepest = MAX_NESTING - outside
        for depth, is_allowed in ((deepest, True), (deepest + 1, False)):
            text = (wrap % ("[" * depth + ",".join(["1"] * 99) + "]" * depth)).encode()
            for read in (parse, lambda text: finish(parse_steps(text))):
                if is_allowed:
                    read(text)
                else:
                    with pytest.raises(SyncError):
                        read(text)


def test_each_element_is_a_step():
    steps = list(parse_steps(json.dumps({"changes": CHANGES}).encode()))
    assert len(steps) > len(CHANGES)


def test_large_header_takes_several_slices():
    decoder, many = FrameDecoder(), CHANGES * 20
    decoder.max_frame = 1 << 24
    for header in ({"type": "apply", "changes": many}, {"type": "ping"}):
        decoder.feed(b"".join(encode(header)))
    waits = 0
    while (frame := decoder.next(Slice(0.0))) is None:
        waits += 1
        assert decoder.is_parsing
    assert waits > len(many) and frame.header == {"type": "apply", "changes": many}
    assert decoder.next(Slice(0.0)).header == {"type": "ping"} and not decoder.is_parsing


def test_small_header_takes_one_slice():
    decoder = FrameDecoder()
    decoder.feed(b"".join(encode({"type": "apply", "changes": CHANGES})))
    assert decoder.next(Slice(0.0)).header["changes"] == CHANGES
