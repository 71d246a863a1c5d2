//! The answers of the daemon, sorted by the request or operation that they belong to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use vibesync_mcp::{Called, Wait};
use vibesync_protocol::{
    AckStatus, AwaitedApproval, DaemonMessage, ErrorBody, QueryResult, SelectAnswer, ViewAnswer,
};
use vibesync_scene::{Code, OperationId, Outcome, Uuid};

use crate::error::Error;

/// Most operations whose answers are kept.
const MAX_FOLLOWED: usize = 1_000;

/// The answers that have come so far.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    received: Mutex<Received>,
    changed: Condvar,
    /// Number of events about add-ons, of all connections.
    capability_changes: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Received {
    /// Requests without a result yet, and results that nobody has taken.
    results: HashMap<Uuid, Option<Result<QueryResult, Error>>>,
    operations: HashMap<OperationId, Followed>,
    /// The newest words on each call that is followed.
    calls: HashMap<Uuid, Option<Called>>,
    /// The answers to looks and selections; none yet.
    windows: HashMap<Uuid, Option<WindowAnswer>>,
    /// The end of the connection.
    end: Option<Error>,
}

/// The answer about an editor's window.
#[derive(Clone, Debug)]
pub(super) enum WindowAnswer {
    View(ViewAnswer),
    Select(SelectAnswer),
}

/// The answers to one operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Followed {
    /// Status and sequence of the acknowledgment.
    pub ack: Option<(AckStatus, u64)>,
    /// The question to a person that it waits for.
    pub approval: Option<AwaitedApproval>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// The error of the refusal or rollback.
    pub error: Option<ErrorBody>,
}

impl Followed {
    /// Returns true if no further answer comes.
    pub fn has_ended(&self) -> bool {
        let is_final = |(status, _)| matches!(status, AckStatus::Refused | AckStatus::Unchanged);
        self.outcome.is_some() || self.ack.is_some_and(is_final)
    }

    /// Returns true if it waits for a person's answer. The question ends with the connection.
    pub fn is_asking(&self) -> bool {
        self.ack
            .is_some_and(|(status, _)| status == AckStatus::Waiting)
    }

    /// Returns true if the daemon tells this state to no other connection.
    pub fn is_private(&self) -> bool {
        self.is_asking()
            || self
                .ack
                .is_some_and(|(status, _)| status == AckStatus::Refused)
    }
}

impl Inbox {
    /// Keeps the result of a request from now on.
    pub fn expect_result(&self, request_id: Uuid) {
        self.lock().results.insert(request_id, None);
    }

    pub fn forget_result(&self, request_id: Uuid) {
        self.lock().results.remove(&request_id);
    }

    /// Waits for the result of a request.
    pub fn result(&self, request_id: Uuid, wait: &Wait) -> Result<QueryResult, Error> {
        let result = self.first(wait, |received| received.take_result(request_id));
        result?
    }

    /// Waits for the result of a request that an operation of the same id follows. Returns none if a question to a person
    /// comes instead: the daemon plans an operation that waits for a person only once.
    pub fn result_or_question(
        &self,
        id: OperationId,
        wait: &Wait,
    ) -> Result<Option<QueryResult>, Error> {
        let result = self.first(wait, |received| {
            if let Some(result) = received.take_result(id.0) {
                return Some(result.map(Some));
            }
            let operation = received.operations.get(&id);
            operation
                .is_some_and(Followed::is_asking)
                .then_some(Ok(None))
        });
        result?
    }

    /// Waits until `read` finds an answer. Fails if the wait is over or the connection ends before.
    fn first<T>(&self, wait: &Wait, read: impl Fn(&mut Received) -> Option<T>) -> Result<T, Error> {
        let mut received = self.lock();
        loop {
            if let Some(answer) = read(&mut received) {
                return Ok(answer);
            }
            if let Some(error) = &received.end {
                return Err(copy(error));
            }
            if wait.is_over() {
                let message = "the daemon does not answer in time";
                return Err(Error::new(Code::PeerSilent, "daemon", message));
            }
            received = self.sleep(received, wait);
        }
    }

    /// Keeps the answers to an operation from now on. Forgets those that have come before.
    pub fn follow(&self, id: OperationId) {
        let mut received = self.lock();
        if received.operations.len() >= MAX_FOLLOWED {
            received
                .operations
                .retain(|_, followed| !followed.has_ended());
        }
        received.operations.insert(id, Followed::default());
    }

    pub fn is_following(&self, id: OperationId) -> bool {
        self.lock().operations.contains_key(&id)
    }

    pub fn forget(&self, id: OperationId) {
        self.lock().operations.remove(&id);
    }

    /// Waits until an operation ends, the wait is over or the connection ends. Fails in the last case.
    pub fn followed(&self, id: OperationId, wait: &Wait) -> Result<Followed, Error> {
        self.followed_until(id, wait, Followed::has_ended)
    }

    /// Waits until an operation is acknowledged, the wait is over or the connection ends. Fails in the last case.
    pub fn acknowledged(&self, id: OperationId, wait: &Wait) -> Result<Followed, Error> {
        self.followed_until(id, wait, |followed| followed.ack.is_some())
    }

    fn followed_until(
        &self,
        id: OperationId,
        wait: &Wait,
        is_enough: impl Fn(&Followed) -> bool,
    ) -> Result<Followed, Error> {
        let mut received = self.lock();
        loop {
            let followed = received.operations.get(&id).cloned().unwrap_or_default();
            if is_enough(&followed) {
                return Ok(followed);
            }
            if let Some(error) = &received.end {
                return Err(copy(error));
            }
            if wait.is_over() {
                return Ok(followed);
            }
            received = self.sleep(received, wait);
        }
    }

    /// Returns true if an intent is not decided yet. The daemon drops such an intent with its connection.
    pub fn is_awaiting_decision(&self) -> bool {
        let received = self.lock();
        let mut operations = received.operations.values();
        operations.any(|followed| followed.ack.is_none() || followed.is_asking())
    }

    pub fn has_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    /// Ends all waits.
    pub fn end(&self, error: Error) {
        self.lock().end.get_or_insert(error);
        self.changed.notify_all();
    }

    /// Counts the events about add-ons in this number.
    pub fn counting(capability_changes: Arc<AtomicU64>) -> Self {
        Self {
            capability_changes,
            ..Self::default()
        }
    }

    /// Keeps the answers to a call from now on.
    pub fn follow_call(&self, request_id: Uuid) {
        self.lock().calls.insert(request_id, None);
    }

    pub fn forget_call(&self, request_id: Uuid) {
        self.lock().calls.remove(&request_id);
    }

    /// Waits until a call ends, the wait is over or the connection ends. Fails in the last case, and if nothing has come.
    pub fn called(&self, request_id: Uuid, wait: &Wait) -> Result<Called, Error> {
        let mut received = self.lock();
        loop {
            let newest = received.calls.get(&request_id).cloned().flatten();
            if let Some(ended @ Called::Answered(_)) = newest {
                return Ok(ended);
            }
            if let Some(Some(Err(error))) = received.results.remove(&request_id) {
                return Err(error);
            }
            if let Some(error) = &received.end {
                return Err(copy(error));
            }
            if wait.is_over() {
                let silent = || Error::new(Code::PeerSilent, "daemon", "no answer in time");
                return newest.ok_or_else(silent);
            }
            received = self.sleep(received, wait);
        }
    }

    /// Keeps the answer to a look or a selection from now on.
    pub fn expect_window(&self, request_id: Uuid) {
        self.lock().windows.insert(request_id, None);
    }

    pub fn forget_window(&self, request_id: Uuid) {
        self.lock().windows.remove(&request_id);
    }

    /// Waits for the answer to a look or a selection.
    pub fn window(&self, request_id: Uuid, wait: &Wait) -> Result<WindowAnswer, Error> {
        let mut received = self.lock();
        loop {
            if let Some(answer) = received.windows.get_mut(&request_id).and_then(Option::take) {
                return Ok(answer);
            }
            if let Some(Some(Err(error))) = received.results.remove(&request_id) {
                return Err(error);
            }
            if let Some(error) = &received.end {
                return Err(copy(error));
            }
            if wait.is_over() {
                return Err(Error::new(Code::PeerSilent, "daemon", "no answer in time"));
            }
            received = self.sleep(received, wait);
        }
    }

    /// Sorts a message in.
    pub fn put(&self, message: DaemonMessage) {
        if matches!(
            message,
            DaemonMessage::AddonRegistered { .. }
                | DaemonMessage::AddonUnregistered { .. }
                | DaemonMessage::RegistryUpdated { .. }
        ) {
            self.capability_changes.fetch_add(1, Ordering::Relaxed);
        }
        self.lock().put(message);
        self.changed.notify_all();
    }

    fn sleep<'a>(
        &self,
        received: MutexGuard<'a, Received>,
        wait: &Wait,
    ) -> MutexGuard<'a, Received> {
        let slept = self.changed.wait_timeout(received, wait.slice());
        slept.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Received {
    fn take_result(&mut self, request_id: Uuid) -> Option<Result<QueryResult, Error>> {
        self.results.get_mut(&request_id).and_then(Option::take)
    }

    fn put(&mut self, message: DaemonMessage) {
        match message {
            DaemonMessage::Result { request_id, result } => self.set_result(request_id, Ok(result)),
            DaemonMessage::Ack {
                operation_id,
                status,
                seq,
                error,
                approval,
                ..
            } => {
                // The refusal of a dry run answers its request.
                if let Some(error) = error.as_ref().filter(|_| status == AckStatus::Refused) {
                    self.set_result(operation_id.0, Err(refusal(error.clone())));
                }
                self.note(operation_id, |followed| {
                    followed.ack = Some((status, seq));
                    followed.approval = approval;
                    followed.error = error;
                });
            }
            DaemonMessage::CommandResponse(answer) => {
                if let Some(id) = answer.request_id {
                    self.note_call(id, Called::Answered(answer));
                }
            }
            DaemonMessage::ViewResult(answer) => {
                self.note_window(answer.request_id, WindowAnswer::View(*answer));
            }
            DaemonMessage::SelectResult(answer) => {
                self.note_window(answer.request_id, WindowAnswer::Select(*answer));
            }
            DaemonMessage::CommandProgress(progress) => {
                self.note_call(progress.request_id, Called::Running(progress));
            }
            DaemonMessage::Outcome {
                operation_id,
                outcome,
                error,
                ..
            } => self.note(operation_id, |followed| {
                followed.outcome = Some(outcome);
                followed.error = error;
            }),
            DaemonMessage::Error {
                error,
                operation_id,
                request_id,
                ..
            } => self.put_error(error, operation_id, request_id),
            _ => {}
        }
    }

    /// Gives an error to the request or operation that it names; else to all requests, since it may be about any.
    fn put_error(
        &mut self,
        error: ErrorBody,
        operation_id: Option<OperationId>,
        request_id: Option<Uuid>,
    ) {
        if let Some(id) = operation_id {
            self.set_result(id.0, Err(refusal(error.clone())));
            self.note(id, |followed| {
                followed.ack = Some((AckStatus::Refused, 0));
                followed.error = Some(error);
            });
            return;
        }
        match request_id {
            Some(id) => self.set_result(id, Err(refusal(error))),
            None => {
                for result in self.results.values_mut().filter(|it| it.is_none()) {
                    *result = Some(Err(refusal(error.clone())));
                }
            }
        }
    }

    fn set_result(&mut self, request_id: Uuid, result: Result<QueryResult, Error>) {
        if let Some(slot) = self.results.get_mut(&request_id) {
            *slot = Some(result);
        }
    }

    /// Notes the newest words on a call. Nothing follows its end.
    fn note_call(&mut self, request_id: Uuid, called: Called) {
        if let Some(newest) = self.calls.get_mut(&request_id)
            && !matches!(newest, Some(Called::Answered(_)))
        {
            *newest = Some(called);
        }
    }

    fn note_window(&mut self, request_id: Uuid, answer: WindowAnswer) {
        if let Some(slot) = self.windows.get_mut(&request_id) {
            *slot = Some(answer);
        }
    }

    fn note(&mut self, id: OperationId, set: impl FnOnce(&mut Followed)) {
        if let Some(followed) = self.operations.get_mut(&id) {
            set(followed);
        }
    }
}

/// Builds the error for a request that the daemon refused.
fn refusal(error: ErrorBody) -> Error {
    let refused = Error::new(error.code, error.location, error.message);
    match error.help.is_empty() {
        true => refused,
        false => refused.with_help(error.help),
    }
}

fn copy(error: &Error) -> Error {
    Error::new(error.code, &*error.location, &*error.message)
}
