//! Finds the identity of a project whose `project.json` is missing.
//!
//! A new id beside an existing log would make the log that of another project, so that no daemon could open it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use vibesync_scene::{Code, ProjectId};
use vibesync_store::boot;
use vibesync_store::checkpoint;
use vibesync_store::disk::RealDisk;
use vibesync_store::held_open;
use vibesync_store::wal::{WalError, verify};

use crate::error::Error;

/// The folders that may name the project, or show that it is not a new one.
pub(super) struct Places {
    pub wal: PathBuf,
    pub checkpoints: PathBuf,
    pub registry: PathBuf,
    pub audit: PathBuf,
}

/// Returns the id that log, checkpoints or audit have recorded; none in a new project. Fails if there are files of an
/// older project, and none of them says which one it was.
pub(super) fn recorded_id(places: &Places) -> Result<Option<ProjectId>, Error> {
    let wal = &places.wal;
    let from_log = id_in_log(wal);
    let recorded = from_log.as_ref().ok().copied().flatten();
    let recorded = recorded.or_else(|| id_in_checkpoint(&places.checkpoints));
    let recorded = recorded.or_else(|| id_in_audit(&places.audit));
    if recorded.is_some() {
        return Ok(recorded);
    }
    let mut is_new = true;
    for folder in [wal, &places.checkpoints, &places.registry] {
        is_new &= is_empty(folder)?;
    }
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

fn id_in_checkpoint(checkpoints: &Path) -> Option<ProjectId> {
    let (newest, _) = checkpoint::newest(&RealDisk, checkpoints).ok()?;
    newest?.state.project_id
}

/// Returns the project that the repository `audit` belongs to, if it says so.
pub(crate) fn id_in_audit(audit: &Path) -> Option<ProjectId> {
    #[derive(Deserialize)]
    struct ProjectFile {
        project_id: ProjectId,
    }
    let text = held_open::read(&audit.join("project.json")).ok()?;
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
