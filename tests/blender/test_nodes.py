# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the component `nodes`: built for an object's modifier, read back, and sent after edits."""

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
def item(harness):
    harness.bridge.settings.sends_shown = False  # what the graphs show is sent beside them
    harness.connect()
    return harness.add("Cone", "cube")


def build(harness, item, wanted=TALL):
    (result,), _ = harness.apply(nodes(wanted, item["uuid"]))
    assert result["status"] == "applied", result["error"]
    return result["state"]["components"]["nodes"]["graph"]


def file_state(item):
    groups = sorted((each.name, len(each.nodes)) for each in bpy.data.node_groups)
    return groups, [(each.name, each.type) for each in item.modifiers]


def test_graph_is_built_and_read_back_without_echo(harness, item):
    before = harness.intents()
    assert build(harness, item) == TALL
    assert len(evaluated(item)) == 8 and [each.name for each in item.modifiers] == ["VibeSync"]
    harness.settle()
    assert harness.intents() == before
    harness.bridge.rebind()
    harness.settle()
    assert harness.intents() == before


def test_new_object_gets_its_graph(harness):
    harness.connect()
    mesh = harness.add("Mesh", "cube").data
    change = new_object("Made", data={"uuid": mesh["uuid"]}, nodes={"graph": TALL})
    (result,), _ = harness.apply(change)
    assert result["state"]["components"]["nodes"] == {"graph": TALL}
    assert len(evaluated(harness.find(change["uuid"]))) == 8


def test_next_graph_replaces_and_null_removes_the_modifier(harness, item):
    build(harness, item)
    wider = {**TALL, "node_settings": {**TALL["node_settings"], "n1": {"Vertices": 9}}}
    assert build(harness, item, wider) == wider
    assert len(evaluated(item)) == 10 and len(bpy.data.node_groups) == 1
    (result,), _ = harness.apply(nodes(None, item["uuid"]))
    assert result["status"] == "applied" and "nodes" not in result["state"]["components"]
    assert not item.modifiers and len(evaluated(item)) == 8
    harness.settle()
    assert [list(change["components"]) for change in harness.changes(1) if "nodes" in change["components"]] == []


def test_equal_graph_is_rebuilt_only_after_an_edit(harness, item):
    build(harness, item)
    group = modifier_of(item).node_group
    first = group.session_uid
    assert build(harness, item) == TALL and modifier_of(item).node_group.session_uid == first
    group.nodes["n1"].inputs["Vertices"].default_value = 5
    assert build(harness, item) == TALL and modifier_of(item).node_group.session_uid != first


def test_restarted_batch_leaves_no_graphs(harness, item):
    other = harness.add("Other", "cube")
    harness.bridge.settings.budget = 1e-9
    harness.daemon.apply([nodes(TALL, item["uuid"]), nodes(TALL, other["uuid"])])
    made = (".vibesync build", ".vibesync build.001")
    harness.wait(lambda: all(name in bpy.data.node_groups for name in made))
    harness.bridge.batches.restart()
    assert not bpy.data.node_groups
    harness.wait(lambda: harness.daemon.of_type("applied"))
    assert modifier_of(item) and modifier_of(other)


def test_other_modifiers_stay(harness, item):
    theirs = item.modifiers.new("VibeSync", "NODES")
    theirs.node_group = bpy.data.node_groups.new("Theirs", "GeometryNodeTree")
    harness.edited()
    harness.settle()
    build(harness, item)
    assert [each.name for each in item.modifiers] == ["VibeSync", "VibeSync.001"]
    assert item.modifiers[0].node_group.name == "Theirs"
    harness.apply(nodes(None, item["uuid"]))
    assert [each.name for each in item.modifiers] == ["VibeSync"]


@pytest.mark.parametrize("old", [None, TALL])
def test_failed_batch_leaves_no_graphs(harness, item, old):
    if old:
        build(harness, item, old)
    other = harness.add("Empty")  # it takes no geometry nodes, so that installing the graph fails
    before = file_state(item)
    wider = {**TALL, "node_settings": {"n1": {"Vertices": 9}}}
    results, _ = harness.apply(nodes(wider, item["uuid"]), nodes(TALL, other["uuid"]))
    assert {result["status"] for result in results} == {"failed"}
    assert results[0]["error"]["place"].startswith("changes[1].components.nodes.graph"), results[0]["error"]
    assert results[0]["state"]["components"].get("nodes", {}).get("graph") == old
    assert file_state(item) == before and len(bpy.data.scenes) == 1


def test_malformed_graph_is_refused_before_any_change(harness, item):
    (result,), _ = harness.apply(nodes({**TALL, "links": "none"}, item["uuid"]))
    assert (result["error"]["code"], result["error"]["place"]) == (
        "VS-1006",
        "changes[0].components.nodes.graph.links",
    )


def test_manual_graph_edit_is_sent(harness, item):
    build(harness, item)
    harness.edited("Build")
    harness.settle()
    before = harness.intents()
    modifier_of(item).node_group.nodes["n1"].inputs["Vertices"].default_value = 5
    harness.edited("Edit")
    harness.settle()
    (change,) = harness.changes(before)
    assert list(change["components"]) == ["nodes"]
    assert change["components"]["nodes"]["graph"]["node_settings"]["n1"] == {"Vertices": 5}


def test_removed_modifier_is_sent(harness, item):
    build(harness, item)
    before = harness.intents()
    item.modifiers.clear()
    harness.edited("Remove")
    harness.settle()
    (change,) = harness.changes(before)
    assert change["components"] == {"nodes": {"graph": None}}


def test_undo_of_a_build_is_one_step_and_is_sent(harness, item):
    harness.edited("before")
    build(harness, item)
    before, uuid = harness.intents(), item["uuid"]
    bpy.ops.ed.undo()
    harness.settle()
    assert modifier_of(harness.find(uuid)) is None
    assert [change["components"] for change in harness.changes(before)] == [{"nodes": {"graph": None}}]
    bpy.ops.ed.redo()
    harness.settle()
    assert harness.changes(before)[-1]["components"] == {"nodes": {"graph": TALL}}


def test_graph_is_not_read_again_when_its_object_moves(harness, item, monkeypatch):
    build(harness, item)
    harness.settle()
    reads = []
    monkeypatch.setattr("vibesync.graph.nodes.read_back", lambda *given: reads.append(1))
    item.location.x = 3
    harness.edited("Move")
    harness.settle()
    assert harness.changes()[-1]["components"].keys() == {"transform"}
    harness.apply({"op": "update", "uuid": item["uuid"], "components": {"name": "Renamed"}})
    assert not reads, "nor does a batch about something else"
