//! Writes the messages of a send queue to the socket.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::bytes::Bytes;
use vibesync_protocol::{Code, DaemonMessage, ErrorBody};
use vibesync_scene::SessionId;

use super::event::Event;
use super::held::{Held, Known};
use super::outgoing_frame::{FrameError, attached_frame, frame};
use super::plain_frame::{add_plain_frame, is_plain, needs_blobs, plain_frame};
use super::preview_drain::PreviewDrain;
use super::send_queue::{Outgoing, Place, Queued};
use super::shared::Shared;
use super::wire::OpenWire;

/// Bytes of frames that are written together at most, but for one message more.
const TOGETHER: usize = 64 * 1_024;

/// The writer of one client.
struct Writer {
    wire: OpenWire,
    queue: mpsc::Receiver<Queued>,
    /// Small frames that are written together, and the places of their messages.
    frames: Vec<u8>,
    places: Vec<Place>,
    session: SessionId,
    core: mpsc::Sender<Event>,
    shared: Arc<Shared>,
    held: Held,
}

/// The writer has written its last message, or the client takes no more.
struct Ended;

/// Writes until the core drops the queue, or until the client stops reading. A batch whose blobs cannot be read is not
/// written but reported to the core. Previews are written while the queue is empty.
pub async fn write_frames(
    wire: OpenWire,
    (queue, mut previews): (mpsc::Receiver<Queued>, PreviewDrain),
    (session, core): (SessionId, mpsc::Sender<Event>),
    (shared, held): (Arc<Shared>, Held),
) {
    let mut writer = Writer {
        wire,
        queue,
        frames: Vec::new(),
        places: Vec::new(),
        session,
        core,
        shared,
        held,
    };
    let limit = writer.shared.silence_limit();
    while let Some(first) = next(&writer.wire, &mut writer.queue, &mut previews, limit).await {
        if writer.write_from(first).await.is_err() {
            return;
        }
    }
}

impl Writer {
    /// Writes a message and those that wait behind it. Small ones are written together.
    async fn write_from(&mut self, first: Queued) -> Result<(), Ended> {
        let mut next = Some(first);
        while let Some(Queued { outgoing, place }) = next {
            match outgoing {
                Outgoing::Message(message) if place.is_small() && is_plain(&message) => {
                    add_plain_frame(&message, &mut self.frames);
                    self.places.push(place);
                }
                other => {
                    self.flush().await?;
                    self.write_alone(other).await?;
                }
            }
            if self.frames.len() > TOGETHER {
                self.flush().await?;
            }
            next = self.queue.try_recv().ok();
        }
        self.flush().await
    }

    /// Writes the small frames.
    async fn flush(&mut self) -> Result<(), Ended> {
        self.write(&self.frames).await?;
        self.frames.clear();
        self.frames.shrink_to(TOGETHER);
        self.places.clear();
        Ok(())
    }

    async fn write_alone(&mut self, outgoing: Outgoing) -> Result<(), Ended> {
        let limit = self.shared.silence_limit();
        let message = match outgoing {
            Outgoing::Message(message) => *message,
            Outgoing::Whole(batch) => {
                let Some(message) = self.held.take_last(batch) else {
                    return Ok(());
                };
                self.held.forget();
                *message
            }
            Outgoing::Rest(rest) => return self.write(&rest).await,
            Outgoing::Close(error) => {
                close(self.wire.socket(), error, limit).await;
                return Err(Ended);
            }
            Outgoing::Goodbye(reason) => {
                self.write(&plain_frame(&DaemonMessage::Goodbye { reason }))
                    .await?;
                return Err(Ended);
            }
        };
        let batch = match &message {
            DaemonMessage::Apply { batch_id, .. } => Some(*batch_id),
            _ => None,
        };
        let known = self.held.note(&message);
        let parts = match (encode(message, known, &self.shared).await, batch) {
            (Ok(parts), _) => parts,
            (Err(FrameError::Lost(lost)), Some(batch)) => {
                let unsent = Some((self.session, batch));
                // The core is gone when the daemon stops.
                let _ = self.core.send(Event::BlobsLost { lost, unsent }).await;
                return Ok(());
            }
            (Err(error), _) => {
                let code = error.code();
                tracing::error!(error_code = %code, "a frame cannot be built: {error}");
                let error = error_body(code, &error.to_string(), "");
                close(self.wire.socket(), error, limit).await;
                return Err(Ended);
            }
        };
        for part in parts {
            self.write(&part).await?;
        }
        Ok(())
    }

    async fn write(&self, bytes: &[u8]) -> Result<(), Ended> {
        let limit = self.shared.silence_limit();
        let written = write_all(self.wire.socket(), bytes, limit).await;
        written.map_err(|error| {
            tracing::debug!("a client takes no more: {error}");
            Ended
        })
    }
}

/// Returns the next message of the queue. Writes previews until one comes. Returns none at the end of the queue or of the
/// connection.
async fn next(
    wire: &OpenWire,
    queue: &mut mpsc::Receiver<Queued>,
    previews: &mut PreviewDrain,
    limit: Duration,
) -> Option<Queued> {
    loop {
        tokio::select! {
            // The queue is asked first: previews wait for all else.
            biased;
            queued = queue.recv() => return queued,
            () = previews.due(wire.socket()) => {}
        }
        // If there is no turn, a message is on its way into the queue.
        let Some(_turn) = wire.turn_if_idle() else {
            tokio::task::yield_now().await;
            continue;
        };
        for message in previews.take() {
            // A preview has a bounded size, so its frame can be built.
            for part in attached_frame(message).unwrap_or_default() {
                if let Err(error) = write_all(wire.socket(), &part, limit).await {
                    tracing::debug!("a client takes no more: {error}");
                    return None;
                }
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
        return attached_frame(message);
    }
    let shared = shared.clone();
    tokio::task::spawn_blocking(move || frame(&shared, message, &known)).await?
}

/// Sends an error. The caller closes the connection.
pub async fn close(socket: &OwnedWriteHalf, error: ErrorBody, limit: Duration) {
    let message = DaemonMessage::Error {
        error,
        operation_id: None,
        request_id: None,
        fatal: true,
    };
    let _ = write_all(socket, &plain_frame(&message), limit).await;
}

/// Writes all bytes. A large frame may take long, but fails after `limit` without progress.
async fn write_all(socket: &OwnedWriteHalf, mut bytes: &[u8], limit: Duration) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.try_write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let writable = timeout(limit, socket.writable()).await;
                writable.map_err(|_| io::ErrorKind::TimedOut)??;
            }
            Err(error) => return Err(error),
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
    use vibesync_scene::{Role, Uuid};

    use super::super::send_queue::send_queue;
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn queued_message_goes_before_previews() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let mut client = client.await.unwrap();
        let (_read, write) = listener.accept().await.unwrap().0.into_split();

        let (send_queue, mut queue) = send_queue(Arc::default());
        let wire = send_queue.wire.open(write);
        let mut previews = PreviewDrain::new(Arc::clone(&send_queue.previews));
        let changes = vec![PreviewChange {
            uuid: Uuid::nil(),
            ..PreviewChange::default()
        }];
        let from = Role::Blender;
        let shown = plain_frame(&DaemonMessage::Preview {
            from,
            changes: changes.clone(),
        });
        send_queue.previews.show(from, changes);
        send_queue.send(Outgoing::Goodbye("test".into())).unwrap();
        wire.socket().writable().await.unwrap();
        let first = next(&wire, &mut queue, &mut previews, PATIENCE).await;
        assert!(first.is_some());
        let durable = b"durable";
        write_all(wire.socket(), durable, PATIENCE).await.unwrap();
        drop(first);

        let mut read = vec![0; durable.len() + shown.len()];
        tokio::select! {
            _ = next(&wire, &mut queue, &mut previews, PATIENCE) => panic!("nothing is queued"),
            read = client.read_exact(&mut read) => drop(read.unwrap()),
        }
        assert_eq!(read, [durable.as_slice(), &shown].concat());
    }
}
