//! Somebody at an editor: saves, undoes, redoes, and opens what was saved after a crash.

use vibesync_protocol::ClientMessage;
use vibesync_scene::{Change, InstanceId, OperationId, Role, Uuid};

use super::plan::PROJECT;
use crate::edit::{Entities, deleted, holds_together};
use crate::editor::FakeEditor;

/// An editor with a file and an undo history.
pub struct Person {
    /// The editor.
    pub editor: FakeEditor,
    file: FakeEditor,
    done: Vec<Vec<Change>>,
    undone: Vec<Vec<Change>>,
}

/// An answer to a wish: its intent, where the editor is connected.
pub type Said = Option<ClientMessage>;

impl Person {
    /// With an empty scene and an empty file.
    pub fn new(role: Role) -> Self {
        let instance = InstanceId(Uuid::from_u128(role as u128 + 1));
        let editor = FakeEditor::new(role, instance, PROJECT);
        Self {
            file: editor.clone(),
            editor,
            done: Vec::new(),
            undone: Vec::new(),
        }
    }

    /// Edits.
    pub fn edit(&mut self, id: OperationId, changes: Vec<Change>) -> Said {
        self.done.push(inverse(&self.editor.entities, &changes));
        self.undone.clear();
        self.editor.edit(id, changes)
    }

    /// Takes back the last edit. None where there is nothing to take back, or where others have changed so much that it
    /// cannot be.
    pub fn undo(&mut self, id: OperationId) -> Option<Said> {
        let changes = fitting(&self.editor.entities, self.done.pop()?)?;
        self.undone.push(inverse(&self.editor.entities, &changes));
        Some(self.editor.edit(id, changes))
    }

    /// Does what was taken back last.
    pub fn redo(&mut self, id: OperationId) -> Option<Said> {
        let changes = fitting(&self.editor.entities, self.undone.pop()?)?;
        self.done.push(inverse(&self.editor.entities, &changes));
        Some(self.editor.edit(id, changes))
    }

    /// Saves all that the editor holds, unanswered intents too.
    pub fn save(&mut self) {
        self.file = self.editor.clone();
    }

    /// The process ends, and another opens the file.
    pub fn reopen(&mut self, instance: Uuid) {
        self.editor = self.file.clone();
        self.editor.instance = InstanceId(instance);
        self.editor.disconnect();
        self.done.clear();
        self.undone.clear();
    }
}

/// What takes the changes back.
fn inverse(entities: &Entities, changes: &[Change]) -> Vec<Change> {
    let back = |change: &Change| {
        let uuid = change.uuid();
        match (change, entities.get(&uuid)) {
            (Change::Update { components, .. }, Some(entity)) => Some(Change::Update {
                uuid,
                components: entity.components.only(components.set()),
            }),
            (Change::Update { .. } | Change::Delete { .. }, None) => None,
            (_, Some(entity)) => Some(Change::create_from(entity)),
            (Change::Create { .. }, None) => Some(Change::Delete { uuid }),
        }
    };
    changes.iter().filter_map(back).collect()
}

/// What of the changes is possible now; none where nothing is, or where the scene would not hold together.
fn fitting(entities: &Entities, changes: Vec<Change>) -> Option<Vec<Change>> {
    let mut fitting = Vec::new();
    for change in changes {
        match (&change, entities.contains_key(&change.uuid())) {
            (Change::Update { .. }, true) | (Change::Create { .. }, false) => fitting.push(change),
            (Change::Delete { uuid }, true) => fitting.extend(deleted(entities, *uuid)),
            _ => {}
        }
    }
    let mut named = std::collections::BTreeSet::new();
    fitting.retain(|change| named.insert(change.uuid()));
    let after = after(entities, &fitting);
    (!fitting.is_empty() && holds_together(&after)).then_some(fitting)
}

fn after(entities: &Entities, changes: &[Change]) -> Entities {
    let mut after = entities.clone();
    for change in changes {
        match change {
            Change::Create {
                uuid,
                kind,
                components,
            } => {
                let entity = vibesync_scene::Entity {
                    uuid: *uuid,
                    kind: *kind,
                    components: components.clone(),
                };
                after.insert(*uuid, entity);
            }
            Change::Update { uuid, components } => {
                if let Some(entity) = after.get_mut(uuid) {
                    entity.components.merge(components);
                }
            }
            Change::Delete { uuid } => {
                after.remove(uuid);
            }
        }
    }
    after
}
