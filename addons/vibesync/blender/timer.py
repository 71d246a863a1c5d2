# SPDX-License-Identifier: GPL-3.0-or-later
"""Polls on Blender's timer. Timers do not run in background mode; call `vibesync.pump()` there."""

from __future__ import annotations

import bpy

from ..core.view import View
from . import panel
from .bridge import Bridge

_bridge: Bridge | None = None
_shown: View | None = None  # the content that the panel showed last


def _tick() -> float | None:
    if _bridge is None:
        return None
    if _bridge.tick_if_due():
        _redraw_if_changed(_bridge)
    return _bridge.seconds_to_next_poll()


def _redraw_if_changed(bridge: Bridge) -> None:
    """Redraws the panel if its content changed; Blender does that only on request."""
    global _shown
    now = panel.current_view(bridge)
    if now != _shown:
        _shown = now
        panel.redraw()


def register(bridge: Bridge) -> None:
    """Starts the timer, which continues over file loads."""
    global _bridge
    _bridge = bridge
    bpy.app.timers.register(_tick, persistent=True)


def unregister() -> None:
    """Stops the timer."""
    global _bridge
    _bridge = None
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
