//! The state of all deliveries.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{ApplyReason, Code, ErrorBody};
use vibesync_scene::{BatchId, Role, SessionId, Uuid};

use crate::delivery::lost_blobs::LostBlobs;
use crate::delivery::replica::{InFlight, Replica};
use crate::delivery::replicas::Replicas;
use crate::journal::Journal;

/// The replicas of the editors, and the batches on their way to them.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    pub replicas: Replicas,
    /// Answered batches whose meshes the program is comparing.
    pub comparing: BTreeMap<BatchId, FinishedBatch>,
    /// Blobs that the program cannot read.
    pub lost: LostBlobs,
    /// Number of batches that were sent; part of the next batch's id.
    pub batches_sent: u64,
}

/// The batch in flight to an editor, once its result is known. Entities without a failure have arrived.
#[derive(Debug)]
pub(crate) struct FinishedBatch {
    pub role: Role,
    pub failures: BTreeMap<Uuid, ErrorBody>,
    /// Entities that the editor's user has deleted since, with the failure if the deletion does not come.
    pub vanished: BTreeMap<Uuid, ErrorBody>,
}

impl Delivery {
    /// Removes the replica that belongs to a session, and forgets the comparison of its batch.
    pub fn remove_replica(&mut self, role: Role, session: SessionId) -> Option<Replica> {
        let replica = self.replicas.remove(role, session)?;
        self.lost.forget_requests(role);
        if let Some(flight) = &replica.in_flight {
            self.comparing.remove(&flight.id);
        }
        Some(replica)
    }

    /// Stops the timeout of a batch, because the editor has answered that it must wait.
    pub fn defer_batch(&mut self, journal: &mut Journal, session: SessionId, batch: BatchId) {
        let Some((_, replica)) = self.replicas.of_session_mut(session) else {
            return;
        };
        let flight = replica.in_flight.as_mut();
        match flight.filter(|flight| flight.id == batch) {
            Some(flight) => {
                flight.is_deferred = true;
                flight.deadline = None;
            }
            None => refuse_unknown_batch(journal, session),
        }
    }

    /// Returns the batch of this editor if it has not been answered in time: all its entities have failed.
    pub fn take_timed_out(&mut self, role: Role, now: u64) -> Option<FinishedBatch> {
        let replica = self.replicas.get_mut(role)?;
        let is_late = |flight: &&InFlight| flight.deadline.is_some_and(|at| at <= now);
        let flight = replica.in_flight.as_ref().filter(is_late)?;
        let uuids: Vec<Uuid> = flight.sent.keys().copied().collect();
        replica.note_timeout(flight.id, &uuids);
        let no_answer = |uuid| {
            let error = entity_error(Code::VerificationTimeout, uuid, "no answer in time");
            (uuid, error)
        };
        let failures = uuids.into_iter().map(no_answer).collect();
        Some(FinishedBatch {
            role,
            failures,
            vanished: BTreeMap::new(),
        })
    }

    /// Takes the unreadable entities out of an answered batch: their meshes cannot be compared. They are queued again.
    /// Returns the other meshes that differ.
    pub fn put_off_unreadable(
        &mut self,
        batch: BatchId,
        mut differing: Vec<(Uuid, String)>,
    ) -> Vec<(Uuid, String)> {
        let mut put_off = BTreeSet::new();
        for replica in self.replicas.iter_mut() {
            let flight = replica.in_flight.as_mut();
            let Some(flight) = flight.filter(|flight| flight.id == batch) else {
                continue;
            };
            let (lost, queue) = (&self.lost, &mut replica.queue);
            flight.sent.retain(|uuid, sent| {
                let components = sent.change.components();
                let has_bulk = components.is_some_and(|it| it.set().has_bulk());
                let is_put_off = has_bulk && lost.concerns(*uuid);
                if is_put_off {
                    put_off.insert(*uuid);
                    queue.enqueue_full(*uuid, ApplyReason::Restore);
                }
                !is_put_off
            });
        }
        differing.retain(|(uuid, _)| !put_off.contains(uuid));
        differing
    }

    /// Adds the result of a mesh comparison. Returns none if the batch has ended meanwhile.
    pub fn finish_comparison(
        &mut self,
        batch: BatchId,
        differing: Vec<(Uuid, String)>,
    ) -> Option<FinishedBatch> {
        let mut finished = self.comparing.remove(&batch)?;
        for (uuid, detail) in differing {
            let detail = format!("mesh: {detail}");
            let error = entity_error(Code::VerificationFailed, uuid, &detail);
            finished.failures.insert(uuid, error);
        }
        Some(finished)
    }
}

pub(crate) fn refuse_unknown_batch(journal: &mut Journal, session: SessionId) {
    let message = "no such batch is under way";
    journal.send_error(session, Code::BatchUnknown, message, "batch_id");
}

/// Returns an error about one entity of a batch.
pub(crate) fn entity_error(code: Code, uuid: Uuid, detail: &str) -> ErrorBody {
    ErrorBody {
        code,
        message: format!("entity {uuid}: {detail}"),
        location: uuid.to_string(),
        help: code.help().to_owned(),
    }
}
