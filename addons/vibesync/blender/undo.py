# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo steps of what scripts change."""

from __future__ import annotations

import bpy


def push_undo(label: str) -> None:
    """One undo step with the batch's name; Blender does not push for changes made by scripts."""
    windows = bpy.context.window_manager.windows
    if windows and bpy.context.window is None:  # timers run outside of any window
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=label)
    elif bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=label)
