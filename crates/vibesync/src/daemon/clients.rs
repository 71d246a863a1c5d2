//! The connected clients: their queues, and the end of their connections.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Duration;
use vibesync_engine::PreviewUpdate;
use vibesync_protocol::{Code, DaemonMessage};
use vibesync_scene::SessionId;

use super::send_queue::{Outgoing, SendError, SendQueue};

/// Time that the clients get to take their last messages when the daemon ends.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connected client.
pub struct Client {
    /// The messages for it.
    pub send_queue: SendQueue,
    /// The task that writes them.
    pub writer: AbortHandle,
    /// A command, which only looks or asks for one thing.
    pub is_command: bool,
    /// Sent when the engine accepts the client. Until then no message of the client is read.
    pub welcome: Option<(Box<DaemonMessage>, oneshot::Sender<()>)>,
}

/// All connected clients. The core adds them; the thread that makes records durable sends to them and drops them.
#[derive(Default)]
pub struct Clients {
    clients: Mutex<HashMap<SessionId, Client>>,
}

impl Clients {
    /// Adds a client.
    pub fn insert(&self, session: SessionId, client: Client) {
        self.all().insert(session, client);
    }

    /// Drops a client. Its connection ends once its queue is written.
    pub fn remove(&self, session: SessionId) {
        self.all().remove(&session);
    }

    /// Returns true if an editor or agent is connected.
    pub fn has_user(&self) -> bool {
        self.all().values().any(|client| !client.is_command)
    }

    /// Locks the clients. A lock that a panic has left is taken over: it only holds ends of queues.
    fn all(&self) -> MutexGuard<'_, HashMap<SessionId, Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the welcome of a client that has none yet, and lets the client speak.
    pub fn take_welcome(&self, session: SessionId) -> Option<Box<DaemonMessage>> {
        let (welcome, admitted) = self.all().get_mut(&session)?.welcome.take()?;
        // A client that has gone meanwhile reads nothing.
        let _ = admitted.send(());
        Some(welcome)
    }

    /// Sends a message to a client, by its writer or `at_once`. Disconnects a client whose queue is full: it resumes later,
    /// and the others do not wait for it.
    pub fn send(&self, session: SessionId, outgoing: Outgoing, at_once: bool) {
        let mut clients = self.all();
        let Some(client) = clients.get(&session) else {
            return;
        };
        let sent = match at_once {
            true => client.send_queue.send_at_once(outgoing),
            false => client.send_queue.send(outgoing),
        };
        if sent == Err(SendError::Full) {
            tracing::warn!(session_id = %session, error_code = %Code::PeerSilent, "the client does not read; its connection is closed");
            // The writer blocks on the socket. Aborting it ends the session, which then reports its end.
            client.writer.abort();
            clients.remove(&session);
        }
    }

    /// Lets a client show values, or put them back, when there is time.
    pub fn preview(&self, session: SessionId, update: PreviewUpdate) {
        let clients = self.all();
        let Some(client) = clients.get(&session) else {
            return;
        };
        match update {
            PreviewUpdate::Show { from, changes } => {
                client.send_queue.previews.show(from, changes);
            }
            PreviewUpdate::End { uuids } => client.send_queue.previews.end(uuids),
        }
    }

    /// Sends a last message to every client, and waits until the queues are written.
    pub async fn close_all(&self, last: impl Fn() -> Outgoing) {
        let clients: Vec<Client> = self.all().drain().map(|(_, client)| client).collect();
        for client in &clients {
            // A client whose queue is full gets no last message: it does not read.
            let _ = client.send_queue.send(last());
        }
        let written = async {
            for client in &clients {
                client.send_queue.closed().await;
            }
        };
        if tokio::time::timeout(CLOSE_TIMEOUT, written).await.is_err() {
            tracing::warn!("a client does not read; its connection is closed");
        }
    }
}
