# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo steps for changes by scripts."""

from __future__ import annotations

import bpy


def push_undo(label: str) -> None:
    """Pushes one named undo step, because Blender does not do so for changes by scripts."""
    windows = bpy.context.window_manager.windows
    if windows and bpy.context.window is None:  # timers run outside of any window
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=label)
    elif bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=label)
