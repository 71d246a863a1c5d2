//! The encoded messages that wait for a client: limited in number and in memory.

use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use vibesync_protocol::{DaemonMessage, ErrorBody, QueryResult};
use vibesync_scene::BatchId;

use super::close_reason::CloseReason;
use super::preview_slots::{PreviewCounters, PreviewSlots};

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

/// An instruction for the writer of a session.
#[derive(Debug)]
pub enum Outgoing {
    /// Send this message.
    Message(Box<DaemonMessage>),
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
    /// The previews, which wait beside the queue.
    pub previews: Arc<PreviewSlots>,
}

/// A message in the queue. Releases its weight when dropped, after it has been written.
#[derive(Debug)]
pub struct Queued {
    /// The instruction.
    pub outgoing: Outgoing,
    _weight: OwnedSemaphorePermit,
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
        previews: Arc::new(PreviewSlots::new(counters)),
    };
    (send_queue, receiver)
}

impl SendQueue {
    /// Appends a message, without waiting. Previews of the entities in a batch give way to it.
    pub fn send(&self, outgoing: Outgoing) -> Result<(), SendError> {
        if let Outgoing::Message(message) = &outgoing
            && let DaemonMessage::Apply { changes, .. } = &**message
        {
            let uuids = changes.iter().map(|change| change.change.uuid());
            self.previews.supersede(uuids);
        }
        let capacity = Arc::clone(&self.capacity);
        let weight = capacity.try_acquire_many_owned(weight(&outgoing));
        let queued = Queued {
            outgoing,
            _weight: weight.map_err(|_| SendError::Full)?,
        };
        self.queue.try_send(queued).map_err(|error| match error {
            TrySendError::Full(_) => SendError::Full,
            TrySendError::Closed(_) => SendError::Closed,
        })
    }

    /// Appends a message to the client, without waiting.
    pub fn send_message(&self, message: DaemonMessage) -> Result<(), SendError> {
        self.send(Outgoing::Message(Box::new(message)))
    }

    /// Waits until the writer has ended.
    pub async fn closed(&self) {
        self.queue.closed().await;
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
    use super::*;
    use vibesync_protocol::{ApplyReason, PreviewChange, VersionedChange};
    use vibesync_scene::{Change, Components, Path, ProjectId, Role, Uuid};

    fn message(uuids: usize) -> Outgoing {
        Outgoing::Message(Box::new(DaemonMessage::Sync {
            head_seq: 1,
            want: vec![Uuid::nil(); uuids],
            owed: 0,
        }))
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
            components: Components::default(),
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
