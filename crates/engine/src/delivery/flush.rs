//! Sending the next batch to each editor that is ready for one.

use std::collections::BTreeSet;

use vibesync_protocol::{DaemonMessage, SCHEMA_VERSION, VersionedChange};
use vibesync_scene::{BatchId, OperationId, Path, Role, Scene, Uuid};

use crate::delivery::batch::{Batch, BatchBuilder, BatchChoice, BatchOrder};
use crate::delivery::replica::{InFlight, Replica};
use crate::delivery::state::Delivery;
use crate::journal::Journal;
use crate::options::Options;
use crate::session::presence::Presences;
use crate::transaction::open_transactions::OpenTransactions;

/// A batch's time limit grows by the limit of a small batch for each so many changes and bytes.
const CHANGES_PER_TIMEOUT: u64 = 100;
const BYTES_PER_TIMEOUT: u64 = 1 << 21;

impl Delivery {
    /// Sends every editor its next batch where one is due.
    pub fn flush(
        &mut self,
        journal: &mut Journal,
        scene: &Scene,
        open: &OpenTransactions,
        presences: &Presences,
        options: &Options,
    ) {
        let now = journal.now();
        for role in Role::EDITORS {
            let Some(replica) = self.replicas.get_mut(role) else {
                continue;
            };
            drop_vanished(scene, replica);
            if is_due(replica, options.max_batch, now) {
                let id = self.batches_sent + 1;
                self.batches_sent = id;
                let id = BatchId(Uuid::from_u64_pair(journal.head_seq(), id));
                let choice = choose(replica, presences.is_working(role), options);
                let crashes = |uuid| journal.failures().crashes_at(uuid, role);
                let builder = BatchBuilder::new(scene, replica, options, choice, &crashes);
                let batch = builder.build();
                send_batch(journal, open, options, (role, replica), (id, batch));
            }
        }
    }
}

/// A batch is due if none is in flight and something is pending, once the window has ended or a batch is full of
/// deliveries that waiting cannot coalesce. An editor that has still to send what the log lacks gets none.
fn is_due(replica: &Replica, max_batch: usize, now: u64) -> bool {
    replica.inventory.is_none()
        && replica.in_flight.is_none()
        && replica.vanished.is_empty()
        && !replica.queue.is_empty()
        && !replica.is_unsettled(now)
        && (now >= replica.window_end || replica.queue.full_count() >= max_batch)
}

/// Stops waiting for the deletion of entities that others deleted, or that the editor is to receive anew.
fn drop_vanished(scene: &Scene, replica: &mut Replica) {
    let Replica {
        vanished, queue, ..
    } = replica;
    vanished.retain(|uuid| scene.live(uuid).is_some() && !queue.contains_full(uuid));
}

/// Returns how many entities the next batch may carry, and which.
///
/// An editor that is far behind gets few large batches, because its work after each of them grows with its scene. The
/// rest that fills no large batch leaves first, while that scene is smallest. A person who works in the editor makes a
/// batch wait, so the batches stay small.
fn choose(replica: &Replica, is_working: bool, options: &Options) -> BatchChoice {
    let small = options.max_batch;
    let large = match replica.takes_large_batches {
        true => options.max_large_batch,
        false => options.max_catch_up_batch,
    };
    if is_working || large <= small || replica.queue.full_count() <= small {
        return BatchChoice {
            max_changes: small,
            order: BatchOrder::Next,
        };
    }
    let rest = replica.queue.len() % large;
    BatchChoice {
        max_changes: if rest == 0 { large } else { rest },
        order: BatchOrder::Name,
    }
}

fn send_batch(
    journal: &mut Journal,
    open: &OpenTransactions,
    options: &Options,
    (role, replica): (Role, &mut Replica),
    (id, batch): (BatchId, Batch),
) {
    let now = journal.now();
    let Batch {
        changes,
        reason,
        last,
        bytes,
        taken,
        partial,
    } = batch;
    let (operations, label) = describe(open, role, &changes);
    let timeouts = 1 + changes.len() as u64 / CHANGES_PER_TIMEOUT + bytes / BYTES_PER_TIMEOUT;
    let uuids = changes.iter().map(|change| change.change.uuid());
    replica.queue.remove_batch(uuids, last);
    let sent = changes
        .iter()
        .map(|change| (change.change.uuid(), change.clone()))
        .collect();
    replica.in_flight = Some(InFlight {
        id,
        reason,
        sent,
        taken,
        is_deferred: false,
        is_answered: false,
        deadline: Some(now + timeouts * options.apply_timeout_ms),
    });
    replica.note_partial(partial);
    replica.window_end = now + options.batch_window_ms;
    let paths = changes.iter().map(|change| change.change.path());
    let apply = DaemonMessage::Apply {
        batch_id: id,
        project_id: options.project_id,
        schema_version: SCHEMA_VERSION,
        reason,
        path: paths.max().unwrap_or(Path::Fast),
        operations,
        label,
        head_seq: journal.head_seq(),
        changes,
    };
    journal.send(replica.session, apply);
}

/// Returns the operations that a batch belongs to, and a label for the editor's undo history.
fn describe(
    open: &OpenTransactions,
    role: Role,
    changes: &[VersionedChange],
) -> (Vec<OperationId>, String) {
    let awaiting = changes
        .iter()
        .flat_map(|change| open.awaiting(role, change.change.uuid()));
    let mut operations = BTreeSet::new();
    let mut labels = BTreeSet::new();
    for transaction in awaiting {
        operations.insert(transaction.open.operation_id);
        labels.insert(transaction.open.label.as_str());
    }
    let label = match labels.first() {
        Some(label) if labels.len() == 1 => (*label).to_owned(),
        _ if changes.len() == 1 => "Sync 1 change".to_owned(),
        _ => format!("Sync {} changes", changes.len()),
    };
    (operations.into_iter().collect(), label)
}
