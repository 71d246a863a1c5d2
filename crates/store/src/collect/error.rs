//! The reasons why blobs cannot be collected.

use std::io::ErrorKind;

use vibesync_scene::Code;

use crate::audit::AuditError;
use crate::disk::DiskError;
use crate::wal::WalError;

/// It is not known what names the blobs, so none is removed; or the disk refused. It is safe to try again later.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] WalError),
    /// The history cannot be read.
    #[error(transparent)]
    History(#[from] AuditError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl CollectError {
    /// Whether a file was renamed or removed while it was read: the daemon compresses and drops parts of its log.
    pub fn is_change(&self) -> bool {
        match self {
            CollectError::Disk(error) | CollectError::Log(WalError::Disk(error)) => {
                error.source.kind() == ErrorKind::NotFound
            }
            CollectError::Log(_) | CollectError::History(_) => false,
        }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            CollectError::Log(error) => error.code(),
            CollectError::History(error) => error.code(),
            CollectError::Disk(error) => error.code(),
        }
    }
}
