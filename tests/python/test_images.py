# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the components `image` and `maps`: what is refused, what is equal, and what stays as it was."""

import struct
import zlib

import numpy as np
import pytest
from vibesync.core import images, maps, png
from vibesync.core.components import check_component, same_component
from vibesync.core.sync_error import SyncError

ONE = "0191aaaa-0000-4000-8000-000000000001"
TWO = "0191aaaa-0000-4000-8000-000000000002"
PNG = b"\x89PNG\r\n\x1a\n and what follows"


def image(**values):
    described = {"width": 4, "height": 2, "color_space": "srgb", "alpha": "straight", "format": "png"}
    return {**described, "buffers": {"file": {"attachment": 0, "bytes": len(PNG)}}, **values}


def texture(channel="rgb", **values):
    return {"image": ONE, "channel": channel, **maps.PLAIN, **values}


def with_maps(**fields):
    return {**maps.EMPTY, **fields}


FAULTS = [
    ({"width": 0}, "VS-3003", "image.width"),
    ({"height": 65_537}, "VS-3003", "image.height"),
    ({"color_space": "aces"}, "VS-1006", "image.color_space"),
    ({"alpha": "maybe"}, "VS-1006", "image.alpha"),
    ({"format": "dpx"}, "VS-1006", "image.format"),
    ({"buffers": {}}, "VS-3016", "image.buffers"),
    ({"buffers": {"file": 3}}, "VS-3016", "image.buffers"),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case[2])
def test_values_that_no_image_has_are_refused(case):
    values, code, location = case
    check_component("image", image(), "image")
    with pytest.raises(SyncError) as caught:
        check_component("image", image(**values), "image")
    assert (caught.value.code, caught.value.location) == (code, location)


BUFFERS = [
    ({"blob": "b" * 64, "bytes": len(PNG)}, "VS-3010"),
    ({"attachment": 1, "bytes": len(PNG)}, "VS-3016"),
    ({"attachment": True, "bytes": len(PNG)}, "VS-3016"),
    ({"attachment": 0, "bytes": 3}, "VS-3016"),
]


@pytest.mark.parametrize("case", BUFFERS, ids=str)
def test_file_that_is_not_in_the_frame_is_refused(case):
    buffer, code = case
    assert images.unpack(image(), [PNG], "image") == PNG
    with pytest.raises(SyncError) as caught:
        images.unpack(image(buffers={"file": buffer}), [PNG], "image")
    assert (caught.value.code, caught.value.location) == (code, "image.buffers.file")


MARKS = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff\xe0",
    "exr": b"\x76\x2f\x31\x01",
    "hdr": b"#?RADIANCE",
    "tiff": b"MM\0*",
    "bmp": b"BM6",
    "webp": b"RIFF\0\0\0\0WEBP",
}


def test_format_is_that_of_the_file_not_of_its_name():
    for name, mark in MARKS.items():
        assert images.find_format(mark + b"rest", "wood.tga") == name
    assert images.find_format(b"II*\0", "") == "tiff"
    assert images.find_format(b"\0\0\x02", "wood.TGA") == "tga"
    assert images.find_format(b"\0\0\x02", "wood.png") is None


def test_digest_follows_the_bytes_and_their_use():
    described = images.without_buffers(image())
    digest = images.digest(described, PNG)
    assert digest == images.digest(described, memoryview(PNG))
    assert digest != images.digest(described, PNG + b"x")
    assert digest != images.digest({**described, "color_space": "data"}, PNG)
    assert not same_component("image", digest, images.digest(described, PNG[:-1] + b"x"))


MAP_FAULTS = [
    (texture(image="nobody"), "image"),
    (texture(channel="r"), "channel"),
    (texture(scale=float("nan")), "scale"),
    (texture(bias=1e10), "bias"),
    (texture(uv=8), "uv"),
    (texture(offset=[0.0]), "offset"),
    (texture(tile=[1.0, float("inf")]), "tile"),
    (texture(rotation="half"), "rotation"),
    (texture(wrap=["repeat", "clip"]), "wrap"),
    (texture(filter="cubic"), "filter"),
]


@pytest.mark.parametrize("case", MAP_FAULTS, ids=lambda case: case[1])
def test_values_that_no_map_has_are_refused(case):
    value, field = case
    check_component("maps", with_maps(base_color=texture(), alpha=texture("a")), "maps")
    with pytest.raises(SyncError) as caught:
        check_component("maps", with_maps(base_color=value), "maps")
    assert caught.value.location == f"maps.base_color.{field}"
    with pytest.raises(SyncError) as caught:
        check_component("maps", with_maps(alpha=texture("rgb")), "maps")
    assert caught.value.location == "maps.alpha.channel"
    with pytest.raises(SyncError):
        check_component("maps", {"alpha": None}, "maps")


CHANGES = [
    {"image": TWO},
    {"channel": "g"},
    {"scale": 1.001},
    {"bias": 0.001},
    {"uv": 1},
    {"offset": [0.001, 0.0]},
    {"rotation": 0.001},
    {"tile": [1.0, 1.001]},
    {"wrap": ["clamp", "repeat"]},
    {"filter": "nearest"},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_maps_are_equal_up_to_rounding(change):
    one = with_maps(roughness=texture("r", rotation=0.1))
    near = with_maps(roughness=texture("r", rotation=struct.unpack("f", struct.pack("f", 0.1))[0]))
    assert same_component("maps", one, near)
    assert not same_component("maps", one, with_maps(roughness={**texture("r", rotation=0.1), **change}))
    assert not same_component("maps", one, maps.EMPTY)


def everywhere(_uuid):
    return True


def test_what_blender_cannot_show_of_a_map_stays():
    last = with_maps(base_color=texture(uv=3, wrap=["clamp", "repeat"], scale=0.5, bias=0.25), occlusion=texture("g"))
    shown = {**dict.fromkeys(maps.SHOWN), "base_color": maps.as_shown(last["base_color"])}
    assert shown["base_color"] == texture(wrap=["clamp", "clamp"])
    assert maps.from_native(shown, last, everywhere) == last
    moved = {**shown["base_color"], "offset": [0.5, 0.0]}
    assert maps.from_native({**shown, "base_color": moved}, last, everywhere)["base_color"] == moved
    assert maps.from_native(dict.fromkeys(maps.SHOWN), last, everywhere) == with_maps(occlusion=texture("g"))
    assert maps.from_native(shown, last, lambda uuid: uuid != ONE)["occlusion"] is None, "its image is deleted"
    others = {name: value for name, value in shown.items() if name != "base_color"}
    assert maps.from_native(others, last, everywhere)["base_color"] is None, "other nodes decide"


def test_only_maps_that_differ_are_written():
    shown = {**dict.fromkeys(maps.SHOWN), "alpha": texture("a")}
    assert maps.to_write(with_maps(alpha=texture("a", uv=2)), shown) == {}
    assert maps.to_write(with_maps(alpha=texture("r")), shown) == {"alpha": texture("r")}
    assert maps.to_write(maps.EMPTY, shown) == {"alpha": None}
    del shown["alpha"]
    assert maps.to_write(maps.EMPTY, shown) == {}, "other nodes decide"


def test_png_with_alpha_has_its_pixels():
    pixels = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    data = png.encode(pixels)
    assert struct.unpack(">IIBB", data[16:26]) == (3, 2, 8, 6)
    start = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[start - 4 : start])
    rows = np.frombuffer(zlib.decompress(data[start + 4 : start + 4 + length]), np.uint8).reshape(2, 13)
    assert rows[:, 0].tolist() == [2, 2]
    assert np.array_equal(np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8).reshape(2, 3, 4), pixels)
