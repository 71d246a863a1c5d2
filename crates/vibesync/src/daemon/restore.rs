//! Reads the commit and checks the blobs that a restore needs. Both are slow, so they run outside of the core.

use std::collections::BTreeSet;
use std::path::Path;

use vibesync_engine::Restore;
use vibesync_protocol::RestoreRequest;
use vibesync_scene::{BlobId, Invalid};
use vibesync_store::blobs::BlobStore;

use crate::{Error, history};

/// Digits of a commit's id in a message.
const SHORT: usize = 10;

/// Reads the commit that the request names, with all its entities.
pub fn read_commit(audit: &Path, request: RestoreRequest) -> Result<Box<Restore>, Invalid> {
    let found = history::open(audit).and_then(|history| {
        let item = history::find(&history, audit, &request.commit)?;
        let entities = history.entities(&item.commit);
        Ok((
            item,
            entities.map_err(|error| history::coded(audit, error))?,
        ))
    });
    let (item, entities) = found.map_err(invalid)?;
    let target = entities.into_iter().map(|entity| (entity.uuid, entity));
    Ok(Box::new(Restore {
        request,
        commit: item.commit,
        seq: item.seq,
        target: target.collect(),
        checked: BTreeSet::new(),
    }))
}

/// Marks blobs as checked after reading them. Fails with the entity of the first blob that is missing or damaged.
pub fn check_blobs(
    blobs: &BlobStore,
    mut restore: Box<Restore>,
    needed: BTreeSet<BlobId>,
) -> Result<Box<Restore>, Invalid> {
    for blob in &needed {
        if let Err(error) = blobs.get(*blob) {
            let mut entities = restore.target.values();
            let owner = entities.find(|entity| entity.components.blobs().any(|it| it == *blob));
            let location = owner.map_or_else(String::new, |owner| owner.uuid.to_string());
            let name = owner.and_then(|owner| owner.components.name.as_deref());
            let message = format!(
                "the bulk data of {:?} at commit {} (sequence {}) is gone: {error}",
                name.unwrap_or_default(),
                restore.commit.get(..SHORT).unwrap_or(&restore.commit),
                restore.seq
            );
            return Err(Invalid::new(error.code(), location, message));
        }
    }
    restore.checked.extend(needed);
    Ok(restore)
}

fn invalid(error: Error) -> Invalid {
    Invalid {
        code: error.code,
        location: error.location,
        message: error.message,
    }
}
