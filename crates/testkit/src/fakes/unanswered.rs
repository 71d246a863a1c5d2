//! The entities that a fake editor has created or deleted, and of which it awaits an answer.

use uuid::Uuid;
use vibesync_scene::Change;

use super::editor::FakeEditor;

impl FakeEditor {
    /// Returns true if an unanswered intent creates this entity.
    pub(super) fn has_create_of(&self, uuid: Uuid) -> bool {
        let mut changes = self.outbox.iter().flat_map(|intent| &intent.changes);
        changes.any(|it| matches!(it, Change::Create { .. }) && it.uuid() == uuid)
    }

    /// Returns true if an unanswered intent changes this entity.
    pub(super) fn has_unanswered(&self, uuid: Uuid) -> bool {
        let mut changes = self.outbox.iter().flat_map(|intent| &intent.changes);
        changes.any(|it| it.uuid() == uuid)
    }

    /// Returns the entities whose deletion is unanswered.
    pub(super) fn deleted(&self) -> impl Iterator<Item = &Uuid> {
        let changes = self.outbox.iter().flat_map(|intent| &intent.changes);
        changes.filter_map(|change| match change {
            Change::Delete { uuid } => Some(uuid),
            _ => None,
        })
    }
}
