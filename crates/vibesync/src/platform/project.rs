//! The folder of a project: its paths and its identity.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vibesync_scene::{Code, EpochId, ProjectId, Uuid};
use vibesync_store::{durable, held_open};

use super::recorded_identity::{Places, recorded_id};
use crate::error::{Error, refuse_newer};

/// Version of `project.json`.
const PROJECT_VERSION: u32 = 1;

/// Returns the nearest folder at or above `start` that is a project, or `start` if there is none.
pub fn find(start: &Path) -> PathBuf {
    let mut folders = start.ancestors();
    let found = folders.find(|folder| folder.join(".vibesync").is_dir());
    found.unwrap_or(start).to_owned()
}

/// Returns the absolute form of a path by which editors name files: on Windows `C:\...` or `\\server\share\...`, without
/// a separator at the end. The folder need not exist.
pub fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    let path: PathBuf = std::path::absolute(path)?.components().collect();
    #[cfg(windows)]
    if let Some(text) = path.to_str() {
        return Ok(vibesync_windows::plain(text).into());
    }
    Ok(path)
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
    /// The newest epoch of the log; none if no daemon has named one yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    epoch: Option<EpochId>,
}

impl Project {
    /// Names a folder. The folder need not be a project yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of scene files that both editors share.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the daemon.
    pub fn home(&self) -> PathBuf {
        self.root.join(".vibesync")
    }

    /// The folder with the segments of the transaction log.
    pub fn wal(&self) -> PathBuf {
        self.home().join("wal")
    }

    /// The folder with the checkpoints, which spare a start most of the log.
    pub fn checkpoints(&self) -> PathBuf {
        self.home().join("checkpoints")
    }

    /// The folder with bulk data, named by content.
    pub fn blobs(&self) -> PathBuf {
        self.home().join("blobs")
    }

    /// The folder of the registry: the index of all entities by uuid.
    pub fn registry(&self) -> PathBuf {
        self.home().join("registry")
    }

    /// The folder with the log files of the program.
    pub fn log(&self) -> PathBuf {
        self.home().join("log")
    }

    /// The git repository with the scene's history.
    pub fn audit(&self) -> PathBuf {
        self.root.join(".git_safety")
    }

    /// The folder that keeps damaged files that something new has replaced.
    pub fn recovered(&self) -> PathBuf {
        self.home().join("recovered")
    }

    /// The file whose lock the daemon holds.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.home().join("lock")
    }

    fn identity_file(&self) -> PathBuf {
        self.home().join("project.json")
    }

    /// Reads the id of the project; none if no daemon has run here.
    pub fn id(&self) -> Result<Option<ProjectId>, Error> {
        Ok(self.read()?.map(|file| file.project_id))
    }

    /// Reads the newest epoch that the log is known to have; none if it is not known.
    pub fn epoch(&self) -> Result<Option<EpochId>, Error> {
        Ok(self.read()?.and_then(|file| file.epoch))
    }

    /// Records the newest epoch of the log, durably. The log must have it by now: a log without it is refused.
    pub fn record_epoch(&self, id: ProjectId, epoch: EpochId) -> Result<(), Error> {
        self.write(id, Some(epoch))
    }

    fn read(&self) -> Result<Option<ProjectFile>, Error> {
        let path = self.identity_file();
        let text = match held_open::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(Code::ConfigInvalid, &path, "read it", error)),
        };
        refuse_newer(&text, PROJECT_VERSION, &path)?;
        let file = serde_json::from_slice(&text)
            .map_err(|error| Error::from_source(Code::ConfigInvalid, path.display(), error))?;
        Ok(Some(file))
    }

    /// Returns the content of `project.json` for this project and epoch.
    pub fn identity_json(&self, id: ProjectId, epoch: Option<EpochId>) -> Result<String, Error> {
        let file = ProjectFile {
            schema_version: PROJECT_VERSION,
            project_id: id,
            epoch,
        };
        let location = self.identity_file();
        let json = serde_json::to_string_pretty(&file);
        json.map(|json| json + "\n")
            .map_err(|error| Error::from_source(Code::ConfigInvalid, location.display(), error))
    }

    fn write(&self, id: ProjectId, epoch: Option<EpochId>) -> Result<(), Error> {
        let text = self.identity_json(id, epoch)?;
        durable::write(&self.identity_file(), text.as_bytes())
            .map_err(|error| Error::disk(Code::ConfigInvalid, error))
    }

    /// Creates the folder of the daemon if it is missing.
    pub fn create_home(&self) -> Result<(), Error> {
        let home = self.home();
        std::fs::create_dir_all(&home)
            .map_err(|error| Error::io(Code::ConfigInvalid, &home, "make it", error))
    }

    /// Creates the folders if they are missing, and the identity: the id that log, checkpoints or audit have recorded, or
    /// a new one in a new project.
    pub fn create(&self) -> Result<ProjectId, Error> {
        for folder in [self.wal(), self.checkpoints(), self.blobs(), self.log()] {
            std::fs::create_dir_all(&folder)
                .map_err(|error| Error::io(Code::ConfigInvalid, &folder, "make it", error))?;
        }
        if let Some(id) = self.id()? {
            return Ok(id);
        }
        let recorded = recorded_id(&Places {
            wal: self.wal(),
            checkpoints: self.checkpoints(),
            registry: self.registry(),
            audit: self.audit(),
        })?;
        let project_id = recorded.unwrap_or_else(|| ProjectId(Uuid::now_v7()));
        self.write(project_id, None)?;
        Ok(project_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_is_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        assert_eq!(project.id().unwrap(), None);
        let id = project.create().unwrap();
        assert_eq!(project.create().unwrap(), id);
        assert_eq!(project.id().unwrap(), Some(id));
    }

    #[test]
    fn damaged_identity_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        project.create().unwrap();
        for (content, code) in [
            ("", Code::ConfigInvalid),
            ("{}", Code::ConfigInvalid),
            (r#"{"schema_version":1}"#, Code::ConfigInvalid),
            (r#"{"schema_version":2,"id":7}"#, Code::NewerFormat),
        ] {
            durable::write(&project.identity_file(), content.as_bytes()).unwrap();
            assert_eq!(project.create().unwrap_err().code, code, "{content}");
            assert_eq!(
                std::fs::read(project.identity_file()).unwrap(),
                content.as_bytes()
            );
        }
    }

    #[test]
    fn root_has_the_form_by_which_editors_name_files() {
        let cases: &[(&str, &str)] = match cfg!(windows) {
            true => &[
                (r"C:\robot\", r"C:\robot"),
                (r"C:/robot/./arm/../", r"C:\robot"),
                (r"\\?\C:\Käfer 日本\", r"C:\Käfer 日本"),
                (r"//server/share/robot", r"\\server\share\robot"),
                (r"\\?\UNC\server\share\robot", r"\\server\share\robot"),
                (r"C:\", r"C:\"),
            ],
            false => &[
                ("/robot/", "/robot"),
                ("/robot/./arm", "/robot/arm"),
                ("/", "/"),
            ],
        };
        for (path, expected) in cases {
            let found = absolute(Path::new(path)).unwrap();
            assert_eq!(found.as_os_str(), *expected, "{path}");
        }
    }

    #[test]
    fn nearest_project_above_a_folder_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(find(&deep), deep);
        Project::new(folder.path()).create().unwrap();
        assert_eq!(find(&deep), folder.path());
    }
}
