# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `maps`: which channel of which image gives a value of a surface, and how Blender shows it.

Blender's textures read one set of UV coordinates, have one way to go on beyond all edges, and colors without scale and
bias. The rest of a map is kept as it was synchronized last.
"""

from __future__ import annotations

from collections.abc import Callable

from .equality import all_close, close
from .fields import check_fields, nullable, number, numbers, one_of
from .sync_error import SyncError
from .uuid_text import is_uuid

COLORS = ("base_color", "normal", "emission")  # maps that read red, green and blue
FIELDS = ("alpha", "base_color", "emission", "metallic", "normal", "occlusion", "roughness")
SHOWN = tuple(name for name in FIELDS if name != "occlusion")  # Blender's shader has no occlusion
EMPTY: dict[str, dict | None] = dict.fromkeys(FIELDS)
PLAIN = {
    "scale": 1.0,
    "bias": 0.0,
    "uv": 0,
    "offset": [0.0, 0.0],
    "rotation": 0.0,
    "tile": [1.0, 1.0],
    "wrap": ["repeat", "repeat"],
    "filter": "linear",
}

_LARGEST = 1e9
_number = number(-_LARGEST, _LARGEST)
_WRAP = one_of(("repeat", "clamp", "mirror"))


def _check_uuid(value: object, location: str) -> None:
    if not is_uuid(value):
        raise SyncError("VS-1006", "not a uuid", location)


def _check_uv(value: object, location: str) -> None:
    if type(value) is not int or not 0 <= value <= 7:
        raise SyncError("VS-3004", "a mesh has the UV sets 0 to 7", location)


_MAP = {
    "image": _check_uuid,
    "scale": _number,
    "bias": _number,
    "uv": _check_uv,
    "offset": numbers(2, _number),
    "rotation": _number,
    "tile": numbers(2, _number),
    "wrap": numbers(2, _WRAP),
    "filter": one_of(("linear", "nearest")),
}


def _check_map(channels: tuple[str, ...]):
    channel = {"channel": one_of(channels)}

    def check(value: object, location: str) -> None:
        if not isinstance(value, dict):
            raise SyncError("VS-1006", "not an object", location)
        check_fields(value, {**_MAP, **channel}, location)

    return nullable(check)


_CHECKS = {name: _check_map(("rgb",) if name in COLORS else ("r", "g", "b", "a")) for name in FIELDS}


def check(value: dict, location: str) -> None:
    """Checks the component. Raises SyncError at the location of the first fault."""
    check_fields(value, _CHECKS, location)


def is_same(a: dict, b: dict) -> bool:
    """Returns whether two components are equal."""
    return all(_is_same_map(a[name], b[name]) for name in FIELDS)


def as_shown(value: dict | None) -> dict | None:
    """Returns the part of a map that Blender shows."""
    if value is None:
        return None
    shown = {**value, "uv": 0, "wrap": [value["wrap"][0]] * 2}
    return {**shown, "scale": 1.0, "bias": 0.0} if value["channel"] == "rgb" else shown


def from_native(
    shown: dict[str, dict | None], last: dict | None, is_known: Callable[[str], bool]
) -> dict[str, dict | None]:
    """Returns the component that a material shows.

    `shown`: what its nodes say; nothing for a value that other nodes decide. `last`: the component as it was
    synchronized last. `is_known`: whether an image exists.
    """
    last, maps = last or EMPTY, {}
    for name in FIELDS:
        before = last[name] if last[name] and is_known(last[name]["image"]) else None
        if name not in SHOWN:
            maps[name] = before
        else:
            now = shown.get(name)
            maps[name] = before if before and _is_same_map(as_shown(before), now) else now
    return maps


def to_write(wanted: dict, shown: dict[str, dict | None]) -> dict[str, dict | None]:
    """Returns the maps to write, by field: those that the nodes do not show already. Fields of other nodes are left."""
    asked = {name: as_shown(wanted[name]) for name in SHOWN if name in shown}
    return {name: value for name, value in asked.items() if not _is_same_map(value, shown[name])}


def _is_same_map(a: dict | None, b: dict | None) -> bool:
    if a is None or b is None:
        return a is b
    return (
        all(a[name] == b[name] for name in ("image", "channel", "uv", "wrap", "filter"))
        and all(close(a[name], b[name]) for name in ("scale", "bias", "rotation"))
        and all(all_close(a[name], b[name]) for name in ("offset", "tile"))
    )
