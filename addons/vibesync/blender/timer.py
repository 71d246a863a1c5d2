# SPDX-License-Identifier: GPL-3.0-or-later
"""The tick, on Blender's timer. Timers do not run in background mode: call `vibesync.pump()` there."""

from __future__ import annotations

import bpy

from ..core.view import View
from . import panel
from .bridge import Bridge

_IDLE_SECONDS = 0.02
_BUSY_SECONDS = 0.004

_bridge: Bridge | None = None
_shown: View | None = None  # what the panel was told to show last


def _tick() -> float | None:
    if _bridge is None:
        return None
    _bridge.tick()
    _redraw_if_changed(_bridge)
    return pause(_bridge)


def pause(bridge: Bridge) -> float:
    """Seconds from the end of a tick to the next."""
    return _BUSY_SECONDS if bridge.busy else _IDLE_SECONDS


def _redraw_if_changed(bridge: Bridge) -> None:
    """Blender draws a panel anew only when it is told to."""
    global _shown
    now = panel.look(bridge)
    if now != _shown:
        _shown = now
        panel.redraw()


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
