# SPDX-License-Identifier: GPL-3.0-or-later
"""Suggests frames: the nodes that belong together, their title, and a color from one palette for all graphs.

`crates/graph/src/frames.rs` has the same rules for graphs in files, and tests/golden/framing.json keeps both equal.
This copy exists because `auto_frame` runs on groups in Blender, also without a daemon. For 1,000 nodes it takes 6 ms in
Blender; a request to the daemon would need a new message, and wait at least one tick (20 ms).
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
_MAX_FRAME_NODES = 10  # the most nodes of a frame that a reader takes in at a glance
_INPUTS = re.compile(
    r"NodeGroupInput|(Geometry|Function)NodeInput.*|GeometryNode(Tool|Self|Is|Object|Collection|Camera|Image)\w*(Info|Object"
    r"|Camera|Viewport)|ShaderNode(Value|RGB)|GeometryNode(Mesh(Circle|Cone|Cube|Cylinder|Grid|IcoSphere|Line|UVSphere)"
    r"|Curve(Arc|Primitive\w*|Spiral|Star)|CurveQuadraticBezier|VolumeCube|Points|GridPrimitive\w*)"
)
_OUTPUTS = re.compile(r"NodeGroupOutput|GeometryNode(Viewer|Warning|Set(Material\w*|ShadeSmooth|ID)|StoreNamed\w*)")


def role(node_type: str) -> str:
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
        groups = [[name for name in nodes if role(nodes[name]) == each] for each in PALETTE]
    else:
        groups = _connected_groups(nodes, links)
    parts = [part for group in groups for part in _split(group, links)]
    frames, titles = [], Counter()
    for part in parts:
        most = Counter(role(nodes[name]) for name in part).most_common(1)[0][0]
        titles[most] += 1
        title = f"{most} {titles[most]}" if titles[most] > 1 else most
        frames.append(
            {
                "id": _unused_name(f"frame_{title.replace(' ', '_')}", nodes),
                "label": title.capitalize(),
                "color": list(PALETTE[most]),
                "nodes": part,
            }
        )
    return frames


def _unused_name(wanted: str, taken: Iterable[str]) -> str:
    name = wanted
    while name in taken:
        name += "_"
    return name


def _connected_groups(nodes: Mapping[str, str], links: list[tuple[str, str]]) -> list[list[str]]:
    """Groups nodes that links connect, ignoring the group's own inputs and outputs. A lone node is no group."""
    inner = [name for name, node_type in nodes.items() if node_type not in ("NodeGroupInput", "NodeGroupOutput")]
    neighbors: dict[str, set[str]] = {name: set() for name in inner}
    for start, end in links:
        if start in neighbors and end in neighbors:
            neighbors[start].add(end)
            neighbors[end].add(start)
    groups: list[list[str]] = []
    seen: set[str] = set()
    for root in inner:
        found = {root} if root not in seen else set()
        queue = list(found)
        while queue:
            new = neighbors[queue.pop()] - found
            found |= new
            queue += new
        seen |= found
        if len(found) > 1:
            groups.append([name for name in inner if name in found])
    return groups


def _split(group: list[str], links: list[tuple[str, str]]) -> list[list[str]]:
    """Cuts a group into parts of at most `_MOST` nodes, keeping neighbors together where possible."""
    if not group:
        return []
    count = -(-len(group) // _MAX_FRAME_NODES)
    size = -(-len(group) // count)
    neighbors: dict[str, list[str]] = {name: [] for name in group}
    for start, end in links:
        if start in neighbors and end in neighbors:
            neighbors[start].append(end)
            neighbors[end].append(start)
    remaining = dict.fromkeys(group)
    parts = []
    while remaining:
        part: dict[str, None] = {}
        queue: list[str] = []
        while remaining and len(part) < size:
            name = queue.pop(0) if queue else next(iter(remaining))
            if name in remaining:
                del remaining[name]
                part[name] = None
                queue += neighbors[name]
        parts.append([name for name in group if name in part])
    return parts
