//! The scene as the authority holds it: rows by uuid, and who is whose child.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::change::Change;
use crate::component::Components;
use crate::entity::{Entity, Row};
use crate::stamp::{Author, Quarantine};

/// All entities of a project, tombstones included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    rows: BTreeMap<Uuid, Row>,
    children: BTreeMap<Uuid, BTreeSet<Uuid>>,
    quarantined: BTreeSet<Uuid>,
}

impl Row {
    /// The row after a change: the one place that says what each change does. None where the change does not fit
    /// (an update or delete of nothing).
    pub fn after(before: Option<&Row>, change: &Change, author: &Author) -> Option<Row> {
        let entity = match (change, before) {
            (
                Change::Create {
                    uuid,
                    kind,
                    components,
                },
                _,
            ) => Entity {
                uuid: *uuid,
                kind: *kind,
                components: components.clone(),
            },
            (Change::Update { components, .. }, Some(row)) => {
                let mut entity = row.entity.clone();
                entity.components.merge(components);
                entity
            }
            (Change::Delete { .. }, Some(row)) => row.entity.clone(),
            (_, None) => return None,
        };
        let mut changed = before.map(|row| row.changed.clone()).unwrap_or_default();
        changed.note(author, change.touched());
        Some(Row {
            entity,
            version: author.seq,
            tombstone: matches!(change, Change::Delete { .. }),
            changed,
            quarantine: before
                .and_then(|row| row.quarantine)
                .filter(|quarantine| !quarantine.ends_with(author)),
        })
    }
}

impl Scene {
    /// The row of this uuid, live or tombstone.
    pub fn row(&self, uuid: Uuid) -> Option<&Row> {
        self.rows.get(&uuid)
    }

    /// The entity of this uuid unless it is deleted.
    pub fn live(&self, uuid: Uuid) -> Option<&Entity> {
        self.rows
            .get(&uuid)
            .filter(|row| !row.tombstone)
            .map(|row| &row.entity)
    }

    /// Every row, by uuid.
    pub fn rows(&self) -> impl Iterator<Item = &Row> + Clone {
        self.rows.values()
    }

    /// Number of entities that are not deleted.
    pub fn live_count(&self) -> usize {
        self.rows.values().filter(|row| !row.tombstone).count()
    }

    /// Number of rows, tombstones included.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True where nothing was ever created.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Live children of an object.
    pub fn children(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        self.children.get(&uuid).into_iter().flatten().copied()
    }

    /// How many parents stand above an object; stops at the number of rows, so a cycle cannot hang it.
    pub fn depth(&self, uuid: Uuid) -> usize {
        let mut depth = 0;
        let mut at = self.parent(uuid);
        while let Some(above) = at.filter(|_| depth <= self.rows.len()) {
            depth += 1;
            at = self.parent(above);
        }
        depth
    }

    fn parent(&self, uuid: Uuid) -> Option<Uuid> {
        self.live(uuid)?.components.parent?.uuid
    }

    /// What a change would overwrite: the whole entity for a delete or a create over an existing one, the carried
    /// components for an update, nothing for a new entity.
    pub fn before(&self, change: &Change) -> Option<Entity> {
        let entity = self.live(change.uuid())?;
        let components = match change {
            Change::Update { components, .. } => entity.components.masked(components),
            _ => entity.components.clone(),
        };
        Some(Entity {
            components,
            ..*entity
        })
    }

    /// Does a change. A change that does not fit changes nothing.
    pub fn apply(&mut self, change: &Change, author: &Author) {
        if let Some(row) = Row::after(self.rows.get(&change.uuid()), change, author) {
            self.put(row);
        }
    }

    /// Undoes a change, given what [`Scene::before`] said of it. The row gets a new version, so that editors that
    /// hold the undone one are known to be behind.
    pub fn undo(&mut self, change: &Change, before: Option<&Entity>, version: u64) {
        let back = match (change, before) {
            (Change::Update { uuid, .. }, Some(entity)) => Change::Update {
                uuid: *uuid,
                components: entity.components.clone(),
            },
            (_, Some(entity)) => Change::put(entity),
            // A create is undone by a tombstone: editors that already hold the entity learn that it is gone.
            (_, None) => Change::Delete {
                uuid: change.uuid(),
            },
        };
        self.apply(&back, &Author::authority(version));
    }

    /// Sets an entity's quarantine; of an unknown one, nothing.
    pub fn quarantine(&mut self, uuid: Uuid, quarantine: Quarantine) {
        if let Some(row) = self.rows.get_mut(&uuid) {
            row.quarantine = Some(quarantine);
            self.quarantined.insert(uuid);
        }
    }

    /// Entities that are quarantined, by uuid.
    pub fn quarantined(&self) -> &BTreeSet<Uuid> {
        &self.quarantined
    }

    /// Sets a row, as from a checkpoint.
    pub fn put(&mut self, row: Row) {
        let uuid = row.entity.uuid;
        if let Some(above) = self.parent(uuid)
            && let Some(siblings) = self.children.get_mut(&above)
        {
            siblings.remove(&uuid);
            if siblings.is_empty() {
                self.children.remove(&above);
            }
        }
        if let (false, Some(above)) = (row.tombstone, parent_of(&row.entity.components)) {
            self.children.entry(above).or_default().insert(uuid);
        }
        match row.quarantine {
            Some(_) => self.quarantined.insert(uuid),
            None => self.quarantined.remove(&uuid),
        };
        self.rows.insert(uuid, row);
    }
}

fn parent_of(components: &Components) -> Option<Uuid> {
    components.parent?.uuid
}
