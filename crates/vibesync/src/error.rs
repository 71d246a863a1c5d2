//! What the program tells a person when it cannot go on.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use vibesync_scene::Code;
use vibesync_store::disk::DiskError;

/// A coded error that names its place.
#[derive(Debug)]
pub struct Error {
    /// Stable code; `docs/errors/` has a page for each.
    pub code: Code,
    /// The file, line, key or address; empty where there is none.
    pub location: String,
    /// One sentence.
    pub message: String,
}

impl Error {
    /// An error at a place.
    pub fn new(code: Code, location: impl fmt::Display, message: impl Into<String>) -> Self {
        Self {
            code,
            location: location.to_string(),
            message: message.into(),
        }
    }

    /// An operation of the system that failed on a file; a full disk keeps its own code.
    pub fn io(code: Code, path: &Path, doing: &str, error: &std::io::Error) -> Self {
        let code = match error.kind() {
            std::io::ErrorKind::StorageFull => Code::DiskFull,
            _ => code,
        };
        Self::new(code, path.display(), format!("cannot {doing}: {error}"))
    }

    /// A disk that refused; a full one keeps its own code.
    pub fn disk(code: Code, error: &DiskError) -> Self {
        let message = format!("cannot {} it: {}", error.action, error.source);
        Self::new(error.code_or(code), error.path.display(), message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if self.location.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.location)
    }
}

impl std::error::Error for Error {}

/// What every version of a file says.
#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

/// VS-5008 where JSON says that it is of a newer version than is known: the rest may be said in another way. What says no
/// version is for its parser to judge.
pub fn refuse_newer(json: &[u8], known: u32, path: &Path) -> Result<(), Error> {
    match serde_json::from_slice(json) {
        Ok(Versioned { schema_version }) if schema_version > known => {
            let why = format!("it has version {schema_version}, this program reads up to {known}");
            Err(Error::new(Code::MadeByNewer, path.display(), why))
        }
        _ => Ok(()),
    }
}
