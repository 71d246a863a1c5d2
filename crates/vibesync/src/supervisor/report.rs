//! The state of the service: `service.json` in the runtime folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vibesync_scene::{Code, ProjectId};
use vibesync_store::{durable, held_open};

use super::problem::Problem;
use crate::error::{Error, refuse_newer};

/// Version of `service.json`.
pub const REPORT_VERSION: u32 = 1;

/// Maximum size of the file, in bytes.
const MAX_BYTES: u64 = 8 << 20;

/// The knowledge of the supervisor, for people and for its successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this file.
    pub schema_version: u32,
    /// Process id of the supervisor.
    pub pid: u32,
    /// Its program.
    pub program: PathBuf,
    /// Its version.
    pub version: String,
    /// The reason why `projects.json` is not used; the projects are the last ones that could be read.
    pub list_error: Option<Problem>,
    /// All projects, in the order of the list.
    pub projects: Vec<ProjectReport>,
}

/// One project of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectReport {
    /// Folder of the project.
    pub root: PathBuf,
    /// Its id; none until it is known.
    pub project_id: Option<ProjectId>,
    /// The state of its daemon.
    pub state: StateName,
    /// Process id of the daemon.
    pub pid: Option<u32>,
    /// A supervisor has started the daemon. It then also stops it.
    pub is_ours: bool,
    /// The last failure, until the daemon has worked for a minute.
    pub error: Option<Problem>,
}

/// The state of a project in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// The supervisor listens, and starts the daemon when an editor connects.
    Asleep,
    /// The daemon has not announced itself yet.
    Starting,
    /// The daemon serves.
    Serving,
    /// The daemon has failed; the next attempt waits.
    Failed,
    /// The folder of the project does not exist.
    MissingFolder,
    /// The daemon was asked to stop.
    Stopping,
}

impl StateName {
    /// Returns the words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            StateName::Asleep => "asleep",
            StateName::Starting => "starting",
            StateName::Serving => "serving",
            StateName::Failed => "failed",
            StateName::MissingFolder => "missing folder",
            StateName::Stopping => "stopping",
        }
    }
}

/// The files of the service in a runtime folder.
#[derive(Clone, Debug)]
pub struct ServiceFiles {
    folder: PathBuf,
}

/// The lock of the supervisor. The operating system releases it when the process ends for any reason.
#[derive(Debug)]
pub struct ServiceLock {
    _file: File,
}

impl ServiceFiles {
    /// Names the files of the service in the runtime folder.
    pub fn new(runtime_folder: &Path) -> Self {
        Self {
            folder: runtime_folder.to_owned(),
        }
    }

    /// The file with the state.
    pub fn report_path(&self) -> PathBuf {
        self.folder.join("service.json")
    }

    /// The file that asks the supervisor to stop.
    pub fn stop_path(&self) -> PathBuf {
        self.folder.join("service.stop")
    }

    fn lock_path(&self) -> PathBuf {
        self.folder.join("service.lock")
    }

    /// Makes this process the supervisor of the user. Fails with VS-6007 if there is one. The folder must exist.
    pub fn acquire(&self) -> Result<ServiceLock, Error> {
        let path = self.lock_path();
        let failed = |error| Error::io(Code::ServiceUnavailable, &path, "lock it", error);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(ServiceLock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                let message = match self.read() {
                    Ok(Some(report)) => {
                        format!("the service runs already (process {})", report.pid)
                    }
                    _ => "the service runs already".to_owned(),
                };
                let help =
                    "`vibesync service status` shows it; `vibesync service remove` stops it.";
                Err(Error::new(Code::ServiceUnavailable, path.display(), message).with_help(help))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Returns true while a supervisor runs.
    pub fn is_running(&self) -> Result<bool, Error> {
        let path = self.lock_path();
        let failed = |error| Error::io(Code::ServiceUnavailable, &path, "look at its lock", error);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Reads the state that the newest supervisor has written; none if there was none. It may have ended since.
    pub fn read(&self) -> Result<Option<Report>, Error> {
        let path = self.report_path();
        let failed = |error| Error::io(Code::ServiceUnavailable, &path, "read it", error);
        // The supervisor replaces the file at any time.
        let file = match held_open::retry(&path, || File::open(&path)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut text = Vec::new();
        let mut bounded = file.take(MAX_BYTES);
        bounded.read_to_end(&mut text).map_err(failed)?;
        refuse_newer(&text, REPORT_VERSION, &path)?;
        let report = serde_json::from_slice(&text)
            .map_err(|error| Error::from_source(Code::ServiceUnavailable, path.display(), error))?;
        Ok(Some(report))
    }

    /// Returns the state of the supervisor that runs now; none if none runs.
    pub fn running(&self) -> Result<Option<Report>, Error> {
        match self.is_running()? {
            true => self.read(),
            false => Ok(None),
        }
    }

    /// Writes the state, durably and readable for this user alone.
    pub fn write(&self, report: &Report) -> Result<(), Error> {
        let path = self.report_path();
        let text = serde_json::to_vec_pretty(report)
            .map_err(|error| Error::from_source(Code::ServiceUnavailable, path.display(), error))?;
        durable::write_private(&path, &text)
            .map_err(|error| Error::disk(Code::ServiceUnavailable, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> (tempfile::TempDir, ServiceFiles) {
        let folder = tempfile::tempdir().unwrap();
        let files = ServiceFiles::new(folder.path());
        (folder, files)
    }

    #[test]
    fn second_supervisor_of_a_user_is_refused() {
        let (_folder, files) = files();
        assert!(!files.is_running().unwrap());
        let lock = files.acquire().unwrap();
        assert!(files.is_running().unwrap());
        assert_eq!(files.acquire().unwrap_err().code, Code::ServiceUnavailable);
        drop(lock);
        assert!(!files.is_running().unwrap());
    }

    #[test]
    fn state_is_read_back_and_newer_one_refused() {
        let (_folder, files) = files();
        assert_eq!(files.read().unwrap(), None);
        let report = Report {
            schema_version: REPORT_VERSION,
            pid: 7,
            program: "/usr/bin/vibesync".into(),
            version: "0.1.0".into(),
            list_error: Some(Problem::uncoded("no")),
            projects: vec![ProjectReport {
                root: "/home/ada/robot".into(),
                project_id: None,
                state: StateName::MissingFolder,
                pid: None,
                is_ours: false,
                error: None,
            }],
        };
        files.write(&report).unwrap();
        assert_eq!(files.read().unwrap(), Some(report));
        assert_eq!(files.running().unwrap(), None, "nobody holds the lock");
        durable::write_private(&files.report_path(), br#"{"schema_version":2}"#).unwrap();
        assert_eq!(files.read().unwrap_err().code, Code::NewerFormat);
    }
}
