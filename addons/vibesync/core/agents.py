# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions of agents and the agents themselves: what the daemon reports of them, and what a person answers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .agent_section import EMPTY, MODES, Agent, AgentSection, Question, describe_undo, make_section
from .check import is_uuid
from .sync_error import SyncError

if TYPE_CHECKING:
    from .session import Session

FEATURE = "agents"
MESSAGES = frozenset({"approvals"})
REMEMBER = ("once", "session", "project")
MAX_QUESTIONS = 32
MAX_AGENTS = 1_000  # the section shows a few of them
_MAX_DETAILS = 12
_REFRESH_SECONDS = 5.0  # agents come and go without a message
_WHY = "chosen in the editor's panel"


class Agents:
    """Follows the questions and the agents on one connection, and sends a person's answers.

    A question ends with the connection on which the daemon asked it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection_id = 0
        self._questions: tuple[Question, ...] = ()
        self._agents: tuple[Agent, ...] = ()
        self._answered: set[str] = set()  # questions whose answer is on its way
        self._next_query = 0.0
        self._instance_id = ""
        self._since = 0  # an undo takes back what came after it: the head of the log when the file was opened
        self._undone = ""
        self._section = EMPTY

    @property
    def section(self) -> AgentSection:
        """Returns the content of the panel's section; empty without a connection."""
        return self._section if self._is_current() else EMPTY

    def handle(self, header: dict) -> None:
        """Handles `approvals`, the results of this class's requests, and errors. Raises SyncError VS-1006."""
        self._follow_connection()
        kind, what = header["type"], header.get("what")
        if kind == "approvals":
            self._questions = _read_questions(header.get("open"))
            self._next_query = 0.0
        elif what == "agents":
            self._agents = _read_agents(header.get("agents"))
        elif what in ("decide", "set_agent"):
            self._next_query = 0.0
        elif what == "revert":
            self._undone = _read_undo(header)
            self._next_query = 0.0
        elif kind == "error":
            self._answered.clear()  # it may be the answer that failed: show the buttons again
        self._show()

    def work(self, now: float) -> None:
        """Asks for the list of agents when it is due."""
        self._follow_connection()
        if self._is_current():
            self._follow_file()
        if self._is_current() and now >= self._next_query:
            self._next_query = now + _REFRESH_SECONDS
            self._session.send({"type": "query", "request_id": str(uuid.uuid4()), "what": FEATURE})

    def decide(self, approval_id: str, allow: bool, remember: str, who: str) -> bool:
        """Sends a person's answer to the question that was shown. Returns False if it is not open any more."""
        if not self._is_current() or self._find_open(approval_id) is None or remember not in REMEMBER:
            return False
        answer = {"approval_id": approval_id, "allow": allow, "remember": remember, "who": who}
        self._session.send({"type": "decide", "request_id": str(uuid.uuid4()), **answer})
        self._answered.add(approval_id)
        self._show()
        return True

    def set_mode(self, agent: str, mode: str, who: str) -> bool:
        """Sends what an agent may do from now on. Returns False if the panel does not show this agent."""
        if not self._is_shown(agent) or mode not in MODES:
            return False
        decision = {"agent": agent, "mode": mode, "who": who, "why": _WHY}
        self._session.send({"type": "set_agent", "request_id": str(uuid.uuid4()), **decision})
        return True

    def undo(self, agent: str, who: str) -> bool:
        """Takes back what an agent did since the file was opened. Returns False if the panel does not show it."""
        if not self._is_shown(agent):
            return False
        work = {"agent": agent, "operations": [], "since_seq": self._since, "dry_run": False}
        label = f"Undo what {agent} did"
        self._session.send({"type": "revert", "request_id": str(uuid.uuid4()), **work, "label": label, "who": who})
        return True

    def _is_shown(self, agent: str) -> bool:
        names = {each.name for each in self._agents} | {each.agent for each in self._questions}
        return self._is_current() and agent in names

    def _find_open(self, approval_id: str) -> Question | None:
        is_open = (each for each in self._questions if each.approval_id == approval_id)
        return next(is_open, None) if approval_id not in self._answered else None

    def _is_current(self) -> bool:
        session = self._session
        return session.is_live and FEATURE in session.features and session.connection_id == self._connection_id

    def _follow_connection(self) -> None:
        """Starts over on a new connection: the daemon sends it the open questions."""
        if self._session.connection_id == self._connection_id:
            return
        self._connection_id = self._session.connection_id
        self._questions, self._agents, self._next_query, self._undone = (), (), 0.0, ""
        self._answered.clear()
        self._show()

    def _follow_file(self) -> None:
        """Notes where the log was when the file was opened; a log that lost records may be shorter since."""
        head_seq = self._session.head_seq
        self._since = head_seq if self._session.instance_id != self._instance_id else min(self._since, head_seq)
        self._instance_id = self._session.instance_id

    def _show(self) -> None:
        self._answered &= {each.approval_id for each in self._questions}
        waiting = tuple(each for each in self._questions if each.approval_id not in self._answered)
        self._section = make_section(waiting, self._agents, self._undone)


def _read_questions(given: object) -> tuple[Question, ...]:
    if not isinstance(given, list) or len(given) > MAX_QUESTIONS:
        raise SyncError("VS-1006", f"not a list of at most {MAX_QUESTIONS} questions", "approvals.open")
    return tuple(_read_question(each, f"approvals.open[{number}]") for number, each in enumerate(given))


def _read_question(given: object, location: str) -> Question:
    _check(isinstance(given, dict), "an object", location)
    _check(is_uuid(given.get("approval_id")), "a uuid", f"{location}.approval_id")
    texts = {key: given.get(key) for key in ("agent", "kind", "sentence")}
    for key, value in texts.items():
        _check(isinstance(value, str), "a text", f"{location}.{key}")
    details = given.get("details", [])
    is_list = isinstance(details, list) and all(isinstance(each, str) for each in details)
    _check(is_list, "a list of texts", f"{location}.details")
    return Question(given["approval_id"], **texts, details=tuple(details[:_MAX_DETAILS]))


def _read_agents(given: object) -> tuple[Agent, ...]:
    _check(isinstance(given, list), "a list", "result.agents")
    return tuple(_read_agent(each, f"result.agents[{number}]") for number, each in enumerate(given[:MAX_AGENTS]))


def _read_agent(given: object, location: str) -> Agent:
    _check(isinstance(given, dict), "an object", location)
    for key in ("name", "mode"):
        _check(isinstance(given.get(key), str), "a text", f"{location}.{key}")
    for key in ("client", "last_words"):
        _check(isinstance(given.get(key), str | None), "a text", f"{location}.{key}")
    changes = given.get("changes")
    _check(type(changes) is int, "a number", f"{location}.changes")
    is_connected = given.get("connected") is True
    return Agent(given["name"], given["mode"], is_connected, given.get("client"), given.get("last_words"), changes)


def _read_undo(given: dict) -> str:
    _check(isinstance(given.get("agent"), str), "a text", "result.agent")
    for key in ("total", "left_out_total"):
        _check(type(given.get(key)) is int, "a number", f"result.{key}")
    return describe_undo(given["agent"], given["total"], given["left_out_total"])


def _check(is_right: bool, wanted: str, location: str) -> None:
    if not is_right:
        raise SyncError("VS-1006", f"not {wanted}", location)
