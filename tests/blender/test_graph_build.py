# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds graphs as node groups in a real Blender, and compares their read-back."""

import importlib
import json

import bpy
import pytest
from graphs import GEOMETRY, GRAPHS, HERE, evaluated, example, graph, thing
from vibesync.core.sync_error import SyncError
from vibesync.graph import operators as graph_operators
from vibesync.graph.build import build
from vibesync.graph.export import export, read_back
from vibesync.graph.inputs import Inputs


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def build_error(graph, *arguments):
    with pytest.raises(SyncError) as caught:
        build(graph, *arguments)
    return caught.value.location, caught.value.message


SEED = graph(
    {
        "gi": "NodeGroupInput",
        "n1": "GeometryNodeMeshCone",
        "join": "GeometryNodeJoinGeometry",
        "n2": "GeometryNodeSetPosition",
        "go": "NodeGroupOutput",
    },
    [
        "gi.Geometry -> join.Geometry",
        "n1.Mesh -> join.Geometry",
        "join.Geometry -> n2.Geometry",
        "n2.Geometry -> go.Geometry",
    ],
    {"n2": {"Offset": [0.0, 0.0, 1.0]}},
    inputs=GEOMETRY,
)


def test_sample_moves_both_joined_geometries():
    item = thing()
    explicit = {**SEED, "node_settings": {**SEED["node_settings"], "n1": {"Vertices": 32}}}
    group = build(explicit, item)
    assert export(group) == (SEED, [])  # 32 is Blender's default
    assert read_back(group, explicit) == explicit
    group.nodes["n1"].inputs["Vertices"].default_value = 31
    assert read_back(group, explicit)["node_settings"]["n1"] == {"Vertices": 31}
    group.nodes["n1"].inputs["Vertices"].default_value = 32
    corners = evaluated(item)
    assert len(corners) == 3 + 33 and {z for _, _, z in corners} == {1.0, 3.0}


@pytest.mark.parametrize("name", ["scatter", "staircase", "spiral"])
def test_examples_round_trip_through_build(name):
    wanted = example(name)
    group = build(wanted, thing())
    found, notes = export(group)
    assert notes == []
    for node in found["nodes"]:
        del node["position"]
    assert found == {"blender": HERE, **wanted} and read_back(group, wanted) == wanted


def test_export_builds_an_equal_group():
    first = export(build(example("staircase"))).graph
    again = export(build({**first, "name": "Again"})).graph
    assert again == {**first, "name": "Again"}


def test_group_without_object_stays_in_the_file():
    group = build(example("scatter"))
    assert group.users == 1 and group.use_fake_user and group.is_modifier
    assert [each.name for each in bpy.data.node_groups] == ["Scatter Cones"]
    assert len(bpy.data.scenes) == 1 and len(bpy.data.objects) == len(bpy.data.meshes) == 0


CUBE = {"cube": "GeometryNodeMeshCube", "out": "NodeGroupOutput"}
SHOWN = "cube.Mesh -> out.Geometry"


@pytest.mark.parametrize(
    ("wanted", "place", "said"),
    [
        (graph({"x": "GeometryNodeMeshConus"}), "nodes[0].type", "has no GeometryNodeMeshConus"),
        (graph({"x": "ShaderNodeBsdfPrincipled"}), "nodes[0].type", "for geometry nodes"),
        (graph({"x": "NodeFrame"}), "nodes[0].type", "list of their own"),
        (graph(CUBE, ["cube.Mash -> out.Geometry"]), "links[0].from_socket", "has no 'Mash'; there are Mesh, UV Map"),
        (graph(CUBE, ["cube.Size -> out.Geometry"]), "links[0].from_socket", "is no output; among the outputs of cube"),
        (graph(CUBE, ["cube.Mesh -> out.Geo"]), "links[0].to_socket", "has no 'Geo'; there is Geometry"),
        (graph(CUBE, ["cube.Mesh -> cube.UV Map"]), "links[0].to_socket", "is no input"),
        (graph(CUBE, [SHOWN, "cube.UV Map -> out.Geometry"]), "links[1].to_socket", "takes one link and has one"),
        (graph(CUBE, ["cube.UV Map -> out.Geometry"]), "links[0]", "invalid: cube.UV Map (Vector) -> out.Geometry"),
        (graph(CUBE, ["cube.UV Map -> cube.Size"]), "links[0]", "can't be linked to itself"),
        (graph(CUBE, settings={"cube": {"Vertices X": True}}), "node_settings.cube.Vertices X", "True is not a number"),
        (graph(CUBE, settings={"cube": {"Vertices X": 2.5}}), "node_settings.cube.Vertices X", "not a whole number"),
        (graph(CUBE, settings={"cube": {"Size": [1.0, 2.0]}}), "node_settings.cube.Size", "not a list of 3"),
        (graph(CUBE, settings={"cube": {"Color": 1}}), "node_settings.cube.Color", "there are Size, Vertices X"),
        (graph(CUBE, settings={"out": {"Geometry": 1}}), "node_settings.out.Geometry", "takes a link and no value"),
        (graph({"m": "ShaderNodeMath"}, settings={"m": {"operation": "PLUS"}}), "node_settings.m.operation", "'ADD'"),
        (
            graph({"m": "ShaderNodeMath"}, settings={"m": {"use_clamp": 1}}),
            "node_settings.m.use_clamp",
            "true nor false",
        ),
        (graph({"m": "ShaderNodeMath"}, settings={"m": {"Value_002": 1}}), "node_settings.m.Value_002", "Value_001"),
        (graph({"r": "GeometryNodeRepeatInput"}), "nodes[0]", "begins a zone"),
        (graph({"r": "GeometryNodeRepeatOutput"}), "nodes[0]", "that no node begins"),
        ({**graph(CUBE), "inputs": [{"name": "A", "type": "NodeSocketShaft"}]}, "inputs[0].type", "can't be"),
        (
            graph({"m": "GeometryNodeDeleteGeometry"}, settings={"m": {"mode": []}}),
            "node_settings.m.mode",
            "not a text",
        ),
        ({**graph(CUBE), "inputs": [{"name": "A", "type": "NodeSocketBool", "min": 0}]}, "inputs[0].min", "has no min"),
        ({**graph(CUBE), "blender": "3.6"}, "blender", "is for Blender 3.6"),
        (
            graph({"o": "GeometryNodeObjectInfo"}, settings={"o": {"Object": "Me"}}),
            "node_settings.o.Object",
            "no Object",
        ),
    ],
)
def test_build_error_has_its_location(wanted, place, said):
    where, message = build_error(wanted)
    assert where == place and said in message, (where, message)
    assert len(bpy.data.node_groups) == 0


def test_cycle_and_unsupported_field_are_refused():
    nodes = {"a": "ShaderNodeMath", "b": "ShaderNodeMath", "i": "GeometryNodeInputIndex", "c": "GeometryNodeMeshCube"}
    assert build_error(graph(nodes, ["a.Value -> b.Value", "b.Value -> a.Value"]))[0].startswith("links[")
    place, message = build_error(graph(nodes, ["b.Value -> c.Vertices X", "i.Index -> b.Value"]))
    assert place == "links[0]" and "invalid" in message


def test_rebuild_keeps_modifier_name_position_and_inputs():
    item = thing()
    item.modifiers.new("First", "SUBSURF")
    build(example("scatter"), item, "Nodes")
    item.modifiers.new("Last", "SUBSURF")
    Inputs(item.modifiers["Nodes"]).write("Count", 4)
    Inputs(item.modifiers["Nodes"]).write("Seed", 99)
    Inputs(item.modifiers["Nodes"]).write("Smallest", 0.7)
    changed = example("scatter")
    changed["inputs"][0]["default"] = 2.0
    changed["inputs"][2]["max"] = 0.5
    changed["inputs"][4] = {"name": "Seed", "type": "NodeSocketFloat"}
    changed["links"] = [each for each in changed["links"] if each["from_socket"] != "Seed"]
    group = build(changed, item)
    assert [each.name for each in item.modifiers] == ["First", "Nodes", "Last"]
    assert item.modifiers["Nodes"].node_group == group and len(bpy.data.node_groups) == 1
    inputs = Inputs(item.modifiers["Nodes"])
    assert [inputs.read(name) for name in inputs.names()] == [2.0, 4, pytest.approx(0.3), pytest.approx(1.2), 0.0]


def test_shared_group_stays_when_rebuilt():
    one, other = thing("One"), thing("Other")
    shared = build(example("scatter"), one)
    other.modifiers.new("Nodes", "NODES").node_group = shared
    before = export(shared)
    mine = build({**example("spiral"), "name": "Scatter Cones"}, one)
    assert export(shared) == before and other.modifiers[0].node_group == shared != mine
    assert one.modifiers[0].node_group == mine and mine.name == "Scatter Cones.001"
    assert export(mine).graph["name"] == "Scatter Cones"


def test_custom_properties_stay_when_rebuilt():
    item = thing()
    build(example("scatter"), item)["uuid"] = "0191aaaa-0000-4000-8000-000000000001"
    group = build(example("spiral"), item)
    assert group["uuid"] == "0191aaaa-0000-4000-8000-000000000001" and len(bpy.data.node_groups) == 1


def test_only_unused_default_groups_are_removed():
    item = thing()
    for name in ("Geometry Nodes", "Geometry Nodes.001", "Mine"):
        bpy.data.node_groups.new(name, "GeometryNodeTree")
    kept = bpy.data.node_groups.new("Geometry Nodes", "GeometryNodeTree")
    kept.nodes.new("GeometryNodeMeshCube")
    names = {"Mine", kept.name}
    build(example("spiral"), item)
    assert {each.name for each in bpy.data.node_groups} == {*names, "Spiral"}


def test_build_is_refused_when_the_modifier_is_ambiguous():
    item = thing()
    item.modifiers.new("A", "NODES")
    item.modifiers.new("B", "NODES")
    item.modifiers.new("C", "SUBSURF")
    assert "'A', 'B'" in build_error(example("spiral"), item)[1]
    assert "not geometry nodes" in build_error(example("spiral"), item, "C")[1]
    build(example("spiral"), item, "B")
    assert item.modifiers["A"].node_group is None and item.modifiers["B"].node_group.name == "Spiral"
    build({**example("spiral"), "inputs": [], "links": example("spiral")["links"][4:]} | {"name": "Spiral"}, item)
    assert item.modifiers["A"].node_group is None and len(bpy.data.node_groups) == 1


def test_modifier_inputs_are_set_by_name():
    item = thing()
    build(example("staircase"), item)
    inputs = Inputs(item.modifiers[0])
    assert inputs.names() == ["Steps", "Width", "Tread", "Rise"]
    assert len(evaluated(item)) == 12 * 8
    inputs.write("Steps", 3)
    inputs.write("Rise", 0.5)
    corners = evaluated(item)
    assert len(corners) == 3 * 8 and max(z for _, _, z in corners) == 1.5
    for name, value in (("Steps", 2.5), ("Steps", True), ("Depth", 1.0), ("Width", "wide")):
        with pytest.raises(SyncError):
            inputs.write(name, value)


def test_nonmodifier_group_is_built_only_without_an_object():
    value = graph({"v": "ShaderNodeValue", "out": "NodeGroupOutput"}, ["v.Value -> out.Number"], {"v": {"Value": 2.5}})
    value["outputs"] = [{"name": "Number", "type": "NodeSocketFloat"}]
    assert build_error(value, thing()) == ("outputs", "the first output of a modifier's group is its geometry")
    group = build(value)
    assert export(group) == (value, []) and not group.is_modifier
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "SUN"))
    assert "takes no geometry nodes" in build_error(example("spiral"), lamp)[1]


def test_build_is_one_undo_step():
    thing()
    bpy.ops.ed.undo_push(message="Add")
    build(example("scatter"), bpy.data.objects["Thing"])
    bpy.ops.ed.undo()
    assert len(bpy.data.node_groups) == len(bpy.data.objects["Thing"].modifiers) == 0
    bpy.ops.ed.redo()
    assert bpy.data.objects["Thing"].modifiers[0].node_group == bpy.data.node_groups["Scatter Cones"]


@pytest.mark.skipif(bpy.app.version < (4, 3), reason="Blender reports warnings of nodes to scripts from 4.3 on")
def test_dry_run_ignores_inputs_of_another_group():
    nodes = {
        "in": "NodeGroupInput",
        "warn": "GeometryNodeWarning",
        "cube": "GeometryNodeMeshCube",
        "out": "NodeGroupOutput",
    }
    settings = {"warn": {"warning_type": "ERROR", "Message": "Boo"}}
    wanted = graph(nodes, [SHOWN, "in.Fail -> warn.Show"], settings)
    wanted["inputs"] = [{"name": "Fail", "type": "NodeSocketBool"}]
    item = thing()
    build({**graph(CUBE, [SHOWN]), "inputs": [{"name": "Open", "type": "NodeSocketBool"}]}, item)
    Inputs(item.modifiers[0]).write("Open", True)
    build(wanted, item)
    Inputs(item.modifiers[0]).write("Fail", True)
    assert "does not work: Boo" in build_error(wanted, item)[1]


@pytest.mark.skipif(bpy.app.version < (4, 3), reason="Blender reports warnings of nodes to scripts from 4.3 on")
def test_build_is_refused_when_evaluation_fails():
    nodes = {"warn": "GeometryNodeWarning", "cube": "GeometryNodeMeshCube", "out": "NodeGroupOutput"}
    settings = {"warn": {"warning_type": "ERROR", "Message": "Boo", "Show": True}}
    wanted = graph(nodes, [SHOWN], settings)
    assert "does not work: Boo" in build_error(wanted)[1] and len(bpy.data.node_groups) == 0
    settings["warn"]["warning_type"] = "WARNING"
    build(wanted)


def test_manual_build_is_sent_once_and_a_failed_one_never(harness):
    harness.connect()
    item = harness.add("A", "cube")
    before = harness.intents()
    build(example("scatter"), item)
    harness.settle()
    first, *shown = [change["components"] for change in harness.changes(before)]
    assert first == {"nodes": {"graph": example("scatter")}}
    assert [list(components) for components in shown] == [["shown"]]
    assert not harness.bridge.notices.all
    before = harness.intents()
    broken = {**example("scatter"), "outputs": []}
    with pytest.raises(SyncError):
        build(broken, item)
    harness.settle()
    assert harness.intents() == before and item["uuid"] in harness.bridge.identity.scan()


@pytest.fixture
def node_editor(monkeypatch):
    """Opens a group for the operators, because a headless Blender has no editors."""
    for each in graph_operators.CLASSES:
        bpy.utils.register_class(each)
    yield lambda group: monkeypatch.setattr(graph_operators, "_group", lambda _context: group)
    for each in graph_operators.CLASSES:
        bpy.utils.unregister_class(each)


def test_graph_buttons_build_export_and_frame(node_editor):
    item = thing()
    bpy.context.view_layer.objects.active = item
    source = bpy.data.texts.new("spiral.json")
    source.write((GRAPHS / "spiral.json").read_text("utf-8"))
    assert bpy.ops.vibesync.graph_build(source=source.name) == {"FINISHED"}
    group = item.modifiers[0].node_group
    node_editor(group)
    assert bpy.ops.vibesync.graph_export() == {"FINISHED"}
    exported = json.loads(bpy.data.texts["Spiral.json"].as_string())
    assert exported == export(group).graph
    for frame in [node for node in group.nodes if node.bl_idname == "NodeFrame"]:
        group.nodes.remove(frame)
    assert bpy.ops.vibesync.graph_frame(strategy="type") == {"FINISHED"}
    assert {frame["label"] for frame in export(group).graph["frames"]} == {"Inputs", "Transforms", "Outputs", "Math"}


def test_failed_graph_button_reports_the_reason(node_editor):
    source = bpy.data.texts.new("broken")
    source.write('{"nodes": [], "links": [], "links": []}')
    with pytest.raises(RuntimeError, match="'links' is repeated"):
        bpy.ops.vibesync.graph_build(source="broken")
    with pytest.raises(RuntimeError, match="There is no text 'gone'"):
        bpy.ops.vibesync.graph_build(source="gone")
    node_editor(None)
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.vibesync.graph_export()


def test_graph_pictures_can_be_rendered(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(GRAPHS))
    render = importlib.import_module("render")
    monkeypatch.setattr(render, "SIZE", (32, 18))
    monkeypatch.setattr(render, "SAMPLES", 1)
    render.render("scatter", tmp_path)
    picture = bpy.data.images.load(str(tmp_path / "scatter.png"))
    assert tuple(picture.size) == (32, 18) and len(set(picture.pixels)) > 100
    assert render.VIEWS.keys() == {path.stem for path in GRAPHS.glob("*.json")}
