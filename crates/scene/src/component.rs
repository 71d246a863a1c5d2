//! Components: the parts of an entity. Each is always sent whole, in canonical space (glTF 2.0, meters).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::component_set::{ComponentSet, NAMES};
use crate::id::BlobId;

/// Position in the parent's space: meters, unit quaternion (x, y, z, w), scale as ratios.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// Meters.
    pub translation: [f64; 3],
    /// Unit quaternion (x, y, z, w).
    pub rotation: [f64; 4],
    /// Ratio per axis.
    pub scale: [f64; 3],
}

impl Transform {
    /// At the parent's origin, without rotation or scaling.
    pub const IDENTITY: Self = Self {
        translation: [0.0; 3],
        rotation: [0.0, 0.0, 0.0, 1.0],
        scale: [1.0; 3],
    };
}

/// Whether the object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    /// True if the editor shows it.
    pub visible: bool,
}

/// The parent of an object; none at the scene's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The parent object.
    pub uuid: Option<Uuid>,
}

/// The datablock that an object shows. Objects with the same datablock share its edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataRef {
    /// The datablock.
    pub uuid: Option<Uuid>,
}

/// A run of corners drawn with one material slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submesh {
    /// Index of the object's material slot.
    pub slot: u32,
    /// First corner.
    pub start: u32,
    /// Number of corners, a multiple of three.
    pub count: u32,
}

/// Bulk data: in an attachment of the same frame, in the blob store, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Buffer {
    /// Index into the frame's attachments. Never in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<u32>,
    /// Address of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<BlobId>,
    /// Address of a content of the same length; the attachment is then a patch of it, see [`crate::apply_patch`]. Never in
    /// the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BlobId>,
    /// Length in bytes.
    pub bytes: u64,
}

impl Buffer {
    /// A buffer whose content is in the blob store.
    pub fn stored(blob: BlobId, bytes: u64) -> Self {
        Self {
            attachment: None,
            blob: Some(blob),
            base: None,
            bytes,
        }
    }
}

/// A triangle mesh; the layout of each buffer is in [`crate::element_bytes`] and `docs/protocol.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mesh {
    /// Number of vertices.
    pub vertex_count: u32,
    /// Number of triangle corners: three a triangle.
    pub corner_count: u32,
    /// Runs of corners by material slot.
    pub submeshes: Vec<Submesh>,
    /// Buffers by name: `position`, `index`, `normal`, `uv0`..`uv7`, `color0`.
    pub buffers: BTreeMap<String, Buffer>,
}

/// The geometry nodes of an object: those of the modifier that `VibeSync` built. An object without this component has
/// none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    /// Canonical `graph_json`, see `docs/graphs.md`; null removes the modifier.
    pub graph: Option<serde_json::Value>,
}

/// Whether an object is kept from agents, with all objects below it. An object without this component is not, unless one
/// above it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// True if the object is for people only: no agent sees or changes it.
    pub human_only: bool,
}

/// The components of an entity, or those that a change carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Components {
    /// Shown to people; never used as an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Position in the parent's space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<Transform>,
    /// Whether the object is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// The parent object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The datablock shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataRef>,
    /// Geometry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mesh: Option<Mesh>,
    /// Geometry nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Box<Nodes>>,
    /// Whether the object is kept from agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
}

/// Calls `$each!(field)` for every component field, in the order of `NAMES`.
macro_rules! for_each_component {
    ($each:ident) => {
        $each!(name);
        $each!(transform);
        $each!(visibility);
        $each!(parent);
        $each!(data);
        $each!(mesh);
        $each!(nodes);
        $each!(guard);
    };
}

impl Components {
    /// Every component name of this schema version, as written on the wire.
    pub const NAMES: &[&str] = NAMES;

    /// The components that are present.
    pub fn set(&self) -> ComponentSet {
        let (mut bits, mut bit) = (0, 0);
        macro_rules! note {
            ($field:ident) => {
                bits |= u16::from(self.$field.is_some()) << bit;
                bit += 1;
            };
        }
        for_each_component!(note);
        debug_assert_eq!(bit, Self::NAMES.len());
        ComponentSet::from_bits(bits)
    }

    /// Overwrites the components that `patch` carries.
    pub fn merge(&mut self, patch: &Components) {
        macro_rules! take {
            ($field:ident) => {
                if let Some(value) = &patch.$field {
                    self.$field = Some(value.clone());
                }
            };
        }
        for_each_component!(take);
    }

    /// A copy with only the components of `set`.
    #[must_use]
    pub fn only(&self, set: ComponentSet) -> Components {
        let mut part = Components::default();
        let mut bits = set.bits();
        macro_rules! keep {
            ($field:ident) => {
                if bits & 1 == 1 {
                    part.$field.clone_from(&self.$field);
                }
                bits >>= 1;
            };
        }
        for_each_component!(keep);
        debug_assert_eq!(bits, 0);
        part
    }

    /// Removes the components whose name `is_kept` refuses.
    pub fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        macro_rules! filter {
            ($field:ident) => {
                if !is_kept(stringify!($field)) {
                    self.$field = None;
                }
            };
        }
        for_each_component!(filter);
    }

    /// Names of the components present.
    pub fn present(&self) -> Vec<&'static str> {
        self.set().names().collect()
    }

    /// Whether no component is present.
    pub fn is_empty(&self) -> bool {
        self.set().is_empty()
    }

    /// Replaces an absent optional component of `set` by its explicit empty value, so that receivers remove theirs.
    pub fn mark_absent(&mut self, set: ComponentSet) {
        if set.contains("nodes") && self.nodes.is_none() {
            self.nodes = Some(Box::default());
        }
        if set.contains("guard") && self.guard.is_none() {
            self.guard = Some(Guard::default());
        }
    }

    /// Content addresses of all bulk data.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> + '_ {
        self.mesh
            .iter()
            .flat_map(|mesh| mesh.buffers.values().filter_map(|buffer| buffer.blob))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_has_exactly_the_present_components() {
        let some = Components {
            name: Some("A".into()),
            parent: Some(Parent { uuid: None }),
            ..Components::default()
        };
        assert!(some.set().names().eq(["name", "parent"]));
        let parent = some.only(["parent", "mesh"].into_iter().collect());
        assert!(parent.set().names().eq(["parent"]));
    }
}
