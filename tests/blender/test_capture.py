# SPDX-License-Identifier: GPL-3.0-or-later
"""Local edits become intents, once, and nothing else does."""

import bpy
import pytest
from mathutils import Matrix
from vibesync.blender import log, scenes


def test_a_cube_is_sent_mesh_first(rig):
    rig.connect()
    item = rig.add("Würfel", "cube")
    first, second = rig.changes()
    assert (first["op"], first["kind"], first["uuid"]) == ("create", "mesh", item.data["uuid"])
    assert (second["op"], second["kind"], second["uuid"]) == ("create", "object", item["uuid"])
    assert second["components"]["name"] == "Würfel"
    assert second["components"]["data"] == {"uuid": item.data["uuid"]}
    mesh = rig.mesh_of(0)
    assert (len(mesh.position), len(mesh.index)) == (8, 36)


def test_a_move_is_one_update_of_the_transform(rig):
    rig.connect()
    item = rig.add()
    before = rig.intents()
    item.location = (1, 2, 3)
    rig.edited()
    rig.settle()
    (change,) = rig.changes(before)
    assert change["op"] == "update"
    assert list(change["components"]) == ["transform"]
    assert change["components"]["transform"]["translation"] == [1.0, 3.0, -2.0]
    assert rig.daemon.of_type("intent")[-1].header["label"] == "Change A"


def test_many_moves_between_two_captures_coalesce(rig):
    rig.connect()
    item = rig.add()
    before = rig.intents()
    for step in range(50):
        item.location.x = step
        bpy.context.view_layer.update()
    rig.settle()
    (change,) = rig.changes(before)
    assert change["components"]["transform"]["translation"][0] == 49.0


def test_rounding_is_no_change(rig):
    rig.connect()
    item = rig.add()
    before = rig.intents()
    item.location.x += 5e-6
    rig.edited()
    rig.settle()
    assert rig.intents() == before


@pytest.mark.parametrize("event", [True, False])
def test_rename_and_hide(rig, event):
    """Also without any event from Blender: the patrol finds it."""
    rig.connect()
    item = rig.add()
    before = rig.intents()
    item.name = "B"
    item.hide_set(True)
    if event:
        rig.edited()
    rig.wait(lambda: rig.intents() > before)
    rig.settle()
    components = {}
    for change in rig.changes(before):
        components.update(change["components"])
    assert components == {"name": "B", "visibility": {"visible": False}}


def test_deleting_a_parent_frees_its_children_in_the_same_intent(rig):
    rig.connect()
    parent, child = rig.add("P"), rig.add("C")
    parent.location = (5, 0, 0)
    child.parent = parent
    rig.edited()
    rig.settle()
    parent_uuid, child_uuid = parent["uuid"], child["uuid"]
    before = rig.intents()
    bpy.data.objects.remove(parent)
    rig.edited()
    rig.settle()
    assert rig.intents() == before + 1
    update, delete = rig.changes(before)
    assert (update["uuid"], update["components"]["parent"]) == (child_uuid, {"uuid": None})
    assert delete == {"op": "delete", "uuid": parent_uuid}
    assert parent_uuid in rig.bridge.replica.tombstones


def test_a_parent_inverse_and_a_delta_are_part_of_the_local_transform(rig):
    rig.connect()
    parent, child = rig.add("P"), rig.add("C")
    parent.location = (5, 0, 0)
    child.location = (7, 0, 0)
    child.delta_location = (0, 0, 1)
    bpy.context.view_layer.update()
    child.parent = parent
    child.matrix_parent_inverse = parent.matrix_world.inverted()
    before = rig.intents()
    rig.edited()
    rig.settle()
    changes = {change["uuid"]: change["components"] for change in rig.changes(before)}
    assert changes[child["uuid"]]["transform"]["translation"] == pytest.approx([2.0, 1.0, 0.0])
    local = parent.matrix_world.inverted() @ child.matrix_world
    assert tuple(local.translation) == pytest.approx((2.0, 0.0, 1.0))


def test_shear_is_said_once(rig):
    rig.connect()
    parent, child = rig.add("P"), rig.add("C")
    child.parent = parent
    child.matrix_parent_inverse = Matrix.Diagonal((1, 4, 1, 1))
    child.rotation_euler = (0.3, 0.4, 0.5)
    rig.edited()
    rig.settle()
    child.location.x = 3
    rig.edited()
    rig.settle()
    (notice,) = rig.bridge.notices.all
    assert (notice.kind, notice.example, notice.count) == ("shear", "C", 1)
    assert [line for line in log.recent if "VS-7004" in line] == [f"VS-7004: {notice.sentence}"]


def test_units_are_meters_on_the_wire(rig):
    rig.connect()
    scenes.synced_scene().unit_settings.scale_length = 0.01
    item = rig.add("Cm", "cube")
    item.location = (100, 200, 300)
    rig.edited()
    rig.settle()
    transforms = [change["components"]["transform"] for change in rig.changes() if "transform" in change["components"]]
    assert transforms[-1]["translation"] == pytest.approx([1.0, 3.0, -2.0])
    assert transforms[-1]["scale"] == [1.0, 1.0, 1.0]
    assert abs(rig.mesh_of(0).position).max() == pytest.approx(0.01)


def test_a_mesh_without_any_vertex_is_sent(rig):
    rig.connect()
    item = bpy.data.objects.new("Nothing", bpy.data.meshes.new("Nothing"))
    scenes.synced_scene().collection.objects.link(item)
    rig.edited()
    rig.settle()
    assert len(rig.mesh_of(-1).position) == 0


def test_a_mesh_in_edit_mode_is_captured(rig):
    rig.connect()
    item = rig.add("E", "cube")
    item.data.uv_layers.new(name="UVMap")
    item.data.color_attributes.new("Color", "BYTE_COLOR", "CORNER")
    item.data.normals_split_custom_set([loop.normal for loop in item.data.loops])
    rig.edited()
    rig.settle()
    before = rig.intents()
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.transform.translate(value=(1, 0, 0))
    bpy.context.view_layer.update()
    rig.wait(lambda: rig.intents() > before)
    rig.settle()
    sent = rig.mesh_of(-1)
    assert sent.position[:, 0].max() == pytest.approx(2.0)
    assert len(sent.uvs) == 1 and sent.color is not None
    bpy.ops.object.mode_set(mode="OBJECT")


def test_cameras_are_objects_without_data_and_libraries_are_left_alone(rig, tmp_path):
    camera = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    bpy.data.libraries.write(str(tmp_path / "lib.blend"), {camera})
    bpy.data.objects.remove(camera)
    with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (source, target):
        target.objects = source.objects
    rig.connect()
    scenes.synced_scene().collection.objects.link(target.objects[0])
    own = bpy.data.objects.new("Cam", bpy.data.cameras.new("Cam"))
    scenes.synced_scene().collection.objects.link(own)
    rig.edited()
    rig.settle()
    (change,) = rig.changes()
    assert change["uuid"] == own["uuid"]
    assert change["components"]["data"] == {"uuid": None}
    assert "uuid" not in target.objects[0]


def test_a_lost_ack_resends_and_versions_follow_acks(rig):
    rig.connect()
    rig.daemon.auto_ack = False
    item = bpy.data.objects.new("A", None)
    scenes.synced_scene().collection.objects.link(item)
    rig.edited()
    rig.wait(lambda: rig.intents() == 1)
    uuid = item["uuid"]
    assert rig.bridge.replica.entries[uuid].version == 0
    rig.daemon.auto_ack = True
    rig.daemon.drop()
    rig.wait(lambda: rig.intents() == 2)
    first, second = rig.daemon.of_type("intent")
    assert first == second
    rig.settle()
    assert rig.bridge.replica.entries[uuid].version == 1
    assert rig.intents() == 2


def test_a_refused_intent_is_reported_and_not_repeated(rig):
    rig.connect()
    rig.daemon.auto_ack = False
    rig.edited()
    item = bpy.data.objects.new("A", None)
    scenes.synced_scene().collection.objects.link(item)
    rig.edited()
    rig.wait(lambda: rig.intents() == 1)
    error = {"code": "VS-3003", "message": "no", "place": "", "help": ""}
    rig.daemon.acknowledge(rig.daemon.of_type("intent")[0].header, "refused", error)
    rig.settle()
    assert rig.bridge.last_error["code"] == "VS-3003"
    assert rig.intents() == 1
    rig.daemon.auto_ack = True
    item.location.x = 1  # the person changes it: now it is sent whole, as the daemon does not know it
    rig.edited()
    rig.settle()
    assert rig.changes(1)[0]["op"] == "create"


def test_what_was_refused_only_for_another_change_is_sent_again(rig):
    rig.connect()
    kept, gone = rig.add("Kept"), rig.add("Gone")
    uuids = [kept["uuid"], gone["uuid"]]
    rig.daemon.auto_ack = False
    before = rig.intents()
    kept.location.x = 3
    bpy.data.objects.remove(gone)
    new, wrong = (bpy.data.objects.new(name, None) for name in ("New", "Wrong"))
    for item in (new, wrong):
        scenes.synced_scene().collection.objects.link(item)
    rig.edited()
    rig.wait(lambda: rig.intents() > before)
    header = rig.daemon.of_type("intent")[before].header
    culprit = next(i for i, change in enumerate(header["changes"]) if change["uuid"] == wrong.get("uuid"))
    rig.daemon.auto_ack = True
    error = {"code": "VS-3003", "message": "no", "place": f"changes[{culprit}].components.transform", "help": ""}
    rig.daemon.acknowledge(header, "refused", error)
    rig.settle()
    again = {change["uuid"]: change["op"] for change in rig.changes(before + 1)}
    assert again == {new["uuid"]: "create", uuids[0]: "update", uuids[1]: "delete"}


def test_what_the_daemon_does_not_know_is_sent_whole_once(rig):
    rig.connect()
    parent, child = rig.add("Parent"), rig.add("Child")
    uuids = {parent["uuid"], child["uuid"]}
    rig.daemon.auto_ack = False
    child.parent = parent
    rig.edited()

    def waiting():
        """The last intent, if it is not answered."""
        header = rig.daemon.of_type("intent")[-1].header
        return header if rig.bridge.session.outbox.get(header["operation_id"]) else None

    def refuse():
        """Refuses what names the child; returns what the intent was about."""
        header = rig.wait(waiting)
        number = next(i for i, change in enumerate(header["changes"]) if change["uuid"] == child["uuid"])
        place = f"changes[{number}].components.parent.uuid"
        rig.daemon.acknowledge(header, "refused", {"code": "VS-3001", "message": "no", "place": place, "help": ""})
        rig.wait(lambda: rig.bridge.session.outbox.get(header["operation_id"]) is None)
        return {change["uuid"]: change["op"] for change in header["changes"]}

    assert refuse() == {child["uuid"]: "update"}
    assert refuse() == dict.fromkeys(uuids, "create")
    rig.daemon.auto_ack = True
    before = rig.intents()
    rig.settle()
    again = [change["uuid"] for change in rig.changes(before)]
    assert child["uuid"] not in again, "not again and again"


def test_what_was_refused_is_created_though_a_change_of_it_is_unanswered(rig):
    rig.connect()
    rig.daemon.auto_ack = False
    before = rig.intents()
    new, wrong = (bpy.data.objects.new(name, None) for name in ("New", "Wrong"))
    for item in (new, wrong):
        scenes.synced_scene().collection.objects.link(item)
    rig.edited()
    rig.wait(lambda: rig.intents() == before + 1)
    new.location.x = 4
    rig.edited()
    rig.wait(lambda: rig.intents() == before + 2)
    created, moved = (frame.header for frame in rig.daemon.of_type("intent")[before:])
    assert [change["op"] for change in moved["changes"]] == ["update"]
    culprit = next(i for i, change in enumerate(created["changes"]) if change["uuid"] == wrong["uuid"])
    error = {"code": "VS-3003", "message": "no", "place": f"changes[{culprit}].components.transform", "help": ""}
    rig.daemon.acknowledge(created, "refused", error)
    rig.wait(lambda: rig.intents() == before + 3)
    assert [(change["uuid"], change["op"]) for change in rig.changes(before + 2)] == [(new["uuid"], "create")]
