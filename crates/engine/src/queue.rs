//! What an editor is owed: which entities, and which parts of them. Values are taken from the scene when a batch is
//! built, so changes to one entity coalesce by themselves and the queue is never longer than the scene.

use std::collections::BTreeMap;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{Change, Components, Uuid};

/// What is owed of one entity.
#[derive(Clone, Debug)]
pub(crate) struct Owed {
    /// All of it, or its disappearance.
    pub whole: bool,
    /// Which components; the values are those of the last change and are not sent.
    pub mask: Components,
    /// Why.
    pub reason: ApplyReason,
}

/// Entities owed to one editor.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    owed: BTreeMap<Uuid, Owed>,
}

impl Queue {
    /// Owes what a change changes.
    pub fn push(&mut self, change: &Change) {
        let entry = self.owed.entry(change.uuid()).or_insert_with(|| Owed {
            whole: false,
            mask: Components::default(),
            reason: ApplyReason::Change,
        });
        match change {
            Change::Update { components, .. } => entry.mask.merge(components),
            Change::Create { .. } | Change::Delete { .. } => entry.whole = true,
        }
    }

    /// Owes the whole entity.
    pub fn push_whole(&mut self, uuid: Uuid, reason: ApplyReason) {
        self.owed.insert(
            uuid,
            Owed {
                whole: true,
                mask: Components::default(),
                reason,
            },
        );
    }

    pub fn contains(&self, uuid: Uuid) -> bool {
        self.owed.contains_key(&uuid)
    }

    pub fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    pub fn len(&self) -> usize {
        self.owed.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &Owed)> {
        self.owed.iter().map(|(uuid, owed)| (*uuid, owed))
    }

    pub fn remove(&mut self, uuid: Uuid) {
        self.owed.remove(&uuid);
    }
}
