# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes actions. A curve that shows what is wanted already is left alone: it keeps its easing, its modifiers and the
types of its handles."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np

from ..core import action_map, actions
from ..core.action_map import ROTATIONS, Native
from ..core.actions import Address, Channel, KeyedAction, Slot
from ..core.frames import Place
from ..core.frames import to_blender as place_to_blender
from ..core.sync_error import SyncError
from . import action_curves, action_read
from .action_curves import NativeSlot
from .action_read import Setting, SlotCurves

_QUATERNION = 4


def create(name: str) -> bpy.types.Action:
    """Creates an action, which is saved even if nothing plays it. `prepare` and `write` give it its content."""
    action = bpy.data.actions.new(name)
    action.use_fake_user = True
    return action


def prepare(action: bpy.types.Action, wanted: KeyedAction) -> None:
    """Makes the slots, so that entities can play them."""
    for slot in wanted.slots:
        if action_curves.find_slot(action, slot.id) is None:
            action_curves.make_slot(action, slot.id, slot.kind)


def write(action: bpy.types.Action, wanted: KeyedAction, setting: Setting) -> None:
    """Writes the content, once what plays it is there. Raises SyncError VS-4005 or VS-7003."""
    kept = {slot.id for slot in wanted.slots}
    for native in list(action_curves.slots(action)):
        if native.id not in kept:
            _clear(native, setting)
    for slot in wanted.slots:
        native = action_curves.find_slot(action, slot.id)
        if native is None or native.kind != slot.kind:
            raise SyncError("VS-4005", f"slot {slot.id} is of another kind", action.name)
        _write_slot(native, slot, wanted, setting)
    _write_range(action, wanted)
    if action_read.read_rate(action, setting) != wanted.fps:
        action_curves.note(action, rates=[*wanted.fps, *setting.rate])


def _write_slot(native: NativeSlot, slot: Slot, action: KeyedAction, setting: Setting) -> None:
    wanted = {channel.address: channel for channel in slot.channels}
    present = action_read.read_slot(native, setting)
    changed = [
        channel
        for address, channel in wanted.items()
        if address not in present.channels or not channel.is_same(present.channels[address])
    ]
    gone = [address for address in present.channels if address not in wanted]
    _check_locked(present, changed, gone, native)
    if slot.kind == "object":
        _fit_rotation_mode(present, wanted)
        present = action_read.read_slot(native, setting)
    _remove(present, gone)
    made = {tuple(each) for each in action_curves.notes(native.action).get("locked", {}).get(str(slot.id), ())}
    made &= wanted.keys()
    frames = action_map.whole_frames(*action.range, 2**31)
    rest = _write_rotation(present, changed, frames, setting, made)
    for channel in rest:
        shown = present.shown.get(channel.address) or _weight(channel)
        if shown is None:
            raise SyncError(
                "VS-4005", f"{channel.path} of {native.action.name} has no curve of its own here", channel.path
            )
        if channel.is_locked:
            made.add(channel.address)
        else:
            made.discard(channel.address)
        action_curves.write_keys(native, shown.data_path, shown.index, _to_native(channel, shown, frames.start))
    _note_made(native, slot.id, made)


def _note_made(native: NativeSlot, slot_id: int, made: set[Address]) -> None:
    """Stores which locked channels have keys here that stand for their values."""
    locked = action_curves.notes(native.action).get("locked", {})
    wanted = {**locked, str(slot_id): sorted(map(list, made))}
    if made or str(slot_id) in locked:
        action_curves.note(native.action, locked=wanted)


def _check_locked(present: SlotCurves, changed: list[Channel], gone: list[Address], native: NativeSlot) -> None:
    """Raises SyncError if a curve would change that only Blender has the form of."""
    made = {tuple(each) for each in action_curves.notes(native.action).get("locked", {}).get(str(native.id), ())}
    for address in (*(channel.address for channel in changed), *gone):
        channel = present.channels.get(address)
        if channel is not None and channel.is_locked and address not in made and not _is_written_here(present, address):
            raise SyncError("VS-7003", f"{address[0]} of {native.action.name} has a form of Blender's own", address[0])


def _is_written_here(present: SlotCurves, address: Address) -> bool:
    """Returns whether all curves behind a sampled rotation were written by this module: a linear key at each frame."""
    curves = present.sources.get(address, ())
    return all(
        curve.data_path == ROTATIONS["QUATERNION"] and not action_curves.has_native_form(curve) for curve in curves
    )


def _fit_rotation_mode(present: SlotCurves, wanted: dict[Address, Channel]) -> None:
    """Gives an object without a rotation curve so far the mode in which the wanted ones are."""
    item = present.player
    paths = {path for path, _, _ in wanted}
    has_rotation = any(path in ("rotation", "euler") for path, _, _ in present.channels)
    if item is None or has_rotation or not paths & {"rotation", "euler"}:
        return
    mode = "QUATERNION" if "rotation" in paths else "YXZ"
    if item.rotation_mode != mode:
        item.rotation_mode = mode


def _write_rotation(
    present: SlotCurves, changed: list[Channel], frames: range, setting: Setting, made: set[Address]
) -> list[Channel]:
    """Writes a rotation that is there as values, all four numbers at once. Returns the other channels."""
    rotation = [channel for channel in changed if channel.path == "rotation" and channel.is_locked]
    if not rotation:
        return changed
    if len(rotation) != _QUATERNION or len({len(channel.samples) for channel in rotation}) != 1:
        raise SyncError("VS-4005", "a rotation that is there as values has four numbers", "rotation")
    values = np.stack([channel.samples for channel in rotation], axis=1).astype(np.float64)
    native = []
    for row in values:
        transform = {"translation": (0.0, 0.0, 0.0), "rotation": tuple(row), "scale": (1.0, 1.0, 1.0)}
        place: Place = place_to_blender(transform, setting.unit, present.basis.frame)
        x, y, z, w = place.rotation
        native.append((w, x, y, z))
    native = np.array(native, np.float64)
    for index in range(_QUATERNION):
        channel = _linear(Channel("rotation", index), native[:, index], frames.start)
        action_curves.write_keys(present.slot, ROTATIONS["QUATERNION"], index, channel)
        made.add(("rotation", "", index))
    return [channel for channel in changed if channel not in rotation]


def _to_native(channel: Channel, shown: Native, first: int) -> Channel:
    if channel.is_locked:
        return _linear(channel, (channel.samples.astype(np.float64) - shown.offset) / shown.factor, first)
    if channel.extrapolation[0] != channel.extrapolation[1]:
        raise SyncError("VS-4005", "curves of Blender extrapolate alike on both sides", channel.path)
    numbers = channel.numbers.copy()
    numbers[:, 1::2] = (numbers[:, 1::2].astype(np.float64) - shown.offset) / shown.factor
    return Channel(channel.path, channel.component, channel.key, channel.extrapolation, numbers, channel.interpolation)


def _linear(channel: Channel, values: np.ndarray, first: int) -> Channel:
    """Returns a channel with a linear key at each whole frame."""
    times = np.arange(first, first + len(values), dtype=np.float64)
    columns = (times, values, times - 1 / 3, values, times + 1 / 3, values)
    numbers = np.stack(columns, axis=1).astype(np.float32)
    kinds = np.full(len(values), actions.LINEAR, np.uint32)
    return Channel(channel.path, channel.component, channel.key, ("constant", "constant"), numbers, kinds)


def _weight(channel: Channel) -> Native | None:
    if channel.path != "shape":
        return None
    return Native(f'key_blocks["{bpy.utils.escape_identifier(channel.key)}"].value', 0)


def _write_range(action: bpy.types.Action, wanted: KeyedAction) -> None:
    present = sorted(map(float, action.frame_range))
    is_loop = action.use_frame_range and action.use_cyclic
    if is_loop == wanted.is_loop and _is_near(present, wanted.range):
        return
    action.use_frame_range = wanted.is_loop or not _is_near(sorted(map(float, action.curve_frame_range)), wanted.range)
    if action.use_frame_range:
        action.frame_start, action.frame_end = wanted.range
        action.use_cyclic = wanted.is_loop


def _is_near(a: list[float], b: tuple[float, float]) -> bool:
    return all(abs(p - q) <= actions.TIME_EPSILON for p, q in zip(a, b, strict=True))


def _clear(native: NativeSlot, setting: Setting) -> None:
    """Removes the synchronized curves of a slot; the slot too, if it has no others."""
    present = action_read.read_slot(native, setting)
    _check_locked(present, [], list(present.channels), native)
    _remove(present, list(present.channels))
    if native.slot is not None and not native.curves:
        native.action.slots.remove(native.slot)


def _remove(present: SlotCurves, gone: list[Address]) -> None:
    """Removes the curves behind channels. Each is found anew, because one removal moves the others."""
    curves = present.slot.curves
    for data_path, index in dict.fromkeys(_places_of(present, gone)):
        curve = curves.find(data_path, index=index)
        if curve is not None:
            curves.remove(curve)


def _places_of(present: SlotCurves, addresses: list[Address]) -> Iterator[tuple[str, int]]:
    for address in addresses:
        for curve in present.sources[address]:
            yield curve.data_path, curve.array_index
