//! Changes: what can happen to an entity, and which path that takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::component::{ComponentSet, Components};
use crate::entity::{Entity, EntityKind};
use crate::tagged_enum;

/// How careful a change is handled; derived from what it is, never from what the caller says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// Cosmetic or transform: provisional at once, verified in the background.
    Fast,
    /// Structural: never provisional, done only once it is verified.
    Slow,
}

tagged_enum! {
    "op";
    /// One change to one entity.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Change {
        /// Brings an entity into being; sent to an editor that has it: make it equal to this.
        Create {
            /// The entity.
            uuid: Uuid,
            /// What it is.
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
        /// Leaves a tombstone.
        Delete {
            /// The entity.
            uuid: Uuid,
        },
    }
}

impl Change {
    /// The entity it is about.
    pub fn uuid(&self) -> Uuid {
        match self {
            Change::Create { uuid, .. } | Change::Update { uuid, .. } | Change::Delete { uuid } => {
                *uuid
            }
        }
    }

    /// The components it carries, if it can carry any.
    pub fn components(&self) -> Option<&Components> {
        match self {
            Change::Create { components, .. } | Change::Update { components, .. } => {
                Some(components)
            }
            Change::Delete { .. } => None,
        }
    }

    /// What it changes: a create or a delete, everything.
    pub fn touched(&self) -> ComponentSet {
        match self {
            Change::Update { components, .. } => components.set(),
            Change::Create { .. } | Change::Delete { .. } => ComponentSet::ALL,
        }
    }

    /// The components it carries, to be rewritten in place.
    pub fn components_mut(&mut self) -> Option<&mut Components> {
        match self {
            Change::Create { components, .. } | Change::Update { components, .. } => {
                Some(components)
            }
            Change::Delete { .. } => None,
        }
    }

    /// Fast where it touches only name, transform or visibility of an existing entity.
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

    /// The change that undoes this one, given what [`Scene::before`](crate::Scene::before) said of it.
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
            // A create is undone by a tombstone: editors that already hold the entity learn that it is gone.
            (_, None) => Change::Delete { uuid: self.uuid() },
        }
    }

    /// The change that makes an editor hold exactly `entity`.
    pub fn create_from(entity: &Entity) -> Change {
        Change::Create {
            uuid: entity.uuid,
            kind: entity.kind,
            components: entity.components.clone(),
        }
    }
}
