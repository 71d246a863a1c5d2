//! The values that a fake editor shows for a moment.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_scene::Components;

/// Time after which a value is put back if no newer one comes, milliseconds.
pub const PREVIEW_MS: u64 = 1_000;

/// A value that an editor shows for a moment.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// The components that the entity had before.
    pub before: Components,
    /// Time of the newest value, milliseconds.
    pub at: u64,
}

/// All of them, by entity.
pub(super) type ShownValues = BTreeMap<Uuid, Shown>;
