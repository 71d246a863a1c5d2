//! What a client asks for beside changes: to see something, to bring something back, to have something tried again; and
//! the answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{EntityKind, FailureState, OperationId, Row, SafeMode, Scope};

use crate::status::Status;

/// What a client asks to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// The daemon's state.
    Status,
    /// What failed, and what is not tried again.
    Governance,
    /// Entities by uuid, after a given one.
    Entities,
}

/// A person's wish to have something tried again that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// Chosen by the sender; the answer carries it.
    pub request_id: Uuid,
    /// What is to be tried again.
    pub scope: Scope,
    /// The person, as they call themselves.
    pub who: String,
    /// Why it may work now.
    pub why: String,
}

/// A wish to bring back what a commit of the audit holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// Chosen by the sender; becomes the id of the operation, so that a repeated request is not done again.
    pub request_id: Uuid,
    /// The id of a commit or its first digits; or `@` and a log sequence, for the newest commit not after it.
    pub commit: String,
    /// Only these entities, with what they need to exist; all where none is named.
    pub uuids: Vec<Uuid>,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Who and why: for the log, the undo history and the audit.
    pub label: String,
}

/// What a restore does to one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedChange {
    /// The entity.
    pub uuid: Uuid,
    /// `create`, `update` or `delete`.
    pub op: String,
    /// What it is.
    pub kind: EntityKind,
    /// Its name afterwards; of one that is deleted, the name that it has.
    pub name: Option<String>,
    /// The components that are written.
    pub components: Vec<String>,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum QueryResult {
    /// The daemon's state, as `vibesync status --json` prints it.
    Status {
        /// The state.
        status: Box<Status>,
    },
    /// Rows by uuid.
    Entities {
        /// The rows.
        entities: Vec<Row>,
        /// Where to go on; none at the end.
        next: Option<Uuid>,
    },
    /// What failed and is not known to work again.
    Governance {
        /// Whether automation is off, and why.
        safe_mode: Option<SafeMode>,
        /// Runs of the daemon in a row that ended before they had got anywhere.
        failed_boots: u32,
        /// By scope, the newest first; not more than [`MAX_PLANNED`].
        #[serde(rename = "troubles")]
        failures: Vec<ScopedFailure>,
        /// How many there are.
        total: u64,
    },
    /// What a reset did.
    Reset {
        /// Sequence of its record; none where there was nothing to reset.
        seq: Option<u64>,
    },
    /// What a restore does.
    Restore {
        /// The commit, by its full id.
        commit: String,
        /// Its log sequence.
        seq: u64,
        /// What changes, by uuid; not more than [`MAX_PLANNED`].
        changes: Vec<PlannedChange>,
        /// How many changes there are.
        total: u64,
        /// The operation that does it; none where nothing is to be done, or only asked for. `ack` and `outcome` follow.
        operation_id: Option<OperationId>,
    },
}

/// A scope, and how it fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopedFailure {
    /// What.
    pub scope: Scope,
    /// How.
    #[serde(flatten)]
    pub state: FailureState,
}

/// Most items of a list in an answer: changes of a restore, scopes that fail.
pub const MAX_PLANNED: usize = 1_000;
