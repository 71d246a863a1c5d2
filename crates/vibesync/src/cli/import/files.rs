//! The file of an import, and those beside it.

use std::fs;
use std::path::{Path, PathBuf};

use vibesync_scene::Code;

use crate::error::Error;

/// Largest file: that of a GLB.
const MOST_BYTES: u64 = u32::MAX as u64;

/// A file that is imported.
pub(super) struct Files {
    content: Vec<u8>,
    /// Its folder without symbolic links.
    folder: PathBuf,
}

impl Files {
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error| Error::io(Code::DiskFailed, path, "read it", error);
        let real = fs::canonicalize(path).map_err(failed)?;
        let content =
            read(&real).map_err(|why| Error::new(Code::GltfInvalid, path.display(), why))?;
        let folder = real.parent().unwrap_or(&real).to_owned();
        Ok(Self { content, folder })
    }

    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Reads a file in the folder of this one. A link that leads out of it is refused.
    pub fn beside(&self, path: &str) -> Result<Vec<u8>, String> {
        let real = fs::canonicalize(self.folder.join(path));
        let real = real.map_err(|error| format!("{path} cannot be read: {error}"))?;
        match real.starts_with(&self.folder) {
            true => read(&real),
            false => Err(format!("{path} is in another folder")),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("it cannot be read: {error}");
    let found = fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err("it is no file".to_owned());
    }
    if found.len() > MOST_BYTES {
        return Err("it has more than 4 GiB".to_owned());
    }
    fs::read(path).map_err(unreadable)
}
