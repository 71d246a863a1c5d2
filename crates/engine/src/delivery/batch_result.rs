//! The end of a batch: confirmed entities settle their transactions, failed entities roll theirs back.

use std::collections::BTreeMap;

use vibesync_protocol::{ApplyReason, Code, DaemonMessage, ErrorBody, Severity, VersionedChange};
use vibesync_scene::{
    Change, Invalid, Outcome, Payload, Phase, RecordBody, Role, Scene, Scope, SessionId, Uuid,
};

use crate::agents::guard::redact_rollback;
use crate::delivery::replica::InFlight;
use crate::delivery::replicas::Replicas;
use crate::delivery::state::FinishedBatch;
use crate::governance::failure::Failure;
use crate::governance::state::Governance;
use crate::intake::answer::Answers;
use crate::intake::pending_intents::PendingIntents;
use crate::journal::Journal;
use crate::session::sessions::Sessions;
use crate::transaction::lifecycle::Transactions;
use crate::transaction::rollback::Undone;

/// The state that the result of a batch changes.
pub(crate) struct BatchResult<'a> {
    pub journal: &'a mut Journal,
    pub scene: &'a mut Scene,
    pub transactions: &'a mut Transactions,
    pub replicas: &'a mut Replicas,
    /// Deferred intents that build on a rolled-back transaction are refused.
    pub pending: &'a mut PendingIntents,
    pub governance: &'a Governance,
    pub sessions: &'a Sessions,
}

impl BatchResult<'_> {
    /// Ends the batch in flight: rolls back the transactions of failed entities and settles the others.
    pub fn finish_batch(&mut self, finished: FinishedBatch) {
        let FinishedBatch {
            role,
            failures,
            mut vanished,
        } = finished;
        // The deletion may have come while meshes were compared.
        vanished.retain(|uuid, _| self.scene.live(*uuid).is_some());
        let Some(replica) = self.replicas.get_mut(role) else {
            return;
        };
        let Some(flight) = replica.in_flight.take() else {
            return;
        };
        let session = replica.session;
        if !flight.is_answered {
            self.pending.note_covered(replica, flight.sent.keys());
        }
        for (uuid, sent) in &flight.sent {
            if !failures.contains_key(uuid) {
                // An object without its data carries an older version; all its other components are confirmed.
                let version = sent.version + u64::from(replica.partial.contains(uuid));
                replica.confirm(*uuid, version);
            }
        }
        self.ask_for_shown(role, &flight, &failures);
        let Some(replica) = self.replicas.get_mut(role) else {
            return;
        };
        for (uuid, error) in &vanished {
            if targets(self.scene, *uuid).any(|it| replica.queue.contains_full(it)) {
                // The user deleted what it refers to. That deletion was decided, and the editor gets the target again.
                replica.enqueue_retry(*uuid);
            } else {
                let now = self.journal.now();
                replica.vanished.insert(*uuid, error.clone(), now);
            }
        }
        if flight.reason != ApplyReason::Change || !failures.is_empty() {
            log_delivery(self.journal, session, role, &flight, &failures);
        }
        for (uuid, error) in &failures {
            self.fail_entity(role, session, *uuid, error);
        }
        for (uuid, sent) in &flight.sent {
            if !failures.contains_key(uuid) && !vanished.contains_key(uuid) {
                let (journal, sessions) = (&mut *self.journal, self.sessions);
                self.transactions
                    .confirm(journal, sessions, role, *uuid, sent.version);
            }
        }
    }

    /// Asks Blender for the evaluated meshes of objects that it has got whole. Blender has made them anew, and perhaps without the
    /// modifiers that they had.
    fn ask_for_shown(
        &mut self,
        role: Role,
        flight: &InFlight,
        failures: &BTreeMap<Uuid, ErrorBody>,
    ) {
        let Some(replica) = self.replicas.get(role).filter(|_| role == Role::Blender) else {
            return;
        };
        let is_made = |(uuid, sent): &(&Uuid, &VersionedChange)| {
            let row = self.scene.live(**uuid);
            let shown = row.and_then(|entity| entity.components.shown.as_deref());
            let is_whole = matches!(sent.change, Change::Create { .. });
            is_whole && shown.is_some_and(|it| it.mesh.is_some()) && !failures.contains_key(uuid)
        };
        let made = flight.sent.iter().filter(is_made);
        let uuids: Vec<Uuid> = made.map(|(uuid, _)| *uuid).collect();
        if !uuids.is_empty() {
            let session = replica.session;
            self.journal.send(session, DaemonMessage::Want { uuids });
        }
    }

    /// Fails the deliveries of vanished entities whose deletion has not come.
    pub fn fail_vanished(&mut self, role: Role) {
        let Some(replica) = self.replicas.get_mut(role) else {
            return;
        };
        let session = replica.session;
        for (uuid, error) in replica.vanished.take_late(self.journal.now()) {
            self.fail_entity(role, session, uuid, &error);
        }
    }

    /// Ends the wait for the deletions in a decided intent. A deletion that was made settles the transactions that wait
    /// for the entity; else the editor gets the entity again. So does an entity that refers to a deleted one.
    pub fn settle_vanished(&mut self, role: Role, changes: &[Change]) {
        let replica = self.replicas.get_mut(role);
        let Some(replica) = replica.filter(|replica| !replica.vanished.is_empty()) else {
            return;
        };
        let deletes = changes.iter().filter(|it| it.components().is_none());
        let mut deleted = Vec::new();
        for uuid in deletes.map(Change::uuid) {
            let refers = |it: &Uuid| targets(self.scene, *it).any(|target| target == uuid);
            for dependent in replica.vanished.take_all(refers) {
                replica.enqueue_retry(dependent);
            }
            if !replica.vanished.remove(uuid) {
                continue;
            }
            match self.scene.row(uuid) {
                Some(row) if row.tombstone => deleted.push((uuid, row.version)),
                _ => replica.enqueue_retry(uuid),
            }
        }
        for (uuid, version) in deleted {
            self.transactions
                .confirm(self.journal, self.sessions, role, uuid, version);
        }
    }

    /// Rolls back the transactions that wait for this entity, and queues the restored state for the editor. Deliveries
    /// are repeated until the entity's breaker opens, and once if the editor does not answer; then its user is told.
    fn fail_entity(&mut self, role: Role, session: SessionId, uuid: Uuid, error: &ErrorBody) {
        let awaiting = self.transactions.open.awaiting(role, uuid);
        let begins: Vec<u64> = awaiting.map(|transaction| transaction.open.begin).collect();
        let mut undone = Vec::new();
        for begin in begins {
            self.roll_back(begin, error, &mut undone);
        }
        let failure = Failure::of_delivery(session, role, uuid, error, &undone);
        self.governance
            .count(self.journal, self.scene, self.replicas, &failure);
        let state = self.journal.failures().get(&Scope::Entity(uuid));
        let is_open = state.is_some_and(|state| state.open);
        let Some(replica) = self.replicas.get_mut(role) else {
            return;
        };
        let is_timeout = error.code == Code::VerificationTimeout;
        let may_retry = if is_timeout {
            replica.may_retry_after_timeout(uuid)
        } else {
            !is_open
        };
        if may_retry {
            return replica.enqueue_retry(uuid);
        }
        // The state of this entity in the editor is unknown.
        replica.versions.remove(&uuid);
        if undone.is_empty() && is_timeout {
            self.journal
                .notify(session, Severity::Error, error, vec![uuid]);
        }
    }

    /// Rolls back a transaction with all that build on it, and refuses deferred intents that build on them. If finished
    /// transactions build on it, the transaction stays; the editors that lack it are no longer waited for.
    fn roll_back(&mut self, begin: u64, error: &ErrorBody, undone: &mut Vec<Undone>) {
        let Some(cascade) = self.transactions.cascade(self.scene, begin) else {
            self.transactions.open.stop_waiting(begin);
            return self
                .transactions
                .finish_if_settled(self.journal, self.sessions, begin);
        };
        for begin in cascade {
            let one = self.transactions.undo(
                self.journal,
                self.scene,
                self.replicas,
                self.sessions,
                begin,
                error,
            );
            let Some(one) = one else {
                continue;
            };
            self.refuse_dependents(&one, error);
            undone.push(one);
        }
    }

    fn refuse_dependents(&mut self, undone: &Undone, error: &ErrorBody) {
        let uuids: Vec<Uuid> = undone.open.uuids().collect();
        for deferred in self.pending.take_dependents(&uuids) {
            let mut error = error.clone();
            if self.sessions.role(deferred.session) == Some(Role::Agent) {
                redact_rollback(&mut error);
            }
            let invalid = Invalid::new(error.code, error.location, error.message);
            let mut answers = Answers {
                journal: self.journal,
                governance: self.governance,
                scene: self.scene,
                replicas: self.replicas,
                sessions: self.sessions,
            };
            answers.refuse(deferred.session, &deferred.intent, invalid);
        }
    }
}

/// Lists the entities that an entity refers to.
fn targets(scene: &Scene, uuid: Uuid) -> impl Iterator<Item = Uuid> {
    let entity = scene.live(uuid).into_iter();
    let references = entity.flat_map(|entity| entity.components.references());
    references.map(|it| it.uuid)
}

fn log_delivery(
    journal: &mut Journal,
    session: SessionId,
    role: Role,
    flight: &InFlight,
    failures: &BTreeMap<Uuid, ErrorBody>,
) {
    let reason = match flight.reason {
        ApplyReason::Change => "change",
        ApplyReason::Sync => "sync",
        ApplyReason::Rollback => "rollback",
        ApplyReason::Restore => "restore",
    };
    let first = failures.values().next();
    let outcome = match first {
        Some(_) => Outcome::Failed,
        None => Outcome::Verified,
    };
    journal.append(RecordBody {
        session_id: Some(session),
        operation_id: None,
        uuids: flight.sent.keys().copied().collect(),
        phase: Phase::Deliver,
        outcome,
        error_code: first.map(|error| error.code),
        payload: Payload::Deliver {
            role,
            reason: reason.into(),
            detail: first.map(|error| error.message.clone()),
        },
    });
}
