# SPDX-License-Identifier: GPL-3.0-or-later
"""Shortens the meshes, shape keys and vertex groups of an intent: a buffer that the daemon has is named, and only a
patch of a similar one travels.

The daemon tells the addresses of what it has stored. If it lacks a buffer meanwhile, the mesh is sent whole again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .pace import parts
from .shown import holder

_PATCHED = ("mesh", "shapes", "weights", "shown")
_BULK = (*_PATCHED, "image")  # with attachments to be numbered anew
FEATURE = "upload_patches"
UNKNOWN_BLOB = "VS-3010"

_MIN_BYTES = 65_536  # a smaller buffer always travels whole
_MAX_BYTES = 512 * 1024 * 1024
_UNUSED_SECONDS = 60.0
_PART_WORDS = 262_144
_GAP = 4  # words between two changed ones that a range includes


@dataclass
class _Base:
    """The large buffers of a component by name: the address of each, and its words."""

    buffers: dict[str, tuple[str, np.ndarray]]
    used_at: float

    @property
    def bytes(self) -> int:
        return sum(words.nbytes for _, words in self.buffers.values())


class Bases:
    """The large buffers of meshes as the daemon has stored them, within a limit of memory, while they are used."""

    def __init__(self) -> None:
        self._meshes: dict[tuple[str, str], _Base] = {}  # the one that was used last is at the end
        self._now = 0.0

    def clear(self) -> None:
        """Forgets all buffers."""
        self._meshes.clear()

    def drop_unused(self, now: float) -> None:
        """Forgets meshes that did not change for a while. `now` is any monotonic clock in seconds."""
        self._now = now
        for place in [place for place, base in self._meshes.items() if now - base.used_at > _UNUSED_SECONDS]:
            del self._meshes[place]

    def keep(self, changes: list[dict], attachments: list, stored: list[dict]) -> None:
        """Remembers the meshes of an intent, given the addresses that a `stored` names."""
        addresses = {str(mesh.get("uuid")): mesh.get("buffers") or {} for mesh in stored}
        for change, component, mesh in _bulk(changes):
            place = (change["uuid"], component)
            known = addresses.get(change["uuid"], {})
            large = {name: buffer["attachment"] for name, buffer in mesh["buffers"].items() if _is_large(buffer)}
            buffers = {
                name: (known[name], _words(attachments[number])) for name, number in large.items() if name in known
            }
            self._meshes.pop(place, None)
            if buffers:
                self._meshes[place] = _Base(buffers, self._now)
        while sum(base.bytes for base in self._meshes.values()) > _MAX_BYTES:
            del self._meshes[next(iter(self._meshes))]

    def shorten(self, changes: list[dict], attachments: list) -> tuple[list[dict], list]:
        """Returns the changes and attachments to send. They are the same objects if nothing is shorter."""
        patches: dict[int, tuple[dict, bytes | None]] = {}
        for change, component, mesh in _bulk(changes):
            base = self._meshes.get((change["uuid"], component))
            for name, buffer in mesh["buffers"].items() if base else ():
                if name in base.buffers and _is_large(buffer):
                    short = _shorten(buffer, base.buffers[name], _words(attachments[buffer["attachment"]]))
                    if short:
                        patches[buffer["attachment"]] = short
        return _replace(changes, attachments, patches) if patches else (changes, attachments)


def _bulk(changes: list[dict], names: tuple[str, ...] = _PATCHED) -> Iterator[tuple[dict, str, dict]]:
    """Yields each change that has one of these components, with its name and the part of it that has the buffers."""
    for change in changes:
        components = change.get("components") or {}
        for name in names:
            part = holder(components[name]) if components.get(name) else None
            if part:
                yield change, name, part


def _is_large(buffer: dict) -> bool:
    return "attachment" in buffer and buffer["bytes"] >= _MIN_BYTES


def _words(data: object) -> np.ndarray:
    return np.frombuffer(data, "<u4")


def _shorten(buffer: dict, base: tuple[str, np.ndarray], words: np.ndarray) -> tuple[dict, bytes | None] | None:
    """Returns the short form of a buffer with its attachment, if it has one; None if there is no short form."""
    address, known = base
    patch = make_patch(known, words)
    if patch is None:
        return None
    if patch == _NO_RANGES:
        return {"blob": address, "bytes": buffer["bytes"]}, None
    return {"base": address, "bytes": buffer["bytes"]}, patch


_NO_RANGES = bytes(4)


def make_patch(old: np.ndarray, new: np.ndarray, most: int | None = None) -> bytes | None:
    """Returns the words that differ, as the protocol describes it; None if more than `most` do. It is a quarter if
    none is given."""
    if len(old) != len(new):
        return None
    most = len(new) // 4 if most is None else most
    if old.ctypes.data == new.ctypes.data:
        return _NO_RANGES
    found, count = [], 0
    for part in parts(len(new), _PART_WORDS):
        if np.array_equal(old[part], new[part]):
            continue
        differing = np.flatnonzero(old[part] != new[part])
        found.append(differing + part.start)
        count += len(differing)
        if count > most:
            return None
    if not found:
        return _NO_RANGES
    at = np.concatenate(found)
    cuts = np.flatnonzero(np.diff(at) > _GAP)
    first = at[np.concatenate([[0], cuts + 1])]
    counts = at[np.concatenate([cuts, [len(at) - 1]])] - first + 1
    rows = np.arange(int(counts.sum())) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    table = np.stack([first, counts], axis=1).reshape(-1)
    return np.concatenate([[len(first)], table, new[rows]]).astype("<u4").tobytes()


def _replace(changes: list[dict], attachments: list, short: dict) -> tuple[list[dict], list]:
    """Returns copies with the short forms of some attachments, and all attachments numbered anew."""
    kept: list = []
    forms: dict[int, dict] = {}
    for number, data in enumerate(attachments):
        form, data = short.get(number, ({}, data))
        forms[number] = form if data is None else {**form, "attachment": len(kept)}
        kept += [] if data is None else [data]
    replaced = []
    for change in changes:
        for _, name, part in list(_bulk([change], _BULK)):
            buffers = {
                each: {"bytes": buffer["bytes"], **forms[buffer["attachment"]]} if "attachment" in buffer else buffer
                for each, buffer in part["buffers"].items()
            }
            part, component = {**part, "buffers": buffers}, change["components"][name]
            component = {**component, "mesh": part} if "mesh" in component else part
            change = {**change, "components": {**change["components"], name: component}}
        replaced.append(change)
    return replaced, kept
