//! Entities that are not sent to an editor because they failed there for good, or because they are unreadable.
//!
//! A failed one stays pending until a person resets the breaker or edits the entity. Entities that depend on it are
//! suppressed as well, as far as the editor does not have them yet.
//!
//! An unreadable one stays pending until its blobs are found. Objects that show it are sent without their data. The
//! exception is an object that the editor must make equal as a whole: nobody knows what the editor holds, so the object
//! is withheld as well.

use std::collections::BTreeSet;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{
    Code, FailureHistory, Outcome, Payload, Phase, RecordBody, Role, Scene, Uuid,
};

use crate::delivery::lost_blobs::LostBlobs;
use crate::delivery::state::Delivery;

use crate::delivery::replica::Replica;
use crate::journal::Journal;
use crate::session::sessions::Sessions;
use crate::transaction::lifecycle::Transactions;

/// Takes suppressed entities out of the delivery queues, and queues those again that are suppressed no longer.
/// Transactions stop waiting for suppressed entities.
pub(crate) fn suppress(
    journal: &mut Journal,
    scene: &Scene,
    delivery: &mut Delivery,
    transactions: &mut Transactions,
    sessions: &Sessions,
) {
    for role in Role::EDITORS {
        let Some(replica) = delivery.replicas.get_mut(role) else {
            continue;
        };
        let lost = &delivery.lost;
        let is_quiet = journal.failures().is_quiet() && lost.is_empty();
        if is_quiet && replica.suppressed.is_empty() && replica.partial.is_empty() {
            continue;
        }
        let withheld = update_queue(journal.failures(), lost, scene, role, replica);
        log_withheld(journal, lost, scene, role, &withheld);
        replica.complete_partial(scene);
        let partial = users_of_unreadable(scene, replica);
        let partial: Vec<Uuid> = partial
            .filter(|uuid| replica.queue.contains(*uuid))
            .collect();
        for uuid in withheld.into_iter().chain(partial) {
            for begin in transactions.open.stop_waiting_for_entity(role, uuid) {
                transactions.finish_if_settled(journal, sessions, begin);
            }
        }
    }
}

/// Returns the entities that are suppressed now and were pending before.
fn update_queue(
    failures: &FailureHistory,
    lost: &LostBlobs,
    scene: &Scene,
    role: Role,
    replica: &mut Replica,
) -> Vec<Uuid> {
    let mut suppressed = find_suppressed(failures, scene, role, replica);
    suppressed.extend(find_unreadable(lost, replica));
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
    let absent = replica.suppressed.iter().copied();
    let absent = absent.filter(|uuid| lost.concerns(*uuid) && !replica.versions.contains_key(uuid));
    replica.unreadable = absent.collect();
    pending
}

/// Returns the unreadable entities whose bulk data the editor is to get.
fn find_unreadable(lost: &LostBlobs, replica: &Replica) -> BTreeSet<Uuid> {
    let is_withheld =
        |uuid: &Uuid| replica.suppressed.contains(uuid) || replica.queue.needs_bulk(*uuid);
    match replica.components.has_bulk() {
        true => lost.entities().filter(is_withheld).collect(),
        false => BTreeSet::new(),
    }
}

/// Returns the objects that show an entity which is unreadable and which the editor does not have.
fn users_of_unreadable(scene: &Scene, replica: &Replica) -> impl Iterator<Item = Uuid> {
    replica
        .unreadable
        .iter()
        .flat_map(|uuid| scene.users(*uuid))
}

/// Logs the entities that are withheld from an editor because they are unreadable.
fn log_withheld(
    journal: &mut Journal,
    lost: &LostBlobs,
    scene: &Scene,
    role: Role,
    withheld: &[Uuid],
) {
    let uuids: Vec<Uuid> = withheld
        .iter()
        .copied()
        .filter(|it| lost.concerns(*it))
        .collect();
    if uuids.is_empty() {
        return;
    }
    let detail = Some(lost.describe(scene, &uuids));
    journal.append(RecordBody {
        session_id: None,
        operation_id: None,
        uuids,
        phase: Phase::Deliver,
        outcome: Outcome::Failed,
        error_code: Some(Code::BlobDamaged),
        payload: Payload::Deliver {
            role,
            reason: "withheld".into(),
            detail,
        },
    });
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
