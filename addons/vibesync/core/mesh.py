# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh in canonical corners, as arrays and as wire buffers. Needs numpy, which ships with Blender.

A corner is the use of one vertex by one triangle. Positions are in meters along canonical axes, in float32.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .equality import EPSILON, RELATIVE_EPSILON
from .pace import Steps, finish, parts
from .shown import holder
from .sync_error import SyncError

MAX_UVS = 8
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)  # of the keys of rows
_BUCKET = 30_000  # rows that are sorted at once
_WIDTHS = {"position": 3, "index": 1, "normal": 3, "color0": 4, **{f"uv{number}": 2 for number in range(MAX_UVS)}}


@dataclass
class Mesh:
    """`position` is per vertex, all else per corner, never -0.0. `submeshes` are (slot, first corner, corner count)."""

    position: np.ndarray
    index: np.ndarray
    submeshes: list[tuple[int, int, int]]
    normal: np.ndarray | None = None
    uvs: list[np.ndarray] = field(default_factory=list)
    color: np.ndarray | None = None

    @property
    def corner_position(self) -> np.ndarray:
        """Returns the position of each corner."""
        return self.position[self.index]

    def buffers(self) -> dict[str, np.ndarray]:
        """Returns the buffers by their wire names."""
        named = {"position": self.position, "index": self.index}
        if self.normal is not None:
            named["normal"] = self.normal
        named.update({f"uv{number}": uv for number, uv in enumerate(self.uvs)})
        if self.color is not None:
            named["color0"] = self.color
        return named

    def digest(self) -> dict:
        """Returns the mesh in replica form: equal for equal corners, even if vertices are shared differently."""
        return finish(self.digest_steps())

    def digest_steps(self) -> Steps[dict]:
        """Computes `digest` in steps."""
        return self.combine((yield from self.part_digests()))

    def part_digests(self, known: Sequence[bytes | None] = ()) -> Steps[list[bytes]]:
        """Returns a digest for each part of the corners. `known` has those of the parts that need not be read again."""
        digests = []
        for number, part in enumerate(parts(len(self.index))):
            digest = known[number] if number < len(known) else None
            if digest is None:
                state = hashlib.sha256()
                for values in self._corner_values(part):
                    state.update(values)
                digest = state.digest()
                yield
            digests.append(digest)
        return digests

    def combine(self, digests: Sequence[bytes]) -> dict:
        """Returns the digest of the mesh, given those of all its parts."""
        names = [name for name in self.buffers() if name != "index"]
        described = repr((self.submeshes, names)).encode("ascii")
        return {"sha256_of_parts": hashlib.sha256(described + b"".join(digests)).hexdigest()}

    def whole_digest_steps(self) -> Steps[dict]:
        """Computes the digest as older versions of the addon stored it in files."""
        state = hashlib.sha256(repr(self.submeshes).encode("ascii"))
        for number, name in enumerate(name for name in self.buffers() if name != "index"):
            state.update(name.encode("ascii"))
            for part in parts(len(self.index)):
                state.update(self._corner_values(part)[number])
                yield
        return {"sha256": state.hexdigest()}

    def _corner_values(self, part: slice) -> list[np.ndarray]:
        """Returns the values of some corners: those of each buffer but `index`, in the order of `buffers`."""
        buffers = self.buffers()
        position = np.take(buffers.pop("position"), buffers.pop("index")[part], axis=0)
        return [_to_wire(position), *(_to_wire(values[part]) for values in buffers.values())]


def pack(mesh: Mesh, attachments: list[bytes]) -> dict:
    """Returns the wire form and appends the bytes of the buffers to `attachments`."""
    buffers = {}
    for name, values in mesh.buffers().items():
        data = memoryview(_to_wire(values).reshape(-1).view(np.uint8))
        buffers[name] = {"attachment": len(attachments), "bytes": len(data)}
        attachments.append(data)
    submeshes = [{"slot": slot, "start": start, "count": count} for slot, start, count in mesh.submeshes]
    return {
        "vertex_count": len(mesh.position),
        "corner_count": len(mesh.index),
        "submeshes": submeshes,
        "buffers": buffers,
    }


def renumber_attachments(component: dict, offset: int) -> None:
    """Adds `offset` to the attachment numbers of a component with buffers."""
    for buffer in (holder(component) or {"buffers": {}})["buffers"].values():
        if "attachment" in buffer:
            buffer["attachment"] += offset


def unpack(component: dict, attachments: list[bytes], location: str) -> Mesh:
    """Checks and reads a wire mesh. Raises SyncError VS-3005, VS-3003 or VS-3010 at the location of the fault."""
    return finish(unpack_steps(component, attachments, location))


def unpack_steps(component: dict, attachments: list[bytes], location: str) -> Steps[Mesh]:
    """Does the same as `unpack`, in steps."""
    vertices, corners = component.get("vertex_count"), component.get("corner_count")
    buffers = component.get("buffers")
    counts = type(vertices) is int and type(corners) is int and vertices >= 0 and corners >= 0 and corners % 3 == 0
    if not counts or not isinstance(buffers, dict):
        raise SyncError("VS-3005", "counts or buffers are missing or wrong", location)
    arrays = {}
    for name, buffer in buffers.items():
        if name not in _WIDTHS:
            raise SyncError("VS-3005", f"unknown buffer {name}", f"{location}.buffers.{name}")
        count = vertices if name == "position" else corners
        arrays[name] = _read(buffer, attachments, name, count, f"{location}.buffers.{name}")
        yield from _check_values(arrays[name], vertices, f"{location}.buffers.{name}")
    if "position" not in arrays or "index" not in arrays:
        raise SyncError("VS-3005", "position or index is missing", f"{location}.buffers")
    uvs = [arrays[f"uv{number}"] for number in range(MAX_UVS) if f"uv{number}" in arrays]
    if any(f"uv{number}" not in arrays for number in range(len(uvs))):
        raise SyncError("VS-3005", "the uv buffers have a gap", f"{location}.buffers")
    submeshes = _read_submeshes(component.get("submeshes"), corners, f"{location}.submeshes")
    return Mesh(arrays["position"], arrays["index"], submeshes, arrays.get("normal"), uvs, arrays.get("color0"))


def _read(buffer: object, attachments: list[bytes], name: str, count: int, location: str) -> np.ndarray:
    number = buffer.get("attachment") if isinstance(buffer, dict) else None
    if number is None:
        raise SyncError("VS-3010", "the buffer has no attachment", location)
    if type(number) is not int or not 0 <= number < len(attachments):
        raise SyncError("VS-3005", "the buffer's attachment is not in the frame", location)
    data, width = attachments[number], _WIDTHS[name]
    if len(data) != 4 * width * count or buffer.get("bytes") != len(data):
        raise SyncError("VS-3005", f"{len(data)} bytes, expected {4 * width * count}", location)
    return np.frombuffer(data, "<u4") if name == "index" else np.frombuffer(data, "<f4").reshape(count, width)


def _check_values(values: np.ndarray, vertices: int, location: str) -> Steps[None]:
    for part in parts(len(values)):
        if values.dtype.kind == "u" and int(values[part].max()) >= vertices:
            raise SyncError("VS-3005", "an index points past the vertices", location)
        if values.dtype.kind == "f" and not np.isfinite(values[part]).all():
            raise SyncError("VS-3003", "not a finite number", location)
        yield


def _read_submeshes(parts: object, corners: int, location: str) -> list[tuple[int, int, int]]:
    if not isinstance(parts, list):
        raise SyncError("VS-3005", "not a list", location)
    submeshes, covered = [], 0
    for number, part in enumerate(parts):
        values = tuple(part.get(key) for key in ("slot", "start", "count")) if isinstance(part, dict) else ()
        if len(values) != 3 or any(type(value) is not int or value < 0 for value in values):
            raise SyncError("VS-3005", "slot, start and count are not whole numbers", f"{location}[{number}]")
        if values[1] != covered or values[2] % 3 or values[0] > 32_766:
            raise SyncError("VS-3005", "the submeshes do not follow each other in triangles", f"{location}[{number}]")
        covered += values[2]
        submeshes.append(values)
    if covered != corners:
        raise SyncError("VS-3005", f"the submeshes cover {covered} of {corners} corners", location)
    return submeshes


def exact_buffers(sent: Mesh, read: Mesh) -> Steps[set[str]]:
    """Returns the names of the buffers in which each corner has exactly the number that was sent.

    `position` and `index` are both named or both not: together they place the corners, shared as they may be.
    """
    a, b = sent.buffers(), read.buffers()
    if sent.submeshes != read.submeshes or len(sent.index) != len(read.index):
        return set()
    exact = set()
    for name in (a.keys() & b.keys()) - {"position", "index"}:
        if (yield from _are_equal(a[name], None, b[name], None)):
            exact.add(name)
    is_shared_alike = yield from _are_equal(sent.index, None, read.index, None)
    if is_shared_alike and (yield from _are_equal(sent.position, None, read.position, None)):
        return exact | {"position", "index"}
    if (yield from _are_equal(sent.position, sent.index, read.position, read.index)):
        return exact | {"position", "index"}
    return exact


def _are_equal(a: np.ndarray, a_rows: np.ndarray | None, b: np.ndarray, b_rows: np.ndarray | None) -> Steps[bool]:
    """Returns whether all named rows are equal, or all rows."""
    count = len(a if a_rows is None else a_rows)
    if count != len(b if b_rows is None else b_rows):
        return False
    for part in parts(count):
        left = a[part] if a_rows is None else a[a_rows[part]]
        if not np.array_equal(left, b[part] if b_rows is None else b[b_rows[part]]):
            return False
        yield
    return True


def name_blobs(component: dict, attachments: list, sent: dict, exact: set[str]) -> tuple[dict, list]:
    """Returns a wire mesh whose exact buffers are named by the blobs that the daemon sent, and the attachments left."""
    blobs = {name: buffer for name, buffer in sent["buffers"].items() if name in exact and buffer.get("blob")}
    if not {"position", "index"} <= blobs.keys():
        blobs = {name: buffer for name, buffer in blobs.items() if name not in ("position", "index")}
    buffers, kept = {}, []
    for name, buffer in component["buffers"].items():
        if name in blobs:
            buffers[name] = {"blob": blobs[name]["blob"], "bytes": blobs[name]["bytes"]}
        else:
            buffers[name] = {**buffer, "attachment": len(kept)}
            kept.append(attachments[buffer["attachment"]])
    vertices = (sent if "position" in blobs else component)["vertex_count"]
    return {**component, "vertex_count": vertices, "buffers": buffers}, kept


def same_mesh(sent: Mesh, read: Mesh, exact: Collection[str] = ()) -> Steps[bool]:
    """Returns whether Blender, which was sent one mesh and reads the other, holds the sent one.

    Normals count only if they were sent, because Blender computes missing ones. The buffers in `exact` are known to be
    the same.
    """
    a, b = sent.buffers(), read.buffers()
    if sent.normal is None:
        b.pop("normal", None)
    if sent.submeshes != read.submeshes or len(sent.index) != len(read.index):
        return False
    if len(sent.index) and a.keys() != b.keys():
        return False
    for name in (a.keys() & b.keys()) - {"index", *exact}:
        for part in parts(len(sent.index)):
            rows = (sent.index[part], read.index[part]) if name == "position" else (part, part)
            if not _all_close(a[name][rows[0]], b[name][rows[1]]):
                return False
            yield
    return True


def _all_close(a: np.ndarray, b: np.ndarray) -> bool:
    """Returns whether every pair of numbers is equal, as `equality.close` defines it."""
    tolerance = np.maximum(np.float32(EPSILON), np.float32(RELATIVE_EPSILON) * np.maximum(np.abs(a), np.abs(b)))
    return bool((np.abs(a - b) <= tolerance).all())


def _to_wire(values: np.ndarray) -> np.ndarray:
    """Returns the values in wire order: little-endian, tightly packed."""
    return np.ascontiguousarray(values, "<f4" if values.dtype.kind == "f" else "<u4")


def clean(values: np.ndarray) -> np.ndarray:
    """Replaces -0.0 by 0.0, so that equal meshes have equal bytes."""
    return values + values.dtype.type(0)


def split(mesh: Mesh, numbers: list[np.ndarray]) -> tuple[Mesh, np.ndarray]:
    """Returns the mesh with a vertex for each vertex and what its corners are numbered, and a number for that.

    `numbers`: lists with a number for each corner. Vertices of one position with other numbers, such as those of two
    lips that shape keys move apart, must not become one.
    """
    common = np.zeros(len(mesh.index), np.uint64)
    for each in numbers:
        _, common = np.unique(common << np.uint64(32) | each, return_inverse=True)
        common = common.reshape(-1).astype(np.uint64)
    pairs, index = np.unique(mesh.index.astype(np.uint64) << np.uint64(32) | common, return_inverse=True)
    position = mesh.position[(pairs >> np.uint64(32)).astype(np.int64)]
    numbers_of_vertices = (pairs & np.uint64(0xFFFFFFFF)).astype(np.float32)
    return replace(mesh, position=position, index=index.reshape(-1).astype(np.uint32)), numbers_of_vertices


def weld(mesh: Mesh, numbers: np.ndarray | None = None) -> Steps[tuple[np.ndarray, np.ndarray]]:
    """Returns positions and indices that share identical positions, unless sharing collapses a triangle.

    `numbers`: one for each vertex; those with different numbers are not shared.
    """
    rows, index = yield from _weld_rows(mesh, clean(mesh.position), numbers)
    return np.ascontiguousarray(rows[:, :3]), index


def _weld_rows(mesh: Mesh, position: np.ndarray, numbers: np.ndarray | None) -> Steps[tuple[np.ndarray, np.ndarray]]:
    if numbers is not None:
        position = np.concatenate([position, numbers.astype(np.float32)[:, None]], axis=1)
    if (yield from _is_welded(position, mesh.index)):
        return position, mesh.index.astype(np.int32)
    unique, merged = yield from _unique_rows(position)
    index = np.empty(len(mesh.index), np.int32)
    extra = []
    for part in parts(len(index) // 3):
        part = slice(part.start * 3, part.stop * 3)
        triangles = merged[mesh.index[part]].reshape(-1, 3)
        a, b, c = triangles.T
        collapsed = np.repeat((a == b) | (b == c) | (c == a), 3)
        triangles = triangles.reshape(-1)
        triangles[collapsed] = len(unique) + sum(map(len, extra)) + np.arange(int(collapsed.sum()))
        extra.append(position[mesh.index[part]][collapsed])
        index[part] = triangles
        yield
    return np.concatenate([unique, *extra]), index


def _is_welded(position: np.ndarray, index: np.ndarray) -> Steps[bool]:
    """Returns True if all positions differ and no triangle has one vertex twice; False if that is not certain."""
    key = np.empty(len(position), np.uint64)
    for part in parts(len(position)):
        key[part] = _keys(position[part])
        yield
    key.sort()
    yield
    if (key[1:] == key[:-1]).any():
        return False
    for part in parts(len(index) // 3):
        a, b, c = index[part.start * 3 : part.stop * 3].reshape(-1, 3).T
        if ((a == b) | (b == c) | (c == a)).any():
            return False
        yield
    return True


def _keys(rows: np.ndarray) -> np.ndarray:
    """Returns a 64-bit key for each position: equal ones for equal positions."""
    bits = rows.view(np.uint32).astype(np.uint64)
    return bits @ np.array(_FACTORS[: rows.shape[1]], np.uint64)


def _unique_rows(rows: np.ndarray) -> Steps[tuple[np.ndarray, np.ndarray]]:
    """Returns the distinct rows, and for each row its number among them.

    Compares 64-bit keys, ten times as fast as rows. Sorts one bucket of keys per step, because sorting all at once
    takes too long for one tick.
    """
    key = np.empty(len(rows), np.uint64)
    buckets = len(rows) // _BUCKET + 1
    members: list[list[np.ndarray]] = [[] for _ in range(buckets)]
    for part in parts(len(rows)):
        key[part] = _keys(rows[part])
        bucket = ((key[part] >> np.uint64(40)) % np.uint64(buckets)).astype(np.uint16)
        order = np.argsort(bucket, kind="stable")
        cuts = np.searchsorted(bucket[order], np.arange(buckets + 1))
        for number in range(buckets):
            members[number].append(part.start + order[cuts[number] : cuts[number + 1]])
        yield
    merged, firsts, count = np.empty(len(rows), np.int32), [], 0
    for pieces in members:
        own = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
        found = rows[own]
        _, first, index = np.unique(key[own], return_index=True, return_inverse=True)
        if not np.array_equal(found[first][index], found):  # two different rows have the same key
            _, first, index = np.unique(found, axis=0, return_index=True, return_inverse=True)
        merged[own] = count + index.reshape(-1)
        firsts.append(found[first])
        count += len(first)
        yield
    return np.concatenate(firsts), merged


def swap_axes(values: np.ndarray, factor: float, to_canonical: bool) -> np.ndarray:
    """Converts vectors between Blender's axes and the canonical axes, times `factor`, as float32."""
    result = np.empty_like(values, dtype=np.float32)
    sign = -1.0 if to_canonical else 1.0
    result[:, 0] = values[:, 0] * factor
    result[:, 1] = values[:, 2] * (factor * -sign)
    result[:, 2] = values[:, 1] * (factor * sign)
    return np.add(result, np.float32(0), out=result)
