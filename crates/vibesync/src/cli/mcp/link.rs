//! The link with the daemon: questions and changes over a connection that is made when it is needed, and made again after
//! the daemon was restarted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use vibesync_mcp::{
    CallRequest, Called, ChangeRequest, Plan, Progress, State, UndoPlan, UndoRequest, Wait,
};
use vibesync_protocol::{
    AckStatus, AgentIdentity, Capability, ClientMessage, Code, ErrorBody, Intent, OperationStage,
    Query, QueryResult, Question, RestoreRequest, RevertRequest, SCHEMA_VERSION, Status, WaitsFor,
};
use vibesync_scene::{AgentName, InstanceId, OperationId, ProjectId, Uuid};

use super::connection::Connection;
use super::inbox::Followed;
use crate::cli::connect::connect_as_agent;
use crate::error::Error;
use crate::platform::project::Project;

/// Maximum time to wait for an answer. The first question about a large scene takes longest.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Time between two attempts to reach a daemon that has gone while a change was under way, and between two questions
/// about an operation of another process.
const RETRY: Duration = Duration::from_millis(300);

/// Time for which the daemon may decide about a change whose caller does not wait. A question for the state of the change
/// would take as long as the decision usually does.
const DECISION: Duration = Duration::from_millis(100);

/// The link with the daemon of a project.
#[derive(Debug)]
pub(super) struct Link {
    project: Project,
    agent: AgentIdentity,
    /// One process is one agent, however often it connects: its own changes never make its next one stale.
    instance: InstanceId,
    connection: Mutex<Option<Arc<Connection>>>,
    /// Number of events about add-ons, and of connections after the first: the daemon may know others.
    capability_changes: Arc<AtomicU64>,
}

impl Link {
    pub fn new(project: Project, name: AgentName) -> Self {
        Self {
            project,
            agent: AgentIdentity {
                name,
                ..AgentIdentity::default()
            },
            instance: InstanceId(Uuid::new_v4()),
            connection: Mutex::default(),
            capability_changes: Arc::default(),
        }
    }

    /// Asks for the daemon's state.
    pub fn status(&self) -> Result<Status, Error> {
        match self.query(Query::Status)? {
            QueryResult::Status { status } => Ok(*status),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks a question about the scene.
    pub fn ask(&self, question: Question) -> Result<QueryResult, Error> {
        let request_id = Uuid::new_v4();
        let message = ClientMessage::Ask {
            request_id,
            question,
        };
        self.request(request_id, &message)
    }

    /// Sends an intent, and follows it until it ends or the wait is over. If the connection breaks meanwhile, connects
    /// again and repeats the intent: the daemon answers it again, and does nothing twice.
    pub fn change(&self, request: &ChangeRequest, wait: &Wait) -> Result<Progress, Error> {
        let id = request.operation_id;
        let message = intent(request, self.project_id()?, false);
        let mut is_sent = false;
        loop {
            let followed = self.connection().and_then(|connection| {
                is_sent = true;
                connection.follow(id);
                connection.send(&message, &request.attachments)?;
                let mut followed = connection.followed(id, wait)?;
                if followed.ack.is_none() {
                    followed = connection.acknowledged(id, &wait.at_least(DECISION))?;
                }
                self.progress(&connection, id, followed)
            });
            match followed {
                Err(error) if is_sent && error.code == Code::NoDaemon => {
                    if wait.is_over() {
                        return Ok(interrupted(&error));
                    }
                }
                result => return result,
            }
            pause(wait);
        }
    }

    /// Returns the plan of an intent.
    pub fn plan(&self, request: &ChangeRequest) -> Result<Plan, Error> {
        let message = intent(request, self.project_id()?, true);
        let connection = self.connection()?;
        let id = request.operation_id.0;
        match connection.request(id, &message, &request.attachments, TIMEOUT)? {
            QueryResult::Plan {
                seq,
                changes,
                total,
                waits_for,
                ..
            } => Ok(Plan {
                seq,
                changes,
                total,
                waits_for,
            }),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks for a restore, and follows it. A request that waits for a person already is not planned again.
    pub fn restore(
        &self,
        request: &RestoreRequest,
        wait: &Wait,
    ) -> Result<(Option<Plan>, Option<Progress>), Error> {
        let id = OperationId(request.request_id);
        let message = ClientMessage::Restore(request.clone());
        self.begin(id, &message, request.dry_run, wait, |result| match result {
            QueryResult::Restore {
                seq,
                changes,
                total,
                operation_id,
                ..
            } => {
                let plan = Plan {
                    seq,
                    changes,
                    total,
                    waits_for: None,
                };
                Ok((plan, operation_id.is_some()))
            }
            other => Err(unexpected(&other)),
        })
    }

    /// Asks to take back what this agent did, and follows it. A request that waits for a person already is not planned again.
    pub fn undo(
        &self,
        request: &UndoRequest,
        wait: &Wait,
    ) -> Result<(Option<UndoPlan>, Option<Progress>), Error> {
        let id = request.operation_id;
        let message = ClientMessage::Revert(RevertRequest {
            request_id: id.0,
            agent: self.agent.name.clone(),
            operations: request.operations.clone(),
            since_seq: request.since_seq,
            dry_run: request.dry_run,
            label: request.label.clone(),
            who: None,
        });
        self.begin(id, &message, request.dry_run, wait, |result| match result {
            QueryResult::Revert {
                changes,
                total,
                left_out,
                left_out_total,
                operation_id,
                ..
            } => {
                let plan = UndoPlan {
                    changes,
                    total,
                    left_out,
                    left_out_total,
                };
                Ok((plan, operation_id.is_some()))
            }
            other => Err(unexpected(&other)),
        })
    }

    /// Sends a request whose result is a plan, and follows the operation that makes the changes. `read` returns the plan,
    /// and whether there is such an operation. There is no plan if the request waits for a person already.
    fn begin<T>(
        &self,
        id: OperationId,
        message: &ClientMessage,
        dry_run: bool,
        wait: &Wait,
        read: impl FnOnce(QueryResult) -> Result<(T, bool), Error>,
    ) -> Result<(Option<T>, Option<Progress>), Error> {
        let connection = self.connection()?;
        connection.follow(id);
        let result = connection.request_or_question(id, message, TIMEOUT);
        let read = result.and_then(|result| result.map(read).transpose());
        let read = read.inspect_err(|_| connection.forget(id))?;
        let has_begun = read.as_ref().is_none_or(|(_, has_begun)| *has_begun);
        let plan = read.map(|(plan, _)| plan);
        if !has_begun {
            connection.forget(id);
            let unchanged = (!dry_run).then(|| Progress::new(State::Unchanged, None));
            return Ok((plan, unchanged));
        }
        let followed = connection.followed(id, wait);
        let progress = followed.and_then(|followed| self.progress(&connection, id, followed));
        let progress = progress.unwrap_or_else(|error| {
            let known = self.operation(id, wait).ok().flatten();
            known.unwrap_or_else(|| interrupted(&error))
        });
        Ok((plan, Some(progress)))
    }

    /// Follows an operation of any client. Returns none if the daemon does not know it.
    pub fn operation(&self, id: OperationId, wait: &Wait) -> Result<Option<Progress>, Error> {
        loop {
            let connection = self.connection()?;
            // The answers to an own operation come by themselves.
            if connection.is_following(id)
                && let Ok(followed) = connection.followed(id, wait)
                && followed.is_private()
            {
                return self.progress(&connection, id, followed).map(Some);
            }
            let progress = self.state(id)?;
            let is_open = progress.as_ref().is_some_and(|it| !has_ended(it));
            if !is_open || wait.is_over() {
                return Ok(progress);
            }
            pause(wait);
        }
    }

    /// Turns the answers of the daemon into progress. Without an answer, asks for the reason.
    fn progress(
        &self,
        connection: &Connection,
        id: OperationId,
        followed: Followed,
    ) -> Result<Progress, Error> {
        let mut followed = followed;
        if followed.ack.is_none() {
            let waiting = self.state(id)?;
            // The answer may have come since, and the state of a refused operation is not kept.
            followed = connection.followed(id, &Wait::for_time(Duration::ZERO))?;
            if followed.ack.is_none() {
                return Ok(waiting.unwrap_or_else(|| Progress::new(State::Pending, None)));
            }
        }
        let is_conflict = |error: &ErrorBody| error.code == Code::Conflict;
        let outcome = followed.outcome.and_then(State::of_outcome);
        let state = match (outcome, followed.ack) {
            (Some(state), _) => state,
            (None, Some((AckStatus::Unchanged, _))) => State::Unchanged,
            (None, Some((AckStatus::Refused, _))) => {
                match followed.error.as_ref().is_some_and(is_conflict) {
                    true => State::Quarantined,
                    false => State::Refused,
                }
            }
            (None, Some((AckStatus::Waiting, _))) => State::WaitsForPerson,
            (None, Some((AckStatus::Accepted | AckStatus::Duplicate, _)) | None) => State::Pending,
        };
        Ok(Progress {
            error: followed.error,
            approval: followed.approval,
            ..Progress::new(state, followed.ack.map(|(_, seq)| seq))
        })
    }

    /// Asks for the state of an operation; none if the daemon does not know it.
    fn state(&self, id: OperationId) -> Result<Option<Progress>, Error> {
        let QueryResult::Operation {
            stage,
            seq,
            uuids,
            waits_for,
            outcome,
            error,
        } = self.query(Query::Operation(id))?
        else {
            return Err(Error::new(Code::MessageMalformed, "daemon", "no operation"));
        };
        let state = match (stage, waits_for) {
            (OperationStage::Unknown, _) => return Ok(None),
            (_, Some(WaitsFor::Person)) => State::WaitsForPerson,
            _ => outcome
                .and_then(State::of_outcome)
                .unwrap_or(State::Pending),
        };
        Ok(Some(Progress {
            state,
            seq,
            error,
            uuids,
            waits_for,
            approval: None,
        }))
    }

    /// Asks for the add-ons.
    pub fn capabilities(&self) -> Result<Vec<Capability>, Error> {
        match self.query(Query::Capabilities)? {
            QueryResult::Capabilities { addons, .. } => Ok(addons),
            other => Err(unexpected(&other)),
        }
    }

    /// Returns a number that grows when the add-ons may have changed.
    pub fn capability_changes(&self) -> u64 {
        self.capability_changes.load(Ordering::Relaxed)
    }

    /// Calls a tool of an add-on, and follows the call. If the connection breaks meanwhile, connects again and repeats the
    /// request: the daemon answers it again, and runs nothing twice.
    pub fn call(&self, request: &CallRequest, wait: &Wait) -> Result<Called, Error> {
        let request_id = request.request_id.unwrap_or_default();
        let message = ClientMessage::AddonCommand(request.clone());
        loop {
            let connection = self.connection()?;
            match connection.call(request_id, &message, wait) {
                Err(error) if error.code == Code::NoDaemon && !wait.is_over() => pause(wait),
                called => return called,
            }
        }
    }

    fn query(&self, what: Query) -> Result<QueryResult, Error> {
        let request_id = Uuid::new_v4();
        let message = ClientMessage::Query {
            request_id,
            what,
            after: None,
            limit: None,
        };
        self.request(request_id, &message)
    }

    /// Sends a request without effect. Asks a second time if the connection breaks: the daemon may have been restarted.
    fn request(&self, request_id: Uuid, message: &ClientMessage) -> Result<QueryResult, Error> {
        let connection = self.connection()?;
        let result = connection.request(request_id, message, &[], TIMEOUT);
        match result {
            Err(error) if error.code == Code::NoDaemon => {
                let connection = self.connection()?;
                connection.request(request_id, message, &[], TIMEOUT)
            }
            result => result,
        }
    }

    /// Returns the connection. Connects if there is none, or if it has ended.
    pub(super) fn connection(&self) -> Result<Arc<Connection>, Error> {
        let mut held = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = held.as_ref().filter(|it| !it.has_ended()) {
            return Ok(Arc::clone(connection));
        }
        let client = connect_as_agent(&self.project, &self.agent, self.instance, TIMEOUT)?;
        let heard = Arc::clone(&self.capability_changes);
        if held.is_some() {
            heard.fetch_add(1, Ordering::Relaxed);
        }
        let connection = Connection::start(client, heard)?;
        *held = Some(Arc::clone(&connection));
        Ok(connection)
    }

    fn project_id(&self) -> Result<ProjectId, Error> {
        let root = self.project.root().display();
        let none = || Error::new(Code::NoDaemon, root, "no daemon has served this folder yet");
        self.project.id()?.ok_or_else(none)
    }
}

fn intent(request: &ChangeRequest, project_id: ProjectId, dry_run: bool) -> ClientMessage {
    ClientMessage::Intent(Intent {
        operation_id: request.operation_id,
        project_id,
        schema_version: SCHEMA_VERSION,
        base_seq: request.base_seq,
        label: request.label.clone(),
        dry_run,
        request_id: None,
        changes: request.changes.clone(),
    })
}

fn has_ended(progress: &Progress) -> bool {
    !matches!(progress.state, State::Pending | State::WaitsForPerson)
}

/// Builds the progress of an operation whose connection broke, and which could not be asked for again in time.
fn interrupted(error: &Error) -> Progress {
    let error = ErrorBody {
        code: error.code,
        message: format!("not known whether it was accepted: {}", error.message),
        location: String::new(),
        help: "Wait with change_wait, or call again with the same operation_id: nothing is done twice.".into(),
    };
    Progress {
        error: Some(error),
        ..Progress::new(State::Pending, None)
    }
}

fn unexpected(result: &QueryResult) -> Error {
    let message = format!("unexpected answer: {result:.80?}");
    Error::new(Code::MessageMalformed, "daemon", message)
}

pub(super) fn pause(wait: &Wait) {
    std::thread::sleep(RETRY.min(wait.slice()));
}
