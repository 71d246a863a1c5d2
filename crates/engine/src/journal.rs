//! The output of a step: records for the log, messages for clients, and the state that follows from records alone.

use vibesync_protocol::{AckStatus, Code, DaemonMessage, ErrorBody, LastError, Severity};
use vibesync_scene::{
    AgentHistory, FailureHistory, Invalid, OpenTransaction, OperationId, Outcome, Payload, Phase,
    RecordBody, SessionId, Uuid,
};

use crate::action::Action;
use crate::refusals::{Refusal, Refusals};

/// Most entities that [`LastError`] lists.
const MAX_ERROR_UUIDS: usize = 10;

/// The answer to an intent with the changes of a call.
#[derive(Debug)]
pub(crate) struct AnsweredCall {
    pub session: SessionId,
    pub request_id: Uuid,
    pub operation_id: OperationId,
    pub status: AckStatus,
    pub error: Option<ErrorBody>,
}

/// Collects the actions of a step, numbers its records, and keeps the histories of failures and agents up to date with them.
#[derive(Debug)]
pub(crate) struct Journal {
    /// Time of the current step, milliseconds.
    now: u64,
    next_seq: u64,
    failures: FailureHistory,
    agents: AgentHistory,
    last_error: Option<LastError>,
    refusals: Refusals,
    /// Answers to intents of calls in this step.
    answered_calls: Vec<AnsweredCall>,
    actions: Vec<Action>,
}

impl Journal {
    pub fn new(last_seq: u64, failures: FailureHistory, agents: AgentHistory) -> Self {
        Self {
            now: 0,
            next_seq: last_seq + 1,
            failures,
            agents,
            last_error: None,
            refusals: Refusals::default(),
            answered_calls: Vec::new(),
            actions: Vec::new(),
        }
    }

    pub fn start_step(&mut self, now: u64) {
        self.now = now;
    }

    /// Ends the step and returns its actions in order.
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    pub fn now(&self) -> u64 {
        self.now
    }

    /// Returns the sequence of the newest record.
    pub fn head_seq(&self) -> u64 {
        self.next_seq - 1
    }

    pub fn failures(&self) -> &FailureHistory {
        &self.failures
    }

    pub fn agents(&self) -> &AgentHistory {
        &self.agents
    }

    pub fn last_error(&self) -> Option<&LastError> {
        self.last_error.as_ref()
    }

    pub fn push(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Appends a record and returns its sequence.
    pub fn append(&mut self, record: RecordBody) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.failures.record(seq, &record);
        self.agents.record(seq, &record);
        self.push(Action::Append(Box::new(record)));
        seq
    }

    /// Appends a record that belongs to no session, operation or entity.
    pub fn append_own(&mut self, phase: Phase, outcome: Outcome, payload: Payload) -> u64 {
        self.append(RecordBody {
            session_id: None,
            operation_id: None,
            uuids: Vec::new(),
            phase,
            outcome,
            error_code: None,
            payload,
        })
    }

    /// Logs a refused intent, or only counts it if there was one like it within the last minute. `first` replaces the
    /// record of a refusal that is logged at once.
    pub fn log_refusal(&mut self, refusal: Refusal, first: Option<RecordBody>) {
        if let Some(refusal) = self.refusals.count(refusal, self.now) {
            self.append(first.unwrap_or_else(|| refusal.record(1)));
        }
    }

    /// Logs the number of refusals that were only counted, once a minute has passed.
    pub fn log_due_refusals(&mut self) {
        for record in self.refusals.take_due(self.now) {
            self.append(record);
        }
    }

    /// Logs the number of all refusals that were only counted.
    pub fn log_all_refusals(&mut self) {
        for record in self.refusals.take_all() {
            self.append(record);
        }
    }

    /// Returns the time at which the next number of refusals is due.
    pub fn refusals_deadline(&self) -> Option<u64> {
        self.refusals.deadline()
    }

    /// Updates the failure history once all steps of a transaction are appended.
    pub fn record_begin(&mut self, open: &OpenTransaction) {
        open.record_begin(&mut self.failures);
    }

    /// Updates the failure history once a transaction is verified.
    pub fn record_verified(&mut self, open: &OpenTransaction) {
        open.record_verified(&mut self.failures);
    }

    /// Notes the answer to an intent with the changes of a call.
    pub fn note_call_answer(&mut self, answered: AnsweredCall) {
        self.answered_calls.push(answered);
    }

    /// Returns the answers to intents of calls since the last time.
    pub fn take_call_answers(&mut self) -> Vec<AnsweredCall> {
        std::mem::take(&mut self.answered_calls)
    }

    pub fn send(&mut self, session: SessionId, message: DaemonMessage) {
        let message = Box::new(message);
        self.push(Action::Send { session, message });
    }

    /// Sends an error that leaves the connection open.
    pub fn send_error(&mut self, session: SessionId, code: Code, message: &str, location: &str) {
        let error = ErrorBody {
            code,
            message: message.to_owned(),
            location: location.to_owned(),
            help: code.help().to_owned(),
        };
        self.send(
            session,
            DaemonMessage::Error {
                error,
                operation_id: None,
                request_id: None,
                fatal: false,
            },
        );
    }

    /// Refuses a request and leaves the connection open.
    pub fn refuse_request(&mut self, session: SessionId, request_id: Uuid, invalid: &Invalid) {
        let error = ErrorBody {
            help: invalid.code.help().to_owned(),
            ..ErrorBody::from(invalid.clone())
        };
        self.send(
            session,
            DaemonMessage::Error {
                error,
                operation_id: None,
                request_id: Some(request_id),
                fatal: false,
            },
        );
    }

    /// Closes a connection with an error.
    pub fn close(&mut self, session: SessionId, code: Code, location: &str, message: String) {
        let error = ErrorBody {
            code,
            message,
            location: location.into(),
            help: code.help().to_owned(),
        };
        self.push(Action::Close { session, error });
    }

    /// Tells a client's user that an operation failed or had another result than the user intended.
    pub fn notify(
        &mut self,
        session: SessionId,
        severity: Severity,
        error: &ErrorBody,
        uuids: Vec<Uuid>,
    ) {
        self.note_error(error, uuids.iter().copied());
        let ErrorBody {
            code,
            message,
            help,
            ..
        } = error.clone();
        self.send(
            session,
            DaemonMessage::Notice {
                severity,
                code,
                message,
                help,
                uuids,
            },
        );
    }

    /// Keeps an error for the status.
    pub fn note_error(&mut self, error: &ErrorBody, uuids: impl Iterator<Item = Uuid>) {
        self.last_error = Some(LastError {
            seq: self.head_seq(),
            error: error.clone(),
            uuids: uuids.take(MAX_ERROR_UUIDS).collect(),
        });
    }
}
