//! Previews: values that an editor shows while a person at the other editor works. Never part of the log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::Components;

/// Most entities in one preview, and in one end of previews.
pub const MAX_PREVIEWED: usize = 512;

/// Most entities that one editor may show in the others, and most that wait for one receiver.
pub const MAX_SHOWN: usize = 4_096;

/// A value that an editor shows for a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewChange {
    /// The entity.
    pub uuid: Uuid,
    /// The components, each whole; see [`ComponentSet::previewed`](vibesync_scene::ComponentSet::previewed).
    pub components: Components,
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
