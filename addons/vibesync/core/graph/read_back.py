# SPDX-License-Identifier: GPL-3.0-or-later
"""Phrases the content of a group like the request that built it. An intact group equals its request."""

from __future__ import annotations


def phrase_like_request(request: dict, exported: dict, complete: dict) -> dict:
    """Returns the graph, reduced to what the request is about.

    `exported` lacks default values, `complete` has them. A value that the request names is
    included even if it is a default. The name, positions and labels are left out unless the request gave them.
    """
    phrased = {key: value for key, value in exported.items() if key in request or key not in ("blender", "name")}
    for side in ("inputs", "outputs"):
        phrased[side] = _phrase_entries(request.get(side, []), exported[side], complete[side], "name")
    phrased["nodes"] = _phrase_entries(request["nodes"], exported["nodes"], complete["nodes"], "id")
    settings = request.get("node_settings", {})
    phrased["node_settings"] = {
        name: _phrase(settings.get(name, {}), exported["node_settings"].get(name, {}), values)
        for name, values in complete["node_settings"].items()
        if name in settings or name in exported["node_settings"]
    }
    phrased["frames"] = _phrase_entries(
        request.get("frames", []), exported.get("frames", []), complete.get("frames", []), "id"
    )
    # An empty list is kept only if the request has it too.
    return {key: value for key, value in phrased.items() if value not in ([], {}) or key in request}


def _phrase_entries(request: list[dict], exported: list[dict], complete: list[dict], key: str) -> list[dict]:
    requested = {each[key]: each for each in request}
    return [_phrase(requested.get(one[key], {}), one, full) for one, full in zip(exported, complete, strict=True)]


def _phrase(request: dict, exported: dict, complete: dict) -> dict:
    phrased = {key: value for key, value in complete.items() if key in exported or key in request}
    optional = {"position": phrased.get("position"), "label": ""}
    return {key: value for key, value in phrased.items() if key in request or optional.get(key, phrased) != value}
