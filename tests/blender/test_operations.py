# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests operations on whole objects: join, separate, apply, append, link, override; and unsupported content."""

import subprocess
import sys
import time
from pathlib import Path

import bpy
import numpy as np
import pytest
import vibesync
from conftest import cube
from vibesync.blender import handlers, scenes
from vibesync.blender.snapshot import Snapshot
from vibesync.core import png
from vibesync.core.sync_error import SyncError

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
import blender_edits as edits

ROOT = Path(__file__).parents[2]


def sent_changes(harness, start):
    """Returns (op, kind or component names) of each uuid since intent number `start`."""
    return {c["uuid"]: (c["op"], *c.get("components", ())) for c in harness.changes(start)}


def kinds(harness):
    return {notice.kind for notice in harness.bridge.notices.all}


def test_join_keeps_the_active_object_and_deletes_others(harness):
    harness.connect()
    one, other = harness.add("One", "cube"), harness.add("Other", "cube")
    uuid, mesh, gone = one["uuid"], one.data["uuid"], other["uuid"]
    before = harness.intents()
    edits.join([one, other])
    harness.edited("Join")
    harness.settle()
    assert sent_changes(harness, before) == {mesh: ("update", "mesh"), gone: ("delete",)}
    assert len(harness.mesh_of(-1).index) == 72 and harness.find(uuid).data["uuid"] == mesh


def test_separate_creates_object_and_mesh(harness):
    harness.connect()
    item = harness.add("Box", "cube")
    before = harness.intents()
    part = edits.separate(item, 0)
    harness.edited("Separate")
    harness.settle()
    changes = sent_changes(harness, before)
    assert changes.pop(item.data["uuid"]) == ("update", "mesh")
    assert {uuid: change[0] for uuid, change in changes.items()} == {
        part["uuid"]: "create",
        part.data["uuid"]: "create",
    }
    assert part["uuid"] != item["uuid"] and part.data["uuid"] != item.data["uuid"]


def test_modifier_is_shown_until_applied(harness):
    harness.connect()
    item = harness.add("Smooth", "cube")
    before = harness.intents()
    modifier = item.modifiers.new("Subdivision", "SUBSURF")
    harness.edited()
    harness.settle()
    assert sent_changes(harness, before) == {item["uuid"]: ("update", "shown")} and kinds(harness) == set()
    before = harness.intents()
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.modifier_apply(modifier=modifier.name)
    harness.edited()
    harness.settle()
    changes = {item.data["uuid"]: ("update", "mesh"), item["uuid"]: ("update", "shown")}
    assert sent_changes(harness, before) == changes
    assert len(harness.mesh_of(before).index) == 24 * 6


def test_shared_mesh_stays_shared_until_single_user(harness):
    harness.connect()
    item = harness.add("A", "cube")
    copy = edits.duplicate(item, linked=True)
    harness.edited()
    harness.settle()
    assert copy.data == item.data
    before = harness.intents()
    copy.data = copy.data.copy()
    harness.edited()
    harness.settle()
    changes = sent_changes(harness, before)
    assert changes[copy["uuid"]] == ("update", "data") and changes[copy.data["uuid"]][0] == "create"
    assert copy.data["uuid"] != item.data["uuid"] and len(changes) == 2


def test_eight_uv_layers_colors_and_slots_are_sent(harness):
    harness.connect()
    item = harness.add("Full", "cube")
    for number in range(8):
        layer = item.data.uv_layers.new()
        item.data.attributes[layer.name].data.foreach_set("vector", np.full(48, number / 8, np.float32))
    item.data.color_attributes.new("Color", "BYTE_COLOR", "CORNER")
    for name in ("Red", "Blue"):
        item.data.materials.append(bpy.data.materials.new(name))
    item.data.polygons[0].material_index = 1
    harness.edited()
    harness.settle()
    red, blue, mesh = harness.changes(-1)
    assert mesh["components"]["slots"] == {"materials": [red["uuid"], blue["uuid"]]}
    content = harness.mesh_of(-1, 2)
    assert [uv[0, 0] for uv in content.uvs] == [number / 8 for number in range(8)] and content.color is not None
    assert content.submeshes == [(0, 0, 30), (1, 30, 6)] and kinds(harness) == set()


@pytest.fixture
def library(harness, tmp_path):
    """Writes a file with one object that has its own uuid."""
    path = str(tmp_path / "library.blend")
    item = bpy.data.objects.new("Shelf", cube("Shelf"))
    item["uuid"] = "0191aaaa-0000-4000-8000-000000000001"
    bpy.data.libraries.write(path, {item})
    bpy.data.objects.remove(item)
    return path


def append_or_link(path, link):
    with bpy.data.libraries.load(path, link=link) as (source, target):
        target.objects = source.objects
    scenes.synced_scene().collection.objects.link(target.objects[0])
    return target.objects[0]


def test_object_appended_twice_is_two_entities(harness, library):
    harness.connect()
    one, other = append_or_link(library, link=False), append_or_link(library, link=False)
    harness.edited("Append")
    harness.settle()
    assert one["uuid"] == "0191aaaa-0000-4000-8000-000000000001" != other["uuid"]
    assert {change["uuid"] for change in harness.changes()} >= {one["uuid"], other["uuid"]}


def test_linked_data_is_ignored_and_reported_once(harness, library):
    harness.connect()
    linked = append_or_link(library, link=True)
    harness.edited("Link")
    harness.settle()
    assert harness.intents() == 0 and kinds(harness) == {"linked"}
    linked.override_create(remap_local_usages=True).location.x = 3
    harness.edited("Override")
    harness.settle()
    assert harness.intents() == 0
    (notice,) = harness.bridge.notices.all
    assert notice.example == "Shelf" and "linked" in notice.sentence.lower()


def test_unsupported_content_is_reported_by_kind(harness):
    harness.connect()
    curve = bpy.data.objects.new("Curve", bpy.data.curves.new("Curve", "CURVE"))
    item = bpy.data.objects.new("Face", cube())
    wire = bpy.data.meshes.new("Wire")
    wire.from_pydata([(0, 0, 0), (1, 0, 0)], [(0, 1)], [])
    for each in (curve, item, bpy.data.objects.new("Wire", wire)):
        scenes.synced_scene().collection.objects.link(each)
    item.shape_key_add(name="Basis").id_data.use_relative = False
    item.driver_add("location", 0).driver.expression = "1"
    item.data.color_attributes.new("One", "FLOAT_COLOR", "POINT")
    item.data.color_attributes.new("Two", "FLOAT_COLOR", "POINT")
    bpy.data.scenes.new("Other")
    harness.edited()
    harness.settle()
    assert kinds(harness) == {"curves", "absolute shape keys", "animation", "colors", "edges", "scenes"}
    bpy.ops.wm.read_factory_settings(use_empty=True)
    vibesync.pump()
    assert kinds(harness) == set()


def test_missing_files_are_reported(harness, library, tmp_path):
    picture = tmp_path / "wood.png"
    picture.write_bytes(png.encode(np.zeros((2, 2, 4), np.uint8)))
    material = edits.new_material("Wood")
    edits.link_image(material, str(picture), "Base Color").name = "Oak"
    packed = bpy.data.images.load(str(picture))
    packed.use_fake_user = True
    packed.pack()
    append_or_link(library, link=True)
    harness.connect()
    harness.settle()
    assert kinds(harness) == {"linked"}
    picture.unlink()
    Path(library).unlink()
    harness.bridge.rebind()
    harness.edited()
    harness.settle()
    assert kinds(harness) == {"linked", "missing images", "missing libraries"}
    examples = {notice.kind: (notice.example, notice.count) for notice in harness.bridge.notices.all}
    assert examples["missing images"] == ("Oak", 1) and examples["missing libraries"] == ("library.blend", 1)


def test_attach_waits_for_a_modal_operator(harness, monkeypatch):
    monkeypatch.setattr(harness.bridge.activity, "blocking_state", lambda now: "modal")
    for _ in range(5):
        vibesync.pump()
    assert harness.bridge.session.state == "offline" and not harness.bridge.session.is_live
    monkeypatch.undo()
    monkeypatch.setenv("VIBESYNC_RUNTIME_DIR", str(harness.folder))
    harness.connect()


def test_attach_logs_its_context(harness, caplog, tmp_path):
    caplog.set_level("INFO")
    auto_save = bpy.context.preferences.filepaths.use_auto_save_temporary_files
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    harness.connect()
    expected = f"attached: background, file {tmp_path / 'scene.blend'}, auto-save {'on' if auto_save else 'off'}"
    assert expected in caplog.text


def test_handlers_only_mark_entities(harness):
    harness.connect()
    item = harness.add("A")
    sent = harness.bridge.session.sent
    for x in range(8):
        item.location.x = x
        harness.edited()
        time.sleep(0.05)
    assert harness.bridge.session.sent == sent and item["uuid"] in harness.bridge.dirty_set.marks
    harness.settle()
    assert harness.bridge.session.sent == sent + 1


def test_recursive_handlers_end(harness, caplog):
    harness.connect()
    depth = [0, 0]

    def again(*_):
        depth[0] += 1
        depth[1] = max(depth)
        handlers.undo_post(None)
        depth[0] -= 1

    harness.bridge.rebind = again
    handlers.undo_post(None)
    assert depth[1] == 8 and "nested 8 deep" in caplog.text


def test_batch_is_refused_when_the_snapshot_fails(harness, monkeypatch):
    harness.connect()
    item, other = harness.add("A"), harness.add("B")
    take = Snapshot.take

    def fail(self, uuid, *rest):
        if uuid == other["uuid"]:
            raise SyncError("VS-4005", "no snapshot", uuid)
        take(self, uuid, *rest)

    monkeypatch.setattr(Snapshot, "take", fail)
    renames = [{"op": "update", "uuid": each["uuid"], "components": {"name": "X"}} for each in (item, other)]
    results, _ = harness.apply(*renames)
    assert {result["status"] for result in results} == {"failed"} and (item.name, other.name) == ("A", "B")


def test_missing_numpy_is_explained():
    code = "import sys; sys.modules['numpy'] = None; sys.path.insert(0, 'addons'); import vibesync"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode and "install python3-numpy" in done.stderr


def test_new_mesh_is_sent_before_its_object(harness):
    harness.connect()
    item = harness.add("A", "cube")
    before = harness.intents()
    item.data = cube("Fresh")
    harness.edited()
    harness.settle()
    changes = harness.changes(before)
    assert [(change["op"], change["uuid"]) for change in changes] == [
        ("create", item.data["uuid"]),
        ("update", item["uuid"]),
    ]
    assert changes[1]["components"] == {"data": {"uuid": item.data["uuid"]}}
