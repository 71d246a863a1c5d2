//! The stored bulk data: what keeps it, and what goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A request of the command line to remove bulk data that nothing keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PruneRequest {
    /// Chosen by the sender; the result carries it.
    pub request_id: Uuid,
    /// Whether to count the blobs without removing any.
    pub dry_run: bool,
}

/// A number of blobs, and the bytes of their files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlobCount {
    /// Number of blobs.
    pub blobs: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// The stored blobs by what keeps them, before anything was removed. Each counts once, for the first that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlobReport {
    /// Blobs of the present scene, of checkpoints and of work in progress.
    pub scene: BlobCount,
    /// Blobs that only records of the log name.
    pub log: BlobCount,
    /// Blobs that only commits of the history name.
    pub history: BlobCount,
    /// Blobs that nothing names.
    pub unnamed: BlobCount,
    /// Blobs that could go: the unnamed ones, and the oldest of log and history beyond the bound.
    pub removable: BlobCount,
    /// Blobs that were removed.
    pub removed: BlobCount,
    /// Blobs that stay until the next time, because another program has a file open.
    pub held: BlobCount,
    /// The bound of the settings; 0 if there is none.
    pub max_bytes: u64,
}
