# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames on the wire: u32 BE length | u32 BE header length | UTF-8 JSON header | attachments."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

from .header import parse, parse_steps
from .pace import Job, Slice
from .sync_error import SyncError

MAX_FRAME = 268_435_456
MAX_FRAME_BEFORE_HANDSHAKE = 65_536
MAX_HEADER = 16_777_216
MAX_HEADER_OF_BATCH = 67_108_864  # of a large batch, and of its answer
MAX_ATTACHMENTS = 1_024
_PARSED_AT_ONCE = 65_536  # bytes of a header; takes a millisecond
_ENCODED_AT_ONCE = 500  # elements of a list

_ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"))
_PREFIX = struct.Struct(">II")


class Frame(NamedTuple):
    """One message: its JSON header and the bytes of its attachments."""

    header: dict
    attachments: list[bytes]


def to_json(value: object) -> str:
    """Returns the value as JSON for the wire. Raises SyncError VS-3003 if it holds NaN."""
    try:
        return _ENCODER.encode(value)
    except ValueError as error:
        raise SyncError("VS-3003", f"the message can't be written: {error}", "header") from error


class Listed:
    """One key of a header with a long list, which is encoded piece by piece while it grows."""

    def __init__(self, name: str) -> None:
        self._pieces = [f',"{name}":['.encode()]
        self._texts: list[str] = []

    def add(self, value: object) -> None:
        """Appends an element."""
        self._texts.append(to_json(value))
        if len(self._texts) >= _ENCODED_AT_ONCE:
            self._end_piece()

    def pieces(self) -> list[bytes]:
        """Returns the key and its list, to follow another key."""
        self._end_piece()
        return [*self._pieces, b"]"]

    def _end_piece(self) -> None:
        if self._texts:
            comma = "," if len(self._pieces) > 1 else ""
            self._pieces.append((comma + ",".join(self._texts)).encode("utf-8"))
            self._texts.clear()


def encode(
    header: dict, attachments: Sequence[bytes] = (), listed: Listed | None = None, max_header: int = MAX_HEADER
) -> list[bytes]:
    """Returns the frame as buffers to send in order, without copying attachments. `listed` adds one key to the header.

    Raises SyncError VS-1002, VS-1003, VS-1004 or VS-3003 if the frame breaks a limit or holds NaN.
    """
    if len(attachments) > MAX_ATTACHMENTS:
        raise SyncError("VS-1004", f"{len(attachments)} attachments, at most {MAX_ATTACHMENTS}", "attachments")
    if attachments:
        header = {**header, "attachments": [len(part) for part in attachments]}
    text = to_json(header).encode("utf-8")
    rest = [*listed.pieces(), b"}"] if listed else []
    text = text[:-1] if listed else text
    size = len(text) + sum(map(len, rest))
    length = 4 + size + sum(len(part) for part in attachments)
    if size > max_header:
        raise SyncError("VS-1003", f"the header has {size} bytes, at most {max_header}", "header")
    if length > MAX_FRAME:
        raise SyncError("VS-1002", f"the frame has {length} bytes, at most {MAX_FRAME}", "length")
    return [_PREFIX.pack(length, size) + text, *rest, *attachments]


class FrameDecoder:
    """Turns a stream of bytes, cut anywhere, into frames. Checks limits before it waits for more bytes."""

    def __init__(self) -> None:
        self.max_frame = MAX_FRAME_BEFORE_HANDSHAKE
        self.max_header = MAX_HEADER
        self._buffer = bytearray()
        self._job: Job[dict] | None = None  # parses the large header of the frame that is next

    @property
    def is_parsing(self) -> bool:
        """Returns whether a header is parsed in part, so that `next` goes on without further bytes."""
        return self._job is not None

    def feed(self, data: bytes) -> None:
        """Appends received bytes."""
        self._buffer += data

    def next(self, slice_: Slice | None = None) -> Frame | None:
        """Returns the next whole frame; None until more bytes arrive, or while the slice is too short for its header.

        Raises SyncError (fatal) on a broken frame.
        """
        if len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "big")
            if length > self.max_frame:
                raise SyncError("VS-1002", f"the frame has {length} bytes, at most {self.max_frame}", "length")
            if length < 4:
                raise SyncError("VS-1001", f"the frame has {length} bytes, at least 4", "length")
        if len(self._buffer) < _PREFIX.size:
            return None
        length, header_length = _PREFIX.unpack_from(self._buffer)
        if header_length > min(self.max_header, length - 4):
            raise SyncError("VS-1003", f"the header has {header_length} bytes in a frame of {length}", "header length")
        if len(self._buffer) < 4 + length:
            return None
        body_start = _PREFIX.size + header_length
        header = self._parse(body_start, slice_)
        if header is None:
            return None
        attachments = _split(self._buffer, header, body_start, 4 + length)
        if not isinstance(header.get("type"), str):
            raise SyncError("VS-1006", "the message has no type", "type")
        del self._buffer[: 4 + length]
        return Frame(header, attachments)

    def _parse(self, end: int, slice_: Slice | None) -> dict | None:
        """Returns the header that ends at this position of the buffer; None while it takes more steps."""
        if self._job is None:
            with memoryview(self._buffer) as view:  # a slice of a bytearray is a copy, and its bytes another one
                text = bytes(view[_PREFIX.size : end])
            if slice_ is None or len(text) <= _PARSED_AT_ONCE:
                return parse(text)
            self._job = Job(parse_steps(text))
        if not self._job.run(slice_):
            return None
        job, self._job = self._job, None
        return job.result

    def end(self) -> None:
        """Ends the stream. Raises SyncError VS-1001 if it ends inside a frame."""
        if self._buffer:
            raise SyncError("VS-1001", f"the stream ends inside a frame, after {len(self._buffer)} bytes", "stream")


def _split(buffer: bytearray, header: dict, start: int, end: int) -> list[bytes]:
    sizes = header.get("attachments", [])
    if not isinstance(sizes, list) or any(type(size) is not int or size < 0 for size in sizes):
        raise SyncError("VS-1003", "attachments is not a list of sizes", "attachments")
    if len(sizes) > MAX_ATTACHMENTS or sum(sizes) != end - start:
        raise SyncError("VS-1004", f"the attachments do not add up to {end - start} bytes", "attachments")
    parts = []
    with memoryview(buffer) as view:
        for size in sizes:
            parts.append(bytes(view[start : start + size]))
            start += size
    return parts
