# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that lights are sent, written, read back and restored, with what Blender cannot show of them."""

import math
import uuid

import bpy
import pytest
from conftest import cube, new_mesh, new_object, update
from vibesync.blender import light_values, mesh_read, scenes
from vibesync.core import lights
from vibesync.core.components import same_component

IS_NEW = bpy.app.version >= (4, 5, 0)  # lights have a temperature, an exposure, and may be not normalized


def add_light(harness, kind="POINT", name="Lamp", **values):
    """Adds an object with a light, like a user."""
    light = bpy.data.lights.new(name, kind)
    for field, value in values.items():
        setattr(light, field, value)
    item = bpy.data.objects.new(name, light)
    scenes.synced_scene().collection.objects.link(item)
    harness.edited("Add")
    harness.settle()
    return item


def component(**values):
    return {**lights.DEFAULTS, "intensity": 100.0, **values}


def new_light(name="Remote light", **values):
    """Returns a create change for a light."""
    made = {"name": name, "light": component(**values)}
    return {"op": "create", "uuid": str(uuid.uuid4()), "kind": "light", "components": made}


def light_of(changes):
    """Returns the component of the only change."""
    (change,) = changes
    assert list(change["components"]) == ["light"], change
    return change["components"]["light"]


def edit(harness, item, **values):
    """Edits a light; returns the component that is sent."""
    before = harness.intents()
    for field, value in values.items():
        setattr(item.data.type_recast(), field, value)
    harness.edited("Edit")
    harness.settle()
    return light_of(harness.changes(before))


def apply_light(harness, change, *others):
    """Applies a change of a light, expects the read-back to be equal and nothing to be sent; returns the light."""
    before = harness.intents()
    results, _ = harness.apply(change, *others)
    assert [result["error"] for result in results] == [None] * len(results)
    state = results[0]["state"]
    assert same_component("light", state["components"]["light"], change["components"]["light"]), state
    harness.settle()
    assert harness.intents() == before, harness.changes(before)
    return harness.find(change["uuid"]).type_recast()


def test_new_light_is_sent_before_its_object(harness):
    harness.connect()
    item = add_light(harness, "SPOT", energy=100.0, spot_size=math.radians(60))
    first, second = harness.changes()
    assert (first["op"], first["kind"], first["uuid"]) == ("create", "light", item.data["uuid"])
    assert first["components"]["name"] == "Lamp"
    sent = first["components"]["light"]
    assert sent["type"] == "spot" and sent["intensity"] == pytest.approx(5435.1413)
    assert (sent["outer"], sent["inner"]) == pytest.approx((0.5235988, 0.4818878))
    assert (second["kind"], second["components"]["data"]) == ("object", {"uuid": item.data["uuid"]})
    assert not harness.bridge.notices.all


EDITS = [
    ("POINT", "energy", 100.0, "intensity", 5435.1413),
    ("POINT", "color", (0.5, 0.25, 0.125), "color", [0.5, 0.25, 0.125]),
    ("POINT", "shadow_soft_size", 0.5, "radius", 0.5),
    ("POINT", "use_custom_distance", True, "range", 40.0),
    ("POINT", "use_shadow", False, "shadow", False),
    ("SUN", "energy", 3.0, "intensity", 2049.0),
    ("SUN", "angle", 0.5, "angle", 0.5),
    ("SPOT", "spot_size", 1.0, "outer", 0.5),
    ("SPOT", "spot_blend", 1.0, "inner", 0.0),
    ("AREA", "size", 2.0, "size", [2.0, 2.0]),
    ("AREA", "shape", "DISK", "shape", "disk"),
    ("AREA", "energy", 100.0, "intensity", 68300.0),
]


@pytest.mark.parametrize("case", EDITS, ids=lambda case: f"{case[0]}-{case[1]}")
def test_edit_of_a_light_is_one_update(harness, case):
    kind, name, value, field, expected = case
    harness.connect()
    item = add_light(harness, kind)
    known = harness.changes()[0]["components"]["light"]
    sent = edit(harness, item, **{name: value})
    assert sent[field] == (pytest.approx(expected, rel=1e-6, abs=1e-6) if not isinstance(expected, str) else expected)
    differing = {each for each in sent if sent[each] != known[each]}
    assert differing == ({"outer", "inner"} if name == "spot_size" else {field})


def test_change_of_the_type_is_one_update(harness):
    harness.connect()
    item = add_light(harness, "POINT", shadow_soft_size=0.5)
    for kind in ("SUN", "AREA", "SPOT", "POINT"):
        sent = edit(harness, item, type=kind)
        assert sent["type"] == kind.lower()
    assert sent["radius"] == 0.5, "Blender kept it"


def test_linked_copy_shares_the_light_and_a_copy_has_its_own(harness):
    harness.connect()
    item = add_light(harness)
    before = harness.intents()
    copy = item.copy()
    scenes.synced_scene().collection.objects.link(copy)
    harness.edited("Duplicate linked")
    harness.settle()
    (change,) = harness.changes(before)
    assert change["components"]["data"] == {"uuid": item.data["uuid"]}
    before = harness.intents()
    copy.data = item.data.copy()
    harness.edited("Make single user")
    harness.settle()
    made, shown = harness.changes(before)
    assert (made["kind"], shown["components"]) == ("light", {"data": {"uuid": made["uuid"]}})
    assert made["uuid"] != item.data["uuid"]


def test_deleted_light_is_deleted_after_its_object(harness):
    harness.connect()
    item = add_light(harness)
    gone = [item["uuid"], item.data["uuid"]]
    before = harness.intents()
    bpy.data.lights.remove(item.data)
    harness.edited("Delete")
    harness.settle()
    assert harness.changes(before) == [{"op": "delete", "uuid": uuid} for uuid in gone]


def test_undone_edit_of_a_light_is_sent(harness):
    harness.connect()
    harness.edited("start")
    item = add_light(harness, energy=100.0)
    item.data.energy = 200.0
    harness.edited("Edit")
    harness.settle()
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    assert light_of(harness.changes(before))["intensity"] == pytest.approx(5435.1413)
    before = harness.intents()
    bpy.ops.ed.redo()
    harness.settle()
    assert light_of(harness.changes(before))["intensity"] == pytest.approx(10870.283)


def test_saved_light_is_not_sent_after_a_load(harness):
    harness.connect()
    item = add_light(harness, energy=100.0)
    kept = update(item.data["uuid"], light=component(radius=0.25, angle=0.5, temperature=3000.0, color=[1.0, 0.5, 0.1]))
    if not IS_NEW:
        apply_light(harness, kept)
    path = str(harness.folder / "lights.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    before = harness.intents()
    harness.connect()
    assert harness.intents() == before
    item = bpy.data.objects["Lamp"]
    item.data.energy *= 2
    harness.edited("Edit")
    harness.settle()
    sent = light_of(harness.changes(before))
    if not IS_NEW:
        assert sent == {**kept["components"]["light"], "intensity": pytest.approx(200.0)}


KINDS = {
    "point": {"radius": 0.25, "range": 12.5},
    "sun": {"angle": 0.1, "radius": 0.75},
    "spot": {"outer": math.radians(40), "inner": math.radians(20), "range": 3.0},
    "spot without a soft edge": {"type": "spot", "outer": 0.5, "inner": 0.5},
    "spot with nothing but an edge": {"type": "spot", "outer": 0.5, "inner": 0.00001},
    "area": {"size": [2.0, 2.0], "shape": "disk"},
    "area with two sides": {"type": "area", "size": [2.0, 0.7], "shape": "rect"},
    "ellipse": {"type": "area", "size": [2.0, 0.7], "shape": "disk"},
    "dark": {"type": "point", "color": [0.0, 0.0, 0.0], "intensity": 0.0, "shadow": False},
    "bright": {"type": "sun", "color": [1.0, 12.0, 0.001], "intensity": 3e6},
}


@pytest.mark.parametrize("name", KINDS)
def test_light_of_the_daemon_is_read_back(harness, name):
    harness.connect()
    values = {"type": name, "color": [0.8, 0.4, 0.2], "intensity": 1234.5, **KINDS[name]}
    change = new_light(**values)
    item = new_object("Lamp", data={"uuid": change["uuid"]})
    light = apply_light(harness, change, item)
    assert harness.find(item["uuid"]).data == light and light.name == "Remote light"
    apply_light(harness, update(change["uuid"], light=component(type="sun", intensity=1.0)))
    apply_light(harness, update(change["uuid"], light=component(**values)))


def test_light_arrives_in_the_units_of_the_scene(harness):
    harness.connect()
    scenes.synced_scene().unit_settings.scale_length = 0.01
    light = apply_light(harness, new_light(type="area", size=[2.0, 2.0], intensity=683.0))
    assert light.size == pytest.approx(200.0) and light.energy == pytest.approx(1e4)


def test_fields_that_blender_lacks_survive_edits_and_undo(harness):
    harness.connect()
    harness.edited("start")
    change = new_light(type="sun", radius=0.75, size=[3.0, 4.0], range=5.0)
    item = new_object("Lamp", data={"uuid": change["uuid"]})
    apply_light(harness, change, item)
    sent = edit(harness, harness.find(item["uuid"]), energy=3.0)
    assert sent == {**change["components"]["light"], "intensity": pytest.approx(2049.0)}
    before = harness.intents()
    apply_light(harness, update(change["uuid"], light={**sent, "radius": 1.5}))
    bpy.ops.ed.undo()
    harness.settle()
    assert light_of(harness.changes(before)) == sent


def test_undone_batch_gives_the_former_light(harness):
    harness.connect()
    harness.edited("start")
    item = add_light(harness, energy=100.0)
    apply_light(harness, update(item.data["uuid"], light=component(type="spot", intensity=1.0)))
    before = harness.intents()
    bpy.ops.ed.undo()
    harness.settle()
    sent = light_of(harness.changes(before))
    assert sent["type"] == "point" and sent["intensity"] == pytest.approx(5435.1413)


def test_light_is_unchanged_when_a_batch_fails(harness):
    harness.connect()
    item = add_light(harness, "POINT", energy=7.0, shadow_soft_size=0.5, color=(0.1, 0.2, 0.3))
    child = harness.add("Child")
    child.parent = item
    child.location = (1, 2, 3)
    harness.edited("Parent")
    harness.settle()
    uuids = item["uuid"], item.data["uuid"]
    saved = light_values.save(item.data)
    places = [tuple(each.matrix_basis.translation) for each in (item, child)]
    wrong = harness.add("D", "cube").data["uuid"]
    before = harness.intents()
    results, _ = harness.apply(
        new_light(),
        update(uuids[1], name="Other", light=component(type="sun", angle=1.0)),
        update(uuids[0], data={"uuid": None}),
        {**new_object("X"), "uuid": wrong},
    )
    assert {result["status"] for result in results} == {"failed"}
    assert results[0]["error"]["code"] == "VS-3002", "at the end, when all else was changed"
    item = harness.find(uuids[0])
    assert light_values.save(harness.find(uuids[1])) == saved
    assert (item.type, item.data, item.data.name) == ("LIGHT", harness.find(uuids[1]), "Lamp")
    assert [tuple(each.matrix_basis.translation) for each in (item, bpy.data.objects["Child"])] == places
    assert len(bpy.data.lights) == 1
    light = item.data
    light.type = "SUN"
    assert light.type_recast().angle == pytest.approx(0.00918043), "even what was hidden"
    light.type = "POINT"
    harness.edited()
    harness.settle()
    assert harness.intents() == before


def test_light_in_use_is_not_deleted(harness):
    harness.connect()
    item = add_light(harness)
    results, _ = harness.apply({"op": "delete", "uuid": item.data["uuid"]})
    assert results[0]["error"]["code"] == "VS-4005"
    results, _ = harness.apply({"op": "delete", "uuid": item["uuid"]}, {"op": "delete", "uuid": item.data["uuid"]})
    assert {result["status"] for result in results} == {"applied"} and not bpy.data.lights


@pytest.mark.skipif(not IS_NEW, reason="older lights have no exposure, temperature and normalize")
def test_choices_of_the_person_stay(harness):
    harness.connect()
    item = add_light(harness, "SUN", exposure=1.0, normalize=False, angle=0.1, energy=3.0)
    known = harness.changes()[0]["components"]["light"]
    assert known["intensity"] == pytest.approx(2 * 16.0794, rel=1e-5)
    light = apply_light(harness, update(item.data["uuid"], light={**known, "intensity": known["intensity"] * 2}))
    assert (light.exposure, light.normalize, light.energy) == (1.0, False, pytest.approx(6.0))
    light = apply_light(harness, update(item.data["uuid"], light={**known, "angle": 0.2}))
    assert light.energy < 3.0, "less power for the larger sun gives the same intensity"
    assert edit(harness, item, normalize=True)["intensity"] == pytest.approx(2 * 683 * light.energy)


@pytest.mark.skipif(not IS_NEW, reason="older lights have no exposure, temperature and normalize")
def test_temperature_travels_with_the_color_that_it_gives(harness):
    harness.connect()
    item = add_light(harness, energy=100.0)
    sent = edit(harness, item, use_temperature=True, temperature=3000.0)
    expected = [value * 9624.71 for value in (1, 0.47677, 0.15373)]
    assert [value * sent["intensity"] for value in sent["color"]] == pytest.approx(expected, rel=1e-4)
    assert (sent["temperature"], sent["tint"]) == (3000.0, [1.0, 1.0, 1.0])
    light = apply_light(harness, update(item.data["uuid"], light={**sent, "intensity": sent["intensity"] / 2}))
    assert light.use_temperature and light.energy == pytest.approx(50.0)
    plain = {**sent, "color": [0.0, 1.0, 0.0], "temperature": None}
    light = apply_light(harness, update(item.data["uuid"], light=plain))
    assert not light.use_temperature and tuple(light.color) == (0.0, 1.0, 0.0)


@pytest.mark.skipif(IS_NEW, reason="newer lights have a temperature")
def test_temperature_of_a_newer_blender_is_kept(harness):
    harness.connect()
    light = {"color": [1.77083, 0.84428, 0.27222], "temperature": 3000.0, "tint": [1.0, 1.0, 1.0]}
    change = new_light(**light)
    item = new_object("Lamp", data={"uuid": change["uuid"]})
    apply_light(harness, change, item)
    assert edit(harness, harness.find(item["uuid"]), use_shadow=False)["temperature"] == 3000.0
    assert edit(harness, harness.find(item["uuid"]), color=(0, 1, 0))["temperature"] is None


def test_cone_that_is_narrower_than_blenders_stays(harness):
    harness.connect()
    change = new_light(type="spot", outer=0.001, inner=0.0)
    results, _ = harness.apply(change)
    assert results[0]["state"]["components"]["light"]["outer"] == 0.001
    assert harness.find(change["uuid"]).spot_size == pytest.approx(math.radians(1))


def test_data_of_another_kind_replaces_the_object(harness):
    harness.connect()
    harness.edited("start")
    mesh = harness.add("Cube", "cube")
    camera_data = bpy.data.cameras.new("Eye")
    eye = bpy.data.objects.new("Eye", camera_data)
    scenes.synced_scene().collection.objects.link(eye)
    lamp = add_light(harness)
    item = harness.add("Changing")
    target = item["uuid"]
    shown = {"MESH": mesh.data["uuid"], "LIGHT": lamp.data["uuid"], "CAMERA": camera_data["uuid"], "EMPTY": None}
    order = ["LIGHT", "MESH", "CAMERA", "LIGHT", "EMPTY", "CAMERA", "MESH", "EMPTY"]
    for kind in order:
        before = harness.intents()
        results, _ = harness.apply(update(target, data={"uuid": shown[kind]}))
        assert results[0]["error"] is None
        components = results[0]["state"]["components"]
        assert components["data"] == {"uuid": shown[kind]} and components["name"] == "Changing"
        assert harness.find(target).type == kind
        harness.settle()
        assert harness.intents() == before


def test_linked_light_is_not_synchronized(harness, tmp_path):
    light = bpy.data.lights.new("Shelf", "SUN")
    light["uuid"] = "0191aaaa-0000-4000-8000-000000000002"
    bpy.data.libraries.write(str(tmp_path / "lib.blend"), {light})
    bpy.data.lights.remove(light)
    harness.connect()
    with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (source, target):
        target.lights = source.lights
    item = bpy.data.objects.new("Lamp", target.lights[0])
    scenes.synced_scene().collection.objects.link(item)
    harness.edited("Link")
    harness.settle()
    (change,) = harness.changes()
    assert (change["uuid"], change["components"]["data"]) == (item["uuid"], {"uuid": None})
    assert change["components"]["transform"]["rotation"] == pytest.approx([0.0, 0.0, 0.0, 1.0]), "as a plain object"
    assert {notice.kind for notice in harness.bridge.notices.all} == {"linked"}
    mesh = bpy.data.meshes.new("Cube")
    mesh["uuid"] = str(uuid.uuid4())
    harness.bridge.identity.begin_generation()
    results, _ = harness.apply(update(item["uuid"], data={"uuid": mesh["uuid"]}))
    assert results[0]["error"]["code"] == "VS-7003"
    assert bpy.data.objects["Lamp"].data.library is not None


def test_content_of_lights_that_unity_lacks_is_told(harness):
    harness.connect()
    item = add_light(harness, use_nodes=True)
    assert not harness.bridge.notices.all, "these nodes show what the properties say"
    emission = next(node for node in item.data.node_tree.nodes if node.type == "EMISSION")
    emission.inputs["Strength"].default_value = 2.0
    edit(harness, item, energy=-5.0)
    assert {notice.kind for notice in harness.bridge.notices.all} == {"light nodes", "negative lights"}


def test_light_without_an_object_gets_no_uuid(harness):
    harness.connect()
    light = bpy.data.lights.new("Unused", "SUN")
    harness.add("A")
    assert "uuid" not in light and {change["kind"] for change in harness.changes()} == {"object"}


def test_mesh_and_light_of_one_batch_arrive_together(harness):
    harness.connect()
    lamp, attachments = new_light(), []
    rock = new_mesh(mesh_read.read(cube(), 1.0), attachments)
    first = new_object("One", data={"uuid": lamp["uuid"]})
    second = new_object("Two", data={"uuid": rock["uuid"]}, parent={"uuid": first["uuid"]})
    results, _ = harness.apply(lamp, rock, first, second, attachments=attachments)
    assert [result["error"] for result in results] == [None] * 4
    assert [harness.find(each["uuid"]).type for each in (first, second)] == ["LIGHT", "MESH"]
