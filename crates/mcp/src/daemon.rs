//! The questions of the server to a daemon. The program implements it over a socket and the project's files, tests in memory.

use vibesync_protocol::{
    Capability, QueryResult, Question, RestoreRequest, SelectAnswer, SelectRequest, Status,
    ViewAnswer, ViewRequest,
};
use vibesync_scene::{AgentName, Code, OperationId, Phase, Role, Uuid};

use crate::capabilities::{CallRequest, Called};
use crate::operation::{ChangeRequest, Plan, Progress, UndoPlan, UndoRequest};
use crate::wait::Wait;

/// A daemon that can be asked. A call may block for seconds.
pub trait Daemon: Send + Sync + 'static {
    /// Asks for changes, and follows them until they end or the wait is over. The same request may be sent again: it has
    /// no second effect.
    fn change(&self, request: &ChangeRequest, wait: &Wait) -> Result<Progress, Fault>;

    /// Returns the plan of changes, without making them.
    fn plan(&self, request: &ChangeRequest) -> Result<Plan, Fault>;

    /// Asks for a restore, and follows it. Returns its plan; with the progress if it is no dry run. There is no plan if
    /// the same request waits for a person already.
    fn restore(
        &self,
        request: &RestoreRequest,
        wait: &Wait,
    ) -> Result<(Option<Plan>, Option<Progress>), Fault>;

    /// Asks to take back what this agent did, and follows it. Answers as [`Daemon::restore`] does.
    fn undo(
        &self,
        request: &UndoRequest,
        wait: &Wait,
    ) -> Result<(Option<UndoPlan>, Option<Progress>), Fault>;

    /// Follows an operation until it ends or the wait is over. Returns none for an operation that nobody knows.
    fn operation(&self, id: OperationId, wait: &Wait) -> Result<Option<Progress>, Fault>;

    /// Returns the add-ons, as an agent may see them.
    fn capabilities(&self) -> Result<Vec<Capability>, Fault>;

    /// Returns a number that grows when the add-ons may have changed since they were asked for.
    fn capability_changes(&self) -> u64;

    /// Calls a tool of an add-on, and follows the call until it ends or the wait is over. The same request may be sent
    /// again: it is not run twice.
    fn call(&self, request: &CallRequest, wait: &Wait) -> Result<Called, Fault>;

    /// Asks an editor for a picture of its viewport. An answer may have an error instead.
    fn view(&self, request: &ViewRequest, wait: &Wait) -> Result<ViewAnswer, Fault>;

    /// Asks an editor to select objects. An answer may have an error instead.
    fn select(&self, request: &SelectRequest, wait: &Wait) -> Result<SelectAnswer, Fault>;

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
    /// The agent that made it, if one did.
    pub agent: Option<AgentName>,
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
