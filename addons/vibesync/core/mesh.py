# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh in canonical corners, as arrays and as the wire's buffers. Needs numpy, which Blender ships with.

A corner is one triangle's use of one vertex; positions are in meters, canonical axes, float32 throughout.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from .errors import SyncError

MAX_UVS = 8
_WIDTHS = {"position": 3, "index": 1, "normal": 3, "color0": 4, **{f"uv{number}": 2 for number in range(MAX_UVS)}}


@dataclass
class Mesh:
    """`position` per vertex, all else per corner; `submeshes` are (slot, first corner, corner count)."""

    position: np.ndarray
    index: np.ndarray
    submeshes: list[tuple[int, int, int]]
    normal: np.ndarray | None = None
    uvs: list[np.ndarray] = field(default_factory=list)
    color: np.ndarray | None = None

    @property
    def corner_position(self) -> np.ndarray:
        """The position of each corner."""
        return self.position[self.index]

    def buffers(self) -> dict[str, np.ndarray]:
        """The buffers by their wire names."""
        named = {"position": self.position, "index": self.index}
        if self.normal is not None:
            named["normal"] = self.normal
        named.update({f"uv{number}": uv for number, uv in enumerate(self.uvs)})
        if self.color is not None:
            named["color0"] = self.color
        return named

    def digest(self) -> dict:
        """The shadow form: equal for equal corners, however the vertices are shared."""
        state = hashlib.sha256(repr(self.submeshes).encode("ascii"))
        for name, values in self.buffers().items():
            if name != "index":
                state.update(name.encode("ascii"))
                state.update(_to_bytes(self.corner_position if name == "position" else values))
        return {"sha256": state.hexdigest()}


def pack(mesh: Mesh, attachments: list[bytes]) -> dict:
    """The wire form; appends the buffers' bytes to `attachments`."""
    buffers = {}
    for name, values in mesh.buffers().items():
        data = _to_bytes(values)
        buffers[name] = {"attachment": len(attachments), "bytes": len(data)}
        attachments.append(data)
    submeshes = [{"slot": slot, "start": start, "count": count} for slot, start, count in mesh.submeshes]
    return {
        "vertex_count": len(mesh.position),
        "corner_count": len(mesh.index),
        "submeshes": submeshes,
        "buffers": buffers,
    }


def unpack(component: dict, attachments: list[bytes], place: str) -> Mesh:
    """Check and read a wire mesh. Raises SyncError VS-3005, VS-3003 or VS-3010 naming the place."""
    vertices, corners = component.get("vertex_count"), component.get("corner_count")
    buffers = component.get("buffers")
    counts = type(vertices) is int and type(corners) is int and vertices >= 0 and corners >= 0 and corners % 3 == 0
    if not counts or not isinstance(buffers, dict):
        raise SyncError("VS-3005", "counts or buffers are missing or wrong", place)
    arrays = {}
    for name, buffer in buffers.items():
        if name not in _WIDTHS:
            raise SyncError("VS-3005", f"unknown buffer {name}", f"{place}.buffers.{name}")
        count = vertices if name == "position" else corners
        arrays[name] = _read(buffer, attachments, name, count, f"{place}.buffers.{name}")
    if "position" not in arrays or "index" not in arrays:
        raise SyncError("VS-3005", "position or index is missing", f"{place}.buffers")
    if corners and int(arrays["index"].max()) >= vertices:
        raise SyncError("VS-3005", "an index points past the vertices", f"{place}.buffers.index")
    uvs = [arrays[f"uv{number}"] for number in range(MAX_UVS) if f"uv{number}" in arrays]
    if any(f"uv{number}" not in arrays for number in range(len(uvs))):
        raise SyncError("VS-3005", "the uv buffers have a gap", f"{place}.buffers")
    submeshes = _read_submeshes(component.get("submeshes"), corners, f"{place}.submeshes")
    return Mesh(arrays["position"], arrays["index"], submeshes, arrays.get("normal"), uvs, arrays.get("color0"))


def _read(buffer: object, attachments: list[bytes], name: str, count: int, place: str) -> np.ndarray:
    number = buffer.get("attachment") if isinstance(buffer, dict) else None
    if number is None:
        raise SyncError("VS-3010", "the buffer has no attachment", place)
    if type(number) is not int or not 0 <= number < len(attachments):
        raise SyncError("VS-3005", "the buffer's attachment is not in the frame", place)
    data, width = attachments[number], _WIDTHS[name]
    if len(data) != 4 * width * count or buffer.get("bytes") != len(data):
        raise SyncError("VS-3005", f"{len(data)} bytes, expected {4 * width * count}", place)
    if name == "index":
        return np.frombuffer(data, "<u4").astype(np.int64)
    values = np.frombuffer(data, "<f4").astype(np.float32).reshape(count, width)
    if not np.isfinite(values).all():
        raise SyncError("VS-3003", "not a finite number", place)
    return values


def _read_submeshes(parts: object, corners: int, place: str) -> list[tuple[int, int, int]]:
    if not isinstance(parts, list):
        raise SyncError("VS-3005", "not a list", place)
    submeshes, covered = [], 0
    for number, part in enumerate(parts):
        values = tuple(part.get(key) for key in ("slot", "start", "count")) if isinstance(part, dict) else ()
        if len(values) != 3 or any(type(value) is not int or value < 0 for value in values):
            raise SyncError("VS-3005", "slot, start and count are not whole numbers", f"{place}[{number}]")
        if values[1] != covered or values[2] % 3 or values[0] > 32_766:
            raise SyncError("VS-3005", "the submeshes do not follow each other in triangles", f"{place}[{number}]")
        covered += values[2]
        submeshes.append(values)
    if covered != corners:
        raise SyncError("VS-3005", f"the submeshes cover {covered} of {corners} corners", place)
    return submeshes


def _to_bytes(values: np.ndarray) -> bytes:
    if values.dtype.kind == "f":
        return (values + np.float32(0.0)).astype("<f4").tobytes()  # + 0.0: no negative zero on the wire
    return values.astype("<u4").tobytes()


def weld(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Positions and indices with identical positions shared, except where that would collapse a triangle."""
    corners = mesh.corner_position + np.float32(0.0)
    unique, index = _share(corners)
    triangles = index.reshape(-1, 3)
    a, b, c = triangles.T if len(triangles) else (np.empty(0, int),) * 3
    collapsed = np.repeat((a == b) | (b == c) | (c == a), 3)
    index = index.reshape(-1).copy()
    index[collapsed] = len(unique) + np.arange(int(collapsed.sum()))
    return np.concatenate([unique, corners[collapsed]]), index


def _share(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows, and for each row its number among them. By a 64-bit key, some ten times as fast as by rows."""
    bits = rows.view(np.uint32).astype(np.uint64)
    key = bits @ np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    if np.array_equal(rows[first][index], rows):
        return rows[first], index
    unique, index = np.unique(rows, axis=0, return_inverse=True)  # two rows with one key
    return unique, index


def swap_axes(values: np.ndarray, factor: float, to_canonical: bool) -> np.ndarray:
    """Vectors between Blender's axes and the canonical ones, times `factor`, as float32."""
    result = np.empty_like(values, dtype=np.float32)
    sign = -1.0 if to_canonical else 1.0
    result[:, 0] = values[:, 0] * factor
    result[:, 1] = values[:, 2] * (factor * -sign)
    result[:, 2] = values[:, 1] * (factor * sign)
    return result + np.float32(0.0)
