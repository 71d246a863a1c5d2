# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo steps for changes by scripts."""

from __future__ import annotations

import contextlib

import bpy


def push_undo(label: str) -> None:
    """Pushes one named undo step, because Blender does not do so for changes by scripts."""
    with _any_window():
        if bpy.ops.ed.undo_push.poll():
            bpy.ops.ed.undo_push(message=label)


def undo_once() -> bool:
    """Undoes one step; returns False if there is none."""
    with _any_window():
        return bpy.ops.ed.undo.poll() and bpy.ops.ed.undo() == {"FINISHED"}


def _any_window() -> contextlib.AbstractContextManager:
    """Returns a context with a window, because timers run outside of any."""
    windows = bpy.context.window_manager.windows
    if windows and bpy.context.window is None:
        return bpy.context.temp_override(window=windows[0])
    return contextlib.nullcontext()
