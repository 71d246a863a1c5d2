# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports groups that were made by hand: their graphs, and the notes about content that graphs lack."""

import random

import bpy
import pytest
from graphs import evaluated, example, graph, link, thing
from vibesync.core.graph.framing import PALETTE
from vibesync.core.sync_error import SyncError
from vibesync.graph import items, properties, zones
from vibesync.graph.auto_frame import auto_frame
from vibesync.graph.build import build
from vibesync.graph.export import export


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def make_group():
    """Returns a group that outputs a cube."""
    group = bpy.data.node_groups.new("Mine", "GeometryNodeTree")
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    cube, out = group.nodes.new("GeometryNodeMeshCube"), group.nodes.new("NodeGroupOutput")
    group.links.new(cube.outputs["Mesh"], out.inputs["Geometry"])
    return group


def test_group_content_is_exported_or_noted():
    inner = make_group()
    inner.name = "Inner"
    group = make_group()
    cube, out = group.nodes["Cube"], group.nodes["Group Output"]
    cube.inputs["Size"].default_value = (1, 2, 0.1)
    cube.mute = True
    nested = group.nodes.new("GeometryNodeGroup")
    nested.node_tree = inner
    nested.hide = True
    join, dot = group.nodes.new("GeometryNodeJoinGeometry"), group.nodes.new("NodeReroute")
    group.links.new(nested.outputs[0], dot.inputs[0])
    group.links.new(dot.outputs[0], join.inputs[0])
    group.links.new(cube.outputs["Mesh"], join.inputs[0]).is_muted = True
    group.links.new(join.outputs[0], out.inputs[0])
    curve = group.nodes.new("ShaderNodeFloatCurve")
    curve.mapping.curves[0].points[0].location = (0.25, 0.5)
    group.interface.new_socket("Angle", in_out="INPUT", socket_type="NodeSocketFloat").subtype = "ANGLE"
    group.interface.new_panel("Panel")
    found, notes = export(group)
    assert found["node_settings"] == {"Cube": {"Size": [1.0, 2.0, 0.1]}, "Group": {"node_tree": "Inner"}}
    assert [node["id"] for node in found["nodes"]] == [
        "Cube",
        "Group_Output",
        "Group",
        "Join_Geometry",
        "Reroute",
        "Float_Curve",
    ]
    assert {node["type"] for node in found["nodes"]} == {node.bl_idname for node in group.nodes}
    assert [link("Group.Geometry -> Reroute.Input"), link("Reroute.Output -> Join_Geometry.Geometry")] == [
        each for each in found["links"] if each["to"] != "Group_Output"
    ]
    told = "\n".join(notes)
    for words in (
        "Cube is muted",
        "the muted link Cube.Mesh -> Join Geometry.Geometry is left out",
        "Group uses the group 'Inner'",
        "Float Curve: its Mapping is not kept",
        "the panel 'Panel'",
        "subtype of the group's socket 'Angle' is 'ANGLE'",
        "nodes collapsed (Group)",
    ):
        assert words in told, told
    assert len(notes) == 7, notes
    again = export(build(found)).graph
    assert again == {**found}


def test_order_of_joined_links_round_trips():
    item = thing()
    nodes = {f"p{x}": "GeometryNodePoints" for x in range(4)} | {"join": "GeometryNodeJoinGeometry"}
    nodes |= {"mesh": "GeometryNodePointsToVertices", "out": "NodeGroupOutput"}
    order = [2, 0, 3, 1]
    links = [f"p{x}.Points -> join.Geometry" for x in order]
    links += ["join.Geometry -> mesh.Points", "mesh.Mesh -> out.Geometry"]
    wanted = graph(nodes, links, {f"p{x}": {"Position": [float(x), 0.0, 0.0]} for x in range(1, 4)})
    group = build(wanted, item)
    assert export(group).graph == wanted
    assert [x for x, _, _ in evaluated(item)] == order[::-1]  # Blender joins the newest link first
    build(export(group).graph, item)
    assert [x for x, _, _ in evaluated(item)] == order[::-1]


def test_frames_texts_and_nesting_round_trip():
    wanted = graph({"a": "ShaderNodeMath", "b": "ShaderNodeMath", "out": "NodeGroupOutput"})
    wanted["nodes"][0]["position"] = [-120.5, 300.25]
    wanted["frames"] = [
        {"id": "two", "label": "", "nodes": ["b"]},
        {
            "id": "one",
            "label": "One",
            "color": [0.1, 0.2, 0.3, 0.4],
            "nodes": ["a"],
            "text": "why\nso",
            "parent": "two",
        },
    ]
    group = build(wanted)
    assert export(group) == (wanted, [])
    frame = group.nodes["one"]
    assert frame["text"] == "why\nso" and frame.parent == group.nodes["two"] and frame.use_custom_color
    assert group.nodes["a"].parent == frame and group.nodes["b"].parent == frame.parent


def test_layout_of_a_built_group_has_no_overlaps():
    group = build(example("staircase"))
    assert not any(node.select for node in group.nodes)
    assert len({tuple(node.location) for node in group.nodes if node.bl_idname != "NodeFrame"}) > 10
    x = {node["id"]: node["position"][0] for node in export(group).graph["nodes"]}
    for each in example("staircase")["links"]:
        assert x[each["from"]] < x[each["to"]]


def test_auto_frame_creates_frames_in_palette_colors():
    group = build({**example("staircase"), "frames": []})
    before = export(group).graph
    suggested = auto_frame(group, "type")
    assert export(group).graph == before
    assert auto_frame(group, "type", apply=True) == suggested
    after = export(group).graph
    assert after["frames"] == suggested and after["nodes"] == before["nodes"]
    colors = {tuple(frame["color"]) for frame in after["frames"]}
    assert colors <= {tuple(color) for color in PALETTE.values()} and len(colors) == 4
    assert auto_frame(group, "connectivity") == []


def zone_pairs(group):
    """Returns (input type, output type) of all zones in this Blender."""
    for name in dir(bpy.types):
        kind = getattr(bpy.types, name)
        if name.endswith("Input") and "pair_with_output" in getattr(kind, "bl_rna", bpy.types.Node.bl_rna).functions:
            other = name.removesuffix("Input") + "Output"
            try:
                assert group.nodes.new(name) and group.nodes.new(other)
            except RuntimeError:
                continue
            if name != zones.CRASHES_WHEN_PAIRED:
                yield name, other


def test_each_zone_type_is_built_as_a_pair():
    scratch = bpy.data.node_groups.new("Scratch", "GeometryNodeTree")
    pairs = list(zone_pairs(scratch))
    expected = {"GeometryNodeSimulation", "GeometryNodeRepeat"}
    expected |= {"GeometryNodeForeachGeometryElement"} if bpy.app.version >= (4, 3) else set()
    expected |= {"NodeClosure"} if bpy.app.version >= (5, 0) else set()
    assert {first.removesuffix("Input") for first, _ in pairs} == expected
    for first, last in pairs:
        for order in (("a", first), ("b", last)), (("b", last), ("a", first)):
            wanted = graph(dict(order))
            for node in wanted["nodes"]:
                if node["id"] == "a":
                    node["pair"] = "b"
            group = build(wanted)
            assert zones.partner(group.nodes["a"]) == group.nodes["b"]
            assert export(group) == (wanted, []), first
            assert not zones.is_zone_start(group.nodes["b"]) and zones.is_zone_end(group.nodes["b"])
    wrong = graph({"a": "GeometryNodeRepeatInput", "b": "GeometryNodeSimulationOutput"})
    wrong["nodes"][0]["pair"] = "b"
    with pytest.raises(SyncError, match="is ended by a GeometryNodeRepeatOutput"):
        build(wrong)


def add_every_type(group):
    """Adds a node of each type for geometry nodes except frames; zones as pairs."""
    for name in sorted(dir(bpy.types)):
        kind = getattr(bpy.types, name)
        of_others = name.startswith(("CompositorNode", "TextureNode", "NodeFrame"))
        if of_others or not isinstance(kind, type) or not issubclass(kind, bpy.types.Node):
            continue
        try:
            node = group.nodes.new(kind.bl_rna.identifier)
        except RuntimeError:
            continue
        if zones.is_zone_end(node) or node.bl_idname == zones.CRASHES_WHEN_PAIRED:
            group.nodes.remove(node)
        elif zones.is_zone_start(node):
            last = group.nodes.new(name.removesuffix("Input") + "Output")
            assert node.pair_with_output(last)


def other_value(generator, value):
    """Returns another value of the same type; None if there is none."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return generator.randint(0, 9)
    if isinstance(value, float):
        return generator.uniform(0, 1)
    if isinstance(value, str):
        return generator.choice(["", "Name", 'ä "quoted"'])
    if hasattr(value, "__len__") and not isinstance(value, set):
        return [other_value(generator, part) for part in value]
    return None


def set_all_values(generator, node):
    """Sets all writable values of a node."""
    for rna in properties.own_properties(node):
        choices = [each.identifier for each in rna.enum_items] if rna.type == "ENUM" else []
        value = getattr(node, rna.identifier)
        wanted = generator.choice(choices) if choices and not rna.is_enum_flag else other_value(generator, value)
        if wanted is not None and generator.random() < 0.7:
            try:
                setattr(node, rna.identifier, wanted)
            except TypeError:  # invalid with the other properties' values
                continue
    for name, new in items.collections(node).items():
        kinds = (
            [each.identifier for each in new.parameters["socket_type"].enum_items]
            if "socket_type" in new.parameters
            else []
        )
        for number in range(generator.randint(0, 3)):
            given = {"name": f"{name} {number}"} if "name" in new.parameters else {}
            try:
                getattr(node, name).new(**given, **({"socket_type": generator.choice(kinds)} if kinds else {}))
            except RuntimeError:  # this list does not take the type
                continue
    for socket in node.inputs:
        wanted = other_value(generator, getattr(socket, "default_value", None))
        if socket.enabled and wanted is not None and generator.random() < 0.7:
            try:
                socket.default_value = wanted
            except TypeError:  # a menu
                continue


@pytest.mark.parametrize("seed", range(3))
def test_every_node_type_round_trips_with_random_values(seed):
    generator = random.Random(seed)
    group = bpy.data.node_groups.new("All", "GeometryNodeTree")
    add_every_type(group)
    for node in group.nodes:
        set_all_values(generator, node)
    found = export(group).graph
    assert len(found["nodes"]) > 200 and len(found["node_settings"]) > 100
    again = export(build({**found, "name": "Again"})).graph
    for name, values in found["node_settings"].items():
        assert again["node_settings"].get(name) == values, name
    assert again == {**found, "name": "Again"}
