//! Errors of the program: a code, a location, a sentence, and the cause.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use vibesync_scene::Code;
use vibesync_store::disk::DiskError;

/// An error with a stable code.
#[derive(Debug)]
pub struct Error {
    /// Stable code; `docs/errors/` has a page for each.
    pub code: Code,
    /// The file, line, key or address; empty if the error has no location.
    pub location: String,
    /// One sentence.
    pub message: String,
    /// The remedy, if that of the code does not fit.
    help: Option<String>,
    /// The error that caused this one. Its text is part of `message`.
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Creates an error without a cause.
    pub fn new(code: Code, location: impl fmt::Display, message: impl Into<String>) -> Self {
        Self {
            code,
            location: location.to_string(),
            message: message.into(),
            help: None,
            source: None,
        }
    }

    /// Creates an error whose sentence is that of its cause.
    pub fn from_source(
        code: Code,
        location: impl fmt::Display,
        source: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self::new(code, location, source.to_string()).caused_by(source)
    }

    /// Creates an error for an operation on a file. A full disk keeps its own code.
    pub fn io(code: Code, path: &Path, action: &str, error: std::io::Error) -> Self {
        let code = match error.kind() {
            std::io::ErrorKind::StorageFull => Code::DiskFull,
            _ => code,
        };
        let message = format!("cannot {action}: {error}");
        Self::new(code, path.display(), message).caused_by(error)
    }

    /// Creates an error for a disk operation of the crate `store`. A full disk keeps its own code.
    pub fn disk(code: Code, error: DiskError) -> Self {
        let message = format!("cannot {} it: {}", error.action, error.source);
        Self::new(error.code_or(code), error.path.display(), message).caused_by(error)
    }

    /// Creates an error for a thread that cannot be started.
    pub fn thread(name: &str, error: std::io::Error) -> Self {
        let message = format!("cannot start a thread: {error}");
        Self::new(Code::InternalError, name, message).caused_by(error)
    }

    /// Replaces the remedy of the code.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns one sentence that says what a person can do.
    pub fn help(&self) -> &str {
        self.help.as_deref().unwrap_or_else(|| self.code.help())
    }

    /// Keeps the error that caused this one.
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
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

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// The field that every version of a file has.
#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

/// Fails with VS-5008 if the JSON states a version above `known`, because the format may differ. JSON without a version
/// passes; its parser reports it.
pub fn refuse_newer(json: &[u8], known: u32, path: &Path) -> Result<(), Error> {
    match serde_json::from_slice(json) {
        Ok(Versioned { schema_version }) if schema_version > known => {
            let why = format!("it has version {schema_version}, this program reads up to {known}");
            Err(Error::new(Code::NewerFormat, path.display(), why))
        }
        _ => Ok(()),
    }
}
