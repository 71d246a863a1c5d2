//! The branch: the file that says which commit is the newest. It is written as git writes it, under git's own lock,
//! but through the disk, and durably.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use git2::Oid;

use super::AuditError;
use crate::disk::{Access, At, Disk};
use crate::durable;

/// The branch.
pub(super) const BRANCH: &str = "refs/heads/main";
/// A lock this old was left by a process that died: git holds one for milliseconds.
const STALE_LOCK: Duration = Duration::from_secs(5);

/// Whether it was ever written.
pub(super) fn exists(git: &Path) -> bool {
    git.join(BRANCH).exists() || git.join("packed-refs").exists()
}

/// Lets it end at this commit; durable on return.
pub(super) fn set(disk: &dyn Disk, git: &Path, commit: Oid) -> Result<(), AuditError> {
    let (path, lock) = (git.join(BRANCH), git.join(format!("{BRANCH}.lock")));
    let dir = durable::folder(&path);
    disk.create_dir(dir).at("create folder", dir)?;
    if disk.exists(&lock).at("look for", &lock)? && !is_stale(&lock) {
        let why = format!("{} is held by another git", lock.display());
        return Err(AuditError::Content(why));
    }
    let mut file = disk.create(&lock, Access::Default).at("create", &lock)?;
    let written = file
        .append(format!("{commit}\n").as_bytes())
        .and_then(|()| file.sync_data());
    drop(file);
    let renamed = written.and_then(|()| disk.rename(&lock, &path));
    if renamed.is_err() {
        // Best effort: a lock that stays is stale soon.
        let _ = disk.remove(&lock);
    }
    renamed.at("write", &path)?;
    Ok(disk.sync_dir(dir).at("fsync", dir)?)
}

fn is_stale(lock: &Path) -> bool {
    let made = fs::metadata(lock).and_then(|meta| meta.modified());
    let Ok(made) = made else {
        return false;
    };
    // One of the future is no newer: the clock went back.
    let apart = match SystemTime::now().duration_since(made) {
        Ok(age) => age,
        Err(ahead) => ahead.duration(),
    };
    apart > STALE_LOCK
}
