# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a request with the export of the group that was built from it."""

from __future__ import annotations

from collections.abc import Iterator

from .numbers import same


def differences(wanted: dict, found: dict, whole: dict) -> Iterator[tuple[str, str]]:
    """Yields each difference as (location in the request, description).

    `found` is the export without default values, `whole` the export with them: a request may name defaults.
    """
    for side in ("inputs", "outputs"):
        yield from _sockets(side, wanted.get(side, []), found[side], whole[side])
    yield from _nodes(wanted["nodes"], found["nodes"], whole["nodes"])
    yield from _links(wanted["links"], found["links"])
    settings = wanted.get("node_settings", {})
    for name, values in whole["node_settings"].items():
        short = found.get("node_settings", {}).get(name, {})
        yield from _settings(f"node_settings.{name}", settings.get(name, {}), short, values)
    yield from _frames(wanted.get("frames", []), found.get("frames", []))


def _sockets(side: str, wanted: list[dict], found: list[dict], whole: list[dict]) -> Iterator[tuple[str, str]]:
    if [(each["name"], each["type"]) for each in wanted] != [(each["name"], each["type"]) for each in found]:
        yield side, f"the group has {_names(found)}"
        return
    for position, (one, short, full) in enumerate(zip(wanted, found, whole, strict=True)):
        yield from _settings(f"{side}[{position}]", one, short, full)


def _names(entries: list[dict]) -> str:
    return ", ".join(f"{each['name']} ({each['type']})" for each in entries) or "none"


def _settings(location: str, wanted: dict, found: dict, whole: dict) -> Iterator[tuple[str, str]]:
    for key, value in wanted.items():
        if key not in whole:
            yield f"{location}.{key}", "is not there to be read back"
        elif not same(value, whole[key]):
            yield f"{location}.{key}", f"is {whole[key]!r} in Blender, not {value!r}"
    for key, value in found.items():
        if key not in wanted:
            yield f"{location}.{key}", f"is {value!r} in Blender, and nobody asked for it"


def _nodes(wanted: list[dict], found: list[dict], whole: list[dict]) -> Iterator[tuple[str, str]]:
    if [each["id"] for each in wanted] != [each["id"] for each in found]:
        yield "nodes", f"the group has {', '.join(each['id'] for each in found) or 'none'}"
        return
    for position, (one, short, full) in enumerate(zip(wanted, found, whole, strict=True)):
        short = {key: value for key, value in short.items() if key != "position" or key in one}
        yield from _settings(f"nodes[{position}]", one, short, full)


def _links(wanted: list[dict], found: list[dict]) -> Iterator[tuple[str, str]]:
    there = {tuple(sorted(link.items())) for link in found}
    asked = {tuple(sorted(link.items())) for link in wanted}
    for position, link in enumerate(wanted):
        if tuple(sorted(link.items())) not in there:
            yield f"links[{position}]", "is not in the group"
    if there == asked and _order(wanted) != _order(found):
        yield "links", "what is joined is so in another order"
    for link in found:
        if tuple(sorted(link.items())) not in asked:
            ends = f"{link['from']}.{link['from_socket']} -> {link['to']}.{link['to_socket']}"
            yield "links", f"{ends} is in the group, and nobody asked for it"


def _order(links: list[dict]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Returns the sources of each input's links, in order."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for link in links:
        found.setdefault((link["to"], link["to_socket"]), []).append((link["from"], link["from_socket"]))
    return found


def _frames(wanted: list[dict], found: list[dict]) -> Iterator[tuple[str, str]]:
    there = {frame["id"]: frame for frame in found}
    for position, frame in enumerate(wanted):
        location = f"frames[{position}]"
        held = there.pop(frame["id"], None)
        if held is None:
            yield location, "is not in the group"
            continue
        defaults = {"label": "", "text": "", "color": None, "parent": None}
        for key in ("label", "color", "text", "parent", "nodes"):
            value, other = (each.get(key, defaults.get(key)) for each in (frame, held))
            if key == "nodes":
                value, other = sorted(value), sorted(other)
            if not same(value, other):
                yield f"{location}.{key}", f"is {other!r} in Blender, not {value!r}"
    for name in there:
        yield "frames", f"{name} is in the group, and nobody asked for it"
