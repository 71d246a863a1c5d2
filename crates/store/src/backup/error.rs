//! Errors of backups.

use vibesync_scene::Code;

use crate::disk::DiskError;
use crate::wal::WalError;

/// A backup cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] WalError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The file is no backup, or not as it was written.
    #[error("{0}")]
    Unsound(String),
    /// The file that would be replaced is no backup.
    #[error("the file exists and is no backup, so it is not replaced")]
    Occupied,
    /// The daemon dropped or compressed files of the log while they were copied.
    #[error("the log was reorganized while it was copied: {0}")]
    Changed(String),
}

impl BackupError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            BackupError::Log(error) => error.code(),
            BackupError::Disk(error) => error.code(),
            BackupError::Unsound(_) => Code::BackupDamaged,
            BackupError::Occupied | BackupError::Changed(_) => Code::DiskFailed,
        }
    }
}
