# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphs that the daemon asks for: built at an object's modifier, read back, told when somebody edits them."""

import bpy
import pytest
from conftest import new_object
from graphs import GEOMETRY, evaluated, graph
from vibesync.graph.nodes import modifier_of

TALL = graph(
    {"gi": "NodeGroupInput", "n1": "GeometryNodeMeshCone", "n2": "GeometryNodeSetPosition", "go": "NodeGroupOutput"},
    ["n1.Mesh -> n2.Geometry", "n2.Geometry -> go.Geometry"],
    {"n1": {"Vertices": 7}, "n2": {"Offset": [0.0, 0.0, 0.1]}},
    inputs=GEOMETRY,
)


def nodes(wanted, uuid):
    return {"op": "update", "uuid": uuid, "components": {"nodes": {"graph": wanted}}}


@pytest.fixture
def item(rig):
    rig.connect()
    return rig.add("Cone", "cube")


def build(rig, item, wanted=TALL):
    (result,), _ = rig.apply(nodes(wanted, item["uuid"]))
    assert result["status"] == "applied", result["error"]
    return result["state"]["components"]["nodes"]["graph"]


def file_state(item):
    groups = sorted((each.name, len(each.nodes)) for each in bpy.data.node_groups)
    return groups, [(each.name, each.type) for each in item.modifiers]


def test_a_graph_is_built_evaluated_read_back_and_not_sent_back(rig, item):
    before = rig.intents()
    assert build(rig, item) == TALL
    assert len(evaluated(item)) == 8 and [each.name for each in item.modifiers] == ["VibeSync"]
    rig.settle()
    assert rig.intents() == before
    rig.bridge.rebind()
    rig.settle()
    assert rig.intents() == before


def test_a_new_object_comes_with_its_graph(rig):
    rig.connect()
    mesh = rig.add("Mesh", "cube").data
    change = new_object("Made", data={"uuid": mesh["uuid"]}, nodes={"graph": TALL})
    (result,), _ = rig.apply(change)
    assert result["state"]["components"]["nodes"] == {"graph": TALL}
    assert len(evaluated(rig.find(change["uuid"]))) == 8


def test_the_next_graph_takes_its_place_and_none_takes_it_away(rig, item):
    build(rig, item)
    wider = {**TALL, "node_settings": {**TALL["node_settings"], "n1": {"Vertices": 9}}}
    assert build(rig, item, wider) == wider
    assert len(evaluated(item)) == 10 and len(bpy.data.node_groups) == 1
    (result,), _ = rig.apply(nodes(None, item["uuid"]))
    assert result["status"] == "applied" and "nodes" not in result["state"]["components"]
    assert not item.modifiers and len(evaluated(item)) == 8
    rig.settle()
    assert [list(change["components"]) for change in rig.changes(1) if "nodes" in change["components"]] == []


def test_what_is_there_already_is_not_built_again_unless_somebody_has_changed_it(rig, item):
    build(rig, item)
    group = modifier_of(item).node_group
    first = group.session_uid
    assert build(rig, item) == TALL and modifier_of(item).node_group.session_uid == first
    group.nodes["n1"].inputs["Vertices"].default_value = 5
    assert build(rig, item) == TALL and modifier_of(item).node_group.session_uid != first


def test_a_batch_that_begins_anew_leaves_nothing_of_its_graphs(rig, item):
    other = rig.add("Other", "cube")
    rig.bridge.settings.budget = 1e-9
    rig.daemon.apply([nodes(TALL, item["uuid"]), nodes(TALL, other["uuid"])])
    made = (".vibesync build", ".vibesync build.001")
    rig.wait(lambda: all(name in bpy.data.node_groups for name in made))
    rig.bridge.batches.restart()
    assert not bpy.data.node_groups
    rig.wait(lambda: rig.daemon.of_type("applied"))
    assert modifier_of(item) and modifier_of(other)


def test_modifiers_of_others_are_left_alone(rig, item):
    theirs = item.modifiers.new("VibeSync", "NODES")
    theirs.node_group = bpy.data.node_groups.new("Theirs", "GeometryNodeTree")
    rig.edited()
    rig.settle()
    build(rig, item)
    assert [each.name for each in item.modifiers] == ["VibeSync", "VibeSync.001"]
    assert item.modifiers[0].node_group.name == "Theirs"
    rig.apply(nodes(None, item["uuid"]))
    assert [each.name for each in item.modifiers] == ["VibeSync"]


@pytest.mark.parametrize("old", [None, TALL])
def test_a_batch_that_fails_leaves_no_trace_of_its_graphs(rig, item, old):
    if old:
        build(rig, item, old)
    other = rig.add("Empty")  # takes no geometry nodes, which shows when the graph is put in its place
    before = file_state(item)
    wider = {**TALL, "node_settings": {"n1": {"Vertices": 9}}}
    results, _ = rig.apply(nodes(wider, item["uuid"]), nodes(TALL, other["uuid"]))
    assert {result["status"] for result in results} == {"failed"}
    assert results[0]["error"]["place"].startswith("changes[1].components.nodes.graph"), results[0]["error"]
    assert results[0]["state"]["components"].get("nodes", {}).get("graph") == old
    assert file_state(item) == before and len(bpy.data.scenes) == 1


def test_a_graph_that_is_none_is_refused_before_anything_is_touched(rig, item):
    (result,), _ = rig.apply(nodes({**TALL, "links": "none"}, item["uuid"]))
    assert (result["error"]["code"], result["error"]["place"]) == (
        "VS-1006",
        "changes[0].components.nodes.graph.links",
    )


def test_an_edit_by_hand_is_told(rig, item):
    build(rig, item)
    rig.edited("Build")
    rig.settle()
    before = rig.intents()
    modifier_of(item).node_group.nodes["n1"].inputs["Vertices"].default_value = 5
    rig.edited("Edit")
    rig.settle()
    (change,) = rig.changes(before)
    assert list(change["components"]) == ["nodes"]
    assert change["components"]["nodes"]["graph"]["node_settings"]["n1"] == {"Vertices": 5}


def test_a_modifier_that_somebody_removes_is_told(rig, item):
    build(rig, item)
    before = rig.intents()
    item.modifiers.clear()
    rig.edited("Remove")
    rig.settle()
    (change,) = rig.changes(before)
    assert change["components"] == {"nodes": {"graph": None}}


def test_undo_of_a_build_is_one_step_and_is_told(rig, item):
    rig.edited("before")
    build(rig, item)
    before, uuid = rig.intents(), item["uuid"]
    bpy.ops.ed.undo()
    rig.settle()
    assert modifier_of(rig.find(uuid)) is None
    assert [change["components"] for change in rig.changes(before)] == [{"nodes": {"graph": None}}]
    bpy.ops.ed.redo()
    rig.settle()
    assert rig.changes(before)[-1]["components"] == {"nodes": {"graph": TALL}}


def test_moving_an_object_does_not_read_its_graph_again(rig, item, monkeypatch):
    build(rig, item)
    rig.settle()
    reads = []
    monkeypatch.setattr("vibesync.graph.nodes.read_back", lambda *given: reads.append(1))
    item.location.x = 3
    rig.edited("Move")
    rig.settle()
    assert rig.changes()[-1]["components"].keys() == {"transform"}
    rig.apply({"op": "update", "uuid": item["uuid"], "components": {"name": "Renamed"}})
    assert not reads, "nor does a batch about something else"
