# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the parts of the panel that need Blender, but no window."""

import json

import bpy
import vibesync
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
        broken.setattr(harness.bridge.session, "pump", lambda _now: 1 / 0)
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


def test_project_folder_is_used_for_files_without_project(harness, tmp_path):
    known = next(tmp_path.glob("*.json"))
    other = {**json.loads(known.read_text()), "project_id": "0191a2b3-0000-7000-8000-000000000001"}
    other["project_root"] = str(tmp_path / "elsewhere")
    (tmp_path / "other.json").write_text(json.dumps(other))
    harness.wait(lambda: panel.current_view(harness.bridge).color == RED)
    assert "several daemons" in panel.current_view(harness.bridge).problem[0]
    harness.bridge.settings = Settings(project_folder=json.loads(known.read_text())["project_root"])
    harness.connect()


def test_progress_and_notices_are_shown(harness):
    harness.connect()
    item = harness.add("Lamp", "cube")
    item.data.materials.append(bpy.data.materials.new("Red"))
    harness.edited()
    harness.settle()
    (notice,) = panel.current_view(harness.bridge).notices
    assert "Materials" in notice and "Lamp" in notice
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
