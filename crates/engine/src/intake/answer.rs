//! Answers to intents: acknowledgments, refusals and repeated answers.

use vibesync_protocol::{AckStatus, Code, DaemonMessage, ErrorBody, Intent};
use vibesync_scene::{Change, Invalid, Operation, Phase, Role, Scene, SessionId};

use crate::delivery::replicas::Replicas;
use crate::governance::failure::Failure;
use crate::governance::state::Governance;
use crate::journal::{AnsweredCall, Journal};
use crate::refusals::Refusal;
use crate::session::sessions::Sessions;

/// Time for which an editor that sends what the log lacks may rest between two intents, milliseconds.
pub(crate) const SETTLE_MS: u64 = 10_000;

/// The content of an acknowledgment.
pub(crate) struct Answer {
    pub status: AckStatus,
    pub seq: u64,
    pub error: Option<ErrorBody>,
}

impl Answer {
    pub fn refused(seq: u64, error: ErrorBody) -> Self {
        Self {
            status: AckStatus::Refused,
            seq,
            error: Some(error),
        }
    }

    pub fn without_error(status: AckStatus, seq: u64) -> Self {
        Self {
            status,
            seq,
            error: None,
        }
    }
}

/// The state that an answer changes.
pub(crate) struct Answers<'a> {
    pub journal: &'a mut Journal,
    pub governance: &'a Governance,
    pub scene: &'a Scene,
    pub replicas: &'a mut Replicas,
    pub sessions: &'a Sessions,
}

impl Answers<'_> {
    /// Refuses an intent. An editor with state that the scene will never have is sent the state of the scene. If the
    /// state is sound and the daemon cannot take it now, the editor keeps it: a full disk must not cost a person's work.
    pub fn refuse(&mut self, session: SessionId, intent: &Intent, invalid: Invalid) {
        let is_about_content =
            invalid.code >= Code::UuidUnknown && invalid.code <= Code::ApplyFailed;
        let mut error = ErrorBody::from(invalid);
        error.help = error.code.help().to_owned();
        let role = self.sessions.role(session);
        // In safe mode automation is off already, so its failures are not counted any further.
        let is_counted = role == Some(Role::Agent)
            && !intent.dry_run
            && self.journal.failures().safe_mode().is_none();
        if is_counted && is_about_content && !error.code.is_about_timing() {
            let changes = intent.changes.iter();
            let failure = Failure::of_refusal(session, changes, &content_digest(intent), &error);
            self.governance
                .count(self.journal, self.scene, self.replicas, &failure);
        }
        let uuids = intent.changes.iter().map(Change::uuid);
        self.journal.note_error(&error, uuids);
        self.log_refusal(session, intent, &error);
        // First the restore: the answer lists the entities that it brings.
        // An editor also takes back what a tool did. It gets the state of the scene in any case.
        if is_about_content || intent.request_id.is_some() || error.code == Code::GraphInvalid {
            self.restore_sender(session, intent);
        }
        let answer = Answer::refused(self.journal.head_seq(), error);
        acknowledge(self.journal, self.replicas, session, intent, answer);
    }

    /// Refuses an intent whose operation id was used for other content, by an operation with this sequence.
    pub fn refuse_reused(&mut self, session: SessionId, intent: &Intent, seq: u64) {
        let code = Code::OperationReused;
        let error = ErrorBody {
            code,
            message: "this operation id was used for other content".into(),
            location: "operation_id".into(),
            help: code.help().to_owned(),
        };
        self.log_refusal(session, intent, &error);
        let answer = Answer::refused(seq, error);
        acknowledge(self.journal, self.replicas, session, intent, answer);
    }

    /// Answers an intent that was answered before. Returns true if its transaction is still open.
    pub fn repeat(&mut self, session: SessionId, intent: &Intent, known: &Operation) -> bool {
        let seq = known.begin;
        if known.digest != content_digest(intent) {
            self.refuse_reused(session, intent, seq);
            return false;
        }
        let end = known.end.as_ref();
        if end.is_some_and(|end| end.phase == Phase::Quarantine) {
            self.restore_sender(session, intent);
            let error = conflict_error();
            self.log_refusal(session, intent, &error);
            let answer = Answer::refused(seq, error);
            acknowledge(self.journal, self.replicas, session, intent, answer);
            return false;
        }
        self.note_deleted(session, intent, seq);
        let answer = Answer::without_error(AckStatus::Duplicate, seq);
        acknowledge(self.journal, self.replicas, session, intent, answer);
        if let Some(end) = end {
            let outcome = DaemonMessage::Outcome {
                operation_id: intent.operation_id,
                phase: end.phase,
                outcome: end.outcome,
                seq: end.seq,
                error: end.error.as_ref().map(logged_error),
            };
            self.journal.send(session, outcome);
        }
        end.is_none()
    }

    /// Notes that an editor which repeats a deletion knows of it, whatever its inventory says.
    fn note_deleted(&mut self, session: SessionId, intent: &Intent, begin: u64) {
        let Some((_, replica)) = self.replicas.of_session_mut(session) else {
            return;
        };
        for change in &intent.changes {
            let row = self.scene.row(change.uuid());
            let is_deleted_by_it =
                row.is_some_and(|row| row.tombstone && row.changed.newest() == begin);
            if is_deleted_by_it {
                replica.versions.insert(change.uuid(), begin);
            }
        }
    }

    fn log_refusal(&mut self, session: SessionId, intent: &Intent, error: &ErrorBody) {
        // A client that is gone has no role, and gets no answer.
        if let Some(role) = self.sessions.role(session) {
            let agent = self.sessions.agent(session);
            let refusal = Refusal::new(session, (role, agent), intent, error);
            self.journal.log_refusal(refusal, None);
        }
    }

    /// Sends the entities of an intent again to the editor that made it.
    fn restore_sender(&mut self, session: SessionId, intent: &Intent) {
        let editor = self.replicas.of_session(session);
        if let Some(role) = editor.map(|(role, _)| role) {
            let uuids = intent.changes.iter().map(Change::uuid);
            self.replicas.enqueue_restore(role, self.scene, uuids);
        }
    }
}

/// Returns an error as the log has it: without a location.
pub(crate) fn logged_error((code, message): &(Code, String)) -> ErrorBody {
    ErrorBody {
        code: *code,
        message: message.clone(),
        location: String::new(),
        help: code.help().to_owned(),
    }
}

/// Sends an acknowledgment. It lists the entities of which the sender has still to receive newer values.
pub(crate) fn acknowledge(
    journal: &mut Journal,
    replicas: &mut Replicas,
    session: SessionId,
    intent: &Intent,
    answer: Answer,
) {
    let uuids = intent.changes.iter().map(Change::uuid);
    let behind = match replicas.of_session(session) {
        Some((_, replica)) => uuids.filter(|uuid| replica.is_expecting(*uuid)).collect(),
        None => Vec::new(),
    };
    if let Some(request_id) = intent.request_id {
        journal.note_call_answer(AnsweredCall {
            session,
            request_id,
            operation_id: intent.operation_id,
            status: answer.status,
            error: answer.error.clone(),
        });
    }
    let ack = DaemonMessage::Ack {
        operation_id: intent.operation_id,
        status: answer.status,
        seq: answer.seq,
        behind,
        error: answer.error,
        approval: None,
    };
    journal.send(session, ack);
    if let Some((_, replica)) = replicas.of_session_mut(session) {
        let uuids = intent.changes.iter().map(Change::uuid);
        replica.settle(uuids, journal.now() + SETTLE_MS);
    }
}

/// Returns the BLAKE3 digest of an intent's content. A repeated intent has the same digest, whatever happened since.
pub(crate) fn content_digest(intent: &Intent) -> String {
    // Serializing plain data into memory cannot fail.
    let content = serde_json::to_vec(&(&intent.label, &intent.changes)).unwrap_or_default();
    blake3::hash(&content).to_hex().to_string()
}

/// Returns the error for a change that was quarantined.
pub(crate) fn conflict_error() -> ErrorBody {
    let code = Code::Conflict;
    ErrorBody {
        code,
        message: "somebody else changed the same at the same time; your change was set aside"
            .into(),
        location: String::new(),
        help: code.help().to_owned(),
    }
}
