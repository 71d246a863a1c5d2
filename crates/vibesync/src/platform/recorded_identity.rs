//! Finds the identity of a project whose `project.json` is missing.
//!
//! A new id beside an existing log would make the log that of another project, so that no daemon could open it.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use vibesync_scene::{Code, ProjectId};
use vibesync_store::boot;
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{WalError, verify};

use crate::error::Error;

/// Returns the id that the log in the folder `wal` or the repository `audit` has recorded; none in a new project. Fails
/// if there is a log, and neither of them says to which project it belongs.
pub(super) fn recorded_id(wal: &Path, audit: &Path) -> Result<Option<ProjectId>, Error> {
    let from_log = id_in_log(wal);
    if let Ok(Some(id)) = from_log {
        return Ok(Some(id));
    }
    if let Some(id) = id_in_audit(audit) {
        return Ok(Some(id));
    }
    let is_new = is_empty(wal)?;
    match from_log {
        _ if is_new => Ok(None),
        Ok(_) => Err(unknown(wal, "the log does not name it")),
        Err(error) => Err(unknown(wal, &error.to_string()).caused_by(error)),
    }
}

fn id_in_log(wal: &Path) -> Result<Option<ProjectId>, WalError> {
    let tip = verify(&RealDisk, wal)?.tip;
    Ok(boot::replay(Arc::new(RealDisk), wal, tip)?.project_id)
}

/// Returns the project that the repository `audit` belongs to, if it says so.
pub(crate) fn id_in_audit(audit: &Path) -> Option<ProjectId> {
    #[derive(Deserialize)]
    struct ProjectFile {
        project_id: ProjectId,
    }
    let text = std::fs::read(audit.join("project.json")).ok()?;
    let file: ProjectFile = serde_json::from_slice(&text).ok()?;
    Some(file.project_id)
}

fn is_empty(folder: &Path) -> Result<bool, Error> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::io(Code::DiskFailed, folder, "list it", error)),
    }
}

fn unknown(wal: &Path, why: &str) -> Error {
    let message = format!("project.json is missing, and the id of this log is unknown: {why}");
    Error::new(Code::ConfigInvalid, wal.display(), message)
}
