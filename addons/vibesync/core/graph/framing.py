# SPDX-License-Identifier: GPL-3.0-or-later
"""Suggests frames: the nodes that belong together, their title, and a color from one palette for all graphs.

The daemon has the same rules for new graphs (`crates/graph/src/frames.rs`). This copy is for groups that exist only in
Blender: `auto_frame` runs on them without a daemon, and a round trip is not possible while offline.
`tests/golden/framing.json` holds both to the same result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

PALETTE = {
    "inputs": [0.2, 0.4, 0.8, 1.0],  # blue
    "transforms": [0.2, 0.6, 0.3, 1.0],  # green
    "outputs": [0.85, 0.5, 0.15, 1.0],  # orange
    "math": [0.5, 0.3, 0.7, 1.0],  # purple
}
STRATEGIES = ("connectivity", "type")
_MOST = 10  # the most nodes of a frame that a reader takes in at a glance
_INPUTS = re.compile(
    r"NodeGroupInput|(Geometry|Function)NodeInput.*|GeometryNode(Tool|Self|Is|Object|Collection|Camera|Image)\w*(Info|Object"
    r"|Camera|Viewport)|ShaderNode(Value|RGB)|GeometryNode(Mesh(Circle|Cone|Cube|Cylinder|Grid|IcoSphere|Line|UVSphere)"
    r"|Curve(Arc|Primitive\w*|Spiral|Star)|CurveQuadraticBezier|VolumeCube|Points|GridPrimitive\w*)"
)
_OUTPUTS = re.compile(r"NodeGroupOutput|GeometryNode(Viewer|Warning|Set(Material\w*|ShadeSmooth|ID)|StoreNamed\w*)")


def kind(node_type: str) -> str:
    """Returns the key of the palette for a type of node."""
    if _INPUTS.fullmatch(node_type):
        return "inputs"
    if _OUTPUTS.fullmatch(node_type):
        return "outputs"
    return "transforms" if node_type.startswith("GeometryNode") else "math"


def suggest(nodes: Mapping[str, str], links: Iterable[tuple[str, str]], strategy: str) -> list[dict]:
    """Returns frames as in graph_json, for nodes given as {id: type}."""
    if strategy not in STRATEGIES:
        raise ValueError(f"{strategy!r} is no strategy; there are {', '.join(STRATEGIES)}")
    links = list(links)
    if strategy == "type":
        groups = [[name for name in nodes if kind(nodes[name]) == each] for each in PALETTE]
    else:
        groups = _connected(nodes, links)
    parts = [part for group in groups for part in _split(group, links)]
    frames, titles = [], Counter()
    for part in parts:
        most = Counter(kind(nodes[name]) for name in part).most_common(1)[0][0]
        titles[most] += 1
        title = f"{most} {titles[most]}" if titles[most] > 1 else most
        frames.append(
            {
                "id": _free(f"frame_{title.replace(' ', '_')}", nodes),
                "label": title.capitalize(),
                "color": list(PALETTE[most]),
                "nodes": part,
            }
        )
    return frames


def _free(wanted: str, taken: Iterable[str]) -> str:
    name = wanted
    while name in taken:
        name += "_"
    return name


def _connected(nodes: Mapping[str, str], links: list[tuple[str, str]]) -> list[list[str]]:
    """Groups nodes that links connect, ignoring the group's own inputs and outputs. A lone node is no group."""
    inner = [name for name, node_type in nodes.items() if node_type not in ("NodeGroupInput", "NodeGroupOutput")]
    near: dict[str, set[str]] = {name: set() for name in inner}
    for start, end in links:
        if start in near and end in near:
            near[start].add(end)
            near[end].add(start)
    groups: list[list[str]] = []
    seen: set[str] = set()
    for root in inner:
        found = {root} if root not in seen else set()
        waiting = list(found)
        while waiting:
            fresh = near[waiting.pop()] - found
            found |= fresh
            waiting += fresh
        seen |= found
        if len(found) > 1:
            groups.append([name for name in inner if name in found])
    return groups


def _split(group: list[str], links: list[tuple[str, str]]) -> list[list[str]]:
    """Cuts a group into parts of at most `_MOST` nodes, keeping neighbors together where possible."""
    if not group:
        return []
    count = -(-len(group) // _MOST)
    size = -(-len(group) // count)
    near: dict[str, list[str]] = {name: [] for name in group}
    for start, end in links:
        if start in near and end in near:
            near[start].append(end)
            near[end].append(start)
    left = dict.fromkeys(group)
    parts = []
    while left:
        part: dict[str, None] = {}
        waiting: list[str] = []
        while left and len(part) < size:
            name = waiting.pop(0) if waiting else next(iter(left))
            if name in left:
                del left[name]
                part[name] = None
                waiting += near[name]
        parts.append([name for name in group if name in part])
    return parts
