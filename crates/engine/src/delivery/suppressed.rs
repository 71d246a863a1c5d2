//! Entities that are not sent to an editor because they failed there for good.
//!
//! They stay pending until a person resets the breaker or edits the entity. Entities that depend on them are suppressed
//! as well, as far as the editor does not have them yet.

use std::collections::BTreeSet;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{FailureHistory, Role, Scene, Uuid};

use crate::delivery::replica::Replica;
use crate::delivery::replicas::Replicas;
use crate::journal::Journal;
use crate::session::sessions::Sessions;
use crate::transaction::lifecycle::Transactions;

/// Takes suppressed entities out of the delivery queues, and queues those again that are suppressed no longer.
/// Transactions stop waiting for suppressed entities.
pub(crate) fn suppress(
    journal: &mut Journal,
    scene: &Scene,
    replicas: &mut Replicas,
    transactions: &mut Transactions,
    sessions: &Sessions,
) {
    for role in Role::EDITORS {
        let Some(replica) = replicas.get_mut(role) else {
            continue;
        };
        if replica.suppressed.is_empty() && journal.failures().is_quiet() {
            continue;
        }
        for uuid in update_queue(journal.failures(), scene, role, replica) {
            for begin in transactions.open.stop_waiting_for_entity(role, uuid) {
                transactions.finish_if_settled(journal, sessions, begin);
            }
        }
    }
}

/// Returns the entities that are suppressed now and were pending before.
fn update_queue(
    failures: &FailureHistory,
    scene: &Scene,
    role: Role,
    replica: &mut Replica,
) -> Vec<Uuid> {
    let suppressed = find_suppressed(failures, scene, role, replica);
    let released = replica.suppressed.difference(&suppressed).copied();
    for uuid in released.collect::<Vec<_>>() {
        replica.suppressed.remove(&uuid);
        replica.queue.enqueue_full(uuid, ApplyReason::Restore);
    }
    let pending = suppressed.into_iter();
    let pending: Vec<Uuid> = pending
        .filter(|uuid| replica.queue.contains(*uuid))
        .collect();
    for uuid in &pending {
        replica.queue.remove(*uuid);
        replica.suppressed.insert(*uuid);
    }
    pending
}

/// Returns the entities that failed in this editor for good, and the entities that depend on them and that the editor
/// does not have.
fn find_suppressed(
    failures: &FailureHistory,
    scene: &Scene,
    role: Role,
    replica: &Replica,
) -> BTreeSet<Uuid> {
    let mut suppressed = BTreeSet::new();
    let mut next: Vec<Uuid> = failures.suppressed(role).collect();
    while let Some(uuid) = next.pop() {
        if suppressed.insert(uuid) && !replica.versions.contains_key(&uuid) {
            let dependents = scene.children(uuid).chain(scene.users(uuid));
            next.extend(dependents.filter(|uuid| !replica.versions.contains_key(uuid)));
        }
    }
    suppressed
}
