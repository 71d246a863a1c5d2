# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes images: the component `image`, whose file is the one on disk or in the .blend, byte for byte.

Pixels that are in no file, painted or generated, are encoded as PNG. A file on disk is never written: what arrives is
packed into the .blend.
"""

from __future__ import annotations

import functools
import os
import zlib

import bpy
import numpy as np

from ..core import images, png
from ..core.sync_error import SyncError
from .data_kinds import is_local

_MOST_PAINTED = 4_194_304  # pixels of a painted image that is encoded; a larger one travels once it is saved
_SPACES = {"sRGB": "srgb", "Non-Color": "data", "Raw": "data", "Linear Rec.709": "linear", "Linear": "linear"}
_SPACE_NAMES = {"srgb": "sRGB", "data": "Non-Color", "linear": "Linear Rec.709"}
_ALPHAS = {"STRAIGHT": "straight", "PREMUL": "premul", "CHANNEL_PACKED": "packed", "NONE": "none"}
_ALPHA_NAMES = {name: mode for mode, name in _ALPHAS.items()}


def create(name: str) -> bpy.types.Image:
    """Creates an image, which is saved even if nothing shows it. `write` gives it its file."""
    image = bpy.data.images.new(name, 1, 1)
    image.use_fake_user = True
    return image


def is_synced(image: bpy.types.Image | None) -> bool:
    """Returns whether an image is synchronized if a map shows it: one whole picture that Blender can read."""
    if image is None or not is_local(image) or image.source not in ("FILE", "GENERATED"):
        return False
    if image.is_float and _is_only_pixels(image):
        return False
    has_content = _is_only_pixels(image) or image.packed_file or os.path.isfile(_path(image))
    return bool(has_content) and min(image.size) > 0 and (_is_only_pixels(image) or _head_format(image) is not None)


def is_painting(image: bpy.types.Image) -> bool:
    """Returns whether the image was painted and is too large to be encoded at each stroke."""
    return image.is_dirty and image.size[0] * image.size[1] > _MOST_PAINTED


def read(image: bpy.types.Image) -> dict | None:
    """Returns the component in replica form; None if it cannot be read now."""
    if not is_synced(image) or is_painting(image):
        return None
    described = _describe(image)
    if _is_only_pixels(image) or image.packed_file:
        return images.digest(described, read_file(image))
    sha256, size, _ = _read_on_disk(*_stat(_path(image)))
    return {**described, "buffers": {"file": {"sha256": sha256, "bytes": size}}}


def read_wire(image: bpy.types.Image, attachments: list) -> dict:
    """Returns the component in wire form, and appends the file to `attachments`."""
    return images.pack(_describe(image), read_file(image), attachments)


def read_file(image: bpy.types.Image) -> bytes:
    """Returns the bytes of the file."""
    if _is_only_pixels(image):
        return _encode(image)
    if image.packed_file:
        return image.packed_file.data
    with open(_path(image), "rb") as file:
        return file.read()


def write(image: bpy.types.Image, component: dict, data: bytes, saved: list[dict], location: str) -> None:
    """Writes the component. `saved` gets what is needed to restore the image. Raises SyncError VS-4005."""
    if image.is_dirty:
        raise SyncError("VS-4005", f"{image.name} was painted here and is not saved; save it first", location)
    saved.append(save(image))
    present = read(image)
    if present is None or present["buffers"] != images.digest({}, data)["buffers"]:
        _pack(image, data, component["format"])
    if _space(image) != component["color_space"]:
        image.colorspace_settings.name = _SPACE_NAMES[component["color_space"]]
    if _ALPHAS[image.alpha_mode] != component["alpha"]:
        image.alpha_mode = _ALPHA_NAMES[component["alpha"]]
    if min(image.size) == 0:
        raise SyncError("VS-3016", f"Blender cannot read the {component['format']} file", location)


def save(image: bpy.types.Image) -> dict:
    """Returns what `restore` brings back."""
    packed = image.packed_file.data if image.packed_file else None
    pixels = _encode(image) if _is_only_pixels(image) and not image.is_float else None
    return {
        "file": pixels or packed,
        "space": image.colorspace_settings.name,
        "alpha": image.alpha_mode,
        "path": image.filepath_raw,
    }


def restore(image: bpy.types.Image, saved: dict) -> None:
    """Brings back what `save` returned."""
    if saved["file"] is not None:
        _pack(image, saved["file"], "png")
    elif image.packed_file:
        image.unpack(method="REMOVE")
        image.filepath_raw = saved["path"]
        image.reload()
    if image.colorspace_settings.name != saved["space"]:
        image.colorspace_settings.name = saved["space"]
    if image.alpha_mode != saved["alpha"]:
        image.alpha_mode = saved["alpha"]


def signature(image: bpy.types.Image) -> tuple:
    """Returns what differs after an edit, because Blender announces hardly any."""
    packed = image.packed_file.size if image.packed_file else None
    on_disk = None if packed is not None or _is_only_pixels(image) else _stat(_path(image))
    painted = zlib.crc32(_pixels(image)) if image.is_dirty and not is_painting(image) else None
    own = (image.name, image.source, image.is_dirty, image.colorspace_settings.name, image.alpha_mode)
    return (*own, packed, on_disk, painted)


def _describe(image: bpy.types.Image) -> dict:
    width, height = image.size
    return {
        "width": width,
        "height": height,
        "color_space": _space(image),
        "alpha": _ALPHAS[image.alpha_mode],
        "format": "png" if _is_only_pixels(image) else _head_format(image),
    }


def _is_only_pixels(image: bpy.types.Image) -> bool:
    """Returns whether the pixels are in no file."""
    return image.is_dirty or (image.source == "GENERATED" and not image.packed_file)


def _space(image: bpy.types.Image) -> str:
    """Returns the color space; the nearest one for those of other configurations."""
    return _SPACES.get(image.colorspace_settings.name, "linear" if image.is_float else "srgb")


def _head_format(image: bpy.types.Image) -> str | None:
    path = _path(image)
    head = image.packed_file.data[:16] if image.packed_file else _read_on_disk(*_stat(path))[2]
    return images.find_format(head, path)


def _path(image: bpy.types.Image) -> str:
    return bpy.path.abspath(image.filepath_raw, library=image.library)


def _stat(path: str) -> tuple[str, int, int]:
    """Returns what changes with the content of a file."""
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=4_096)
def _read_on_disk(path: str, _time: int, _size: int) -> tuple[str, int, bytes]:
    """Returns the digest, the length and the first bytes of a file."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        data = b""
    buffer = images.digest({}, data)["buffers"]["file"]
    return buffer["sha256"], buffer["bytes"], data[:16]


def _pack(image: bpy.types.Image, data: bytes, name: str) -> None:
    """Gives an image a file in the .blend. `name`: its format. A reload would read the file on disk instead."""
    image.pack(data=data, data_len=len(data))
    image.source = "FILE"  # packing alone leaves a generated image as it was
    if not image.filepath_raw:  # Blender proposes it when a person unpacks the image; a TGA file is known by it
        image.filepath_raw = f"//vibesync/{bpy.path.clean_name(image.name)}.{name}"
    image.buffers_free()


def _encode(image: bpy.types.Image) -> bytes:
    """Returns the pixels as PNG: equal bytes for equal pixels, in all versions of Blender."""
    width, height = image.size
    pixels = np.rint(_pixels(image) * 255.0).clip(0, 255).astype(np.uint8).reshape(height, width, -1)
    if pixels.shape[2] < 3:  # gray, perhaps with alpha
        gray = np.repeat(pixels[:, :, :1], 3, axis=2)
        pixels = np.concatenate([gray, pixels[:, :, 1:]], axis=2)
    return png.encode(pixels[::-1])


def _pixels(image: bpy.types.Image) -> np.ndarray:
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    return values
