//! The scene's history as people name it: a commit by its first digits, or by a log sequence.

use std::path::Path;

use vibesync_scene::Code;
use vibesync_store::audit::{AuditError, CommitInfo, History};

use crate::error::Error;

/// The history in this repository; VS-5007 where the daemon has made none.
pub fn open(root: &Path) -> Result<History, Error> {
    let history = History::open(root).map_err(|error| coded(root, &error))?;
    history.ok_or_else(|| {
        Error::new(
            Code::CommitUnknown,
            root.display(),
            "there is no history yet",
        )
    })
}

/// The commit that is meant: its id or the first digits of it, or `@` and a log sequence for the newest commit that is
/// not after it.
pub fn find(history: &History, root: &Path, name: &str) -> Result<CommitInfo, Error> {
    let found = match name.strip_prefix('@').map(str::parse) {
        Some(Ok(seq)) => history.commit_at(seq),
        Some(Err(_)) => Ok(None),
        None => history.find(name),
    };
    let found = found.map_err(|error| coded(root, &error))?;
    found.ok_or_else(|| {
        let message = format!("no commit is named {}", name.escape_default());
        Error::new(Code::CommitUnknown, root.display(), message)
    })
}

/// An error of the repository, with its place.
pub fn coded(root: &Path, error: &AuditError) -> Error {
    Error::new(error.code(), root.display(), error.to_string())
}
