# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests previews of lights, cameras and materials: shown without a trace, put back, and sent while a person drags."""

import json
from dataclasses import dataclass

import bpy
import pytest
from conftest import cube, update
from test_previews import arrive, end
from vibesync.blender import activity, material_sweep, preview_values, scenes
from vibesync.blender.preview_show import MARK
from vibesync.blender.undo import push_undo, undo_once

KINDS = ("light", "camera", "material")
PROPERTIES = {"light": "vibesync_light", "camera": "vibesync_camera", "material": "vibesync_material"}


@dataclass
class Subject:
    """A datablock with one number that previews change: energy, focal length or roughness."""

    kind: str
    uuid: str

    @property
    def datablock(self):
        collection = {"light": bpy.data.lights, "camera": bpy.data.cameras, "material": bpy.data.materials}[self.kind]
        return next(each for each in collection if each.get("uuid") == self.uuid)

    @property
    def number(self):
        owner, name = self._place()
        return getattr(owner, name)

    @number.setter
    def number(self, value):
        owner, name = self._place()
        setattr(owner, name, value)

    def _place(self):
        if self.kind == "material":
            return shader_of(self.datablock).inputs["Roughness"], "default_value"
        return self.datablock, {"light": "energy", "camera": "lens"}[self.kind]


def shader_of(material):
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def add(harness, kind):
    """Adds an object that shows a light, a camera or a material; the number of each is a half."""
    if kind == "material":
        datablock, data = bpy.data.materials.new("Paint"), cube("Shown")
        if datablock.node_tree is None:
            datablock.use_nodes = True
        data.materials.append(datablock)
    else:
        datablock = data = getattr(bpy.data, f"{kind}s").new(kind, *(["POINT"] if kind == "light" else []))
    scenes.synced_scene().collection.objects.link(bpy.data.objects.new("Shown", data))
    harness.edited("Add")
    harness.settle()
    subject = Subject(kind, datablock["uuid"])
    subject.number = start_of(kind)
    harness.edited("Set")
    harness.settle()
    return subject


def start_of(kind):
    return {"light": 100.0, "camera": 50.0, "material": 0.5}[kind]


def components(harness, subject, factor):
    """Returns the components of a preview that shows the number times a factor."""
    seen = harness.bridge.replica.entries[subject.uuid].last_seen
    if subject.kind == "material":
        return {"pbr": {**seen["pbr"], "roughness": 0.5 * factor}, "emission": seen["emission"]}
    name = {"light": "intensity", "camera": "focal"}[subject.kind]
    value = seen[subject.kind]
    return {subject.kind: {**value, name: value[name] * factor}}


def preview(harness, subject, factor):
    changes = [{"uuid": subject.uuid, "components": components(harness, subject, factor)}]
    harness.daemon.send({"type": "preview", "from": "unity", "changes": changes})
    arrive(harness)


def is_at(subject, factor):
    return subject.number == pytest.approx(start_of(subject.kind) * factor, rel=1e-5)


@pytest.fixture(params=KINDS)
def live(harness, request):
    """Harness and a datablock of each kind, with the feature."""
    harness.daemon.features = ["previews"]
    harness.connect()
    return harness, add(harness, request.param)


@pytest.fixture
def shown(live):
    """The same, while it shows 1.5 times its number."""
    harness, subject = live
    preview(harness, subject, 1.5)
    assert is_at(subject, 1.5)
    return harness, subject


def expect_no_trace(harness, subject, intents):
    harness.settle()
    assert subject.number == start_of(subject.kind)
    assert MARK not in scenes.synced_scene()
    assert harness.intents() == intents and not harness.bridge.dirty_set.marks


@pytest.mark.parametrize("how", ["end", "apply", "silence", "connection", "save"])
def test_value_is_put_back(shown, tmp_path, how):
    harness, subject = shown
    intents, kept = harness.intents(), subject.datablock[PROPERTIES[subject.kind]]
    assert not harness.bridge.dirty_set.marks, "no mark of an edit"
    preview(harness, subject, 1.25)
    assert is_at(subject, 1.25) and subject.datablock[PROPERTIES[subject.kind]] == kept
    if how == "end":
        end(harness, subject.uuid)
    elif how == "apply":
        (result,), _ = harness.apply(update(subject.uuid, name="Renamed"))
        state = result["state"]["components"]
        assert components(harness, subject, 1.0).items() <= state.items(), "the read-back is authoritative"
    elif how == "silence":
        harness.wait(lambda: subject.number == start_of(subject.kind), 5.0)
    elif how == "connection":
        harness.daemon.drop()
        harness.wait(lambda: subject.number == start_of(subject.kind), 5.0)
        harness.connect()
    else:
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
        assert subject.number == start_of(subject.kind), "the file holds no preview"
        end(harness, subject.uuid)
    expect_no_trace(harness, subject, intents)
    assert subject.datablock[PROPERTIES[subject.kind]] == kept


def test_undo_step_and_redo_meet_the_true_value(shown):
    harness, subject = shown
    push_undo("A step of the user, with the preview in it")
    end(harness, subject.uuid)
    subject.number = start_of(subject.kind) * 0.5
    harness.edited("Set")
    harness.settle()
    before = harness.intents()
    preview(harness, subject, 1.75)
    assert undo_once()
    assert subject.number == start_of(subject.kind), "the step holds the preview, and what was there before"
    harness.settle()
    assert MARK not in scenes.synced_scene()
    assert [change["uuid"] for change in harness.changes(before)] == [subject.uuid]


def test_edit_of_another_field_is_the_users_and_the_rest_is_put_back(shown):
    harness, subject = shown
    before = harness.intents()
    if subject.kind == "light":
        subject.datablock.color = (1.0, 0.5, 0.5)
    elif subject.kind == "camera":
        subject.datablock.clip_end = 77.0
    else:
        shader_of(subject.datablock).inputs["Metallic"].default_value = 0.75
    harness.edited("Set")
    harness.wait(lambda: harness.intents() > before)
    end(harness, subject.uuid)
    harness.settle()
    assert subject.number == start_of(subject.kind)
    (change,) = harness.changes(before)
    sent = change["components"]
    if subject.kind == "camera":
        assert sent["camera"]["focal"] == pytest.approx(50.0) and sent["camera"]["far"] == pytest.approx(77.0)
    elif subject.kind == "material":
        assert sent["pbr"]["roughness"] == 0.5 and sent["pbr"]["metallic"] == 0.75


def test_edit_of_the_shown_value_is_the_users(shown):
    harness, subject = shown
    before = harness.intents()
    subject.number = start_of(subject.kind) * 0.5  # typed
    harness.edited("Type")
    harness.wait(lambda: harness.intents() > before)
    end(harness, subject.uuid)
    harness.settle()
    assert is_at(subject, 0.5)
    assert [change["uuid"] for change in harness.changes(before)] == [subject.uuid]


def test_sweep_of_materials_takes_no_preview_for_an_edit(harness, monkeypatch):
    harness.daemon.features = ["previews"]
    harness.connect()
    subject = add(harness, "material")
    monkeypatch.setattr(material_sweep, "_AT_ONCE", 100)
    harness.settle()
    before = harness.intents()
    for factor in (1.5, 1.25, 1.75):
        preview(harness, subject, factor)
        assert is_at(subject, factor) and subject.uuid not in harness.bridge.dirty_set.marks
    end(harness, subject.uuid)
    expect_no_trace(harness, subject, before)


def test_view_layer_of_another_window_causes_no_echo(live):
    harness, subject = live
    other = scenes.synced_scene().view_layers.new("Other")
    other.update()
    harness.settle()
    before = harness.intents()
    preview(harness, subject, 1.5)
    other.update()
    assert subject.uuid not in harness.bridge.dirty_set.marks and is_at(subject, 1.5)
    end(harness, subject.uuid)
    expect_no_trace(harness, subject, before)


def test_light_of_another_type_stays_as_it_is(harness):
    harness.daemon.features = ["previews"]
    harness.connect()
    subject = add(harness, "light")
    value = {**components(harness, subject, 2.0)["light"], "type": "sun"}
    change = {"uuid": subject.uuid, "components": {"light": value}}
    harness.daemon.send({"type": "preview", "from": "unity", "changes": [change]})
    arrive(harness)
    assert subject.datablock.type == "POINT" and is_at(subject, 1.0)


def test_value_that_nodes_decide_is_not_shown(harness):
    harness.daemon.features = ["previews"]
    harness.connect()
    subject = add(harness, "material")
    tree = subject.datablock.node_tree
    value = tree.nodes.new("ShaderNodeValue")
    tree.links.new(value.outputs[0], shader_of(subject.datablock).inputs["Roughness"])
    harness.edited("Link")
    harness.settle()
    preview(harness, subject, 1.5)
    assert is_at(subject, 1.0)


@pytest.mark.parametrize("mark", ["{", "3", json.dumps([{"energy": "x"}, {"energy": 100.0}]), "[{}]", 3, "[NaN, 1]"])
def test_damaged_mark_is_ignored(harness, mark):
    harness.connect()
    subject = add(harness, "light")
    preview_values.put_back_mark(subject.datablock, mark)
    not_finite = json.dumps([{"energy": float("nan")}, {"energy": 100.0}])
    preview_values.put_back_mark(subject.datablock, not_finite)
    assert is_at(subject, 1.0)


@pytest.fixture
def mouse(live, monkeypatch):
    """The last event of the only window; `drag` changes the number as a person does who holds the button."""
    harness, subject = live
    events = [[("MOUSEMOVE", "NOTHING", 0, 0)]]
    monkeypatch.setattr(activity, "last_events", lambda: events[0])
    monkeypatch.setattr(activity, "is_background", lambda: False)
    harness.events = events
    harness.press = lambda kind="LEFTMOUSE", value="PRESS": events.__setitem__(0, [(kind, value, 0, 0)])

    def drag(factor):
        subject.number = start_of(subject.kind) * factor
        bpy.context.view_layer.update()
        harness.wait(lambda: shows(harness, subject, factor))

    harness.drag = drag
    return harness, subject


def previews(harness):
    return [change for frame in harness.daemon.of_type("preview") for change in frame.header["changes"]]


def shows(harness, subject, factor):
    """Returns whether the other editor was last sent the number times a factor."""
    sent = previews(harness)
    if not sent or sent[-1]["uuid"] != subject.uuid:
        return False
    wanted = components(harness, subject, factor)
    name, field = {"light": ("light", "intensity"), "camera": ("camera", "focal"), "material": ("pbr", "roughness")}[
        subject.kind
    ]
    return sent[-1]["components"][name][field] == pytest.approx(wanted[name][field], rel=1e-5)


def test_dragged_number_is_previewed_and_then_sent_once(mouse):
    harness, subject = mouse
    before, kept = harness.intents(), subject.datablock[PROPERTIES[subject.kind]]
    harness.press()
    harness.drag(1.5)
    harness.press("LEFT_SHIFT")  # for precision
    harness.drag(1.25)
    assert harness.intents() == before, "nothing durable while the button is held"
    assert subject.datablock[PROPERTIES[subject.kind]] == kept
    harness.press(value="RELEASE")
    harness.settle()
    assert [change["uuid"] for change in harness.changes(before)] == [subject.uuid]
    assert not harness.daemon.of_type("preview_end"), "the apply ends it"


def test_cancelled_drag_is_ended_and_sends_nothing(mouse):
    harness, subject = mouse
    before = harness.intents()
    harness.press()
    harness.drag(1.5)
    harness.press("ESC")
    subject.number = start_of(subject.kind)
    bpy.context.view_layer.update()
    (frame,) = harness.wait(lambda: harness.daemon.of_type("preview_end"))
    assert frame.header["uuids"] == [subject.uuid]
    harness.settle()
    assert harness.intents() == before


def test_hand_at_rest_has_its_change_sent(mouse, monkeypatch):
    harness, _ = mouse
    monkeypatch.setattr(activity, "_DRAG_SECONDS", 0.3)
    before = harness.intents()
    harness.press()
    harness.drag(1.5)
    harness.wait(lambda: harness.intents() > before)
    assert harness.bridge.activity.state() != "modal"


def test_change_without_a_held_button_is_no_drag(mouse):
    harness, subject = mouse
    before = harness.intents()
    harness.press(value="RELEASE")
    subject.number = start_of(subject.kind) * 1.5
    bpy.context.view_layer.update()
    harness.wait(lambda: harness.intents() > before)
    assert not previews(harness)


def test_dragged_value_shows_no_preview_and_cancelling_puts_back(mouse):
    harness, subject = mouse
    preview(harness, subject, 1.75)
    assert is_at(subject, 1.75)
    before = harness.intents()
    harness.press()
    subject.number = start_of(subject.kind) * 1.5  # the person drags what is shown
    bpy.context.view_layer.update()
    harness.pump()
    preview(harness, subject, 1.25)
    assert is_at(subject, 1.5), "it is in the hand of the person here"
    end(harness, subject.uuid)
    subject.number = start_of(subject.kind) * 1.75  # Esc restores what the drag found
    bpy.context.view_layer.update()
    harness.press("ESC")
    harness.settle()
    assert is_at(subject, 1.0) and harness.intents() == before
