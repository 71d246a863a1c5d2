# SPDX-License-Identifier: GPL-3.0-or-later
"""What a group holds, in the words of the request that it was made of: equal to the request if all of it holds."""

from __future__ import annotations


def answer(wanted: dict, found: dict, whole: dict) -> dict:
    """`found` is the group as export says it shortest, `whole` with all values. What the request names is said, also
    where it is Blender's own; what the request leaves to Blender (the name, places) is not."""
    said = {key: value for key, value in found.items() if key in wanted or key not in ("blender", "name")}
    for side in ("inputs", "outputs"):
        said[side] = _entries(wanted.get(side, []), found[side], whole[side], "name")
    said["nodes"] = _entries(wanted["nodes"], found["nodes"], whole["nodes"], "id")
    settings = wanted.get("node_settings", {})
    said["node_settings"] = {
        name: _worded(settings.get(name, {}), found["node_settings"].get(name, {}), values)
        for name, values in whole["node_settings"].items()
        if name in settings or name in found["node_settings"]
    }
    said["frames"] = _entries(wanted.get("frames", []), found.get("frames", []), whole.get("frames", []), "id")
    # Empty lists are said the way the request says them.
    return {key: value for key, value in said.items() if value not in ([], {}) or key in wanted}


def _entries(wanted: list[dict], found: list[dict], whole: list[dict], key: str) -> list[dict]:
    asked = {each[key]: each for each in wanted}
    return [_worded(asked.get(one[key], {}), one, full) for one, full in zip(found, whole, strict=True)]


def _worded(wanted: dict, found: dict, whole: dict) -> dict:
    said = {key: value for key, value in whole.items() if key in found or key in wanted}
    optional = {"position": said.get("position"), "label": ""}
    return {key: value for key, value in said.items() if key in wanted or optional.get(key, said) != value}
