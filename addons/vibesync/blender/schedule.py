# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides what each poll of Blender's timer does. At rest the parts of a tick are spread over several polls."""

from __future__ import annotations

import time
from collections.abc import Callable

from .bridge import Bridge

_LONGEST_QUIET = 2.0  # seconds; then a tick runs whatever a quick look finds
_REDRAW_SECONDS = 0.25  # for what no tick has changed: the connection, the person's mode


class Schedule:
    """The polls of one bridge. `redraw` brings the panel up to date."""

    def __init__(self, bridge: Bridge, redraw: Callable[[], None]) -> None:
        self._bridge = bridge
        self._redraw = redraw
        self._last_tick = 0.0
        self._next_redraw = 0.0
        self._ticks = 0  # in a row

    def poll(self) -> bool:
        """Runs a tick if there is work or news, else only now and then. Returns whether it ran.

        Without news of the scene, messages are received in a poll of their own, and a quick look takes the place of
        the tick. A poll that has nothing of this to do redraws the panel, or goes on looking for add-ons; ticks that
        leave no such poll do both.
        """
        if self._bridge.calls.is_running:
            return False  # code of an add-on called this
        now = time.monotonic()
        ran = self._run_due(now)
        if ran:
            self._ticks, self._next_redraw = self._ticks + 1, 0.0
        elif ran is None:
            self._ticks = 0
            if now >= self._next_redraw:
                self._redraw_panel(now)
            else:
                self._bridge.look_around(now)
        if self._ticks > 1:
            self._redraw_panel(now)
            self._bridge.look_around(now)
        return bool(ran)

    def seconds_to_next_poll(self) -> float:
        """Returns the seconds until the next poll."""
        return self._bridge.polling.seconds_to_next_poll(time.monotonic(), self._bridge.is_busy)

    def _run_due(self, now: float) -> bool | None:
        """Runs what is due. Returns whether that was a tick; None if nothing was due."""
        bridge = self._bridge
        if bridge.has_scene_news(now):
            return self._tick(receives=True)
        if bridge.is_attached and not bridge.paused and (bridge.session.has_news() or bridge.polling.is_beat_due(now)):
            if bridge.receive(now):
                return self._tick(receives=False)
            bridge.session.flush()
            bridge.polling.record_beat(now)
            return False
        if not bridge.polling.is_tick_due(now):
            return None
        if not self._is_quiet(now):
            return self._tick(receives=not bridge.is_attached)
        bridge.polling.record_tick(now, with_beat=False)
        return False

    def _is_quiet(self, now: float) -> bool:
        bridge = self._bridge
        if now - self._last_tick >= _LONGEST_QUIET or not bridge.session.is_live or bridge.paused:
            return False
        return bridge.is_all_quiet()

    def _tick(self, receives: bool) -> bool:
        self._bridge.tick(receives)
        self._last_tick = time.monotonic()
        return True

    def _redraw_panel(self, now: float) -> None:
        self._next_redraw = now + _REDRAW_SECONDS
        self._redraw()
