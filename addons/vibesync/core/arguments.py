# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the arguments of a call against the parameters of an add-on's tool, by the rules of `crates/capability`.

The daemon has checked them before. The addon checks again, so that neither relies on the other;
tests/golden/capability-arguments.json keeps both equal. Values are data: nothing here runs or looks up a name.
"""

from __future__ import annotations

import json
import re

from .argument_path import PathRefused, normalize_path

MAX_MISTAKES = 100  # told of unknown parameters
MAX_KEY_SHOWN = 60
MAX_TEXT = 10_000
MAX_NAME = 255
MAX_INTEGER = 2**53
MAX_FLOAT = 3.4028234663852886e38  # of float32
DICT_BYTES = 64 << 10
DICT_DEPTH = 8
DICT_KEYS = 1_000

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})", re.ASCII)


class Mismatch(Exception):
    """The rule that a value breaks."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def check_arguments(parameters: list, params: dict, roots: tuple = ()) -> tuple[dict, list]:
    """Returns the arguments for the handler, with defaults, and the mistakes as pairs of rule and path.

    `parameters` are those of the manifest, which the daemon has accepted. `roots` are the folders in which absolute
    paths are allowed. The arguments count only if there is no mistake.
    """
    known = {each["name"] for each in parameters}
    unknown = sorted(params.keys() - known)[:MAX_MISTAKES]
    mistakes = [("unknown_parameter", f"params[{json.dumps(key[:MAX_KEY_SHOWN])}]") for key in unknown]
    checked = {}
    for parameter in parameters:
        name = parameter["name"]
        if name in params:
            value = params[name]
        elif parameter.get("required", False):
            mistakes.append(("missing_parameter", f"params.{name}"))
            continue
        elif "default" in parameter:
            value = parameter["default"]
        else:
            continue
        try:
            checked[name] = check_value(parameter, value, roots)
        except Mismatch as mismatch:
            mistakes.append((mismatch.rule, f"params.{name}"))
    return checked, mistakes


def check_value(parameter: dict, value: object, roots: tuple = ()) -> object:
    """Returns a value in the form for the handler; raises Mismatch."""
    check = _CHECKS.get(parameter["type"])
    if check is None:
        raise Mismatch("parameter_type")
    return check(parameter, value, roots)


def _string(_parameter, value, _roots):
    return _text(value, 0, MAX_TEXT)


def _name(_parameter, value, _roots):
    name = _text(value, 1, MAX_NAME)
    if _CONTROL.search(name):
        raise Mismatch("value_text")
    return name


def _text(value, least, most):
    if not isinstance(value, str):
        raise Mismatch("value_type")
    if not least <= len(value) <= most or not _is_plain(value):
        raise Mismatch("value_text")
    return value


def _is_plain(text):
    # JSON of Python reads half of a surrogate pair, which no other language can hold.
    return "\0" not in text and not _SURROGATE.search(text)


def _integer(parameter, value, _roots):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Mismatch("value_type")
    if value != value:
        raise Mismatch("value_type")
    if abs(value) > MAX_INTEGER:
        raise Mismatch("value_range")
    if value != int(value):
        raise Mismatch("value_type")
    low, high = parameter.get("min", -MAX_INTEGER), parameter.get("max", MAX_INTEGER)
    return int(_in_range(value, low, high))


def _float(parameter, value, _roots):
    return _number(value, parameter.get("min", -MAX_FLOAT), parameter.get("max", MAX_FLOAT))


def _number(value, low, high):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Mismatch("value_type")
    return float(_in_range(value, low, high))


def _in_range(value, low, high):
    # NaN is in no range.
    if not low <= value <= high:
        raise Mismatch("value_range")
    return value


def _boolean(_parameter, value, _roots):
    if not isinstance(value, bool):
        raise Mismatch("value_type")
    return value


def _enum(parameter, value, _roots):
    if not isinstance(value, str):
        raise Mismatch("value_type")
    if value not in parameter["options"]:
        raise Mismatch("value_option")
    return value


def _vector(parameter, value, roots):
    if not isinstance(value, list) or len(value) != 3:
        raise Mismatch("value_type")
    return [_float(parameter, each, roots) for each in value]


def _color(parameter, value, _roots):
    if isinstance(value, str):
        if not _COLOR.fullmatch(value):
            raise Mismatch("value_text")
        channels = [int(value[start : start + 2], 16) / 255 for start in range(1, len(value), 2)]
    elif isinstance(value, list) and len(value) in (3, 4):
        channels = [_number(each, 0.0, 1.0) for each in value]
    else:
        raise Mismatch("value_type")
    if isinstance(parameter.get("default"), list):
        return channels
    return "#" + "".join(f"{int(channel * 255 + 0.5):02X}" for channel in channels)


def _file_path(_parameter, value, roots):
    if not isinstance(value, str):
        raise Mismatch("value_type")
    try:
        return normalize_path(value, roots)
    except PathRefused:
        raise Mismatch("path") from None


def _dict(_parameter, value, _roots):
    if not isinstance(value, dict):
        raise Mismatch("value_type")
    size = _Size()
    size.add_members(value, 1)
    return value


class _Size:
    """The size of a dict while it is walked: the bytes of texts and keys, and eight for each value."""

    def __init__(self) -> None:
        self.bytes = 0
        self.keys = 0

    def add_members(self, members: dict, depth: int) -> None:
        self.keys += len(members)
        if self.keys > DICT_KEYS:
            raise Mismatch("value_size")
        for key, value in members.items():
            self.add_text(key)
            self.add_value(value, depth)

    def add_value(self, value: object, depth: int) -> None:
        self.add_bytes(8)
        if value is None or isinstance(value, bool):
            return
        if isinstance(value, str):
            self.add_text(value)
        elif isinstance(value, int):
            _in_range(value, -MAX_INTEGER, MAX_INTEGER)
        elif isinstance(value, float):
            if value - value != 0.0:  # NaN and infinities
                raise Mismatch("value_range")
        elif depth >= DICT_DEPTH:
            raise Mismatch("value_size")
        elif isinstance(value, dict):
            self.add_members(value, depth + 1)
        else:
            for each in value:
                self.add_value(each, depth + 1)

    def add_text(self, text: str) -> None:
        if not _is_plain(text):
            raise Mismatch("value_text")
        self.add_bytes(len(text.encode("utf-8")))

    def add_bytes(self, count: int) -> None:
        self.bytes += count
        if self.bytes > DICT_BYTES:
            raise Mismatch("value_size")


_CHECKS = {
    "string": _string,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "object_name": _name,
    "material_name": _name,
    "collection_name": _name,
    "enum": _enum,
    "vector3": _vector,
    "color": _color,
    "file_path": _file_path,
    "dict": _dict,
}
