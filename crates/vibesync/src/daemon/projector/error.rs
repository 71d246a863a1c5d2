//! The reason why a projection cannot follow the log.

use vibesync_store::audit::AuditError;
use vibesync_store::checkpoint::CheckpointError;
use vibesync_store::disk::DiskError;
use vibesync_store::registry::RegistryError;
use vibesync_store::wal::WalError;

/// The reason why a projection cannot follow the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProjectorError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] WalError),
    /// The registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The audit failed.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A checkpoint cannot be written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl ProjectorError {
    /// Returns the damage of the registry, if that is the cause.
    pub fn registry_damage(&self) -> Option<&RegistryError> {
        let error = match self {
            ProjectorError::Registry(error) => error,
            ProjectorError::Checkpoint(CheckpointError::Rows(error)) => error,
            _ => return None,
        };
        error.is_damage().then_some(error)
    }
}
