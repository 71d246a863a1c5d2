//! The projects that the service starts: `projects.json` in the user's folder of settings.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vibesync_scene::Code;
use vibesync_store::durable;

use super::user_folders;
use crate::error::{Error, refuse_newer};

/// Version of `projects.json`.
const LIST_VERSION: u32 = 1;

/// Maximum size of the file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Maximum number of projects.
const MAX_PROJECTS: usize = 256;

/// Number of tries to begin a change, and the pause between them. A change takes milliseconds.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// The list on the disk.
#[derive(Clone, Debug)]
pub struct ProjectList {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct ListFile {
    schema_version: u32,
    projects: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    root: PathBuf,
}

impl ProjectList {
    /// Names the list of this user. The file need not exist.
    pub fn of_user() -> Result<Self, Error> {
        Ok(Self::new(
            user_folders::config_or_fail()?.join("projects.json"),
        ))
    }

    /// Names a file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the folders; none if there is no file.
    pub fn read(&self) -> Result<Vec<PathBuf>, Error> {
        let Some(text) = self.read_text()? else {
            return Ok(Vec::new());
        };
        refuse_newer(&text, LIST_VERSION, &self.path)?;
        let file: ListFile = serde_json::from_slice(&text)
            .map_err(|error| Error::from_source(Code::ConfigInvalid, self.path.display(), error))?;
        let roots: Vec<PathBuf> = file.projects.into_iter().map(|entry| entry.root).collect();
        if roots.len() > MAX_PROJECTS {
            let message = format!(
                "{} projects; at most {MAX_PROJECTS} are allowed",
                roots.len()
            );
            return Err(self.invalid(message));
        }
        if let Some(relative) = roots.iter().find(|root| !root.is_absolute()) {
            let message = format!("{} is no absolute path", relative.display());
            return Err(self.invalid(message));
        }
        Ok(roots)
    }

    /// Changes the list, durably. Nobody else can change it meanwhile. Returns the result of `change`; the file is
    /// written if `change` has changed the folders.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Vec<PathBuf>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _lock = self.lock()?;
        let before = self.read()?;
        let mut roots = before.clone();
        let result = change(&mut roots)?;
        if roots != before {
            self.write(roots)?;
        }
        Ok(result)
    }

    fn write(&self, roots: Vec<PathBuf>) -> Result<(), Error> {
        if roots.len() > MAX_PROJECTS {
            return Err(self.invalid(format!("at most {MAX_PROJECTS} projects are allowed")));
        }
        let file = ListFile {
            schema_version: LIST_VERSION,
            projects: roots.into_iter().map(|root| Entry { root }).collect(),
        };
        let mut text = serde_json::to_vec_pretty(&file)
            .map_err(|error| Error::from_source(Code::ConfigInvalid, self.path.display(), error))?;
        text.push(b'\n');
        durable::write_private(&self.path, &text)
            .map_err(|error| Error::disk(Code::ConfigInvalid, error))
    }

    /// Takes the lock of the list. It is released when the result is dropped.
    fn lock(&self) -> Result<File, Error> {
        let path = self.path.with_extension("lock");
        let failed = |error| Error::io(Code::ConfigInvalid, &path, "lock it", error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(failed)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let message = "another command changes the list of projects and does not end";
        Err(Error::new(Code::ConfigInvalid, path.display(), message))
    }

    fn read_text(&self) -> Result<Option<Vec<u8>>, Error> {
        let failed = |error| Error::io(Code::ConfigInvalid, &self.path, "read it", error);
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if is_foreign(&file).map_err(failed)? {
            // The service runs what is in these folders, so another user must not name them.
            let message = "it belongs to another user, or other users may write to it";
            return Err(self.invalid(message.into()));
        }
        let mut text = Vec::new();
        let mut bounded = file.take(MAX_BYTES + 1);
        bounded.read_to_end(&mut text).map_err(failed)?;
        if text.len() as u64 > MAX_BYTES {
            return Err(self.invalid(format!("more than {MAX_BYTES} bytes")));
        }
        Ok(Some(text))
    }

    fn invalid(&self, message: String) -> Error {
        let help = "Correct the file, or delete it and add the projects again.";
        Error::new(Code::ConfigInvalid, self.path.display(), message).with_help(help)
    }
}

/// Returns true if another user owns the file or may write to it. On Windows the folders of a user protect it.
#[cfg(unix)]
fn is_foreign(file: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata()?;
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    Ok(!is_ours || metadata.mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn is_foreign(_: &File) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> (tempfile::TempDir, ProjectList) {
        let folder = tempfile::tempdir().unwrap();
        let list = ProjectList::new(folder.path().join("vibesync/projects.json"));
        (folder, list)
    }

    fn add(list: &ProjectList, root: &Path) -> Result<(), Error> {
        list.change(|roots| {
            roots.push(root.to_owned());
            Ok(())
        })
    }

    fn clear(list: &ProjectList) -> Result<(), Error> {
        list.change(|roots| {
            roots.clear();
            Ok(())
        })
    }

    #[test]
    fn changed_list_is_read_back() {
        let (folder, list) = list();
        assert_eq!(list.read().unwrap(), Vec::<PathBuf>::new());
        let root = folder.path().join("Ärger mit Blanks");
        add(&list, &root).unwrap();
        assert_eq!(list.read().unwrap(), [root]);
        clear(&list).unwrap();
        assert_eq!(list.read().unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn refused_list_is_never_replaced() {
        let (_folder, list) = list();
        list.change(|_| Ok(())).unwrap();
        let large = format!(r#"{{"schema_version":1,"x":"{}"}}"#, "x".repeat(1 << 20));
        let many = r#"{"root":"/p"},"#.repeat(300);
        let many = format!(
            r#"{{"schema_version":1,"projects":[{}]}}"#,
            many.trim_end_matches(',')
        );
        let relative = r#"{"schema_version":1,"projects":[{"root":"robot"}]}"#;
        let newer = r#"{"schema_version":2,"folders":[]}"#;
        for (content, code) in [
            ("", Code::ConfigInvalid),
            ("[]", Code::ConfigInvalid),
            (relative, Code::ConfigInvalid),
            (&*large, Code::ConfigInvalid),
            (&*many, Code::ConfigInvalid),
            (newer, Code::NewerFormat),
        ] {
            durable::write_private(list.path(), content.as_bytes()).unwrap();
            let shown = &content[..content.len().min(80)];
            assert_eq!(list.read().unwrap_err().code, code, "{shown}");
            let changed = clear(&list);
            assert_eq!(changed.unwrap_err().code, code, "{shown}");
            assert_eq!(std::fs::read(list.path()).unwrap(), content.as_bytes());
        }
    }

    #[cfg(unix)]
    #[test]
    fn list_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, list) = list();
        let root = folder.path().to_owned();
        add(&list, &root).unwrap();
        let open = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(list.path(), open).unwrap();
        assert_eq!(list.read().unwrap_err().code, Code::ConfigInvalid);
    }
}
