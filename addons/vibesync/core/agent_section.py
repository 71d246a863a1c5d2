# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides what the panel's section about agents shows: the questions with their buttons, and a line for each agent.

Unity's window uses the same words; tests/golden/agent-texts.json holds them for both.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

MODES = ("work", "read", "off")
MAX_CHARACTERS = 300  # of a line
MAX_SHOWN = 8  # agents
MAX_NAMED = 3

_WORK, _READ, _OFF = MODES
_MODE_LABELS = {_WORK: "Let It Work", _READ: "Read Only", _OFF: "Turn Off"}
_MODE_WORDS = {
    "ask": "asks before it changes anything",
    _WORK: "may change the scene",
    _READ: "may only read",
    _OFF: "is turned off",
}


class Question(NamedTuple):
    """An open question of an agent, as the daemon sent it."""

    approval_id: str
    agent: str
    kind: str
    sentence: str
    details: tuple[str, ...]


class Agent(NamedTuple):
    """An agent, as the daemon sent it. `client`: the program that it works in."""

    name: str
    mode: str
    is_connected: bool
    client: str | None
    last_words: str | None
    changes: int


class AnswerButton(NamedTuple):
    """Answers a question. With a `mode` it sets what the agent may do instead."""

    label: str
    approval_id: str
    allow: bool
    remember: str
    agent: str = ""
    mode: str = ""


class ModeButton(NamedTuple):
    """Sets what an agent may do."""

    label: str
    agent: str
    mode: str


class UndoButton(NamedTuple):
    """Takes back what an agent did."""

    label: str
    agent: str


@dataclass(frozen=True)
class QuestionView:
    """A question: its lines, the first of which is the sentence, and its buttons."""

    lines: tuple[str, ...]
    buttons: tuple[AnswerButton, ...]


@dataclass(frozen=True)
class AgentView:
    """An agent: its lines and its buttons."""

    lines: tuple[str, ...]
    buttons: tuple[ModeButton | UndoButton, ...]


@dataclass(frozen=True)
class AgentSection:
    """The section, top to bottom. `waiting`: the names of agents with open questions; empty if none has any."""

    waiting: tuple[str, ...] = ()
    questions: tuple[QuestionView, ...] = ()
    agents: tuple[AgentView, ...] = ()
    more: str = ""
    undone: str = ""  # the result of the last undo

    @property
    def is_empty(self) -> bool:
        """Returns whether no agent is known, so that nothing is shown."""
        return not self.questions and not self.agents


EMPTY = AgentSection()


def make_section(questions: tuple[Question, ...], agents: tuple[Agent, ...], undone: str = "") -> AgentSection:
    """Decides what to show. Connected agents come first."""
    ordered = sorted(agents, key=lambda agent: (not agent.is_connected, agent.name))
    hidden = len(ordered) - MAX_SHOWN
    return AgentSection(
        waiting=tuple(dict.fromkeys(plain(question.agent) for question in questions)),
        questions=tuple(_show_question(each) for each in questions),
        agents=tuple(_show_agent(each) for each in ordered[:MAX_SHOWN]),
        more=f"{hidden} more: vibesync agents" if hidden > 0 else "",
        undone=undone,
    )


def describe_waiting(waiting: tuple[str, ...]) -> tuple[str, str]:
    """Returns title and advice while agents wait for answers."""
    names = ", ".join(waiting[:MAX_NAMED])
    more = len(waiting) - MAX_NAMED
    if more > 0:
        names += f" and {more} more"
    is_one = len(waiting) == 1
    title = "An agent waits for your answer" if is_one else "Agents wait for your answer"
    return title, f"{names} {'asks' if is_one else 'ask'} below. Everything else goes on."


def describe_undo(agent: str, total: int, left_out: int) -> str:
    """Returns the result of an undo. `left_out`: the number of entities that stay."""
    changes = "1 change" if total == 1 else f"{total} changes"
    stay = f"; {left_out} could not be, because of later changes" if left_out else ""
    return f"{changes} of {plain(agent)} taken back{stay}"


def plain(text: str) -> str:
    """Returns the text in one line, without characters that hide or turn text, cut to MAX_CHARACTERS."""
    clean = "".join(" " if _is_hidden(character) else character for character in text[:MAX_CHARACTERS]).strip()
    return clean if len(text) <= MAX_CHARACTERS else clean + "…"


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def _show_question(question: Question) -> QuestionView:
    approval_id = question.approval_id
    no = AnswerButton("No", approval_id, False, "once")
    if question.kind == "work":
        buttons = (
            AnswerButton(_MODE_LABELS[_WORK], approval_id, True, "project"),
            AnswerButton(_MODE_LABELS[_READ], approval_id, False, "once", question.agent, _READ),
            no,
        )
    else:
        buttons = (
            AnswerButton("Allow Once", approval_id, True, "once"),
            AnswerButton("For This Session", approval_id, True, "session"),
            AnswerButton("Always", approval_id, True, "project"),
            no,
        )
    return QuestionView((plain(question.sentence), *map(plain, question.details)), buttons)


def _show_agent(agent: Agent) -> AgentView:
    program = f" ({plain(agent.client)})" if agent.client else ""
    away = "" if agent.is_connected else ", not connected"
    words = _MODE_WORDS.get(agent.mode, plain(agent.mode))
    lines = [f"{plain(agent.name)}{program} {words}{away}"]
    if agent.last_words:
        lines.append(f"Last: {plain(agent.last_words)}")
    modes = tuple(ModeButton(_MODE_LABELS[mode], agent.name, mode) for mode in MODES if mode != agent.mode)
    undo = (UndoButton(f"Undo What {plain(agent.name)} Did", agent.name),) if agent.changes else ()
    return AgentView(tuple(lines), modes + undo)
