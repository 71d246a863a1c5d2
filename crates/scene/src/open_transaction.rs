//! Transactions that have a BEGIN record and no end record yet.

use uuid::Uuid;

use crate::agent_name::AgentName;
use crate::change::Change;
use crate::entity::Entity;
use crate::failure_history::FailureHistory;
use crate::id::{OperationId, SessionId};
use crate::last_writers::Author;
use crate::path::Path;
use crate::role::Role;
use crate::scope::Scope;

/// A transaction that has a BEGIN record and no end record yet.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTransaction {
    /// Sequence of its BEGIN; the version of every entity in it.
    pub begin: u64,
    /// Id of the intent that it carries out.
    pub operation_id: OperationId,
    /// The session that sent the intent.
    pub session_id: Option<SessionId>,
    /// The kind of client that made the change.
    pub origin: Role,
    /// The agent that made it; none if a person did.
    pub agent: Option<AgentName>,
    /// Fast or slow.
    pub path: Path,
    /// For people.
    pub label: String,
    /// Newest log sequence that the origin had seen.
    pub base_seq: u64,
    /// Number of steps that the BEGIN record announces.
    pub announced_steps: u32,
    /// The steps: each change, and the state that it overwrites.
    pub steps: Vec<(Change, Option<Entity>)>,
}

impl OpenTransaction {
    /// Whether every announced step is in the log. If not, the daemon died before it acknowledged the intent.
    pub fn is_complete(&self) -> bool {
        self.steps.len() == self.announced_steps as usize
    }

    /// The entities that its steps change.
    pub fn uuids(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.steps.iter().map(|(change, _)| change.uuid())
    }

    /// Closes the breakers of the entities that a person edits: an edit is one more try.
    pub fn record_begin(&self, failures: &mut FailureHistory) {
        if self.origin.is_person() && !failures.is_quiet() {
            self.uuids().for_each(|uuid| failures.reset_on_edit(uuid));
        }
    }

    /// Removes the failures that the verification of this transaction disproves.
    pub fn record_verified(&self, failures: &mut FailureHistory) {
        let uuids: Vec<Uuid> = self.uuids().collect();
        failures.record_success(&uuids, None);
        if self.origin == Role::Agent && !failures.is_quiet() {
            let changes = self.steps.iter().map(|(change, _)| change);
            let operations = changes.flat_map(Scope::operations_of);
            let broad = [Scope::Automation, Scope::SafeMode];
            failures.record_automation_success(operations.chain(broad));
        }
    }

    /// The author of its changes.
    pub fn author(&self) -> Author {
        Author {
            seq: self.begin,
            by: Some(self.origin),
            base_seq: self.base_seq,
        }
    }
}
