//! Opens the scene's history and finds commits by the names that people use.

use std::path::Path;

use vibesync_scene::Code;
use vibesync_store::audit::{AuditError, CommitInfo, History};

use crate::error::Error;

/// Opens the history in this repository. Fails with VS-5007 if the daemon has not created one.
pub fn open(root: &Path) -> Result<History, Error> {
    open_if_exists(root)?.ok_or_else(|| {
        Error::new(
            Code::CommitUnknown,
            root.display(),
            "there is no history yet",
        )
    })
}

/// Opens the history in this repository; returns none if the daemon has not created one.
pub fn open_if_exists(root: &Path) -> Result<Option<History>, Error> {
    History::open(root).map_err(|error| coded(root, error))
}

/// Finds a commit by the first digits of its id, or by `@` and a log sequence: the newest commit up to that sequence.
pub fn find(history: &History, root: &Path, name: &str) -> Result<CommitInfo, Error> {
    let found = match name.strip_prefix('@').map(str::parse) {
        Some(Ok(seq)) => history.commit_at(seq),
        Some(Err(_)) => Ok(None),
        None => history.find(name),
    };
    let found = found.map_err(|error| coded(root, error))?;
    found.ok_or_else(|| {
        let message = format!("no commit is named {}", name.escape_default());
        Error::new(Code::CommitUnknown, root.display(), message)
    })
}

/// Adds the repository as location to an error.
pub fn coded(root: &Path, error: AuditError) -> Error {
    Error::from_source(error.code(), root.display(), error)
}
