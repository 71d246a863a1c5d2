//! The messages that wait for a client: limited in number and in memory.

use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::bytes::Bytes;
use vibesync_protocol::{DaemonMessage, ErrorBody, QueryResult};
use vibesync_scene::BatchId;

use super::close_reason::CloseReason;
use super::plain_frame::{is_plain, plain_frame};
use super::preview_slots::{PreviewCounters, PreviewSlots};
use super::wire::{Attempt, Turn, Wire};

/// Maximum number of messages. One read-back can end all transactions that an editor sent in a batch window, and all
/// their outcomes are sent at once. A client that exceeds this is disconnected and resumes later.
const MESSAGES: usize = 16_384;

/// Maximum weight of all messages, in units of about 1 KiB. The largest batch and the largest answer are far below it.
const CAPACITY: u32 = 65_536;

/// Number of uuids in one unit of weight.
const UUIDS: usize = 16;
/// Bytes of a picture in one unit of weight.
const UNIT: usize = 1_024;
/// Weight of an add-on with its manifest.
const MANIFEST: usize = 64;

/// Largest weight of a message that its sender writes at once. The sender may be the thread of the core.
const AT_ONCE: u32 = 4;

/// An instruction for the writer of a session.
#[derive(Debug)]
pub enum Outgoing {
    /// Send this message.
    Message(Box<DaemonMessage>),
    /// Send the rest of a frame.
    Rest(Bytes),
    /// Send the last batch again, with whole buffers, if it is this one.
    Whole(BatchId),
    /// Send this error, then close the connection.
    Close(ErrorBody),
    /// Tell the client that the daemon stops, then close the connection.
    Goodbye(String),
}

/// The sending end of a queue.
#[derive(Clone, Debug)]
pub struct SendQueue {
    queue: mpsc::Sender<Queued>,
    capacity: Arc<Semaphore>,
    /// The socket, for messages that need not wait.
    pub wire: Wire,
    /// The previews, which wait beside the queue.
    pub previews: Arc<PreviewSlots>,
}

/// A message in the queue.
#[derive(Debug)]
pub struct Queued {
    /// The instruction.
    pub outgoing: Outgoing,
    /// Must be kept until the message is written.
    pub place: Place,
}

/// The weight and the turn of a message. Releases both when dropped.
#[derive(Debug)]
pub struct Place {
    weight: OwnedSemaphorePermit,
    _turn: Turn,
}

impl Place {
    /// Returns true if the message takes little time to encode.
    pub fn is_small(&self) -> bool {
        self.weight.num_permits() <= AT_ONCE as usize
    }
}

/// The reason why a message was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The queue is full, because the client does not read.
    Full,
    /// The writer has ended.
    Closed,
}

impl From<SendError> for CloseReason {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Full => CloseReason::ClientDoesNotRead,
            SendError::Closed => CloseReason::ClosedByDaemon,
        }
    }
}

/// Creates a queue. Returns its sending end and the receiver for the writer.
pub fn send_queue(counters: Arc<PreviewCounters>) -> (SendQueue, mpsc::Receiver<Queued>) {
    let (queue, receiver) = mpsc::channel(MESSAGES);
    let send_queue = SendQueue {
        queue,
        capacity: Arc::new(Semaphore::new(CAPACITY as usize)),
        wire: Wire::default(),
        previews: Arc::new(PreviewSlots::new(counters)),
    };
    (send_queue, receiver)
}

impl SendQueue {
    /// Appends a message, without waiting. Previews of the entities in a batch give way to it.
    pub fn send(&self, outgoing: Outgoing) -> Result<(), SendError> {
        let weight = self.admit(&outgoing)?;
        let _turn = self.wire.turn();
        let place = Place { weight, _turn };
        self.queue(Queued { outgoing, place })
            .map_err(|error| reason(&error))
    }

    /// Sends a message, without waiting. Writes it here if it is small and nothing waits before it; else appends it.
    pub fn send_at_once(&self, outgoing: Outgoing) -> Result<(), SendError> {
        let plain = match &outgoing {
            Outgoing::Message(message) if is_plain(message) => Some(message),
            _ => None,
        };
        let Some(message) = plain.filter(|_| weight(&outgoing) <= AT_ONCE) else {
            return self.send(outgoing);
        };
        let weight = self.admit(&outgoing)?;
        let queue = |rest, _turn| {
            let outgoing = Outgoing::Rest(rest);
            let place = Place { weight, _turn };
            self.queue(Queued { outgoing, place })
        };
        match self.wire.write_at_once(|| plain_frame(message), queue) {
            Attempt::Written => Ok(()),
            Attempt::Partly(queued) => queued.map_err(|error| reason(&error)),
            Attempt::Refused => self.send(outgoing),
        }
    }

    /// Sends a message to the client at once, if possible.
    pub fn send_message(&self, message: DaemonMessage) -> Result<(), SendError> {
        self.send_at_once(Outgoing::Message(Box::new(message)))
    }

    /// Takes the weight of a message. Previews of the entities in a batch give way to it.
    fn admit(&self, outgoing: &Outgoing) -> Result<OwnedSemaphorePermit, SendError> {
        if let Outgoing::Message(message) = outgoing
            && let DaemonMessage::Apply { changes, .. } = &**message
        {
            let uuids = changes.iter().map(|change| change.change.uuid());
            self.previews.supersede(uuids);
        }
        let weight = Arc::clone(&self.capacity).try_acquire_many_owned(weight(outgoing));
        weight.map_err(|_| SendError::Full)
    }

    fn queue(&self, queued: Queued) -> Result<(), TrySendError<Queued>> {
        self.queue.try_send(queued)
    }

    /// Waits until the writer has ended.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }
}

fn reason(error: &TrySendError<Queued>) -> SendError {
    match error {
        TrySendError::Full(_) => SendError::Full,
        TrySendError::Closed(_) => SendError::Closed,
    }
}

/// Estimates the memory of a message from its lists; the rest is small. Bulk data is loaded only when it is written.
fn weight(outgoing: &Outgoing) -> u32 {
    let Outgoing::Message(message) = outgoing else {
        return 1;
    };
    let listed = match message.as_ref() {
        DaemonMessage::Apply { changes, .. } => changes.len(),
        DaemonMessage::Sync { want: uuids, .. }
        | DaemonMessage::Want { uuids }
        | DaemonMessage::Ack { behind: uuids, .. }
        | DaemonMessage::Notice { uuids, .. } => uuids.len() / UUIDS,
        DaemonMessage::Result { result, .. } => match result {
            QueryResult::Entities { entities, .. } => entities.len(),
            QueryResult::Governance { failures, .. } => failures.len(),
            QueryResult::Restore { changes, .. } | QueryResult::Plan { changes, .. } => {
                changes.len()
            }
            QueryResult::Revert {
                changes, left_out, ..
            } => changes.len() + left_out.len(),
            QueryResult::Search { found, .. } => found.len(),
            QueryResult::Describe { described, .. } => described.len(),
            QueryResult::Changes { uuids, .. }
            | QueryResult::Visible { uuids, .. }
            | QueryResult::Operation { uuids, .. } => uuids.len() / UUIDS,
            QueryResult::Agents { agents, .. } => agents.len(),
            QueryResult::Status { .. }
            | QueryResult::Prune { .. }
            | QueryResult::Reset { .. }
            | QueryResult::SetAgent { .. }
            | QueryResult::Grant { .. }
            | QueryResult::Decide { .. } => 0,
            QueryResult::Capabilities { addons, .. } => addons.len() * MANIFEST,
        },
        DaemonMessage::ViewResult(answer) => {
            let picture = answer.picture.as_ref();
            picture.map_or(0, |picture| picture.0.len() / UNIT)
        }
        _ => 0,
    };
    u32::try_from(listed).map_or(CAPACITY, |listed| listed.saturating_add(1).min(CAPACITY))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::super::wire::OpenWire;
    use super::*;
    use vibesync_protocol::{ApplyReason, PreviewChange, VersionedChange};
    use vibesync_scene::{Change, Path, ProjectId, Role, Uuid};

    fn message(uuids: usize) -> Outgoing {
        Outgoing::Message(Box::new(DaemonMessage::Sync {
            head_seq: 1,
            want: vec![Uuid::nil(); uuids],
            owed: 0,
        }))
    }

    /// Opens the wire of a queue. Returns the writer's end, and the client's.
    async fn open(queue: &SendQueue) -> (OpenWire, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let client = client.await.unwrap();
        let (_, write) = listener.accept().await.unwrap().0.into_split();
        write.writable().await.unwrap();
        (queue.wire.open(write), client)
    }

    fn goodbye(reason: String) -> DaemonMessage {
        DaemonMessage::Goodbye { reason }
    }

    #[tokio::test]
    async fn message_is_written_at_once_while_nothing_waits() {
        let (queue, mut receiver) = send_queue(Arc::default());
        let (wire, mut client) = open(&queue).await;
        let mut expected = Vec::new();
        for i in 0..3 {
            let message = goodbye(i.to_string());
            expected.extend(plain_frame(&message));
            queue.send_message(message).unwrap();
        }
        assert!(receiver.try_recv().is_err(), "nothing is left to write");
        drop(wire);
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, expected);
        queue.send_message(goodbye(String::new())).unwrap();
        assert!(receiver.try_recv().is_ok(), "the socket is closed");
    }

    #[tokio::test]
    async fn message_does_not_overtake_one_that_waits_or_is_written() {
        let (queue, mut receiver) = send_queue(Arc::default());
        let (_wire, _client) = open(&queue).await;
        queue.send(message(0)).unwrap();
        queue.send_message(goodbye("second".into())).unwrap();
        let first = receiver.try_recv().unwrap();
        queue.send_message(goodbye("third".into())).unwrap();
        drop(first);
        queue.send_message(goodbye("fourth".into())).unwrap();
        for reason in ["second", "third", "fourth"] {
            let next = receiver.try_recv().unwrap();
            assert!(
                matches!(&next.outgoing, Outgoing::Message(it) if **it == goodbye(reason.into()))
            );
        }
    }

    #[tokio::test]
    async fn rest_of_a_frame_goes_before_all_else() {
        let (queue, mut receiver) = send_queue(Arc::default());
        let (wire, mut client) = open(&queue).await;
        let (mut expected, mut queued) = (Vec::new(), Vec::new());
        // The client does not read, so the socket takes only a part at some time.
        let rest = loop {
            let message = goodbye("x".repeat(1_000_003));
            expected.extend(plain_frame(&message));
            queue.send_message(message).unwrap();
            if let Ok(rest) = receiver.try_recv() {
                break rest;
            }
        };
        let left = match &rest.outgoing {
            Outgoing::Rest(rest) => rest.len(),
            other => panic!("{other:?}"),
        };
        // Now the socket takes bytes again.
        let mut read = vec![0; expected.len() - left];
        client.read_exact(&mut read).await.unwrap();
        wire.socket().writable().await.unwrap();
        let last = goodbye("last".into());
        expected.extend(plain_frame(&last));
        queue.send_message(last).unwrap();
        queued.push(rest);
        queued.push(receiver.try_recv().unwrap());
        let reading = async {
            let begin = read.len();
            read.resize(expected.len(), 0);
            client.read_exact(&mut read[begin..]).await.unwrap();
            read
        };
        let writing = async {
            for Queued { outgoing, .. } in queued {
                let bytes = match outgoing {
                    Outgoing::Rest(rest) => rest.to_vec(),
                    Outgoing::Message(message) => plain_frame(&message),
                    other => panic!("{other:?}"),
                };
                let mut bytes = bytes.as_slice();
                while !bytes.is_empty() {
                    wire.socket().writable().await.unwrap();
                    let written = wire.socket().try_write(bytes).unwrap_or_default();
                    bytes = &bytes[written..];
                }
            }
        };
        let (read, ()) = tokio::join!(reading, writing);
        assert!(read == expected, "the frames are whole and in order");
    }

    #[tokio::test]
    async fn queue_is_full_by_number_or_by_size() {
        let (small, _receiver) = send_queue(Arc::default());
        let sent = (0..).take_while(|_| small.send(message(0)).is_ok());
        assert_eq!(sent.count(), MESSAGES);

        let (large, mut receiver) = send_queue(Arc::default());
        let sent = (0..).take_while(|_| large.send(message(16_000)).is_ok());
        assert_eq!(sent.count(), CAPACITY as usize / 1_001);
        assert_eq!(large.send(message(16_000)), Err(SendError::Full));
        drop(receiver.recv().await);
        assert_eq!(
            large.send(message(16_000)),
            Ok(()),
            "a written message has no weight"
        );
    }

    #[test]
    fn batch_removes_waiting_previews_of_its_entities() {
        let (queue, _receiver) = send_queue(Arc::default());
        let value = |id| PreviewChange {
            uuid: Uuid::from_u128(id),
            ..PreviewChange::default()
        };
        queue.previews.show(Role::Blender, vec![value(1), value(2)]);
        let deleted = VersionedChange {
            change: Change::Delete {
                uuid: Uuid::from_u128(1),
            },
            version: 7,
        };
        let batch = DaemonMessage::Apply {
            batch_id: BatchId(Uuid::nil()),
            project_id: ProjectId(Uuid::nil()),
            schema_version: 1,
            reason: ApplyReason::Change,
            path: Path::Fast,
            operations: Vec::new(),
            label: String::new(),
            head_seq: 7,
            changes: vec![deleted],
        };
        assert_eq!(queue.send_message(batch), Ok(()));
        let from = Role::Blender;
        let changes = vec![value(2)];
        assert_eq!(
            queue.previews.take(),
            [DaemonMessage::Preview { from, changes }]
        );
    }

    #[test]
    fn single_message_always_fits() {
        let (queue, _receiver) = send_queue(Arc::default());
        assert_eq!(queue.send(message(2_000_000)), Ok(()));
    }
}
