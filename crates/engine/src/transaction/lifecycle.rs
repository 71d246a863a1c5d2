//! OpenTransactions: BEGIN, STEPs, PROVISIONAL, and one of FINAL, COMMIT, ROLLBACK.

use std::collections::BTreeMap;

use vibesync_protocol::{ApplyReason, DaemonMessage, ErrorBody, Intent, Severity};
use vibesync_scene::{
    Author, Change, Code, Invalid, OpenTransaction, Outcome, Path, Payload, Phase, PolicyDecision,
    RecordBody, Role, SessionId, Uuid, Verdict,
};

use crate::engine::Engine;
use crate::intake::check::holds_without;
use crate::transaction::open_transactions::{Transaction, touched};

impl Engine {
    /// Logs the transaction, applies it to the authority's scene, and owes it to the other editors.
    pub(crate) fn begin(
        &mut self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        digest: String,
        decision: PolicyDecision,
        changes: Vec<Change>,
    ) -> u64 {
        let paths = changes.iter().map(Change::path);
        // What failed before is done on the slow path, whatever it is.
        let careful = (decision.verdict > Verdict::Allow).then_some(Path::Slow);
        let path = paths.chain(careful).max().unwrap_or(Path::Fast);
        let uuids: Vec<Uuid> = changes.iter().map(Change::uuid).collect();
        let record = |phase, uuids, payload| RecordBody {
            session_id: Some(session),
            operation_id: Some(intent.operation_id),
            uuids,
            phase,
            outcome: Outcome::Ok,
            error_code: None,
            payload,
        };
        let announced = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let payload = Payload::Begin {
            origin,
            path,
            label: intent.label.clone(),
            base_seq: intent.base_seq,
            steps: announced,
            digest: digest.clone(),
            consulted: Some(decision),
        };
        let begin = self.append(record(Phase::Begin, uuids.clone(), payload));
        self.operations.begin(intent.operation_id, digest, begin);
        let author = Author {
            seq: begin,
            by: Some(origin),
            base_seq: intent.base_seq,
        };
        let mut steps = Vec::with_capacity(changes.len());
        for (index, change) in (0..).zip(changes) {
            let before = self.scene.before(&change);
            let payload = Payload::Step {
                index,
                change: change.clone(),
                before: before.clone(),
            };
            self.append(record(Phase::Step, vec![change.uuid()], payload));
            self.scene.apply(&change, &author);
            steps.push((change, before));
        }
        if path == Path::Fast {
            self.append(record(Phase::Provisional, uuids, Payload::Provisional {}));
        }
        let open = OpenTransaction {
            begin,
            operation_id: intent.operation_id,
            session_id: Some(session),
            origin,
            path,
            label: intent.label.clone(),
            base_seq: intent.base_seq,
            announced,
            steps,
        };
        open.record_begin(&mut self.failures);
        self.owe(open);
        begin
    }

    /// Queues an open transaction's changes for every other editor, and for its origin where older values are on
    /// their way and will overwrite what it has.
    fn owe(&mut self, open: OpenTransaction) {
        let receivers = self.receivers(open.origin);
        let mut waiting = BTreeMap::new();
        for role in &receivers {
            if self
                .sessions
                .replica_mut(*role)
                .is_some_and(|replica| replica.owe(&open))
            {
                waiting.insert(*role, open.steps.len());
            }
        }
        if let Some(replica) = self.sessions.replica_mut(open.origin) {
            for (change, _) in &open.steps {
                let uuid = change.uuid();
                if replica.is_expecting(uuid) {
                    replica.queue.push(change);
                } else {
                    replica.held.insert(uuid, open.begin);
                }
            }
        }
        let absent = |role: &Role| *role != open.origin && !receivers.contains(role);
        let owed_to = Role::EDITORS.into_iter().filter(absent).collect();
        self.transactions.insert(Transaction {
            open,
            waiting,
            verified_by: Vec::new(),
            owed_to,
        });
    }

    /// An editor that is too far behind delays what it lacks as little as one that is away: the oldest transactions end
    /// as owed. It gets what it lacks all the same, in its own time.
    pub(crate) fn bound_open(&mut self) {
        while self.transactions.changes() > self.options.max_open {
            let Some(begin) = self.transactions.give_up_oldest() else {
                return;
            };
            self.finish_if_settled(begin);
        }
    }

    /// Ends a transaction that waits for nobody anymore.
    pub(crate) fn finish_if_settled(&mut self, begin: u64) {
        if !self.transactions.is_settled(begin) {
            return;
        }
        let Some(transaction) = self.transactions.remove(begin) else {
            return;
        };
        let outcome = if transaction.verified_by.is_empty() {
            Outcome::Owed
        } else {
            Outcome::Verified
        };
        self.end(
            &transaction.open,
            outcome,
            transaction.verified_by,
            transaction.owed_to,
            None,
        );
    }

    /// Editors that leave are owed what they had not verified.
    pub(crate) fn owe_to_absent(&mut self, role: Role) {
        for begin in self.transactions.stop_waiting(role) {
            self.finish_if_settled(begin);
        }
    }

    /// Undoes a transaction and all that build on it, in the log, in the scene, and in every editor. Says what was undone,
    /// with the digests of its contents: nothing where what is finished stands on it; then it stays, and is owed to whoever
    /// does not hold it.
    pub(crate) fn rollback(
        &mut self,
        begin: u64,
        error: &ErrorBody,
    ) -> Vec<(OpenTransaction, String)> {
        let mut undone = Vec::new();
        let Some(cascade) = self.cascade(begin) else {
            self.transactions.stays_owed(begin);
            self.finish_if_settled(begin);
            return undone;
        };
        for begin in cascade {
            let Some(transaction) = self.transactions.remove(begin) else {
                continue;
            };
            self.undo(&transaction.open, error);
            let uuids: Vec<Uuid> = touched(&transaction.open).collect();
            let invalid = Invalid::new(error.code, &error.location, &error.message);
            self.refuse_dependents(&uuids, &invalid);
            let known = self.operations.get(transaction.open.operation_id);
            let digest = known.map(|known| known.digest.clone()).unwrap_or_default();
            undone.push((transaction.open, digest));
        }
        undone
    }

    /// What has to be undone with a transaction so that the scene holds together: what changed the same entities; else
    /// all that may have put something under what it made, or taken away what it had let go.
    fn cascade(&self, begin: u64) -> Option<Vec<u64>> {
        let cascades = [false, true].map(|all| self.transactions.with_dependents(begin, all));
        let holds = |it: &Vec<u64>| holds_without(&self.scene, self.transactions.steps(it));
        cascades.into_iter().find(holds)
    }

    fn undo(&mut self, open: &OpenTransaction, error: &ErrorBody) {
        let seq = self.end(
            open,
            Outcome::RolledBack,
            Vec::new(),
            Vec::new(),
            Some(error),
        );
        for (change, before) in open.steps.iter().rev() {
            self.scene.undo(change, before.as_ref(), seq);
        }
        let uuids: Vec<Uuid> = touched(open).collect();
        for role in Role::EDITORS {
            let Some(replica) = self.sessions.replica_mut(role) else {
                continue;
            };
            uuids
                .iter()
                .for_each(|uuid| replica.queue.enqueue_full(*uuid, ApplyReason::Rollback));
            let session = replica.session;
            self.notice(session, Severity::Error, error, uuids.clone());
        }
    }

    /// Tells a client's user that something failed, or did not come out as they made it.
    pub(crate) fn notice(
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

    /// What a transaction comes to that the last run of the daemon left open. One that is not whole was never
    /// acknowledged nor sent: its editor asks for it again.
    pub(crate) fn settle_interrupted(&mut self, open: OpenTransaction) {
        if open.is_complete() {
            let owed_to = Role::EDITORS
                .into_iter()
                .filter(|role| *role != open.origin)
                .collect();
            self.end(&open, Outcome::Owed, Vec::new(), owed_to, None);
            return;
        }
        let error = ErrorBody {
            code: Code::Interrupted,
            message: "the daemon stopped before all steps were on disk".into(),
            location: String::new(),
            help: Code::Interrupted.help().to_owned(),
        };
        self.end(
            &open,
            Outcome::RolledBack,
            Vec::new(),
            Vec::new(),
            Some(&error),
        );
        self.operations.forget(open.operation_id);
        self.count_interrupted(&open);
    }

    /// Writes the record that ends a transaction, and tells its origin.
    fn end(
        &mut self,
        open: &OpenTransaction,
        outcome: Outcome,
        verified_by: Vec<Role>,
        owed_to: Vec<Role>,
        error: Option<&ErrorBody>,
    ) -> u64 {
        let phase = match (error, open.path) {
            (Some(_), _) => Phase::Rollback,
            (None, Path::Fast) => Phase::Final,
            (None, Path::Slow) => Phase::Commit,
        };
        let detail = error.map(|error| error.message.clone());
        let seq = self.append(RecordBody {
            session_id: open.session_id,
            operation_id: Some(open.operation_id),
            uuids: touched(open).collect(),
            phase,
            outcome,
            error_code: error.map(|error| error.code),
            payload: Payload::End {
                begin: open.begin,
                verified_by,
                owed_to,
                detail,
            },
        });
        self.operations.end(open.operation_id, phase, outcome);
        if outcome == Outcome::Verified {
            open.record_verified(&mut self.failures);
        }
        if let Some(session) = open
            .session_id
            .filter(|session| self.sessions.get(*session).is_some())
        {
            let operation_id = open.operation_id;
            self.send(
                session,
                DaemonMessage::Outcome {
                    operation_id,
                    phase,
                    outcome,
                    seq,
                    error: error.cloned(),
                },
            );
        }
        seq
    }
}
