# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel's parts that need Blender, but no window."""

import json

import bpy
import vibesync
from vibesync.blender import icons, panel
from vibesync.blender.settings import Settings
from vibesync.core.view import GREEN, RED, YELLOW


def shape(color):
    """Which of a signal's pixels are more than half covered."""
    return [alpha > 0.5 for alpha in icons.pixels(color)[3::4]]


def test_each_signal_has_a_color_and_a_shape_of_its_own(rig):
    shapes = [shape(color) for color in (GREEN, YELLOW, RED)]
    assert all(len(each) == icons.SIZE**2 for each in shapes)
    assert all(shapes.count(each) == 1 and 200 < sum(each) < 800 for each in shapes)
    for color, wanted in icons.COLORS.items():
        pixels = icons.pixels(color)
        full = next(start for start in range(0, len(pixels), 4) if pixels[start + 3] == 1.0)
        assert tuple(pixels[full : full + 3]) == wanted
        assert pixels[:4] == [0.0] * 4, "nothing shines through the corners"


def test_an_error_that_repeats_is_red_and_can_be_enabled_again(rig, monkeypatch):
    rig.connect()
    assert panel.look(rig.bridge).color == GREEN
    with monkeypatch.context() as broken:
        broken.setattr(rig.bridge.session, "pump", lambda _now: 1 / 0)
        for _ in range(5):
            vibesync.pump()
    stopped = panel.look(rig.bridge)
    assert (stopped.color, stopped.buttons) == (RED, (("vibesync.resume", "Re-enable"),))
    assert "ZeroDivisionError" in stopped.problem[0]
    bpy.ops.vibesync.resume()
    rig.connect()
    again = panel.look(rig.bridge)
    assert again.color == YELLOW and again.problem, "it goes on, and what happened stays until it is dismissed"
    bpy.ops.vibesync.dismiss()
    assert panel.look(rig.bridge).color == GREEN


def test_safe_mode_is_shown_as_long_as_it_lasts(rig):
    rig.connect()
    rig.daemon.send({"type": "governance", "safe_mode": {"since": 7, "why": "it crashed 3 times"}})
    shown = rig.wait(lambda: panel.look(rig.bridge).color == YELLOW and panel.look(rig.bridge))
    assert "it crashed 3 times" in shown.advice and ("vibesync.automation", "Turn On Automation") in shown.buttons
    bpy.ops.vibesync.automation()
    rig.wait(lambda: rig.daemon.of_type("reset"))
    assert rig.daemon.of_type("reset")[0].header["who"]
    rig.daemon.send({"type": "governance", "safe_mode": None})
    rig.wait(lambda: panel.look(rig.bridge).color == GREEN)


def test_the_project_folder_decides_for_a_file_of_no_project(rig, tmp_path):
    known = next(tmp_path.glob("*.json"))
    other = {**json.loads(known.read_text()), "project_id": "0191a2b3-0000-7000-8000-000000000001"}
    other["project_root"] = str(tmp_path / "elsewhere")
    (tmp_path / "other.json").write_text(json.dumps(other))
    rig.wait(lambda: panel.look(rig.bridge).color == RED)
    assert "several daemons" in panel.look(rig.bridge).problem[0]
    rig.bridge.settings = Settings(project_folder=json.loads(known.read_text())["project_root"])
    rig.connect()


def test_long_work_and_what_is_not_synchronized_are_shown(rig):
    rig.connect()
    item = rig.add("Lamp", "cube")
    item.data.materials.append(bpy.data.materials.new("Red"))
    rig.edited()
    rig.settle()
    (notice,) = panel.look(rig.bridge).notices
    assert "Materials" in notice and "Lamp" in notice
    rig.bridge.settings.budget = 0.0
    collection = bpy.context.scene.collection
    for number in range(300):
        collection.objects.link(bpy.data.objects.new(f"N{number}", None))
    rig.edited()
    shown = rig.wait(lambda: panel.look(rig.bridge).progress)
    assert shown[0] == "sending" and 0 <= shown[1] <= 1
    rig.wait(lambda: panel.look(rig.bridge).progress is None)


def test_a_sidecar_that_cannot_be_written_is_said(rig):
    rig.connect()
    path = rig.folder / "scene.blend"
    (rig.folder / "scene.blend.vibesync.json").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    shown = panel.look(rig.bridge)
    assert shown.color == YELLOW and "the sidecar can't be written" in shown.problem[0]
