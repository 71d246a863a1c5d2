//! What every connection needs to know.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use vibesync_protocol::auth::Token;
use vibesync_scene::ProjectId;
use vibesync_store::blobs::BlobStore;

use super::graphs::Usual;
use super::recent::Recent;

/// Heartbeats missed until a client counts as gone.
const MISSED: u32 = 10;

/// Facts and settings, the same for all connections.
#[derive(Debug)]
pub struct Shared {
    /// The project served.
    pub project: ProjectId,
    /// The user's secret.
    pub token: Token,
    /// Bulk data.
    pub blobs: BlobStore,
    /// What of it has just arrived.
    pub recent: Recent,
    /// The repository with the scene's history.
    pub audit: PathBuf,
    /// The Blender whose catalogue graphs are held against.
    pub blender: Usual,
    /// Sequence of the newest durable record.
    pub head_seq: AtomicU64,
    /// Time for the handshake.
    pub handshake_timeout: Duration,
    /// Time between pings.
    pub heartbeat: Duration,
    /// Told to clients.
    pub batch_window_ms: u64,
}

impl Shared {
    /// How long a client may say nothing, or take nothing of what it is told.
    pub fn patience(&self) -> Duration {
        self.heartbeat * MISSED
    }
}
