//! The records of a transaction: BEGIN, STEPs, PROVISIONAL, and one of FINAL, COMMIT, ROLLBACK.

use std::collections::BTreeMap;

use vibesync_protocol::{DaemonMessage, ErrorBody, Intent};
use vibesync_scene::{
    AgentName, Author, Change, Code, Entity, OpenTransaction, Operation, OperationEnd, OperationId,
    Operations, Outcome, Path, Payload, Phase, PolicyDecision, RecordBody, Role, Scene, SessionId,
    Uuid, Verdict,
};

use crate::agents::guard::redact_rollback;
use crate::delivery::replicas::Replicas;
use crate::journal::Journal;
use crate::session::sessions::Sessions;
use crate::transaction::open_transactions::{OpenTransactions, Transaction};

/// The open transactions, and the operations that were answered.
#[derive(Debug)]
pub(crate) struct Transactions {
    pub open: OpenTransactions,
    /// Answered operations. An intent that repeats one gets the same answer again.
    operations: Operations,
}

/// An intent and its sender.
#[derive(Clone, Copy)]
pub(crate) struct Submission<'a> {
    pub session: SessionId,
    pub origin: Role,
    /// The agent; none for people.
    pub agent: Option<&'a AgentName>,
    pub intent: &'a Intent,
    /// The digest of the intent's content.
    pub digest: &'a str,
}

/// The way in which a transaction ends.
#[derive(Default)]
pub(crate) struct Ending<'a> {
    pub verified_by: Vec<Role>,
    pub undelivered_to: Vec<Role>,
    /// The reason of a rollback; none for other endings.
    pub error: Option<&'a ErrorBody>,
    /// The connection that repeated the intent.
    pub repeated_by: Option<SessionId>,
}

impl Transactions {
    pub fn new(operations: Operations) -> Self {
        Self {
            open: OpenTransactions::default(),
            operations,
        }
    }

    /// Logs a transaction, applies it to the scene, and queues it for the other editors. Returns its sequence.
    pub fn begin(
        &mut self,
        journal: &mut Journal,
        scene: &mut Scene,
        replicas: &mut Replicas,
        submission: &Submission<'_>,
        decision: PolicyDecision,
        changes: Vec<Change>,
    ) -> u64 {
        let intent = submission.intent;
        let path = path_of(&changes, &decision);
        let uuids: Vec<Uuid> = changes.iter().map(Change::uuid).collect();
        let announced = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let payload = Payload::Begin {
            origin: submission.origin,
            agent: submission.agent.cloned(),
            path,
            label: intent.label.clone(),
            base_seq: intent.base_seq,
            steps: announced,
            digest: submission.digest.to_owned(),
            decision: Some(decision),
            call: intent.request_id,
        };
        let begin = journal.append(record(submission, Phase::Begin, uuids.clone(), payload));
        let digest = submission.digest.to_owned();
        self.operations.begin(intent.operation_id, digest, begin);
        let steps = apply_steps(journal, scene, submission, begin, changes);
        if path == Path::Fast {
            let payload = Payload::Provisional {};
            journal.append(record(submission, Phase::Provisional, uuids, payload));
        }
        let open = OpenTransaction {
            begin,
            operation_id: intent.operation_id,
            session_id: Some(submission.session),
            origin: submission.origin,
            agent: submission.agent.cloned(),
            path,
            label: intent.label.clone(),
            base_seq: intent.base_seq,
            announced_steps: announced,
            steps,
        };
        journal.record_begin(&open);
        self.enqueue(replicas, scene, open);
        begin
    }

    /// Queues a transaction's changes for every other editor. Its origin gets them too where older values are on their
    /// way to it and will overwrite its own, or have done so.
    fn enqueue(&mut self, replicas: &mut Replicas, scene: &Scene, open: OpenTransaction) {
        let mut awaited = BTreeMap::new();
        let mut undelivered_to = Vec::new();
        let mut withheld = Vec::new();
        for role in Role::EDITORS {
            match replicas.get_mut(role) {
                _ if role == open.origin => {}
                None => undelivered_to.push(role),
                Some(replica) => {
                    if replica.enqueue_transaction(&open, scene) {
                        awaited.insert(role, open.steps.len());
                        let kept = open.uuids().filter(|uuid| replica.withholds(scene, *uuid));
                        withheld.extend(kept.map(|uuid| (role, uuid)));
                    }
                }
            }
        }
        if let Some(replica) = replicas.get_mut(open.origin) {
            for (change, _) in &open.steps {
                let uuid = change.uuid();
                if replica.is_expecting(uuid) || replica.has_lost(change, open.base_seq) {
                    replica.queue.enqueue(change);
                } else {
                    replica.versions.insert(uuid, open.begin);
                }
            }
        }
        let begin = open.begin;
        self.open.insert(Transaction {
            open,
            awaited,
            verified_by: Vec::new(),
            undelivered_to,
            repeated_by: None,
        });
        for (role, uuid) in withheld {
            // Nothing of it will be confirmed.
            self.open.confirm(role, uuid, begin);
        }
    }

    /// Notes that an editor has this version of an entity, and ends the transactions that wait for no editor anymore.
    pub fn confirm(
        &mut self,
        journal: &mut Journal,
        sessions: &Sessions,
        role: Role,
        uuid: Uuid,
        version: u64,
    ) {
        for begin in self.open.confirm(role, uuid, version) {
            self.finish_if_settled(journal, sessions, begin);
        }
    }

    /// Ends the oldest transactions while there are too many changes in open ones. An editor that is too far behind
    /// delays no more than an editor that is away; it gets the changes all the same, later.
    pub fn limit_open(&mut self, journal: &mut Journal, sessions: &Sessions, max_open: usize) {
        while self.open.changes() > max_open {
            let Some(begin) = self.open.stop_waiting_for_oldest() else {
                return;
            };
            self.finish_if_settled(journal, sessions, begin);
        }
    }

    /// Stops waiting for an editor that has left. It gets the changes that it has not verified later.
    pub fn remove_editor(&mut self, journal: &mut Journal, sessions: &Sessions, role: Role) {
        for begin in self.open.stop_waiting_for_editor(role) {
            self.finish_if_settled(journal, sessions, begin);
        }
    }

    /// Ends a transaction if it waits for no editor anymore.
    pub fn finish_if_settled(&mut self, journal: &mut Journal, sessions: &Sessions, begin: u64) {
        if !self.open.is_settled(begin) {
            return;
        }
        let Some(transaction) = self.open.remove(begin) else {
            return;
        };
        let ending = Ending {
            verified_by: transaction.verified_by,
            undelivered_to: transaction.undelivered_to,
            error: None,
            repeated_by: transaction.repeated_by,
        };
        self.end(journal, sessions, &transaction.open, ending);
    }

    /// Ends a transaction that the previous run of the daemon left open. Returns false if not all of its steps were
    /// logged: its origin was not told about it and asks again.
    pub fn settle_interrupted(
        &mut self,
        journal: &mut Journal,
        sessions: &Sessions,
        open: &OpenTransaction,
    ) -> bool {
        if open.is_complete() {
            let others = Role::EDITORS.into_iter();
            let ending = Ending {
                undelivered_to: others.filter(|role| *role != open.origin).collect(),
                ..Ending::default()
            };
            self.end(journal, sessions, open, ending);
            return true;
        }
        let error = ErrorBody {
            code: Code::Interrupted,
            message: "the daemon stopped before all steps were on disk".into(),
            location: String::new(),
            help: Code::Interrupted.help().to_owned(),
        };
        let ending = Ending {
            error: Some(&error),
            ..Ending::default()
        };
        self.end(journal, sessions, open, ending);
        self.operations.forget(open.operation_id);
        false
    }

    /// Notes that an intent as a whole was quarantined by this record.
    pub fn note_quarantined(&mut self, id: OperationId, digest: &str, seq: u64) {
        self.operations.begin(id, digest.to_owned(), seq);
        let end = OperationEnd {
            phase: Phase::Quarantine,
            outcome: Outcome::Quarantined,
            seq,
            error: None,
        };
        self.operations.end(id, end);
    }

    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.get(id)
    }

    /// Logs the end of a transaction, and tells its origin. Returns the record's sequence.
    pub fn end(
        &mut self,
        journal: &mut Journal,
        sessions: &Sessions,
        open: &OpenTransaction,
        ending: Ending<'_>,
    ) -> u64 {
        let Ending {
            verified_by,
            undelivered_to,
            error,
            repeated_by,
        } = ending;
        let (phase, outcome) = match (error, open.path) {
            (Some(_), _) => (Phase::Rollback, Outcome::RolledBack),
            (None, Path::Fast) => (Phase::Final, outcome_of(&verified_by)),
            (None, Path::Slow) => (Phase::Commit, outcome_of(&verified_by)),
        };
        let operation_id = open.operation_id;
        let record = RecordBody {
            session_id: open.session_id,
            operation_id: Some(operation_id),
            uuids: open.uuids().collect(),
            phase,
            outcome,
            error_code: error.map(|error| error.code),
            payload: Payload::End {
                begin: open.begin,
                verified_by,
                undelivered_to,
                detail: error.map(|error| error.message.clone()),
            },
        };
        let end = OperationEnd::from_record(journal.head_seq() + 1, &record);
        let seq = journal.append(record);
        self.operations.end(operation_id, end);
        if outcome == Outcome::Verified {
            journal.record_verified(open);
        }
        let repeated_by = repeated_by.filter(|id| Some(*id) != open.session_id);
        let told = open.session_id.into_iter().chain(repeated_by);
        for session in told.filter(|id| sessions.is_connected(*id)) {
            let error = error.map(|error| error_for(error, sessions.role(session)));
            journal.send(
                session,
                DaemonMessage::Outcome {
                    operation_id,
                    phase,
                    outcome,
                    seq,
                    error,
                },
            );
        }
        seq
    }
}

/// Returns the error of a rollback as a client may hear it.
fn error_for(error: &ErrorBody, role: Option<Role>) -> ErrorBody {
    let mut error = error.clone();
    if role == Some(Role::Agent) {
        redact_rollback(&mut error);
    }
    error
}

/// Logs each change and applies it to the scene. Returns the changes with the entities before them.
fn apply_steps(
    journal: &mut Journal,
    scene: &mut Scene,
    submission: &Submission<'_>,
    begin: u64,
    changes: Vec<Change>,
) -> Vec<(Change, Option<Entity>)> {
    let author = Author {
        seq: begin,
        by: Some(submission.origin),
        base_seq: submission.intent.base_seq,
    };
    let mut steps = Vec::with_capacity(changes.len());
    for (index, change) in (0..).zip(changes) {
        let before = scene.before(&change);
        let payload = Payload::Step {
            index,
            change: change.clone(),
            before: before.clone(),
        };
        let uuids = vec![change.uuid()];
        journal.append(record(submission, Phase::Step, uuids, payload));
        scene.apply(&change, &author);
        steps.push((change, before));
    }
    steps
}

fn record(
    submission: &Submission<'_>,
    phase: Phase,
    uuids: Vec<Uuid>,
    payload: Payload,
) -> RecordBody {
    RecordBody {
        session_id: Some(submission.session),
        operation_id: Some(submission.intent.operation_id),
        uuids,
        phase,
        outcome: Outcome::Ok,
        error_code: None,
        payload,
    }
}

/// Changes of entities that failed before take the slow path, whatever they change.
fn path_of(changes: &[Change], decision: &PolicyDecision) -> Path {
    if decision.verdict > Verdict::Allow {
        return Path::Slow;
    }
    let paths = changes.iter().map(Change::path);
    paths.max().unwrap_or(Path::Fast)
}

fn outcome_of(verified_by: &[Role]) -> Outcome {
    match verified_by.is_empty() {
        true => Outcome::Undelivered,
        false => Outcome::Verified,
    }
}
