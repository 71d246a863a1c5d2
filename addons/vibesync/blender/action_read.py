# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads actions: the component `action`. Curves that keep their form are read key by key, all others as values at whole
frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Euler, Matrix, Quaternion

from ..core import action_map, frames, lights
from ..core.action_map import EULER, ROTATIONS, Map, Native, ObjectBasis
from ..core.actions import Address, Channel, KeyedAction, Slot
from ..core.frames import Frame, Place
from . import action_curves, data_kinds, light_values, transforms
from .action_curves import Curve, NativeSlot

_MOST_SAMPLES = 100_000  # frames of a locked curve
_TRANSFORM = ("translation", "rotation", "scale")


@dataclass
class Setting:
    """Settings by which actions are read: meters per Blender unit, the scene's frame rate, and what plays them.

    `parent_of` returns the synchronized parent of an object.
    """

    unit: float
    rate: tuple[int, int]
    parent_of: Callable[[bpy.types.Object], bpy.types.Object | None]
    _players: dict[int, list[bpy.types.ID]] | None = None  # by session_uid of their action

    @classmethod
    def of(cls, scene: bpy.types.Scene, unit: float, parent_of: Callable) -> Setting:
        """Returns the setting of a scene."""
        return cls(unit, action_map.frame_rate(scene.render.fps, scene.render.fps_base), parent_of)

    def players(self, action: bpy.types.Action) -> list[bpy.types.ID]:
        """Returns the datablocks that play an action, in Blender's order."""
        if self._players is None:
            self._players = {}
            for collection in (bpy.data.objects, bpy.data.lights, bpy.data.cameras, bpy.data.shape_keys):
                for user in collection:
                    animation = user.animation_data
                    if animation and animation.action and data_kinds.is_local(user):
                        self._players.setdefault(animation.action.session_uid, []).append(user)
        return self._players.get(action.session_uid, [])


@dataclass
class SlotCurves:
    """The curves of a slot: how properties show channels, and the channels with the curves that each is made of."""

    slot: NativeSlot
    shown: Map
    basis: ObjectBasis
    player: bpy.types.ID | None
    channels: dict[Address, Channel]
    sources: dict[Address, list[Curve]]


def read(action: bpy.types.Action, setting: Setting) -> KeyedAction:
    """Returns the component."""
    found = [read_slot(slot, setting) for slot in action_curves.slots(action)]
    slots = [
        Slot(each.slot.id, each.slot.kind, [each.channels[address] for address in sorted(each.channels)])
        for each in found
    ]
    first, last = sorted(map(float, action.frame_range))
    is_loop = action.use_frame_range and action.use_cyclic
    return KeyedAction(read_rate(action, setting), (first, last), is_loop, sorted(slots, key=lambda slot: slot.id))


def has_others(action: bpy.types.Action) -> bool:
    """Returns whether an action has curves that are not synchronized, or only as values at whole frames."""
    known = {native.data_path for shown in _ALL_MAPS for native in shown.values()} | _ROTATED
    for curve in action_curves.all_curves(action):
        is_weight = curve.data_path.startswith("key_blocks[")
        if not is_weight and curve.data_path not in known and not action_curves.is_kept(curve):
            return True
    return False


def read_slot(slot: NativeSlot, setting: Setting) -> SlotCurves:
    """Returns the channels of a slot, as what plays it first shows them."""
    player = find_player(slot, setting)
    basis, shown = ObjectBasis(), {}
    if slot.kind == "object":
        basis = _object_basis(slot, player, setting)
        shown = action_map.object_map(basis, setting.unit)
    elif slot.kind == "light":
        shown = _light_map(player, setting.unit)
    elif slot.kind == "camera":
        shown = action_map.camera_map(setting.unit)
    found = SlotCurves(slot, shown, basis, player, {}, {})
    curves = [curve for curve in slot.curves or () if not action_curves.is_kept(curve)]
    if slot.kind == "mesh":
        found.shown.update(weights(curves))
    made = {tuple(each) for each in action_curves.notes(slot.action).get("locked", {}).get(str(slot.id), ())}
    by_native = {(native.data_path, native.index): address for address, native in found.shown.items()}
    for curve in curves:
        address = by_native.get((curve.data_path, curve.array_index))
        if address is not None:
            native = found.shown[address]
            found.channels[address] = _read_channel(curve, address, native, address in made)
            found.sources[address] = [curve]
    if slot.kind == "object":
        _sample_transform(found, curves, setting)
    return found


def weights(curves: Iterable[Curve]) -> Map:
    """Returns the channels of the weights of shape keys that these curves show."""
    found: Map = {}
    for curve in curves:
        name = key_name(curve.data_path)
        if name:
            found["shape", name, 0] = Native(curve.data_path, 0)
    return found


def key_name(data_path: str) -> str | None:
    """Returns the name of the shape key whose weight this is the path of."""
    head, tail = 'key_blocks["', '"].value'
    if not data_path.startswith(head) or not data_path.endswith(tail):
        return None
    return bpy.utils.unescape_identifier(data_path[len(head) : -len(tail)])


def find_player(slot: NativeSlot, setting: Setting) -> bpy.types.ID | None:
    """Returns what plays a slot; the oldest if several do."""
    playing = [user for user in setting.players(slot.action) if plays(user, slot)]
    return min(playing, key=lambda user: user.session_uid, default=None)


def basis_of(player: bpy.types.ID, setting: Setting) -> tuple | None:
    """Returns what else decides how the action of a datablock is read; None if it plays none."""
    animation = player.animation_data
    slot = action_curves.played_slot(animation) if animation else None
    if slot is None:
        return None
    if isinstance(player, bpy.types.Light):
        shown = _light_map(player, setting.unit)
        return slot.action.session_uid, slot.id, tuple(sorted(shown.items()))
    if not isinstance(player, bpy.types.Object):
        return slot.action.session_uid, slot.id
    moving = {(curve.data_path, curve.array_index) for curve in slot.curves or ()}
    basis = _object_basis(slot, player, setting)
    mode_path = ROTATIONS.get(basis.mode, EULER)
    paths = ["location", mode_path, "scale"]
    if not basis.is_plain:
        paths += ["delta_location", "delta_scale", "delta_rotation_euler", "delta_rotation_quaternion"]
    still = [
        value for path in paths for index, value in enumerate(getattr(player, path)) if (path, index) not in moving
    ]
    inverse = [] if basis.is_plain else [value for row in player.matrix_parent_inverse for value in row]
    return slot.action.session_uid, slot.id, basis, tuple(still), tuple(inverse)


def plays(user: bpy.types.ID, slot: NativeSlot) -> bool:
    """Returns whether a datablock plays a slot."""
    animation = getattr(user, "animation_data", None)
    if animation is None or animation.action != slot.action:
        return False
    played = action_curves.played_slot(animation)
    return played is not None and played.slot == slot.slot


def _object_basis(slot: NativeSlot, player: bpy.types.Object | None, setting: Setting) -> ObjectBasis:
    if player is None:
        paths = {curve.data_path for curve in slot.curves or ()}
        mode = next(
            (mode for mode, path in ROTATIONS.items() if path in paths), "XYZ" if EULER in paths else "QUATERNION"
        )
        return ObjectBasis(mode)
    parent = setting.parent_of(player)
    frame = Frame(data_kinds.is_viewer(player), data_kinds.is_viewer(parent))
    return ObjectBasis(player.rotation_mode, frame, transforms.is_plain(player, parent))


def _light_map(player: bpy.types.Light | None, unit: float) -> Map:
    if player is None:
        return action_map.light_map(lights.power_factor({"type": "POINT"}, unit), (1.0, 1.0, 1.0), unit)
    native = light_values.native(player)
    colors = tuple(native["temperature_color"]) if native.get("use_temperature") else (1.0, 1.0, 1.0)
    return action_map.light_map(lights.power_factor(native, unit), colors, unit)


def _read_channel(curve: Curve, address: Address, native: Native, is_made_here: bool) -> Channel:
    path, key, component = address
    channel = Channel(path, component, key)
    if is_made_here or action_curves.has_native_form(curve):
        channel.samples = _as_float32(_sample(curve, _frames(curve.id_data)) * native.factor + native.offset)
        return channel
    channel.extrapolation = (curve.extrapolation.lower(),) * 2
    numbers, channel.interpolation = action_curves.read_keys(curve), action_curves.read_interpolation(curve)
    is_later = np.concatenate([np.diff(numbers[:, 0]) > 0, [True]])  # of two keys at one time, the last counts
    numbers, channel.interpolation = numbers[is_later], channel.interpolation[is_later].astype(np.uint32)
    if (native.factor, native.offset) != (1.0, 0.0):
        numbers[:, 1::2] = _as_float32(numbers[:, 1::2].astype(np.float64) * native.factor + native.offset)
    channel.numbers = numbers
    return channel


def _sample_transform(found: SlotCurves, curves: list[Curve], setting: Setting) -> None:
    """Adds what does not keep its curves as values: a rotation, or all of a transform that deltas or a parent move."""
    basis, player = found.basis, found.player
    mode_path = ROTATIONS.get(basis.mode, EULER)
    moving = [
        curve
        for curve in curves
        if curve.data_path in _PLACING and (mode_path == curve.data_path or curve.data_path not in _MODES)
    ]
    if basis.is_plain:
        left = [curve for curve in moving if curve.data_path == mode_path]
        if not left or any(curve in each for each in found.sources.values() for curve in left):
            return
        paths = ("rotation",)
    elif not moving or player is None or not transforms.follows_channels(player, setting.parent_of(player)):
        return
    else:
        left, paths = moving, _TRANSFORM
    rows = [_flatten(each) for each in _places(basis, player, moving, setting)]
    values = np.array(rows)
    values[:, 3:7] = _continued(values[:, 3:7])
    columns = {"translation": (0, 3), "rotation": (3, 7), "scale": (7, 10)}
    for path in paths:
        first, end = columns[path]
        for component in range(end - first):
            address = (path, "", component)
            samples = _as_float32(values[:, first + component])
            found.channels[address] = Channel(path, component, samples=samples)
            found.sources[address] = left


def _places(
    basis: ObjectBasis, player: bpy.types.Object | None, curves: list[Curve], setting: Setting
) -> Iterator[dict]:
    """Yields the canonical transform at each whole frame."""
    values = {(curve.data_path, curve.array_index): _sample(curve, _frames(curve.id_data)) for curve in curves}
    count = len(next(iter(values.values())))

    def value(path: str, size: int, default: tuple[float, ...], at: int) -> list[float]:
        rest = getattr(player, path) if player else default
        return [values[path, index][at] if (path, index) in values else rest[index] for index in range(size)]

    for at in range(count):
        location, scale = value("location", 3, (0, 0, 0), at), value("scale", 3, (1, 1, 1), at)
        rotation = _rotation(basis.mode, value, at, "rotation_")
        if not basis.is_plain:
            location = [a + b for a, b in zip(location, value("delta_location", 3, (0, 0, 0), at), strict=True)]
            scale = [a * b for a, b in zip(scale, value("delta_scale", 3, (1, 1, 1), at), strict=True)]
            rotation = _rotation(basis.mode, value, at, "delta_rotation_") @ rotation
            matrix = player.matrix_parent_inverse @ Matrix.LocRotScale(location, rotation, scale)
            location, rotation, scale = (
                matrix if player.parent else Matrix.LocRotScale(location, rotation, scale)
            ).decompose()
        place = Place(location, (rotation.x, rotation.y, rotation.z, rotation.w), scale)
        yield frames.to_canonical(place, setting.unit, basis.frame)


def _rotation(mode: str, value, at: int, prefix: str) -> Quaternion:
    if mode == "QUATERNION":
        return Quaternion(value(f"{prefix}quaternion", 4, (1, 0, 0, 0), at)).normalized()
    if mode != "AXIS_ANGLE":
        return Euler(value(f"{prefix}euler", 3, (0, 0, 0), at), mode).to_quaternion()
    if prefix != "rotation_":
        return Quaternion()
    angle, *axis = value("rotation_axis_angle", 4, (0, 0, 1, 0), at)
    return Quaternion(axis, angle)


def _flatten(transform: dict) -> list[float]:
    return [*transform["translation"], *transform["rotation"], *transform["scale"]]


def _continued(rotations: np.ndarray) -> np.ndarray:
    """Returns the same rotations with signs so that each is near the one before."""
    turns = (rotations[1:] * rotations[:-1]).sum(axis=1) < 0
    signs = np.concatenate([[1.0], np.where(np.cumsum(turns) % 2, -1.0, 1.0)])
    return rotations * signs[:, None]


def _frames(action: bpy.types.Action) -> range:
    first, last = sorted(action.frame_range)
    return action_map.whole_frames(first, last, _MOST_SAMPLES)


def _sample(curve: Curve, at: range) -> np.ndarray:
    return np.array([curve.evaluate(frame) for frame in at], np.float64)


def _as_float32(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


def read_rate(action: bpy.types.Action, setting: Setting) -> tuple[int, int]:
    """Returns the rate with which the action came, until the scene gets another; else that of the scene."""
    rates = action_curves.notes(action).get("rates")
    if isinstance(rates, list) and len(rates) == 4 and tuple(rates[2:]) == setting.rate:
        return rates[0], rates[1]
    return setting.rate


_MODES = {EULER, *ROTATIONS.values()}
_ROTATED = {*_MODES, *(f"delta_{path}" for path in _MODES), "delta_location", "delta_scale"}
_PLACING = {*_ROTATED, "location", "scale"}
_ALL_MAPS = (
    action_map.object_map(ObjectBasis(), 1.0),
    action_map.light_map(1.0, (1.0, 1.0, 1.0), 1.0),
    action_map.camera_map(1.0),
)
