//! A user at an editor, who saves, undoes, redoes, and opens the saved file after a crash.

use std::rc::Rc;

use vibesync_protocol::{ClientMessage, feature};
use vibesync_scene::{Change, InstanceId, OperationId, Role, Uuid};

use super::plan::PROJECT;
use crate::fakes::FakeEditor;
use crate::fakes::edit::{Entities, deleted, holds_together};

/// An editor with a file and an undo history.
pub struct SimUser {
    /// The editor.
    pub editor: FakeEditor,
    file: FakeEditor,
    done: Vec<Vec<Change>>,
    undone: Vec<Vec<Change>>,
    /// The log that the editor knows, if another one has taken its place since.
    history: Option<History>,
    /// The same for the file.
    file_history: Option<History>,
}

/// The numbers of the records of a log.
type History = Rc<Vec<u64>>;

/// The message of an action, if the editor is connected.
pub type Said = Option<ClientMessage>;

impl SimUser {
    /// Makes a user with an empty scene and an empty file.
    ///
    /// `knows_collections`: whether Unity is one that shows instances of collections. Its user edits none.
    pub fn new(role: Role, knows_collections: bool) -> Self {
        let instance = InstanceId(Uuid::from_u128(role as u128 + 1));
        let mut editor = FakeEditor::new(role, instance, PROJECT);
        if role == Role::Blender {
            // It shows people the questions of agents; Unity does not.
            editor.features.push(feature::AGENTS.into());
        } else if knows_collections {
            editor.unknown = &["nodes", "camera", "locks", "render_visibility"];
        }
        Self {
            file: editor.clone(),
            editor,
            done: Vec::new(),
            undone: Vec::new(),
            history: None,
            file_history: None,
        }
    }

    /// Makes an edit.
    pub fn edit(&mut self, id: OperationId, changes: Vec<Change>) -> Said {
        self.done.push(inverse(&self.editor.entities, &changes));
        self.undone.clear();
        self.editor.edit(id, changes)
    }

    /// Undoes the last edit. Returns none if there is no edit to undo, or if changes of others prevent it.
    pub fn undo(&mut self, id: OperationId) -> Option<Said> {
        self.editor.put_back_all();
        let changes = fitting(&self.editor.entities, self.done.pop()?)?;
        self.undone.push(inverse(&self.editor.entities, &changes));
        Some(self.editor.edit(id, changes))
    }

    /// Redoes the edit that was undone last.
    pub fn redo(&mut self, id: OperationId) -> Option<Said> {
        self.editor.put_back_all();
        let changes = fitting(&self.editor.entities, self.undone.pop()?)?;
        self.done.push(inverse(&self.editor.entities, &changes));
        Some(self.editor.edit(id, changes))
    }

    /// Saves the whole editor state, unanswered intents included.
    pub fn save(&mut self) {
        self.editor.put_back_all();
        self.file = self.editor.clone();
        self.file_history = self.history.clone();
    }

    /// Ends the process and opens the file in another one.
    pub fn reopen(&mut self, instance: Uuid) {
        self.editor = self.file.clone();
        self.history = self.file_history.clone();
        self.editor.instance = InstanceId(instance);
        self.editor.disconnect();
        self.done.clear();
        self.undone.clear();
    }
}

impl SimUser {
    /// Notes that another log takes the place of this one.
    pub fn note_exchange(&mut self, before: &History) {
        for history in [&mut self.history, &mut self.file_history] {
            history.get_or_insert_with(|| before.clone());
        }
    }

    /// Returns the log that the editor knows, if it is not the present one. From now on it is.
    pub fn take_history(&mut self) -> Option<History> {
        self.history.take()
    }
}

/// Returns the changes that undo these changes.
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

/// Returns the changes that are possible now; none if there are none, or if the scene would become inconsistent.
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
