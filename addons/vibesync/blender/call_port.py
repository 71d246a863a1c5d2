# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface through which the bridge calls capability add-ons; `capability/service.py` implements it."""

from __future__ import annotations

FEATURE = "capabilities"
MESSAGES = ("addon_command", "command_cancel", "command_end")


class CallPort:
    """Calls of capability add-ons. This class does nothing."""

    @property
    def is_running(self) -> bool:
        """Returns whether code of an add-on runs now: no tick may begin inside it."""
        return False

    @property
    def is_idle(self) -> bool:
        """Returns whether no call is under way."""
        return True

    @property
    def is_due(self) -> bool:
        """Returns whether a call begins in the next tick."""
        return False

    def reset(self) -> None:
        """Forgets the call under way, because another file was opened."""

    def is_look_due(self, now: float) -> bool:
        """Returns whether `look_around` has anything to do."""
        return False

    def look_around(self, now: float) -> None:
        """Looks for add-ons in a small step."""

    def work(self, now: float) -> None:
        """Does a bounded amount of work, after local changes were sent."""

    def handle(self, header: dict, now: float) -> None:
        """Handles one of MESSAGES."""

    def take_refusal(self, ack: dict, now: float) -> bool:
        """Handles the refusal of a call's intent; returns False for any other ack."""
        return False

    def confirm(self, ack: dict, now: float) -> None:
        """Handles an ack after the replica took it in."""
