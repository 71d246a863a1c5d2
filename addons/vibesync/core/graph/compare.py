# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a request with the export of the group that was built from it."""

from __future__ import annotations

from collections.abc import Iterator

from .numbers import same


def differences(request: dict, exported: dict, complete: dict) -> Iterator[tuple[str, str]]:
    """Yields each difference as (location in the request, description).

    `exported` lacks default values, `complete` has them: a request may name defaults.
    """
    for side in ("inputs", "outputs"):
        yield from _sockets(side, request.get(side, []), exported[side], complete[side])
    yield from _nodes(request["nodes"], exported["nodes"], complete["nodes"])
    yield from _links(request["links"], exported["links"])
    settings = request.get("node_settings", {})
    for name, values in complete["node_settings"].items():
        short = exported.get("node_settings", {}).get(name, {})
        yield from _settings(f"node_settings.{name}", settings.get(name, {}), short, values)
    yield from _frames(request.get("frames", []), exported.get("frames", []))


def _sockets(side: str, request: list[dict], exported: list[dict], complete: list[dict]) -> Iterator[tuple[str, str]]:
    if [(each["name"], each["type"]) for each in request] != [(each["name"], each["type"]) for each in exported]:
        yield side, f"the group has {_names(exported)}"
        return
    for position, (one, short, full) in enumerate(zip(request, exported, complete, strict=True)):
        yield from _settings(f"{side}[{position}]", one, short, full)


def _names(entries: list[dict]) -> str:
    return ", ".join(f"{each['name']} ({each['type']})" for each in entries) or "none"


def _settings(location: str, request: dict, exported: dict, complete: dict) -> Iterator[tuple[str, str]]:
    for key, value in request.items():
        if key not in complete:
            yield f"{location}.{key}", "can't be read back"
        elif not same(value, complete[key]):
            yield f"{location}.{key}", f"is {complete[key]!r} in Blender, not {value!r}"
    for key, value in exported.items():
        if key not in request:
            yield f"{location}.{key}", f"is {value!r} in Blender, and was not requested"


def _nodes(request: list[dict], exported: list[dict], complete: list[dict]) -> Iterator[tuple[str, str]]:
    if [each["id"] for each in request] != [each["id"] for each in exported]:
        yield "nodes", f"the group has {', '.join(each['id'] for each in exported) or 'none'}"
        return
    for position, (one, short, full) in enumerate(zip(request, exported, complete, strict=True)):
        short = {key: value for key, value in short.items() if key != "position" or key in one}
        yield from _settings(f"nodes[{position}]", one, short, full)


def _links(request: list[dict], exported: list[dict]) -> Iterator[tuple[str, str]]:
    there = {tuple(sorted(link.items())) for link in exported}
    requested = {tuple(sorted(link.items())) for link in request}
    for position, link in enumerate(request):
        if tuple(sorted(link.items())) not in there:
            yield f"links[{position}]", "is not in the group"
    if there == requested and _order(request) != _order(exported):
        yield "links", "links are joined in another order"
    for link in exported:
        if tuple(sorted(link.items())) not in requested:
            ends = f"{link['from']}.{link['from_socket']} -> {link['to']}.{link['to_socket']}"
            yield "links", f"{ends} is in the group, and was not requested"


def _order(links: list[dict]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Returns the sources of each input's links, in order."""
    sources: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for link in links:
        sources.setdefault((link["to"], link["to_socket"]), []).append((link["from"], link["from_socket"]))
    return sources


def _frames(request: list[dict], exported: list[dict]) -> Iterator[tuple[str, str]]:
    there = {frame["id"]: frame for frame in exported}
    for position, frame in enumerate(request):
        location = f"frames[{position}]"
        built = there.pop(frame["id"], None)
        if built is None:
            yield location, "is not in the group"
            continue
        defaults = {"label": "", "text": "", "color": None, "parent": None}
        for key in ("label", "color", "text", "parent", "nodes"):
            value, found = (each.get(key, defaults.get(key)) for each in (frame, built))
            if key == "nodes":
                value, found = sorted(value), sorted(found)
            if not same(value, found):
                yield f"{location}.{key}", f"is {found!r} in Blender, not {value!r}"
    for name in there:
        yield "frames", f"{name} is in the group, and was not requested"
