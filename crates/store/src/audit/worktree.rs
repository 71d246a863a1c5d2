//! The index of a work tree that has the files at the top and leaves the entities out: `gitformat-index`, version 3,
//! with the folder of entities as one entry ("sparse directory"). So `git status` has nothing to say, and no commit
//! pays for a file for each entity.

use std::path::Path;

use git2::{Config, Oid};
use sha1::{Digest, Sha1};

use super::files::PROJECT_FILE;
use super::scene::ENTITIES;
use super::{AuditError, tree};
use crate::disk::{Access, At, Disk};
use crate::durable;

const FOLDER: u32 = 0o40000;
const FILE: u32 = 0o100_644;
/// The entry has flags of version 3.
const EXTENDED: u16 = 0x4000;
/// Git does not look for it in the work tree.
const SKIP_WORKTREE: u16 = 0x4000;
/// Cone mode: files at the top, no folders.
const PATTERNS: &[u8] = b"/*\n!/*/\n";

/// Settings that make git leave the entities out; `git sparse-checkout disable` brings them in and takes the settings
/// back, and then the index is git's own affair.
pub(super) fn configure(
    disk: &dyn Disk,
    git: &Path,
    config: &mut Config,
) -> Result<(), AuditError> {
    for key in [
        "core.sparseCheckout",
        "core.sparseCheckoutCone",
        "index.sparse",
    ] {
        config.set_bool(key, true)?;
    }
    let info = git.join("info");
    disk.create_dir(&info).at("create folder", &info)?;
    Ok(durable::write_on(
        disk,
        &info.join("sparse-checkout"),
        PATTERNS,
        Access::Default,
    )?)
}

/// Puts the file at the top into the work tree, if it is not there.
pub(super) fn project(disk: &dyn Disk, root: &Path, content: &[u8]) -> Result<(), AuditError> {
    let path = root.join(PROJECT_FILE);
    if !disk.exists(&path).at("look for", &path)? {
        disk.create_dir(root).at("create folder", root)?;
        durable::write_on(disk, &path, content, Access::Default)?;
    }
    Ok(())
}

/// Brings the index to a commit with this folder at its root, unless somebody works with it or wants it otherwise.
pub(super) fn follow(disk: &dyn Disk, git: &Path, root: &[u8]) -> Result<(), AuditError> {
    let (path, lock) = (git.join("index"), git.join("index.lock"));
    let is_locked = disk.exists(&lock).at("look for", &lock)?;
    let file = tree::get(root, PROJECT_FILE.as_bytes());
    if let Some(file) = file.filter(|_| !is_locked && is_sparse(git)) {
        let folder = tree::get(root, ENTITIES.as_bytes());
        durable::replace(disk, &path, &index(folder, file), Access::Default)?;
    }
    Ok(())
}

/// Git keeps the setting for the work tree alone once somebody changed it; libgit2 would not see that file come.
fn is_sparse(git: &Path) -> bool {
    let setting = |file: &str| {
        let config = Config::open(&git.join(file)).ok()?;
        config.get_bool("core.sparseCheckout").ok()
    };
    setting("config.worktree")
        .or_else(|| setting("config"))
        .unwrap_or(false)
}

fn index(folder: Option<Oid>, file: Oid) -> Vec<u8> {
    let folder = folder.map(|oid| (format!("{ENTITIES}/"), FOLDER, oid));
    let mut entries: Vec<_> = folder.into_iter().collect();
    entries.push((PROJECT_FILE.to_owned(), FILE, file));
    let mut out = b"DIRC".to_vec();
    out.extend(3_u32.to_be_bytes());
    out.extend((entries.len() as u32).to_be_bytes());
    for (name, mode, oid) in &entries {
        let start = out.len();
        // Times, device, inode: unknown, so that git looks at the content.
        out.extend([0; 24]);
        out.extend(mode.to_be_bytes());
        // Owner, group, size.
        out.extend([0; 12]);
        out.extend_from_slice(oid.as_bytes());
        let is_folder = *mode == FOLDER;
        let extended = if is_folder { EXTENDED } else { 0 };
        out.extend((name.len() as u16 | extended).to_be_bytes());
        if is_folder {
            out.extend(SKIP_WORKTREE.to_be_bytes());
        }
        out.extend_from_slice(name.as_bytes());
        // One to eight zeros, up to a multiple of eight.
        let length = out.len() - start;
        out.resize(out.len() + 8 - length % 8, 0);
    }
    out.extend_from_slice(b"sdir\0\0\0\0");
    let checksum = Sha1::digest(&out);
    out.extend_from_slice(&checksum);
    out
}
