//! Rows: entities as the daemon stores them. This is the one place that defines the effect of a change.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::change::Change;
use crate::entity::Entity;
use crate::last_writers::{Author, LastWriters, Quarantine};

/// An entity with its version and its last writers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The entity; of a tombstone, its last state.
    pub entity: Entity,
    /// Log sequence of the transaction that last changed it.
    pub version: u64,
    /// Whether the entity is deleted. Its uuid stays taken.
    pub tombstone: bool,
    /// The last writer of each component.
    #[serde(default)]
    pub changed: LastWriters,
    /// Set while two people's changes of the entity conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
}

impl Row {
    /// Returns the row after a change; none for an update or a delete of an entity that does not exist.
    pub fn after_change(before: Option<&Row>, change: &Change, author: &Author) -> Option<Row> {
        let Some(before) = before else {
            return Row::created(change, author);
        };
        let mut row = before.clone();
        row.change(change, author);
        Some(row)
    }

    /// Returns the row that a change creates, if it creates one.
    pub(crate) fn created(change: &Change, author: &Author) -> Option<Row> {
        let Change::Create {
            uuid,
            kind,
            components,
        } = change
        else {
            return None;
        };
        let mut row = Row {
            entity: Entity {
                uuid: *uuid,
                kind: *kind,
                components: components.clone(),
            },
            version: author.seq,
            tombstone: false,
            changed: LastWriters::default(),
            quarantine: None,
        };
        row.changed.record(author, change.touched());
        Some(row)
    }

    /// Applies a change to an existing row.
    pub(crate) fn change(&mut self, change: &Change, author: &Author) {
        match change {
            Change::Create {
                kind, components, ..
            } => {
                self.entity.kind = *kind;
                self.entity.components.clone_from(components);
            }
            Change::Update { components, .. } => self.entity.components.merge(components),
            Change::Delete { .. } => {}
        }
        self.version = author.seq;
        self.tombstone = matches!(change, Change::Delete { .. });
        self.changed.record(author, change.touched());
        self.quarantine = self.quarantine.filter(|it| !it.ends_with(author));
    }

    /// Whether the object itself has a guard, deleted or not.
    pub(crate) fn has_guard(&self) -> bool {
        self.entity.components.guard.is_some_and(|it| it.human_only)
    }

    /// The parent object; none if the row is a tombstone.
    pub(crate) fn parent(&self) -> Option<Uuid> {
        let parent = self.entity.components.parent?.uuid;
        parent.filter(|_| !self.tombstone)
    }

    /// The datablock that the object shows; none if the row is a tombstone.
    pub(crate) fn data(&self) -> Option<Uuid> {
        let data = self.entity.components.data?.uuid;
        data.filter(|_| !self.tombstone)
    }

    /// The collection that the object shows an instance of; none if the row is a tombstone.
    pub fn instanced(&self) -> Option<Uuid> {
        let collection = self.entity.components.instance?.of;
        collection.filter(|_| !self.tombstone)
    }

    /// The materials in slots, the images in maps, the collections, the armature and the action; none if the row is a tombstone.
    pub(crate) fn links(&self) -> BTreeSet<Uuid> {
        let components = &self.entity.components;
        let has_slots = components.slots.is_some() || components.materials.is_some();
        let is_member = components.collection.is_some() || components.collections.is_some();
        let has_others = components.maps.is_some() || components.instance.is_some();
        let is_animated = components.animation.is_some() || components.skin.is_some();
        match (has_slots || is_member || has_others || is_animated) && !self.tombstone {
            true => components.links().collect(),
            false => BTreeSet::new(),
        }
    }
}
