//! The state that all connections share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::mpsc;
use vibesync_protocol::auth::Token;
use vibesync_scene::ProjectId;
use vibesync_store::blobs::BlobStore;

use super::blender_version::DefaultBlenderVersion;
use super::blob_cache::BlobCache;
use super::collector::ToCollector;
use super::patches::Patches;
use super::preview_slots::PreviewCounters;
use super::repeated_warnings::RepeatedWarnings;
use super::view::View;

/// Number of missed heartbeats after which a client counts as gone.
const MISSED: u32 = 10;

/// The state that all connections share.
#[derive(Debug)]
pub struct Shared {
    /// The project that the daemon serves.
    pub project: ProjectId,
    /// The secret of the user.
    pub token: Token,
    /// The secret of the user's agents. It proves the role `agent` and no other.
    pub agent_token: Token,
    /// Bulk data on the disk.
    pub blobs: BlobStore,
    /// The way to the thread that removes bulk data.
    pub collector: ToCollector,
    /// Bulk data that has just arrived.
    pub blob_cache: BlobCache,
    /// Bulk data that was made of other bulk data.
    pub patches: Patches,
    /// The repository with the scene's history.
    pub audit: PathBuf,
    /// The Blender version of graphs that do not name one.
    pub blender_version: DefaultBlenderVersion,
    /// Answers questions about the scene.
    pub view: View,
    /// The numbers of previews.
    pub previews: Arc<PreviewCounters>,
    /// Sequence of the newest durable record.
    pub head_seq: Arc<AtomicU64>,
    /// Time limit of the handshake.
    pub handshake_timeout: Duration,
    /// Time between two pings.
    pub heartbeat: Duration,
    /// The batch window that clients are told.
    pub batch_window_ms: u64,
    /// Warnings that clients repeat.
    pub warnings: Arc<RepeatedWarnings>,
    /// Time without an editor or agent after which the daemon ends; none if it never does.
    pub idle_limit: Option<Duration>,
    /// Takes the reason of a request to stop the daemon.
    pub stop: mpsc::Sender<String>,
}

impl Shared {
    /// Returns the time after which a client that sends nothing, or reads nothing, counts as gone.
    pub fn silence_limit(&self) -> Duration {
        self.heartbeat * MISSED
    }
}
