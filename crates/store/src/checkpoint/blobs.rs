//! The blobs that a checkpoint names, without the state in memory.

use std::path::Path;

use vibesync_scene::{BlobId, Change};

use super::format::Item;
use crate::disk::{Disk, DiskError, FileReader, WithContext};
use crate::lines::{Line, Lines};

/// The kind of entity that names a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A live one, or one that an open transaction changes.
    Live,
    /// A deleted one.
    Deleted,
}

/// Passes the blobs of all rows and open transactions to `visit`. Skips lines that cannot be read: no start uses a damaged
/// checkpoint.
pub(crate) fn for_each_blob(
    disk: &dyn Disk,
    path: &Path,
    visit: &mut dyn FnMut(BlobId, Named),
) -> Result<(), DiskError> {
    let file = disk.open(path).with_context("open", path)?;
    let mut lines = Lines::new(FileReader::new(file));
    while let Some(line) = lines.next().with_context("read", path)? {
        let Line::Whole(line) = line else { continue };
        match serde_json::from_slice(line) {
            Ok(Item::Row(row)) => {
                let named = match row.tombstone {
                    true => Named::Deleted,
                    false => Named::Live,
                };
                let blobs = row.entity.components.blobs();
                blobs.for_each(|id| visit(id, named));
            }
            Ok(Item::Open { steps, .. }) => {
                for (change, before) in steps.iter() {
                    let changed = change_blobs(change);
                    let before = before.iter().flat_map(|it| it.components.blobs());
                    changed.chain(before).for_each(|id| visit(id, Named::Live));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn change_blobs(change: &Change) -> impl Iterator<Item = BlobId> {
    let components = change.components().into_iter();
    components.flat_map(vibesync_scene::Components::blobs)
}
