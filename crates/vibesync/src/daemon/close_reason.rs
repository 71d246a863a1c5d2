//! The reason why a connection ends.

use std::io;
use std::time::Duration;

use tokio::task::JoinError;
use vibesync_protocol::{Code, WireError};

/// The reason why a connection ends. Its text is part of the transaction log.
#[derive(Debug, thiserror::Error)]
pub enum CloseReason {
    /// The client closed the socket.
    #[error("closed by the client")]
    ClosedByClient,
    /// The client said goodbye.
    #[error("goodbye")]
    Goodbye,
    /// The daemon replaced or refused the session, or the writer gave up.
    #[error("closed by the daemon")]
    ClosedByDaemon,
    /// The daemon stops.
    #[error("the daemon stops")]
    DaemonStops,
    /// The send queue is full.
    #[error("the client does not read")]
    ClientDoesNotRead,
    /// Nothing came from the client for this long.
    #[error("{}: silent for {} s", Code::PeerSilent, .0.as_secs())]
    Silent(Duration),
    /// The client broke the protocol.
    #[error(transparent)]
    Protocol(#[from] WireError),
    /// The socket failed.
    #[error(transparent)]
    Socket(#[from] io::Error),
    /// The thread that stores attachments panicked.
    #[error("storing bulk data failed: {0}")]
    StoreFailed(#[source] JoinError),
    /// The thread that checks graphs panicked.
    #[error("checking a graph failed: {0}")]
    GraphCheckFailed(#[source] JoinError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_the_log() {
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        let texts = [
            (CloseReason::ClosedByClient, "closed by the client"),
            (CloseReason::Goodbye, "goodbye"),
            (CloseReason::ClosedByDaemon, "closed by the daemon"),
            (CloseReason::DaemonStops, "the daemon stops"),
            (CloseReason::ClientDoesNotRead, "the client does not read"),
            (
                CloseReason::Silent(Duration::from_millis(10_500)),
                "VS-2007: silent for 10 s",
            ),
            (CloseReason::Socket(reset), "connection reset"),
        ];
        for (reason, text) in texts {
            assert_eq!(reason.to_string(), text);
        }
    }
}
