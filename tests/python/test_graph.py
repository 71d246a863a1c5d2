# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests graphs as data: schema, numbers, layout, frames, differences."""

import copy
import itertools
import math
import random
import struct

import pytest
from vibesync.core.graph import compare, framing, ids, layout, numbers, read_back, schema, text
from vibesync.core.sync_error import SyncError

GRAPH = {
    "blender": "4.5",
    "name": "Scatter",
    "inputs": [{"name": "Count", "type": "NodeSocketInt", "default": 10, "min": 0, "max": 100}],
    "outputs": [{"name": "Geometry", "type": "NodeSocketGeometry"}],
    "nodes": [
        {"id": "gi", "type": "NodeGroupInput", "position": [0, 0.5]},
        {"id": "first", "type": "GeometryNodeRepeatInput", "pair": "last"},
        {"id": "last", "type": "GeometryNodeRepeatOutput", "items": [{"name": "A", "type": "NodeSocketFloat"}]},
        {"id": "go", "type": "NodeGroupOutput", "label": "Out"},
    ],
    "links": [{"from": "gi", "from_socket": "Count", "to": "first", "to_socket": "Iterations"}],
    "node_settings": {"first": {"Iterations": 3, "flags": ["A", "B"], "Vector": [1, 2.5, -3]}},
    "frames": [
        {"id": "f", "label": "F", "color": [0, 0.5, 1, 1], "nodes": ["gi"], "text": "why", "parent": "g"},
        {"id": "g", "label": "G", "nodes": []},
    ],
}


def broken(location, value):
    """Returns the graph with another value at a path such as ("nodes", 0, "id"); None removes the key."""
    graph = copy.deepcopy(GRAPH)
    part = graph
    for key in location[:-1]:
        part = part[key]
    if value is None:
        del part[location[-1]]
    else:
        part[location[-1]] = value
    return graph


def test_graph_with_all_fields_is_valid():
    schema.check(GRAPH)


@pytest.mark.parametrize(
    ("path", "value", "code", "location"),
    [
        (("nodes",), None, "VS-1006", ""),
        (("nodes",), {}, "VS-1006", "nodes"),
        (("nodes", 0, "id"), "first", "VS-1006", "nodes[1].id"),
        (("nodes", 0, "id"), "", "VS-1006", "nodes[0].id"),
        (("nodes", 0, "id"), "ä" * 32, "VS-1006", "nodes[0].id"),
        (("nodes", 0, "id"), 7, "VS-1006", "nodes[0].id"),
        (("nodes", 0, "position"), [0, True], "VS-1006", "nodes[0].position[1]"),
        (("nodes", 0, "position"), [0, math.nan], "VS-3003", "nodes[0].position[1]"),
        (("nodes", 0, "colour"), 1, "VS-1006", "nodes[0]"),
        (("nodes", 1, "pair"), "nobody", "VS-1006", "nodes[1].pair"),
        (("nodes", 1, "pair"), "first", "VS-1006", "nodes[1].pair"),
        (("nodes", 0, "pair"), "last", "VS-1006", "nodes[1].pair"),
        (("nodes", 2, "items", 0, "name"), 1, "VS-1006", "nodes[2].items[0].name"),
        (("links", 0, "to"), "nobody", "VS-1006", "links[0].to"),
        (("links",), GRAPH["links"] * 2, "VS-1006", "links[1]"),
        (("links", 0, "socket"), "Count", "VS-1006", "links[0]"),
        (("inputs",), GRAPH["inputs"] * 2, "VS-1006", "inputs[1].name"),
        (("inputs", 0, "max"), 2**31, "VS-3003", "inputs[0].max"),
        (("node_settings", "nobody"), {}, "VS-1006", "node_settings.nobody"),
        (("node_settings", "first", "Iterations"), math.inf, "VS-3003", "node_settings.first.Iterations"),
        (("node_settings", "first", "Vector", 1), {}, "VS-1006", "node_settings.first.Vector[1]"),
        (("node_settings", "first", "Vector", 1), 1e39, "VS-3003", "node_settings.first.Vector[1]"),
        (("frames", 0, "color"), [0, 0, 0, 2], "VS-3003", "frames[0].color"),
        (("frames", 0, "nodes"), ["nobody"], "VS-1006", "frames[0].nodes"),
        (("frames", 1, "nodes"), ["gi"], "VS-1006", "frames[1].nodes"),
        (("frames", 1, "parent"), "f", "VS-1006", "frames[0].parent"),
        (("frames", 1, "id"), "gi", "VS-1006", "frames[1].id"),
        (
            ("frames",),
            [{"id": f"f{n}", "nodes": [], **({"parent": f"f{n - 1}"} if n else {})} for n in range(70)],
            "VS-1006",
            "frames[65].parent",
        ),
    ],
)
def test_malformed_graph_is_refused_at_its_location(path, value, code, location):
    with pytest.raises(SyncError) as caught:
        schema.check(broken(path, value))
    assert (caught.value.code, caught.value.location) == (code, location)


def test_random_values_raise_only_sync_errors():
    generator = random.Random(4)
    atoms = [None, True, 0, -1, 2**40, 1.5, math.nan, "", "a", "\0", "\ud800", [], {}, [[]], ["a", 1], b"x"]

    def paths(part):
        steps = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, below in list(steps):
            yield (key,)
            yield from ((key, *rest) for rest in paths(below))

    for path, atom in itertools.product(list(paths(GRAPH)), atoms):
        graph = broken(path, None)
        part = graph
        for key in path[:-1]:
            part = part[key]
        if isinstance(part, dict):
            part[path[-1]] = atom
        else:
            part.insert(generator.randrange(len(part) + 1), atom)
        try:
            schema.check(graph)
        except SyncError as error:
            assert error.code in ("VS-1006", "VS-3003")


def test_shortest_decimal_rounds_to_the_same_float():
    generator = random.Random(1)
    values = [0.1, 1 / 3, 1e-45, 3.4028234663852886e38, 16777216.0, 0.0, -0.0, 2.5e-3]
    values += [struct.unpack("f", generator.randbytes(4))[0] for _ in range(20_000)]
    for value in values:
        if math.isfinite(value):
            held = numbers.round_to_f32(value)
            assert numbers.round_to_f32(numbers.shortest_decimal(held)) == held
    assert numbers.shortest_decimal(numbers.round_to_f32(0.1)) == 0.1
    assert numbers.shortest_decimal(numbers.round_to_f32(1e10)) == 1e10


def test_values_are_equal_when_blender_stores_them_equal():
    assert numbers.same(0.1, numbers.round_to_f32(0.1)) and numbers.same([1, 2.0], [1.0, 2])
    assert not numbers.same(1, True) and not numbers.same(0, False) and not numbers.same([1], [1, 1])
    assert not numbers.same("1", 1) and numbers.same(None, None) and not numbers.same(0.1, 0.1000001)


def overlap(one, other):
    return all(one[0][axis] < other[1][axis] and other[0][axis] < one[1][axis] for axis in (0, 1))


def box(location, size):
    return (location[0], location[1] - size[1]), (location[0] + size[0], location[1])


@pytest.mark.parametrize("seed", range(8))
def test_layout_has_no_overlaps(seed):
    generator = random.Random(seed)
    names = [f"n{number}" for number in range(60)]
    sizes = {name: (generator.uniform(20, 300), generator.uniform(20, 500)) for name in names}
    links = [tuple(generator.sample(names, 2)) for _ in range(90)]  # with cycles
    homes = {name: generator.choice([None, "f", "g", "h"]) for name in names} | {"f": None, "g": "f", "h": None}
    places = layout.layout(sizes, links, homes)
    assert places.keys() == sizes.keys()
    assert places == layout.layout(sizes, links, homes)
    boxes = {name: box(places[name], sizes[name]) for name in names}
    for one, other in itertools.combinations(names, 2):
        assert not overlap(boxes[one], boxes[other]), (one, other)
    for frame, members in {"f": "fg", "g": "g", "h": "h"}.items():
        inside = [boxes[name] for name in names if homes[name] in tuple(members)]
        low, high = (
            tuple(pick(b[side][axis] for b in inside) for axis in (0, 1)) for side, pick in ((0, min), (1, max))
        )
        for name in names:
            if homes[name] not in tuple(members):
                assert not overlap((low, high), boxes[name]), (frame, name)


def test_layout_puts_targets_right_of_sources():
    sizes = dict.fromkeys("abcd", (100.0, 100.0))
    places = layout.layout(sizes, [("c", "b"), ("b", "a"), ("c", "a")], {})
    assert places["c"][0] < places["b"][0] < places["a"][0]


NODES = {
    "gi": "NodeGroupInput",
    "grid": "GeometryNodeMeshGrid",
    "add": "ShaderNodeMath",
    "noise": "ShaderNodeTexNoise",
    "set": "GeometryNodeSetPosition",
    "scale": "GeometryNodeTransform",
    "go": "NodeGroupOutput",
}
LINKS = [("gi", "set"), ("grid", "scale"), ("scale", "go"), ("add", "set"), ("noise", "add"), ("set", "go")]


def test_frames_by_type_use_the_palette():
    frames = {frame["label"]: frame for frame in framing.suggest(NODES, LINKS, "type")}
    assert {label: frame["nodes"] for label, frame in frames.items()} == {
        "Inputs": ["gi", "grid"],
        "Transforms": ["set", "scale"],
        "Outputs": ["go"],
        "Math": ["add", "noise"],
    }
    assert all(frame["color"] == framing.PALETTE[label.lower()] for label, frame in frames.items())


def test_frames_by_connectivity_exclude_group_inputs_and_outputs():
    assert [frame["nodes"] for frame in framing.suggest(NODES, LINKS, "connectivity")] == [
        ["grid", "scale"],
        ["add", "noise", "set"],
    ]


def test_frames_are_small_and_disjoint():
    nodes = {f"n{number}": "ShaderNodeMath" for number in range(95)}
    links = list(itertools.pairwise(nodes))
    for strategy in framing.STRATEGIES:
        frames = framing.suggest(nodes, links, strategy)
        assert sorted(itertools.chain(*(frame["nodes"] for frame in frames))) == sorted(nodes)
        assert max(len(frame["nodes"]) for frame in frames) <= 10 and len({frame["id"] for frame in frames}) == len(
            frames
        )
    with pytest.raises(ValueError, match="connectivity, type"):
        framing.suggest(nodes, links, "color")


def spoil(graph, path, value):
    for key in path[:-1]:
        graph = graph[key]
    graph[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value", "location"),
    [
        (("inputs", 0, "default"), 11, "inputs[0].default"),
        (("inputs", 0, "type"), "NodeSocketFloat", "inputs"),
        (("nodes", 3, "label"), "In", "nodes[3].label"),
        (("nodes", 2, "items"), [], "nodes[2].items"),
        (("nodes", 0, "position"), [0, 0.6], "nodes[0].position"),
        (("links", 0, "to_socket"), "A", "links[0]"),
        (("node_settings", "first", "Iterations"), 4, "node_settings.first.Iterations"),
        (("node_settings", "gi"), {"Extra": 1}, "node_settings.gi.Extra"),
        (("frames", 0, "text"), "because", "frames[0].text"),
        (("frames", 0, "nodes"), [], "frames[0].nodes"),
        (("frames", 0, "parent"), None, "frames[0].parent"),
    ],
)
def test_each_difference_is_reported(path, value, location):
    wanted, found = copy.deepcopy(GRAPH), copy.deepcopy(GRAPH)
    whole = copy.deepcopy(GRAPH)
    whole["node_settings"] |= {node["id"]: {} for node in GRAPH["nodes"] if node["id"] not in whole["node_settings"]}
    assert list(compare.differences(wanted, found, whole)) == []
    for graph in (found, whole):
        spoil(graph, path, copy.deepcopy(value))
    assert location in [where for where, _ in compare.differences(wanted, found, whole)]


def test_read_back_is_phrased_like_the_request():
    whole = copy.deepcopy(GRAPH)
    whole["node_settings"] |= {"gi": {}, "last": {"color": 1}, "go": {"Value": 0.5}}
    for node in whole["nodes"]:
        node |= {"label": node.get("label", ""), "items": node.get("items", []), "position": [1.0, 2.0]}
    found = copy.deepcopy(GRAPH)
    for node in found["nodes"]:
        node["position"] = [1.0, 2.0]
    wanted = copy.deepcopy(GRAPH)
    del wanted["name"], wanted["nodes"][0]["position"]
    wanted["node_settings"]["go"] = {"Value": 0.5}
    wanted["nodes"][0]["items"] = []
    assert read_back.phrase_like_request(wanted, found, whole) == wanted
    found["node_settings"]["last"] = {"color": 1}
    assert read_back.phrase_like_request(wanted, found, whole)["node_settings"]["last"] == {"color": 1}
    wanted["frames"] = []
    assert read_back.phrase_like_request(wanted, {**found, "frames": []}, {**whole, "frames": []})["frames"] == []


def test_order_of_joined_links_is_compared():
    ends = {"from_socket": "Mesh", "to": "join", "to_socket": "Geometry"}
    wanted = {**GRAPH, "links": [{"from": "a", **ends}, {"from": "b", **ends}]}
    found = {**GRAPH, "links": wanted["links"][::-1]}
    places = [location for location, _ in compare.differences(wanted, found, {**found, "node_settings": {}})]
    assert places == ["links"]


def test_requested_default_is_no_difference():
    whole = copy.deepcopy(GRAPH)
    whole["node_settings"] |= {"gi": {}, "last": {}, "go": {"Value": 0.5}}
    wanted = copy.deepcopy(GRAPH)
    wanted["node_settings"]["go"] = {"Value": 0.5}
    assert list(compare.differences(wanted, GRAPH, whole)) == []
    wanted["node_settings"]["go"] = {"Value": 0.25}
    assert [location for location, _ in compare.differences(wanted, GRAPH, whole)] == ["node_settings.go.Value"]


def test_names_become_plain_ids_and_ids_stay():
    names = ["n1", "Set Position", "Set_Position", "Math", "Math.001", "end", "1", "ä", "", "x" * 70, "Set-Position"]
    found = ids.plain_ids(names)
    assert list(map(found.get, ["n1", "Set_Position", "Math"])) == ["n1", "Set_Position", "Math"]
    assert [found[name] for name in ("Set Position", "Math.001", "end", "1")] == [
        "Set_Position_2",
        "Math_001",
        "n_end",
        "n_1",
    ]
    assert len(set(found.values())) == len(names) and max(map(len, found.values())) <= 63
    assert ids.plain_ids(found.values()) == {each: each for each in found.values()}


def test_graph_text_round_trips_with_a_line_per_node():
    written = text.write(GRAPH)
    assert text.read(written) == GRAPH
    assert sum(line.startswith('    {"id"') for line in written.splitlines()) == len(GRAPH["nodes"] + GRAPH["frames"])
    assert text.read(text.write({"nodes": [], "links": []})) == {"nodes": [], "links": []}


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("{", "VS-1006", "line 1, column 2"),
        ("[]", "VS-1006", "not an object"),
        ('{"a": [{"socket": 1, "socket": 2}]}', "VS-1006", "'socket' is repeated"),
        ('{"a": NaN}', "VS-3003", "NaN"),
        ("[" * 100_000, "VS-1006", "nested too deep"),
        (" " * 9_000_000, "VS-1006", "8 MiB"),
    ],
)
def test_text_without_a_graph_is_refused(source, code, said):
    with pytest.raises(SyncError) as caught:
        text.read(source)
    assert caught.value.code == code and said in str(caught.value)
