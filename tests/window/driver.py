# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the Blender whose window is tested: JSON lines in on 0, JSON lines out on 3.

Tests act with mouse and keyboard and use this driver only to look. It adds screen positions, and the view of Blender's
own timers, to the driver of the headless Blender. The addon is the installed extension and runs by its own timer.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections import deque

import bpy
from bpy_extras import view3d_utils

_INSTALLED = "bl_ext.user_default.vibesync"
_SECONDS = 0.01
_TRACE = 20_000

sys.path.insert(0, "/mnt/e2e")
for _name, _module in list(sys.modules.items()):  # the driver knows the addon by the name that it has in the tree
    if _name.partition(_INSTALLED)[1] and _name.startswith(_INSTALLED):
        sys.modules["vibesync" + _name[len(_INSTALLED) :]] = _module

import blender_driver  # noqa: E402  (found, with what it imports, through the lines above)
from vibesync.blender import panel  # noqa: E402


def _number_of(uuid: str) -> tuple:
    datablock = next(each for each in (*bpy.data.lights, *bpy.data.materials) if each.get("uuid") == uuid)
    if isinstance(datablock, bpy.types.Light):
        return datablock, "energy"
    shader = next(node for node in datablock.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    return shader.inputs["Roughness"], "default_value"


class _Number(bpy.types.Panel):
    """A panel of one large field, above those of Blender."""

    bl_idname = "VIEW3D_PT_vibesync_test"
    bl_label = "Number"
    bl_space_type, bl_region_type, bl_category = "VIEW_3D", "UI", "Item"
    bl_order = -10
    bl_options = {"HIDE_HEADER"}
    uuid = ""

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Return whether there is a number; called by Blender."""
        return bool(cls.uuid)

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw the field; called by Blender."""
        self.layout.scale_y = 2.0
        self.layout.prop(*_number_of(self.uuid), text="Number")


class WindowDriver(blender_driver.Driver):
    """Each public method is one command, in addition to those of the headless driver."""

    def __init__(self) -> None:
        # Blender has read the file and started the addon already.
        self.trace: deque[tuple[float, bool, int]] = deque(maxlen=_TRACE)
        self.prefer("project_folder", os.environ["VIBESYNC_TEST_PROJECT"])

    def current_view(self) -> None:
        """Note once a tick: the time, whether a modal operator holds the mouse, how many batches were applied."""
        applied = self.bridge.batches.applied if self.bridge else 0
        self.trace.append((time.monotonic(), bool(self.hands()["modal"]), applied))

    def hands(self) -> dict:
        """Report modal operators, mode and selection."""
        window = bpy.context.window_manager.windows[0]
        active = bpy.context.view_layer.objects.active
        return {
            "modal": [operator.bl_idname for operator in window.modal_operators],
            "mode": active.mode if active else "OBJECT",
            "active": active.get("uuid") if active else None,
            "selected": [item.get("uuid") for item in bpy.context.view_layer.objects if item.select_get()],
        }

    def where(self, uuid: str) -> dict:
        """The pixel of the screen that shows an object's origin."""
        area = self._area()
        region = next(region for region in area.regions if region.type == "WINDOW")
        place = self.item(uuid).matrix_world.translation
        x, y = view3d_utils.location_3d_to_region_2d(region, area.spaces.active.region_3d, place)
        return self._pixel(region.x + x, region.y + y)

    def view(self) -> dict:
        """The middle of the 3D view."""
        region = next(region for region in self._area().regions if region.type == "WINDOW")
        return self._pixel(region.x + region.width / 2, region.y + region.height / 2)

    def part(self, x: int, y: int) -> dict:
        """Return the place of a pixel of the screen in the 3D view: from 0 to 1, from the left and from the top."""
        region = next(region for region in self._area().regions if region.type == "WINDOW")
        low = bpy.context.window_manager.windows[0].height - y
        return {"part": [(x - region.x) / region.width, 1 - (low - region.y) / region.height]}

    def keep(self, uuid: str) -> dict:
        """Keeps an object from agents."""
        self.item(uuid)["vibesync_human_only"] = True
        return self.edited("Keep")

    def sidebar(self) -> dict:
        """The sidebar of the 3D view: its open tab, and where its first panel is (below the last, events pass it)."""
        region = next(region for region in self._area().regions if region.type == "UI")
        shown = self._area().spaces.active.show_region_ui
        tab = region.active_panel_category if shown and region.width > 1 else None
        return {"tab": tab, **self._pixel(region.x + region.width / 2, region.y + region.height - 15)}

    def offer_number(self, uuid: str) -> dict:
        """Shows a number of a light or a material first in the sidebar's tab Item: energy or roughness; none without a
        uuid. Answers where it is."""
        if not _Number.is_registered:
            bpy.utils.register_class(_Number)
        _Number.uuid = uuid
        area = self._area()
        area.tag_redraw()
        region = next(region for region in area.regions if region.type == "UI")
        return self._pixel(region.x + region.width / 2, region.y + region.height - 30)

    def number(self, uuid: str) -> dict:
        """Report the number that `offer_number` shows."""
        owner, name = _number_of(uuid)
        return {"number": getattr(owner, name)}

    def flat(self, colors: dict) -> dict:
        """Shows objects in one color each, without light, grid and outlines."""
        space = self._area().spaces.active
        space.shading.type, space.shading.light, space.shading.color_type = "SOLID", "FLAT", "OBJECT"
        space.overlay.show_overlays = False
        for uuid, color in colors.items():
            self.item(uuid).color = (*color, 1)
        return {}

    def viewpoint(self) -> dict:
        """Report all that a picture must not change: the view and its matrices, the selection, unsaved changes."""
        own = self._area().spaces.active.region_3d
        values = [*own.view_matrix, *own.window_matrix, *own.perspective_matrix]
        return {
            "matrices": [[round(each, 5) for each in row] for row in values],
            "perspective": [own.view_perspective, own.view_distance, list(own.view_location)],
            "dirty": bpy.data.is_dirty,
            "selected": self.hands()["selected"],
        }

    def add_camera(self, place: list, turn: list) -> dict:
        """Makes a camera the active one; both in Blender's axes."""
        item = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
        item.location, item.rotation_euler = place, turn
        scene = bpy.context.window_manager.windows[0].scene
        scene.collection.objects.link(item)
        scene.camera = item
        scene.render.resolution_x, scene.render.resolution_y = 400, 300
        return self.made(item, "Add camera")

    def panel(self) -> dict:
        """Report the texts of the addon's panel."""
        return dataclasses.asdict(panel.current_view(self.bridge))

    def prefer(self, name: str, value: float | str | bool) -> dict:
        """Sets one of the addon's preferences; answers what the addon goes by then."""
        setattr(bpy.context.preferences.addons[_INSTALLED].preferences, name, value)
        return dataclasses.asdict(self.bridge.settings)

    def file(self) -> dict:
        """The file that is open, and whether all that was done is in it."""
        return {"path": bpy.data.filepath, "saved": not bpy.data.is_dirty}

    def at_rest(self) -> dict:
        """Report whether nobody has used mouse or keyboard for a moment, as ticks with much work ask."""
        return {"at_rest": self.bridge.activity.is_at_rest(time.monotonic())}

    def ticks(self) -> dict:
        """Return the notes of `look`, oldest first."""
        return {"ticks": list(self.trace)}

    def enable(self, enabled: bool) -> dict:
        """The check box of the addon in the preferences."""
        operator = bpy.ops.preferences.addon_enable if enabled else bpy.ops.preferences.addon_disable
        operator(module=_INSTALLED)
        return {}

    def status(self) -> dict:
        """Report the state of the addon, whether it is attached to the file, and whether a batch waits."""
        if self.bridge is None:
            return {"state": "disabled", "pending": 0}
        attached = self.bridge.is_attached
        return {**super().status(), "attached": attached, "waiting": self.bridge.batches.has_pending}

    def _area(self) -> bpy.types.Area:
        areas = bpy.context.window_manager.windows[0].screen.areas
        return next(area for area in areas if area.type == "VIEW_3D")

    def _pixel(self, x: float, y: float) -> dict:
        """X counts from the top, Blender from the bottom."""
        return {"x": round(x), "y": round(bpy.context.window_manager.windows[0].height - y)}


class Pipes:
    """Commands and answers, without ever waiting for one."""

    def __init__(self, driver: WindowDriver) -> None:
        self._driver = driver
        self._text = b""
        self._replies = os.fdopen(3, "w", encoding="utf-8")
        os.set_blocking(0, False)
        self._reply({"ok": True, "ready": True, "version": bpy.app.version_string})

    def tick(self) -> float | None:
        """Blender's timer: look, and answer what was asked."""
        self._driver.current_view()
        try:
            self._text += os.read(0, 65_536)
        except BlockingIOError:
            return _SECONDS
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            if json.loads(line)["do"] == "quit":
                self._reply({"ok": True})
                bpy.ops.wm.quit_blender()
                return None
            self._reply(blender_driver.answer(self._driver, line))
        return _SECONDS

    def _reply(self, message: dict) -> None:
        self._replies.write(json.dumps(message) + "\n")
        self._replies.flush()


bpy.context.preferences.view.show_splash = False
bpy.app.timers.register(Pipes(WindowDriver()).tick, persistent=True)
