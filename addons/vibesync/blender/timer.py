# SPDX-License-Identifier: GPL-3.0-or-later
"""The tick on Blender's timer. Timers do not run in background mode; call `vibesync.pump()` there."""

from __future__ import annotations

import bpy

from ..core.view import View
from . import panel
from .bridge import Bridge

_IDLE_SECONDS = 0.02
_BUSY_SECONDS = 0.004

_bridge: Bridge | None = None
_shown: View | None = None  # the content that the panel showed last


def _tick() -> float | None:
    if _bridge is None:
        return None
    _bridge.tick()
    _redraw_if_changed(_bridge)
    return seconds_to_next_tick(_bridge)


def seconds_to_next_tick(bridge: Bridge) -> float:
    """Returns the seconds from the end of a tick to the next."""
    return _BUSY_SECONDS if bridge.is_busy else _IDLE_SECONDS


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
