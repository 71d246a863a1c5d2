//! Writes the messages of a send queue to the socket.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::bytes::Bytes;
use vibesync_protocol::{Code, DaemonMessage, ErrorBody};
use vibesync_scene::SessionId;

use super::event::Event;
use super::outgoing_frame::{FrameError, frame, needs_blobs, plain_frame};
use super::send_queue::{Outgoing, Queued};
use super::shared::Shared;

/// Writes until the core drops the queue, or until the client stops reading. A batch whose blobs cannot be read is not
/// written but reported to the core.
pub async fn write_frames(
    mut write: OwnedWriteHalf,
    mut queue: mpsc::Receiver<Queued>,
    (session, core): (SessionId, mpsc::Sender<Event>),
    shared: Arc<Shared>,
) {
    let limit = shared.silence_limit();
    while let Some(next) = queue.recv().await {
        let message = match next.outgoing {
            Outgoing::Message(message) => message,
            Outgoing::Close(error) => return close(&mut write, error, limit).await,
            Outgoing::Goodbye(reason) => {
                let message = DaemonMessage::Goodbye { reason };
                return close_after(&mut write, &message, limit).await;
            }
        };
        let batch = match &*message {
            DaemonMessage::Apply { batch_id, .. } => Some(*batch_id),
            _ => None,
        };
        let parts = match (encode(*message, &shared).await, batch) {
            (Ok(parts), _) => parts,
            (Err(FrameError::Lost(lost)), Some(batch)) => {
                let unsent = Some((session, batch));
                // The core is gone when the daemon stops.
                let _ = core.send(Event::BlobsLost { lost, unsent }).await;
                continue;
            }
            (Err(error), _) => {
                let code = error.code();
                tracing::error!(error_code = %code, "a frame cannot be built: {error}");
                let error = error_body(code, &error.to_string(), "");
                return close(&mut write, error, limit).await;
            }
        };
        for part in parts {
            if let Err(error) = write_all(&mut write, &part, limit).await {
                return tracing::debug!("a client takes no more: {error}");
            }
        }
    }
    let _ = write.shutdown().await;
}

/// Encodes a message. Reads its blobs in another thread, because the disk may be slow.
async fn encode(message: DaemonMessage, shared: &Arc<Shared>) -> Result<Vec<Bytes>, FrameError> {
    if !needs_blobs(&message) {
        return Ok(vec![plain_frame(&message).into()]);
    }
    let shared = shared.clone();
    tokio::task::spawn_blocking(move || frame(&shared.blob_cache, &shared.blobs, message)).await?
}

/// Sends an error, then closes the connection.
pub async fn close(write: &mut OwnedWriteHalf, error: ErrorBody, limit: Duration) {
    let message = DaemonMessage::Error {
        error,
        operation_id: None,
        request_id: None,
        fatal: true,
    };
    close_after(write, &message, limit).await;
}

/// Sends a last message, then closes the connection.
async fn close_after(write: &mut OwnedWriteHalf, message: &DaemonMessage, limit: Duration) {
    let bytes = plain_frame(message);
    if write_all(write, &bytes, limit).await.is_ok() {
        let _ = write.shutdown().await;
    }
}

/// Writes all bytes. A large frame may take long, but fails after `limit` without progress.
async fn write_all(
    write: &mut OwnedWriteHalf,
    mut bytes: &[u8],
    limit: Duration,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = timeout(limit, write.write_buf(&mut bytes)).await;
        if written.map_err(|_| io::ErrorKind::TimedOut)?? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}

/// Builds an error for the client, with the remedy of its code.
pub fn error_body(code: Code, message: &str, location: &str) -> ErrorBody {
    ErrorBody {
        code,
        message: message.into(),
        location: location.into(),
        help: code.help().into(),
    }
}
