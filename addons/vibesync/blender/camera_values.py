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


def read(camera: bpy.types.Camera, scene: bpy.types.Scene, unit: float) -> dict:
    """Returns the component, and stores it beside the camera."""
    last = synced_value.read(camera, PROPERTY, cameras.check)
    component = cameras.from_native(_native(camera, scene), last, unit)
    synced_value.write(camera, PROPERTY, component)
    return component


def write(camera: bpy.types.Camera, component: dict, scene: bpy.types.Scene, unit: float, saved: list[dict]) -> None:
    """Writes the component. `saved` gets what is needed to restore the camera."""
    saved.append(save(camera))
    last = synced_value.read(camera, PROPERTY, cameras.check)
    native = _native(camera, scene)
    for name, value in differing(cameras.to_native(component, native, unit), native).items():
        setattr(camera.dof if name in _FOCUS else camera, name, value)
    if last is None or last["physical"] != component["physical"]:
        camera.lens_unit = "MILLIMETERS" if component["physical"] else "FOV"
    synced_value.write(camera, PROPERTY, component)


def save(camera: bpy.types.Camera) -> dict:
    """Returns what `restore` brings back."""
    saved = {name: getattr(camera, name) for name in (*_CAMERA, "lens_unit")}
    return {**saved, **{name: getattr(camera.dof, name) for name in _FOCUS}, PROPERTY: camera.get(PROPERTY)}


def restore(camera: bpy.types.Camera, saved: dict) -> None:
    """Brings back what `save` returned."""
    for name in (*_CAMERA, "lens_unit", *_FOCUS):
        setattr(camera.dof if name in _FOCUS else camera, name, saved[name])
    synced_value.restore(camera, PROPERTY, saved[PROPERTY])


def _native(camera: bpy.types.Camera, scene: bpy.types.Scene) -> dict:
    dof, render = camera.dof, scene.render
    width = render.resolution_x * render.pixel_aspect_x
    height = render.resolution_y * render.pixel_aspect_y
    return {
        **{name: getattr(camera, name) for name in _CAMERA},
        **{name: getattr(dof, name) for name in _FOCUS},
        "has_focus_object": dof.focus_object is not None,
        "aspect": width / height,
    }
