# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that each local edit becomes one intent, and nothing else does."""

import bpy
import pytest
from mathutils import Matrix
from vibesync.blender import log, scenes


def test_new_cube_is_sent_mesh_first(harness):
    harness.connect()
    item = harness.add("Würfel", "cube")
    first, second = harness.changes()
    assert (first["op"], first["kind"], first["uuid"]) == ("create", "mesh", item.data["uuid"])
    assert (second["op"], second["kind"], second["uuid"]) == ("create", "object", item["uuid"])
    assert second["components"]["name"] == "Würfel"
    assert second["components"]["data"] == {"uuid": item.data["uuid"]}
    mesh = harness.mesh_of(0)
    assert (len(mesh.position), len(mesh.index)) == (8, 36)


def test_wanted_mesh_is_sent_again_whole(harness):
    """The daemon asks for a mesh because it has lost the bulk data."""
    harness.connect()
    item = harness.add("A", "cube")
    before = harness.intents()
    sent = harness.changes()[0]
    mesh = item.data["uuid"]
    harness.daemon.send({"type": "want", "uuids": [mesh, "00000000-0000-4000-8000-000000000000"]})
    harness.wait(lambda: harness.intents() > before)
    harness.settle()
    (change,) = harness.changes(before)
    assert (change["op"], change["uuid"]) == ("update", mesh)
    assert change["components"] == sent["components"]
    assert harness.mesh_of(before).position.tobytes() == harness.mesh_of(0).position.tobytes()
    assert harness.bridge.replica.entries[mesh].trusted_version() > 0


def test_wanted_mesh_that_was_deleted_is_deleted(harness):
    harness.connect()
    item = harness.add("A", "cube")
    before = harness.intents()
    gone = {item["uuid"], item.data["uuid"]}
    mesh = item.data
    bpy.data.objects.remove(item)
    bpy.data.meshes.remove(mesh)
    harness.daemon.send({"type": "want", "uuids": sorted(gone)})
    harness.edited()
    harness.settle()
    changes = harness.changes(before)
    assert {change["op"] for change in changes} == {"delete"}
    assert {change["uuid"] for change in changes} == gone


def test_move_is_one_transform_update(harness):
    harness.connect()
    item = harness.add()
    before = harness.intents()
    item.location = (1, 2, 3)
    harness.edited()
    harness.settle()
    (change,) = harness.changes(before)
    assert change["op"] == "update"
    assert list(change["components"]) == ["transform"]
    assert change["components"]["transform"]["translation"] == [1.0, 3.0, -2.0]
    assert harness.daemon.of_type("intent")[-1].header["label"] == "Change A"


def test_moves_between_captures_coalesce(harness):
    harness.connect()
    item = harness.add()
    before = harness.intents()
    for step in range(50):
        item.location.x = step
        bpy.context.view_layer.update()
    harness.settle()
    (change,) = harness.changes(before)
    assert change["components"]["transform"]["translation"][0] == 49.0


def test_rounding_is_no_change(harness):
    harness.connect()
    item = harness.add()
    before = harness.intents()
    item.location.x += 5e-6
    harness.edited()
    harness.settle()
    assert harness.intents() == before


@pytest.mark.parametrize("event", [True, False])
def test_rename_and_hide_are_captured(harness, event):
    """Capture finds the change even without an event from Blender."""
    harness.connect()
    item = harness.add()
    before = harness.intents()
    item.name = "B"
    item.hide_set(True)
    if event:
        harness.edited()
    harness.wait(lambda: harness.intents() > before)
    harness.settle()
    components = {}
    for change in harness.changes(before):
        components.update(change["components"])
    assert components == {"name": "B", "visibility": {"visible": False}}


def test_parent_of_a_hidden_object_is_captured(harness):
    """Blender names the visible objects of the scene, and not the one that got a parent."""
    harness.connect()
    parent, child = harness.add("P"), harness.add("C")
    child.hide_viewport = True
    harness.edited()
    harness.settle()
    before = harness.intents()
    child.parent = parent
    harness.edited()
    harness.settle()
    assert [change["components"] for change in harness.changes(before)] == [{"parent": {"uuid": parent["uuid"]}}]


def test_deleted_parent_frees_children_in_one_intent(harness):
    harness.connect()
    parent, child = harness.add("P"), harness.add("C")
    parent.location = (5, 0, 0)
    child.parent = parent
    harness.edited()
    harness.settle()
    parent_uuid, child_uuid = parent["uuid"], child["uuid"]
    before = harness.intents()
    bpy.data.objects.remove(parent)
    harness.edited()
    harness.settle()
    assert harness.intents() == before + 1
    update, delete = harness.changes(before)
    assert (update["uuid"], update["components"]["parent"]) == (child_uuid, {"uuid": None})
    assert delete == {"op": "delete", "uuid": parent_uuid}
    assert parent_uuid in harness.bridge.replica.tombstones


def test_parent_inverse_and_delta_are_captured(harness):
    harness.connect()
    parent, child = harness.add("P"), harness.add("C")
    parent.location = (5, 0, 0)
    child.location = (7, 0, 0)
    child.delta_location = (0, 0, 1)
    bpy.context.view_layer.update()
    child.parent = parent
    child.matrix_parent_inverse = parent.matrix_world.inverted()
    before = harness.intents()
    harness.edited()
    harness.settle()
    changes = {change["uuid"]: change["components"] for change in harness.changes(before)}
    assert changes[child["uuid"]]["transform"]["translation"] == pytest.approx([2.0, 1.0, 0.0])
    local = parent.matrix_world.inverted() @ child.matrix_world
    assert tuple(local.translation) == pytest.approx((2.0, 0.0, 1.0))


def test_shear_is_reported_once(harness):
    harness.connect()
    parent, child = harness.add("P"), harness.add("C")
    child.parent = parent
    child.matrix_parent_inverse = Matrix.Diagonal((1, 4, 1, 1))
    child.rotation_euler = (0.3, 0.4, 0.5)
    harness.edited()
    harness.settle()
    child.location.x = 3
    harness.edited()
    harness.settle()
    (notice,) = harness.bridge.notices.all
    assert (notice.kind, notice.example, notice.count) == ("shear", "C", 1)
    assert [line for line in log.recent if "VS-7004" in line] == [f"VS-7004: {notice.sentence}"]


def test_units_are_meters_on_the_wire(harness):
    harness.connect()
    scenes.synced_scene().unit_settings.scale_length = 0.01
    item = harness.add("Cm", "cube")
    item.location = (100, 200, 300)
    harness.edited()
    harness.settle()
    transforms = [
        change["components"]["transform"] for change in harness.changes() if "transform" in change["components"]
    ]
    assert transforms[-1]["translation"] == pytest.approx([1.0, 3.0, -2.0])
    assert transforms[-1]["scale"] == [1.0, 1.0, 1.0]
    assert abs(harness.mesh_of(0).position).max() == pytest.approx(0.01)


def test_mesh_without_vertices_is_captured(harness):
    harness.connect()
    item = bpy.data.objects.new("Nothing", bpy.data.meshes.new("Nothing"))
    scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.settle()
    assert len(harness.mesh_of(-1).position) == 0


def test_mesh_in_edit_mode_is_captured(harness):
    harness.connect()
    item = harness.add("E", "cube")
    item.data.uv_layers.new(name="UVMap")
    item.data.color_attributes.new("Color", "BYTE_COLOR", "CORNER")
    item.data.normals_split_custom_set([loop.normal for loop in item.data.loops])
    harness.edited()
    harness.settle()
    before = harness.intents()
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.transform.translate(value=(1, 0, 0))
    bpy.context.view_layer.update()
    harness.wait(lambda: harness.intents() > before)
    harness.settle()
    sent = harness.mesh_of(-1)
    assert sent.position[:, 0].max() == pytest.approx(2.0)
    assert len(sent.uvs) == 1 and sent.color is not None
    bpy.ops.object.mode_set(mode="OBJECT")


def test_curves_lack_data_and_libraries_are_ignored(harness, tmp_path):
    curve = bpy.data.objects.new("Curve", bpy.data.curves.new("Curve", "CURVE"))
    bpy.data.libraries.write(str(tmp_path / "lib.blend"), {curve})
    bpy.data.objects.remove(curve)
    with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (source, target):
        target.objects = source.objects
    harness.connect()
    scenes.synced_scene().collection.objects.link(target.objects[0])
    own = bpy.data.objects.new("Curve", bpy.data.curves.new("Curve", "CURVE"))
    scenes.synced_scene().collection.objects.link(own)
    harness.edited()
    harness.settle()
    (change,) = harness.changes()
    assert change["uuid"] == own["uuid"]
    assert change["components"]["data"] == {"uuid": None}
    assert "uuid" not in target.objects[0]


def test_intent_is_resent_when_its_ack_is_lost(harness):
    harness.connect()
    harness.daemon.auto_ack = False
    item = bpy.data.objects.new("A", None)
    scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.wait(lambda: harness.intents() == 1)
    uuid = item["uuid"]
    assert harness.bridge.replica.entries[uuid].version == 0
    harness.daemon.auto_ack = True
    harness.daemon.drop()
    harness.wait(lambda: harness.intents() == 2)
    first, second = harness.daemon.of_type("intent")
    assert first == second
    harness.settle()
    assert harness.bridge.replica.entries[uuid].version == 1
    assert harness.intents() == 2


def test_refused_intent_is_reported_and_not_repeated(harness):
    harness.connect()
    harness.daemon.auto_ack = False
    harness.edited()
    item = bpy.data.objects.new("A", None)
    scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.wait(lambda: harness.intents() == 1)
    error = {"code": "VS-3003", "message": "no", "place": "", "help": ""}
    harness.daemon.acknowledge(harness.daemon.of_type("intent")[0].header, "refused", error)
    harness.settle()
    assert harness.bridge.last_error["code"] == "VS-3003"
    assert harness.intents() == 1
    harness.daemon.auto_ack = True
    item.location.x = 1  # after a person's change it is sent whole, because the daemon does not know it
    harness.edited()
    harness.settle()
    assert harness.changes(1)[0]["op"] == "create"


def test_changes_are_resent_when_another_was_refused(harness):
    harness.connect()
    kept, gone = harness.add("Kept"), harness.add("Gone")
    uuids = [kept["uuid"], gone["uuid"]]
    harness.daemon.auto_ack = False
    before = harness.intents()
    kept.location.x = 3
    bpy.data.objects.remove(gone)
    new, wrong = (bpy.data.objects.new(name, None) for name in ("New", "Wrong"))
    for item in (new, wrong):
        scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.wait(lambda: harness.intents() > before)
    header = harness.daemon.of_type("intent")[before].header
    culprit = next(i for i, change in enumerate(header["changes"]) if change["uuid"] == wrong.get("uuid"))
    harness.daemon.auto_ack = True
    error = {"code": "VS-3003", "message": "no", "place": f"changes[{culprit}].components.transform", "help": ""}
    harness.daemon.acknowledge(header, "refused", error)
    harness.settle()
    again = {change["uuid"]: change["op"] for change in harness.changes(before + 1)}
    assert again == {new["uuid"]: "create", uuids[0]: "update", uuids[1]: "delete"}


def test_entity_of_a_refused_create_is_deleted_silently(harness):
    harness.connect()
    harness.daemon.auto_ack = False
    item = bpy.data.objects.new("A", None)
    scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.wait(lambda: harness.intents() == 1)
    uuid = item["uuid"]
    error = {"code": "VS-3003", "message": "no", "place": "changes[0].components.transform", "help": ""}
    harness.daemon.acknowledge(harness.daemon.of_type("intent")[0].header, "refused", error)
    harness.wait(lambda: not len(harness.bridge.session.outbox))
    bpy.data.objects.remove(item)
    harness.edited()
    harness.settle()
    assert harness.intents() == 1, "the daemon would refuse the deletion of an entity that it never knew"
    assert uuid not in harness.bridge.replica.entries


def test_unknown_entity_is_created_when_its_update_is_refused(harness):
    harness.connect()
    item = harness.add("A")
    harness.daemon.auto_ack = False
    error = {"code": "VS-3001", "message": "no", "place": "changes[0].uuid", "help": ""}

    def last_intent(count):
        harness.wait(lambda: harness.intents() == count)
        return harness.daemon.of_type("intent")[-1].header

    for number in range(3):  # however often the daemon forgets it
        before = harness.intents()
        item.location.x = number + 1
        harness.edited()
        harness.daemon.acknowledge(last_intent(before + 1), "refused", error)
        harness.daemon.acknowledge(last_intent(before + 2))
        assert [change["op"] for change in harness.changes(before)] == ["update", "create"]
        harness.wait(lambda: not len(harness.bridge.session.outbox))


def test_entity_unknown_to_the_daemon_is_recreated_once(harness):
    harness.connect()
    parent, child = harness.add("Parent"), harness.add("Child")
    uuids = {parent["uuid"], child["uuid"]}
    harness.daemon.auto_ack = False
    child.parent = parent
    harness.edited()

    def waiting():
        """Returns the last intent if it has no answer."""
        header = harness.daemon.of_type("intent")[-1].header
        return header if harness.bridge.session.outbox.get(header["operation_id"]) else None

    def refuse():
        """Refuses the intent that names the child; returns its entities."""
        header = harness.wait(waiting)
        number = next(i for i, change in enumerate(header["changes"]) if change["uuid"] == child["uuid"])
        place = f"changes[{number}].components.parent.uuid"
        harness.daemon.acknowledge(header, "refused", {"code": "VS-3001", "message": "no", "place": place, "help": ""})
        harness.wait(lambda: harness.bridge.session.outbox.get(header["operation_id"]) is None)
        return {change["uuid"]: change["op"] for change in header["changes"]}

    assert refuse() == {child["uuid"]: "update"}
    assert refuse() == dict.fromkeys(uuids, "create")
    before = harness.intents()
    harness.wait(waiting)
    assert {change["uuid"] for change in harness.changes(before)} == {parent["uuid"]}, "not again and again"
    harness.daemon.auto_ack = True
    harness.daemon.acknowledge(waiting())
    harness.settle()
    created = {change["uuid"]: change["op"] for change in harness.changes(before + 1)}
    assert created == {child["uuid"]: "create"}, "once the parent is known"


def test_refused_entity_is_created_despite_unanswered_update(harness):
    harness.connect()
    harness.daemon.auto_ack = False
    before = harness.intents()
    new, wrong = (bpy.data.objects.new(name, None) for name in ("New", "Wrong"))
    for item in (new, wrong):
        scenes.synced_scene().collection.objects.link(item)
    harness.edited()
    harness.wait(lambda: harness.intents() == before + 1)
    new.location.x = 4
    harness.edited()
    harness.wait(lambda: harness.intents() == before + 2)
    created, moved = (frame.header for frame in harness.daemon.of_type("intent")[before:])
    assert [change["op"] for change in moved["changes"]] == ["update"]
    culprit = next(i for i, change in enumerate(created["changes"]) if change["uuid"] == wrong["uuid"])
    error = {"code": "VS-3003", "message": "no", "place": f"changes[{culprit}].components.transform", "help": ""}
    harness.daemon.acknowledge(created, "refused", error)
    harness.wait(lambda: harness.intents() == before + 3)
    assert [(change["uuid"], change["op"]) for change in harness.changes(before + 2)] == [(new["uuid"], "create")]
