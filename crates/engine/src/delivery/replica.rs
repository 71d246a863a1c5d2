//! A connected editor: what it holds, what it is owed, what it is working on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vibesync_protocol::{ApplyReason, Held, VersionedChange};
use vibesync_scene::{BatchId, Change, ComponentSet, OpenTransaction, SessionId, Uuid};

use crate::delivery::delivery_queue::DeliveryQueue;

/// A connected editor's copy of the scene.
#[derive(Debug)]
pub(crate) struct Replica {
    pub session: SessionId,
    /// Where the log ended when this process took the place of another; 0 where it did not.
    pub began: u64,
    /// Where the log ended when its inventory was answered.
    pub synced_at: u64,
    /// Components that it can apply.
    pub components: ComponentSet,
    /// Its inventory while it arrives in parts; none once it is whole and has been answered.
    pub inventory: Option<Vec<Held>>,
    /// Version of each entity that it is known to hold.
    pub held: HashMap<Uuid, u64>,
    /// Entities about which the editor did not answer in time, and how many times in a row.
    pub silent: BTreeMap<Uuid, u32>,
    /// What it is owed.
    pub queue: DeliveryQueue,
    /// What it is owed and not sent, because it failed there for good.
    pub suppressed: BTreeSet<Uuid>,
    /// The batch that it is working on.
    pub in_flight: Option<InFlight>,
    /// Batches that it did not answer in time, and may apply all the same.
    pub late: Option<Late>,
    /// When the next batch may leave.
    pub window_end: u64,
}

/// Batches that were given up. An editor answers in the order in which it was told, so one answer stands for all before.
#[derive(Debug)]
pub(crate) struct Late {
    /// The newest of them.
    last: BatchId,
    /// What they are about.
    uuids: BTreeSet<Uuid>,
}

/// How often in a row an editor may not answer in time to what is about one entity.
const DELIVERIES: u32 = 2;

impl Replica {
    /// Notes that a batch about these was not answered in time.
    pub fn give_up(&mut self, batch: BatchId, uuids: &[Uuid]) {
        let late = self.late.get_or_insert_with(|| Late {
            last: batch,
            uuids: BTreeSet::new(),
        });
        late.last = batch;
        late.uuids.extend(uuids);
    }

    /// Notes that it has answered a batch, late or not: what it was told before is over.
    pub fn answered(&mut self, batch: BatchId) {
        let current = self.in_flight.as_ref().map(|flight| flight.id);
        self.late
            .take_if(|late| late.last == batch || current == Some(batch));
    }

    /// Notes that the editor holds this version.
    pub fn arrived(&mut self, uuid: Uuid, version: u64) {
        self.held.insert(uuid, version);
        self.silent.remove(&uuid);
    }

    /// Notes that the editor did not answer in time; false where that is the end of it.
    pub fn may_try_again(&mut self, uuid: Uuid) -> bool {
        let times = self.silent.entry(uuid).or_default();
        *times += 1;
        let again = *times < DELIVERIES;
        if !again {
            self.silent.remove(&uuid);
        }
        again
    }

    /// Owes a transaction's changes. One that is about nothing that the editor has, it does not hear of, and holds
    /// without: then false.
    pub fn owe(&mut self, open: &OpenTransaction) -> bool {
        let concerns = |change: &Change| !change.touched().and(self.components).is_empty();
        let is_concerned = open.steps.iter().any(|(change, _)| concerns(change));
        for (change, _) in &open.steps {
            let uuid = change.uuid();
            if is_concerned {
                self.queue.push(change);
            } else if !self.is_expecting(uuid) {
                self.held.insert(uuid, open.begin);
            }
        }
        is_concerned
    }

    /// Owes all of an entity, because what was sent did not arrive.
    pub fn owe_again(&mut self, uuid: Uuid) {
        if !self.queue.contains_full(uuid) {
            self.queue.enqueue_full(uuid, ApplyReason::Restore);
        }
    }

    /// Version of an entity that the editor had when it made an intent that says to have seen `base_seq`. A batch
    /// that it works on counts once it says so.
    pub fn seen(&self, uuid: Uuid, base_seq: u64) -> u64 {
        let flight = self.in_flight.as_ref().filter(|flight| !flight.deferred);
        let sent = flight.and_then(|flight| flight.sent.get(&uuid));
        let applied = sent.map(|sent| sent.version);
        let applied = applied.filter(|version| *version <= base_seq);
        let held = self.held.get(&uuid).copied();
        applied.max(held).unwrap_or_default()
    }

    /// Whether something about this entity is on its way to the editor.
    pub fn is_expecting(&self, uuid: Uuid) -> bool {
        self.queue.contains(uuid)
            || self.suppressed.contains(&uuid)
            || self
                .late
                .as_ref()
                .is_some_and(|late| late.uuids.contains(&uuid))
            || self
                .in_flight
                .as_ref()
                .is_some_and(|batch| batch.sent.contains_key(&uuid))
    }
}

/// A batch that an editor is working on.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub id: BatchId,
    pub reason: ApplyReason,
    /// What was sent, by entity.
    pub sent: BTreeMap<Uuid, VersionedChange>,
    /// Whether the editor has said that it must wait.
    pub deferred: bool,
    /// When it counts as failed; none while the editor has said that it must wait, or while meshes are compared.
    pub deadline: Option<u64>,
}
