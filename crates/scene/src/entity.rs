//! Entities: one datablock or object each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::component::Components;
use crate::last_writers::{LastWriters, Quarantine};

/// What an entity is. Kinds whose components come later can already be named, parented and logged.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// Blender object, Unity GameObject.
    Object,
    /// Mesh datablock.
    Mesh,
    /// Material.
    Material,
    /// Image, texture.
    Image,
    /// Armature, skeleton.
    Armature,
    /// Action, animation clip.
    Action,
    /// Collection.
    Collection,
    /// Light datablock.
    Light,
    /// Camera datablock.
    Camera,
    /// Unity prefab.
    Prefab,
    /// Geometry-node group.
    NodeGroup,
}

/// One entity: identity, kind and all its components. Its full name is the project id plus this uuid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Unique in the project, forever.
    pub uuid: Uuid,
    /// What it is; never changes.
    pub kind: EntityKind,
    /// What it is made of.
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

/// An entity as the authority holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The entity; of a tombstone, its last state.
    pub entity: Entity,
    /// Log sequence of the transaction that last changed it.
    pub version: u64,
    /// Deleted; the uuid is never used again.
    pub tombstone: bool,
    /// Who changed what of it.
    #[serde(default)]
    pub changed: LastWriters,
    /// Set while people disagree about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
}
