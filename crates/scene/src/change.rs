//! Changes of entities, and the path that each takes.

use uuid::Uuid;

use crate::component_set::ComponentSet;
use crate::components::Components;
use crate::entity::Entity;
use crate::entity_kind::EntityKind;
use crate::path::Path;
use crate::tagged_enum;

tagged_enum! {
    "op";
    /// One change to one entity.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Change {
        /// Creates an entity. An editor that already has it makes its copy equal.
        Create {
            /// The entity.
            uuid: Uuid,
            /// Its kind.
            kind: EntityKind,
            /// All its components.
            components: Components,
        },
        /// Overwrites whole components.
        Update {
            /// The entity.
            uuid: Uuid,
            /// The components that changed.
            components: Components,
        },
        /// Deletes an entity, which leaves a tombstone.
        Delete {
            /// The entity.
            uuid: Uuid,
        },
    }
}

impl Change {
    /// The entity that it changes.
    pub fn uuid(&self) -> Uuid {
        match self {
            Change::Create { uuid, .. } | Change::Update { uuid, .. } | Change::Delete { uuid } => {
                *uuid
            }
        }
    }

    /// The components that it carries; none for a delete.
    pub fn components(&self) -> Option<&Components> {
        match self {
            Change::Create { components, .. } | Change::Update { components, .. } => {
                Some(components)
            }
            Change::Delete { .. } => None,
        }
    }

    /// The components that it changes: all of them for a create or a delete.
    pub fn touched(&self) -> ComponentSet {
        match self {
            Change::Update { components, .. } => components.set(),
            Change::Create { .. } | Change::Delete { .. } => ComponentSet::ALL,
        }
    }

    /// As [`Change::components`], for modification in place.
    pub fn components_mut(&mut self) -> Option<&mut Components> {
        match self {
            Change::Create { components, .. } | Change::Update { components, .. } => {
                Some(components)
            }
            Change::Delete { .. } => None,
        }
    }

    /// Fast if it changes only cosmetic components of an existing entity; else slow.
    pub fn path(&self) -> Path {
        match self {
            Change::Update { components, .. }
                if components
                    .set()
                    .without(ComponentSet::cosmetic())
                    .is_empty() =>
            {
                Path::Fast
            }
            _ => Path::Slow,
        }
    }

    /// Returns the change that undoes this one, given the result of [`Scene::before`](crate::Scene::before) for it.
    pub fn inverse(&self, before: Option<&Entity>) -> Change {
        match (self, before) {
            (Change::Update { uuid, components }, Some(entity)) => {
                let mut before = entity.components.clone();
                before.mark_absent(components.set());
                Change::Update {
                    uuid: *uuid,
                    components: before,
                }
            }
            (_, Some(entity)) => Change::create_from(entity),
            // A create is undone by a tombstone, so that editors that have the entity delete it.
            (_, None) => Change::Delete { uuid: self.uuid() },
        }
    }

    /// Returns the change that makes an editor's copy equal to `entity`.
    pub fn create_from(entity: &Entity) -> Change {
        Change::Create {
            uuid: entity.uuid,
            kind: entity.kind,
            components: entity.components.clone(),
        }
    }

    /// Returns the change that brings back a deleted entity, without an evaluated mesh: Blender makes that anew.
    pub fn revive(entity: &Entity) -> Change {
        let mut change = Self::create_from(entity);
        if let Some(components) = change.components_mut() {
            components.shown = None;
        }
        change
    }
}
