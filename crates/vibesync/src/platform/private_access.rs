//! Folders and files that only their user may reach.

use std::path::Path;

use vibesync_scene::Code;

use crate::error::Error;

/// Creates a folder and those above it, with access for the user alone. A folder that exists stays as it is.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| Error::io(Code::RuntimeFolder, path, "make it", error))
}

/// Fails if another user could replace files of this folder.
pub fn check_folder(path: &Path) -> Result<(), Error> {
    if is_granted(path, 0o022)? {
        let message = "other users may write here; run chmod 700 on it";
        return Err(Error::new(Code::RuntimeFolder, path.display(), message));
    }
    Ok(())
}

/// Fails if another user may read or write this file.
pub fn check_secret(path: &Path) -> Result<(), Error> {
    if is_granted(path, 0o077)? {
        let message =
            "other users may read the secret; delete the file and restart daemon and editors";
        return Err(Error::new(Code::RuntimeFolder, path.display(), message));
    }
    Ok(())
}

/// Returns true if any permission of `mask` is granted. On Windows, inherited permissions protect a user's folders.
#[cfg(unix)]
fn is_granted(path: &Path, mask: u32) -> Result<bool, Error> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path)
        .map_err(|error| Error::io(Code::RuntimeFolder, path, "look at it", error))?;
    Ok(metadata.permissions().mode() & mask != 0)
}

#[cfg(not(unix))]
fn is_granted(_: &Path, _: u32) -> Result<bool, Error> {
    Ok(false)
}
