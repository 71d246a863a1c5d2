//! Components: the parts of an entity. Each is always sent whole, in canonical space (glTF 2.0, meters).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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

/// Whether rendered pictures show an object, or what is in a collection. Without this component they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenderVisibility {
    /// True if rendered pictures show it. Viewports have the component `visibility`.
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
