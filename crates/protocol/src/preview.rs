//! Previews: values that an editor shows while a person at the other editor works. Never part of the log.

use std::fmt;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{BlobId, Components};

/// Most entities in one preview, and in one end of previews.
pub const MAX_PREVIEWED: usize = 512;

/// Most entities that one editor may show in the others, and most that wait for one receiver.
pub const MAX_SHOWN: usize = 4_096;

/// Most bytes of the patches of positions in one preview.
pub const MAX_POSITION_BYTES: usize = 1 << 20;

/// A value that an editor shows for a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewChange {
    /// The entity.
    pub uuid: Uuid,
    /// The components, each whole; see [`ComponentSet::previewed`](vibesync_scene::ComponentSet::previewed).
    pub components: Components,
    /// The vertices of a mesh; only with the feature [`MESH_PREVIEWS`](crate::feature::MESH_PREVIEWS), and then without
    /// components.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positions: Option<PositionPatch>,
}

/// The positions of a mesh, as a patch of the buffer that both editors agreed on. It has all differences from that buffer,
/// so a lost preview loses nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionPatch {
    /// Address of the `position` buffer of the mesh in the scene.
    pub base: BlobId,
    /// Length of that buffer in bytes.
    pub bytes: u64,
    /// Index into the frame's attachments.
    pub attachment: u32,
    /// The attachment. Empty, and so not valid, until it is there.
    #[serde(skip)]
    pub patch: Patch,
}

/// The bytes of a patch: the attachment of a message, and no part of its header. See [`vibesync_scene::apply_patch`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Patch(pub Bytes);

impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl PreviewChange {
    /// Returns the bytes of its patch; 0 without positions.
    pub fn patch_bytes(&self) -> usize {
        let patch = self.positions.as_ref().map(|it| it.patch.0.len());
        patch.unwrap_or_default()
    }
}

/// The previews of a daemon since its start, in values: one component set of one entity each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviewCounts {
    /// Values that were sent, once for each receiver.
    pub sent: u64,
    /// Values that a newer one or a durable change replaced before they were sent.
    pub superseded: u64,
    /// Values that were not valid.
    pub refused: u64,
    /// Values that came too fast, or for which the receiver had no room.
    pub dropped: u64,
}

impl PreviewCounts {
    /// Returns true if nothing was counted.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}
