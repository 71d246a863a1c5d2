# SPDX-License-Identifier: GPL-3.0-or-later
"""What artists do with whole objects: join, separate, apply, append, link, override; and what is said not to travel."""

import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest
import vibesync
from conftest import cube
from vibesync.blender import handlers, scenes
from vibesync.blender.snapshot import Snapshot
from vibesync.core.sync_error import SyncError

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
import blender_edits as edits

ROOT = Path(__file__).parents[2]


def told(rig, start):
    """(op, kind or names of components) of each uuid since intent number `start`."""
    return {c["uuid"]: (c["op"], *c.get("components", ())) for c in rig.changes(start)}


def kinds(rig):
    return {notice.kind for notice in rig.bridge.notices.all}


def test_join_keeps_the_first_and_deletes_the_others(rig):
    rig.connect()
    one, other = rig.add("One", "cube"), rig.add("Other", "cube")
    uuid, mesh, gone = one["uuid"], one.data["uuid"], other["uuid"]
    before = rig.intents()
    edits.join([one, other])
    rig.edited("Join")
    rig.settle()
    assert told(rig, before) == {mesh: ("update", "mesh"), gone: ("delete",)}
    assert len(rig.mesh_of(-1).index) == 72 and rig.find(uuid).data["uuid"] == mesh


def test_separate_makes_an_object_with_a_mesh_of_its_own(rig):
    rig.connect()
    item = rig.add("Box", "cube")
    before = rig.intents()
    part = edits.separate(item, 0)
    rig.edited("Separate")
    rig.settle()
    changes = told(rig, before)
    assert changes.pop(item.data["uuid"]) == ("update", "mesh")
    assert {uuid: change[0] for uuid, change in changes.items()} == {
        part["uuid"]: "create",
        part.data["uuid"]: "create",
    }
    assert part["uuid"] != item["uuid"] and part.data["uuid"] != item.data["uuid"]


def test_a_modifier_is_said_to_stay_until_it_is_applied(rig):
    rig.connect()
    item = rig.add("Smooth", "cube")
    before = rig.intents()
    modifier = item.modifiers.new("Subdivision", "SUBSURF")
    rig.edited()
    rig.settle()
    assert rig.intents() == before and kinds(rig) == {"modifiers"}
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.modifier_apply(modifier=modifier.name)
    rig.edited()
    rig.settle()
    assert told(rig, before) == {item.data["uuid"]: ("update", "mesh")}
    assert len(rig.mesh_of(-1).index) == 24 * 6


def test_shared_meshes_stay_shared_and_a_single_user_copy_is_another(rig):
    rig.connect()
    item = rig.add("A", "cube")
    copy = edits.duplicate(item, linked=True)
    rig.edited()
    rig.settle()
    assert copy.data == item.data
    before = rig.intents()
    copy.data = copy.data.copy()
    rig.edited()
    rig.settle()
    changes = told(rig, before)
    assert changes[copy["uuid"]] == ("update", "data") and changes[copy.data["uuid"]][0] == "create"
    assert copy.data["uuid"] != item.data["uuid"] and len(changes) == 2


def test_eight_uv_layers_colors_and_slots_travel(rig):
    rig.connect()
    item = rig.add("Full", "cube")
    for number in range(8):
        layer = item.data.uv_layers.new()
        item.data.attributes[layer.name].data.foreach_set("vector", np.full(48, number / 8, np.float32))
    item.data.color_attributes.new("Color", "BYTE_COLOR", "CORNER")
    for name in ("Red", "Blue"):
        item.data.materials.append(bpy.data.materials.new(name))
    item.data.polygons[0].material_index = 1
    rig.edited()
    rig.settle()
    content = rig.mesh_of(-1)
    assert [uv[0, 0] for uv in content.uvs] == [number / 8 for number in range(8)] and content.color is not None
    assert content.submeshes == [(0, 0, 30), (1, 30, 6)] and kinds(rig) == {"materials"}


@pytest.fixture
def library(rig, tmp_path):
    """A file with one object that has a uuid of its own."""
    path = str(tmp_path / "library.blend")
    item = bpy.data.objects.new("Shelf", cube("Shelf"))
    item["uuid"] = "0191aaaa-0000-4000-8000-000000000001"
    bpy.data.libraries.write(path, {item})
    bpy.data.objects.remove(item)
    return path


def bring(path, link):
    with bpy.data.libraries.load(path, link=link) as (source, target):
        target.objects = source.objects
    scenes.synced_scene().collection.objects.link(target.objects[0])
    return target.objects[0]


def test_what_is_appended_twice_are_two_objects(rig, library):
    rig.connect()
    one, other = bring(library, link=False), bring(library, link=False)
    rig.edited("Append")
    rig.settle()
    assert one["uuid"] == "0191aaaa-0000-4000-8000-000000000001" != other["uuid"]
    assert {change["uuid"] for change in rig.changes()} >= {one["uuid"], other["uuid"]}


def test_linked_data_and_overrides_are_left_alone_and_said_once(rig, library):
    rig.connect()
    linked = bring(library, link=True)
    rig.edited("Link")
    rig.settle()
    assert rig.intents() == 0 and kinds(rig) == {"linked"}
    linked.override_create(remap_local_usages=True).location.x = 3
    rig.edited("Override")
    rig.settle()
    assert rig.intents() == 0
    (notice,) = rig.bridge.notices.all
    assert notice.example == "Shelf" and "linked" in notice.sentence.lower()


def test_what_does_not_travel_is_said_by_kind(rig):
    rig.connect()
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "SUN"))
    item = bpy.data.objects.new("Face", cube())
    wire = bpy.data.meshes.new("Wire")
    wire.from_pydata([(0, 0, 0), (1, 0, 0)], [(0, 1)], [])
    for each in (lamp, item, bpy.data.objects.new("Wire", wire)):
        scenes.synced_scene().collection.objects.link(each)
    item.shape_key_add(name="Basis")
    item.vertex_groups.new(name="Arm")
    item.keyframe_insert("location")
    item.data.color_attributes.new("One", "FLOAT_COLOR", "POINT")
    item.data.color_attributes.new("Two", "FLOAT_COLOR", "POINT")
    bpy.data.scenes.new("Other")
    rig.edited()
    rig.settle()
    assert kinds(rig) == {"data", "shape keys", "weights", "animation", "colors", "edges", "scenes"}
    bpy.ops.wm.read_factory_settings(use_empty=True)
    vibesync.pump()
    assert kinds(rig) == set()


def test_attaching_waits_for_a_modal_operator(rig, monkeypatch):
    monkeypatch.setattr(rig.bridge.activity, "blocking_state", lambda now: "modal")
    for _ in range(5):
        vibesync.pump()
    assert rig.bridge.session.state == "offline" and not rig.bridge.session.is_live
    monkeypatch.undo()
    monkeypatch.setenv("VIBESYNC_RUNTIME_DIR", str(rig.folder))
    rig.connect()


def test_handlers_that_call_each_other_end(rig, caplog):
    rig.connect()
    depth = [0, 0]

    def again(*_):
        depth[0] += 1
        depth[1] = max(depth)
        handlers.undo_post(None)
        depth[0] -= 1

    rig.bridge.rebind = again
    handlers.undo_post(None)
    assert depth[1] == 8 and "nested 8 deep" in caplog.text


def test_without_a_whole_snapshot_nothing_is_changed(rig, monkeypatch):
    rig.connect()
    item, other = rig.add("A"), rig.add("B")
    take = Snapshot.take

    def fail(self, uuid, *rest):
        if uuid == other["uuid"]:
            raise SyncError("VS-4005", "no snapshot", uuid)
        take(self, uuid, *rest)

    monkeypatch.setattr(Snapshot, "take", fail)
    renames = [{"op": "update", "uuid": each["uuid"], "components": {"name": "X"}} for each in (item, other)]
    results, _ = rig.apply(*renames)
    assert {result["status"] for result in results} == {"failed"} and (item.name, other.name) == ("A", "B")


def test_without_numpy_the_message_says_what_to_do():
    code = "import sys; sys.modules['numpy'] = None; sys.path.insert(0, 'addons'); import vibesync"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode and "install python3-numpy" in done.stderr


def test_a_mesh_that_was_made_just_now_comes_before_what_shows_it(rig):
    rig.connect()
    item = rig.add("A", "cube")
    before = rig.intents()
    item.data = cube("Fresh")
    rig.edited()
    rig.settle()
    changes = rig.changes(before)
    assert [(change["op"], change["uuid"]) for change in changes] == [
        ("create", item.data["uuid"]),
        ("update", item["uuid"]),
    ]
    assert changes[1]["components"] == {"data": {"uuid": item.data["uuid"]}}
