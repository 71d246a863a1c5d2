# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads graph_json text without silent loss, and writes it one line per node, like the command line does."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..sync_error import SyncError
from .schema import malformed

_MAX_CHARACTERS = 8 << 20
_LINE_EACH = ("inputs", "outputs", "nodes", "links", "frames")


def read(text: str) -> dict:
    """Returns the object in a text. Raises SyncError if there is none, or if a key is repeated: JSON would keep the
    last."""
    if len(text) > _MAX_CHARACTERS:
        raise malformed("the text is longer than 8 MiB", "")
    try:
        found = json.loads(text, object_pairs_hook=_refuse_repeated_keys, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise malformed(f"not JSON: {error.msg}", f"line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise malformed("nested too deep", "") from error
    if not isinstance(found, dict):
        raise malformed("not an object", "")
    return found


def write(graph: dict) -> str:
    """Writes a graph for human readers."""
    parts = []
    for key, value in graph.items():
        if key in _LINE_EACH:
            parts.append(f'  "{key}": [{_lines(json.dumps(each, ensure_ascii=False) for each in value)}]')
        elif key == "node_settings":
            lines = (f"{json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}" for name, each in value.items())
            parts.append(f'  "{key}": {{{_lines(lines)}}}')
        else:
            parts.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(lines: Iterable[str]) -> str:
    listed = ",\n".join(f"    {line}" for line in lines)
    return f"\n{listed}\n  " if listed else ""


def _refuse_repeated_keys(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise malformed(f"the key {twice!r} is repeated; `vibesync graph fix` removes repeated keys", "")
    return found


def _refuse_constant(name: str) -> object:
    raise SyncError("VS-3003", f"{name} is not a finite number", "")
