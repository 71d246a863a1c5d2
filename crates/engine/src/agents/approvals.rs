//! Questions to people: a pure state machine.
//!
//! A question is about one content, by its digest. It is open until a person answers, until it expires, or until the
//! connection that asked has ended. Only the daemon's memory has open questions: after a restart the agent asks again.

use std::collections::BTreeMap;

use vibesync_protocol::{AwaitedApproval, MAX_APPROVALS, OpenApproval};
use vibesync_scene::{AgentName, ApprovalKind, OperationId, SessionId, Uuid};

/// Time for an answer, milliseconds.
pub(crate) const APPROVAL_MS: u64 = 600_000;

/// A question of an agent, before it is open.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub agent: AgentName,
    pub session: SessionId,
    /// The operation, or the call, that waits. Stays the same when the agent asks again.
    pub operation: OperationId,
    pub kind: ApprovalKind,
    /// BLAKE3 of the content that the answer is about.
    pub digest: String,
    /// The question, for people.
    pub sentence: String,
    /// The exact effects, for people.
    pub details: Vec<String>,
    /// Sequence of the newest record.
    pub seq: u64,
}

/// An open question.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub id: Uuid,
    pub ask: Ask,
    expires_at: u64,
}

impl Approval {
    /// Returns what the agent is told.
    pub fn awaited(&self, now: u64) -> AwaitedApproval {
        AwaitedApproval {
            approval_id: self.id,
            expires_in_ms: self.expires_at.saturating_sub(now),
        }
    }

    /// Returns what a person is shown.
    pub fn shown(&self, now: u64) -> OpenApproval {
        let ask = &self.ask;
        OpenApproval {
            approval_id: self.id,
            agent: ask.agent.clone(),
            kind: ask.kind.clone(),
            sentence: ask.sentence.clone(),
            details: ask.details.clone(),
            asked_at_seq: ask.seq,
            expires_in_ms: self.expires_at.saturating_sub(now),
        }
    }
}

/// All open questions.
#[derive(Debug, Default)]
pub(crate) struct Approvals {
    open: BTreeMap<Uuid, Approval>,
    has_changed: bool,
}

impl Approvals {
    /// Opens a question. If there are too many, returns the time until the first one expires, milliseconds.
    pub fn ask(&mut self, ask: Ask, now: u64) -> Result<&Approval, u64> {
        if self.open.len() >= MAX_APPROVALS {
            let next = self.deadline().unwrap_or(now);
            return Err(next.saturating_sub(now));
        }
        let id = id_of(&ask, now);
        self.has_changed = true;
        let expires_at = now.saturating_add(APPROVAL_MS);
        let approval = Approval {
            id,
            ask,
            expires_at,
        };
        Ok(self.open.entry(id).or_insert(approval))
    }

    /// Returns the open question of an agent about this operation.
    pub fn find(&self, agent: &AgentName, operation: OperationId) -> Option<&Approval> {
        let mut open = self.open.values();
        open.find(|it| it.ask.operation == operation && it.ask.agent == *agent)
    }

    /// Returns an open question.
    pub fn get(&self, id: Uuid) -> Option<&Approval> {
        self.open.get(&id)
    }

    /// Returns true if the operation waits with other content than this, or is another agent's.
    pub fn is_taken(
        &self,
        agent: Option<&AgentName>,
        operation: OperationId,
        digest: &str,
    ) -> bool {
        let mut open = self.open.values().map(|it| &it.ask);
        open.any(|ask| {
            ask.operation == operation && (Some(&ask.agent) != agent || ask.digest != digest)
        })
    }

    /// Notes that the agent has asked the same again, over this connection.
    pub fn move_to(&mut self, id: Uuid, session: SessionId) {
        if let Some(approval) = self.open.get_mut(&id) {
            approval.ask.session = session;
        }
    }

    /// Closes a question. Returns none if it is not open any more.
    pub fn take(&mut self, id: Uuid) -> Option<Approval> {
        let taken = self.open.remove(&id);
        self.has_changed |= taken.is_some();
        taken
    }

    /// Closes the questions that nobody has answered in time.
    pub fn take_expired(&mut self, now: u64) -> Vec<Approval> {
        self.take_if(|it| it.expires_at <= now)
    }

    /// Closes the questions of a connection.
    pub fn take_session(&mut self, session: SessionId) -> Vec<Approval> {
        self.take_if(|it| it.ask.session == session)
    }

    /// Closes the questions of an agent.
    pub fn take_agent(&mut self, agent: &AgentName) -> Vec<Approval> {
        self.take_if(|it| it.ask.agent == *agent)
    }

    fn take_if(&mut self, is_taken: impl Fn(&Approval) -> bool) -> Vec<Approval> {
        let ids = self.open.values().filter(|it| is_taken(it));
        let ids: Vec<Uuid> = ids.map(|it| it.id).collect();
        ids.into_iter().filter_map(|id| self.take(id)).collect()
    }

    /// All open questions.
    pub fn iter(&self) -> impl Iterator<Item = &Approval> {
        self.open.values()
    }

    /// Returns the time at which the next question expires.
    pub fn deadline(&self) -> Option<u64> {
        self.open.values().map(|it| it.expires_at).min()
    }

    /// Returns true if questions were opened or closed since the last call.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.has_changed)
    }
}

/// Returns an id that no other question has: the connection's id is random, and asks the same once at a time.
fn id_of(ask: &Ask, now: u64) -> Uuid {
    let text = format!(
        "{}\n{}\n{}\n{}\n{now}\n{}",
        ask.agent, ask.session, ask.operation, ask.digest, ask.seq
    );
    let hash = blake3::hash(text.as_bytes());
    let mut bytes = [0; 16];
    let digits = hash.as_bytes().iter();
    bytes
        .iter_mut()
        .zip(digits)
        .for_each(|(to, from)| *to = *from);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(operation: u128) -> Ask {
        Ask {
            agent: AgentName::default(),
            session: SessionId(Uuid::from_u128(1)),
            operation: OperationId(Uuid::from_u128(operation)),
            kind: ApprovalKind::Work,
            digest: "d".into(),
            sentence: "agent wants to change this scene".into(),
            details: Vec::new(),
            seq: 1,
        }
    }

    #[test]
    fn question_is_answered_once() {
        let mut approvals = Approvals::default();
        let id = approvals.ask(ask(7), 0).unwrap().id;
        assert!(approvals.take_changed() && !approvals.take_changed());
        assert!(approvals.take(id).is_some());
        assert!(approvals.take_changed());
        assert!(approvals.take(id).is_none());
        assert!(!approvals.take_changed());
    }

    #[test]
    fn question_expires_after_ten_minutes() {
        let mut approvals = Approvals::default();
        let id = approvals.ask(ask(7), 5).unwrap().id;
        assert_eq!(approvals.deadline(), Some(600_005));
        assert!(approvals.take_expired(600_004).is_empty());
        assert_eq!(approvals.open[&id].awaited(600_004).expires_in_ms, 1);
        assert_eq!(approvals.take_expired(600_005).len(), 1);
        assert_eq!(approvals.deadline(), None);
    }

    #[test]
    fn number_of_open_questions_is_limited() {
        let mut approvals = Approvals::default();
        for operation in 0..MAX_APPROVALS {
            approvals.ask(ask(operation as u128), 1_000).unwrap();
        }
        assert_eq!(approvals.ask(ask(99), 2_000).unwrap_err(), 599_000);
        let session = SessionId(Uuid::from_u128(1));
        assert_eq!(approvals.take_session(session).len(), MAX_APPROVALS);
        assert!(approvals.ask(ask(99), 2_000).is_ok());
    }
}
