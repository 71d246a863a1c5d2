//! What waits for a client to read it: bounded in messages, and in what they take of memory.

use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use vibesync_protocol::{DaemonMessage, QueryResult};

use super::event::Outgoing;

/// Messages that wait for a client to read them; a client that lets more gather is cut off and resumes later. One
/// read-back may end all the transactions that an editor sent in a window, and the outcomes of all come at once.
const MESSAGES: usize = 16_384;

/// What they may take together, in units of about a KiB. The largest batch and the largest answer are far below it.
const ROOM: u32 = 65_536;

/// Uuids in a unit.
const UUIDS: usize = 16;

/// Where a session's messages go.
#[derive(Clone, Debug)]
pub struct Outbox {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

/// A message in the queue, and the room that it takes there until it has been written.
#[derive(Debug)]
pub struct Waiting {
    /// What is to be sent.
    pub outgoing: Outgoing,
    _room: OwnedSemaphorePermit,
}

/// Why a message does not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// The client does not read.
    Full,
    /// The writer has ended.
    Closed,
}

/// An outbox, and where its writer takes messages from.
pub fn outbox() -> (Outbox, mpsc::Receiver<Waiting>) {
    let (queue, outgoing) = mpsc::channel(MESSAGES);
    let room = Arc::new(Semaphore::new(ROOM as usize));
    (Outbox { queue, room }, outgoing)
}

impl Outbox {
    /// Puts a message behind all that waits, and does not wait itself.
    pub fn send(&self, outgoing: Outgoing) -> Result<(), Unsent> {
        let room = Arc::clone(&self.room);
        let room = room.try_acquire_many_owned(weight(&outgoing));
        let waiting = Waiting {
            outgoing,
            _room: room.map_err(|_| Unsent::Full)?,
        };
        self.queue.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => Unsent::Full,
            TrySendError::Closed(_) => Unsent::Closed,
        })
    }

    /// Says something; a reason ends the connection.
    pub fn say(&self, message: DaemonMessage) -> Option<String> {
        let sent = self.send(Outgoing::Message(Box::new(message)));
        sent.err().map(|unsent| match unsent {
            Unsent::Full => "the client does not read".into(),
            Unsent::Closed => "closed by the daemon".into(),
        })
    }

    /// Comes back once the writer has ended.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }
}

/// By the lists in it: all else in a message is small. Bulk data is read only when its message is written.
fn weight(outgoing: &Outgoing) -> u32 {
    let Outgoing::Message(message) = outgoing else {
        return 1;
    };
    let listed = match message.as_ref() {
        DaemonMessage::Apply { changes, .. } => changes.len(),
        DaemonMessage::Sync { want: uuids, .. }
        | DaemonMessage::Ack { behind: uuids, .. }
        | DaemonMessage::Notice { uuids, .. } => uuids.len() / UUIDS,
        DaemonMessage::Result { result, .. } => match result {
            QueryResult::Entities { entities, .. } => entities.len(),
            QueryResult::Governance { failures, .. } => failures.len(),
            QueryResult::Restore { changes, .. } => changes.len(),
            QueryResult::Status { .. } | QueryResult::Reset { .. } => 0,
        },
        _ => 0,
    };
    u32::try_from(listed).map_or(ROOM, |listed| listed.saturating_add(1).min(ROOM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vibesync_scene::Uuid;

    fn answer(uuids: usize) -> Outgoing {
        Outgoing::Message(Box::new(DaemonMessage::Sync {
            head_seq: 1,
            want: vec![Uuid::nil(); uuids],
            owed: 0,
        }))
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_full_by_number_or_by_size() {
        let (small, _outgoing) = outbox();
        let sent = (0..).take_while(|_| small.send(answer(0)).is_ok());
        assert_eq!(sent.count(), MESSAGES);

        let (large, mut outgoing) = outbox();
        let sent = (0..).take_while(|_| large.send(answer(16_000)).is_ok());
        assert_eq!(sent.count(), ROOM as usize / 1_001);
        assert_eq!(large.send(answer(16_000)), Err(Unsent::Full));
        drop(outgoing.recv().await);
        assert_eq!(
            large.send(answer(16_000)),
            Ok(()),
            "what is written takes no room"
        );
    }

    #[test]
    fn one_message_is_never_too_large_by_itself() {
        let (alone, _outgoing) = outbox();
        assert_eq!(alone.send(answer(2_000_000)), Ok(()));
    }
}
