# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds and reads back nodes that get their sockets from items, menus, datablocks and reroutes."""

import types

import bpy
import pytest
from graphs import GEOMETRY, evaluated, graph, thing
from vibesync.core.sync_error import SyncError
from vibesync.graph.build import build
from vibesync.graph.export import export
from vibesync.graph.inputs import Inputs


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def with_items(wanted, **items):
    """Returns a graph whose nodes have these items; an item is a name, or name and type."""
    for node in wanted["nodes"]:
        if node["id"] in items:
            node["items"] = [
                item if isinstance(item, dict) else {"name": item[0], "type": f"NodeSocket{item[1]}"}
                for item in items[node["id"]]
            ]
    return wanted


def pair(wanted, first, last):
    next(node for node in wanted["nodes"] if node["id"] == first)["pair"] = last
    return wanted


def round_trip(wanted, item=None):
    group = build(wanted, item or thing())
    assert export(group) == (wanted, [])
    return group


def test_menu_passes_from_group_input_to_menu_switch():
    nodes = {
        "gi": "NodeGroupInput",
        "either": "GeometryNodeSwitch",
        "menu": "GeometryNodeMenuSwitch",
        "cube": "GeometryNodeMeshCube",
        "cone": "GeometryNodeMeshCone",
        "go": "NodeGroupOutput",
    }
    links = [
        "gi.Shape -> either.False",  # the menu gets its items from the next link
        "either.Output -> menu.Menu",
        "cube.Mesh -> menu.Box",
        "cone.Mesh -> menu.Hat",
        "menu.Output -> go.Geometry",
    ]
    settings = {"either": {"input_type": "MENU", "True": "Box"}}
    wanted = graph(nodes, links, settings, inputs=[{"name": "Shape", "type": "NodeSocketMenu", "default": "Hat"}])
    item = thing()
    round_trip(with_items(wanted, menu=[{"name": "Box"}, {"name": "Hat"}]), item)
    assert len(evaluated(item)) == 33
    with pytest.raises(SyncError, match="menu"):
        Inputs(item.modifiers[0]).write("Shape", "Box")
    wanted["inputs"][0]["default"] = "Ball"
    with pytest.raises(SyncError) as caught:
        build(wanted, item)
    assert caught.value.location == "inputs[0].default" and "'Box', 'Hat'" in caught.value.message


def test_index_switch_with_three_items_round_trips():
    nodes = {"pick": "GeometryNodeIndexSwitch", "cube": "GeometryNodeMeshCube", "go": "NodeGroupOutput"}
    settings = {"pick": {"Index": 2}}
    wanted = graph(nodes, ["cube.Mesh -> pick.2", "pick.Output -> go.Geometry"], settings)
    item = thing()
    round_trip(with_items(wanted, pick=[{}, {}, {}]), item)
    assert len(evaluated(item)) == 8


def test_captured_attributes_round_trip():
    nodes = {
        "cube": "GeometryNodeMeshCube",
        "index": "GeometryNodeInputIndex",
        "keep": "GeometryNodeCaptureAttribute",
        "move": "GeometryNodeSetPosition",
        "vector": "ShaderNodeCombineXYZ",
        "go": "NodeGroupOutput",
    }
    links = [
        "cube.Mesh -> keep.Geometry",
        "index.Index -> keep.Number",
        "keep.Geometry -> move.Geometry",
        "keep.Number -> vector.X",
        "vector.Vector -> move.Position",
        "move.Geometry -> go.Geometry",
    ]
    item = thing()
    round_trip(with_items(graph(nodes, links), keep=[("Number", "Int"), ("Spare", "Rotation")]), item)
    assert [x for x, _, _ in evaluated(item)] == list(range(8))


def test_simulation_and_bake_round_trip():
    nodes = {
        "first": "GeometryNodeSimulationInput",
        "last": "GeometryNodeSimulationOutput",
        "cube": "GeometryNodeMeshCube",
        "bake": "GeometryNodeBake",
        "go": "NodeGroupOutput",
    }
    links = [
        "cube.Mesh -> first.Mesh",
        "first.Mesh -> last.Mesh",
        "last.Mesh -> bake.Kept",
        "bake.Kept -> go.Geometry",
    ]
    wanted = with_items(graph(nodes, links), last=[("Mesh", "Geometry"), ("Age", "Float")], bake=[("Kept", "Geometry")])
    item = thing()
    round_trip(pair(wanted, "first", "last"), item)
    assert len(evaluated(item)) == 8
    group = build({**wanted, "name": "Other"}, item)  # the modifier had a simulation before
    assert group.name == "Other" and len(evaluated(item)) == 8


@pytest.mark.skipif(bpy.app.version < (4, 3), reason="Blender has this zone from 4.3 on")
def test_for_each_element_round_trips():
    nodes = {
        "grid": "GeometryNodeMeshGrid",
        "cube": "GeometryNodeMeshCube",
        "put": "GeometryNodeSetPosition",
        "here": "GeometryNodeInputPosition",
        "first": "GeometryNodeForeachGeometryElementInput",
        "last": "GeometryNodeForeachGeometryElementOutput",
        "go": "NodeGroupOutput",
    }
    links = [
        "grid.Mesh -> first.Geometry",
        "here.Position -> first.Place",
        "first.Place -> put.Offset",
        "cube.Mesh -> put.Geometry",
        "put.Geometry -> last.Cubes",
        "last.Cubes -> go.Geometry",
    ]
    wanted = graph(nodes, links, {"grid": {"Vertices X": 2, "Vertices Y": 2}})
    lists = {
        "input_items": ("Place", "Vector"),
        "main_items": ("Sum", "Float"),
        "generation_items": ("Cubes", "Geometry"),
    }
    items = [{"name": n, "type": f"NodeSocket{t}", "collection": c} for c, (n, t) in lists.items()]
    item = thing()
    round_trip(pair(with_items(wanted, last=items), "first", "last"), item)
    assert len(evaluated(item)) == 4 * 8
    del items[0]["collection"]
    with pytest.raises(SyncError) as caught:
        build(wanted, item)
    assert caught.value.location == "nodes[5].items[0].collection" and "main_items" in caught.value.message


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="closures and bundles are experimental before Blender 5.0")
def test_closures_and_bundles_round_trip():
    nodes = {
        "first": "NodeClosureInput",
        "last": "NodeClosureOutput",
        "twice": "ShaderNodeMath",
        "call": "NodeEvaluateClosure",
        "pack": "NodeCombineBundle",
        "unpack": "NodeSeparateBundle",
        "vector": "ShaderNodeCombineXYZ",
        "cube": "GeometryNodeMeshCube",
        "move": "GeometryNodeSetPosition",
        "go": "NodeGroupOutput",
    }
    links = [
        "first.Number -> twice.Value",
        "twice.Value -> last.Result",
        "last.Closure -> call.Closure",
        "call.Result -> pack.Height",
        "pack.Bundle -> unpack.Bundle",
        "unpack.Height -> vector.Z",
        "vector.Vector -> move.Offset",
        "cube.Mesh -> move.Geometry",
        "move.Geometry -> go.Geometry",
    ]
    settings = {"twice": {"operation": "MULTIPLY", "Value_001": 2.0}, "call": {"Number": 4.0}}
    ends = [
        {"name": "Number", "type": "NodeSocketFloat", "collection": "input_items"},
        {"name": "Result", "type": "NodeSocketFloat", "collection": "output_items"},
    ]
    wanted = graph(nodes, links, settings)
    wanted = with_items(wanted, last=ends, call=ends, pack=[("Height", "Float")], unpack=[("Height", "Float")])
    item = thing()
    round_trip(pair(wanted, "first", "last"), item)
    assert {z for _, _, z in evaluated(item)} == {7.5, 8.5}


def test_datablocks_are_given_by_name():
    other = thing("Other")
    other.location.x = 3
    wood = bpy.data.materials.new("Wood")
    nodes = {
        "get": "GeometryNodeObjectInfo",
        "paint": "GeometryNodeSetMaterial",
        "go": "NodeGroupOutput",
        "gi": "NodeGroupInput",
    }
    links = ["get.Geometry -> paint.Geometry", "gi.Material -> paint.Material", "paint.Geometry -> go.Geometry"]
    settings = {"get": {"Object": "Other", "transform_space": "RELATIVE"}}
    inputs = [{"name": "Material", "type": "NodeSocketMaterial", "default": "Wood"}]
    item = thing()
    round_trip(graph(nodes, links, settings, inputs=inputs), item)
    assert {x for x, _, _ in evaluated(item)} == {3.0, 4.0}
    steel = bpy.data.materials.new("Steel")
    values = Inputs(item.modifiers[0])
    assert values.read("Material") == wood
    values.write("Material", "Steel")
    assert values.read("Material") == steel
    with pytest.raises(SyncError, match="'Steel', 'Wood'"):
        values.write("Material", "Stone")


def test_nested_group_is_given_by_name():
    inner = build(
        graph(
            {"gi": "NodeGroupInput", "cube": "GeometryNodeMeshCube", "go": "NodeGroupOutput"},
            ["gi.Size -> cube.Size", "cube.Mesh -> go.Geometry"],
            inputs=[{"name": "Size", "type": "NodeSocketVector", "default": [1.0, 2.0, 3.0]}],
        )
    )
    wanted = graph(
        {"box": "GeometryNodeGroup", "go": "NodeGroupOutput"},
        ["box.Geometry -> go.Geometry"],
        {"box": {"node_tree": inner.name, "Size": [2.0, 4.0, 6.0]}},
        name="Outer",
    )
    item = thing()
    group = build(wanted, item)
    found, notes = export(group)
    assert found == wanted and len(notes) == 1 and "'Test'" in notes[0]
    assert max(z for _, _, z in evaluated(item)) == 3.0


def test_reroutes_get_their_type_in_any_link_order():
    nodes = {"cube": "GeometryNodeMeshCube", "a": "NodeReroute", "b": "NodeReroute", "go": "NodeGroupOutput"}
    links = ["cube.Mesh -> a.Input", "a.Output -> b.Input", "b.Output -> go.Geometry"]
    for order in (links, links[::-1], [links[1], links[0], links[2]]):
        item = thing()
        round_trip(graph(nodes, order), item)
        assert len(evaluated(item)) == 8


def test_flags_texts_rotations_and_switches_round_trip():
    nodes = {
        "handles": "GeometryNodeCurveSetHandles",
        "name": "GeometryNodeSetGeometryName" if bpy.app.version >= (4, 3) else "FunctionNodeInputString",
        "turn": "GeometryNodeTransform",
        "value": "ShaderNodeValue",
        "vector": "FunctionNodeInputVector",
        "color": "FunctionNodeInputColor",
        "go": "NodeGroupOutput",
    }
    settings = {
        "handles": {"handle_type": "VECTOR", "mode": ["LEFT"]},
        "name": {"Name": 'ä \\ "'} if bpy.app.version >= (4, 3) else {"string": 'ä \\ "'},
        "turn": {"Rotation": [0.1, 0.2, 0.3], "Scale": [1e-7, 3.4e38, -0.125]},
        "value": {"Value": 0.1},
        "vector": {"vector": [0.1, 0.2, 0.3]},
        "color": {"value" if bpy.app.version >= (4, 2) else "color": [0.1, 0.2, 0.3, 0.4]},
    }
    round_trip(graph(nodes, [], settings))


def test_equally_named_sockets_are_linked_by_identifier():
    nodes = {"a": "ShaderNodeMath", "b": "ShaderNodeMath", "go": "NodeGroupOutput"}
    wanted = graph(
        nodes, ["a.Value -> b.Value", "a.Value -> b.Value_001"], {"b": {"operation": "MULTIPLY_ADD", "Value_002": 7.0}}
    )
    round_trip(wanted)
    again = graph(nodes, ["a.Value -> b.Value_003"])
    with pytest.raises(SyncError, match=r"Value \(Value\), Value \(Value_001\)"):
        build(again)


def test_modifier_group_needs_geometry_as_first_input():
    number = {"name": "Number", "type": "NodeSocketFloat"}
    wanted = graph({"gi": "NodeGroupInput", "go": "NodeGroupOutput"}, ["gi.Geometry -> go.Geometry"])
    with pytest.raises(SyncError, match="first input"):
        build({**wanted, "inputs": [number, *GEOMETRY]}, thing())
    round_trip({**wanted, "inputs": [*GEOMETRY, number]})


def test_modifier_inputs_of_blender_52_are_set():
    """Uses a fake of the modifier as described in the release notes, because this test runs in an older Blender."""
    made = build(
        {**graph({"go": "NodeGroupOutput"}), "inputs": [{"name": "Count", "type": "NodeSocketInt", "default": 3}]}
    )
    holder = types.SimpleNamespace(value=3)
    entries = types.SimpleNamespace(**{made.interface.items_tree["Count"].identifier: holder})
    modifier = types.SimpleNamespace(
        name="New", node_group=made, properties=types.SimpleNamespace(inputs=entries), id_data=thing()
    )
    inputs = Inputs(modifier)
    assert inputs.customized() == {} and inputs.read("Count") == 3
    inputs.write("Count", 5)
    assert holder.value == 5
    own = inputs.customized()
    holder.value = 3
    inputs.apply_matching(own)
    assert holder.value == 5
    with pytest.raises(SyncError, match="not a whole number"):
        inputs.write("Count", 2.5)
