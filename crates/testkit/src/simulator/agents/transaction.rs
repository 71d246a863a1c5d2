//! A transaction of an agent, and the invariants of its changes.

use vibesync_protocol::{Intent, RevertRequest};
use vibesync_scene::{
    AgentMode, AgentName, ApprovalKind, Change, Components, OperationId, Phase, RecordBody, Row,
    differing_components,
};

use super::super::violation::{Check, must};
use super::rights::{Rights, author_of};
use super::wanted::Wanted;

/// A transaction of an agent, or one that takes back its work. Its steps follow.
pub struct Transaction {
    /// Its operation.
    pub operation: OperationId,
    /// The agent that makes it; none for a person's undo.
    pub agent: Option<AgentName>,
    /// Whether the tool of an add-on has made the changes.
    pub is_call: bool,
    /// The restore or undo that it is.
    pub wanted: Option<Wanted>,
    /// The sequence that the agent had seen.
    pub base_seq: u64,
    /// Whether it has more changes than need no question.
    pub is_many: bool,
    /// The rights of the agent at its beginning.
    pub rights: Option<Rights>,
    /// Whether a person has allowed exactly this.
    pub is_approved: bool,
}

impl Transaction {
    /// Checks that an agent may change something at all. A call was checked when it began.
    pub fn check_scope(&self) -> Check {
        let Some(rights) = self.rights.as_ref().filter(|_| !self.is_call) else {
            return Ok(());
        };
        let is_allowed = match rights.mode {
            AgentMode::Read | AgentMode::Off => false,
            AgentMode::Ask => self.is_approved,
            AgentMode::Work => true,
        };
        must(
            is_allowed,
            "no agent changes anything without a right or an answer",
            || format!("{:?} with {rights:?}", self.operation),
        )
    }

    /// Checks the rights that depend on the kind of change.
    pub fn check_deletion(&self, change: &Change, is_foreign: bool) -> Check {
        let rights = self.rights.as_ref();
        let Some(rights) = rights.filter(|_| !self.is_call && !self.is_approved) else {
            return Ok(());
        };
        let needed = match (&self.wanted, change) {
            (Some(Wanted::Undo { .. }), _) => None,
            (Some(Wanted::Restore), _) => Some(ApprovalKind::Restore),
            (None, Change::Delete { .. }) if is_foreign => Some(ApprovalKind::Delete),
            (None, _) if self.is_many => Some(ApprovalKind::Many),
            (None, _) => None,
        };
        must(
            needed.as_ref().is_none_or(|kind| rights.allows(kind)),
            "no agent changes anything without a right or an answer",
            || format!("{change:?} needs {needed:?}, but {rights:?}"),
        )
    }

    /// Checks that an agent overwrites nothing that others have changed since the state that it knows.
    pub fn check_fresh(&self, records: &[RecordBody], row: Option<&Row>, change: &Change) -> Check {
        let touched = change.touched();
        let later = row
            .into_iter()
            .flat_map(|row| row.changed.after(self.base_seq));
        let mut later = later.filter(|writer| !writer.components.and(touched).is_empty());
        let unseen = later.find(|writer| {
            author_of(records, writer.seq).is_none_or(|(agent, _)| agent != self.agent.as_ref())
        });
        must(
            unseen.is_none(),
            "no agent overwrites what it has not seen",
            || format!("{change:?} as of {} overwrites {unseen:?}", self.base_seq),
        )
    }

    /// Checks that a step is part of what the agent has asked for.
    pub fn check_asked(&self, sent: Option<&(AgentName, Intent)>, change: &Change) -> Check {
        let intent = sent.filter(|(agent, _)| Some(agent) == self.agent.as_ref());
        let asked = intent.into_iter().flat_map(|(_, intent)| &intent.changes);
        let mut asked = asked.filter(|it| it.uuid() == change.uuid());
        let is_part = asked.any(|it| match (change.components(), it.components()) {
            (None, None) => true,
            (Some(step), Some(asked)) => {
                let asked = asked.only(step.set());
                asked.set() == step.set() && differing_components(step, &asked).is_empty()
            }
            _ => false,
        });
        must(is_part, "an agent does what it has asked for", || {
            format!("{change:?} is not in {sent:?}")
        })
    }
}

/// Checks that an undo returns only what the agent has written last.
pub fn check_own(
    records: &[RecordBody],
    request: &RevertRequest,
    row: Option<&Row>,
    change: &Change,
) -> Check {
    let is_own = |seq: u64| {
        let of_agent = |(agent, id): (Option<&AgentName>, OperationId)| {
            let is_selected = match request.since_seq {
                Some(since) => seq > since,
                None => request.operations.contains(&id),
            };
            agent == Some(&request.agent) && is_selected
        };
        let record = (seq as usize).checked_sub(1).and_then(|at| records.get(at));
        author_of(records, seq).is_some_and(of_agent)
            || record.is_some_and(|it| it.phase == Phase::Rollback)
    };
    let written = match change {
        Change::Update { components, .. } => components.set(),
        _ => Components::NAMES.iter().copied().collect(),
    };
    let writers = row.into_iter().flat_map(|row| row.changed.after(0));
    let mut writers = writers.filter(|writer| !writer.components.and(written).is_empty());
    let foreign = writers.find(|writer| !is_own(writer.seq));
    must(
        row.is_some() && foreign.is_none(),
        "an undo takes back the work of its agent alone",
        || format!("{change:?} overwrites {foreign:?}; asked was {request:?}"),
    )
}
