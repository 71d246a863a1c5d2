# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates every incoming batch as a whole before anything in the scene changes."""

from __future__ import annotations

import math
import re
import unicodedata

from .graph import schema
from .pace import Steps
from .sync_error import SyncError

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
COMPONENTS = {
    "object": ("name", "transform", "visibility", "parent", "data", "nodes", "guard"),
    "mesh": ("name", "mesh"),
}
ABSENT = {"nodes": {"graph": None}, "guard": {"human_only": False}}  # the values that missing components stand for
_NUMBERS = {"translation": 3, "rotation": 4, "scale": 3}
_MAX_CHANGES = 10_000
_MAX_NUMBER = 3.4e38


def is_uuid(text: object) -> bool:
    """Returns whether the value is a lower-case hyphenated uuid."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def check_batch(header: dict, project_id: str) -> Steps[None]:
    """Checks an `apply` message, in steps. Raises SyncError at the location of the first fault."""
    if not is_uuid(header.get("batch_id")):
        raise SyncError("VS-1006", "the batch has no id", "batch_id")
    if header.get("project_id") != project_id:
        raise SyncError("VS-2003", "the batch is for another project", "project_id")
    if header.get("schema_version") != 1:
        raise SyncError("VS-2001", "the batch has another schema version", "schema_version")
    changes = header.get("changes")
    if not isinstance(changes, list) or not 0 < len(changes) <= _MAX_CHANGES:
        raise SyncError("VS-3007", f"a batch has 1 to {_MAX_CHANGES} changes", "changes")
    seen = set()
    for number, change in enumerate(changes):
        location = f"changes[{number}]"
        _check_change(change, location)
        if change["uuid"] in seen:
            raise SyncError("VS-3007", f"{change['uuid']} is named twice", location)
        seen.add(change["uuid"])
        yield


def _check_change(change: object, location: str) -> None:
    if not isinstance(change, dict) or change.get("op") not in ("create", "update", "delete"):
        raise SyncError("VS-1006", "not a create, update or delete", location)
    if not is_uuid(change.get("uuid")):
        raise SyncError("VS-1006", "not a uuid", f"{location}.uuid")
    if type(change.get("version")) is not int or not 0 <= change["version"] < 2**53:
        raise SyncError("VS-1006", "not a version", f"{location}.version")
    if change["op"] == "delete":
        return
    components = change.get("components")
    if not isinstance(components, dict):
        raise SyncError("VS-1006", "no components", f"{location}.components")
    if change["op"] == "create" and change.get("kind") not in COMPONENTS:
        raise SyncError("VS-3004", f"unknown kind {change.get('kind')!r}", f"{location}.kind")
    for name, value in components.items():
        if change["op"] == "create" and name not in COMPONENTS[change["kind"]]:
            raise SyncError("VS-3004", f"{name} is not for {change['kind']}", f"{location}.components.{name}")
        check_component(name, value, f"{location}.components.{name}")


def check_component(name: str, value: object, location: str) -> None:
    """Checks one component of a change. Raises SyncError at the location of the first fault."""
    if name == "name":
        _check_name(value, location)
    elif not isinstance(value, dict):
        raise SyncError("VS-1006", "not an object", location)
    elif name == "transform":
        _check_transform(value, location)
    elif name == "visibility":
        if not isinstance(value.get("visible"), bool):
            raise SyncError("VS-1006", "not a boolean", f"{location}.visible")
    elif name == "guard":
        if not isinstance(value.get("human_only"), bool):
            raise SyncError("VS-1006", "not a boolean", f"{location}.human_only")
    elif name in ("parent", "data"):
        if value.get("uuid", 0) is not None and not is_uuid(value.get("uuid")):
            raise SyncError("VS-1006", "neither a uuid nor null", f"{location}.uuid")
    elif name == "nodes":
        _check_nodes(value, location)
    elif name != "mesh":  # its buffers are checked when they are unpacked
        raise SyncError("VS-3004", f"unknown component {name}", location)


def _check_nodes(value: dict, location: str) -> None:
    graph = value.get("graph", 0)
    if graph is None:
        return
    try:
        schema.check(graph)
    except SyncError as error:
        raise SyncError(error.code, error.message, f"{location}.graph.{error.location}") from error


def _check_name(value: object, location: str) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise SyncError("VS-1006", "a name has 1 to 255 characters", location)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise SyncError("VS-1006", "a name has no control characters", location)


def _check_transform(value: dict, location: str) -> None:
    for key, count in _NUMBERS.items():
        numbers = value.get(key)
        if not isinstance(numbers, list) or len(numbers) != count:
            raise SyncError("VS-1006", f"not {count} numbers", f"{location}.{key}")
        for number in numbers:
            if type(number) not in (int, float) or not math.isfinite(number) or abs(number) > _MAX_NUMBER:
                raise SyncError("VS-3003", "not a finite number", f"{location}.{key}")
    if abs(math.hypot(*value["rotation"]) - 1.0) > 1e-3:
        raise SyncError("VS-3003", "the rotation's length is not 1", f"{location}.rotation")
