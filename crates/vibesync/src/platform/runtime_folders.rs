//! The runtime folders of a user. The daemon announces itself in each; a client reads all of them.

use std::path::Path;

use vibesync_protocol::auth::Token;
use vibesync_protocol::discovery::{Discovery, Os, runtime_folders};
use vibesync_scene::{Code, ProjectId};

use super::runtime_folder::{Announcement, RuntimeFolder, Secret};
use crate::error::Error;

/// The secrets of one user.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Proves any role.
    pub user: Token,
    /// Proves the role `agent` and no other.
    pub agent: Token,
}

/// All runtime folders of one user. The first must work. Without another one, only programs in a sandbox find no daemon.
#[derive(Clone, Debug)]
pub struct RuntimeFolders {
    first: RuntimeFolder,
    others: Vec<RuntimeFolder>,
}

impl RuntimeFolders {
    /// Returns the folders that the environment names. They need not exist.
    pub fn from_env() -> Result<Self, Error> {
        let paths = runtime_folders(Os::CURRENT, |name| std::env::var(name).ok());
        let mut places = paths.into_iter().map(RuntimeFolder::new);
        let first = places.next().ok_or_else(|| {
            let message = "the environment names no home folder; set VIBESYNC_RUNTIME_DIR";
            Error::new(Code::RuntimeFolder, "", message)
        })?;
        Ok(Self::new(first, places.collect()))
    }

    /// Names the folders.
    pub fn new(first: RuntimeFolder, others: Vec<RuntimeFolder>) -> Self {
        Self { first, others }
    }

    /// The first folder: the place for files that exist once.
    pub fn first(&self) -> &RuntimeFolder {
        &self.first
    }

    /// All folders, the first one first.
    pub fn all(&self) -> impl Iterator<Item = &RuntimeFolder> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Creates the folders and the secrets in them, the same in all. Another folder than the first that cannot be used is
    /// logged and left out.
    pub fn prepare(&mut self) -> Result<Tokens, Error> {
        self.first.create()?;
        self.others.retain(|place| is_usable(place, place.create()));
        Ok(Tokens {
            user: self.prepare_token(Secret::User)?,
            agent: self.prepare_token(Secret::Agent)?,
        })
    }

    fn prepare_token(&mut self, which: Secret) -> Result<Token, Error> {
        self.adopt_token(which)?;
        let token = self.first.token_or_create(which)?;
        let secret = self.first.secret(which)?;
        self.others
            .retain(|place| is_usable(place, share_token(place, which, &secret)));
        Ok(token)
    }

    /// Takes the secret of another folder, if only that one has one: daemons and editors may use it already.
    fn adopt_token(&self, which: Secret) -> Result<(), Error> {
        let secret = |place: &RuntimeFolder| {
            let token = place.token(which);
            token.and_then(|_| place.secret(which)).ok()
        };
        match self.others.iter().find_map(secret) {
            Some(secret) if !self.first.token_path(which).exists() => {
                self.first.create_token(which, &secret)
            }
            _ => Ok(()),
        }
    }

    /// Writes the discovery file of a project in all folders. The files exist until the results are dropped.
    pub fn announce(
        &self,
        project: ProjectId,
        root: &Path,
        port: u16,
    ) -> Result<Vec<Announcement>, Error> {
        self.announce_by(|place| place.announce(project, root, port))
    }

    /// Does the same for a daemon that sleeps: this process listens in its place, and starts it for the first client.
    pub fn announce_asleep(
        &self,
        project: ProjectId,
        root: &Path,
        port: u16,
    ) -> Result<Vec<Announcement>, Error> {
        self.announce_by(|place| place.announce_asleep(project, root, port))
    }

    fn announce_by(
        &self,
        announce: impl Fn(&RuntimeFolder) -> Result<Announcement, Error>,
    ) -> Result<Vec<Announcement>, Error> {
        let mut announcements = vec![announce(&self.first)?];
        for place in &self.others {
            match announce(place) {
                Ok(announcement) => announcements.push(announcement),
                Err(error) => warn(place, &error),
            }
        }
        Ok(announcements)
    }

    /// Reads the discovery file of a project and the secret beside it, in the first folder that has both.
    pub fn discover(
        &self,
        project: ProjectId,
        which: Secret,
    ) -> Result<Option<(Discovery, Token)>, Error> {
        let mut refused = None;
        for place in self.all() {
            let found = place.discover(project).and_then(|found| {
                let with_token = |found| place.token(which).map(|token| (found, token));
                found.map(with_token).transpose()
            });
            match found {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        refused.map_or(Ok(None), Err)
    }
}

/// Writes a secret of the first folder into another one, unless that has it already.
fn share_token(place: &RuntimeFolder, which: Secret, secret: &str) -> Result<(), Error> {
    if !place.token_path(which).exists() {
        place.create_token(which, secret)?;
    }
    // Others have read a token that is not private. It may be this one, so it is reported and not replaced.
    if place.secret(which)? != secret {
        place.replace_token(which, secret)?;
    }
    Ok(())
}

fn is_usable(place: &RuntimeFolder, tried: Result<(), Error>) -> bool {
    if let Err(error) = &tried {
        warn(place, error);
    }
    tried.is_ok()
}

fn warn(place: &RuntimeFolder, error: &Error) {
    tracing::warn!(%error, folder = %place.path().display(), "programs in a sandbox do not find this daemon");
}

#[cfg(test)]
mod tests {
    use vibesync_scene::Uuid;
    use vibesync_store::durable;

    use super::*;

    const OLD: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

    fn folders() -> (tempfile::TempDir, RuntimeFolders) {
        let temporary = tempfile::tempdir().unwrap();
        let place = |name| RuntimeFolder::new(temporary.path().join(name));
        let folders = RuntimeFolders::new(place("run"), vec![place("home")]);
        (temporary, folders)
    }

    fn secrets(folders: &RuntimeFolders) -> Vec<String> {
        folders
            .all()
            .map(|place| place.secret(Secret::User).unwrap())
            .collect()
    }

    #[test]
    fn token_is_the_same_in_all_folders() {
        let (_temporary, mut folders) = folders();
        folders.prepare().unwrap();
        let first = secrets(&folders);
        assert_eq!(first[0], first[1]);
        folders.prepare().unwrap();
        assert_eq!(secrets(&folders), first, "and stays");
        folders.others[0].replace_token(Secret::User, OLD).unwrap();
        folders.prepare().unwrap();
        assert_eq!(secrets(&folders), first, "a differing one is replaced");
    }

    #[test]
    fn token_of_the_second_folder_is_adopted() {
        let (_temporary, mut folders) = folders();
        folders.others[0].create().unwrap();
        folders.others[0].create_token(Secret::User, OLD).unwrap();
        folders.prepare().unwrap();
        assert_eq!(secrets(&folders), [OLD, OLD]);
        std::fs::remove_file(folders.first().token_path(Secret::User)).unwrap();
        folders.others[0]
            .replace_token(Secret::User, "damaged")
            .unwrap();
        folders.prepare().unwrap();
        let after = secrets(&folders);
        assert!(after[0] != "damaged" && after[0] == after[1], "{after:?}");
    }

    #[test]
    fn unusable_second_folder_is_left_out() {
        let (temporary, mut folders) = folders();
        durable::write(&temporary.path().join("home"), b"a file").unwrap();
        folders.prepare().unwrap();
        assert_eq!(folders.all().count(), 1);
        let (temporary, mut folders) = self::folders();
        durable::write(&temporary.path().join("run"), b"a file").unwrap();
        let code = folders.prepare().unwrap_err().code;
        assert_eq!(code, Code::RuntimeFolder, "the first one must work");
    }

    #[cfg(unix)]
    #[test]
    fn token_that_others_could_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let (_temporary, mut folders) = folders();
        folders.prepare().unwrap();
        let path = folders.others[0].token_path(Secret::User);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        std::fs::remove_file(folders.first().token_path(Secret::User)).unwrap();
        folders.prepare().unwrap();
        assert_eq!(folders.all().count(), 1);
        let exposed = std::fs::read_to_string(path).unwrap();
        assert_ne!(folders.first().secret(Secret::User).unwrap(), exposed);
    }

    #[test]
    fn daemon_is_announced_in_all_folders() {
        let (_temporary, mut folders) = folders();
        folders.prepare().unwrap();
        let project = ProjectId(Uuid::now_v7());
        let announcements = folders.announce(project, Path::new("/p"), 7).unwrap();
        for place in folders.all() {
            let found = place.discover(project).unwrap().unwrap();
            assert_eq!(found.token_path, place.token_path(Secret::User));
        }
        drop(announcements);
        for place in folders.all() {
            assert_eq!(place.discover(project).unwrap(), None);
        }
    }

    #[test]
    fn daemon_is_found_in_the_first_folder_with_token() {
        let (_temporary, mut folders) = folders();
        folders.prepare().unwrap();
        let project = ProjectId(Uuid::now_v7());
        let found = |folders: &RuntimeFolders| {
            Some(folders.discover(project, Secret::User).unwrap()?.0.port)
        };
        assert_eq!(found(&folders), None);
        let _first = folders.first.announce(project, Path::new("/p"), 1).unwrap();
        let _second = folders.others[0]
            .announce(project, Path::new("/p"), 2)
            .unwrap();
        assert_eq!(found(&folders), Some(1));
        std::fs::remove_file(folders.first.token_path(Secret::User)).unwrap();
        assert_eq!(found(&folders), Some(2), "its token cannot be read");
        std::fs::remove_file(folders.others[0].token_path(Secret::User)).unwrap();
        let code = folders.discover(project, Secret::User).unwrap_err().code;
        assert_eq!(code, Code::RuntimeFolder);
    }
}
