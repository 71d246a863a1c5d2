//! Errors of a recovery.

use vibesync_scene::Code;

use crate::backup::BackupError;
use crate::blobs::BlobError;
use crate::checkpoint::CheckpointError;
use crate::disk::DiskError;
use crate::wal::WalError;

/// A recovery failed. Either nothing was changed, or the next command or start finishes it.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The log cannot be read, or the new one cannot be written.
    #[error(transparent)]
    Log(#[from] WalError),
    /// The state cannot be written.
    #[error(transparent)]
    State(#[from] CheckpointError),
    /// A blob of a backup cannot be stored.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The backup cannot be used.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The witness cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// The file that describes an unfinished recovery is damaged.
    #[error("{path} describes an unfinished recovery and cannot be read: {why}", path = .0, why = .1)]
    Plan(String, serde_json::Error),
}

impl RecoverError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            RecoverError::Disk(error) => error.code(),
            RecoverError::Log(error) => error.code(),
            RecoverError::State(error) => error.code(),
            RecoverError::Blob(error) => error.code(),
            RecoverError::Backup(error) => error.code(),
            RecoverError::Unusable(_) | RecoverError::Plan(..) => Code::LogDamaged,
        }
    }
}
