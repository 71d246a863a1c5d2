# SPDX-License-Identifier: GPL-3.0-or-later
"""Polls on Blender's timer. Timers do not run in background mode; call `vibesync.pump()` there."""

from __future__ import annotations

import bpy

from ..core.view import View
from . import panel
from .bridge import Bridge
from .schedule import Schedule

_schedule: Schedule | None = None
_shown: View | None = None  # the content that the panel showed last


def poll() -> float | None:
    """Runs what is due; returns the seconds until the next poll. Called by Blender."""
    if _schedule is None:
        return None
    _schedule.poll()
    return _schedule.seconds_to_next_poll()


def _redraw_if_changed(bridge: Bridge) -> None:
    """Redraws the panel if its content changed; Blender does that only on request."""
    global _shown
    now = panel.current_view(bridge)
    if now != _shown:
        _shown = now
        panel.redraw()


def register(bridge: Bridge) -> None:
    """Starts the timer, which continues over file loads."""
    global _schedule
    _schedule = Schedule(bridge, lambda: _redraw_if_changed(bridge))
    bpy.app.timers.register(poll, persistent=True)


def unregister() -> None:
    """Stops the timer."""
    global _schedule
    _schedule = None
    if bpy.app.timers.is_registered(poll):
        bpy.app.timers.unregister(poll)
