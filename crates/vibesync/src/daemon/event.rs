//! The events that reach the core.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::AbortHandle;
use vibesync_engine::{Restore, Revert};
use vibesync_protocol::{ClientMessage, DaemonMessage, Hello};
use vibesync_scene::{BatchId, BlobId, Invalid, SessionId, Uuid};

use super::close_reason::CloseReason;
use super::send_queue::SendQueue;

/// Largest message that the core decides in little time, KiB.
pub const SMALL: usize = 4;

/// Takes the blobs that must stay.
pub type BlobsInUse = oneshot::Sender<BTreeSet<BlobId>>;

/// An event for the core.
#[derive(Debug)]
pub enum Event {
    /// A client has completed the handshake.
    Connected {
        /// The new session.
        session: SessionId,
        /// The client's hello.
        hello: Box<Hello>,
        /// The message that the client gets if the engine accepts it.
        welcome: Box<DaemonMessage>,
        /// Told when the engine accepts the client; dropped if it does not.
        admitted: oneshot::Sender<()>,
        /// The queue for messages to the client.
        send_queue: SendQueue,
        /// The task that writes them to the socket.
        writer: AbortHandle,
    },
    /// A connection has ended.
    Disconnected {
        /// Its session.
        session: SessionId,
        /// The reason.
        reason: CloseReason,
    },
    /// A client sent a message.
    Message {
        /// The session of the client.
        session: SessionId,
        /// The message; its attachments are stored.
        message: Box<ClientMessage>,
        /// The first defect of its attachments or graphs.
        invalid: Option<Invalid>,
        /// The permit to wait for the core. Released when the core takes the message.
        permit: OwnedSemaphorePermit,
    },
    /// The data that a restore needs has been read or checked.
    Restorable {
        /// The session that asked.
        session: SessionId,
        /// The restore, or the reason why it is not possible.
        restore: Result<Box<Restore>, Invalid>,
    },
    /// An agent's work has been read.
    Revertable {
        /// The session that asked.
        session: SessionId,
        /// The work, or the reason why it cannot be taken back.
        revert: Result<Box<Revert>, Invalid>,
    },
    /// Meshes have been compared.
    Compared {
        /// The batch whose read-back has the meshes.
        batch: BatchId,
        /// The entities whose meshes differ, with the first difference.
        differing: Vec<(Uuid, String)>,
        /// Blobs of sent meshes that cannot be read, each with the reason.
        lost: BTreeMap<BlobId, String>,
    },
    /// Blobs cannot be read.
    BlobsLost {
        /// The blobs, each with the reason.
        lost: BTreeMap<BlobId, String>,
        /// The session and the batch that was not sent because of them.
        unsent: Option<(SessionId, BatchId)>,
    },
    /// Blobs that could not be read have been looked for.
    BlobsFound {
        /// The blobs that are there and whole.
        blobs: BTreeSet<BlobId>,
    },
    /// The collector asks which blobs are in use.
    ListBlobs {
        /// Takes the answer; none once it is taken.
        reply: Option<BlobsInUse>,
    },
    /// The daemon must stop.
    Shutdown {
        /// The reason, for the clients.
        reason: String,
    },
}

impl Event {
    /// Returns true if the core decides it in little time.
    pub fn is_small(&self) -> bool {
        matches!(self, Self::Message { permit, .. } if permit.num_permits() <= SMALL)
    }
}
