//! The entities, and their components, that one editor has still to receive.
//!
//! A batch takes its values from the scene when it is built. So changes of one entity coalesce by themselves, and the
//! queue is never longer than the scene.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{Change, ComponentSet, Uuid};

/// The part of one entity that an editor has still to receive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingDelivery {
    /// The entity is sent in full, or deleted if it is a tombstone.
    pub is_full: bool,
    /// The components to send where the entity is not sent in full.
    pub components: ComponentSet,
    pub reason: ApplyReason,
}

impl PendingDelivery {
    fn full(reason: ApplyReason) -> Self {
        Self {
            is_full: true,
            components: ComponentSet::default(),
            reason,
        }
    }
}

/// The pending deliveries to one editor.
#[derive(Debug, Default)]
pub(crate) struct DeliveryQueue {
    /// Pending deliveries but for those in `deleted`.
    pending: BTreeMap<Uuid, PendingDelivery>,
    /// Entities whose newest change is a deletion. They are sent after all others and not looked at before.
    deleted: BTreeSet<Uuid>,
    /// Number of entries of `pending` that are full.
    full: usize,
    /// The end of the previous batch. The next batch begins behind it, so entities that change all the time do not
    /// starve the others.
    last: Uuid,
}

impl DeliveryQueue {
    /// Adds what a change changes.
    pub fn enqueue(&mut self, change: &Change) {
        let uuid = change.uuid();
        match change {
            Change::Update { components, .. } => {
                let entry = self.pending.entry(uuid).or_insert_with(|| PendingDelivery {
                    is_full: false,
                    components: ComponentSet::default(),
                    reason: ApplyReason::Change,
                });
                entry.components = entry.components.or(components.set());
            }
            Change::Create { .. } => {
                let known = self.pending.get(&uuid).map(|pending| pending.reason);
                self.enqueue_full(uuid, known.unwrap_or(ApplyReason::Change));
            }
            Change::Delete { .. } => {
                self.remove(uuid);
                self.deleted.insert(uuid);
            }
        }
    }

    /// Adds the whole entity.
    pub fn enqueue_full(&mut self, uuid: Uuid, reason: ApplyReason) {
        self.remove(uuid);
        self.pending.insert(uuid, PendingDelivery::full(reason));
        self.full += 1;
    }

    /// Adds what a batch took out that was not sent. Changes since then stay.
    pub fn put_back(&mut self, change: &Change, taken: PendingDelivery) {
        let uuid = change.uuid();
        if matches!(change, Change::Delete { .. }) || self.deleted.contains(&uuid) {
            if !self.pending.contains_key(&uuid) {
                self.enqueue(&Change::Delete { uuid });
            }
            return;
        }
        let newer = self.get(uuid);
        let reason = newer.map_or(taken.reason, |newer| weightier(newer.reason, taken.reason));
        if taken.is_full || newer.is_some_and(|newer| newer.is_full) {
            return self.enqueue_full(uuid, reason);
        }
        let components = newer.map_or(taken.components, |newer| {
            newer.components.or(taken.components)
        });
        let pending = PendingDelivery {
            components,
            reason,
            ..taken
        };
        self.pending.insert(uuid, pending);
    }

    pub fn remove(&mut self, uuid: Uuid) {
        self.deleted.remove(&uuid);
        let removed = self.pending.remove(&uuid);
        if removed.is_some_and(|pending| pending.is_full) {
            self.full -= 1;
        }
    }

    pub fn get(&self, uuid: Uuid) -> Option<PendingDelivery> {
        let pending = self.pending.get(&uuid).copied();
        pending.or_else(|| {
            let is_deleted = self.deleted.contains(&uuid);
            is_deleted.then(|| PendingDelivery::full(ApplyReason::Change))
        })
    }

    pub fn contains(&self, uuid: Uuid) -> bool {
        self.pending.contains_key(&uuid) || self.deleted.contains(&uuid)
    }

    /// Returns true if the entity is queued with its bulk data.
    pub fn needs_bulk(&self, uuid: Uuid) -> bool {
        let pending = self.pending.get(&uuid);
        pending.is_some_and(|pending| pending.is_full || pending.components.has_bulk())
    }

    /// Returns true if the entity is queued in full. Deletions do not count.
    pub fn contains_full(&self, uuid: Uuid) -> bool {
        let pending = self.pending.get(&uuid);
        pending.is_some_and(|pending| pending.is_full)
    }

    pub fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.deleted.is_empty()
    }

    pub fn len(&self) -> usize {
        self.pending.len() + self.deleted.len()
    }

    /// Returns the number of entities queued in full. Waiting cannot shrink this number; partial updates may coalesce.
    pub fn full_count(&self) -> usize {
        self.full + self.deleted.len()
    }

    /// Lists the pending entities from behind the previous batch on, without `deleted`.
    pub fn iter(&self) -> impl Iterator<Item = Uuid> {
        let behind = (Bound::Excluded(self.last), Bound::Unbounded);
        let before = (Bound::Unbounded, Bound::Included(self.last));
        let pending = self.pending.range(behind).chain(self.pending.range(before));
        pending.map(|(uuid, _)| *uuid)
    }

    /// Lists the entities whose newest change is a deletion.
    pub fn deleted(&self) -> impl Iterator<Item = Uuid> {
        self.deleted.iter().copied()
    }

    /// Removes the entities of a batch that ended with `last`.
    pub fn remove_batch(&mut self, sent: impl Iterator<Item = Uuid>, last: Uuid) {
        sent.for_each(|uuid| self.remove(uuid));
        self.last = last;
    }
}

/// Returns the reason that says more.
pub(crate) fn weightier(a: ApplyReason, b: ApplyReason) -> ApplyReason {
    let weight = |reason| match reason {
        ApplyReason::Change => 0,
        ApplyReason::Sync => 1,
        ApplyReason::Restore => 2,
        ApplyReason::Rollback => 3,
    };
    if weight(b) > weight(a) { b } else { a }
}
