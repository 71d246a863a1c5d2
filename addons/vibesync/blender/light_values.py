# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `light`. Blender 4.2 has no temperature, exposure and `normalize`."""

from __future__ import annotations

import bpy

from ..core import lights
from ..core.native_values import differing
from . import synced_value

PROPERTY = "vibesync_light"

_WRITTEN = (
    "color",
    "energy",
    "use_temperature",
    "temperature",
    "spot_size",
    "spot_blend",
    "shape",
    "size",
    "size_y",
    "use_custom_distance",
    "cutoff_distance",
    "shadow_soft_size",
    "angle",
    "use_shadow",
)
_READ = ("type", "exposure", "normalize", "temperature_color", *_WRITTEN)
_VECTORS = ("color", "temperature_color")


def create(name: str, component: dict) -> bpy.types.Light:
    """Creates a light; `write` gives it its values."""
    return bpy.data.lights.new(name, lights.NATIVE_TYPES[component.get("type", "point")])


def peek(light: bpy.types.Light, _scene: bpy.types.Scene, unit: float) -> dict:
    """Returns the component, and stores nothing."""
    return lights.from_native(native(light), synced_value.read(light, PROPERTY, lights.check), unit)


def read(light: bpy.types.Light, scene: bpy.types.Scene, unit: float) -> dict:
    """Returns the component, and stores it beside the light."""
    component = peek(light, scene, unit)
    synced_value.write(light, PROPERTY, component)
    return component


def write(light: bpy.types.Light, component: dict, _scene: bpy.types.Scene, unit: float, saved: list[dict]) -> None:
    """Writes the component. `saved` gets what is needed to restore the light."""
    saved.append(save(light))
    native_type = lights.NATIVE_TYPES[component["type"]]
    if light.type != native_type:
        light.type = native_type
        saved.append(save(light))  # the properties of the other type, hidden so far
    _write_native(light.type_recast(), component, unit)
    synced_value.write(light, PROPERTY, component)


def show(light: bpy.types.Light, component: dict, _scene: bpy.types.Scene, unit: float) -> None:
    """Writes the component of a preview, and stores nothing. A light of another type stays as it is."""
    if light.type == lights.NATIVE_TYPES[component["type"]]:
        _write_native(light.type_recast(), component, unit)


def fields(light: bpy.types.Light) -> dict:
    """Returns what `show` may change."""
    return {name: value for name, value in native(light).items() if name in _WRITTEN}


def set_fields(light: bpy.types.Light, values: dict) -> None:
    """Sets some of the `fields`."""
    light = light.type_recast()
    for name, value in values.items():
        setattr(light, name, value)


def save(light: bpy.types.Light) -> dict:
    """Returns what `restore` brings back."""
    return {**native(light), PROPERTY: light.get(PROPERTY)}


def restore(light: bpy.types.Light, saved: dict) -> None:
    """Brings back what `save` returned."""
    if light.type != saved["type"]:
        light.type = saved["type"]
    light = light.type_recast()
    for name in _WRITTEN:
        if name in saved:
            setattr(light, name, saved[name])
    synced_value.restore(light, PROPERTY, saved[PROPERTY])


def _write_native(light: bpy.types.Light, component: dict, unit: float) -> None:
    present = native(light)
    set_fields(light, differing(lights.to_native(component, present, unit), present))


def native(light: bpy.types.Light) -> dict:
    """Returns the values of a light, named as its properties."""
    light = light.type_recast()  # a reference from before a change of the type has the old properties
    values = {name: getattr(light, name) for name in _READ if hasattr(light, name)}
    return {name: tuple(value) if name in _VECTORS else value for name, value in values.items()}
