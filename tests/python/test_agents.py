# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the section about agents: its words, and the answers that a person sends."""

import json
from pathlib import Path

import pytest
from vibesync.core.agent_section import EMPTY, UndoButton
from vibesync.core.agents import FEATURE, Agents
from vibesync.core.sync_error import SyncError

CASES = json.loads((Path(__file__).parents[1] / "golden" / "agent-texts.json").read_text("utf-8"))["cases"]
WORK, USUAL = CASES[1], CASES[2]


class FakeSession:
    """A session that keeps what is sent."""

    def __init__(self):
        self.is_live = True
        self.features = (FEATURE,)
        self.connection_id = 1
        self.instance_id = "file"
        self.head_seq = 40
        self.sent = []

    def send(self, header):
        self.sent.append(header)

    def of_type(self, kind):
        return [header for header in self.sent if header["type"] == kind]


@pytest.fixture
def session():
    return FakeSession()


def agents_of(session, case):
    agents = Agents(session)
    agents.handle({"type": "approvals", "open": case["approvals"]})
    agents.handle({"type": "result", "what": "agents", "agents": case["agents"]})
    if "revert" in case:
        agents.handle({"type": "result", "what": "revert", **case["revert"]})
    return agents


def write_button(button):
    if isinstance(button, UndoButton):
        return {"label": button.label, "undo": button.agent}
    mode = getattr(button, "mode", "")
    what = {"set": [button.agent, mode]} if mode else {"decide": [button.approval_id, button.allow, button.remember]}
    return {"label": button.label, **what}


def write_entry(entry):
    return {"lines": list(entry.lines), "buttons": [write_button(button) for button in entry.buttons]}


def write_section(section):
    return {
        "waiting": list(section.waiting),
        "questions": [write_entry(each) for each in section.questions],
        "agents": [write_entry(each) for each in section.agents],
        "more": section.more,
        "undone": section.undone,
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_section_uses_the_shared_words(session, case):
    section = agents_of(session, case).section
    assert write_section(section) == case["view"]
    assert section.is_empty is (case["name"] == "nobody is known")


def test_answer_carries_the_id_that_was_shown(session):
    agents = agents_of(session, USUAL)
    shown = agents.section.questions[1].buttons[1]
    assert agents.decide(shown.approval_id, shown.allow, shown.remember, "Ada")
    (sent,) = session.of_type("decide")
    del sent["request_id"]
    wanted = {"approval_id": USUAL["approvals"][1]["approval_id"], "allow": True, "remember": "session", "who": "Ada"}
    assert sent == {"type": "decide", **wanted}


def test_question_is_answered_once(session):
    agents = agents_of(session, WORK)
    approval_id = WORK["approvals"][0]["approval_id"]
    assert agents.decide(approval_id, True, "project", "Ada")
    assert agents.section.waiting == () and agents.section.questions == ()
    assert not agents.decide(approval_id, False, "once", "Ada")
    assert len(session.of_type("decide")) == 1
    agents.handle({"type": "error", "code": "VS-1005"})
    assert agents.section.waiting == ("claude",), "the answer failed: the person may try again"


@pytest.mark.parametrize("approval_id, remember", [("unknown", "once"), (None, "forever")])
def test_only_shown_questions_are_answered(session, approval_id, remember):
    agents = agents_of(session, WORK)
    approval_id = approval_id or WORK["approvals"][0]["approval_id"]
    assert not agents.decide(approval_id, True, remember, "Ada")
    assert not session.of_type("decide")


def test_mode_is_set_for_shown_agents_only(session):
    agents = agents_of(session, WORK)
    assert agents.set_mode("claude", "read", "Ada")
    assert not agents.set_mode("other", "work", "Ada") and not agents.set_mode("claude", "root", "Ada")
    (sent,) = session.of_type("set_agent")
    assert (sent["agent"], sent["mode"], sent["who"]) == ("claude", "read", "Ada") and sent["why"]


def test_undo_is_about_the_time_since_the_file_was_opened(session):
    agents = agents_of(session, USUAL)
    agents.work(0.0)
    session.head_seq = 70
    agents.work(0.1)
    assert agents.undo("claude", "Ada") and not agents.undo("other", "Ada")
    (sent,) = session.of_type("revert")
    assert (sent["agent"], sent["since_seq"], sent["operations"], sent["dry_run"]) == ("claude", 40, [], False)
    assert sent["who"] == "Ada" and sent["label"] and sent["request_id"]
    session.instance_id = "another file"
    agents.work(0.2)
    session.instance_id, session.head_seq = "another file", 60
    agents.work(0.3)
    agents.undo("claude", "Ada")
    assert session.of_type("revert")[-1]["since_seq"] == 60, "the log lost records"


def test_questions_end_with_the_connection(session):
    agents = agents_of(session, WORK)
    session.is_live = False
    assert agents.section == EMPTY
    session.is_live, session.connection_id = True, 2
    assert agents.section == EMPTY
    agents.work(0.0)
    assert not agents.decide(WORK["approvals"][0]["approval_id"], True, "once", "Ada")


def test_agents_are_asked_for_again_after_news(session):
    agents = Agents(session)
    agents.work(100.0)
    agents.work(104.9)
    assert len(session.of_type("query")) == 1
    agents.work(105.0)
    assert len(session.of_type("query")) == 2
    for news in ({"type": "approvals", "open": []}, {"type": "result", "what": "decide", "seq": 7}):
        before = len(session.of_type("query"))
        agents.handle(news)
        agents.work(105.1)
        assert len(session.of_type("query")) == before + 1


def test_daemon_without_the_feature_is_not_asked(session):
    session.features = ()
    agents = Agents(session)
    agents.work(0.0)
    assert session.sent == []


@pytest.mark.parametrize(
    "given, location",
    [
        (None, "approvals.open"),
        ([{}] * 33, "approvals.open"),
        ([7], "approvals.open[0]"),
        ([{**WORK["approvals"][0], "approval_id": "x"}], "approvals.open[0].approval_id"),
        ([{**WORK["approvals"][0], "sentence": 7}], "approvals.open[0].sentence"),
        ([{**WORK["approvals"][0], "details": "Allow"}], "approvals.open[0].details"),
    ],
)
def test_malformed_questions_are_refused(session, given, location):
    with pytest.raises(SyncError) as refused:
        Agents(session).handle({"type": "approvals", "open": given})
    assert (refused.value.code, refused.value.location) == ("VS-1006", location)


def test_malformed_agents_are_refused(session):
    for wrong in (
        None,
        [7],
        [{"name": "a"}],
        [{"name": "a", "mode": "ask", "client": 7}],
        [{"name": "a", "mode": "ask"}],
    ):
        with pytest.raises(SyncError):
            Agents(session).handle({"type": "result", "what": "agents", "agents": wrong})
