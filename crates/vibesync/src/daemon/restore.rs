//! What a restore needs from the disk: the commit, and the bulk data that it names. Both take long, so they are done
//! away from the core.

use std::collections::BTreeSet;
use std::path::Path;

use vibesync_engine::Restore;
use vibesync_protocol::RestoreRequest;
use vibesync_scene::{BlobId, Invalid};
use vibesync_store::blobs::BlobStore;

use crate::{Error, history};

/// The commit that the request names, with all that it holds.
pub fn read(audit: &Path, request: RestoreRequest) -> Result<Box<Restore>, Invalid> {
    let found = history::open(audit).and_then(|history| {
        let item = history::find(&history, audit, &request.commit)?;
        let entities = history.entities(&item.commit);
        Ok((
            item,
            entities.map_err(|error| history::coded(audit, &error))?,
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

/// The restore with these blobs among those that are there and whole; or the first that is not, and whose it is.
pub fn check(
    blobs: &BlobStore,
    mut restore: Box<Restore>,
    needed: BTreeSet<BlobId>,
) -> Result<Box<Restore>, Invalid> {
    for blob in &needed {
        if let Err(error) = blobs.get(*blob) {
            let mut entities = restore.target.values();
            let owner = entities.find(|entity| entity.components.blobs().any(|it| it == *blob));
            let location = owner.map_or_else(String::new, |owner| owner.uuid.to_string());
            return Err(Invalid::new(error.code(), location, error.to_string()));
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
