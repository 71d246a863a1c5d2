//! Atomic, durable replacement of a file: after a crash at any point, the file has its complete old or new content.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::{Access, Disk, DiskError, RealDisk, WithContext};

const TEMPORARY: &str = ".tmp";

/// Replaces a file: writes a temporary file, fsyncs it, renames it, and fsyncs the folder.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    write_on(&RealDisk, path, bytes, Access::Default)
}

/// As [`write`], for a file that only the owner may read.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    write_on(&RealDisk, path, bytes, Access::Private)
}

/// As [`write`], on any disk.
pub fn write_on(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
    access: Access,
) -> Result<(), DiskError> {
    replace(disk, path, bytes, access)?;
    let dir = folder(path);
    disk.sync_dir(dir).with_context("make durable", dir)
}

/// Renames a file or a folder; durable on return.
pub(crate) fn rename(disk: &dyn Disk, from: &Path, to: &Path) -> Result<(), DiskError> {
    disk.rename(from, to).with_context("rename", from)?;
    let (old, new) = (folder(from), folder(to));
    disk.sync_dir(new).with_context("make durable", new)?;
    match old == new {
        true => Ok(()),
        false => disk.sync_dir(old).with_context("make durable", old),
    }
}

/// As [`write_on`], without the fsync of the folder: several files may share one.
pub(crate) fn replace(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
    access: Access,
) -> Result<(), DiskError> {
    let staged = temporary(path);
    let mut file = disk
        .create(&staged, access)
        .with_context("create", &staged)?;
    let written = file.append(bytes).and_then(|()| file.sync_data());
    drop(file);
    let renamed = written.and_then(|()| disk.rename(&staged, path));
    if renamed.is_err() {
        // Best effort: readers ignore a leftover file, and the next start removes it.
        let _ = disk.remove(&staged);
    }
    renamed.with_context("write", path)
}

/// Returns a temporary name in the same folder, unique within the process.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{count}{TEMPORARY}", std::process::id()))
}

/// Removes temporary files that a crash left. Only for a folder with one writer.
pub(crate) fn sweep(disk: &dyn Disk, dir: &Path) -> Result<(), DiskError> {
    for name in disk.list(dir).with_context("list", dir)? {
        if name.starts_with('.') && name.ends_with(TEMPORARY) {
            let path = dir.join(name);
            disk.remove(&path).with_context("remove", &path)?;
        }
    }
    Ok(())
}

/// Returns the folder of a file.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}
