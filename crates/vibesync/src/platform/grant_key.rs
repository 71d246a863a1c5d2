//! The secret of the user that marks permissions for add-ons, in the user's folder of settings. It is no part of a project:
//! a folder from somebody else brings no permission along.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use vibesync_protocol::auth::GrantKey;
use vibesync_scene::{Code, Uuid};
use vibesync_store::{durable, held_open};

use super::{private_access, user_folders};
use crate::error::Error;

/// Name of the file.
const NAME: &str = "grant-key";

/// Returns the secret of this user. Creates it if it is missing. Without a home folder it lasts as long as the daemon.
pub fn of_user() -> Result<GrantKey, Error> {
    match user_folders::config() {
        Some(folder) => read_or_create(&folder),
        None => {
            tracing::warn!("no home folder: permissions for add-ons end with this run");
            parse(Path::new(NAME), &fresh())
        }
    }
}

fn read_or_create(folder: &Path) -> Result<GrantKey, Error> {
    let path = folder.join(NAME);
    if !path.exists() {
        create(folder, &path)?;
    }
    let failed = |error| Error::io(Code::RuntimeFolder, &path, "read it", error);
    let text = held_open::read(&path).map_err(failed)?;
    private_access::check_secret(&path)?;
    parse(&path, &String::from_utf8_lossy(&text))
}

/// Creates the file unless there is one, as a link to a complete file: two daemons that start at once use the same.
fn create(folder: &Path, path: &PathBuf) -> Result<(), Error> {
    private_access::create_folder(folder)?;
    let temporary = folder.join(format!("{NAME}.{}", Uuid::new_v4().simple()));
    durable::write_private(&temporary, fresh().as_bytes())
        .map_err(|error| Error::disk(Code::RuntimeFolder, error))?;
    let linked = held_open::retry(&temporary, || std::fs::hard_link(&temporary, path));
    let removed = held_open::retry(&temporary, || std::fs::remove_file(&temporary));
    match linked.and(removed) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(Error::io(Code::RuntimeFolder, path, "make it", error))
        }
        _ => Ok(()),
    }
}

fn fresh() -> String {
    format!("{}{}\n", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

fn parse(path: &Path, text: &str) -> Result<GrantKey, Error> {
    GrantKey::parse(text).ok_or_else(|| {
        let message = "not 64 hex digits; without the file, every add-on has to be allowed again";
        Error::new(Code::RuntimeFolder, path.display(), message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_created_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("settings");
        read_or_create(&folder).unwrap();
        let path = folder.join(NAME);
        let text = held_open::read(&path).unwrap();
        read_or_create(&folder).unwrap();
        assert_eq!(held_open::read(&path).unwrap(), text);
        private_access::check_secret(&path).unwrap();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn damaged_secret_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        durable::write_private(&folder.path().join(NAME), b"rubbish").unwrap();
        let refused = read_or_create(folder.path()).unwrap_err();
        assert_eq!(refused.code, Code::RuntimeFolder);
        assert!(refused.location.contains(NAME), "{refused}");
    }
}
