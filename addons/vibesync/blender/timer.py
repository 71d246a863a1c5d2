# SPDX-License-Identifier: GPL-3.0-or-later
"""The tick, on Blender's timer. Timers do not run in background mode: call `vibesync.pump()` there."""

from __future__ import annotations

import bpy

from .bridge import Bridge

_IDLE_SECONDS = 0.02
_BUSY_SECONDS = 0.004

_bridge: Bridge | None = None
_shown: tuple = ()  # what the panel was told to show last


def _tick() -> float | None:
    if _bridge is None:
        return None
    _bridge.tick()
    _redraw_if_changed(_bridge)
    return _BUSY_SECONDS if _bridge.busy else _IDLE_SECONDS


def _redraw_if_changed(bridge: Bridge) -> None:
    """Blender draws a panel anew only when it is told to."""
    global _shown
    session = bridge.session
    error = (session.last_error or bridge.last_error or {}).get("message")
    now = (session.state, bridge.paused, session.sent, len(session.outbox), bridge.answers.applied, error)
    if now == _shown:
        return
    _shown = now
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def register(bridge: Bridge) -> None:
    """Start to tick, over file loads too."""
    global _bridge
    _bridge = bridge
    bpy.app.timers.register(_tick, persistent=True)


def unregister() -> None:
    """Stop to tick."""
    global _bridge
    _bridge = None
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
