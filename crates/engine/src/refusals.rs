//! Refused intents in the log: the first one at once, then at most one record a minute for each kind of
//! client or agent, and code.
//!
//! A client in a loop must not fill the log. Every intent is answered, and counted in a record.

use std::collections::BTreeMap;

use vibesync_protocol::{ErrorBody, Intent};
use vibesync_scene::{
    AgentName, Change, Code, OperationId, Outcome, Payload, Phase, PolicyDecision, RecordBody,
    Role, SessionId, Uuid, truncate_text,
};

/// Time between two records of the same kind of client and code, milliseconds.
pub(crate) const REFUSAL_WINDOW_MS: u64 = 60_000;

/// Most entities that a record names.
const MAX_UUIDS: usize = 10;

/// One refused intent.
#[derive(Debug)]
pub(crate) struct Refusal {
    session: SessionId,
    origin: Role,
    agent: Option<AgentName>,
    operation_id: Option<OperationId>,
    uuids: Vec<Uuid>,
    label: String,
    code: Code,
    detail: String,
}

/// The refusals of the last minute, by kind of client, agent and code. The number of agents is limited.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    windows: BTreeMap<(Role, Option<AgentName>, Code), RefusalWindow>,
}

/// The time after a record.
#[derive(Debug)]
struct RefusalWindow {
    /// Time of its end, milliseconds.
    end: u64,
    /// Number of refusals since the record, and the newest one; none if there were none.
    counted: Option<(u64, Refusal)>,
}

impl Refusal {
    /// Describes a refused intent.
    pub fn new(
        session: SessionId,
        (origin, agent): (Role, Option<&AgentName>),
        intent: &Intent,
        error: &ErrorBody,
    ) -> Self {
        let detail = match error.location.as_str() {
            "" => error.message.clone(),
            location => format!("{location}: {}", error.message),
        };
        Self {
            session,
            origin,
            agent: agent.cloned(),
            operation_id: Some(intent.operation_id),
            uuids: intent
                .changes
                .iter()
                .map(Change::uuid)
                .take(MAX_UUIDS)
                .collect(),
            label: truncate_text(intent.label.clone()),
            code: error.code,
            detail: truncate_text(detail),
        }
    }

    /// Describes a refused call of an add-on's tool.
    pub fn of_call(session: SessionId, agent: AgentName, label: String, error: &ErrorBody) -> Self {
        Self {
            session,
            agent: Some(agent),
            origin: Role::Agent,
            operation_id: None,
            uuids: Vec::new(),
            label: truncate_text(label),
            code: error.code,
            detail: truncate_text(error.message.clone()),
        }
    }

    /// Returns the record for a refusal that the failure history demands.
    pub fn consult(&self, digest: String, decision: PolicyDecision) -> RecordBody {
        RecordBody {
            session_id: Some(self.session),
            operation_id: self.operation_id,
            uuids: self.uuids.clone(),
            phase: Phase::Consult,
            outcome: Outcome::Failed,
            error_code: Some(self.code),
            payload: Payload::Consult {
                origin: self.origin,
                agent: self.agent.clone(),
                label: self.label.clone(),
                digest,
                decision,
            },
        }
    }

    /// Returns the record for this refusal and the ones counted before it.
    pub fn record(self, count: u64) -> RecordBody {
        RecordBody {
            session_id: Some(self.session),
            operation_id: self.operation_id,
            uuids: self.uuids,
            phase: Phase::Refused,
            outcome: Outcome::Failed,
            error_code: Some(self.code),
            payload: Payload::Refusal {
                origin: self.origin,
                agent: self.agent,
                label: self.label,
                count,
                detail: self.detail,
            },
        }
    }
}

impl Refusals {
    /// Counts a refusal if there was a record within the last minute. Otherwise gives it back, to be logged at once.
    pub fn count(&mut self, refusal: Refusal, now: u64) -> Option<Refusal> {
        let end = now.saturating_add(REFUSAL_WINDOW_MS);
        let key = (refusal.origin, refusal.agent.clone(), refusal.code);
        let window = self.windows.get_mut(&key);
        let Some(window) = window.filter(|window| now < window.end) else {
            let counted = None;
            self.windows.insert(key, RefusalWindow { end, counted });
            return Some(refusal);
        };
        let count = window.counted.take().map_or(0, |(count, _)| count);
        window.counted = Some((count + 1, refusal));
        None
    }

    /// Returns the records of the windows that have ended. A window with refusals is followed by another one.
    pub fn take_due(&mut self, now: u64) -> Vec<RecordBody> {
        let end = now.saturating_add(REFUSAL_WINDOW_MS);
        let mut records = Vec::new();
        self.windows.retain(|_, window| {
            if now < window.end {
                return true;
            }
            let Some((count, newest)) = window.counted.take() else {
                return false;
            };
            window.end = end;
            records.push(newest.record(count));
            true
        });
        records
    }

    /// Returns the records of all refusals that were counted, because the daemon stops.
    pub fn take_all(&mut self) -> Vec<RecordBody> {
        let windows = std::mem::take(&mut self.windows).into_values();
        let counted = windows.filter_map(|window| window.counted);
        counted
            .map(|(count, newest)| newest.record(count))
            .collect()
    }

    /// Returns the time at which the next record is due.
    pub fn deadline(&self) -> Option<u64> {
        let counting = self
            .windows
            .values()
            .filter(|window| window.counted.is_some());
        counting.map(|window| window.end).min()
    }
}
