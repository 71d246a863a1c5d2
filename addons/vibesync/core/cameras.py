# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `camera`, and how Blender's cameras show it.

Native values are named as Blender's properties of cameras and their depth of field. Two have names of their own:
`aspect`, width by height of the scene's renders, and `has_focus_object`.
"""

from __future__ import annotations

import math

from .equality import all_close, close
from .fields import boolean, check_fields, number, numbers, one_of
from .native_values import agree, bounded, within

DEFAULTS = {
    "projection": "perspective",
    "fit": "auto",
    "sensor": [36.0, 24.0],
    "focal": 50.0,
    "size": 6.0,
    "shift": [0.0, 0.0],
    "near": 0.1,
    "far": 1000.0,
    "aspect": 16.0 / 9.0,
    "physical": True,
    "focus": 0.0,
    "fstop": 2.8,
}
_PROJECTIONS = {"perspective": "PERSP", "orthographic": "ORTHO"}
_FITS = {"auto": "AUTO", "horizontal": "HORIZONTAL", "vertical": "VERTICAL"}
_UNITY_FITS = ("fill", "overscan", "none")

_LARGEST = 1e9
_any = number(-_LARGEST, _LARGEST)
_positive = number(0.0, _LARGEST)
_FIELDS = {
    "projection": one_of(_PROJECTIONS),
    "fit": one_of((*_FITS, *_UNITY_FITS)),
    "sensor": numbers(2, _positive),
    "focal": _positive,
    "size": _positive,
    "shift": numbers(2, _any),
    "near": _any,
    "far": _positive,
    "aspect": _positive,
    "physical": boolean,
    "focus": _positive,
    "fstop": _positive,
}

# Limits of Blender's properties, in all versions. A value beyond stays in the component, and is not shown.
_MOST = math.inf
_LIMITS = {
    "lens": (1.0, _MOST),
    "sensor_width": (1.0, _MOST),
    "sensor_height": (1.0, _MOST),
    "clip_start": (1e-6, _MOST),
    "clip_end": (1e-6, _MOST),
}


def check(value: dict, location: str) -> None:
    """Checks the component. Raises SyncError at the location of the first fault."""
    check_fields(value, _FIELDS, location)


def is_same(a: dict, b: dict) -> bool:
    """Returns whether two components show the same camera. The aspect belongs to no camera and is not compared."""
    return (
        all(a[name] == b[name] for name in ("projection", "fit", "physical"))
        and all(all_close(a[name], b[name]) for name in ("sensor", "shift"))
        and all(close(a[name], b[name]) for name in ("focal", "size", "near", "far", "focus", "fstop"))
    )


def to_native(component: dict, present: dict, unit: float) -> dict:
    """Returns the values that a camera is to have.

    `present`: its values now. They decide what is the person's choice: a panorama, an object in focus.
    """
    wanted = {
        "type": _PROJECTIONS[component["projection"]],
        "sensor_fit": _fit_to_native(component),
        "sensor_width": component["sensor"][0],
        "sensor_height": component["sensor"][1],
        "lens": component["focal"],
        "ortho_scale": component["size"] / unit,
        "shift_x": component["shift"][0],
        "shift_y": component["shift"][1],
        "clip_start": component["near"] / unit,
        "clip_end": component["far"] / unit,
        "aperture_fstop": component["fstop"],
    }
    if component["projection"] == _read_projection(present, unit)["projection"]:
        wanted["type"] = present["type"]
    if component["focus"] > 0:
        wanted |= {"use_dof": True, "focus_distance": component["focus"] / unit}
    elif not present["has_focus_object"]:
        wanted["use_dof"] = False
    return within(_LIMITS, wanted)


def from_native(native: dict, last: dict | None, unit: float) -> dict:
    """Returns the component that a camera shows.

    `last`: the component that was synchronized last. Its fields stand where the camera shows what they ask for, and
    where Blender has no such property.
    """
    if last is None:
        component = {**DEFAULTS, "aspect": native["aspect"]}
        for _, read in _GROUPS:
            component |= read(native, unit)
        return component
    changed: dict = {}
    wanted = to_native(last, native, unit)
    for names, read in _GROUPS:
        if any(name in wanted and not agree(wanted[name], native[name]) for name in names):
            changed |= read(native, unit)
    last = {name: last[name] for name in DEFAULTS}
    if not changed:
        return last
    component = {**last, **changed, "aspect": native["aspect"]}
    if changed.keys() & {"fit", "shift"} and not _can_be_plain(component):
        component["physical"] = True
    return component


def _can_be_plain(component: dict) -> bool:
    """Returns whether a camera that is not physical can show this: it has a vertical field of view and no shift."""
    return component["fit"] == "vertical" and not any(component["shift"])


def _fit_to_native(component: dict) -> str:
    """Returns the fit that comes nearest: Blender has none in which a sensor is cut to, or widened for, the picture."""
    fit = component["fit"]
    if fit in _FITS:
        return _FITS[fit]
    width, height = component["sensor"]
    is_wider = width > height * component["aspect"]
    is_vertical = fit == "none" or is_wider == (fit == "fill")
    return "VERTICAL" if is_vertical else "HORIZONTAL"


def _number(value: float) -> float:
    """Returns a number that a field can hold."""
    return bounded(value, _LARGEST)


def _read_projection(native: dict, _unit: float) -> dict:
    return {"projection": "orthographic" if native["type"] == "ORTHO" else "perspective"}


def _read_fit(native: dict, _unit: float) -> dict:
    return {"fit": native["sensor_fit"].lower()}


def _read_sensor(native: dict, _unit: float) -> dict:
    return {"sensor": [_number(native["sensor_width"]), _number(native["sensor_height"])]}


def _read_focus(native: dict, unit: float) -> dict:
    is_at_distance = native["use_dof"] and not native["has_focus_object"]
    return {"focus": _number(native["focus_distance"] * unit) if is_at_distance else 0.0}


_GROUPS = (
    (("type",), _read_projection),
    (("sensor_fit",), _read_fit),
    (("sensor_width", "sensor_height"), _read_sensor),
    (("lens",), lambda native, _: {"focal": _number(native["lens"])}),
    (("ortho_scale",), lambda native, unit: {"size": _number(native["ortho_scale"] * unit)}),
    (("shift_x", "shift_y"), lambda native, _: {"shift": [_number(native["shift_x"]), _number(native["shift_y"])]}),
    (("clip_start",), lambda native, unit: {"near": _number(native["clip_start"] * unit)}),
    (("clip_end",), lambda native, unit: {"far": _number(native["clip_end"] * unit)}),
    (("use_dof", "focus_distance"), _read_focus),
    (("aperture_fstop",), lambda native, _: {"fstop": _number(native["aperture_fstop"])}),
)
