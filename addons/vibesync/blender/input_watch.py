# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices whether a person uses mouse or keyboard. Blender tells the last event of a window only to operators."""

from __future__ import annotations

import bpy

_MODIFIERS = ("LEFT_SHIFT", "RIGHT_SHIFT", "LEFT_CTRL", "RIGHT_CTRL", "LEFT_ALT", "RIGHT_ALT", "OSKEY")

_seen: list[tuple] = []  # what the operator saw in its last calls


class VIBESYNC_OT_read_input(bpy.types.Operator):
    """Read the last event of the mouse or the keyboard; changes nothing"""

    bl_idname = "vibesync.read_input"
    bl_label = "Read Input"
    bl_options = {"INTERNAL"}

    def invoke(self, _context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Runs the operator; called by Blender."""
        _seen.append((event.type, event.value, event.mouse_x, event.mouse_y))
        return {"CANCELLED"}


def last_events() -> list[tuple]:
    """Returns the last event of each window. It differs from that of an earlier call if there was input meanwhile."""
    _seen.clear()
    for window in bpy.context.window_manager.windows:
        with bpy.context.temp_override(window=window):
            bpy.ops.vibesync.read_input("INVOKE_DEFAULT")
    return list(_seen)


def holds_button(events: list[tuple], was_held: bool) -> bool:
    """Returns whether these last events say that the left mouse button is held. `was_held`: at the last look. A person
    who drags a number may press Shift or Ctrl meanwhile."""
    for kind, value, *_ in events:
        if (kind == "LEFTMOUSE" and value == "PRESS") or (was_held and kind in _MODIFIERS):
            return True
    return False
