//! What an editor really holds after a batch, against what was sent.

use std::collections::BTreeMap;

use vibesync_protocol::{
    AppliedResult, ApplyReason, ApplyStatus, Code, EditorState, ErrorBody, Severity,
};
use vibesync_scene::differing_components;
use vibesync_scene::{
    BatchId, Change, Components, Entity, Outcome, Payload, Phase, RecordBody, Role, Scope,
    SessionId, Uuid, clipped,
};

use crate::action::{Action, MeshPair};
use crate::delivery::replica::InFlight;
use crate::engine::Engine;
use crate::transaction::open_transactions;

/// A value in an error message is cut here: a transform is shorter, a name may be longer.
const VALUE_CHARACTERS: usize = 240;

/// A batch whose small values are compared and whose meshes are being compared outside.
#[derive(Debug)]
pub(crate) struct Pending {
    role: Role,
    failures: BTreeMap<Uuid, ErrorBody>,
}

enum ReadBackResult {
    Equal,
    /// Only mesh bytes differ: they may still be the same mesh.
    Meshes(MeshPair),
    Failed(ErrorBody),
}

impl Engine {
    pub(crate) fn applied(
        &mut self,
        session: SessionId,
        batch: BatchId,
        results: Vec<AppliedResult>,
    ) {
        let flying = self
            .sessions
            .replica_of(session)
            .and_then(|(role, replica)| {
                replica.answered(batch);
                let flight = replica
                    .in_flight
                    .as_mut()
                    .filter(|flight| flight.id == batch)?;
                let queue = &replica.queue;
                Some((role, flight, queue))
            });
        let Some((role, flight, queue)) = flying.filter(|_| !self.batches.contains_key(&batch))
        else {
            return self.error(
                session,
                Code::BatchUnknown,
                "no such batch is under way",
                "batch_id",
                None,
            );
        };
        // What is owed as a whole again, because this editor holds something else, is compared then.
        flight.sent.retain(|uuid, _| !queue.contains_full(*uuid));
        let mut results: BTreeMap<Uuid, AppliedResult> =
            results.into_iter().map(|r| (r.uuid, r)).collect();
        let mut failures = BTreeMap::new();
        let mut pairs = Vec::new();
        for (uuid, sent) in &flight.sent {
            match verdict(&sent.change, results.remove(uuid)) {
                // Deleted since it was sent, perhaps by this very editor: there is nothing left to compare.
                _ if self
                    .scene
                    .row(*uuid)
                    .is_some_and(|row| row.tombstone && row.version > sent.version) => {}
                ReadBackResult::Equal => {}
                ReadBackResult::Meshes(pair) => pairs.push(pair),
                ReadBackResult::Failed(error) => {
                    failures.insert(*uuid, error);
                }
            }
        }
        if pairs.is_empty() {
            return self.finish_batch(role, failures);
        }
        flight.deadline = None;
        self.batches.insert(batch, Pending { role, failures });
        self.actions.push(Action::CompareMeshes { batch, pairs });
    }

    pub(crate) fn meshes_compared(&mut self, batch: BatchId, differing: Vec<(Uuid, String)>) {
        let Some(Pending { role, mut failures }) = self.batches.remove(&batch) else {
            return;
        };
        for (uuid, detail) in differing {
            failures.insert(
                uuid,
                failure(Code::VerificationFailed, uuid, &format!("mesh: {detail}")),
            );
        }
        self.finish_batch(role, failures);
    }

    pub(crate) fn deferred(&mut self, session: SessionId, batch: BatchId, state: EditorState) {
        self.set_state(session, state);
        let Some((_, replica)) = self.sessions.replica_of(session) else {
            return;
        };
        match replica
            .in_flight
            .as_mut()
            .filter(|flight| flight.id == batch)
        {
            Some(flight) => {
                flight.deferred = true;
                flight.deadline = None;
            }
            None => self.error(
                session,
                Code::BatchUnknown,
                "no such batch is under way",
                "batch_id",
                None,
            ),
        }
    }

    /// Batches that took too long have failed.
    pub(crate) fn expire(&mut self, now: u64) {
        for role in Role::EDITORS {
            let Some(replica) = self.sessions.replica_mut(role) else {
                continue;
            };
            let late = |flight: &&InFlight| flight.deadline.is_some_and(|at| at <= now);
            let Some(flight) = replica.in_flight.as_ref().filter(late) else {
                continue;
            };
            let uuids: Vec<Uuid> = flight.sent.keys().copied().collect();
            replica.give_up(flight.id, &uuids);
            let no_answer = |uuid| {
                (
                    uuid,
                    failure(Code::VerificationTimeout, uuid, "no answer in time"),
                )
            };
            self.finish_batch(role, uuids.into_iter().map(no_answer).collect());
        }
    }

    /// Takes the batch off the editor's hands: rolls back what failed, settles what holds.
    fn finish_batch(&mut self, role: Role, failures: BTreeMap<Uuid, ErrorBody>) {
        let Some(replica) = self.sessions.replica_mut(role) else {
            return;
        };
        let Some(flight) = replica.in_flight.take() else {
            return;
        };
        let session = replica.session;
        self.waiting.note_covered(session, flight.sent.keys());
        for (uuid, sent) in &flight.sent {
            if !failures.contains_key(uuid) {
                replica.arrived(*uuid, sent.version);
            }
        }
        if flight.reason != ApplyReason::Change || !failures.is_empty() {
            self.log_delivery(session, role, &flight, &failures);
        }
        for (uuid, error) in &failures {
            self.fail(role, session, *uuid, error);
        }
        for (uuid, sent) in &flight.sent {
            if !failures.contains_key(uuid) {
                for begin in self.transactions.verified(role, *uuid, sent.version) {
                    self.finish_if_settled(begin);
                }
            }
        }
    }

    /// Rolls back the transactions that wait for this entity, and owes the editor what is so then. That is tried until
    /// its breaker opens, and twice where the editor does not answer at all; then the user is told.
    fn fail(&mut self, role: Role, session: SessionId, uuid: Uuid, error: &ErrorBody) {
        let begin_of = |transaction: &open_transactions::Transaction| transaction.open.begin;
        let begins: Vec<u64> = self
            .transactions
            .waiting_for(role, uuid)
            .map(begin_of)
            .collect();
        let undone: Vec<_> = begins
            .iter()
            .flat_map(|begin| self.rollback(*begin, error))
            .collect();
        self.count_failure(session, role, uuid, error, &undone);
        let trouble = self.failures.get(&Scope::Entity(uuid));
        let stopped = trouble.is_some_and(|trouble| trouble.open);
        let Some(replica) = self.sessions.replica_mut(role) else {
            return;
        };
        let silent = error.code == Code::VerificationTimeout;
        let again = if silent {
            replica.may_try_again(uuid)
        } else {
            !stopped
        };
        if again {
            return replica.owe_again(uuid);
        }
        // Nothing is known of what the editor holds.
        replica.held.remove(&uuid);
        if undone.is_empty() && silent {
            self.notice(session, Severity::Error, error, vec![uuid]);
        }
    }

    fn log_delivery(
        &mut self,
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
        self.append(RecordBody {
            session_id: Some(session),
            operation_id: None,
            uuids: flight.sent.keys().copied().collect(),
            phase: Phase::Deliver,
            outcome: if first.is_some() {
                Outcome::Failed
            } else {
                Outcome::Verified
            },
            error_code: first.map(|error| error.code),
            payload: Payload::Deliver {
                role,
                reason: reason.into(),
                detail: first.map(|error| error.message.clone()),
            },
        });
    }
}

fn verdict(expected: &Change, result: Option<AppliedResult>) -> ReadBackResult {
    let uuid = expected.uuid();
    let wrong =
        |detail: &str| ReadBackResult::Failed(failure(Code::VerificationFailed, uuid, detail));
    let Some(result) = result else {
        return wrong("the editor did not say what it holds");
    };
    if result.status == ApplyStatus::Failed {
        let reason = result.error.map_or_else(
            || "no reason given".to_owned(),
            |error| clipped(error.message),
        );
        return ReadBackResult::Failed(failure(Code::ApplyFailed, uuid, &reason));
    }
    match (expected.components(), result.state) {
        (None, None) => ReadBackResult::Equal,
        (None, Some(_)) => wrong("the entity is still there"),
        (Some(_), None) => wrong("the entity is not there"),
        (Some(components), Some(held)) => compare(uuid, components, &held),
    }
}

fn compare(uuid: Uuid, expected: &Components, held: &Entity) -> ReadBackResult {
    if held.uuid != uuid {
        return ReadBackResult::Failed(failure(
            Code::VerificationFailed,
            uuid,
            "it answers another uuid",
        ));
    }
    let differing: Vec<&str> = differing_components(expected, &held.components)
        .names()
        .collect();
    match (differing.as_slice(), &expected.mesh, &held.components.mesh) {
        ([], _, _) => ReadBackResult::Equal,
        (["mesh"], Some(expected), Some(held)) => ReadBackResult::Meshes(MeshPair {
            uuid,
            expected: expected.clone(),
            held: held.clone(),
        }),
        (names, _, _) => {
            let values: Vec<String> = names
                .iter()
                .map(|name| sent_and_held(name, expected, &held.components))
                .collect();
            let detail = values.join("; ");
            ReadBackResult::Failed(failure(Code::VerificationFailed, uuid, &detail))
        }
    }
}

/// One component as it was sent and as it is held, for whoever reads the log.
fn sent_and_held(name: &str, sent: &Components, held: &Components) -> String {
    let text = |components: &Components| {
        let value = serde_json::to_value(components).unwrap_or_default();
        let text = value
            .get(name)
            .map_or_else(|| "nothing".to_owned(), ToString::to_string);
        text.chars().take(VALUE_CHARACTERS).collect::<String>()
    };
    format!("{name} was sent as {}, is {}", text(sent), text(held))
}

fn failure(code: Code, uuid: Uuid, detail: &str) -> ErrorBody {
    ErrorBody {
        code,
        message: format!("entity {uuid}: {detail}"),
        location: uuid.to_string(),
        help: code.help().to_owned(),
    }
}
