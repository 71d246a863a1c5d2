//! What passes between connections and the core.

use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;
use vibesync_engine::Restore;
use vibesync_protocol::{ClientMessage, DaemonMessage, ErrorBody, Hello};
use vibesync_scene::{BatchId, Invalid, SessionId, Uuid};

use super::outbox::Outbox;

/// What reaches the core.
#[derive(Debug)]
pub enum Event {
    /// A client proved itself.
    Connected {
        /// Its session.
        session: SessionId,
        /// What it said.
        hello: Box<Hello>,
        /// What it hears if the engine accepts it.
        welcome: Box<DaemonMessage>,
        /// Where its messages go.
        outbox: Outbox,
        /// The task that takes them from there.
        writer: AbortHandle,
    },
    /// A connection is gone.
    Disconnected {
        /// Whose.
        session: SessionId,
        /// Why.
        reason: String,
    },
    /// A client said something.
    Message {
        /// Who.
        session: SessionId,
        /// What, with its bulk data stored.
        message: Box<ClientMessage>,
        /// What is wrong with its bulk data.
        invalid: Option<Invalid>,
        /// Its permit among what waits for the core; free once it is let go.
        permit: OwnedSemaphorePermit,
    },
    /// What a restore needs has been read or looked for.
    Restorable {
        /// Who wants it.
        session: SessionId,
        /// The restore, or why it cannot be.
        restore: Result<Box<Restore>, Invalid>,
    },
    /// Meshes have been compared.
    Compared {
        /// Of which batch.
        batch: BatchId,
        /// Which differ, and where.
        differing: Vec<(Uuid, String)>,
    },
    /// Stop.
    Shutdown,
}

/// What a session's writer gets.
#[derive(Debug)]
pub enum Outgoing {
    /// Send this.
    Message(Box<DaemonMessage>),
    /// Say why and close.
    Close(ErrorBody),
}
