# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides how often the addon polls: often while either editor is active, rarely at rest."""

from __future__ import annotations

_ACTIVE_SECONDS = 2.0  # how long activity counts
_POLL_ACTIVE = 0.004
_POLL_AT_REST = 0.01
_TICK_ACTIVE = 0.02
_TICK_AT_REST = 0.05
_BEAT_AT_REST = 0.1


class Polling:
    """The intervals of polls and ticks. A poll looks for news, and costs a fraction of a tick.

    Without news a tick runs only now and then, for heartbeats and for changes that Blender does not announce.
    """

    def __init__(self) -> None:
        self._active_until = 0.0
        self._next_tick = 0.0
        self._next_beat = 0.0

    def record_activity(self, now: float) -> None:
        """Records a message from the daemon or a local change: more are likely to follow."""
        self._active_until = now + _ACTIVE_SECONDS

    def record_tick(self, now: float, with_beat: bool = True) -> None:
        """Records a tick, so that the next one without news is an interval away. `with_beat`: it received messages."""
        self._next_tick = now + (_TICK_ACTIVE if self._is_active(now) else _TICK_AT_REST)
        if with_beat:
            self.record_beat(now)

    def record_beat(self, now: float) -> None:
        """Records that messages were received and heartbeats sent."""
        self._next_beat = now + (_TICK_ACTIVE if self._is_active(now) else _BEAT_AT_REST)

    def is_beat_due(self, now: float) -> bool:
        """Returns whether heartbeats must be looked after even without news."""
        return now >= self._next_beat

    def is_tick_due(self, now: float) -> bool:
        """Returns whether a tick must run even without news."""
        return now >= self._next_tick

    def seconds_to_next_poll(self, now: float, is_busy: bool) -> float:
        """Returns the seconds from the end of a poll to the next. `is_busy`: the last tick left work."""
        return _POLL_ACTIVE if is_busy or self._is_active(now) else _POLL_AT_REST

    def _is_active(self, now: float) -> bool:
        return now < self._active_until
