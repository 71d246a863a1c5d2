//! The questions of the server to a daemon. The program implements it over a socket and the project's files, tests in memory.

use vibesync_protocol::{
    ErrorBody, PlannedChange, QueryResult, Question, RestoreRequest, Status, WaitsFor,
};
use vibesync_scene::{Change, Code, OperationId, Outcome, Phase, Role, Uuid};

use crate::wait::Wait;

/// A daemon that can be asked. A call may block for seconds.
pub trait Daemon: Send + Sync + 'static {
    /// Asks for changes, and follows them until they end or the wait is over. The same request may be sent again: it has
    /// no second effect.
    fn change(&self, request: &ChangeRequest, wait: &Wait) -> Result<Progress, Fault>;

    /// Returns the plan of changes, without making them.
    fn plan(&self, request: &ChangeRequest) -> Result<Plan, Fault>;

    /// Asks for a restore, and follows it. Returns its plan; with the progress if it is no dry run.
    fn restore(
        &self,
        request: &RestoreRequest,
        wait: &Wait,
    ) -> Result<(Plan, Option<Progress>), Fault>;

    /// Follows an operation until it ends or the wait is over. Returns none for an operation that nobody knows.
    fn operation(&self, id: OperationId, wait: &Wait) -> Result<Option<Progress>, Fault>;

    /// Returns the daemon's state.
    fn status(&self) -> Result<Status, Fault>;

    /// Answers a question about the scene.
    fn ask(&self, question: Question) -> Result<QueryResult, Fault>;

    /// Returns records of the log, newest first.
    fn log(&self, request: &LogRequest) -> Result<Page<LogLine>, Fault>;

    /// Returns transactions, newest first.
    fn history(&self, request: &HistoryRequest) -> Result<Page<HistoryLine>, Fault>;

    /// Returns the differences of two states of the scene, by uuid.
    fn diff(&self, request: &DiffRequest) -> Result<Diff, Fault>;
}

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

/// How far an operation is.
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
    /// It is decided once a person lets go of the objects.
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
    /// How far it is.
    pub state: State,
    /// Sequence of its transaction, or the head of the log if it has none.
    pub seq: Option<u64>,
    /// The reason of a refusal or rollback; or why its state is not known.
    pub error: Option<ErrorBody>,
    /// Its entities, as far as the daemon names them.
    pub uuids: Vec<Uuid>,
    /// The event that it waits for.
    pub waits_for: Option<WaitsFor>,
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
        }
    }
}

/// The reason why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable code.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// The argument, file or address; empty if there is none.
    pub location: String,
    /// The remedy, for a person or an agent.
    pub help: String,
    /// Time after which the same call may succeed.
    pub retry_after_ms: Option<u64>,
}

impl Fault {
    /// Creates a fault with the help of its code.
    pub fn new(code: Code, location: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            location: location.into(),
            help: code.help().into(),
            retry_after_ms: None,
        }
    }

    /// Creates a fault for a wrong argument.
    pub fn argument(name: &str, message: impl Into<String>) -> Self {
        Self {
            help: "Correct the argument; `tools/list` describes it.".into(),
            ..Self::new(Code::MessageMalformed, name, message)
        }
    }

    /// Replaces the help of the code.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: help.into(),
            ..self
        }
    }
}

/// A part of a longer list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// Newest sequence of the log.
    pub seq: u64,
    /// The items.
    pub items: Vec<T>,
    /// The next page has the records before this sequence; none at the end.
    pub next: Option<u64>,
}

/// Conditions on records of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogRequest {
    /// The record concerns this entity.
    pub uuid: Option<Uuid>,
    /// The record belongs to this operation.
    pub operation: Option<OperationId>,
    /// The record has this error.
    pub code: Option<Code>,
    /// The record has this phase.
    pub phase: Option<Phase>,
    /// The record is not older than this number of seconds.
    pub max_age_s: Option<u64>,
    /// The record is before this sequence.
    pub before: Option<u64>,
    /// Number of records.
    pub limit: usize,
}

/// One record of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// Its sequence.
    pub seq: u64,
    /// Time of writing: RFC 3339, UTC.
    pub time: String,
    /// Its phase.
    pub phase: Phase,
    /// Its error.
    pub code: Option<Code>,
    /// Its operation.
    pub operation: Option<OperationId>,
    /// Its entities.
    pub uuids: Vec<Uuid>,
    /// A sentence about its content.
    pub text: String,
}

/// Conditions on transactions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryRequest {
    /// The transaction changed this entity.
    pub uuid: Option<Uuid>,
    /// It is this operation.
    pub operation: Option<OperationId>,
    /// This kind of client made it.
    pub by: Option<Role>,
    /// It began after this sequence.
    pub since_seq: Option<u64>,
    /// It began before this sequence.
    pub before: Option<u64>,
    /// Number of transactions.
    pub limit: usize,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryLine {
    /// Sequence of its first record.
    pub seq: u64,
    /// Time of that record: RFC 3339, UTC.
    pub time: String,
    /// Its label, written by the client that made it.
    pub label: String,
    /// The kind of client that made it.
    pub by: Role,
    /// Its operation.
    pub operation: Option<OperationId>,
    /// The result in one word; `open` if it has not ended.
    pub outcome: String,
    /// The error, if it failed.
    pub code: Option<Code>,
    /// Its entities.
    pub uuids: Vec<Uuid>,
}

/// Two states of the scene. A state is a commit by its first digits, or `@` and a sequence of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiffRequest {
    /// The earlier state.
    pub from: String,
    /// The later state; the newest commit for none.
    pub to: Option<String>,
    /// Only these entities; all for none.
    pub uuids: Vec<Uuid>,
}

/// The differences of two states.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// Sequence of the earlier commit.
    pub from_seq: u64,
    /// Sequence of the later commit.
    pub to_seq: u64,
    /// The entities that differ, by uuid.
    pub entities: Vec<ChangedEntity>,
}

/// One entity that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedEntity {
    /// The entity.
    pub uuid: Uuid,
    /// `created`, `deleted` or `changed`.
    pub change: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: Option<String>,
    /// The values that differ; none if it was created or deleted.
    pub values: Vec<ChangedValue>,
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedValue {
    /// Its path, such as `transform.translation`.
    pub path: String,
    /// The earlier value; null if there was none.
    pub before: serde_json::Value,
    /// The later value; null if there is none.
    pub after: serde_json::Value,
}
