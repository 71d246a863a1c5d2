# SPDX-License-Identifier: GPL-3.0-or-later
"""The component `locks`: the fields that an editor shows and cannot write. Each editor has a key of its own."""

from __future__ import annotations

from .sync_error import SyncError

OWN = "blender"
OTHERS = ("unity",)


def check(value: dict, location: str) -> None:
    """Checks the component. Raises SyncError at the location of the first fault."""
    for editor, locked in value.items():
        if editor != OWN and editor not in OTHERS:
            raise SyncError("VS-1006", "not an editor", f"{location}.{editor}")
        if not isinstance(locked, dict):
            raise SyncError("VS-1006", "not an object", f"{location}.{editor}")
        for component, fields in locked.items():
            if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
                raise SyncError("VS-1006", "not a list of fields", f"{location}.{editor}.{component}")


def combine(own: dict[str, list[str]], others: dict[str, dict]) -> dict[str, dict]:
    """Returns the component from this editor's locks and those of others, without empty keys."""
    return {editor: locked for editor, locked in sorted({OWN: own, **others}.items()) if locked}


def of_others(value: dict[str, dict]) -> dict[str, dict]:
    """Returns the part of the component that belongs to other editors."""
    return {editor: value[editor] for editor in OTHERS if value.get(editor)}


def of_this(value: dict[str, dict]) -> dict[str, dict]:
    """Returns the part of the component that this editor sends."""
    return {OWN: value[OWN]} if value.get(OWN) else {}
