# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that previews carry, by kind of datablock: reads them, shows them, and puts back what was there.

Nothing is stored beside a datablock: what was synchronized last stays what it was.
"""

from __future__ import annotations

import json
import math
from types import ModuleType

import bpy

from . import camera_values, channels, light_values, material_values, still_values, transforms
from .entity import Reader

State = channels.Channels | dict  # the values that a preview may change, as Blender has them

_DATA = {bpy.types.Light: ("light", light_values), bpy.types.Camera: ("camera", camera_values)}


def read(datablock: bpy.types.ID, reader: Reader) -> dict[str, dict]:
    """Returns the components that a preview of a datablock carries."""
    if isinstance(datablock, bpy.types.Object):
        value, _ = transforms.read(datablock, reader.synced_parent(datablock), reader.unit, reader.frame(datablock))
        return still_values.peek(datablock, {"transform": value}, reader.find_animated(datablock))
    if isinstance(datablock, bpy.types.Material):
        return material_values.peek(datablock)
    for kind, (name, values) in _DATA.items():
        if isinstance(datablock, kind):
            shown = {name: values.peek(datablock, reader.layer.id_data, reader.unit)}
            return still_values.peek(datablock, shown, reader.find_animated(datablock))
    return {}


def show(datablock: bpy.types.ID, components: dict[str, dict], reader: Reader) -> None:
    """Writes the components that this kind of datablock has."""
    if isinstance(datablock, bpy.types.Object):
        if "transform" in components:
            parent, frame = reader.synced_parent(datablock), reader.frame(datablock)
            transforms.write_channels(datablock, parent, components["transform"], reader.unit, frame)
        return
    if isinstance(datablock, bpy.types.Material):
        material_values.show(datablock, {name: components[name] for name in components if name in ("pbr", "emission")})
        return
    for kind, (name, values) in _DATA.items():
        if isinstance(datablock, kind) and name in components:
            values.show(datablock, components[name], reader.layer.id_data, reader.unit)


def save(datablock: bpy.types.ID) -> State:
    """Returns what `show` may change."""
    if isinstance(datablock, bpy.types.Object):
        return channels.read(datablock)
    return _module(datablock).fields(datablock)


def put_back(datablock: bpy.types.ID, before: State, shown: State) -> None:
    """Writes what was there before, each value only if it still is what was shown: else a person has changed it."""
    if isinstance(datablock, bpy.types.Object):
        channels.put_back(datablock, before, shown)
        return
    now = save(datablock)
    kept = now.keys() & before.keys() & shown.keys()
    values = {name: before[name] for name in sorted(kept) if now[name] == shown[name] != before[name]}
    if values:
        _module(datablock).set_fields(datablock, values)


def is_known(datablock: bpy.types.ID | None) -> bool:
    """Returns whether a preview can be of a datablock."""
    return isinstance(datablock, (bpy.types.Object, bpy.types.Material, *_DATA))


def to_mark(before: State, shown: State) -> list[float] | str:
    """Returns the form in which a mark in the scene keeps both."""
    if isinstance(before, dict):
        return json.dumps([before, shown])
    return [*before, *shown]


def put_back_mark(datablock: bpy.types.ID, mark: object) -> None:
    """Puts back what a mark of a file tells. Ignores one that is damaged."""
    if isinstance(datablock, bpy.types.Object):
        if _are_channels(mark):
            put_back(datablock, tuple(mark[: channels.SIZE]), tuple(mark[channels.SIZE :]))
        return
    present = save(datablock)
    pair = _parse_fields(mark, present)
    if pair is not None:
        put_back(datablock, *pair)


def _module(datablock: bpy.types.ID) -> ModuleType:
    """Returns the module that has `fields` and `set_fields` of a datablock that is no object."""
    if isinstance(datablock, bpy.types.Material):
        return material_values
    return next(values for kind, (_, values) in _DATA.items() if isinstance(datablock, kind))


def _are_channels(numbers: object) -> bool:
    """Returns whether a mark has the numbers of two sets of channels."""
    if not isinstance(numbers, list) or len(numbers) != 2 * channels.SIZE:
        return False
    return all(isinstance(number, float) and math.isfinite(number) for number in numbers)


def _parse_fields(mark: object, present: dict) -> tuple[dict, dict] | None:
    """Returns both sets of fields of a mark; None if it is damaged."""
    try:
        pair = json.loads(mark) if isinstance(mark, str) else None
    except ValueError:
        return None
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(each, dict) for each in pair):
        return None
    before, shown = ({name: _as_field(value) for name, value in each.items()} for each in pair)
    is_sound = all(name in present and _is_like(value, present[name]) for name, value in before.items())
    return (before, shown) if is_sound else None


def _as_field(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _is_like(value: object, present: object) -> bool:
    """Returns whether a value of a file may be assigned to a field that has this one."""
    if type(value) is not type(present):
        return False
    if isinstance(value, tuple):
        return len(value) == len(present) and all(map(_is_like, value, present))
    return not isinstance(value, float) or math.isfinite(value)
