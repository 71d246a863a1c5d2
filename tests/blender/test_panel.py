# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the parts of the panel that need Blender, but no window."""

import json
from types import SimpleNamespace

import bpy
import pytest
import vibesync
from fake_daemon import PROJECT
from vibesync.blender import icons, panel
from vibesync.blender.settings import Settings
from vibesync.core.view import GREEN, RED, YELLOW


def icon_shape(color):
    """Returns the pixels of an icon that are more than half covered."""
    return [alpha > 0.5 for alpha in icons.pixels(color)[3::4]]


def test_each_icon_has_its_own_color_and_shape(harness):
    shapes = [icon_shape(color) for color in (GREEN, YELLOW, RED)]
    assert all(len(each) == icons.SIZE**2 for each in shapes)
    assert all(shapes.count(each) == 1 and 200 < sum(each) < 800 for each in shapes)
    for color, wanted in icons.COLORS.items():
        pixels = icons.pixels(color)
        full = next(start for start in range(0, len(pixels), 4) if pixels[start + 3] == 1.0)
        assert tuple(pixels[full : full + 3]) == wanted
        assert pixels[:4] == [0.0] * 4, "nothing shines through the corners"


def test_repeated_error_is_red_and_can_be_reenabled(harness, monkeypatch):
    harness.connect()
    assert panel.current_view(harness.bridge).color == GREEN
    with monkeypatch.context() as broken:
        broken.setattr(harness.bridge.session, "pump", lambda *_: 1 / 0)
        for _ in range(5):
            vibesync.pump()
    stopped = panel.current_view(harness.bridge)
    assert (stopped.color, stopped.buttons) == (RED, (("vibesync.resume", "Re-enable"),))
    assert "ZeroDivisionError" in stopped.problem[0]
    bpy.ops.vibesync.resume()
    harness.connect()
    again = panel.current_view(harness.bridge)
    assert again.color == YELLOW and again.problem, "it goes on, and what happened stays until it is dismissed"
    bpy.ops.vibesync.dismiss()
    assert panel.current_view(harness.bridge).color == GREEN


def test_safe_mode_is_shown_until_it_ends(harness):
    harness.connect()
    harness.daemon.send({"type": "governance", "safe_mode": {"since": 7, "why": "it crashed 3 times"}})
    shown = harness.wait(
        lambda: panel.current_view(harness.bridge).color == YELLOW and panel.current_view(harness.bridge)
    )
    assert "it crashed 3 times" in shown.advice and ("vibesync.automation", "Turn On Automation") in shown.buttons
    bpy.ops.vibesync.automation()
    harness.wait(lambda: harness.daemon.of_type("reset"))
    assert harness.daemon.of_type("reset")[0].header["who"]
    harness.daemon.send({"type": "governance", "safe_mode": None})
    harness.wait(lambda: panel.current_view(harness.bridge).color == GREEN)


def open_foreign_file(harness):
    """Opens a file that is in the folder of no project."""
    path = elsewhere(harness) / "foreign.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return path


def elsewhere(harness):
    folder = harness.folder.with_name(harness.folder.name + "-elsewhere")
    folder.mkdir(exist_ok=True)
    return folder


def shown(harness):
    return panel.current_view(harness.bridge)


def test_foreign_file_joins_only_when_a_person_says_so(harness):
    path = open_foreign_file(harness)
    harness.wait(lambda: shown(harness).joins)
    for _ in range(100):
        harness.pump()
    view = shown(harness)
    assert harness.daemon.connections == 0
    assert (view.color, view.problem, view.can_leave) == (YELLOW, (), False)
    (join,) = view.joins
    assert join == (PROJECT, f"Join {harness.folder.name}", str(harness.folder))
    with pytest.raises(RuntimeError, match="not the id"):
        bpy.ops.vibesync.join(project_id="../robot")
    bpy.ops.vibesync.join(project_id=join.project_id, folder=join.folder)
    harness.connect()
    assert shown(harness).joins == () and shown(harness).can_leave
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(path))
    harness.connect()
    assert harness.bridge.replica.project_id == PROJECT, "the choice is in the file"


def test_wrong_choice_can_be_taken_back(harness):
    path = open_foreign_file(harness)
    harness.wait(lambda: shown(harness).joins)
    bpy.ops.vibesync.join(project_id=PROJECT)
    harness.connect()
    item = harness.add("A")
    uuid = item["uuid"]
    bpy.ops.vibesync.leave()
    harness.wait(lambda: shown(harness).joins)
    assert harness.daemon.of_type("goodbye") and item["uuid"] == uuid
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(path))
    harness.wait(lambda: shown(harness).joins)
    bpy.ops.vibesync.join(project_id=PROJECT)
    known = harness.intents()
    harness.connect()
    assert [change["uuid"] for change in harness.changes(known)] == [uuid], "sent as new"


def test_file_in_the_folder_of_a_project_joins_it(harness):
    harness.bridge.settings = Settings()
    harness.wait(lambda: shown(harness).joins)
    assert "not saved" in shown(harness).advice
    bpy.ops.wm.save_as_mainfile(filepath=str(harness.folder / "inside.blend"))
    harness.connect()
    assert not shown(harness).can_leave, "it would join again by itself"


def test_copied_file_can_leave_the_project_of_its_original(harness):
    harness.connect()
    bpy.ops.wm.save_as_mainfile(filepath=str(harness.folder / "original.blend"))
    known = json.loads((harness.folder / f"{PROJECT}.json").read_text())
    other = {**known, "project_id": "0191a2b3-0000-7000-8000-000000000001"}
    other["project_root"] = str(elsewhere(harness))
    (harness.folder / "other.json").write_text(json.dumps(other))
    bpy.ops.wm.save_as_mainfile(filepath=str(elsewhere(harness) / "copy.blend"))
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    harness.connect()
    assert harness.bridge.session.project_id == PROJECT, "the id in the file comes first"
    assert shown(harness).can_leave
    bpy.ops.vibesync.leave()
    harness.pump()
    assert harness.bridge.session.project_id == other["project_id"], "then its folder decides"


def test_preference_is_for_new_files_alone(harness):
    open_foreign_file(harness)
    assert harness.bridge.settings.project_folder == str(harness.folder)
    harness.wait(lambda: shown(harness).joins)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    harness.connect()


def test_progress_and_notices_are_shown(harness):
    harness.bridge.settings.sends_shown = False
    harness.connect()
    item = harness.add("Lamp", "cube")
    item.modifiers.new("Mirror", "MIRROR")
    harness.edited()
    harness.settle()
    (notice,) = panel.current_view(harness.bridge).notices
    assert "modifiers" in notice and "Lamp" in notice
    harness.bridge.settings.budget = 0.0
    collection = bpy.context.scene.collection
    for number in range(300):
        collection.objects.link(bpy.data.objects.new(f"N{number}", None))
    harness.edited()
    shown = harness.wait(lambda: panel.current_view(harness.bridge).progress)
    assert shown[0] == "sending" and 0 <= shown[1] <= 1
    harness.wait(lambda: panel.current_view(harness.bridge).progress is None)


def test_sidecar_write_failure_is_reported(harness):
    harness.connect()
    path = harness.folder / "scene.blend"
    (harness.folder / "scene.blend.vibesync.json").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    shown = panel.current_view(harness.bridge)
    assert shown.color == YELLOW and "the sidecar can't be written" in shown.problem[0]


APPROVAL = "01920000-0000-7000-8000-0000000000a1"


def ask(harness, kind="delete"):
    """Lets an agent ask; returns its question once the panel shows it."""
    question = {"approval_id": APPROVAL, "agent": "claude", "kind": kind, "sentence": "claude wants to delete a crate"}
    harness.daemon.send({"type": "approvals", "open": [{**question, "details": ['Delete "Crate"']}]})
    return harness.wait(lambda: shown(harness).agents.questions)[0]


def test_question_of_an_agent_is_answered_without_interrupting(harness):
    harness.daemon.features = ["agents"]
    harness.connect()
    assert not panel.VIBESYNC_PT_agents.poll(bpy.context)
    question = ask(harness)
    assert question.lines == ("claude wants to delete a crate", 'Delete "Crate"')
    assert (shown(harness).color, shown(harness).title) == (YELLOW, "An agent waits for your answer")
    assert panel.VIBESYNC_PT_agents.poll(bpy.context)
    button = question.buttons[1]
    answer = {"approval_id": button.approval_id, "allow": button.allow, "remember": button.remember}
    assert bpy.ops.vibesync.decide(**answer) == {"FINISHED"}
    assert bpy.ops.vibesync.decide(**answer) == {"CANCELLED"}, "it is answered"
    (sent,) = harness.wait(lambda: harness.daemon.of_type("decide"))
    assert {key: sent.header[key] for key in answer} == answer
    assert (sent.header["allow"], sent.header["remember"]) == (True, "session") and sent.header["who"]
    harness.daemon.send({"type": "approvals", "open": []})
    harness.wait(lambda: shown(harness).color == GREEN)


def test_agent_may_be_limited_to_reading(harness):
    harness.daemon.features = ["agents"]
    harness.connect()
    read_only = ask(harness, kind="work").buttons[1]
    assert bpy.ops.vibesync.set_agent(agent="stranger", mode="work") == {"CANCELLED"}
    assert bpy.ops.vibesync.set_agent(agent=read_only.agent, mode=read_only.mode) == {"FINISHED"}
    (sent,) = harness.wait(lambda: harness.daemon.of_type("set_agent"))
    assert (sent.header["agent"], sent.header["mode"]) == ("claude", "read") and sent.header["who"]


def test_known_agents_are_listed_without_a_question(harness):
    harness.daemon.features = ["agents"]
    harness.connect()
    (query,) = harness.wait(lambda: harness.daemon.of_type("query"))
    agent = {"name": "claude", "mode": "work", "connected": True, "client": None, "last_words": None, "changes": 4}
    result = {"type": "result", "request_id": query.header["request_id"], "what": "agents", "agents": [agent]}
    harness.daemon.send(result)
    (listed,) = harness.wait(lambda: shown(harness).agents.agents)
    assert listed.lines == ("claude may change the scene",)
    assert bpy.ops.vibesync.undo_agent(agent="stranger") == {"CANCELLED"}
    assert bpy.ops.vibesync.undo_agent(agent=listed.buttons[-1].agent) == {"FINISHED"}
    (sent,) = harness.wait(lambda: harness.daemon.of_type("revert"))
    assert (sent.header["agent"], sent.header["since_seq"]) == ("claude", 0) and sent.header["who"]
    assert panel.VIBESYNC_PT_agents.poll(bpy.context) and shown(harness).color == GREEN


class Layout:
    """Keeps what is drawn, in the order of drawing."""

    def __init__(self, drawn=None):
        self.drawn = [] if drawn is None else drawn

    def box(self, **_options):
        return Layout(self.drawn)

    row = column = box

    def label(self, text, **_icon):
        self.drawn.append(text)

    def operator(self, name, text=""):
        self.drawn.append((name, text, button := SimpleNamespace()))
        return button


def test_drawn_buttons_carry_the_question_above_them(harness):
    harness.daemon.features = ["agents"]
    harness.connect()
    ask(harness, kind="work")
    layout = Layout()
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=1.0))
    context = SimpleNamespace(region=SimpleNamespace(width=800), preferences=preferences)
    panel.VIBESYNC_PT_agents.draw(SimpleNamespace(layout=layout), context)
    sentence, detail, *buttons, keep = layout.drawn
    assert keep[0] == "vibesync.keep_from_agents"
    assert (sentence, detail) == ("claude wants to delete a crate", 'Delete "Crate"')
    allow, read_only, refuse = [(name, text, vars(button)) for name, text, button in buttons]
    assert allow == ("vibesync.decide", "Let It Work", {"approval_id": APPROVAL, "allow": True, "remember": "project"})
    assert read_only == ("vibesync.set_agent", "Read Only", {"agent": "claude", "mode": "read"})
    assert refuse == ("vibesync.decide", "No", {"approval_id": APPROVAL, "allow": False, "remember": "once"})


def test_questions_interrupt_no_work(harness):
    """No operator of the panel asks back, and none of them is modal."""
    for name in ("decide", "set_agent", "undo_agent"):
        operator = getattr(bpy.types, f"VIBESYNC_OT_{name}")
        assert not {"invoke", "modal", "draw"} & vars(operator).keys()
