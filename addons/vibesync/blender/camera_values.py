# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `camera`."""

from __future__ import annotations

import bpy

from ..core import cameras
from ..core.native_values import differing
from . import synced_value

PROPERTY = "vibesync_camera"

_CAMERA = (
    "type",
    "sensor_fit",
    "sensor_width",
    "sensor_height",
    "lens",
    "ortho_scale",
    "shift_x",
    "shift_y",
    "clip_start",
    "clip_end",
)
_FOCUS = ("use_dof", "focus_distance", "aperture_fstop")


def create(name: str, _component: dict) -> bpy.types.Camera:
    """Creates a camera; `write` gives it its values."""
    return bpy.data.cameras.new(name)


def peek(camera: bpy.types.Camera, scene: bpy.types.Scene, unit: float) -> dict:
    """Returns the component, and stores nothing."""
    return cameras.from_native(_native(camera, scene), synced_value.read(camera, PROPERTY, cameras.check), unit)


def read(camera: bpy.types.Camera, scene: bpy.types.Scene, unit: float) -> dict:
    """Returns the component, and stores it beside the camera."""
    component = peek(camera, scene, unit)
    synced_value.write(camera, PROPERTY, component)
    return component


def write(camera: bpy.types.Camera, component: dict, scene: bpy.types.Scene, unit: float, saved: list[dict]) -> None:
    """Writes the component. `saved` gets what is needed to restore the camera."""
    saved.append(save(camera))
    last = synced_value.read(camera, PROPERTY, cameras.check)
    show(camera, component, scene, unit)
    if last is None or last["physical"] != component["physical"]:
        camera.lens_unit = "MILLIMETERS" if component["physical"] else "FOV"
    synced_value.write(camera, PROPERTY, component)


def show(camera: bpy.types.Camera, component: dict, scene: bpy.types.Scene, unit: float) -> None:
    """Writes the component, and stores nothing."""
    native = _native(camera, scene)
    set_fields(camera, differing(cameras.to_native(component, native, unit), native))


def fields(camera: bpy.types.Camera) -> dict:
    """Returns what `show` may change."""
    return {name: getattr(camera.dof if name in _FOCUS else camera, name) for name in (*_CAMERA, *_FOCUS)}


def set_fields(camera: bpy.types.Camera, values: dict) -> None:
    """Sets some of the `fields`."""
    for name, value in values.items():
        setattr(camera.dof if name in _FOCUS else camera, name, value)


def save(camera: bpy.types.Camera) -> dict:
    """Returns what `restore` brings back."""
    return {**fields(camera), "lens_unit": camera.lens_unit, PROPERTY: camera.get(PROPERTY)}


def restore(camera: bpy.types.Camera, saved: dict) -> None:
    """Brings back what `save` returned."""
    set_fields(camera, {name: saved[name] for name in (*_CAMERA, "lens_unit", *_FOCUS)})
    synced_value.restore(camera, PROPERTY, saved[PROPERTY])


def _native(camera: bpy.types.Camera, scene: bpy.types.Scene) -> dict:
    dof, render = camera.dof, scene.render
    width = render.resolution_x * render.pixel_aspect_x
    height = render.resolution_y * render.pixel_aspect_y
    return {
        **fields(camera),
        "has_focus_object": dof.focus_object is not None,
        "aspect": width / height,
    }
