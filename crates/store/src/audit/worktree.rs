//! The work tree: it contains the files at the top, and excludes the entities.
//!
//! The index (`gitformat-index`, version 3) has the folder of entities as one entry, a "sparse directory". So `git
//! status` is clean, and a commit needs no file for each entity in the work tree.
//!
//! A bare repository would need none of this, but in it `git status` and `git checkout <commit>` fail with exit code
//! 128, and `git sparse-checkout disable` cannot bring the entities in. The index costs two entries (about 200 bytes)
//! and one fsync for each flush, whatever the size of the scene.

use std::io::ErrorKind;
use std::path::Path;

use git2::{Config, Oid};
use sha1::{Digest, Sha1};

use super::error::AuditError;
use super::files::PROJECT_FILE;
use super::scene::ENTITIES;
use super::tree;
use crate::disk::{Access, Disk, WithContext};
use crate::{durable, held_open};

const FOLDER: u32 = 0o40000;
const FILE: u32 = 0o100_644;
/// Flag: the entry has the additional flags of version 3.
const EXTENDED: u16 = 0x4000;
/// Flag: git does not expect the entry in the work tree.
const SKIP_WORKTREE: u16 = 0x4000;
/// Length of the SHA-1 at the end of the index.
const CHECKSUM: usize = 20;
/// Patterns of cone mode: the files at the top, no folders.
const PATTERNS: &[u8] = b"/*\n!/*/\n";
/// Git checks files out as they are, whatever attributes the user has elsewhere.
const ATTRIBUTES: &[u8] = b"* -text\n";
const LONG_PATHS: &str = "core.longpaths";

/// The settings that exclude the entities, keep line ends, and allow long paths. `git sparse-checkout disable` reverts
/// the first ones and brings the entities in. From then on, only git writes the index.
pub(super) const SETTINGS: &str = "\tautocrlf = false\n\tlongpaths = true\n\tsparseCheckout = true\n\tsparseCheckoutCone = true\n[index]\n\tsparse = true\n";

/// Writes the patterns that exclude the entities, and the attributes.
pub(super) fn configure(disk: &dyn Disk, git: &Path) -> Result<(), AuditError> {
    let info = git.join("info");
    disk.create_dir(&info)
        .with_context("create folder", &info)?;
    let path = info.join("sparse-checkout");
    durable::write_on(disk, &path, PATTERNS, Access::Default)?;
    keep_line_ends(disk, git)
}

/// Writes the attributes that keep line ends, unless a person has written others. Repositories of older versions lack
/// them.
pub(super) fn keep_line_ends(disk: &dyn Disk, git: &Path) -> Result<(), AuditError> {
    let path = git.join("info").join("attributes");
    if !disk.exists(&path).with_context("look for", &path)? {
        let info = durable::folder(&path);
        disk.create_dir(info).with_context("create folder", info)?;
        durable::write_on(disk, &path, ATTRIBUTES, Access::Default)?;
    }
    Ok(())
}

/// Lets git for Windows work below a path of more than 260 characters. Repositories of older versions lack the setting.
pub(super) fn allow_any_path(git: &Path) -> Result<(), AuditError> {
    let mut config = Config::open(&git.join("config"))?;
    if config.get_bool(LONG_PATHS).ok() != Some(true) {
        config.set_bool(LONG_PATHS, true)?;
    }
    Ok(())
}

/// Writes the project file into the work tree, unless it exists.
pub(super) fn write_project_file(
    disk: &dyn Disk,
    root: &Path,
    content: &[u8],
) -> Result<(), AuditError> {
    let path = root.join(PROJECT_FILE);
    if !disk.exists(&path).with_context("look for", &path)? {
        disk.create_dir(root).with_context("create folder", root)?;
        durable::write_on(disk, &path, content, Access::Default)?;
    }
    Ok(())
}

/// Updates the index to a commit with this root folder, unless another git has locked it or disabled the exclusion.
pub(super) fn update_index(disk: &dyn Disk, git: &Path, root: &[u8]) -> Result<(), AuditError> {
    let (path, lock) = (git.join("index"), git.join("index.lock"));
    let is_locked = disk.exists(&lock).with_context("look for", &lock)?;
    let file = tree::get(root, PROJECT_FILE.as_bytes());
    if let Some(file) = file.filter(|_| !is_locked && is_sparse(git)) {
        let folder = tree::get(root, ENTITIES.as_bytes());
        durable::replace(disk, &path, &index(folder, file), Access::Default)?;
    }
    Ok(())
}

/// Writes the index anew for a commit with this root folder if its checksum is wrong. Returns whether it was.
pub(super) fn repair_index(disk: &dyn Disk, git: &Path, root: &[u8]) -> Result<bool, AuditError> {
    let path = git.join("index");
    let bytes = match held_open::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        read => read.with_context("read", &path)?,
    };
    let is_valid = bytes
        .split_last_chunk::<CHECKSUM>()
        .is_some_and(|(content, end)| {
            // Git writes zeros if its setting `index.skipHash` is on.
            *end == [0; CHECKSUM] || Sha1::digest(content).as_slice() == end
        });
    if !is_valid {
        update_index(disk, git, root)?;
    }
    Ok(!is_valid)
}

/// Whether the exclusion is still on. Git moves the setting to `config.worktree` when it is changed. An open libgit2
/// repository would not notice the new file.
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
        // Times, device, inode: zero, so that git compares the content.
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
        // One to eight zero bytes, up to a multiple of eight.
        let length = out.len() - start;
        out.resize(out.len() + 8 - length % 8, 0);
    }
    out.extend_from_slice(b"sdir\0\0\0\0");
    let checksum = Sha1::digest(&out);
    out.extend_from_slice(&checksum);
    out
}
