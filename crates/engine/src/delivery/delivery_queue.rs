//! What an editor is owed: which entities, and which parts of them. Values are taken from the scene when a batch is
//! built, so changes to one entity coalesce by themselves and the queue is never longer than the scene.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{Change, ComponentSet, Uuid};

/// What is owed of one entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingDelivery {
    /// All of it, or its disappearance.
    pub whole: bool,
    /// Which components.
    pub components: ComponentSet,
    /// Why.
    pub reason: ApplyReason,
}

impl PendingDelivery {
    fn whole(reason: ApplyReason) -> Self {
        Self {
            whole: true,
            components: ComponentSet::default(),
            reason,
        }
    }
}

/// Entities owed to one editor.
#[derive(Debug, Default)]
pub(crate) struct DeliveryQueue {
    owed: BTreeMap<Uuid, PendingDelivery>,
    /// Those that were deleted last: they come after all others, and are not looked at before.
    gone: BTreeSet<Uuid>,
    /// How many of `owed` are whole.
    whole: usize,
    /// Where the batch before ended. The next begins behind it, so that nothing waits for ever behind what always
    /// changes.
    last: Uuid,
}

impl DeliveryQueue {
    /// Owes what a change changes.
    pub fn push(&mut self, change: &Change) {
        let uuid = change.uuid();
        match change {
            Change::Update { components, .. } => {
                let entry = self.owed.entry(uuid).or_insert_with(|| PendingDelivery {
                    whole: false,
                    components: ComponentSet::default(),
                    reason: ApplyReason::Change,
                });
                entry.components = entry.components.or(components.set());
            }
            Change::Create { .. } => {
                let known = self.owed.get(&uuid).map(|owed| owed.reason);
                self.enqueue_full(uuid, known.unwrap_or(ApplyReason::Change));
            }
            Change::Delete { .. } => {
                self.remove(uuid);
                self.gone.insert(uuid);
            }
        }
    }

    /// Owes the whole entity.
    pub fn enqueue_full(&mut self, uuid: Uuid, reason: ApplyReason) {
        self.remove(uuid);
        self.owed.insert(uuid, PendingDelivery::whole(reason));
        self.whole += 1;
    }

    /// Owes nothing of an entity anymore.
    pub fn remove(&mut self, uuid: Uuid) {
        self.gone.remove(&uuid);
        if self.owed.remove(&uuid).is_some_and(|owed| owed.whole) {
            self.whole -= 1;
        }
    }

    /// What is owed of an entity, if anything.
    pub fn get(&self, uuid: Uuid) -> Option<PendingDelivery> {
        let gone = || {
            self.gone
                .contains(&uuid)
                .then(|| PendingDelivery::whole(ApplyReason::Change))
        };
        self.owed.get(&uuid).copied().or_else(gone)
    }

    pub fn contains(&self, uuid: Uuid) -> bool {
        self.owed.contains_key(&uuid) || self.gone.contains(&uuid)
    }

    /// Whether all of the entity is owed.
    pub fn contains_full(&self, uuid: Uuid) -> bool {
        self.owed.get(&uuid).is_some_and(|owed| owed.whole)
    }

    pub fn is_empty(&self) -> bool {
        self.owed.is_empty() && self.gone.is_empty()
    }

    pub fn len(&self) -> usize {
        self.owed.len() + self.gone.len()
    }

    /// How many entities are owed as a whole: those that waiting makes no fewer, where changes of what is held coalesce.
    pub fn whole(&self) -> usize {
        self.whole + self.gone.len()
    }

    /// What is owed, beginning behind the last batch, without what was deleted last.
    pub fn iter(&self) -> impl Iterator<Item = Uuid> {
        let behind = (Bound::Excluded(self.last), Bound::Unbounded);
        let before = (Bound::Unbounded, Bound::Included(self.last));
        let owed = self.owed.range(behind).chain(self.owed.range(before));
        owed.map(|(uuid, _)| *uuid)
    }

    /// What was deleted last.
    pub fn gone(&self) -> impl Iterator<Item = Uuid> {
        self.gone.iter().copied()
    }

    /// Takes out what a batch carries, which ended with `last`.
    pub fn take(&mut self, sent: impl Iterator<Item = Uuid>, last: Uuid) {
        sent.for_each(|uuid| self.remove(uuid));
        self.last = last;
    }
}
