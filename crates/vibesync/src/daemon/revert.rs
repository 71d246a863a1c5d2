//! Reads an agent's work from the log, and checks the blobs that its undo may need. Slow, so it runs outside of the core.

use std::sync::Arc;

use vibesync_engine::{AgentWork, Revert, Selection};
use vibesync_protocol::RevertRequest;
use vibesync_scene::Invalid;
use vibesync_store::blobs::BlobStore;
use vibesync_store::wal::{Reader, WalError};

use super::view::LogFiles;

/// Reads the work that a request is about. Fails with the entity of the first blob that is missing or damaged.
pub fn read_work(
    files: &LogFiles,
    blobs: &BlobStore,
    request: RevertRequest,
    selection: Selection,
) -> Result<Box<Revert>, Invalid> {
    let (first, last) = (selection.first, selection.last);
    let mut work = AgentWork::new(selection);
    if first <= last {
        let log = Reader::new(Arc::clone(&files.disk), &files.wal, first, last);
        for entry in log.map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            work.record(entry.seq, &entry.body)?;
        }
    }
    for (blob, owner) in work.blobs() {
        if let Err(error) = blobs.get(blob) {
            let message = error.to_string();
            return Err(Invalid::new(error.code(), owner.to_string(), message));
        }
    }
    Ok(Box::new(Revert { request, work }))
}

fn unreadable(error: WalError) -> Invalid {
    Invalid::new(error.code(), "wal", error.to_string())
}
