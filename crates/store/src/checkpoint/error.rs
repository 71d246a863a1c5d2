//! Errors of checkpoints.

use vibesync_scene::Code;

use crate::cause::Cause;
use crate::disk::DiskError;
use crate::registry::RegistryError;
use crate::wal::Defect;

/// A checkpoint cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The state cannot be encoded as JSON.
    #[error("checkpoint: {0}")]
    Encode(#[from] serde_json::Error),
    /// The rows cannot be read, or differ from their summary.
    #[error(transparent)]
    Rows(#[from] RegistryError),
}

impl CheckpointError {
    /// Its stable code. It differs from the codes of the log, which continues without checkpoints.
    pub fn code(&self) -> Code {
        match self {
            CheckpointError::Disk(error) => error.code(),
            CheckpointError::Encode(_) => Code::InternalError,
            CheckpointError::Rows(error) => error.code(),
        }
    }
}

/// A checkpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Its version is newer than this program.
    #[error(transparent)]
    Newer(Defect),
    /// It cannot be read, or is not as it was written.
    #[error(transparent)]
    Damaged(Cause),
}

macro_rules! damaged_from {
    ($($error:ty),+) => {$(
        impl From<$error> for LoadError {
            fn from(error: $error) -> Self {
                LoadError::Damaged(error.into())
            }
        }
    )+};
}

damaged_from!(std::io::Error, serde_json::Error, blake3::HexError, &str);
