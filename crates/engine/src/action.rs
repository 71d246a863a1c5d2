//! What comes in and what goes out.

use std::collections::{BTreeMap, BTreeSet};

use crate::governance::breakers::Thresholds;
use crate::governance::rate::Rate;
use vibesync_protocol::{
    ClientMessage, DaemonMessage, ErrorBody, Hello, Intent, RestoreRequest, SafeMode,
};
use vibesync_scene::{
    BatchId, BlobId, Entity, Invalid, Mesh, ProjectId, RecordBody, SessionId, Uuid,
};

/// What the engine is told when it starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The project served.
    pub project_id: ProjectId,
    /// How long changes gather before the next batch leaves, milliseconds. The first of a burst is not delayed.
    pub batch_window_ms: u64,
    /// How long an editor may take to apply a small batch, milliseconds, unless it says that it must wait. A large one
    /// has as much again for each hundred changes and each 2 MiB of bulk data.
    pub apply_timeout_ms: u64,
    /// How often an editor says that it is there, milliseconds.
    pub heartbeat_ms: u64,
    /// How long a person's hands must have rested before automation goes on with what they were on, milliseconds.
    pub idle_ms: u64,
    /// Most changes in transactions under way; above it the oldest no longer wait for editors that are behind.
    pub max_open: usize,
    /// Most changes in one batch.
    pub max_batch: usize,
    /// Most bulk bytes in one batch.
    pub max_batch_bytes: u64,
    /// How fast automation may go.
    pub rate: Rate,
    /// When breakers open.
    pub thresholds: Thresholds,
}

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// A client proved that it knows the token.
    Connected {
        /// Chosen by the program.
        session: SessionId,
        /// What it said.
        hello: Box<Hello>,
    },
    /// A connection is gone.
    Disconnected {
        /// Whose.
        session: SessionId,
        /// For the log.
        reason: String,
    },
    /// A client said something; its bulk data is stored and checked, and its buffers name blobs.
    Message {
        /// Who.
        session: SessionId,
        /// What.
        message: Box<ClientMessage>,
    },
    /// An intent whose bulk data does not hold together.
    Unsound {
        /// Who sent it.
        session: SessionId,
        /// The intent.
        intent: Box<Intent>,
        /// What is wrong.
        invalid: Invalid,
    },
    /// Answer to [`Action::ReadCommit`] and to [`Action::CheckBlobs`].
    Restorable {
        /// Who wants it.
        session: SessionId,
        /// What.
        restore: Box<Restore>,
    },
    /// The other answer to both: the commit cannot be read, or bulk data that it needs is gone.
    Unrestorable {
        /// Who wanted it.
        session: SessionId,
        /// Why not.
        invalid: Invalid,
    },
    /// Answer to [`Action::CompareMeshes`].
    MeshesCompared {
        /// Which batch.
        batch: BatchId,
        /// Meshes that differ, and where.
        differing: Vec<(Uuid, String)>,
    },
    /// Time passed.
    Tick,
    /// The daemon stops.
    Shutdown,
}

/// A wish to bring back what a commit holds, and the commit.
#[derive(Clone, Debug)]
pub struct Restore {
    /// What the client asked for.
    pub request: RestoreRequest,
    /// The commit's full id.
    pub commit: String,
    /// Its log sequence.
    pub seq: u64,
    /// What it holds.
    pub target: BTreeMap<Uuid, Entity>,
    /// Bulk data that is known to be there and whole.
    pub checked: BTreeSet<BlobId>,
}

/// What the program must do, in order.
#[derive(Clone, Debug)]
pub enum Action {
    /// Append this record; everything appended in a step is durable before anything after it is sent.
    Append(Box<RecordBody>),
    /// Send this; buffers that name blobs get their bytes attached.
    Send {
        /// To whom.
        session: SessionId,
        /// What.
        message: Box<DaemonMessage>,
    },
    /// The client is welcome.
    Accept {
        /// Whom.
        session: SessionId,
        /// Whether automation is off, and why: a part of the welcome.
        safe_mode: Option<SafeMode>,
    },
    /// Say why and close.
    Close {
        /// Whom.
        session: SessionId,
        /// Why.
        error: ErrorBody,
    },
    /// Read a commit and come back with [`Input::Restorable`], nothing checked yet, or [`Input::Unrestorable`].
    ReadCommit {
        /// Who wants it back.
        session: SessionId,
        /// Which, and what of it.
        request: RestoreRequest,
    },
    /// See whether this bulk data is there and whole. If so, come back with [`Input::Restorable`] and these blobs among
    /// the checked ones; else with [`Input::Unrestorable`].
    CheckBlobs {
        /// Who wants the restore.
        session: SessionId,
        /// The restore.
        restore: Box<Restore>,
        /// The bulk data that it needs.
        blobs: BTreeSet<BlobId>,
    },
    /// Compare meshes corner by corner and come back with [`Input::MeshesCompared`].
    CompareMeshes {
        /// Which batch.
        batch: BatchId,
        /// What was sent and what the editor holds.
        pairs: Vec<MeshPair>,
    },
}

/// Two meshes that should be equal but have different bytes.
#[derive(Clone, Debug)]
pub struct MeshPair {
    /// The mesh.
    pub uuid: Uuid,
    /// What was sent.
    pub expected: Mesh,
    /// What the editor holds.
    pub held: Mesh,
}
