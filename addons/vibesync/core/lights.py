# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `light`, and how Blender's lights show it.

Canonical intensity is in candela (point, spot), lux (sun) or lumen (area). Blender's power is in watts of 683 lumen.
Native values are named as Blender's properties; a light has those of its type and of its Blender version.
"""

from __future__ import annotations

import math

from .equality import EPSILON, all_close, close
from .fields import boolean, check_fields, nullable, number, numbers, one_of
from .native_values import agree, bounded, within
from .sync_error import SyncError

DEFAULTS = {
    "type": "point",
    "color": [1.0, 1.0, 1.0],
    "intensity": 0.0,
    "range": None,
    "inner": 0.4818878,
    "outer": 0.5235988,
    "shape": "rect",
    "size": [1.0, 1.0],
    "radius": 0.0,
    "angle": 0.00918,
    "shadow": True,
    "temperature": None,
    "tint": [1.0, 1.0, 1.0],
}
NATIVE_TYPES = {"point": "POINT", "sun": "SUN", "spot": "SPOT", "area": "AREA"}
_TYPES = {native: name for name, native in NATIVE_TYPES.items()}
_LUMEN = 683.0  # of a watt, as in glTF
_SHAPES = {"rect": ("SQUARE", "RECTANGLE"), "disk": ("DISK", "ELLIPSE")}  # with equal sides, with two sides
_NULLABLE = ("range", "temperature")
_PRODUCT = 2.0**-18  # relative: an editor takes products apart in its own way
_SAME_COLOR = 1e-4  # relative: versions of Blender differ in the color of a temperature

_LARGEST = 1e12  # intensity or length
_MOST_POWER = 3.4e38  # in single precision

_positive = number(0.0, _LARGEST)
_FIELDS = {
    "type": one_of(NATIVE_TYPES),
    "color": numbers(3, _positive),
    "intensity": _positive,
    "range": nullable(_positive),
    "inner": number(0.0, math.pi / 2 + 1e-6),
    "outer": number(0.0, math.pi / 2 + 1e-6),
    "shape": one_of(_SHAPES),
    "size": numbers(2, _positive),
    "radius": _positive,
    "angle": number(0.0, math.tau),
    "shadow": boolean,
    "temperature": nullable(_positive),
    "tint": numbers(3, _positive),
}

# Limits of Blender's properties, in all versions. A value beyond stays in the component, and is not shown.
_LIMITS = {"spot_size": (math.radians(1.0), math.pi), "angle": (0.0, math.pi), "temperature": (800.0, 20_000.0)}


def check(value: dict, location: str) -> None:
    """Checks the component. Raises SyncError at the location of the first fault."""
    check_fields(value, _FIELDS, location)
    if value["inner"] > value["outer"] and not close(value["inner"], value["outer"]):
        raise SyncError("VS-3003", "the inner cone is wider than the outer one", f"{location}.inner")


def is_same(a: dict, b: dict) -> bool:
    """Returns whether two components show the same light. Color and intensity are compared by their product."""
    if any(a[name] != b[name] for name in ("type", "shape", "shadow")):
        return False
    if any((a[name] is None) != (b[name] is None) for name in _NULLABLE):
        return False
    present = [name for name in _NULLABLE if a[name] is not None]
    products = zip(_products(a), _products(b), strict=True)
    return (
        all(close(a[name], b[name]) for name in ("inner", "outer", "radius", "angle", *present))
        and all(all_close(a[name], b[name]) for name in ("size", "tint"))
        and all(abs(p - q) <= max(EPSILON, _PRODUCT * max(p, q)) for p, q in products)
    )


def _products(component: dict) -> list[float]:
    return [value * component["intensity"] for value in component["color"]]


def to_native(component: dict, present: dict, unit: float) -> dict:
    """Returns the values that a light of this type is to have, of the properties in `present`.

    `present`: its values now. They decide what is the person's choice: exposure, `normalize`, the shape of equal sides.
    """
    wanted = {"use_shadow": component["shadow"], **_color_to_native(component, present)}
    wanted["use_custom_distance"] = component["range"] is not None
    if component["range"] is not None:
        wanted["cutoff_distance"] = component["range"] / unit
    if "spot_size" in present:
        wanted |= {"spot_size": 2 * component["outer"], "spot_blend": _blend(component)}
    if "shape" in present:
        wanted |= _shape_to_native(component, present, unit)
    wanted |= {"shadow_soft_size": component["radius"] / unit, "angle": component["angle"]}
    wanted = within(_LIMITS, {name: value for name, value in wanted.items() if name in present})
    wanted["energy"] = _energy(component["intensity"], {**present, **wanted}, unit)
    return wanted


def from_native(native: dict, last: dict | None, unit: float) -> dict:
    """Returns the component that a light shows.

    `last`: the component that was synchronized last. Its fields stand where the light shows what they ask for, and
    where Blender has no such property.
    """
    kind = _TYPES[native["type"]]
    if last is None or last["type"] != kind:
        component = {**DEFAULTS, "type": kind}
        for names, read in _GROUPS:
            if names[0] in native:
                component |= read(native, unit)
        return component
    component, wanted = {name: last[name] for name in DEFAULTS}, to_native(last, native, unit)
    for names, read in _GROUPS:
        if any(name in wanted and not agree(wanted[name], native[name]) for name in names):
            component |= read(native, unit)
    if native.get("use_temperature"):
        shown = _read_color(native, unit)
        if not _same_color(shown["color"], component["color"]):
            component |= shown
    return component


def _color_to_native(component: dict, present: dict) -> dict:
    if "use_temperature" not in present:
        return {"color": tuple(component["color"])}
    if component["temperature"] is None:
        return {"color": tuple(component["color"]), "use_temperature": False}
    return {"color": tuple(component["tint"]), "use_temperature": True, "temperature": component["temperature"]}


def _read_color(native: dict, _unit: float) -> dict:
    color = [_amount(value) for value in native["color"]]
    if not native.get("use_temperature"):
        return {"color": color, "temperature": None, "tint": [1.0, 1.0, 1.0]}
    factors = native["temperature_color"]
    shown = [_amount(value * factor) for value, factor in zip(color, factors, strict=True)]
    return {"color": shown, "temperature": native["temperature"], "tint": color}


def _same_color(a: list, b: list) -> bool:
    allowed = _SAME_COLOR * max(*a, *b)
    return all(abs(p - q) <= allowed for p, q in zip(a, b, strict=True))


def _amount(value: float) -> float:
    """Returns a number that a field can hold: neither negative nor too large."""
    return bounded(max(value, 0.0), _LARGEST)


def _energy(intensity: float, native: dict, unit: float) -> float:
    """Returns the power that gives this intensity. The present one stands if none does, or if it is negative and is
    to stay without light."""
    factor = power_factor(native, unit)
    if not 0.0 < factor < math.inf or (intensity == 0.0 and native["energy"] < 0.0):
        return native["energy"]
    return min(intensity / factor, _MOST_POWER)


def _read_intensity(native: dict, unit: float) -> dict:
    return {"intensity": _amount(native["energy"] * power_factor(native, unit))}


def power_factor(native: dict, unit: float) -> float:
    """Returns the canonical intensity of one unit of Blender's power."""
    factor = _LUMEN * 2.0 ** native.get("exposure", 0.0)
    if not native.get("normalize", True):
        factor *= _area(native)
    if native["type"] == "SUN":
        return factor
    factor *= unit * unit
    return factor if native["type"] == "AREA" else factor / (4 * math.pi)


def _area(native: dict) -> float:
    """Returns the area by which Blender multiplies the power of a light that is not normalized."""
    if native["type"] == "SUN":
        half = math.sin(native["angle"] / 2)
        return math.pi * half * half if half > 0.0 else 1.0
    if native["type"] == "AREA":
        width, height = _sides(native)
        return width * height * (1.0 if native["shape"] in _SHAPES["rect"] else math.pi / 4)
    radius = native["shadow_soft_size"]
    return 4 * math.pi * radius * radius if radius > 0.0 else 4.0


def _blend(component: dict) -> float:
    """Returns the soft part of a cone: cos inner = cos outer + (1 - cos outer) * blend."""
    inner, outer = math.sin(component["inner"] / 2), math.sin(component["outer"] / 2)
    return max(1.0 - (inner / outer) ** 2, 0.0) if outer > 0.0 else 0.0


def _read_cone(native: dict, _unit: float) -> dict:
    outer = native["spot_size"] / 2
    sharp = math.sqrt(min(max(1.0 - native["spot_blend"], 0.0), 1.0))
    inner = 2 * math.asin(math.sin(outer / 2) * sharp)
    return {"outer": min(outer, math.pi / 2), "inner": min(inner, outer, math.pi / 2)}


def _shape_to_native(component: dict, present: dict, unit: float) -> dict:
    width, height = (side / unit for side in component["size"])
    equal, unequal = _SHAPES[component["shape"]]
    shape = equal if agree(width, height) and present["shape"] != unequal else unequal
    wanted = {"shape": shape, "size": width}
    return wanted if shape == equal else {**wanted, "size_y": height}


def _sides(native: dict) -> tuple[float, float]:
    width = native["size"]
    return width, width if native["shape"] in ("SQUARE", "DISK") else native["size_y"]


def _read_shape(native: dict, unit: float) -> dict:
    shape = "rect" if native["shape"] in _SHAPES["rect"] else "disk"
    return {"shape": shape, "size": [_amount(side * unit) for side in _sides(native)]}


def _read_range(native: dict, unit: float) -> dict:
    reach = _amount(native["cutoff_distance"] * unit)
    return {"range": reach if native["use_custom_distance"] else None}


_GROUPS = (
    (("color", "use_temperature", "temperature"), _read_color),
    (("energy",), _read_intensity),
    (("spot_size", "spot_blend"), _read_cone),
    (("shape", "size", "size_y"), _read_shape),
    (("use_custom_distance", "cutoff_distance"), _read_range),
    (("shadow_soft_size",), lambda native, unit: {"radius": _amount(native["shadow_soft_size"] * unit)}),
    (("angle",), lambda native, _: {"angle": _amount(native["angle"])}),
    (("use_shadow",), lambda native, _: {"shadow": native["use_shadow"]}),
)
