//! The way out of a connection: frames for as long as the client takes them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::bytes::Bytes;
use vibesync_protocol::{Code, DaemonMessage, ErrorBody};

use super::bulk;
use super::event::Outgoing;
use super::outbox::Waiting;
use super::shared::Shared;

/// Writes until the core lets go of the session, or until the client takes nothing anymore.
pub async fn write_frames(
    mut write: OwnedWriteHalf,
    mut outgoing: mpsc::Receiver<Waiting>,
    shared: Arc<Shared>,
) {
    let patience = shared.patience();
    while let Some(next) = outgoing.recv().await {
        let message = match next.outgoing {
            Outgoing::Message(message) => message,
            Outgoing::Close(error) => return close(&mut write, error, patience).await,
        };
        let parts = match frame(*message, &shared).await {
            Ok(parts) => parts,
            Err(error) => {
                tracing::error!(error_code = %Code::BlobDamaged, "a frame cannot be built: {error}");
                let error = refusal(Code::BlobDamaged, &error, "");
                return close(&mut write, error, patience).await;
            }
        };
        for part in parts {
            if let Err(error) = write_all(&mut write, &part, patience).await {
                return tracing::debug!("a client takes no more: {error}");
            }
        }
    }
    let _ = write.shutdown().await;
}

/// A frame in the parts that it is written in. Blobs are read from the disk, away from the threads that serve sockets.
async fn frame(message: DaemonMessage, shared: &Arc<Shared>) -> Result<Vec<Bytes>, String> {
    if !bulk::needs_blobs(&message) {
        return Ok(vec![bulk::plain_frame(&message).into()]);
    }
    let shared = shared.clone();
    tokio::task::spawn_blocking(move || bulk::frame(&shared, message))
        .await
        .map_err(|error| error.to_string())?
}

/// Says why and closes.
pub async fn close(write: &mut OwnedWriteHalf, error: ErrorBody, patience: Duration) {
    let message = DaemonMessage::Error {
        error,
        operation_id: None,
        fatal: true,
    };
    let bytes = bulk::plain_frame(&message);
    if write_all(write, &bytes, patience).await.is_ok() {
        let _ = write.shutdown().await;
    }
}

/// A large frame may take its time, but `patience` without a single byte taken is the end.
async fn write_all(
    write: &mut OwnedWriteHalf,
    mut bytes: &[u8],
    patience: Duration,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let taken = timeout(patience, write.write_buf(&mut bytes)).await;
        if taken.map_err(|_| io::ErrorKind::TimedOut)?? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}

/// An error of this connection, with what to do about it.
pub fn refusal(code: Code, message: &str, location: &str) -> ErrorBody {
    ErrorBody {
        code,
        message: message.into(),
        location: location.into(),
        help: code.help().into(),
    }
}
