//! One runtime folder of a user: the secret token, and the discovery files by which editors find daemons.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use vibesync_protocol::auth::Token;
use vibesync_protocol::discovery::{DISCOVERY_VERSION, Discovery};
use vibesync_scene::{Code, ProjectId, Uuid};
use vibesync_store::{durable, held_open};

use super::private_access;
use crate::error::{Error, refuse_newer};

/// Maximum size of a discovery or token file, in bytes.
const MAX_BYTES: u64 = 65_536;

/// One of the folders that a user's editors look in.
#[derive(Clone, Debug)]
pub struct RuntimeFolder {
    path: PathBuf,
}

/// A secret of the user, in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Proves any role: for editors and the command line.
    User,
    /// Proves the role `agent` and no other.
    Agent,
}

impl Secret {
    /// All secrets.
    pub const ALL: [Secret; 2] = [Secret::User, Secret::Agent];

    fn file_name(self) -> &'static str {
        match self {
            Secret::User => "token",
            Secret::Agent => "agent-token",
        }
    }
}

/// A discovery file. Removed when this is dropped.
#[derive(Debug)]
pub struct Announcement {
    path: PathBuf,
    pid: u32,
}

impl RuntimeFolder {
    /// Names a folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the file of a secret.
    pub fn token_path(&self, which: Secret) -> PathBuf {
        self.path.join(which.file_name())
    }

    /// The path of a project's discovery file.
    pub fn discovery_path(&self, project: ProjectId) -> PathBuf {
        self.path.join(format!("{project}.json"))
    }

    /// Creates the folder if it is missing, with access for the user alone.
    pub fn create(&self) -> Result<(), Error> {
        private_access::create_folder(&self.path)?;
        self.check()
    }

    /// Fails if another user could replace the token.
    pub fn check(&self) -> Result<(), Error> {
        private_access::check_folder(&self.path)
    }

    /// Reads a secret. Creates it from the system's randomness if it is missing.
    pub fn token_or_create(&self, which: Secret) -> Result<Token, Error> {
        if !self.token_path(which).exists() {
            self.create_token(which, &fresh_secret())?;
        }
        self.token(which)
    }

    /// Creates a secret unless there is one, as a link to a complete file. If two daemons start at once, one link is
    /// created and both use it.
    pub fn create_token(&self, which: Secret, secret: &str) -> Result<(), Error> {
        let path = self.token_path(which);
        let name = format!("{}.{}", which.file_name(), Uuid::new_v4().simple());
        let temporary = self.path.join(name);
        durable::write_private(&temporary, secret.as_bytes())
            .map_err(|error| Error::disk(Code::RuntimeFolder, error))?;
        let linked = held_open::retry(&temporary, || std::fs::hard_link(&temporary, &path));
        let removed = held_open::retry(&temporary, || std::fs::remove_file(&temporary));
        match linked.and(removed) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(Error::io(Code::RuntimeFolder, &path, "make it", error))
            }
            _ => Ok(()),
        }
    }

    /// Replaces a secret.
    pub fn replace_token(&self, which: Secret, secret: &str) -> Result<(), Error> {
        durable::write_private(&self.token_path(which), secret.as_bytes())
            .map_err(|error| Error::disk(Code::RuntimeFolder, error))
    }

    /// Reads a secret.
    pub fn token(&self, which: Secret) -> Result<Token, Error> {
        let path = self.token_path(which);
        let invalid = || {
            let message = "not 64 hex digits; delete the file and restart daemon and editors";
            Error::new(Code::RuntimeFolder, path.display(), message)
        };
        Token::parse(&self.secret(which)?).ok_or_else(invalid)
    }

    /// Reads the text of the file of a secret. Fails if others may read it.
    pub fn secret(&self, which: Secret) -> Result<String, Error> {
        let path = self.token_path(which);
        let text = read(&path)?;
        private_access::check_secret(&path)?;
        Ok(text)
    }

    /// Writes the discovery file of a project. The file exists until the result is dropped.
    pub fn announce(
        &self,
        project: ProjectId,
        root: &Path,
        port: u16,
    ) -> Result<Announcement, Error> {
        self.write_announcement(project, root, port, false)
    }

    /// Does the same for a daemon that sleeps: this process listens in its place, and starts it for the first client.
    pub fn announce_asleep(
        &self,
        project: ProjectId,
        root: &Path,
        port: u16,
    ) -> Result<Announcement, Error> {
        self.write_announcement(project, root, port, true)
    }

    fn write_announcement(
        &self,
        project: ProjectId,
        root: &Path,
        port: u16,
        asleep: bool,
    ) -> Result<Announcement, Error> {
        let path = self.discovery_path(project);
        let pid = std::process::id();
        let discovery = Discovery {
            schema_version: DISCOVERY_VERSION,
            project_id: project,
            project_root: root.to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            token_path: self.token_path(Secret::User),
            pid,
            daemon_version: env!("CARGO_PKG_VERSION").to_owned(),
            asleep,
        };
        let text = serde_json::to_vec(&discovery)
            .map_err(|error| Error::from_source(Code::RuntimeFolder, path.display(), error))?;
        durable::write_private(&path, &text)
            .map_err(|error| Error::disk(Code::RuntimeFolder, error))?;
        Ok(Announcement { path, pid })
    }

    /// Reads the discovery file of a project. It may be left over from a crash, so only a connection proves that a daemon
    /// runs.
    pub fn discover(&self, project: ProjectId) -> Result<Option<Discovery>, Error> {
        let path = self.discovery_path(project);
        if !path.exists() {
            return Ok(None);
        }
        let text = read(&path)?;
        refuse_newer(text.as_bytes(), DISCOVERY_VERSION, &path)?;
        let discovery = serde_json::from_str(&text)
            .map_err(|error| Error::from_source(Code::RuntimeFolder, path.display(), error))?;
        Ok(Some(discovery))
    }
}

impl Announcement {
    /// Leaves the file to the daemon that replaces it.
    pub fn leave(mut self) {
        // No process has this id, so the file is not removed.
        self.pid = 0;
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Another daemon may have replaced the file, after this one lost the lock of the project.
        let text = held_open::read(&self.path).unwrap_or_default();
        let is_ours = serde_json::from_slice::<Discovery>(&text).is_ok_and(|it| it.pid == self.pid);
        let remove = || std::fs::remove_file(&self.path);
        if is_ours && let Err(error) = held_open::retry(&self.path, remove) {
            tracing::warn!(%error, path = %self.path.display(), "discovery file stays behind");
        }
    }
}

/// Returns a new secret from the system's randomness: 64 hex digits and a line end.
pub(super) fn fresh_secret() -> String {
    format!("{}{}\n", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Reads a small file of the folder.
pub(super) fn read(path: &Path) -> Result<String, Error> {
    let failed = |error| Error::io(Code::RuntimeFolder, path, "read it", error);
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > MAX_BYTES {
        let message = format!("{length} bytes; at most {MAX_BYTES} are expected");
        return Err(Error::new(Code::RuntimeFolder, path.display(), message));
    }
    held_open::read_to_string(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, RuntimeFolder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RuntimeFolder::new(temporary.path().join("run"));
        folder.create().unwrap();
        (temporary, folder)
    }

    #[test]
    fn token_is_created_once() {
        let (_temporary, folder) = folder();
        assert_eq!(
            folder.token(Secret::User).unwrap_err().code,
            Code::RuntimeFolder
        );
        folder.token_or_create(Secret::User).unwrap();
        let first = read(&folder.token_path(Secret::User)).unwrap();
        folder.token_or_create(Secret::User).unwrap();
        assert_eq!(read(&folder.token_path(Secret::User)).unwrap(), first);
        folder.token_or_create(Secret::Agent).unwrap();
        assert_ne!(read(&folder.token_path(Secret::Agent)).unwrap(), first);
        std::fs::remove_file(folder.token_path(Secret::Agent)).unwrap();
        let files = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, 1, "nothing else is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn files_of_other_users_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (_temporary, folder) = folder();
        folder.token_or_create(Secret::User).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        assert_eq!(
            (mode(folder.path()), mode(&folder.token_path(Secret::User))),
            (0o700, 0o600)
        );
        set(&folder.token_path(Secret::User), 0o640);
        assert_eq!(
            folder.token(Secret::User).unwrap_err().code,
            Code::RuntimeFolder
        );
        set(folder.path(), 0o777);
        assert_eq!(folder.create().unwrap_err().code, Code::RuntimeFolder);
    }

    #[test]
    fn announcement_ends_with_its_daemon() {
        let (_temporary, folder) = folder();
        let project = ProjectId(Uuid::now_v7());
        assert_eq!(folder.discover(project).unwrap(), None);
        let announcement = folder
            .announce(project, Path::new("/home/ada/robot"), 41873)
            .unwrap();
        let found = folder.discover(project).unwrap().unwrap();
        assert_eq!((found.port, found.pid), (41873, std::process::id()));
        drop(announcement);
        assert_eq!(folder.discover(project).unwrap(), None);
    }

    #[test]
    fn announcement_says_whether_the_daemon_sleeps() {
        let (_temporary, folder) = folder();
        let project = ProjectId(Uuid::now_v7());
        let path = folder.discovery_path(project);
        let announcement = folder.announce(project, Path::new("/p"), 1).unwrap();
        assert!(!read(&path).unwrap().contains("asleep"));
        drop(announcement);
        let announcement = folder.announce_asleep(project, Path::new("/p"), 1).unwrap();
        assert!(folder.discover(project).unwrap().unwrap().asleep);
        announcement.leave();
        assert!(path.exists(), "a daemon replaces it");
    }

    #[test]
    fn announcement_of_a_newer_daemon_is_reported() {
        let (_temporary, folder) = folder();
        let project = ProjectId(Uuid::now_v7());
        folder.create().unwrap();
        let path = folder.discovery_path(project);
        durable::write_private(&path, br#"{"schema_version":99,"at":"pipe"}"#).unwrap();
        assert_eq!(
            folder.discover(project).unwrap_err().code,
            Code::NewerFormat
        );
        durable::write_private(&path, br#"{"at":"pipe"}"#).unwrap();
        assert_eq!(
            folder.discover(project).unwrap_err().code,
            Code::RuntimeFolder
        );
    }

    #[test]
    fn announcement_of_a_successor_is_kept() {
        let (_temporary, folder) = folder();
        let project = ProjectId(Uuid::now_v7());
        let announcement = folder.announce(project, Path::new("/p"), 1).unwrap();
        let mut other = folder.discover(project).unwrap().unwrap();
        other.pid += 1;
        let text = serde_json::to_vec(&other).unwrap();
        durable::write_private(&folder.discovery_path(project), &text).unwrap();
        drop(announcement);
        assert_eq!(folder.discover(project).unwrap(), Some(other));
    }
}
