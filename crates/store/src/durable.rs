//! Atomic, durable replacement of a file: after a crash at any point the old or the new content is there, whole.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::{Access, At, Disk, DiskError, RealDisk};

const TEMPORARY: &str = ".tmp";

/// Replaces a file: write, flush, fsync, rename, fsync the folder.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    write_on(&RealDisk, path, bytes, Access::Default)
}

/// As [`write`], readable by the owner alone.
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
    disk.sync_dir(dir).at("make durable", dir)
}

/// As [`write_on`] but for the folder: many files may share one fsync of it.
pub(crate) fn replace(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
    access: Access,
) -> Result<(), DiskError> {
    let staged = temporary(path);
    let mut file = disk.create(&staged, access).at("create", &staged)?;
    let written = file.append(bytes).and_then(|()| file.sync_data());
    drop(file);
    let renamed = written.and_then(|()| disk.rename(&staged, path));
    if renamed.is_err() {
        // Best effort: what stays behind is ignored by readers and swept at the next start.
        let _ = disk.remove(&staged);
    }
    renamed.at("write", path)
}

/// The name that a file has until it is complete: in the same folder, never the same twice in a process.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{count}{TEMPORARY}", std::process::id()))
}

/// Removes what a crash left of files that were being written. Only for a folder with one writer.
pub(crate) fn sweep(disk: &dyn Disk, dir: &Path) -> Result<(), DiskError> {
    for name in disk.list(dir).at("list", dir)? {
        if name.starts_with('.') && name.ends_with(TEMPORARY) {
            let path = dir.join(name);
            disk.remove(&path).at("remove", &path)?;
        }
    }
    Ok(())
}

/// The folder of a file.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}
