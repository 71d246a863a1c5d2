//! The secret of clients over HTTP: a file of the user's runtime folder, apart from the secret of the editors.

use std::path::PathBuf;

use vibesync_protocol::auth::Token;
use vibesync_scene::Code;
use vibesync_store::durable;

use super::private_access;
use super::runtime_folder::{RuntimeFolder, fresh_secret, read};
use super::runtime_folders::RuntimeFolders;
use crate::error::Error;

/// The remedy for a file that cannot be used.
const HELP: &str =
    "Make a new secret with `vibesync mcp http-token --new`, and give it to your clients.";

/// The file with the secret.
#[derive(Clone, Debug)]
pub struct HttpToken {
    folder: RuntimeFolder,
}

impl HttpToken {
    /// Returns the user's secret. The file need not exist.
    pub fn of_user() -> Result<Self, Error> {
        let folder = RuntimeFolders::from_env()?.first().clone();
        Ok(Self { folder })
    }

    /// The path of the file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("http-token")
    }

    /// Reads the secret. Creates it if it is missing.
    pub fn read_or_create(&self) -> Result<String, Error> {
        self.folder.create()?;
        if !self.path().exists() {
            self.replace()?;
        }
        self.read()
    }

    /// Replaces the secret by a new one. Creates the file if it is missing.
    pub fn replace(&self) -> Result<(), Error> {
        self.folder.create()?;
        durable::write_private(&self.path(), fresh_secret().as_bytes())
            .map_err(|error| Error::disk(Code::RuntimeFolder, error))
    }

    /// Reads the secret: 64 hex digits. Fails if others may read it.
    pub fn read(&self) -> Result<String, Error> {
        let path = self.path();
        self.folder.check()?;
        let text = read(&path)?;
        private_access::check_secret(&path).map_err(|error| error.with_help(HELP))?;
        match Token::parse(&text) {
            Some(_) => Ok(text.trim().to_owned()),
            None => {
                let error = Error::new(Code::RuntimeFolder, path.display(), "not 64 hex digits");
                Err(error.with_help(HELP))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::runtime_folder::Secret;

    fn token() -> (tempfile::TempDir, HttpToken) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = RuntimeFolder::new(temporary.path().join("run"));
        (temporary, HttpToken { folder })
    }

    #[test]
    fn secret_is_created_once_and_replaced_on_request() {
        let (_temporary, token) = token();
        assert_eq!(token.read().unwrap_err().code, Code::RuntimeFolder);
        let first = token.read_or_create().unwrap();
        assert_eq!(token.read_or_create().unwrap(), first);
        token.replace().unwrap();
        assert_ne!(token.read().unwrap(), first);
        for other in Secret::ALL {
            assert!(!token.folder.token_path(other).exists(), "{other:?}");
        }
    }

    #[test]
    fn file_without_a_secret_is_refused() {
        let (_temporary, token) = token();
        token.read_or_create().unwrap();
        durable::write_private(&token.path(), b"\n").unwrap();
        let error = token.read().unwrap_err();
        assert!(error.help().contains("http-token --new"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn secret_that_others_could_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (_temporary, token) = token();
        token.read_or_create().unwrap();
        let mode = std::fs::metadata(token.path())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let open = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(token.path(), open).unwrap();
        assert_eq!(token.read().unwrap_err().code, Code::RuntimeFolder);
        token.replace().unwrap();
        token.read().unwrap();
    }
}
