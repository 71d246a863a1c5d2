//! File operations that differ between operating systems.

#[cfg(unix)]
pub use unix::{create_private, rename, sync_dir};
#[cfg(windows)]
pub use windows::{create_private, rename, sync_dir};

#[cfg(unix)]
mod unix {
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    /// Creates an empty file for its owner alone; replaces an existing one.
    pub fn create_private(path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        options.mode(0o600).open(path)
    }

    /// Renames a file or folder.
    pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Makes the names in a folder durable.
    pub fn sync_dir(dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

#[cfg(windows)]
mod windows {
    use std::fs::{self, OpenOptions};
    use std::io;
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;
    use std::sync::Once;

    pub use vibesync_windows::create_private;

    const ADD_FILE: u32 = 0x2;
    const ADD_SUBFOLDER: u32 = 0x4;
    const SYNCHRONIZE: u32 = 0x10_0000;
    /// Opens folders too.
    const BACKUP_SEMANTICS: u32 = 0x0200_0000;

    const INVALID_FUNCTION: i32 = 1;
    const ACCESS_DENIED: i32 = 5;
    const NOT_SUPPORTED: i32 = 50;
    const INVALID_PARAMETER: i32 = 87;

    /// Renames a file or folder. Windows writes the new name through.
    pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
        match vibesync_windows::rename_through(from, to) {
            // Another program has the target open. Newer versions of Windows can replace it all the same.
            Err(error) if error.raw_os_error() == Some(ACCESS_DENIED) => fs::rename(from, to),
            renamed => renamed,
        }
    }

    /// Makes the names in a folder durable, if the file system can do that: NTFS and ReFS can, FAT cannot.
    pub fn sync_dir(dir: &Path) -> io::Result<()> {
        match flush(dir) {
            Err(error) if is_impossible(&error) => {
                static NOTED: Once = Once::new();
                NOTED.call_once(|| {
                    tracing::warn!(folder = %dir.display(), %error, "the file system flushes no folders: the loss of power may undo new and renamed files");
                });
                Ok(())
            }
            flushed => flushed,
        }
    }

    fn flush(dir: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        // Windows flushes only what it could write to.
        options.access_mode(ADD_FILE | ADD_SUBFOLDER | SYNCHRONIZE);
        options.custom_flags(BACKUP_SEMANTICS).open(dir)?.sync_all()
    }

    fn is_impossible(error: &io::Error) -> bool {
        let known = [
            INVALID_FUNCTION,
            ACCESS_DENIED,
            NOT_SUPPORTED,
            INVALID_PARAMETER,
        ];
        error
            .raw_os_error()
            .is_some_and(|code| known.contains(&code))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn folder_is_flushed() {
            let folder = tempfile::tempdir().unwrap();
            flush(folder.path()).unwrap();
            sync_dir(folder.path()).unwrap();
            assert!(sync_dir(&folder.path().join("missing")).is_err());
        }
    }
}
