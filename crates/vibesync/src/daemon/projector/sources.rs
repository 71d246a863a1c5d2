//! The files that the projector reads and writes.

use std::path::PathBuf;
use std::sync::Arc;

use vibesync_store::disk::Disk;
use vibesync_store::registry::Registry;
use vibesync_store::retention::Policy;

/// The files that the projector reads and writes, and its settings.
pub struct Sources {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// Folder of the log.
    pub wal: PathBuf,
    /// Folder of the checkpoints.
    pub checkpoints: PathBuf,
    /// Number of records between two checkpoints.
    pub checkpoint_every: u64,
    /// Folder of the registry.
    pub registry: PathBuf,
    /// The registry, if the start has opened it.
    pub opened: Option<Registry>,
    /// Retention of the log behind the checkpoints.
    pub retention: Policy,
}
