//! Folders and files that only their user may reach.
//!
//! On Windows that is an access list with the user, the system and the administrators, as the user's own folders have.

use std::path::Path;

use vibesync_scene::Code;

use crate::error::Error;

/// Creates a folder and those above it, with access for the user alone. A folder that exists stays as it is.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    system::create_folder(path)
        .map_err(|error| Error::io(Code::RuntimeFolder, path, "make it", error))
}

/// Fails if another user could replace files of this folder.
pub fn check_folder(path: &Path) -> Result<(), Error> {
    let others = look(path, system::writers(path))?;
    let Some(others) = others else { return Ok(()) };
    let message = format!("{others} may write here");
    Err(refused(path, message).with_help(system::folder_help(path)))
}

/// Fails if another user may read or write this file.
pub fn check_secret(path: &Path) -> Result<(), Error> {
    let others = look(path, system::readers(path))?;
    let Some(others) = others else { return Ok(()) };
    let message = format!("{others} may read the secret");
    let help =
        "Delete the file, and restart the daemon and the editors. They then use a new secret.";
    Err(refused(path, message).with_help(help))
}

fn look(path: &Path, others: std::io::Result<Option<String>>) -> Result<Option<String>, Error> {
    others.map_err(|error| {
        Error::io(
            Code::RuntimeFolder,
            path,
            "look at its access rights",
            error,
        )
    })
}

fn refused(path: &Path, message: String) -> Error {
    Error::new(Code::RuntimeFolder, path.display(), message)
}

#[cfg(unix)]
mod system {
    use std::fs::DirBuilder;
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    use std::path::Path;

    pub fn create_folder(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    pub fn writers(path: &Path) -> io::Result<Option<String>> {
        others(path, 0o022)
    }

    pub fn readers(path: &Path) -> io::Result<Option<String>> {
        others(path, 0o077)
    }

    pub fn folder_help(path: &Path) -> String {
        format!("Run `chmod 700 '{}'`.", path.display())
    }

    fn others(path: &Path, mask: u32) -> io::Result<Option<String>> {
        let mode = std::fs::metadata(path)?.permissions().mode();
        Ok((mode & mask != 0).then(|| "other users".to_owned()))
    }
}

#[cfg(windows)]
mod system {
    use std::io::{self, ErrorKind};
    use std::path::Path;

    use vibesync_windows::{Right, create_private_folder};

    pub fn create_folder(path: &Path) -> io::Result<()> {
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above)?;
        }
        match create_private_folder(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            created => created,
        }
    }

    pub fn writers(path: &Path) -> io::Result<Option<String>> {
        others(path, Right::Write)
    }

    pub fn readers(path: &Path) -> io::Result<Option<String>> {
        others(path, Right::ReadOrWrite)
    }

    pub fn folder_help(path: &Path) -> String {
        let path = path.display();
        format!(
            r#"Run `icacls "{path}" /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F"` in a command prompt, or delete the folder."#
        )
    }

    fn others(path: &Path, right: Right) -> io::Result<Option<String>> {
        let names = vibesync_windows::others(path, right)?;
        Ok((!names.is_empty()).then(|| names.join(" and ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets everybody read and write.
    fn open_to_all(path: &Path) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        #[cfg(windows)]
        vibesync_windows::open_to_all(path).unwrap();
    }

    #[test]
    fn folder_is_created_for_its_user_alone() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("a/ü 日本/run");
        create_folder(&folder).unwrap();
        create_folder(&folder).unwrap();
        check_folder(&folder).unwrap();
        check_secret(&folder).unwrap();
        vibesync_store::durable::write(&folder.join("file"), b"text").unwrap();
    }

    /// Wine makes nothing that others may write to. `vibesync_windows` tests the decision.
    #[cfg(unix)]
    #[test]
    fn folder_that_others_may_write_to_is_refused() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("日本");
        create_folder(&folder).unwrap();
        open_to_all(&folder);
        let error = check_folder(&folder).unwrap_err();
        assert_eq!(error.code, Code::RuntimeFolder);
        assert_eq!(error.message, "other users may write here");
        assert!(error.help().contains("日本"), "{}", error.help());
    }

    #[test]
    fn secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        vibesync_store::durable::write_private(&path, b"secret").unwrap();
        check_secret(&path).unwrap();
        open_to_all(&path);
        let error = check_secret(&path).unwrap_err();
        assert!(error.message.ends_with(" may read the secret"), "{error}");
        vibesync_store::durable::write_private(&path, b"secret").unwrap();
        check_secret(&path).unwrap();
    }
}
