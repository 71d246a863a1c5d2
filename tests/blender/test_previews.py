# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that previews are shown, leave nothing behind, and are sent while a tool holds objects."""

import time

import bpy
import pytest
import vibesync
from conftest import IDENTITY, update
from vibesync.blender import handlers, scenes, transforms
from vibesync.blender.preview_show import MARK
from vibesync.blender.undo import push_undo, undo_once


def placed(x, **other):
    """Returns a transform on the wire."""
    return {**IDENTITY, "translation": [x, 0.0, 0.0], **other}


def preview(harness, *changes):
    """Sends previews, and pumps until they have arrived."""
    listed = [{"uuid": uuid, "components": {"transform": value}} for uuid, value in changes]
    harness.daemon.send({"type": "preview", "from": "unity", "changes": listed})
    arrive(harness)


def arrive(harness):
    """Pumps until all that was sent has been handled."""
    nonce = len(harness.daemon.of_type("pong")) + 1
    harness.daemon.send({"type": "ping", "nonce": nonce})
    harness.wait(lambda: any(frame.header["nonce"] == nonce for frame in harness.daemon.of_type("pong")))


def end(harness, *uuids):
    harness.daemon.send({"type": "preview_end", "uuids": list(uuids)})
    arrive(harness)


@pytest.fixture
def shown(harness):
    """Harness and an object at x = 1 that shows a preview at x = 5."""
    harness.daemon.features = ["previews"]
    harness.connect()
    item = harness.add("A")
    item.location.x = 1.0
    harness.edited("Move")
    harness.settle()
    preview(harness, (item["uuid"], placed(5.0)))
    assert item.location.x == 5.0 and item.matrix_world.translation.x == 5.0
    return harness, item


def expect_no_trace(harness, item, intents):
    """Expects the value of before, and that nobody was told of anything."""
    harness.settle()
    assert item.location.x == 1.0 and item.matrix_world.translation.x == 1.0
    assert MARK not in scenes.synced_scene()
    assert harness.intents() == intents and not harness.bridge.dirty_set.marks


def test_feature_is_accepted_only_if_it_is_offered(harness):
    harness.connect()
    item = harness.add("A")
    assert "previews" not in harness.daemon.of_type("hello")[-1].header.get("features", [])
    preview(harness, (item["uuid"], placed(5.0)))
    assert item.location.x == 0.0


def test_preview_is_no_edit(shown, tmp_path):
    harness, item = shown
    intents = harness.intents()
    for x in (6.0, 7.0, 8.0):
        preview(harness, (item["uuid"], placed(x)))
        assert item.location.x == x
    assert not harness.bridge.dirty_set.marks, "no mark of an edit"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    assert item.location.x == 1.0, "the file holds no preview"
    preview(harness, (item["uuid"], placed(9.0)))
    assert item.location.x == 9.0
    end(harness, item["uuid"])
    expect_no_trace(harness, item, intents)


@pytest.mark.usefixtures("shown")
def test_saved_file_holds_no_preview(tmp_path):
    path = str(tmp_path / "a.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
    with bpy.data.libraries.load(path) as (_, wanted):
        wanted.objects = ["A"]
    (copy,) = wanted.objects
    assert copy.location.x == 1.0


@pytest.mark.parametrize("how", ["end", "apply", "silence", "connection", "pause", "disable"])
def test_preview_is_put_back(shown, how):
    harness, item = shown
    intents = harness.intents()
    if how == "end":
        end(harness, item["uuid"])
    elif how == "apply":
        (result,), _ = harness.apply(update(item["uuid"], visibility={"visible": True}))
        assert result["state"]["components"]["transform"]["translation"][0] == 1.0, "the read-back is authoritative"
    elif how == "silence":
        harness.wait(lambda: item.location.x == 1.0, 5.0)
    elif how == "connection":
        harness.daemon.drop()
        harness.wait(lambda: item.location.x == 1.0, 5.0)
    elif how == "pause":
        harness.bridge.pause()
        harness.pump()
    else:
        vibesync.unregister()
        assert item.location.x == 1.0 and MARK not in scenes.synced_scene()
        vibesync.register()
        handlers.bridge.settings.project_folder = str(harness.folder)
        harness.connect()
    assert item.location.x == 1.0
    if how == "pause":
        harness.bridge.resume()
        harness.connect()
    expect_no_trace(harness, item, intents)


def test_apply_writes_over_what_was_before(shown):
    harness, item = shown
    (result,), _ = harness.apply(update(item["uuid"], transform=placed(4.0)))
    assert result["state"]["components"]["transform"]["translation"][0] == 4.0
    harness.settle()
    assert item.location.x == 4.0


def test_other_changes_are_read_without_previews(shown):
    harness, item = shown
    other = bpy.data.objects.new("B", None)
    scenes.synced_scene().collection.objects.link(other)
    follower = other.constraints.new("COPY_LOCATION")
    follower.target = item
    before = harness.intents()
    bpy.context.view_layer.update()
    harness.wait(lambda: harness.intents() > before)
    (change,) = harness.changes(before)
    assert change["components"]["transform"]["translation"][0] == 1.0, "a preview never comes back as an edit"
    assert item.location.x == 5.0, "it is shown on"
    end(harness, item["uuid"])
    harness.settle()
    assert harness.intents() == before + 1


def test_showing_takes_half_of_the_time_at_most(shown, monkeypatch):
    harness, item = shown
    display, calls = harness.bridge.previews.display, []
    show = display.show
    monkeypatch.setattr(display, "show", lambda values: (calls.append(1), time.sleep(0.05), show(values)))
    end_time = time.monotonic() + 0.5
    x = 6.0
    while time.monotonic() < end_time:
        x += 1.0
        preview(harness, (item["uuid"], placed(x)))
    assert 1 <= len(calls) <= 7
    harness.wait(lambda: item.location.x == x, 2.0)


def test_newer_preview_begins_anew_after_it_was_put_back(shown):
    harness, item = shown
    end(harness, item["uuid"])
    preview(harness, (item["uuid"], placed(6.0)))
    assert item.location.x == 6.0


@pytest.mark.parametrize("mode", ["XYZ", "QUATERNION", "AXIS_ANGLE"])
@pytest.mark.parametrize("parented", [False, True])
def test_all_channels_are_shown_and_put_back_exactly(harness, mode, parented):
    harness.daemon.features = ["previews"]
    harness.connect()
    item, above = harness.add("A"), harness.add("Above")
    item.rotation_mode = mode
    item.scale = (0.1, 0.2, 0.3)
    item.rotation_euler.z = 0.7
    above.location.x = 2.0
    harness.edited()
    if parented:
        item.parent = above
        item.matrix_parent_inverse = above.matrix_world.inverted()
        item.delta_location.y = 0.3
    harness.edited()
    harness.settle()
    names = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale")
    names += ("matrix_parent_inverse", "matrix_world", "delta_location")
    before = [
        getattr(item, name).copy() if name != "rotation_axis_angle" else tuple(getattr(item, name)) for name in names
    ]
    value = placed(3.0, rotation=[0.0, 0.6, 0.0, 0.8], scale=[2.0, 3.0, 4.0])
    preview(harness, (item["uuid"], value))
    read = harness.bridge.make_reader(harness.bridge.slice).read_object(item["uuid"], item)["transform"]
    for part in value:
        assert read[part] == pytest.approx(value[part], abs=1e-5)
    end(harness, item["uuid"])
    after = [getattr(item, name) if name != "rotation_axis_angle" else tuple(getattr(item, name)) for name in names]
    assert after == before
    assert item.rotation_mode == mode


def test_undo_puts_back_before_and_finds_what_a_step_has_kept(shown):
    harness, item = shown
    uuid = item["uuid"]
    push_undo("A step of the user, with the preview in it")
    end(harness, uuid)
    item.location.x = 2.0
    harness.edited("Move")
    harness.settle()
    before = harness.intents()
    preview(harness, (uuid, placed(7.0)))
    assert undo_once()
    item = harness.find(uuid)
    assert item.location.x == 1.0, "the step holds 5, and what was there before"
    harness.settle()
    item = harness.find(uuid)
    assert item.location.x == 1.0 and MARK not in scenes.synced_scene()
    (change,) = harness.changes(before)
    assert change["components"]["transform"]["translation"][0] == 1.0


def test_loaded_auto_save_holds_no_preview(shown, tmp_path):
    harness, item = shown
    path, uuid = str(tmp_path / "auto.blend"), item["uuid"]
    bpy.data.libraries.write(path, {scenes.synced_scene()}, fake_user=True)  # as an auto-save: no handler is called
    handlers.bridge.session.stop("test")
    bpy.ops.wm.open_mainfile(filepath=path)
    bpy.context.window.scene = next(scene for scene in bpy.data.scenes if scene.get(scenes.MARK))
    handlers.bridge.rebind()
    assert harness.find(uuid).location.x == 1.0
    assert MARK not in scenes.synced_scene()


@pytest.mark.parametrize("numbers", [[1.0], [float("nan")] * 22, ["no number"] * 22, {"a": 1.0}])
def test_damaged_mark_in_a_file_is_ignored(harness, numbers):
    harness.connect()
    item = harness.add("A")
    scene = scenes.synced_scene()
    scene[MARK] = {item["uuid"]: numbers, "no uuid": [1.0] * 22}
    harness.bridge.rebind()
    assert MARK not in scene and tuple(item.location) == (0.0, 0.0, 0.0)
    scene[MARK] = 3
    harness.bridge.rebind()
    harness.settle()
    assert MARK not in scene


def test_unknown_entity_leaves_no_mark(shown):
    harness, item = shown
    end(harness, item["uuid"])
    gone = harness.add("Gone")
    uuid = gone["uuid"]
    harness.daemon.auto_ack = False
    bpy.data.objects.remove(gone)
    preview(harness, (uuid, placed(2.0)), ("00000000-0000-4000-8000-000000000000", placed(2.0)))
    assert MARK not in scenes.synced_scene() and harness.bridge.paused is None


def test_edit_of_the_user_ends_the_preview_and_is_sent(shown):
    harness, item = shown
    before = harness.intents()
    item.location.x = 3.0  # typed; the rest is as it was before
    harness.edited("Type")
    harness.wait(lambda: harness.intents() > before)
    preview(harness, (item["uuid"], placed(6.0, scale=[2.0, 2.0, 2.0])))
    harness.settle()
    (change,) = harness.changes(before)
    assert change["components"]["transform"]["translation"][0] == 3.0
    assert change["components"]["transform"]["scale"] == [1.0, 1.0, 1.0]


def test_entity_with_an_unanswered_change_shows_nothing(shown):
    harness, item = shown
    harness.daemon.auto_ack = False
    before = harness.intents()
    item.location.x = 3.0
    harness.edited("Type")
    harness.wait(lambda: harness.intents() > before)
    preview(harness, (item["uuid"], placed(6.0)))
    assert item.location.x == 3.0
    harness.daemon.acknowledge(harness.daemon.of_type("intent")[-1].header)
    arrive(harness)
    assert item.location.x == 6.0


def test_view_layer_of_another_window_causes_no_echo(shown):
    harness, item = shown
    other = scenes.synced_scene().view_layers.new("Other")
    other.update()
    harness.settle()
    before = harness.intents()
    preview(harness, (item["uuid"], placed(6.0)))
    other.update()
    assert item["uuid"] not in harness.bridge.dirty_set.marks and item.location.x == 6.0
    item.name = "Renamed"  # an edit of something else is found once the preview has ended
    bpy.context.view_layer.update()
    other.update()
    end(harness, item["uuid"])
    harness.settle()
    assert [list(change["components"]) for change in harness.changes(before)] == [["name"]]


@pytest.fixture
def held(harness, monkeypatch):
    """Harness and a selected object that a tool of the user seems to hold; `release` lets go."""
    harness.daemon.features = ["previews"]
    harness.connect()
    item = harness.add("A")
    item.select_set(True)
    harness.edited()
    harness.settle()
    state = ["modal"]
    monkeypatch.setattr(harness.bridge.activity, "state", lambda: state[0])
    harness.release = lambda: state.__setitem__(0, "background")
    return harness, item


def sent(harness):
    return [
        (change["uuid"], change["components"]["transform"]["translation"][0])
        for frame in harness.daemon.of_type("preview")
        for change in frame.header["changes"]
    ]


def drag(harness, item, x):
    item.location.x = x
    bpy.context.view_layer.update()
    return harness.wait(lambda: [each for each in sent(harness) if each == (item["uuid"], x)])


def test_held_object_is_sent_and_then_decided_by_its_intent(held):
    harness, item = held
    before = harness.intents()
    for x in (1.0, 2.0):
        drag(harness, item, x)
    assert harness.intents() == before, "nothing durable while it is held"
    count = len(sent(harness))
    harness.wait(lambda: len(sent(harness)) > count, 2.0)
    assert sent(harness)[-1] == (item["uuid"], 2.0), "repeated although nothing moves"
    harness.release()
    harness.settle()
    (change,) = harness.changes(before)
    assert change["components"]["transform"]["translation"][0] == 2.0
    assert not harness.daemon.of_type("preview_end"), "the apply ends it"
    seqs = [frame.header["seq"] for frame in harness.daemon.of_type("preview")]
    assert seqs == list(range(1, len(seqs) + 1))


def test_only_what_moved_is_sent(held):
    harness, item = held
    harness.release()
    child = harness.add("Child")
    child.parent = item
    harness.edited()
    harness.settle()
    harness.bridge.activity.state = lambda: "modal"
    drag(harness, item, 1.0)
    assert {uuid for uuid, _ in sent(harness)} == {item["uuid"]}, "a child moves with its parent, and not below it"


def test_sender_reads_what_moves_and_not_the_scene(held, monkeypatch):
    harness, item = held
    harness.release()
    link = scenes.synced_scene().collection.objects.link
    for number in range(300):
        link(bpy.data.objects.new(f"O{number}", None))
    bpy.context.view_layer.update()
    harness.settle()
    harness.bridge.activity.state = lambda: "modal"
    read, scan, calls = transforms.read, harness.bridge.identity.scan, []
    monkeypatch.setattr(transforms, "read", lambda *given: calls.append("read") or read(*given))
    monkeypatch.setattr(harness.bridge.identity, "scan", lambda *given: calls.append("scan") or scan(*given))
    drag(harness, item, 1.0)
    drag(harness, item, 2.0)
    assert calls.count("read") == 2 and calls.count("scan") <= 1


@pytest.mark.parametrize("answer", ["cancel", "unchanged", "refused"])
def test_preview_that_no_change_follows_is_ended(held, answer):
    harness, item = held
    drag(harness, item, 1.0)
    harness.daemon.auto_ack = False
    if answer == "cancel":
        drag(harness, item, 0.0)
    harness.release()
    if answer != "cancel":
        intents = harness.intents()
        harness.wait(lambda: harness.intents() > intents)
        assert not harness.daemon.of_type("preview_end")
        error = {"code": "VS-3003", "message": "no", "place": "", "context": {}} if answer == "refused" else None
        harness.daemon.acknowledge(harness.daemon.of_type("intent")[-1].header, answer, error)
    (frame,) = harness.wait(lambda: harness.daemon.of_type("preview_end"))
    assert frame.header["uuids"] == [item["uuid"]]


def test_held_object_shows_no_preview_and_cancelling_puts_back(harness, monkeypatch):
    harness.daemon.features = ["previews"]
    harness.connect()
    item = harness.add("A")
    preview(harness, (item["uuid"], placed(5.0)))
    before = harness.intents()
    item.select_set(True)
    state = ["modal"]
    monkeypatch.setattr(harness.bridge.activity, "state", lambda: state[0])
    harness.pump()
    preview(harness, (item["uuid"], placed(6.0)))
    assert item.location.x == 5.0, "the tool holds it, and will write what it found"
    for x in (8.0, 5.0):  # dragged, and cancelled
        item.location.x = x
        bpy.context.view_layer.update()
        harness.pump()
    assert all(uuid != item["uuid"] or x != 6.0 for uuid, x in sent(harness))
    end(harness, item["uuid"])
    state[0] = "background"
    harness.settle()
    assert item.location.x == 0.0 and harness.intents() == before


def test_preview_is_never_sent_back(held):
    harness, item = held
    harness.release()
    other = harness.add("B")
    preview(harness, (other["uuid"], placed(5.0)))
    harness.bridge.activity.state = lambda: "modal"
    assert other.location.x == 5.0
    drag(harness, item, 1.0)
    assert {uuid for uuid, _ in sent(harness)} == {item["uuid"]}


def test_new_object_is_not_previewed(held):
    harness, item = held
    fresh = bpy.data.objects.new("Fresh", None)
    scenes.synced_scene().collection.objects.link(fresh)
    bpy.context.view_layer.update()
    fresh.location.x = 3.0
    drag(harness, item, 1.0)
    assert {uuid for uuid, _ in sent(harness)} == {item["uuid"]}


def test_rate_is_bounded_however_often_it_moves(held):
    harness, item = held
    began = time.monotonic()
    while time.monotonic() - began < 0.5:
        item.location.x += 0.01
        bpy.context.view_layer.update()
        harness.pump()
    assert 2 <= len(harness.daemon.of_type("preview")) <= 32
