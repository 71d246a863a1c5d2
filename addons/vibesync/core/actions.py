# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `action`: curves by slot and channel, with their keys in buffers; and `animation`. Needs numpy."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from .equality import EPSILON, RELATIVE_EPSILON
from .sync_error import SyncError
from .uuid_text import is_uuid

CONSTANT, LINEAR, BEZIER = range(3)  # interpolations
KEY_NUMBERS = 6  # time and value; then time and value of the handle before, and of the handle behind
TIME_EPSILON = 1e-3  # frames
NOTHING = {"action": None, "slot": None}  # of an entity without the component

EXTRAPOLATIONS = ("constant", "linear")
# The paths of each kind of slot, with the number of their components.
PATHS = {
    "object": {"translation": 3, "rotation": 4, "euler": 3, "scale": 3, "visible": 1},
    "light": {"color": 3, "intensity": 1, "range": 1, "outer": 1},
    "camera": {"focal": 1, "size": 1, "shift": 2, "near": 1, "far": 1, "focus": 1, "fstop": 1},
    "mesh": {"shape": 1},
}
_MOST_SLOTS = 256
_MOST_CHANNELS = 16_384
_MOST_FRAME = 1e9
_KEY = np.dtype([("numbers", "<f4", KEY_NUMBERS), ("interpolation", "<u4")])
_CURVE = {"start", "count"}

Address = tuple[str, str, int]  # path, shape key (empty for none), component


@dataclass
class Channel:
    """One number that changes over time, by keys, or by its values at whole frames if it is locked."""

    path: str
    component: int
    key: str = ""  # the shape key whose weight it is
    extrapolation: tuple[str, str] = ("constant", "constant")
    numbers: np.ndarray | None = None  # a row for each key
    interpolation: np.ndarray | None = None
    samples: np.ndarray | None = None

    @property
    def address(self) -> Address:
        """Returns what tells it from the others of its slot; channels are sorted by it."""
        return self.path, self.key, self.component

    @property
    def is_locked(self) -> bool:
        """Returns whether Blender alone can change it."""
        return self.samples is not None

    def describe(self, start: int) -> dict:
        """Returns the wire form of all but its numbers, which begin at `start` in their buffer."""
        named = {"key": self.key} if self.key else {}
        count = len(self.samples if self.is_locked else self.numbers)
        curve = {"start": start, "count": count}
        extrapolation = list(self.extrapolation)
        described = {"component": self.component, "extrapolation": extrapolation, "curve": curve}
        return {"path": self.path, **named, **described, "locked": self.is_locked}

    def is_same(self, other: Channel) -> bool:
        """Returns whether both have the same curve within epsilon."""
        if self.is_locked or other.is_locked:
            return self.is_locked and other.is_locked and _is_close(self.samples, other.samples)
        if self.extrapolation != other.extrapolation or len(self.numbers) != len(other.numbers):
            return False
        times = np.abs(self.numbers[:, ::2] - other.numbers[:, ::2]) <= TIME_EPSILON
        values = self.numbers[:, 1::2], other.numbers[:, 1::2]
        return bool(times.all()) and _is_close(*values) and np.array_equal(self.interpolation, other.interpolation)


@dataclass
class Slot:
    """The channels for one kind of entities, sorted by address."""

    id: int
    kind: str
    channels: list[Channel] = field(default_factory=list)


@dataclass
class KeyedAction:
    """An action. Times are frames."""

    fps: tuple[int, int]
    range: tuple[float, float]
    is_loop: bool
    slots: list[Slot]

    def pack(self, attachments: list) -> dict:
        """Returns the wire form and appends the bytes of the buffers to `attachments`."""
        keys, samples, slots = [], [], []
        counts = {False: 0, True: 0}
        for slot in self.slots:
            described = []
            for channel in slot.channels:
                described.append(channel.describe(counts[channel.is_locked]))
                counts[channel.is_locked] += described[-1]["curve"]["count"]
                if channel.is_locked:
                    samples.append(np.asarray(channel.samples, "<f4").tobytes())
                else:
                    keys.append(_to_bytes(channel))
            slots.append({"id": slot.id, "kind": slot.kind, "channels": described})
        buffers = {}
        for name, parts in (("keys", keys), ("samples", samples)):
            if parts:
                content = b"".join(parts)
                buffers[name] = {"attachment": len(attachments), "bytes": len(content)}
                attachments.append(memoryview(content))
        return {**self._describe(), "slots": slots, "buffers": buffers}

    def digest(self) -> dict:
        """Returns the replica form: equal for equal actions."""
        attachments: list = []
        described = self.pack(attachments)
        state = hashlib.sha256(json.dumps(described, sort_keys=True).encode("utf-8", "surrogatepass"))
        for content in attachments:
            state.update(content)
        return {"sha256": state.hexdigest()}

    def is_same(self, other: KeyedAction) -> bool:
        """Returns whether both are equal within epsilon."""
        ranges = zip(self.range, other.range, strict=True)
        if (self.fps, self.is_loop) != (other.fps, other.is_loop) or any(abs(a - b) > TIME_EPSILON for a, b in ranges):
            return False
        if [(slot.id, slot.kind) for slot in self.slots] != [(slot.id, slot.kind) for slot in other.slots]:
            return False
        return all(map(_is_same_slot, self.slots, other.slots))

    def _describe(self) -> dict:
        num, den = self.fps
        return {"fps": {"num": num, "den": den}, "range": list(self.range), "loop": self.is_loop}


def name_blobs(packed: dict, attachments: list, sent: dict, wanted: KeyedAction) -> bool:
    """Names the buffers of a wire action by the blobs that the daemon sent, if it is what the daemon sent."""
    expected: list = []
    is_equal = wanted.pack(expected)["slots"] == packed["slots"] and expected == attachments
    if not is_equal or not all(buffer.get("blob") for buffer in sent["buffers"].values()):
        return False
    packed["buffers"] = {name: {"blob": it["blob"], "bytes": it["bytes"]} for name, it in sent["buffers"].items()}
    return True


def check_animation(value: dict, location: str) -> None:
    """Checks the component `animation`. Raises SyncError at the location of the first fault."""
    action, slot = value.get("action", 0), value.get("slot", "")
    if action is not None and not is_uuid(action):
        raise SyncError("VS-1006", "neither a uuid nor null", f"{location}.action")
    if slot is not None and (type(slot) is not int or not 0 <= slot < 2**32):
        raise SyncError("VS-1006", "neither a number nor null", f"{location}.slot")


def unpack(component: dict, attachments: list, location: str) -> KeyedAction:
    """Checks and reads a wire action. Raises SyncError VS-3004, VS-3003, VS-1006 or VS-3010 at the fault."""
    fps, frames = component.get("fps"), component.get("range")
    if not isinstance(fps, dict) or not all(_is_count(fps.get(name)) and fps[name] for name in ("num", "den")):
        raise SyncError("VS-1006", "not a rate", f"{location}.fps")
    is_range = isinstance(frames, list) and len(frames) == 2 and all(type(it) in (int, float) for it in frames)
    if not is_range or not -_MOST_FRAME <= frames[0] <= frames[1] <= _MOST_FRAME:
        raise SyncError("VS-3003", "not a first and a last frame", f"{location}.range")
    if not isinstance(component.get("loop"), bool):
        raise SyncError("VS-1006", "not a boolean", f"{location}.loop")
    listed, buffers = component.get("slots"), component.get("buffers")
    if not isinstance(listed, list) or len(listed) > _MOST_SLOTS or not isinstance(buffers, dict):
        raise SyncError("VS-3004", "not a short list of slots, with buffers", f"{location}.slots")
    content = {name: _read(buffers[name], attachments, f"{location}.buffers.{name}") for name in buffers}
    reader = _Reader(content, location)
    slots = [reader.slot(each, f"{location}.slots[{number}]") for number, each in enumerate(listed)]
    reader.check_end()
    if [slot.id for slot in slots] != sorted({slot.id for slot in slots}):
        raise SyncError("VS-3004", "slots are sorted by id, each once", f"{location}.slots")
    return KeyedAction((fps["num"], fps["den"]), (frames[0], frames[1]), component["loop"], slots)


class _Reader:
    """Reads the slots of a wire action, whose channels follow each other in the buffers."""

    def __init__(self, content: dict[str, memoryview], location: str) -> None:
        sizes = {"keys": _KEY.itemsize, "samples": 4}
        if not content.keys() <= sizes.keys() or any(len(each) % sizes[name] for name, each in content.items()):
            raise SyncError("VS-3004", "not the buffers of an action", f"{location}.buffers")
        self._keys = np.frombuffer(content.get("keys", b""), _KEY)
        self._samples = np.frombuffer(content.get("samples", b""), "<f4")
        self._ends = {False: 0, True: 0}
        self._channels = 0
        self._location = location
        if not np.isfinite(self._keys["numbers"]).all() or not np.isfinite(self._samples).all():
            raise SyncError("VS-3003", "not a finite number", f"{location}.buffers")
        if (self._keys["interpolation"] > BEZIER).any():
            raise SyncError("VS-3004", "an unknown interpolation", f"{location}.buffers.keys")

    def slot(self, value: object, location: str) -> Slot:
        """Reads one slot."""
        channels = value.get("channels") if isinstance(value, dict) else None
        if not isinstance(channels, list) or not _is_count(value.get("id")) or value.get("kind") not in PATHS:
            raise SyncError("VS-3004", "not a slot", location)
        self._channels += len(channels)
        if self._channels > _MOST_CHANNELS:
            raise SyncError("VS-3004", "there are too many channels", location)
        paths = PATHS[value["kind"]]
        read = [self._channel(each, paths, f"{location}.channels[{at}]") for at, each in enumerate(channels)]
        addresses = [channel.address for channel in read]
        if addresses != sorted(set(addresses)):
            raise SyncError("VS-3004", "channels are sorted, each once", f"{location}.channels")
        return Slot(value["id"], value["kind"], read)

    def check_end(self) -> None:
        """Raises SyncError if the buffers have more than the channels."""
        if self._ends != {False: len(self._keys), True: len(self._samples)}:
            raise SyncError("VS-3004", "the channels need other buffers", f"{self._location}.buffers")

    def _channel(self, value: object, paths: dict[str, int], location: str) -> Channel:
        if not isinstance(value, dict) or value.get("path") not in paths:
            raise SyncError("VS-3004", "no such path on entities of this kind", f"{location}.path")
        path, component, key = value["path"], value.get("component"), value.get("key", "")
        if not _is_count(component) or component >= paths[path]:
            raise SyncError("VS-3004", "the path has fewer components", f"{location}.component")
        if not isinstance(key, str) or bool(key) != (path == "shape"):
            raise SyncError("VS-3004", "weights of shape keys name a key, and no others do", f"{location}.key")
        if value.get("joint") is not None:
            raise SyncError("VS-4005", "joints are not animated here", f"{location}.joint")
        sides = value.get("extrapolation")
        if not isinstance(sides, list) or len(sides) != 2 or not all(side in EXTRAPOLATIONS for side in sides):
            raise SyncError("VS-1006", "not two extrapolations", f"{location}.extrapolation")
        return self._fill(Channel(path, component, key, (sides[0], sides[1])), value, location)

    def _fill(self, channel: Channel, value: dict, location: str) -> Channel:
        is_locked, curve = value.get("locked"), value.get("curve")
        if not isinstance(is_locked, bool) or not isinstance(curve, dict) or curve.keys() != _CURVE:
            raise SyncError("VS-1006", "not a curve", f"{location}.curve")
        start, count = curve["start"], curve["count"]
        buffer = self._samples if is_locked else self._keys
        if start != self._ends[is_locked] or not _is_count(count) or not 0 < count <= len(buffer) - start:
            raise SyncError("VS-3004", "the curve is not in its buffer", f"{location}.curve")
        self._ends[is_locked] = start + count
        part = buffer[start : start + count]
        if is_locked:
            channel.samples = part
            return channel
        channel.numbers, channel.interpolation = part["numbers"], part["interpolation"]
        if (np.diff(channel.numbers[:, 0]) <= 0).any():
            raise SyncError("VS-3003", "each key is later than the one before", f"{location}.curve")
        return channel


def _is_same_slot(a: Slot, b: Slot) -> bool:
    is_alike = [channel.address for channel in a.channels] == [channel.address for channel in b.channels]
    return is_alike and all(one.is_same(other) for one, other in zip(a.channels, b.channels, strict=True))


def _is_close(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape:
        return False
    a, b = a.astype(np.float64), b.astype(np.float64)
    allowed = np.maximum(EPSILON, RELATIVE_EPSILON * np.maximum(np.abs(a), np.abs(b)))
    return bool((np.abs(a - b) <= allowed).all())


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**32


def _to_bytes(channel: Channel) -> bytes:
    keys = np.empty(len(channel.numbers), _KEY)
    keys["numbers"], keys["interpolation"] = channel.numbers, channel.interpolation
    return keys.tobytes()


def _read(buffer: object, attachments: list, location: str) -> memoryview:
    place = buffer.get("attachment") if isinstance(buffer, dict) else None
    if place is None:
        raise SyncError("VS-3010", "the buffer has no attachment", location)
    if type(place) is not int or not 0 <= place < len(attachments):
        raise SyncError("VS-3004", "the buffer's attachment is not in the frame", location)
    content = memoryview(attachments[place]).cast("B")
    if buffer.get("bytes") != len(content):
        raise SyncError("VS-3004", f"{len(content)} bytes, expected {buffer.get('bytes')}", location)
    return content
