//! The branch: the file that names the newest commit. It is written as git writes it, under git's own lock, but durably
//! and through [`Disk`].

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use git2::Oid;

use super::error::AuditError;
use crate::disk::{Access, Disk, WithContext};
use crate::{durable, held_open};

/// Name of the branch.
pub(super) const BRANCH: &str = "refs/heads/main";
/// The file that names the branch.
const HEAD: &str = "HEAD";
/// Age of a lock that a dead process left: git holds its locks for milliseconds.
const STALE_LOCK: Duration = Duration::from_secs(5);

/// Whether the branch exists.
pub(super) fn exists(git: &Path) -> bool {
    git.join(BRANCH).exists() || git.join("packed-refs").exists()
}

/// Returns the newest commit; none if there is no branch.
pub(super) fn read(git: &Path) -> Result<Option<Oid>, AuditError> {
    let text = |path: &Path| match held_open::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Some(String::new())),
        read => read.map(Some).with_context("read", path),
    };
    let packed = |text: String| {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        let commit = lines.find(|(_, name)| *name == BRANCH);
        commit.map(|(commit, _)| commit.to_owned())
    };
    let commit = match text(&git.join(BRANCH))? {
        Some(loose) => Some(loose),
        // Git has packed the branches.
        None => text(&git.join("packed-refs"))?.and_then(packed),
    };
    let Some(commit) = commit else {
        return Ok(None);
    };
    let commit = commit.trim_end();
    match Oid::from_str(commit) {
        Ok(oid) if commit.len() == 40 => Ok(Some(oid)),
        _ => Err(AuditError::Damaged("the branch names no commit".to_owned())),
    }
}

/// Whether the file `HEAD`, which only git reads, names a branch or a commit.
pub(super) fn has_valid_head(git: &Path) -> Result<bool, AuditError> {
    let path = git.join(HEAD);
    let text = match held_open::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        read => read.with_context("read", &path)?,
    };
    let text = String::from_utf8_lossy(&text);
    let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|it| it.is_ascii_hexdigit());
    Ok(match text.trim_end().strip_prefix("ref: ") {
        Some(branch) => branch.starts_with("refs/") && !branch.contains(char::is_whitespace),
        None => is_commit(text.trim_end()),
    })
}

/// Writes `HEAD` anew unless it is valid. Returns whether it did.
pub(super) fn repair_head(disk: &dyn Disk, git: &Path) -> Result<bool, AuditError> {
    let is_valid = has_valid_head(git)?;
    if !is_valid {
        let content = format!("ref: {BRANCH}\n");
        durable::write_on(disk, &git.join(HEAD), content.as_bytes(), Access::Default)?;
    }
    Ok(!is_valid)
}

/// Sets the newest commit; durable on return.
pub(super) fn set(disk: &dyn Disk, git: &Path, commit: Oid) -> Result<(), AuditError> {
    let (path, lock) = (git.join(BRANCH), git.join(format!("{BRANCH}.lock")));
    let dir = durable::folder(&path);
    disk.create_dir(dir).with_context("create folder", dir)?;
    if disk.exists(&lock).with_context("look for", &lock)? && !is_stale(&lock) {
        let why = format!("{} is held by another git", lock.display());
        return Err(AuditError::Content(why));
    }
    let mut file = disk
        .create(&lock, Access::Default)
        .with_context("create", &lock)?;
    let written = file
        .append(format!("{commit}\n").as_bytes())
        .and_then(|()| file.sync_data());
    drop(file);
    let renamed = written.and_then(|()| disk.rename(&lock, &path));
    if renamed.is_err() {
        // Best effort: a leftover lock is taken over after [`STALE_LOCK`].
        let _ = disk.remove(&lock);
    }
    renamed.with_context("write", &path)?;
    Ok(disk.sync_dir(dir).with_context("fsync", dir)?)
}

fn is_stale(lock: &Path) -> bool {
    let modified = fs::metadata(lock).and_then(|meta| meta.modified());
    let Ok(modified) = modified else {
        return false;
    };
    // The clock may have been set back, so the lock may be from the future.
    let age = match SystemTime::now().duration_since(modified) {
        Ok(age) => age,
        Err(ahead) => ahead.duration(),
    };
    age > STALE_LOCK
}
