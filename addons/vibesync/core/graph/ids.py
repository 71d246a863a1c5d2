# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes ids of nodes and frames from Blender's names: plain words, as graph sketches require."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS_OF_SKETCHES = {
    "class",
    "classDef",
    "click",
    "default",
    "direction",
    "end",
    "flowchart",
    "graph",
    "linkStyle",
    "style",
    "subgraph",
}
_MAX_BYTES = 63


def plain_ids(names: Iterable[str]) -> dict[str, str]:
    """Returns a unique id for each name. A name that is a valid id stays as it is."""
    names = list(names)
    found = {name: name for name in names if _is_plain(name)}
    taken = set(found)
    for name in names:
        if name not in found:
            word = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[: _MAX_BYTES - 8] or "node"
            word = word if _is_plain(word) else f"n_{word}"
            number, candidate = 1, word
            while candidate in taken:
                number += 1
                candidate = f"{word}_{number}"
            found[name] = candidate
            taken.add(candidate)
    return found


def _is_plain(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and name not in _WORDS_OF_SKETCHES and len(name) <= _MAX_BYTES
