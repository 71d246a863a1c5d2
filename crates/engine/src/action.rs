//! The engine's inputs and its actions.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{
    ClientMessage, DaemonMessage, ErrorBody, Hello, Intent, PreviewChange, RestoreRequest,
    RevertRequest, SafeMode,
};
use vibesync_scene::{
    BatchId, BlobId, Buffer, Entity, Epoch, Invalid, KeyedAction, Mesh, RecordBody, Role,
    SessionId, Shapes, Uuid, Weights,
};

use crate::revert::work::{Revert, Selection};

/// An event that the engine reacts to.
#[derive(Debug)]
pub enum Input {
    /// A client has proved that it knows the token.
    Connected {
        /// The new connection; the program chooses its id.
        session: SessionId,
        /// The client's first message.
        hello: Box<Hello>,
    },
    /// A connection has ended.
    Disconnected {
        /// The connection.
        session: SessionId,
        /// Text for the log.
        reason: String,
    },
    /// A client has sent a message. Its bulk data is stored and checked, and its buffers name blobs.
    Message {
        /// The sender.
        session: SessionId,
        /// The message.
        message: Box<ClientMessage>,
    },
    /// A client has sent an intent whose bulk data is invalid.
    Unsound {
        /// The sender.
        session: SessionId,
        /// The intent.
        intent: Box<Intent>,
        /// The reason.
        invalid: Invalid,
    },
    /// Answers [`Action::ReadCommit`] and [`Action::CheckBlobs`].
    Restorable {
        /// The client that asked for the restore.
        session: SessionId,
        /// The restore.
        restore: Box<Restore>,
    },
    /// Answers [`Action::ReadWork`].
    Revertable {
        /// The client that asked for the undo.
        session: SessionId,
        /// The agent's work. Bulk data that the undo needs is there and whole.
        revert: Box<Revert>,
    },
    /// Answers all three as well: the commit or the log cannot be read, or bulk data is missing.
    Unrestorable {
        /// The client that asked for the restore.
        session: SessionId,
        /// The reason.
        invalid: Invalid,
    },
    /// Answers [`Action::CompareMeshes`].
    MeshesCompared {
        /// The batch.
        batch: BatchId,
        /// Meshes that differ, each with a description of the first difference.
        differing: Vec<(Uuid, String)>,
        /// Blobs of the sent meshes that cannot be read, each with the reason.
        lost: BTreeMap<BlobId, String>,
    },
    /// Blobs cannot be read.
    BlobsLost {
        /// The blobs, each with the reason.
        lost: BTreeMap<BlobId, String>,
        /// The batch that was not sent because of them, and its receiver.
        unsent: Option<(SessionId, BatchId)>,
    },
    /// Answers [`Action::LookForBlobs`].
    BlobsFound {
        /// The blobs that are there and whole.
        blobs: BTreeSet<BlobId>,
    },
    /// Time has passed.
    Tick,
    /// The daemon stops.
    Shutdown,
}

/// A client's request to restore a commit, and the commit's content.
#[derive(Clone, Debug)]
pub struct Restore {
    /// The client's request.
    pub request: RestoreRequest,
    /// The commit's full id.
    pub commit: String,
    /// The commit's log sequence.
    pub seq: u64,
    /// The commit's entities.
    pub target: BTreeMap<Uuid, Entity>,
    /// Bulk data that is known to be there and whole.
    pub checked: BTreeSet<BlobId>,
}

/// A change of what an editor shows for a moment.
#[derive(Clone, Debug, PartialEq)]
pub enum PreviewUpdate {
    /// Show these values.
    Show {
        /// The editor where a person works.
        from: Role,
        /// The values.
        changes: Vec<PreviewChange>,
    },
    /// Put these entities back.
    End {
        /// The entities.
        uuids: Vec<Uuid>,
    },
}

/// An effect that the program must carry out. The actions of a step are ordered.
#[derive(Clone, Debug)]
pub enum Action {
    /// Append this record. All records of a step are durable before any later message is sent.
    Append(Box<RecordBody>),
    /// Send this message. Buffers that name blobs get their bytes attached. If a blob cannot be read, nothing is sent;
    /// the answer is [`Input::BlobsLost`].
    Send {
        /// The receiver.
        session: SessionId,
        /// The message.
        message: Box<DaemonMessage>,
    },
    /// Let an editor show values for a moment, or put them back. A newer value of an entity replaces one that waits, and nothing else
    /// waits for them.
    Preview {
        /// The editor that shows them.
        session: SessionId,
        /// The values, or their end.
        update: PreviewUpdate,
    },
    /// Welcome a client.
    Accept {
        /// The client.
        session: SessionId,
        /// The reason why automation is off, if it is: a part of the welcome.
        safe_mode: Option<SafeMode>,
        /// The newest epochs of the log: a part of the welcome.
        epochs: Vec<Epoch>,
        /// Set if the client's history has diverged from the log: the last record that both share. A part of the welcome.
        diverged_after: Option<u64>,
    },
    /// Send an error and close the connection.
    Close {
        /// The connection.
        session: SessionId,
        /// The error.
        error: ErrorBody,
    },
    /// Read a commit. Answer with [`Input::Restorable`] (no blobs checked yet) or [`Input::Unrestorable`].
    ReadCommit {
        /// The client that asked for the restore.
        session: SessionId,
        /// The commit to read, and the entities of it to restore.
        request: RestoreRequest,
    },
    /// Read an agent's work from the log. Answer with [`Input::Revertable`] or [`Input::Unrestorable`].
    ReadWork {
        /// The client that asked for the undo.
        session: SessionId,
        /// The client's request.
        request: Box<RevertRequest>,
        /// The part of the log to read.
        selection: Selection,
    },
    /// Check that this bulk data is there and whole. If so, answer with [`Input::Restorable`] and add these blobs to the
    /// checked ones; else answer with [`Input::Unrestorable`].
    CheckBlobs {
        /// The client that asked for the restore.
        session: SessionId,
        /// The restore.
        restore: Box<Restore>,
        /// The bulk data that it needs.
        blobs: BTreeSet<BlobId>,
    },
    /// Look for blobs that could not be read. Answer with [`Input::BlobsFound`].
    LookForBlobs {
        /// The blobs.
        blobs: BTreeSet<BlobId>,
    },
    /// Compare meshes, shape keys and vertex groups corner by corner. Answer with [`Input::MeshesCompared`].
    CompareMeshes {
        /// The batch.
        batch: BatchId,
        /// The meshes as sent and as read back.
        pairs: Vec<MeshPair>,
    },
}

/// Bulk data of a mesh or an action that should be equal but has different bytes. Each pair is first as sent, then as held.
#[derive(Clone, Debug)]
pub struct MeshPair {
    /// The entity.
    pub uuid: Uuid,
    /// The geometry; none if it has the same bytes.
    pub meshes: Option<(Box<Mesh>, Box<Mesh>)>,
    /// The shape keys; none if they have the same bytes.
    pub shapes: Option<(Box<Shapes>, Box<Shapes>)>,
    /// The vertex groups; none if they have the same bytes.
    pub weights: Option<(Box<Weights>, Box<Weights>)>,
    /// The actions; none if they have the same bytes.
    pub actions: Option<(Box<KeyedAction>, Box<KeyedAction>)>,
}

impl MeshPair {
    /// Lists the bulk data as it was sent.
    pub fn expected(&self) -> impl Iterator<Item = BlobId> {
        blobs(self.meshes.as_ref().map(|it| &it.0.buffers))
            .chain(blobs(self.shapes.as_ref().map(|it| &it.0.buffers)))
            .chain(blobs(self.weights.as_ref().map(|it| &it.0.buffers)))
            .chain(blobs(self.actions.as_ref().map(|it| &it.0.buffers)))
    }

    /// Lists the bulk data as the editor holds it.
    pub fn held(&self) -> impl Iterator<Item = BlobId> {
        blobs(self.meshes.as_ref().map(|it| &it.1.buffers))
            .chain(blobs(self.shapes.as_ref().map(|it| &it.1.buffers)))
            .chain(blobs(self.weights.as_ref().map(|it| &it.1.buffers)))
            .chain(blobs(self.actions.as_ref().map(|it| &it.1.buffers)))
    }
}

fn blobs(buffers: Option<&BTreeMap<String, Buffer>>) -> impl Iterator<Item = BlobId> {
    let buffers = buffers.into_iter().flat_map(BTreeMap::values);
    buffers.filter_map(|buffer| buffer.blob)
}
