# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels as a PNG, with numpy and the standard library alone."""

from __future__ import annotations

import struct
import zlib

import numpy as np

MAX_BYTES = 4 << 20
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOR_TYPES = {3: 2, 4: 6}  # by the number of channels
_UP = 2  # the filter that stores each row as the difference to the row above
_LEVEL = 3  # of zlib: higher levels take several times as long and save little


def encode(pixels: np.ndarray) -> bytes:
    """Returns a PNG with 8 bits a channel: three channels are RGB, four RGBA.

    `pixels` has the shape (height, width, channels) of uint8, the top row first.
    """
    height, width, channels = pixels.shape
    rows = np.empty((height, 1 + channels * width), np.uint8)
    rows[:, 0] = _UP
    flat = pixels.reshape(height, channels * width)
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])  # wraps around, as the format wants
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOR_TYPES[channels], 0, 0, 0)
    data = zlib.compress(rows, _LEVEL)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def encode_within_limit(pixels: np.ndarray) -> tuple[int, int, bytes]:
    """Returns width, height and the PNG. Halves a picture that would be larger than the protocol allows: noise does not
    compress."""
    picture = encode(pixels)
    while len(picture) > MAX_BYTES:
        pixels = pixels[::2, ::2]
        picture = encode(pixels)
    return pixels.shape[1], pixels.shape[0], picture


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
