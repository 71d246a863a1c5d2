//! Entities: each is one object or datablock.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::components::Components;
use crate::entity_kind::EntityKind;

/// One entity: its uuid, kind and components. Its uuid is unique within the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Unique in the project; never reused.
    pub uuid: Uuid,
    /// Its kind; never changes.
    pub kind: EntityKind,
    /// Its components.
    pub components: Components,
}

impl Entity {
    /// BLAKE3 of the entity's canonical JSON: keys in the order of the types, floats in their shortest form.
    pub fn digest(&self) -> blake3::Hash {
        // Writing plain data into a hasher cannot fail; an error would leave a digest that matches nothing.
        let mut hasher = blake3::Hasher::new();
        let _ = serde_json::to_writer(&mut hasher, self);
        hasher.finalize()
    }
}
