# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of a canonical graph_json, checked as a whole before Blender is involved.

Facts that depend on the Blender version (types, sockets, values) are checked while building.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator

from ..sync_error import SyncError

_MAX_TEXT = 10_000
_MAX_NUMBERS = 16  # a matrix
_MAX_NUMBER = 3.402823466e38  # the largest 32-bit float
_MAX_INT = 2**31
_MAX_NESTING = 64  # of frames
_MAX_NAME = 63  # bytes of a name that Blender stores
_MANY = 10_000

Check = Callable[[object, str], None]


def check(graph: object) -> None:
    """Checks a graph. Raises SyncError at the location of the first fault."""
    _check_fields(graph, _GRAPH, "")
    nodes = _index_unique(graph["nodes"], "id", "nodes")
    frames = _index_unique(graph.get("frames", []), "id", "frames")
    for position, frame in enumerate(graph.get("frames", [])):
        if frame["id"] in nodes:
            raise malformed(f"{frame['id']!r} is a node too", f"frames[{position}].id")
    for side in ("inputs", "outputs"):
        _index_unique(graph.get(side, []), "name", side)
    _check_links(graph["links"], nodes)
    _check_pairs(graph["nodes"], nodes)
    for name in graph.get("node_settings", {}):
        if name not in nodes:
            raise malformed(f"there is no node {name!r}", f"node_settings.{name}")
    _check_frames(graph.get("frames", []), frames, nodes)


def malformed(message: str, location: str) -> SyncError:
    """Returns the error for a graph that no Blender version could build."""
    return SyncError("VS-1006", message, location)


def _check_fields(value: object, fields: dict[str, tuple[Check, bool]], location: str) -> None:
    if not isinstance(value, dict):
        raise malformed("not an object", location)
    for key, (check_value, required) in fields.items():
        if key in value:
            check_value(value[key], _join(location, key))
        elif required:
            raise malformed(f"{key} is missing", location)
    for key in value:
        if key not in fields:
            raise malformed(f"{key!r} is an unknown key; known keys are {', '.join(fields)}", location)


def _join(location: str, key: str) -> str:
    return f"{location}.{key}" if location else key


def _text(value: object, location: str) -> None:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise malformed(f"not a text of at most {_MAX_TEXT} characters", location)
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise malformed("a text has no null characters and no unpaired surrogates", location)


def _name(value: object, location: str) -> None:
    _text(value, location)
    if not 0 < len(value.encode()) <= _MAX_NAME or any(unicodedata.category(each) == "Cc" for each in value):
        raise malformed(f"a name has 1 to {_MAX_NAME} bytes and no control characters", location)


def check_number(value: object, location: str) -> None:
    """Checks for a finite number that Blender can hold; a boolean is not a number."""
    if type(value) is int:
        if not -_MAX_INT <= value < _MAX_INT:
            raise SyncError("VS-3003", f"{value} does not fit 32 bits", location)
    elif type(value) is not float:
        raise malformed(f"{value!r} is not a number", location)
    elif not math.isfinite(value) or abs(value) > _MAX_NUMBER:
        raise SyncError("VS-3003", f"{value} is not a finite number of 32 bits", location)


def _value(value: object, location: str) -> None:
    """Checks the value of a socket or property: null means no datablock, a list is a vector or the flags of a set."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _text(value, location)
    elif isinstance(value, list):
        if len(value) > _MAX_NUMBERS:
            raise malformed(f"more than {_MAX_NUMBERS} numbers", location)
        flags = bool(value) and all(isinstance(part, str) for part in value)
        for position, part in enumerate(value):
            if not isinstance(part, bool):
                (_name if flags else check_number)(part, f"{location}[{position}]")
    else:
        check_number(value, location)


def _numbers(count: int) -> Check:
    def check_numbers(value: object, location: str) -> None:
        if not isinstance(value, list) or len(value) != count:
            raise malformed(f"not {count} numbers", location)
        for position, part in enumerate(value):
            check_number(part, f"{location}[{position}]")

    return check_numbers


def _color(value: object, location: str) -> None:
    _numbers(4)(value, location)
    if not all(0 <= part <= 1 for part in value):
        raise SyncError("VS-3003", "a color has four numbers from 0 to 1", location)


def _list(most: int, check_part: Check) -> Check:
    def check_list(value: object, location: str) -> None:
        if not isinstance(value, list) or len(value) > most:
            raise malformed(f"not a list of at most {most}", location)
        for position, part in enumerate(value):
            check_part(part, f"{location}[{position}]")

    return check_list


def _fields(**fields: tuple[Check, bool]) -> Check:
    return lambda value, location: _check_fields(value, fields, location)


def _settings(value: object, location: str) -> None:
    if not isinstance(value, dict):
        raise malformed("not an object with a value for each setting", location)
    for key, part in value.items():
        _value(part, _join(location, key))


def _all_settings(value: object, location: str) -> None:
    if not isinstance(value, dict):
        raise malformed("not an object with the settings of each node", location)
    for key, part in value.items():
        _settings(part, _join(location, key))


_SOCKET = _fields(
    name=(_name, True),
    type=(_name, True),
    default=(_value, False),
    min=(check_number, False),
    max=(check_number, False),
    description=(_text, False),
)
_ITEM = _fields(name=(_name, False), type=(_name, False), collection=(_name, False))
_NODE = _fields(
    id=(_name, True),
    type=(_name, True),
    label=(_text, False),
    items=(_list(_MANY, _ITEM), False),
    pair=(_name, False),
    position=(_numbers(2), False),
)
_LINK = _fields(**dict.fromkeys(("from", "from_socket", "to", "to_socket"), (_name, True)))
_FRAME = _fields(
    id=(_name, True),
    label=(_text, False),
    color=(_color, False),
    nodes=(_list(_MANY, _name), True),
    text=(_text, False),
    parent=(_name, False),
)
_GRAPH: dict[str, tuple[Check, bool]] = {
    "blender": (_name, False),
    "name": (_name, False),
    "inputs": (_list(_MANY, _SOCKET), False),
    "outputs": (_list(_MANY, _SOCKET), False),
    "nodes": (_list(_MANY, _NODE), True),
    "links": (_list(50_000, _LINK), True),
    "node_settings": (_all_settings, False),
    "frames": (_list(2_000, _FRAME), False),
}


def _index_unique(entries: list[dict], key: str, location: str) -> dict[str, dict]:
    found: dict[str, dict] = {}
    for position, entry in enumerate(entries):
        if entry[key] in found:
            raise malformed(f"{entry[key]!r} is there twice", f"{location}[{position}].{key}")
        found[entry[key]] = entry
    return found


def _check_links(links: list[dict], nodes: dict[str, dict]) -> None:
    seen = set()
    for position, link in enumerate(links):
        for end in ("from", "to"):
            if link[end] not in nodes:
                raise malformed(f"there is no node {link[end]!r}", f"links[{position}].{end}")
        whole = (link["from"], link["from_socket"], link["to"], link["to_socket"])
        if whole in seen:
            raise malformed("the link is there twice", f"links[{position}]")
        seen.add(whole)


def _check_pairs(entries: list[dict], nodes: dict[str, dict]) -> None:
    taken = set()
    for position, node in enumerate(entries):
        if "pair" in node:
            location = f"nodes[{position}].pair"
            if node["pair"] not in nodes or node["pair"] == node["id"]:
                raise malformed(f"there is no other node {node['pair']!r}", location)
            if node["pair"] in taken:
                raise malformed(f"{node['pair']!r} is paired already", location)
            taken.add(node["pair"])


def _check_frames(entries: list[dict], frames: dict[str, dict], nodes: dict[str, dict]) -> None:
    home: dict[str, str] = {}
    for position, frame in enumerate(entries):
        location = f"frames[{position}]"
        for name in frame["nodes"]:
            if name not in nodes:
                raise malformed(f"there is no node {name!r}", f"{location}.nodes")
            if name in home:
                raise malformed(f"{name!r} is in the frame {home[name]!r} already", f"{location}.nodes")
            home[name] = frame["id"]
        if "parent" in frame and frame["parent"] not in frames:
            raise malformed(f"there is no frame {frame['parent']!r}", f"{location}.parent")
        above = list(ancestors(frame["id"], frames))
        if frame["id"] in above:
            raise malformed("the frame is in itself", f"{location}.parent")
        if len(above) > _MAX_NESTING:
            raise malformed(f"the frame is in more than {_MAX_NESTING} others", f"{location}.parent")


def ancestors(name: str, frames: dict[str, dict]) -> Iterator[str]:
    """Yields the frames around a frame, from the innermost outward; in a cycle, each frame once."""
    seen = set()
    above = frames[name].get("parent")
    while above is not None and above not in seen:
        seen.add(above)
        yield above
        above = frames[above].get("parent") if above in frames else None
