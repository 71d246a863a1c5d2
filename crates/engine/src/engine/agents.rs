//! The sequences for agents: what they may do, what people are asked, and what people decide.

use vibesync_protocol::{
    AckStatus, Code, DaemonMessage, DecideRequest, Intent, MAX_CHANGES, QueryResult,
    SetAgentRequest,
};
use vibesync_scene::{
    AgentMode, AgentName, ApprovalDecision, ApprovalKind, Change, Invalid, OperationId, Outcome,
    Payload, Phase, RecordBody, Remember, Role, SessionId, Verdict, truncate_text,
};

use super::Engine;
use crate::agents::access::Judgment;
use crate::agents::approvals::{Approval, Ask};
use crate::agents::question;
use crate::agents::report;
use crate::agents::state::WaitingIntent;
use crate::governance::policy;
use crate::intake::answer::content_digest;
use crate::intake::pending_intents::Standing;
use crate::intake::validate::Validated;
use crate::options::ApproveIn;
use crate::session::sessions::DisconnectReason;

/// Most entities that the record of an answer names.
const MAX_UUIDS: usize = 10;

/// The answer of a person, or that there was none.
struct Decision {
    decision: ApprovalDecision,
    remember: Option<Remember>,
    by: Option<Role>,
    who: Option<String>,
}

impl Engine {
    /// Decides whether an agent may carry out a valid intent. Returns it if so. Otherwise the agent has its answer: it was
    /// refused, or waits for a person.
    pub(super) fn admit(
        &mut self,
        session: SessionId,
        intent: &Intent,
        standing: Standing,
        validated: Validated,
    ) -> Option<Validated> {
        let Some(agent) = self.sessions.agent(session).cloned() else {
            return Some(validated);
        };
        let history = self.journal.agents();
        let access = self.agents.access(history, &agent);
        let changes = &validated.accepted;
        let judgment = access.judge(standing.purpose, changes, standing.is_approved);
        let judgment = match judgment {
            Judgment::Refuse(invalid) => {
                self.answers().refuse(session, intent, invalid);
                return None;
            }
            judgment => judgment,
        };
        // The failure history refuses what it forbids. Nobody is asked about that.
        let digest = content_digest(intent);
        let failures = self.journal.failures();
        let decision = policy::decide(failures, Role::Agent, &digest, changes.iter());
        if decision.verdict >= Verdict::Block {
            return Some(validated);
        }
        if let Err(invalid) = self.check_budget(&agent, created(changes)) {
            self.answers().refuse(session, intent, invalid);
            return None;
        }
        if let Judgment::Ask(kinds) = judgment {
            self.ask_about(session, &agent, intent, standing, &kinds, changes);
            return None;
        }
        self.note_changes(&agent, changes);
        Some(validated)
    }

    /// Decides whether the budget of an agent has room for what a tool that it called has made. Returns the changes if so.
    /// Otherwise the editor has its answer.
    pub(super) fn admit_tool(
        &mut self,
        session: SessionId,
        agent: &AgentName,
        intent: &Intent,
        validated: Validated,
    ) -> Option<Validated> {
        let changes = &validated.accepted;
        let digest = content_digest(intent);
        let failures = self.journal.failures();
        let decision = policy::decide(failures, Role::Agent, &digest, changes.iter());
        if decision.verdict >= Verdict::Block {
            return Some(validated);
        }
        if let Err(invalid) = self.check_budget(agent, created(changes)) {
            self.answers().refuse(session, intent, invalid);
            return None;
        }
        self.note_changes(agent, changes);
        Some(validated)
    }

    /// Counts the changes of an agent.
    fn note_changes(&mut self, agent: &AgentName, changes: &[Change]) {
        let now = self.journal.now();
        if let Some(seen) = self.agents.seen_mut(agent) {
            seen.created.note(created(changes), now);
            seen.changes += changes.len() as u64;
        }
    }

    /// Notes what an agent says it does.
    pub(super) fn note_words(&mut self, session: SessionId, label: &str) {
        let head = self.journal.head_seq();
        let agent = self.sessions.agent(session);
        if let Some(seen) = agent.and_then(|agent| self.agents.seen_mut(agent)) {
            seen.last_words = Some(truncate_text(label.to_owned()));
            seen.last_seq = head;
        }
    }

    fn check_budget(&self, agent: &AgentName, created: u64) -> Result<(), Invalid> {
        let most = self.agents.options.created_per_day;
        let seen = self.agents.seen(agent);
        let spent = seen.map(|seen| seen.created).unwrap_or_default();
        let now = self.journal.now();
        spent.check(created, most, now).map_err(|wait| {
            let message = match created > most {
                true => format!("{created} new entities; {most} are allowed within a day"),
                false => format!(
                    "{agent} has created {} of {most} entities within a day; try again in {wait} ms",
                    spent.count(now)
                ),
            };
            Invalid::new(Code::BudgetUsedUp, "changes", message)
        })
    }

    /// Lets an intent wait for a person's answer, and asks.
    fn ask_about(
        &mut self,
        session: SessionId,
        agent: &AgentName,
        intent: &Intent,
        standing: Standing,
        kinds: &[ApprovalKind],
        changes: &[Change],
    ) {
        let Some(kind) = kinds.first() else {
            return;
        };
        let others = kinds.iter().skip(1).map(|kind| {
            let wish = question::sentence(agent, kind, changes, "");
            format!("Also: {wish}")
        });
        let details = question::details(&self.scene, changes).into_iter();
        let ask = Ask {
            agent: agent.clone(),
            session,
            operation: intent.operation_id,
            kind: kind.clone(),
            digest: content_digest(intent),
            sentence: question::sentence(agent, kind, changes, &intent.label),
            details: details.chain(others).collect(),
            seq: self.journal.head_seq(),
        };
        let now = self.journal.now();
        let waiting = self.agents.waiting_changes();
        let has_room = waiting == 0 || waiting + intent.changes.len() <= MAX_CHANGES;
        let next = self.agents.approvals.deadline().unwrap_or(now);
        let asked = match has_room {
            true => self.agents.approvals.ask(ask, now).cloned(),
            false => Err(next.saturating_sub(now)),
        };
        match asked {
            Ok(approval) => {
                let waiting = WaitingIntent {
                    intent: intent.clone(),
                    purpose: standing.purpose,
                };
                self.agents.keep(approval.id, waiting);
                self.acknowledge_waiting(session, &approval);
            }
            Err(wait) => {
                let message = format!(
                    "too many questions wait for a person; try again in {wait} ms at the latest"
                );
                let invalid = Invalid::new(Code::BudgetUsedUp, "", message);
                self.answers().refuse(session, intent, invalid);
            }
        }
    }

    /// Answers an operation that waits for a person already. Returns false if it does not.
    pub(super) fn repeat_waiting(&mut self, session: SessionId, operation: OperationId) -> bool {
        let agent = self.sessions.agent(session);
        let found = agent.and_then(|agent| self.agents.approvals.find(agent, operation));
        let Some(approval) = found.cloned() else {
            return false;
        };
        self.agents.approvals.move_to(approval.id, session);
        self.acknowledge_waiting(session, &approval);
        true
    }

    /// Returns true if the operation id of a waiting intent is used for other content, or by another client.
    pub(super) fn is_swapped(&self, session: SessionId, intent: &Intent) -> bool {
        let agent = self.sessions.agent(session);
        let approvals = &self.agents.approvals;
        approvals.is_taken(agent, intent.operation_id, &content_digest(intent))
    }

    fn acknowledge_waiting(&mut self, session: SessionId, approval: &Approval) {
        let ack = DaemonMessage::Ack {
            operation_id: approval.ask.operation,
            status: AckStatus::Waiting,
            seq: self.journal.head_seq(),
            behind: Vec::new(),
            error: None,
            approval: Some(approval.awaited(self.journal.now())),
        };
        self.journal.send(session, ack);
    }

    /// Carries out a person's answer to a question.
    pub(super) fn decide(&mut self, session: SessionId, by: Role, request: DecideRequest) {
        let DecideRequest {
            request_id,
            approval_id,
            allow,
            remember,
            who,
        } = request;
        if let Err(message) = self.check_person(by, allow) {
            return self
                .journal
                .send_error(session, Code::MessageUnknown, message, "type");
        }
        let approval = self.agents.approvals.take(approval_id);
        let decision = Decision {
            decision: match allow {
                true => ApprovalDecision::Allowed,
                false => ApprovalDecision::Refused,
            },
            remember: allow.then_some(remember),
            by: Some(by),
            who: Some(truncate_text(who.clone())),
        };
        let seq = approval
            .as_ref()
            .map(|it| self.log_answer(Some(session), it, decision));
        let result = QueryResult::Decide { seq };
        self.journal
            .send(session, DaemonMessage::Result { request_id, result });
        let Some(approval) = approval else {
            return;
        };
        if !allow {
            return self.refuse_waiting(&approval, Code::PersonRefused, "a person said no");
        }
        if remember == Remember::Session
            && let Some(seen) = self.agents.seen_mut(&approval.ask.agent)
        {
            seen.allowed.insert(approval.ask.kind.clone());
        }
        if !self.allow_call(session, &approval, (by, &who), remember) {
            self.resume(&approval, true);
        }
        if remember != Remember::Once {
            self.reconsider(&approval.ask.agent);
        }
    }

    /// Checks that a person may decide with this client. To forbid is possible everywhere.
    fn check_person(&self, by: Role, loosens: bool) -> Result<(), &'static str> {
        if !by.is_person() {
            return Err("only a person decides what an agent may do");
        }
        let is_bound = self.agents.options.approve_in == ApproveIn::Editor && by == Role::Cli;
        match loosens && is_bound && self.sessions.can_ask_in_editor() {
            true => Err(
                "an editor is connected: allow it there, or set agents.approve_in to \"anywhere\"",
            ),
            false => Ok(()),
        }
    }

    fn log_answer(
        &mut self,
        session: Option<SessionId>,
        approval: &Approval,
        answer: Decision,
    ) -> u64 {
        let ask = &approval.ask;
        let waiting = self.agents.waiting_intent(approval.id);
        let changes = waiting.map_or(&[][..], |it| &it.intent.changes);
        self.journal.append(RecordBody {
            session_id: session,
            operation_id: Some(ask.operation),
            uuids: question::uuids(changes, MAX_UUIDS),
            phase: Phase::Approval,
            outcome: match answer.decision {
                ApprovalDecision::Allowed => Outcome::Ok,
                ApprovalDecision::Refused | ApprovalDecision::Expired => Outcome::Failed,
            },
            error_code: match answer.decision {
                ApprovalDecision::Allowed => None,
                ApprovalDecision::Refused => Some(Code::PersonRefused),
                ApprovalDecision::Expired => Some(Code::ApprovalAwaited),
            },
            payload: Payload::Approval {
                approval_id: approval.id,
                agent: ask.agent.clone(),
                kind: ask.kind.clone(),
                what: truncate_text(ask.sentence.clone()),
                digest: ask.digest.clone(),
                decision: answer.decision,
                remember: answer.remember,
                by: answer.by,
                who: answer.who,
            },
        })
    }

    /// Decides again on an intent whose question was closed: against the scene as it is now.
    fn resume(&mut self, approval: &Approval, is_approved: bool) {
        self.reconsider_call(approval);
        let Some(WaitingIntent { intent, purpose }) = self.agents.take_waiting(approval) else {
            return;
        };
        let session = approval.ask.session;
        if let Some(role) = self.sessions.role(session) {
            let standing = Standing {
                purpose,
                is_approved,
            };
            self.submit(session, role, intent, standing);
        }
    }

    /// Decides again on all intents of an agent that wait for an answer, because it may do more or less now.
    fn reconsider(&mut self, agent: &AgentName) {
        for approval in self.agents.approvals.take_agent(agent) {
            self.resume(&approval, false);
        }
    }

    fn refuse_waiting(&mut self, approval: &Approval, code: Code, message: &str) {
        self.refuse_asking(approval, code, message);
        if let Some(waiting) = self.agents.take_waiting(approval) {
            let invalid = Invalid::new(code, "", message);
            let session = approval.ask.session;
            self.answers().refuse(session, &waiting.intent, invalid);
        }
    }

    /// Closes the questions that nobody has answered in time.
    pub(super) fn expire_approvals(&mut self) {
        let now = self.journal.now();
        for approval in self.agents.approvals.take_expired(now) {
            let decision = Decision {
                decision: ApprovalDecision::Expired,
                remember: None,
                by: None,
                who: None,
            };
            self.log_answer(None, &approval, decision);
            let message = "nobody has answered within ten minutes";
            self.refuse_waiting(&approval, Code::ApprovalAwaited, message);
        }
    }

    /// Carries out a person's decision about an agent.
    pub(super) fn set_agent(&mut self, session: SessionId, by: Role, request: SetAgentRequest) {
        let SetAgentRequest {
            request_id,
            agent,
            mode,
            who,
            why,
        } = request;
        let loosens = matches!(mode, AgentMode::Work | AgentMode::Ask);
        if let Err(message) = self.check_person(by, loosens) {
            return self
                .journal
                .send_error(session, Code::MessageUnknown, message, "type");
        }
        let seq = self.journal.append(RecordBody {
            session_id: Some(session),
            operation_id: None,
            uuids: Vec::new(),
            phase: Phase::Agent,
            outcome: Outcome::Ok,
            error_code: None,
            payload: Payload::Agent {
                agent: agent.clone(),
                mode,
                by,
                who: truncate_text(who),
                why: truncate_text(why),
            },
        });
        if let Some(seen) = self.agents.seen_mut(&agent) {
            seen.allowed.clear();
        }
        let result = QueryResult::SetAgent { seq };
        self.journal
            .send(session, DaemonMessage::Result { request_id, result });
        let access = self.agents.access(self.journal.agents(), &agent);
        let mode = access.mode();
        if matches!(mode, AgentMode::Off | AgentMode::Read) {
            self.forbid_calls(|call| call.agent == agent);
        }
        match mode {
            AgentMode::Off => self.close_agent(&agent),
            AgentMode::Ask | AgentMode::Read | AgentMode::Work => self.reconsider(&agent),
        }
    }

    /// Ends all connections of an agent that is turned off.
    fn close_agent(&mut self, agent: &AgentName) {
        for session in self.sessions.of_agent(agent) {
            let reason = DisconnectReason::AgentOff(agent.clone());
            self.close(session, Code::ScopeNotGranted, "hello.agent", &reason);
        }
    }

    /// Tells people what agents ask for, if that has changed.
    pub(super) fn announce_approvals(&mut self) {
        if self.agents.approvals.take_changed() {
            for session in self.sessions.that_ask_people() {
                self.send_approvals(session);
            }
        }
    }

    pub(super) fn send_approvals(&mut self, session: SessionId) {
        let open = report::open(&self.agents, self.journal.now());
        self.journal
            .send(session, DaemonMessage::Approvals { open });
    }
}

/// Returns the number of entities that changes create.
fn created(changes: &[Change]) -> u64 {
    let created = changes.iter();
    let created = created.filter(|it| matches!(it, Change::Create { .. }));
    created.count() as u64
}
