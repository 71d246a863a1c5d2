//! Damage of the repository: how it is found, and how a damaged repository makes room for a new one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::Oid;

use super::error::AuditError;
use super::history::History;
use super::packs::Packs;
use super::{branch, tree};
use crate::disk::{Disk, DiskError, RealDisk, WithContext};
use crate::durable;

/// Most commits that a check visits, newest first. `git fsck` visits all.
const MAX_COMMITS: usize = 10_000;

/// Checks the repository at `root`, if it has a commit; changes nothing.
pub fn check(root: &Path) -> Result<(), AuditError> {
    let Some(history) = History::open(root)? else {
        return Ok(());
    };
    let git = root.join(".git");
    if !branch::has_valid_head(&git)? {
        let why = "HEAD names no branch or commit";
        return Err(AuditError::Damaged(why.to_owned()));
    }
    let packs = Packs::unopened(Arc::new(RealDisk), &git.join("objects/pack"));
    check_parts(&history, &packs)
}

/// Looks for missing and damaged parts: every pack must have its whole length, and every object of the newest commit and
/// all its earlier commits must exist. Damage inside a pack is found when the object is read.
pub(super) fn check_parts(history: &History, packs: &Packs) -> Result<(), AuditError> {
    for name in packs.list()? {
        packs.check(name)?;
    }
    let Some(head) = history.head()? else {
        return Ok(());
    };
    check_objects(history, head.tree_id())?;
    for commit in history.commits()?.take(MAX_COMMITS) {
        let tree = commit?.tree_id();
        if !history.repository.odb()?.exists(tree) {
            return Err(missing(tree));
        }
    }
    Ok(())
}

/// Checks that all objects below a folder exist.
fn check_objects(history: &History, root: Oid) -> Result<(), AuditError> {
    let odb = history.repository.odb()?;
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let object = odb.read(folder)?;
        for (_, item) in tree::items(object.data()) {
            match item.is_folder {
                true => folders.push(item.oid),
                false if odb.exists(item.oid) => {}
                false => return Err(missing(item.oid)),
            }
        }
    }
    Ok(())
}

fn missing(oid: Oid) -> AuditError {
    AuditError::Damaged(format!("object {oid} is missing"))
}

/// Moves the repository `root` into the folder `to`, under a name that ends with this time. Returns the new path.
pub fn move_aside(
    disk: &dyn Disk,
    root: &Path,
    to: &Path,
    timestamp: &str,
) -> Result<PathBuf, DiskError> {
    disk.create_dir(to).with_context("create folder", to)?;
    let time: String = timestamp
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    let name = format!("{ASIDE}{time}");
    let path = to.join(name);
    durable::rename(disk, root, &path)?;
    Ok(path)
}

/// Beginning of the names of damaged repositories that were moved aside.
pub const ASIDE: &str = "git_safety-";
