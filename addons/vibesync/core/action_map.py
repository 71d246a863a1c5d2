# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps the channels of Blender's actions to canonical ones and back: canonical = factor * native + offset."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from . import frames
from .frames import Frame

ROTATIONS = {
    "QUATERNION": "rotation_quaternion",
    "AXIS_ANGLE": "rotation_axis_angle",
}  # the others are "rotation_euler"
EULER = "rotation_euler"
# The fields of components that a property of Blender decides, for properties that actions and drivers animate.
OBJECT_FIELDS = {
    "location": ("transform", "translation"),
    "delta_location": ("transform", "translation"),
    "rotation_euler": ("transform", "rotation"),
    "rotation_quaternion": ("transform", "rotation"),
    "rotation_axis_angle": ("transform", "rotation"),
    "rotation_mode": ("transform", "rotation"),
    "delta_rotation_euler": ("transform", "rotation"),
    "delta_rotation_quaternion": ("transform", "rotation"),
    "scale": ("transform", "scale"),
    "delta_scale": ("transform", "scale"),
    "hide_viewport": ("visibility", "visible"),
    "hide_render": ("render_visibility", "visible"),
}
LIGHT_FIELDS = {
    "color": ("color", "tint"),
    "temperature": ("color", "temperature"),
    "use_temperature": ("color", "temperature", "tint"),
    "energy": ("intensity",),
    "exposure": ("intensity",),
    "normalize": ("intensity",),
    "cutoff_distance": ("range",),
    "use_custom_distance": ("range",),
    "spot_size": ("outer", "inner"),
    "spot_blend": ("inner",),
    "shape": ("shape",),
    "size": ("size", "intensity"),
    "size_y": ("size", "intensity"),
    "shadow_soft_size": ("radius", "intensity"),
    "angle": ("angle", "intensity"),
    "use_shadow": ("shadow",),
}
CAMERA_FIELDS = {
    "type": ("projection",),
    "lens": ("focal",),
    "sensor_fit": ("fit",),
    "sensor_width": ("sensor",),
    "sensor_height": ("sensor",),
    "ortho_scale": ("size",),
    "shift_x": ("shift",),
    "shift_y": ("shift",),
    "clip_start": ("near",),
    "clip_end": ("far",),
    "dof.use_dof": ("focus",),
    "dof.focus_distance": ("focus",),
    "dof.aperture_fstop": ("fstop",),
}


class Native(NamedTuple):
    """A curve of Blender that shows one canonical channel."""

    data_path: str
    index: int
    factor: float = 1.0
    offset: float = 0.0


Map = dict[tuple[str, str, int], Native]  # by address: path, shape key, component


@dataclass(frozen=True)
class ObjectBasis:
    """Settings by which the curves of an object show its transform."""

    mode: str = "XYZ"
    frame: Frame = frames.OBJECT
    is_plain: bool = True  # location, rotation and scale alone place it


def object_map(basis: ObjectBasis, unit: float) -> Map:
    """Returns the channels of objects that keep their curves. A rotation in other modes or between axes of two kinds
    does not, and neither does what deltas or a parent inverse move."""
    found: Map = {("visible", "", 0): Native("hide_viewport", 0, -1.0, 1.0)}
    if not basis.is_plain:
        return found
    renamed = ((0, 1.0), (2, 1.0), (1, -1.0))  # canonical x, y and z by Blender's
    same = ((0, 1.0), (1, 1.0), (2, 1.0))
    frame = basis.frame
    for component, (index, sign) in enumerate(same if frame.is_in_viewer else renamed):
        found["translation", "", component] = Native("location", index, sign * unit)
    for component, (index, _) in enumerate(same if frame.is_viewer else renamed):
        found["scale", "", component] = Native("scale", index)
    if frame.is_viewer != frame.is_in_viewer:
        return found
    axes = same if frame.is_viewer else renamed
    if basis.mode == "QUATERNION":
        for component, (index, sign) in enumerate(axes):
            found["rotation", "", component] = Native("rotation_quaternion", index + 1, sign)
        found["rotation", "", 3] = Native("rotation_quaternion", 0)
    elif basis.mode == "YXZ" and not frame.is_viewer:
        for component, (index, sign) in enumerate(axes):
            found["euler", "", component] = Native(EULER, index, sign)
    return found


def light_map(power: float, colors: tuple[float, float, float], unit: float) -> Map:
    """Returns the channels of lights. `power`: the intensity of one watt; `colors`: factors of its temperature."""
    found = {("color", "", index): Native("color", index, factor) for index, factor in enumerate(colors)}
    found["range", "", 0] = Native("cutoff_distance", 0, unit)
    found["outer", "", 0] = Native("spot_size", 0, 0.5)
    if power > 0.0 and math.isfinite(power):
        found["intensity", "", 0] = Native("energy", 0, power)
    return found


def camera_map(unit: float) -> Map:
    """Returns the channels of cameras."""
    return {
        ("focal", "", 0): Native("lens", 0),
        ("size", "", 0): Native("ortho_scale", 0, unit),
        ("shift", "", 0): Native("shift_x", 0),
        ("shift", "", 1): Native("shift_y", 0),
        ("near", "", 0): Native("clip_start", 0, unit),
        ("far", "", 0): Native("clip_end", 0, unit),
        ("focus", "", 0): Native("dof.focus_distance", 0, unit),
        ("fstop", "", 0): Native("dof.aperture_fstop", 0),
    }


def frame_rate(fps: int, base: float) -> tuple[int, int]:
    """Returns frames a second as a fraction: 30 / 1.001 is 30000 / 1001."""
    rate = Fraction(fps) / Fraction(str(round(base, 5)) if base > 0 else 1)
    rate = rate.limit_denominator(1_000_000)
    return max(rate.numerator, 1), rate.denominator


def whole_frames(first: float, last: float, most: int) -> range:
    """Returns the frames at which a locked curve is sampled; at most so many."""
    begin = math.floor(first)
    return range(begin, begin + min(max(math.ceil(last) - begin, 0), most - 1) + 1)
