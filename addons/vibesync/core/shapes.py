# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys: the component `shapes` with their deltas, and `shape_values` with their weights. Needs numpy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from .equality import EPSILON, RELATIVE_EPSILON, close
from .fields import number
from .pace import Steps, parts
from .sync_error import SyncError

MOST_KEYS = 1_024
LONGEST_NAME = 63  # bytes
MOST_WEIGHT = 10.0
EMPTY = {"vertex_count": 0, "corner_count": 0, "keys": [], "buffers": {}}
NO_VALUES = {"values": {}}

_BUFFERS = ("delta", "vertex")
_weight = number(-MOST_WEIGHT, MOST_WEIGHT)


@dataclass(frozen=True)
class Key:
    """One shape key. Its deltas are relative to another key; to the mesh itself if that is None."""

    name: str
    relative_to: str | None
    min: float
    max: float


@dataclass
class Shapes:
    """The keys of a mesh, the vertex of each corner, and the deltas: a row of vertices for each key."""

    keys: list[Key]
    vertex: np.ndarray
    delta: np.ndarray

    @classmethod
    def none(cls) -> Shapes:
        """Returns the value of a mesh without keys."""
        return cls([], np.empty(0, np.uint32), np.empty((0, 0, 3), np.float32))

    def digest(self) -> dict:
        """Returns the replica form: equal for keys that were read from the same vertices."""
        if not self.keys:
            return EMPTY
        state = hashlib.sha256(repr(self.keys).encode("utf-8", "surrogatepass"))
        state.update(_to_wire(self.vertex, "<u4"))
        state.update(_to_wire(self.delta, "<f4"))
        return {"sha256": state.hexdigest()}

    def pack(self, attachments: list) -> dict:
        """Returns the wire form and appends the bytes of the buffers to `attachments`."""
        buffers = {}
        for name, values in (("delta", _to_wire(self.delta, "<f4")), ("vertex", _to_wire(self.vertex, "<u4"))):
            buffers[name] = {"attachment": len(attachments), "bytes": len(values)}
            attachments.append(values)
        keys = [{"name": it.name, "relative_to": it.relative_to, "min": it.min, "max": it.max} for it in self.keys]
        counts = {"vertex_count": self.delta.shape[1], "corner_count": len(self.vertex)}
        return {**counts, "keys": keys, "buffers": buffers}


def number_corners(shapes: Shapes) -> np.ndarray:
    """Returns a number for each corner: the same for the same moves."""
    _, alike = np.unique(
        shapes.delta.transpose(1, 0, 2).reshape(shapes.delta.shape[1], -1), axis=0, return_inverse=True
    )
    return alike.reshape(-1).astype(np.uint64)[shapes.vertex]


def check_values(value: dict, location: str) -> None:
    """Checks the component `shape_values`. Raises SyncError at the location of the first fault."""
    values = value.get("values")
    if not isinstance(values, dict) or len(values) > MOST_KEYS:
        raise SyncError("VS-1006", "not an object of weights", f"{location}.values")
    for name, each in values.items():
        _check_name(name, f"{location}.values")
        _weight(each, f"{location}.values.{name}")


def is_same_values(a: dict, b: dict) -> bool:
    """Returns whether all weights are equal. A missing one is 0."""
    return all(close(a["values"].get(name, 0.0), b["values"].get(name, 0.0)) for name in a["values"] | b["values"])


def unpack(component: dict, attachments: list, location: str) -> Shapes:
    """Checks and reads wire shape keys. Raises SyncError VS-3005, VS-3003, VS-1006 or VS-3010 at the fault."""
    keys = _read_keys(component.get("keys"), f"{location}.keys")
    vertices, corners = component.get("vertex_count"), component.get("corner_count")
    if type(vertices) is not int or type(corners) is not int or vertices < 0 or corners < 0:
        raise SyncError("VS-3005", "the counts are missing or wrong", location)
    buffers = component.get("buffers")
    if not isinstance(buffers, dict) or sorted(buffers) != list(_BUFFERS if keys else ()):
        raise SyncError("VS-3005", "not the buffers of shape keys", f"{location}.buffers")
    if not keys:
        return Shapes.none()
    at = f"{location}.buffers"
    vertex = np.frombuffer(_read(buffers["vertex"], attachments, 4 * corners, f"{at}.vertex"), "<u4")
    size = 12 * vertices * len(keys)
    delta = np.frombuffer(_read(buffers["delta"], attachments, size, f"{at}.delta"), "<f4")
    if len(vertex) and int(vertex.max()) >= vertices:
        raise SyncError("VS-3005", "a corner's vertex does not exist", f"{at}.vertex")
    if not np.isfinite(delta).all():
        raise SyncError("VS-3003", "not a finite number", f"{at}.delta")
    return Shapes(keys, vertex, delta.reshape(len(keys), vertices, 3))


def _read_keys(listed: object, location: str) -> list[Key]:
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise SyncError("VS-1006", f"not a list of at most {MOST_KEYS} keys", location)
    keys = []
    for place, each in enumerate(listed):
        at = f"{location}[{place}]"
        if not isinstance(each, dict):
            raise SyncError("VS-1006", "not an object", at)
        _check_name(each.get("name"), f"{at}.name")
        for field in ("min", "max"):
            _weight(each.get(field), f"{at}.{field}")
        keys.append(Key(each["name"], each.get("relative_to"), each["min"], each["max"]))
    names = {key.name for key in keys}
    if len(names) != len(keys):
        raise SyncError("VS-1006", "two keys have the same name", location)
    for place, key in enumerate(keys):
        if key.relative_to is not None and key.relative_to not in names:
            raise SyncError("VS-1006", "no key has this name", f"{location}[{place}].relative_to")
    return keys


def _check_name(name: object, location: str) -> None:
    if not isinstance(name, str) or not 0 < len(name.encode("utf-8", "surrogatepass")) <= LONGEST_NAME:
        raise SyncError("VS-1006", f"a key's name has 1 to {LONGEST_NAME} bytes", location)


def _read(buffer: object, attachments: list, size: int, location: str) -> memoryview:
    place = buffer.get("attachment") if isinstance(buffer, dict) else None
    if place is None:
        raise SyncError("VS-3010", "the buffer has no attachment", location)
    if type(place) is not int or not 0 <= place < len(attachments):
        raise SyncError("VS-3005", "the buffer's attachment is not in the frame", location)
    data = attachments[place]
    if len(data) != size or buffer.get("bytes") != len(data):
        raise SyncError("VS-3005", f"{len(data)} bytes, expected {size}", location)
    return data


def is_same(sent: Shapes, read: Shapes) -> Steps[bool]:
    """Returns whether both move each corner in the same way, with keys of the same names, bases and limits."""
    if len(sent.keys) != len(read.keys) or (sent.keys and len(sent.vertex) != len(read.vertex)):
        return False
    for a, b in zip(sent.keys, read.keys, strict=True):
        if (a.name, a.relative_to) != (b.name, b.relative_to) or not (close(a.min, b.min) and close(a.max, b.max)):
            return False
    for was, now in zip(sent.delta, read.delta, strict=True):
        for part in parts(len(sent.vertex)):
            if not _all_close(was[sent.vertex[part]], now[read.vertex[part]]):
                return False
        yield
    return True


def name_blobs(component: dict, sent: dict, read: Shapes, wanted: Shapes) -> tuple[dict, bool]:
    """Returns wire shape keys named by the blobs that the daemon sent, and True, if they have the same bytes."""
    is_equal = read.delta.shape == wanted.delta.shape and np.array_equal(read.delta, wanted.delta)
    if not is_equal or not np.array_equal(read.vertex, wanted.vertex):
        return component, False
    buffers = {name: {"blob": it.get("blob"), "bytes": it["bytes"]} for name, it in sent["buffers"].items()}
    if not all(it["blob"] for it in buffers.values()):
        return component, False
    return {**component, "buffers": buffers}, True


def _all_close(a: np.ndarray, b: np.ndarray) -> bool:
    tolerance = np.maximum(np.float32(EPSILON), np.float32(RELATIVE_EPSILON) * np.maximum(np.abs(a), np.abs(b)))
    return bool((np.abs(a - b) <= tolerance).all())


def _to_wire(values: np.ndarray, dtype: str) -> memoryview:
    return memoryview(np.ascontiguousarray(values, dtype).reshape(-1).view(np.uint8))
