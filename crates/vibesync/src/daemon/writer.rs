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
use super::held::{Held, Known};
use super::outgoing_frame::{FrameError, frame, needs_blobs, picture_frame, plain_frame};
use super::preview_drain::PreviewDrain;
use super::send_queue::{Outgoing, Queued};
use super::shared::Shared;

/// Writes until the core drops the queue, or until the client stops reading. A batch whose blobs cannot be read is not
/// written but reported to the core. Previews are written while the queue is empty.
pub async fn write_frames(
    mut write: OwnedWriteHalf,
    (mut queue, mut previews): (mpsc::Receiver<Queued>, PreviewDrain),
    (session, core): (SessionId, mpsc::Sender<Event>),
    (shared, mut held): (Arc<Shared>, Held),
) {
    let limit = shared.silence_limit();
    while let Some(next) = next(&mut write, &mut queue, &mut previews, limit).await {
        let message = match next.outgoing {
            Outgoing::Message(message) => message,
            Outgoing::Whole(batch) => match held.take_last(batch) {
                Some(message) => {
                    held.forget();
                    message
                }
                None => continue,
            },
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
        let known = held.note(&message);
        let parts = match (encode(*message, known, &shared).await, batch) {
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

/// Returns the next message of the queue. Writes previews until one comes. Returns none at the end of the queue or of the
/// connection.
async fn next(
    write: &mut OwnedWriteHalf,
    queue: &mut mpsc::Receiver<Queued>,
    previews: &mut PreviewDrain,
    limit: Duration,
) -> Option<Queued> {
    loop {
        let messages = tokio::select! {
            // The queue is asked first: previews wait for all else.
            biased;
            queued = queue.recv() => return queued,
            messages = previews.due(write) => messages,
        };
        for message in messages {
            if let Err(error) = write_all(write, &plain_frame(&message), limit).await {
                tracing::debug!("a client takes no more: {error}");
                return None;
            }
        }
    }
}

/// Encodes a message. Reads its blobs in another thread, because the disk may be slow.
async fn encode(
    message: DaemonMessage,
    known: Known,
    shared: &Arc<Shared>,
) -> Result<Vec<Bytes>, FrameError> {
    if !needs_blobs(&message) {
        return picture_frame(message);
    }
    let shared = shared.clone();
    tokio::task::spawn_blocking(move || frame(&shared, message, &known)).await?
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

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};
    use vibesync_protocol::PreviewChange;
    use vibesync_scene::{Components, Role, Uuid};

    use super::super::send_queue::send_queue;
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn queued_message_goes_before_previews() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let mut client = client.await.unwrap();
        let (_read, mut write) = listener.accept().await.unwrap().0.into_split();

        let (send_queue, mut queue) = send_queue(Arc::default());
        let mut previews = PreviewDrain::new(Arc::clone(&send_queue.previews));
        let changes = vec![PreviewChange {
            uuid: Uuid::nil(),
            components: Components::default(),
        }];
        let from = Role::Blender;
        let shown = plain_frame(&DaemonMessage::Preview {
            from,
            changes: changes.clone(),
        });
        send_queue.previews.show(from, changes);
        send_queue.send(Outgoing::Goodbye("test".into())).unwrap();
        write.writable().await.unwrap();
        let first = next(&mut write, &mut queue, &mut previews, PATIENCE).await;
        assert!(first.is_some());
        let durable = b"durable";
        write_all(&mut write, durable, PATIENCE).await.unwrap();

        let mut read = vec![0; durable.len() + shown.len()];
        tokio::select! {
            _ = next(&mut write, &mut queue, &mut previews, PATIENCE) => panic!("nothing is queued"),
            read = client.read_exact(&mut read) => drop(read.unwrap()),
        }
        assert_eq!(read, [durable.as_slice(), &shown].concat());
    }
}
