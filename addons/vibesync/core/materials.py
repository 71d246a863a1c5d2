# SPDX-License-Identifier: GPL-3.0-or-later
"""The components `pbr` and `emission`, and how Blender's materials show them.

Native values have names of their own. Alpha and `method`, Blender's way to render transparency, are shown together. A
material has those that Blender shows of it: one without nodes has no emission, and none is there for a value that an
image decides.
"""

from __future__ import annotations

from . import maps
from .equality import EPSILON, all_close, close
from .fields import boolean, check_fields, number, numbers, one_of
from .native_values import agree, bounded, differing
from .sync_error import SyncError

PBR = {
    "base_color": [0.8, 0.8, 0.8, 1.0],
    "metallic": 0.0,
    "roughness": 0.5,
    "alpha_mode": "opaque",
    "alpha_cutoff": 0.5,
    "double_sided": True,
    "normal_scale": 1.0,
    "occlusion_strength": 1.0,
}
EMISSION = {"color": [1.0, 1.0, 1.0], "strength": 0.0}
EVERYTHING = {"emission": sorted(EMISSION), "maps": sorted(maps.FIELDS), "pbr": sorted(PBR)}  # all fields, by component

_LARGEST = 1e12
_PRODUCT = 2.0**-18  # relative: an editor takes products apart in its own way
_MOST_NORMAL = 10.0  # the largest strength of Blender's Normal Map
_MODES = ("opaque", "mask", "blend")
_SHARES = ("metallic", "roughness", "alpha_cutoff", "occlusion_strength")

_positive, _share = number(0.0, _LARGEST), number(0.0, 1.0)
_PBR_FIELDS = {
    "metallic": _share,
    "roughness": _share,
    "alpha_mode": one_of(_MODES),
    "alpha_cutoff": _share,
    "double_sided": boolean,
    "normal_scale": number(-_LARGEST, _LARGEST),
    "occlusion_strength": _share,
}
_EMISSION_FIELDS = {"color": numbers(3, _positive), "strength": _positive}

# The fields that each native value decides.
_FIELDS = {
    "color": (("pbr", "base_color"),),
    "alpha": (("pbr", "base_color"), ("pbr", "alpha_mode")),
    "metallic": (("pbr", "metallic"),),
    "roughness": (("pbr", "roughness"),),
    "culling": (("pbr", "double_sided"),),
    "normal_scale": (("pbr", "normal_scale"),),
    "emission_color": (("emission", "color"),),
    "emission_strength": (("emission", "strength"),),
}


def check_pbr(value: dict, location: str) -> None:
    """Checks the component `pbr`. Raises SyncError at the location of the first fault."""
    color = value.get("base_color")
    if not isinstance(color, list) or len(color) != 4:
        raise SyncError("VS-1006", "not 4 numbers", f"{location}.base_color")
    for member, each in zip(color, (_positive, _positive, _positive, _share), strict=True):
        each(member, f"{location}.base_color")
    check_fields(value, _PBR_FIELDS, location)


def check_emission(value: dict, location: str) -> None:
    """Checks the component `emission`. Raises SyncError at the location of the first fault."""
    check_fields(value, _EMISSION_FIELDS, location)


def check_last(value: dict, location: str) -> None:
    """Checks both components, as they are kept beside a material."""
    for name, check in (("pbr", check_pbr), ("emission", check_emission)):
        if not isinstance(value.get(name), dict):
            raise SyncError("VS-1006", "missing", f"{location}.{name}")
        check(value[name], f"{location}.{name}")
    if "maps" in value:  # files of earlier versions have none
        maps.check(value["maps"], f"{location}.maps")


def is_same_pbr(a: dict, b: dict) -> bool:
    """Returns whether two components `pbr` are equal."""
    return (
        all(a[name] == b[name] for name in ("alpha_mode", "double_sided"))
        and all_close(a["base_color"], b["base_color"])
        and all(close(a[name], b[name]) for name in (*_SHARES, "normal_scale"))
    )


def is_same_emission(a: dict, b: dict) -> bool:
    """Returns whether two components `emission` are equal: they are compared by color times strength."""
    products = zip(_products(a), _products(b), strict=True)
    return all(abs(p - q) <= max(EPSILON, _PRODUCT * max(p, q)) for p, q in products)


def to_native(pbr: dict, emission: dict) -> dict:
    """Returns the values with which Blender shows both components."""
    *color, alpha = pbr["base_color"]
    return {
        "color": tuple(color),
        "alpha": 1.0 if pbr["alpha_mode"] == "opaque" else alpha,
        "method": "BLENDED" if pbr["alpha_mode"] == "blend" else "DITHERED",
        "metallic": pbr["metallic"],
        "roughness": pbr["roughness"],
        "culling": not pbr["double_sided"],
        "normal_scale": min(max(pbr["normal_scale"], 0.0), _MOST_NORMAL),
        "emission_color": tuple(emission["color"]),
        "emission_strength": emission["strength"],
    }


def from_native(native: dict, last: dict | None) -> tuple[dict, dict]:
    """Returns the components `pbr` and `emission` that a material shows.

    `last`: both as they were synchronized last. A field stands where the material shows what it asks for, and where
    Blender has no such value.
    """
    pbr = {name: last["pbr"][name] for name in PBR} if last else dict(PBR)
    emission = {name: last["emission"][name] for name in EMISSION} if last else dict(EMISSION)
    wanted = to_native(pbr, emission) if last else {}
    changed = {name for name in native if name not in wanted or not agree(wanted[name], native[name])}
    *color, alpha = pbr["base_color"]
    if "color" in changed:
        color = [_amount(value) for value in native["color"]]
    if changed & {"alpha", "method"}:
        is_mapped = "alpha" not in native
        alpha = alpha if is_mapped else _fraction(native["alpha"])
        pbr["alpha_mode"] = _read_mode(native["method"], 0.0 if is_mapped else alpha, pbr["alpha_mode"])
    pbr["base_color"] = [*color, alpha]
    for name in changed & {"metallic", "roughness"}:
        pbr[name] = _fraction(native[name])
    if "normal_scale" in changed:
        pbr["normal_scale"] = _amount(native["normal_scale"])
    if "culling" in changed:
        pbr["double_sided"] = not native["culling"]
    if "emission_color" in changed:
        emission["color"] = [_amount(value) for value in native["emission_color"]]
    if "emission_strength" in changed:
        emission["strength"] = _amount(native["emission_strength"])
    return pbr, emission


def to_write(pbr: dict, emission: dict, native: dict, last: dict | None, is_strength_locked: bool = False) -> dict:
    """Returns the native values to set, so that a material shows these components.

    A value stays as it is if the material shows the field already. So an edit of one field changes nothing else, and
    Blender's way to share an emission between color and strength is the person's. If nodes decide the strength, only
    they know the product, so the color counts alone.
    """
    shown_pbr, shown_emission = from_native(native, last)
    wanted = to_native(pbr, emission)
    stay: set[str] = set()
    if agree(pbr["base_color"][:3], shown_pbr["base_color"][:3]):
        stay.add("color")
    if pbr["alpha_mode"] == shown_pbr["alpha_mode"] and agree(pbr["base_color"][3], shown_pbr["base_color"][3]):
        stay |= {"alpha", "method"}
    stay |= {name for name in ("metallic", "roughness", "normal_scale") if agree(pbr[name], shown_pbr[name])}
    is_same_color = not is_strength_locked or agree(emission["color"], shown_emission["color"])
    if is_same_color and is_same_emission(emission, shown_emission):
        stay |= {"emission_color", "emission_strength"}
    return differing({name: wanted[name] for name in native if name not in stay}, native)


def locked_fields(names: set[str]) -> dict[str, list[str]]:
    """Returns the fields, by component, that cannot be written because these native values cannot."""
    locked: dict[str, set[str]] = {}
    for name in names:
        for component, field in _FIELDS.get(name, ()):
            locked.setdefault(component, set()).add(field)
    return {component: sorted(fields) for component, fields in sorted(locked.items())}


def _read_mode(method: str, alpha: float, last: str) -> str:
    """Returns the alpha mode. Blender shows no cutoff, so what was cut off before still is."""
    if method == "BLENDED":
        return "blend"
    if last == "mask":
        return "mask"
    return "opaque" if alpha == 1.0 else "blend"


def _products(emission: dict) -> list[float]:
    return [value * emission["strength"] for value in emission["color"]]


def _amount(value: float) -> float:
    """Returns a number that a color or a strength can hold."""
    return bounded(max(value, 0.0), _LARGEST)


def _fraction(value: float) -> float:
    """Returns a number from 0 to 1."""
    return bounded(max(value, 0.0), 1.0)
