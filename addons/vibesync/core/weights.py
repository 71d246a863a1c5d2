# SPDX-License-Identifier: GPL-3.0-or-later
"""Vertex groups: the component `weights`, with the groups of each vertex. Needs numpy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from .equality import EPSILON
from .pace import Steps, parts
from .sync_error import SyncError

MOST_GROUPS = 4_096
LONGEST_NAME = 63  # bytes
EMPTY = {"vertex_count": 0, "corner_count": 0, "groups": [], "buffers": {}}

_BUFFERS = {"group": "<u4", "offset": "<u4", "vertex": "<u4", "weight": "<f4"}
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))  # of the keys of memberships


@dataclass
class Weights:
    """The groups of a mesh, the vertex of each corner, and the memberships.

    A vertex has the memberships from its offset to the next one. Each has the number of a group, rising, and a weight.
    """

    groups: list[str]
    vertex: np.ndarray
    offset: np.ndarray
    group: np.ndarray
    weight: np.ndarray

    @classmethod
    def none(cls) -> Weights:
        """Returns the value of a mesh without groups."""
        empty = np.empty(0, np.uint32)
        return cls([], empty, np.zeros(1, np.uint32), empty, np.empty(0, np.float32))

    def keys(self) -> np.ndarray:
        """Returns a number for each vertex: the same for the same groups with the same weights."""
        mixed = self.group.astype(np.uint64) << np.uint64(32) | self.weight.view(np.uint32)
        for factor in _FACTORS:
            mixed = (mixed ^ mixed >> np.uint64(31)) * factor
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed ^ mixed >> np.uint64(29), dtype=np.uint64)])
        return sums[self.offset[1:]] - sums[self.offset[:-1]]

    def digest(self) -> dict:
        """Returns the replica form: equal for the same weights at each corner, however vertices are shared."""
        if not self.groups:
            return EMPTY
        return {"groups": self.groups, "sha256": hashlib.sha256(self.keys()[self.vertex].tobytes()).hexdigest()}

    def pack(self, attachments: list) -> dict:
        """Returns the wire form and appends the bytes of the buffers to `attachments`."""
        buffers = {}
        for name, dtype in _BUFFERS.items():
            values = memoryview(np.ascontiguousarray(getattr(self, name), dtype).view(np.uint8))
            buffers[name] = {"attachment": len(attachments), "bytes": len(values)}
            attachments.append(values)
        counts = {"vertex_count": len(self.offset) - 1, "corner_count": len(self.vertex)}
        return {**counts, "groups": self.groups, "buffers": buffers}


def unpack(component: dict, attachments: list, location: str) -> Weights:
    """Checks and reads wire weights. Raises SyncError VS-3005, VS-3003, VS-1006 or VS-3010 at the fault."""
    groups = _read_groups(component.get("groups"), f"{location}.groups")
    vertices, corners = component.get("vertex_count"), component.get("corner_count")
    if type(vertices) is not int or type(corners) is not int or vertices < 0 or corners < 0:
        raise SyncError("VS-3005", "the counts are missing or wrong", location)
    buffers, at = component.get("buffers"), f"{location}.buffers"
    if not isinstance(buffers, dict) or sorted(buffers) != (sorted(_BUFFERS) if groups else []):
        raise SyncError("VS-3005", "not the buffers of weights", at)
    if not groups:
        return Weights.none()
    vertex = _read(buffers, "vertex", attachments, corners, at)
    offset = _read(buffers, "offset", attachments, vertices + 1, at)
    group = _read(buffers, "group", attachments, None, at)
    weight = _read(buffers, "weight", attachments, len(group), at)
    if len(vertex) and int(vertex.max()) >= vertices:
        raise SyncError("VS-3005", "a corner's vertex does not exist", f"{at}.vertex")
    if offset[0] != 0 or offset[-1] != len(group) or (offset[1:] < offset[:-1]).any():
        raise SyncError("VS-3005", "the offsets do not divide the memberships", f"{at}.offset")
    falls = np.flatnonzero(group[1:] <= group[:-1]) + 1 if len(group) else group
    if (len(group) and int(group.max()) >= len(groups)) or not np.isin(falls, offset).all():
        raise SyncError("VS-3005", "the groups of a vertex do not rise", f"{at}.group")
    if not ((weight >= 0.0) & (weight <= 1.0)).all():
        raise SyncError("VS-3003", "a weight is from 0 to 1", f"{at}.weight")
    return Weights(groups, vertex, offset, group, weight)


def _read_groups(listed: object, location: str) -> list[str]:
    if not isinstance(listed, list) or len(listed) > MOST_GROUPS:
        raise SyncError("VS-1006", f"not a list of at most {MOST_GROUPS} groups", location)
    for place, name in enumerate(listed):
        if not isinstance(name, str) or not 0 < len(name.encode("utf-8", "surrogatepass")) <= LONGEST_NAME:
            raise SyncError("VS-1006", f"a group's name has 1 to {LONGEST_NAME} bytes", f"{location}[{place}]")
    if len(set(listed)) != len(listed):
        raise SyncError("VS-1006", "two groups have the same name", location)
    return listed


def _read(buffers: dict, name: str, attachments: list, count: int | None, location: str) -> np.ndarray:
    location, buffer = f"{location}.{name}", buffers[name]
    place = buffer.get("attachment") if isinstance(buffer, dict) else None
    if place is None:
        raise SyncError("VS-3010", "the buffer has no attachment", location)
    if type(place) is not int or not 0 <= place < len(attachments):
        raise SyncError("VS-3005", "the buffer's attachment is not in the frame", location)
    data = attachments[place]
    expected = len(data) // 4 * 4 if count is None else 4 * count
    if len(data) != expected or buffer.get("bytes") != len(data):
        raise SyncError("VS-3005", f"{len(data)} bytes, expected {expected}", location)
    return np.frombuffer(data, _BUFFERS[name])


def number_corners(weights: Weights) -> np.ndarray:
    """Returns a number for each corner: the same for the same groups with the same weights."""
    _, alike = np.unique(weights.keys(), return_inverse=True)
    return alike.reshape(-1).astype(np.uint64)[weights.vertex]


def rows_of(weights: Weights, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the memberships of some vertices one after the other, and the place of each vertex's first, with their
    number at the end."""
    counts = (weights.offset[1:] - weights.offset[:-1])[vertices].astype(np.int64)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    shift = np.repeat(weights.offset[:-1][vertices].astype(np.int64) - ends[:-1], counts)
    return np.arange(int(ends[-1])) + shift, ends


def is_same(sent: Weights, read: Weights) -> Steps[bool]:
    """Returns whether each corner has the same groups, with nearly the same weights."""
    if sent.groups != read.groups or (sent.groups and len(sent.vertex) != len(read.vertex)):
        return False
    for part in parts(len(sent.vertex)):
        (a, a_ends), (b, b_ends) = rows_of(sent, sent.vertex[part]), rows_of(read, read.vertex[part])
        if not np.array_equal(a_ends, b_ends) or not np.array_equal(sent.group[a], read.group[b]):
            return False
        if not (np.abs(sent.weight[a] - read.weight[b]) <= EPSILON).all():
            return False
        yield
    return True


def name_blobs(component: dict, sent: dict, read: Weights, wanted: Weights) -> tuple[dict, bool]:
    """Returns wire weights named by the blobs that the daemon sent, and True, if they have the same bytes."""
    buffers = {name: {"blob": it.get("blob"), "bytes": it["bytes"]} for name, it in sent["buffers"].items()}
    is_equal = all(np.array_equal(getattr(read, name), getattr(wanted, name)) for name in _BUFFERS)
    if not is_equal or not all(it["blob"] for it in buffers.values()):
        return component, False
    return {**component, "buffers": buffers}, True
