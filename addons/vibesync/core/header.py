# SPDX-License-Identifier: GPL-3.0-or-later
"""Parses the JSON header of a frame, a large one in steps: one for each element of a list in it."""

from __future__ import annotations

import json
import re

from .pace import Steps
from .sync_error import SyncError

MAX_NESTING = 64

_STRING = re.compile(rb'"(?:\\.|[^"\\])*"', re.DOTALL)
_LEAF = re.compile(rb"\[\]|\{\}")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NO_BRACKETS_OR_QUOTES = bytes(set(_NO_BRACKETS) - set(b'"'))
_SPACE = re.compile(r"[ \t\n\r]*")


def parse(text: bytes) -> dict:
    """Returns the header at once. Raises SyncError VS-1003."""
    _check_nesting(text, MAX_NESTING)
    try:
        header = json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise SyncError("VS-1003", f"the header is not valid JSON: {error}", "header") from error
    if not isinstance(header, dict):
        raise SyncError("VS-1003", "the header is not an object", "header")
    return header


def parse_steps(text: bytes) -> Steps[dict]:
    """Does the same in steps, for a header of many elements."""
    try:
        characters = text.decode("utf-8")
        yield
        header, at = yield from _object_steps(characters, _skip(characters, 0))
        if at != len(characters):
            raise ValueError(f"extra data at character {at}")
    except (ValueError, RecursionError) as error:
        raise SyncError("VS-1003", f"the header is not valid JSON: {error}", "header") from error
    return header


def _object_steps(text: str, at: int) -> Steps[tuple[dict, int]]:
    """Returns the object at a position, and the position after it and the space that follows."""
    header: dict = {}
    at = _take(text, at, "{")
    if text.startswith("}", at):
        return header, _skip(text, at + 1)
    while True:
        if not text.startswith('"', at):
            raise ValueError(f"no name at character {at}")
        name, at = _DECODER.raw_decode(text, at)
        at = _take(text, _skip(text, at), ":")
        if text.startswith("[", at):
            header[name], at = yield from _list_steps(text, at)
        else:
            header[name], at = _value(text, at, MAX_NESTING - 1)
        yield
        if not text.startswith(",", at):
            return header, _take(text, at, "}")
        at = _skip(text, at + 1)


def _list_steps(text: str, at: int) -> Steps[tuple[list, int]]:
    """Returns the list at a position, and the position after it and the space that follows."""
    values: list = []
    at = _take(text, at, "[")
    if text.startswith("]", at):
        return values, _skip(text, at + 1)
    while True:
        value, at = _value(text, at, MAX_NESTING - 2)
        values.append(value)
        yield
        if not text.startswith(",", at):
            return values, _take(text, at, "]")
        at = _skip(text, at + 1)


def _value(text: str, at: int, nesting: int) -> tuple[object, int]:
    value, end = _DECODER.raw_decode(text, at)
    _check_nesting(text[at:end].encode("utf-8", "surrogatepass"), nesting)
    return value, _skip(text, end)


def _take(text: str, at: int, wanted: str) -> int:
    """Returns the position after a character and the space that follows. Raises ValueError if another is there."""
    if not text.startswith(wanted, at):
        raise ValueError(f"no {wanted} at character {at}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()


def _check_nesting(text: bytes, most: int) -> None:
    """Checks the nesting by removing one level of brackets at a time, much faster than counting in a Python loop."""
    if text.count(b"[") + text.count(b"{") <= most:
        return
    if b"\\" not in text:  # then most strings become two quotes, and fall out at once
        text = text.translate(None, _NO_BRACKETS_OR_QUOTES).replace(b'""', b"")
    brackets = _STRING.sub(b"", text).translate(None, _NO_BRACKETS)
    for _ in range(most):
        brackets = _LEAF.sub(b"", brackets)
        if not brackets:
            return
    raise SyncError("VS-1003", f"the header nests deeper than {MAX_NESTING}, or its brackets do not match", "header")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
