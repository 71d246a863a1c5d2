# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds, makes and fills the curves of actions. Blender 4.2 has one list of them; later versions have one a slot."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np

from ..core import actions
from ..core.actions import Channel
from ..core.sync_error import SyncError
from . import synced_value

PROPERTY = "vibesync_action"

_KINDS = {"OBJECT": "object", "KEY": "mesh", "LIGHT": "light", "CAMERA": "camera"}
_TYPES = {kind: native for native, kind in _KINDS.items()}
_ONLY_SLOT = 1  # id of the only slot of an action in 4.2
_HAS_SLOTS = bpy.app.version >= (4, 4, 0)
_FREE = 0  # type of a handle
_GROUPS = {"location", "rotation_euler", "rotation_quaternion", "scale"}

Curve = bpy.types.FCurve


class NativeSlot:
    """A slot of an action; the action itself in Blender 4.2."""

    def __init__(self, action: bpy.types.Action, slot=None) -> None:
        self.action = action
        self.slot = slot

    @property
    def kind(self) -> str | None:
        """Returns the kind of the entities that play it; None if that is not synchronized."""
        return _KINDS.get(self.slot.target_id_type if self.slot else self.action.id_root)

    @property
    def id(self) -> int:
        """Returns the id on the wire: the handle, unless the slot came with another."""
        ids = notes(self.action).get("ids", {})
        if self.slot is None:
            return next(iter(ids.values()), _ONLY_SLOT)
        return ids.get(str(self.slot.handle), self.slot.handle)

    @property
    def curves(self):
        """Returns Blender's list of curves; None if the slot has none yet."""
        if self.slot is None:
            return self.action.fcurves
        for layer in self.action.layers:
            for strip in layer.strips:
                bag = strip.channelbag(self.slot)
                if bag is not None:
                    return bag.fcurves
        return None

    def ensure_curves(self):
        """Returns Blender's list of curves; makes it if there is none."""
        if self.slot is None:
            return self.action.fcurves
        action = self.action
        layer = action.layers[0] if action.layers else action.layers.new("Layer")
        strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
        return strip.channelbag(self.slot, ensure=True).fcurves

    def find(self, data_path: str, index: int) -> Curve | None:
        """Returns the curve of a property."""
        curves = self.curves
        return None if curves is None else curves.find(data_path, index=index)


def notes(action: bpy.types.Action) -> dict:
    """Returns what is stored beside an action: ids of slots by handle, its rate, and locked channels made here."""
    return synced_value.read(action, PROPERTY, _check_notes) or {}


def note(action: bpy.types.Action, **values) -> None:
    """Stores some of the notes."""
    synced_value.write(action, PROPERTY, {**notes(action), **values})


def slots(action: bpy.types.Action) -> Iterator[NativeSlot]:
    """Yields the slots of kinds that are synchronized."""
    listed = [NativeSlot(action, slot) for slot in action.slots] if _HAS_SLOTS else [NativeSlot(action)]
    return (slot for slot in listed if slot.kind is not None)


def has_slots(action: bpy.types.Action) -> bool:
    """Returns whether an action has a slot of a kind that is synchronized."""
    return next(slots(action), None) is not None


def find_slot(action: bpy.types.Action, slot_id: int) -> NativeSlot | None:
    """Returns the slot with this id."""
    return next((slot for slot in slots(action) if slot.id == slot_id), None)


def make_slot(action: bpy.types.Action, slot_id: int, kind: str) -> NativeSlot:
    """Makes a slot with this id. Raises SyncError if this version of Blender has no further slot."""
    if _HAS_SLOTS:
        slot = NativeSlot(action, action.slots.new(_TYPES[kind], action.name[:60] or "Slot"))
        handle = slot.slot.handle
    else:
        if has_slots(action):
            raise SyncError("VS-4005", "actions of Blender 4.2 have one slot", action.name)
        action.id_root = _TYPES[kind]
        slot, handle = NativeSlot(action), 0
    note(action, ids={**notes(action).get("ids", {}), str(handle): slot_id})
    return slot


def played_slot(animation: bpy.types.AnimData) -> NativeSlot | None:
    """Returns the slot that an entity plays."""
    if animation.action is None:
        return None
    slot = NativeSlot(animation.action, animation.action_slot) if _HAS_SLOTS else NativeSlot(animation.action)
    return None if _HAS_SLOTS and slot.slot is None else slot


def play(animation: bpy.types.AnimData, action: bpy.types.Action | None, slot_id: int | None) -> None:
    """Makes an entity play a slot of an action."""
    if animation.action != action:
        animation.action = action
    if _HAS_SLOTS and action is not None:
        found = None if slot_id is None else find_slot(action, slot_id)
        animation.action_slot = found.slot if found else None


def all_curves(action: bpy.types.Action) -> Iterator[Curve]:
    """Yields the curves of all slots, of any kind."""
    listed = [NativeSlot(action, slot) for slot in action.slots] if _HAS_SLOTS else [NativeSlot(action)]
    for slot in listed:
        yield from slot.curves or ()


def is_kept(curve: Curve) -> bool:
    """Returns whether a curve shows nothing: it is muted, or has no keys."""
    return curve.mute or curve.is_empty


def has_native_form(curve: Curve) -> bool:
    """Returns whether only Blender has the form of a curve: an easing, a modifier, or points without keys."""
    if len(curve.sampled_points) or any(not modifier.mute for modifier in curve.modifiers):
        return True
    return bool((read_interpolation(curve) > actions.BEZIER).any())


def read_interpolation(curve: Curve) -> np.ndarray:
    """Returns the interpolation of each key, by its number in Blender: 0 to 2 are those of the wire."""
    found = np.empty(len(curve.keyframe_points), np.int32)
    curve.keyframe_points.foreach_get("interpolation", found)
    return found


def read_keys(curve: Curve) -> np.ndarray:
    """Returns a row for each key: time and value of the key, of the handle before, and of the handle behind."""
    points = curve.keyframe_points
    parts = [np.empty(2 * len(points), np.float32) for _ in range(3)]
    for name, part in zip(("co", "handle_left", "handle_right"), parts, strict=True):
        points.foreach_get(name, part)
    return np.concatenate([part.reshape(-1, 2) for part in parts], axis=1)


def write_keys(slot: NativeSlot, data_path: str, index: int, channel: Channel) -> None:
    """Gives a property these keys, in native values; makes its curve if there is none."""
    curves = slot.ensure_curves()
    curve = curves.find(data_path, index=index)
    if curve is None:
        curve = _new_curve(curves, slot, data_path, index)
    for modifier in list(curve.modifiers):
        curve.modifiers.remove(modifier)
    points, count = curve.keyframe_points, len(channel.numbers)
    if len(points) != count:
        points.clear()
        points.add(count)
    numbers = np.ascontiguousarray(channel.numbers, np.float32)
    for name in ("handle_left_type", "handle_right_type"):
        points.foreach_set(name, np.full(count, _FREE, np.int32))
    points.foreach_set("interpolation", np.asarray(channel.interpolation, np.int32))
    for name, first in (("co", 0), ("handle_left", 2), ("handle_right", 4)):
        points.foreach_set(name, np.ascontiguousarray(numbers[:, first : first + 2]).reshape(-1))
    curve.extrapolation = channel.extrapolation[1].upper()
    curve.mute = False
    curve.update()


def _new_curve(curves, slot: NativeSlot, data_path: str, index: int) -> Curve:
    group = "Object Transforms" if slot.kind == "object" and data_path in _GROUPS else ""
    if slot.slot is None:
        return curves.new(data_path, index=index, action_group=group)
    named = {"group_name": group} if group and bpy.app.version >= (5, 0, 0) else {}
    return curves.new(data_path, index=index, **named)


def _check_notes(value: dict, location: str) -> None:
    ids, locked = value.get("ids", {}), value.get("locked", {})
    if not isinstance(ids, dict) or not all(type(each) is int for each in ids.values()):
        raise SyncError("VS-1006", "no ids of slots", location)
    if not isinstance(locked, dict) or not all(isinstance(each, list) for each in locked.values()):
        raise SyncError("VS-1006", "no lists of channels", location)
