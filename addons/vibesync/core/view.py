# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides what the panel shows: turns the state of the addon into a color, a sentence and buttons."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import NamedTuple

from .agent_section import EMPTY, AgentSection, describe_waiting

GREEN, YELLOW, RED = "green", "yellow", "red"

_DAMAGED_REGISTRY = "VS-7001"
_LATER = "Your changes are sent as soon as it is back."
_NO_HELP = "Look up the code in the documentation."
_END_SAFE_MODE = "Your own changes go on. Turn it on again once you know what went wrong."
_HANDS = {
    "modal": "They are applied as soon as you let go.",
    "edit": "They are applied as soon as you are back in Object Mode.",
}


@dataclass(frozen=True)
class PanelState:
    """The state of the addon as plain values. Errors have the form of `SyncError.to_wire`.

    `is_starting`: a sleeping daemon was asked to start. `is_saved`: the open file has a path. `can_leave`: the file
    belongs to its project by choice, and not by its folder.
    """

    state: str  # of the session
    is_attached: bool  # whether the addon has taken up the open file
    paused: str | None  # the reason for the pause: MANUAL, or the error that turned automation off
    error: dict | None
    safe_mode: str | None  # the daemon's reason, as a clause
    activity: str  # the editor state, see section 5 of docs/protocol.md.
    unanswered: int  # intents without an answer
    has_waiting_batch: bool  # whether a batch from the other editor is not applied yet
    sent: int
    applied: int
    progress: tuple[str, float] | None  # the work in progress, and the fraction that is done
    notices: tuple[str, ...]  # one sentence for each kind of unsupported content
    is_starting: bool = False
    is_saved: bool = True
    offers: tuple[tuple[str, str], ...] = ()  # id and folder of each announced project
    can_leave: bool = False
    agents: AgentSection = EMPTY
    seconds_left: float | None = None  # of the work in progress
    has_long_slices: bool = False  # the work may make Blender stutter


MANUAL = "paused by you"


class Join(NamedTuple):
    """A button by which a file without a project joins one."""

    project_id: str
    label: str
    folder: str


@dataclass(frozen=True)
class View:
    """The content of the panel, top to bottom."""

    color: str  # GREEN: fine; YELLOW: continues by itself, or at your choice; RED: needs you
    title: str
    advice: str
    progress: tuple[str, float] | None
    time_left: str
    counts: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...]  # (operator, label)
    problem: tuple[str, ...]  # code and message, then the help unless `advice` has it
    notices: tuple[str, ...]
    joins: tuple[Join, ...]
    can_leave: bool
    agents: AgentSection


def make_view(panel_state: PanelState) -> View:
    """Decides what to show."""
    color, title, advice = _headline(panel_state)
    return View(
        color=color,
        title=title,
        advice=advice,
        progress=panel_state.progress if color != RED else None,
        time_left=_time_left(panel_state.seconds_left),
        counts=(
            f"To Unity: {panel_state.sent} sent, {panel_state.unanswered} waiting",
            f"From Unity: {panel_state.applied} applied" + (", 1 waiting" if panel_state.has_waiting_batch else ""),
        ),
        buttons=_buttons(panel_state),
        problem=_problem(panel_state.error, advice),
        notices=panel_state.notices,
        joins=_joins(panel_state),
        can_leave=panel_state.can_leave and panel_state.state != "unjoined",
        agents=panel_state.agents,
    )


def wrap(text: str, columns: int) -> list[str]:
    """Splits a text into lines, because Blender's labels do not wrap."""
    return textwrap.wrap(text, max(columns, 12)) or [""]


def _headline(panel_state: PanelState) -> tuple[str, str, str]:
    if panel_state.paused == MANUAL:
        return YELLOW, "Paused", "Press Resume to continue. Your changes are sent then."
    if panel_state.paused:
        return RED, "Stopped after an error", "Your scene is untouched. " + _help(panel_state.error)
    if not panel_state.is_attached:
        return YELLOW, "Waiting for you", "VibeSync starts as soon as you have finished the current operation."
    if panel_state.state == "unjoined":
        return YELLOW, "No project", _choose(panel_state)
    if panel_state.state != "connected":
        if panel_state.is_starting:
            return YELLOW, "Starting the daemon", "Nothing to do: this takes a moment."
        if panel_state.error:
            return RED, "Not connected", f"{_help(panel_state.error)} {_LATER}"
        return YELLOW, "Connecting", "Nothing to do: this takes a moment."
    if panel_state.safe_mode is not None:
        return YELLOW, "Safe mode", f"Automation is off: {panel_state.safe_mode}. {_END_SAFE_MODE}"
    if panel_state.has_waiting_batch and panel_state.activity in _HANDS:
        return YELLOW, "Changes from Unity wait", _HANDS[panel_state.activity]
    if panel_state.agents.waiting:
        return (YELLOW, *describe_waiting(panel_state.agents.waiting))
    if panel_state.error:
        return YELLOW, "Connected, with a problem", _help(panel_state.error)
    return GREEN, "Synchronizing" if panel_state.unanswered or panel_state.has_waiting_batch else "In sync", ""


def _time_left(seconds: float | None) -> str:
    """Returns the remaining time in words; empty as long as nobody can tell."""
    if seconds is None:
        return ""
    return f"{seconds / 60.0:.0f} min left" if seconds >= 90.0 else f"{max(seconds, 1.0):.0f} s left"


def _choose(panel_state: PanelState) -> str:
    where = "This file is in the folder of no project." if panel_state.is_saved else "This file is not saved yet."
    if len(panel_state.offers) > 1:
        return f"{where} Several projects are there: join the one that it belongs to, or save it into its folder."
    return f"{where} Join the project, or save it into the project's folder."


def _joins(panel_state: PanelState) -> tuple[Join, ...]:
    if panel_state.state != "unjoined" or panel_state.paused:
        return ()
    names = [re.split(r"[/\\]", folder.rstrip("/\\"))[-1] for _, folder in panel_state.offers]
    return tuple(
        Join(project_id, f"Join {name}" if name and names.count(name) == 1 else f"Join {folder}", folder)
        for name, (project_id, folder) in zip(names, panel_state.offers, strict=True)
    )


def _problem(error: dict | None, advice: str) -> tuple[str, ...]:
    if error is None:
        return ()
    sentence = f"{error['code']}: {error['message']}"
    return (sentence,) if _help(error) in advice else (sentence, _help(error))


def _help(error: dict | None) -> str:
    return str((error or {}).get("help") or _NO_HELP)


def _buttons(panel_state: PanelState) -> tuple[tuple[str, str], ...]:
    if not panel_state.paused:
        if panel_state.state == "unjoined":
            return (("vibesync.dismiss", "Dismiss"),) if panel_state.error else ()
        usual = ("vibesync.pause", "Pause"), ("vibesync.resync", "Resync")
        if panel_state.has_long_slices:
            usual = (*usual, ("vibesync.stay_responsive", "Stay Responsive"))
        if panel_state.state != "connected":
            return usual
        automation = (("vibesync.automation", "Turn On Automation"),) if panel_state.safe_mode is not None else ()
        return (*usual, *automation, *((("vibesync.dismiss", "Dismiss"),) if panel_state.error else ()))
    if panel_state.paused == MANUAL:
        return (("vibesync.resume", "Resume"),)
    if panel_state.error and panel_state.error["code"] == _DAMAGED_REGISTRY:
        return (("vibesync.rebuild", "Rebuild Registry"),)
    return (("vibesync.resume", "Re-enable"),)
