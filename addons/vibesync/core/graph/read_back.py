# SPDX-License-Identifier: GPL-3.0-or-later
"""Phrases the content of a group like the request that built it. An intact group equals its request."""

from __future__ import annotations


def phrase_like_request(wanted: dict, found: dict, whole: dict) -> dict:
    """Returns the graph, reduced to what the request is about.

    `found` is the export without default values, `whole` the export with all values. A value that the request names is
    included even if it is a default. The name, positions and labels are left out unless the request gave them.
    """
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
    # An empty list is kept only if the request has it too.
    return {key: value for key, value in said.items() if value not in ([], {}) or key in wanted}


def _entries(wanted: list[dict], found: list[dict], whole: list[dict], key: str) -> list[dict]:
    asked = {each[key]: each for each in wanted}
    return [_worded(asked.get(one[key], {}), one, full) for one, full in zip(found, whole, strict=True)]


def _worded(wanted: dict, found: dict, whole: dict) -> dict:
    said = {key: value for key, value in whole.items() if key in found or key in wanted}
    optional = {"position": said.get("position"), "label": ""}
    return {key: value for key, value in said.items() if key in wanted or optional.get(key, said) != value}
