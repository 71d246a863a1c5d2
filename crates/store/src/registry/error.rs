//! Errors of the registry.

use std::io;

use vibesync_scene::Code;

use crate::cause::Cause;
use crate::disk::{DiskError, code_of};

/// The registry cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// sled refused.
    #[error("registry: {0}")]
    Sled(#[from] sled::Error),
    /// A row cannot be read or written.
    #[error("registry: row {key} is not readable: {source}")]
    Row {
        /// Its key.
        key: String,
        /// The reason.
        source: Cause,
    },
    /// Its rows differ from their summary or from the log.
    #[error("registry: {0}")]
    Disagrees(String),
    /// Its format version is older and cannot be read any more.
    #[error("registry: it has version {0}, which this program does not read")]
    Outdated(u32),
    /// Its format version is newer than this program.
    #[error(
        "registry: a newer VibeSync made it: it has version {found}, this program reads up to {known}"
    )]
    Newer {
        /// Version of the registry.
        found: u32,
        /// Newest version that this program reads.
        known: u32,
    },
    /// The damaged registry cannot be moved aside.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl RegistryError {
    /// Whether the registry must be rebuilt: its files are damaged or old. An error of the system, or of another
    /// process that has the registry open, is no damage.
    pub fn is_damage(&self) -> bool {
        match self {
            RegistryError::Sled(sled::Error::Io(error)) => matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ),
            RegistryError::Sled(_)
            | RegistryError::Row { .. }
            | RegistryError::Disagrees(_)
            | RegistryError::Outdated(_) => true,
            RegistryError::Newer { .. } | RegistryError::Disk(_) => false,
        }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            RegistryError::Disk(error) => error.code(),
            RegistryError::Newer { .. } => Code::NewerFormat,
            RegistryError::Sled(sled::Error::Io(error)) if !self.is_damage() => code_of(error),
            _ => Code::RegistryRebuilt,
        }
    }
}
