# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `image`: the bytes of an image file, and what its numbers mean."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from .fields import check_fields, number, one_of
from .sync_error import SyncError

COLOR_SPACES = ("srgb", "linear", "data")
ALPHAS = ("straight", "premul", "packed", "none")
FORMATS = ("png", "jpeg", "exr", "hdr", "tga", "tiff", "bmp", "webp")

_FILE = "file"  # the only buffer
_MARKS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"#?", "hdr"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"BM", "bmp"),
)
_FIELDS = {
    "width": number(1, 65_536),
    "height": number(1, 65_536),
    "color_space": one_of(COLOR_SPACES),
    "alpha": one_of(ALPHAS),
    "format": one_of(FORMATS),
}


def check(value: dict, location: str) -> None:
    """Checks the component. Raises SyncError at the location of the first fault."""
    check_fields(value, _FIELDS, location)
    buffers = value.get("buffers")
    if not isinstance(buffers, dict) or list(buffers) != [_FILE] or not isinstance(buffers[_FILE], dict):
        raise SyncError("VS-3016", "an image has one buffer, `file`", f"{location}.buffers")


def find_format(data: bytes, path: str) -> str | None:
    """Returns the format of a file by its mark; that of a TGA file, which has none, by its extension."""
    for mark, name in _MARKS:
        if data[: len(mark)] == mark:
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return "tga" if path.lower().endswith(".tga") else None


def pack(described: dict, data: bytes, attachments: list) -> dict:
    """Returns the wire form and appends the file to `attachments`. `described`: the component without its buffers."""
    buffer = {"attachment": len(attachments), "bytes": len(data)}
    attachments.append(memoryview(data))
    return {**described, "buffers": {_FILE: buffer}}


def digest(described: dict, data: Collection[int]) -> dict:
    """Returns the replica form: equal for equal files that are read in the same way."""
    buffer = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    return {**described, "buffers": {_FILE: buffer}}


def unpack(component: dict, attachments: list, location: str) -> bytes:
    """Returns the file of a wire image. Raises SyncError VS-3016 or VS-3010 at the location of the fault."""
    check(component, location)
    buffer, at = component["buffers"][_FILE], f"{location}.buffers.{_FILE}"
    place = buffer.get("attachment")
    if place is None:
        raise SyncError("VS-3010", "the buffer has no attachment", at)
    if type(place) is not int or not 0 <= place < len(attachments):
        raise SyncError("VS-3016", "the buffer's attachment is not in the frame", at)
    data = bytes(attachments[place])
    if buffer.get("bytes") != len(data):
        raise SyncError("VS-3016", f"{len(data)} bytes, expected {buffer.get('bytes')}", at)
    return data


def without_buffers(component: dict) -> dict:
    """Returns the component without its buffers."""
    return {name: component[name] for name in _FIELDS}


def name_blob(component: dict, sent: dict) -> dict:
    """Returns a wire image whose file is named by the blob that the daemon sent."""
    buffer = sent["buffers"][_FILE]
    return {**component, "buffers": {_FILE: {"blob": buffer["blob"], "bytes": buffer["bytes"]}}}
