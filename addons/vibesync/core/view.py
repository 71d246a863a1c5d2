# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel says: from where the addon stands to a color, a sentence, and what there is to press."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

GREEN, YELLOW, RED = "green", "yellow", "red"

_DAMAGED_REGISTRY = "VS-7001"
_LATER = "What you change meanwhile is sent as soon as it is back."
_NO_HELP = "Look the code up in the documentation."
_END_SAFE_MODE = "Your own changes go on. Turn it on again once you know what went wrong."
_HANDS = {
    "modal": "They come as soon as you let go.",
    "edit": "They come as soon as you are back in Object Mode.",
}


@dataclass(frozen=True)
class Facts:
    """Where the addon stands, as plain values. Errors are as `SyncError.to_wire` gives them."""

    state: str  # of the session
    attached: bool  # whether the open file was looked at yet
    paused: str | None  # why automation is off: MANUAL, or the error that turned it off
    error: dict | None
    safe_mode: str | None  # why the daemon has turned automation off, as a clause
    hands: str  # what the person is doing, as section 5 of docs/protocol.md names it
    unanswered: int  # intents that the daemon has not answered
    batch_waits: bool  # whether changes from the other editor are here and not applied
    sent: int
    applied: int
    progress: tuple[str, float] | None  # what is under way, and which fraction of it is done
    notices: tuple[str, ...]  # what is not synchronized, a sentence each


MANUAL = "paused by you"


@dataclass(frozen=True)
class View:
    """What the panel shows, top to bottom."""

    color: str  # GREEN: nothing to do; YELLOW: it goes on by itself, or when you want; RED: nothing moves without you
    title: str
    advice: str
    progress: tuple[str, float] | None
    counts: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...]  # (operator, label)
    problem: tuple[str, ...]  # code and message, then what to do unless `advice` says it
    notices: tuple[str, ...]


def view(facts: Facts) -> View:
    """Decide what to show."""
    color, title, advice = _headline(facts)
    return View(
        color=color,
        title=title,
        advice=advice,
        progress=facts.progress if color != RED else None,
        counts=(
            f"To Unity: {facts.sent} sent, {facts.unanswered} waiting",
            f"From Unity: {facts.applied} applied" + (", 1 waiting" if facts.batch_waits else ""),
        ),
        buttons=_buttons(facts),
        problem=_problem(facts.error, advice),
        notices=facts.notices,
    )


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many characters, as Blender's labels do not wrap."""
    return textwrap.wrap(text, max(columns, 12)) or [""]


def _headline(facts: Facts) -> tuple[str, str, str]:
    if facts.paused == MANUAL:
        return YELLOW, "Paused", "Press Resume to go on. What you changed meanwhile is sent then."
    if facts.paused:
        return RED, "Stopped after an error", "Your scene is untouched. " + _help(facts.error)
    if not facts.attached:
        return YELLOW, "Waiting for you", "VibeSync starts as soon as you have finished what you are doing."
    if facts.state != "connected":
        if facts.error:
            return RED, "Not connected", f"{_help(facts.error)} {_LATER}"
        return YELLOW, "Connecting", "Nothing to do: this takes a moment."
    if facts.safe_mode is not None:
        return YELLOW, "Safe mode", f"Automation is off: {facts.safe_mode}. {_END_SAFE_MODE}"
    if facts.batch_waits and facts.hands in _HANDS:
        return YELLOW, "Changes from Unity wait", _HANDS[facts.hands]
    if facts.error:
        return YELLOW, "Connected, with a problem", _help(facts.error)
    return GREEN, "Synchronizing" if facts.unanswered or facts.batch_waits else "In sync", ""


def _problem(error: dict | None, advice: str) -> tuple[str, ...]:
    if error is None:
        return ()
    said = f"{error['code']}: {error['message']}"
    return (said,) if _help(error) in advice else (said, _help(error))


def _help(error: dict | None) -> str:
    return str((error or {}).get("help") or _NO_HELP)


def _buttons(facts: Facts) -> tuple[tuple[str, str], ...]:
    if not facts.paused:
        usual = ("vibesync.pause", "Pause"), ("vibesync.resync", "Resync")
        if facts.state != "connected":
            return usual
        automation = (("vibesync.automation", "Turn On Automation"),) if facts.safe_mode is not None else ()
        return (*usual, *automation, *((("vibesync.dismiss", "Dismiss"),) if facts.error else ()))
    if facts.paused == MANUAL:
        return (("vibesync.resume", "Resume"),)
    if facts.error and facts.error["code"] == _DAMAGED_REGISTRY:
        return (("vibesync.rebuild", "Rebuild Registry"),)
    return (("vibesync.resume", "Re-enable"),)
