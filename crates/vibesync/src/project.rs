//! A project's folder: where everything in it is, its identity, and the lock that keeps daemons apart.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vibesync_scene::{Code, ProjectId, Uuid};
use vibesync_store::durable;

use crate::error::{Error, refuse_newer};

/// Version of `project.json`.
const PROJECT_VERSION: u32 = 1;

/// The nearest folder at or above `start` that is a project, else `start`.
pub fn find(start: &Path) -> PathBuf {
    let mut folders = start.ancestors();
    let found = folders.find(|folder| folder.join(".vibesync").is_dir());
    found.unwrap_or(start).to_owned()
}

/// The paths of one project.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct ProjectFile {
    schema_version: u32,
    project_id: ProjectId,
}

/// Who serves a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Free,
    /// A process; its id where it could be read.
    Taken(Option<u32>),
}

/// Held by the one daemon of a project; the system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct ProjectLock {
    _file: File,
}

impl Project {
    /// The project in this folder, which need not be one yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of scene files that both editors share.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The daemon's own folder.
    pub fn home(&self) -> PathBuf {
        self.root.join(".vibesync")
    }

    /// Segments of the transaction log.
    pub fn wal(&self) -> PathBuf {
        self.home().join("wal")
    }

    /// The state at some sequences, so that a start need not replay the whole log.
    pub fn checkpoints(&self) -> PathBuf {
        self.home().join("checkpoints")
    }

    /// Bulk data by content.
    pub fn blobs(&self) -> PathBuf {
        self.home().join("blobs")
    }

    /// The projection of the scene by uuid.
    pub fn registry(&self) -> PathBuf {
        self.home().join("registry")
    }

    /// The daemon's own log files.
    pub fn log(&self) -> PathBuf {
        self.home().join("log")
    }

    /// The git repository with the scene's history.
    pub fn audit(&self) -> PathBuf {
        self.root.join(".git_safety")
    }

    fn identity_file(&self) -> PathBuf {
        self.home().join("project.json")
    }

    fn lock_file(&self) -> PathBuf {
        self.home().join("lock")
    }

    /// The project's id; none where no daemon ever ran here.
    pub fn id(&self) -> Result<Option<ProjectId>, Error> {
        let path = self.identity_file();
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(Code::ConfigInvalid, &path, "read it", &error)),
        };
        let invalid = |message: String| Error::new(Code::ConfigInvalid, path.display(), message);
        refuse_newer(&text, PROJECT_VERSION, &path)?;
        let file: ProjectFile =
            serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
        Ok(Some(file.project_id))
    }

    /// Makes the folders and the identity where they are missing.
    pub fn create(&self) -> Result<ProjectId, Error> {
        for folder in [self.wal(), self.checkpoints(), self.blobs(), self.log()] {
            std::fs::create_dir_all(&folder)
                .map_err(|error| Error::io(Code::ConfigInvalid, &folder, "make it", &error))?;
        }
        if let Some(id) = self.id()? {
            return Ok(id);
        }
        let path = self.identity_file();
        let project_id = ProjectId(Uuid::now_v7());
        let file = ProjectFile {
            schema_version: PROJECT_VERSION,
            project_id,
        };
        let mut text = serde_json::to_vec_pretty(&file)
            .map_err(|error| Error::new(Code::ConfigInvalid, path.display(), error.to_string()))?;
        text.push(b'\n');
        durable::write(&path, &text).map_err(|error| Error::disk(Code::ConfigInvalid, &error))?;
        Ok(project_id)
    }

    /// Takes the project for this process, or says who has it (VS-6002). The folder exists.
    pub fn lock(&self) -> Result<ProjectLock, Error> {
        let path = self.lock_file();
        let failed = |error| Error::io(Code::ProjectTaken, &path, "lock it", &error);
        let options = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = options.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = match self.lock_pid() {
                    Some(pid) => format!("process {pid} serves this project"),
                    None => "another process serves this project".to_owned(),
                };
                return Err(Error::new(Code::ProjectTaken, self.root.display(), message));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The pid only informs; the lock itself is the system's. A half-written one reads as unknown.
        file.set_len(0).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(ProjectLock { _file: file })
    }

    /// Whether a daemon serves the project now.
    pub fn holder(&self) -> Result<Holder, Error> {
        let path = self.lock_file();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Holder::Free),
            Err(error) => return Err(Error::io(Code::ProjectTaken, &path, "read it", &error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Holder::Free),
            Err(TryLockError::WouldBlock) => Ok(Holder::Taken(self.lock_pid())),
            Err(TryLockError::Error(error)) => Err(Error::io(
                Code::ProjectTaken,
                &path,
                "look at its lock",
                &error,
            )),
        }
    }

    fn lock_pid(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.lock_file()).ok()?;
        text.strip_suffix('\n')?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        assert_eq!(project.id().unwrap(), None);
        let id = project.create().unwrap();
        assert_eq!(project.create().unwrap(), id);
        assert_eq!(project.id().unwrap(), Some(id));
    }

    #[test]
    fn a_damaged_identity_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        project.create().unwrap();
        for (found, code) in [
            ("", Code::ConfigInvalid),
            ("{}", Code::ConfigInvalid),
            (r#"{"schema_version":1}"#, Code::ConfigInvalid),
            (r#"{"schema_version":2,"id":7}"#, Code::MadeByNewer),
        ] {
            durable::write(&project.identity_file(), found.as_bytes()).unwrap();
            assert_eq!(project.create().unwrap_err().code, code, "{found}");
            assert_eq!(
                std::fs::read(project.identity_file()).unwrap(),
                found.as_bytes()
            );
        }
    }

    #[test]
    fn one_daemon_a_project() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        project.create().unwrap();
        assert_eq!(project.holder().unwrap(), Holder::Free);
        let lock = project.lock().unwrap();
        let refused = project.lock().unwrap_err();
        assert_eq!(refused.code, Code::ProjectTaken);
        let pid = std::process::id();
        assert!(refused.message.contains(&pid.to_string()), "{refused}");
        assert_eq!(project.holder().unwrap(), Holder::Taken(Some(pid)));
        drop(lock);
        assert_eq!(project.holder().unwrap(), Holder::Free);
        project.lock().unwrap();
    }

    #[test]
    fn the_nearest_project_above_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(find(&deep), deep);
        Project::new(folder.path()).create().unwrap();
        assert_eq!(find(&deep), folder.path());
    }
}
