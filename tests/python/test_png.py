# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as PNG."""

import struct
import zlib

import numpy as np
from vibesync.core import png


def decode(data):
    """Returns the pixels of a PNG with the filter Up in all rows, and checks the checksums of its chunks."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(name + content)
        chunks[name] = content
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert kind == [8, 2, 0, 0, 0]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    assert (rows[:, 0] == 2).all()
    return np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8).reshape(height, width, 3)


def test_pixels_are_read_back_exactly():
    noise = np.random.default_rng(1)
    for height, width in [(1, 1), (2, 3), (64, 33)]:
        pixels = noise.integers(0, 256, (height, width, 3), np.uint8)
        assert (decode(png.encode(pixels)) == pixels).all()


def test_picture_within_the_limit_keeps_its_size():
    pixels = np.zeros((1280, 1280, 3), np.uint8)
    width, height, picture = png.encode_within_limit(pixels)
    assert (width, height) == (1280, 1280) and len(picture) < 50_000


def test_noise_is_halved_until_it_fits():
    pixels = np.random.default_rng(1).integers(0, 256, (1280, 1279, 3), np.uint8)
    width, height, picture = png.encode_within_limit(pixels)
    assert (width, height) == (640, 640) and len(picture) <= png.MAX_BYTES
    assert (decode(picture) == pixels[::2, ::2]).all()
