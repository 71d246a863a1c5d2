//! What an editor is owed: which entities, and which parts of them. Values are taken from the scene when a batch is
//! built, so changes to one entity coalesce by themselves and the queue is never longer than the scene.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{Change, ComponentSet, Uuid};

/// What is owed of one entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owed {
    /// All of it, or its disappearance.
    pub whole: bool,
    /// Which components.
    pub components: ComponentSet,
    /// Why.
    pub reason: ApplyReason,
}

impl Owed {
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
pub(crate) struct Queue {
    owed: BTreeMap<Uuid, Owed>,
    /// Those that were deleted last: they come after all others, and are not looked at before.
    gone: BTreeSet<Uuid>,
    /// Where the batch before ended. The next begins behind it, so that nothing waits for ever behind what always
    /// changes.
    last: Uuid,
}

impl Queue {
    /// Owes what a change changes.
    pub fn push(&mut self, change: &Change) {
        let uuid = change.uuid();
        match change {
            Change::Update { components, .. } => {
                let entry = self.owed.entry(uuid).or_insert_with(|| Owed {
                    whole: false,
                    components: ComponentSet::default(),
                    reason: ApplyReason::Change,
                });
                entry.components = entry.components.or(components.set());
            }
            Change::Create { .. } => {
                self.gone.remove(&uuid);
                let entry = self.owed.entry(uuid);
                entry
                    .or_insert_with(|| Owed::whole(ApplyReason::Change))
                    .whole = true;
            }
            Change::Delete { .. } => {
                self.owed.remove(&uuid);
                self.gone.insert(uuid);
            }
        }
    }

    /// Owes the whole entity.
    pub fn push_whole(&mut self, uuid: Uuid, reason: ApplyReason) {
        self.gone.remove(&uuid);
        self.owed.insert(uuid, Owed::whole(reason));
    }

    /// What is owed of an entity, if anything.
    pub fn get(&self, uuid: Uuid) -> Option<Owed> {
        let gone = || {
            self.gone
                .contains(&uuid)
                .then(|| Owed::whole(ApplyReason::Change))
        };
        self.owed.get(&uuid).copied().or_else(gone)
    }

    pub fn contains(&self, uuid: Uuid) -> bool {
        self.owed.contains_key(&uuid) || self.gone.contains(&uuid)
    }

    /// Whether all of the entity is owed.
    pub fn owes_whole(&self, uuid: Uuid) -> bool {
        self.owed.get(&uuid).is_some_and(|owed| owed.whole)
    }

    pub fn is_empty(&self) -> bool {
        self.owed.is_empty() && self.gone.is_empty()
    }

    pub fn len(&self) -> usize {
        self.owed.len() + self.gone.len()
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
        for uuid in sent {
            self.owed.remove(&uuid);
            self.gone.remove(&uuid);
        }
        self.last = last;
    }
}
