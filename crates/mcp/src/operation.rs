//! Changes that the daemon is asked for, and their progress.

use vibesync_protocol::{AwaitedApproval, ErrorBody, LeftOut, PlannedChange, WaitsFor};
use vibesync_scene::{Change, OperationId, Outcome, Uuid};

/// Changes to ask for: one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRequest {
    /// Chosen by the caller; stays the same when the request is sent again.
    pub operation_id: OperationId,
    /// Newest sequence that the caller has read.
    pub base_seq: u64,
    /// For the undo history and the audit.
    pub label: String,
    /// The changes.
    pub changes: Vec<Change>,
    /// The bytes of the buffers that name an attachment.
    pub attachments: Vec<Vec<u8>>,
}

/// The changes that a request would make.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The head of the log; of a restore, the sequence of the commit.
    pub seq: u64,
    /// The changes, by uuid.
    pub changes: Vec<PlannedChange>,
    /// Number of all changes.
    pub total: u64,
    /// The event that the request would have to wait for.
    pub waits_for: Option<WaitsFor>,
}

/// A request of an agent to take back what it did: by operations, or all after a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct UndoRequest {
    /// Chosen by the caller; stays the same when the request is sent again.
    pub operation_id: OperationId,
    /// Operations of the agent.
    pub operations: Vec<OperationId>,
    /// All operations of the agent after this sequence; none if operations are named.
    pub since_seq: Option<u64>,
    /// Whether to plan without a change.
    pub dry_run: bool,
    /// For the undo history and the audit.
    pub label: String,
}

/// The plan of taking back work.
#[derive(Clone, Debug, PartialEq)]
pub struct UndoPlan {
    /// The changes, by uuid.
    pub changes: Vec<PlannedChange>,
    /// Number of all changes.
    pub total: u64,
    /// Parts that stay, with the change that each stays for.
    pub left_out: Vec<LeftOut>,
    /// Number of all that stays.
    pub left_out_total: u64,
}

/// The stage of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was left to do.
    Unchanged,
    /// It is accepted and being verified, or not decided yet.
    Pending,
    /// Each connected editor has read it back.
    Verified,
    /// It stands; no other editor has read it back yet.
    Owed,
    /// An editor could not do it: it was undone.
    RolledBack,
    /// It was refused; nothing was done.
    Refused,
    /// It was set aside until a person decides.
    Quarantined,
    /// It is decided once a person lets go of the objects, or answers a question.
    WaitsForPerson,
}

impl State {
    /// Returns its name for agents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Owed => "owed",
            Self::RolledBack => "rolled_back",
            Self::Refused => "refused",
            Self::Quarantined => "quarantined",
            Self::WaitsForPerson => "waits_for_person",
        }
    }

    /// Returns the state of an operation with this outcome; none if it is no end.
    pub fn of_outcome(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Verified => Some(Self::Verified),
            Outcome::Undelivered => Some(Self::Owed),
            Outcome::RolledBack => Some(Self::RolledBack),
            Outcome::Quarantined => Some(Self::Quarantined),
            Outcome::Failed => Some(Self::Refused),
            Outcome::Ok => None,
        }
    }
}

/// The progress of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Its stage.
    pub state: State,
    /// Sequence of its transaction, or the head of the log if it has none.
    pub seq: Option<u64>,
    /// The reason of a refusal or rollback; or why its state is not known.
    pub error: Option<ErrorBody>,
    /// Its entities, as far as the daemon names them.
    pub uuids: Vec<Uuid>,
    /// The event that it waits for.
    pub waits_for: Option<WaitsFor>,
    /// The question to a person that it waits for.
    pub approval: Option<AwaitedApproval>,
}

impl Progress {
    /// Creates the progress of an operation that has no more to tell.
    pub fn new(state: State, seq: Option<u64>) -> Self {
        Self {
            state,
            seq,
            error: None,
            uuids: Vec::new(),
            waits_for: None,
            approval: None,
        }
    }
}
