//! Files that are whole or not there: write, flush, fsync, rename, fsync of the folder.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use vibesync_scene::Uuid;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As the user's umask says.
    Shared,
    /// The user alone (0600).
    Private,
}

/// Replaces a file so that a crash at any point leaves the old one or the new one.
pub fn write(path: &Path, bytes: &[u8], access: Access) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = folder.join(format!(".{}.tmp", Uuid::new_v4().simple()));
    let written = fill(&temporary, bytes, access).and_then(|()| std::fs::rename(&temporary, path));
    if let Err(error) = written {
        let _ = std::fs::remove_file(&temporary);
        return Err(error);
    }
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn fill(path: &Path, bytes: &[u8], access: Access) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if access == Access::Private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
