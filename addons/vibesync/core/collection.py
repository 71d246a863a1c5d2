# SPDX-License-Identifier: GPL-3.0-or-later
"""The components `collection`, `collections` and `instance`: groups of objects, those around one, that it shows."""

from __future__ import annotations

import math

from .equality import all_close
from .sync_error import SyncError
from .uuid_text import is_uuid

SCENE_ALONE = {"in": [], "root": True}  # of an object without the component

NO_INSTANCE = {"of": None}  # of an object without the component

# Blender's color tags, by their names on the wire.
COLORS = {"none": "NONE"} | {
    name: f"COLOR_{number:02d}"
    for number, name in enumerate(("red", "orange", "yellow", "green", "blue", "violet", "pink", "brown"), 1)
}
NAMES = {tag: name for name, tag in COLORS.items()}

_MOST = 1_024  # collections that one object or collection is in
_LARGEST = 1e9


def check_collection(value: dict, location: str) -> None:
    """Checks a collection. Raises SyncError at the location of the first fault."""
    _check_list(value, "parents", location)
    for field in ("root", "hidden"):
        _check_boolean(value, field, location)
    offset = value.get("offset")
    if not isinstance(offset, list) or len(offset) != 3:
        raise SyncError("VS-1006", "not three numbers", f"{location}.offset")
    for number in offset:
        if type(number) not in (int, float) or not math.isfinite(number) or abs(number) > _LARGEST:
            raise SyncError("VS-3003", "not a finite number", f"{location}.offset")
    if value.get("color") not in COLORS:
        raise SyncError("VS-1006", "not a color", f"{location}.color")


def is_same_collection(a: dict, b: dict) -> bool:
    """Returns whether two collections are equal."""
    return {**a, "offset": None} == {**b, "offset": None} and all_close(a["offset"], b["offset"])


def check_collections(value: dict, location: str) -> None:
    """Checks the collections of an object. Raises SyncError at the location of the first fault."""
    _check_list(value, "in", location)
    _check_boolean(value, "root", location)
    if not value["root"] and not value["in"]:
        raise SyncError("VS-3004", "an object is in a collection or in the scene", f"{location}.in")


def check_instance(value: dict, location: str) -> None:
    """Checks the instance that an object shows. Raises SyncError at the location of the first fault."""
    if value.get("of", 0) is not None and not is_uuid(value.get("of")):
        raise SyncError("VS-1006", "neither a uuid nor null", f"{location}.of")


def _check_list(value: dict, field: str, location: str) -> None:
    uuids = value.get(field)
    if not isinstance(uuids, list) or not all(map(is_uuid, uuids)):
        raise SyncError("VS-1006", "not a list of uuids", f"{location}.{field}")
    if len(uuids) > _MOST or uuids != sorted(set(uuids)):
        raise SyncError("VS-3004", "uuids are sorted, few, and each is there once", f"{location}.{field}")


def _check_boolean(value: dict, field: str, location: str) -> None:
    if not isinstance(value.get(field), bool):
        raise SyncError("VS-1006", "not a boolean", f"{location}.{field}")
