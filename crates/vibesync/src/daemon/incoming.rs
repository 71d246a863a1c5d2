//! What a client says: parsed, its bulk data stored, given to the core.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinError;
use vibesync_protocol::{ClientMessage, DaemonMessage, FrameHead, WireError, parse_client_head};
use vibesync_scene::{Invalid, Role, SessionId};

use super::bulk;
use super::codec::Part;
use super::event::{Event, Outgoing};
use super::graphs;
use super::intake::{Attachment, Intake};
use super::outbox::Outbox;
use super::recent::KEPT;
use super::shared::Shared;
use super::writer::refusal;

/// KiB of a client's headers that wait for the core. A client that says more, faster than it is decided, waits at its
/// socket: it takes no memory, and nobody waits long behind it.
const WAITING: u32 = 4_096;

/// One client's way to the core.
pub struct Incoming {
    session: SessionId,
    role: Role,
    shared: Arc<Shared>,
    core: mpsc::Sender<Event>,
    outbox: Outbox,
    waiting: Arc<Semaphore>,
    /// What has not arrived as a whole. None too where that is refused: its bulk data is skipped.
    pending: Option<Pending>,
}

/// A message, its permit among what waits for the core, and its bulk data.
struct Pending {
    message: ClientMessage,
    permit: OwnedSemaphorePermit,
    intake: Intake,
}

impl Incoming {
    /// Of this client.
    pub fn new(
        session: SessionId,
        role: Role,
        shared: Arc<Shared>,
        core: mpsc::Sender<Event>,
        outbox: Outbox,
    ) -> Self {
        Self {
            session,
            role,
            shared,
            core,
            outbox,
            waiting: Arc::new(Semaphore::new(WAITING as usize)),
            pending: None,
        }
    }

    /// Takes a part of a frame; a reason ends the connection.
    pub async fn take(&mut self, part: Part) -> Option<String> {
        let mut pending = match part {
            Part::Head(head) => match self.begin(&head).await {
                Ok(pending) => pending,
                Err(ends) => return ends,
            },
            Part::Bulk(piece) => {
                let mut pending = self.pending.take()?;
                pending.intake.take(piece).await;
                pending
            }
        };
        if !pending.intake.is_complete() {
            self.pending = Some(pending);
            return None;
        }
        let mut invalid = None;
        if bulk::has_bulk(&pending.message) {
            (pending.message, invalid) = match self.store(pending.message, pending.intake).await {
                Ok(stored) => stored,
                Err(error) => return Some(format!("storing bulk data failed: {error}")),
            };
        }
        // What Blender says is in Blender already, made by a person: it is as it is.
        let is_asked_for = self.role != Role::Blender;
        if invalid.is_none() && is_asked_for && graphs::has_graphs(&pending.message) {
            (pending.message, invalid) = match self.check_graphs(pending.message).await {
                Ok(checked) => checked,
                Err(error) => return Some(format!("checking a graph failed: {error}")),
            };
        }
        self.tell(pending.message, invalid, pending.permit).await
    }

    /// Reads what a frame begins with; an error is a reason to end the connection, if there is one.
    async fn begin(&self, head: &FrameHead) -> Result<Pending, Option<String>> {
        let size = u32::try_from(head.header.len() / 1_024 + 1).unwrap_or(WAITING);
        let waiting = Arc::clone(&self.waiting);
        let permit = waiting.acquire_many_owned(size.min(WAITING)).await;
        let permit = permit.map_err(|_| Some("closed by the daemon".to_owned()))?;
        let (message, lengths) = parse_client_head(head).map_err(|error| self.refuse(&error))?;
        let is_new = matches!(message, ClientMessage::Intent(_)) && bulk::has_bulk(&message);
        let blobs = is_new.then(|| self.shared.blobs.clone());
        Ok(Pending {
            message,
            permit,
            intake: Intake::begin(lengths, blobs).await,
        })
    }

    fn refuse(&self, error: &WireError) -> Option<String> {
        tracing::warn!(session_id = %self.session, error_code = %error.code, "message refused: {}", error.message);
        let body = refusal(error.code, &error.message, "header");
        if error.is_fatal() {
            let _ = self.outbox.send(Outgoing::Close(body));
            return Some(error.to_string());
        }
        let message = DaemonMessage::Error {
            error: body,
            operation_id: None,
            fatal: false,
        };
        self.outbox.say(message)
    }

    /// Makes a message's bulk data durable. What an intent brings is kept in memory for a while: others need it now.
    async fn store(
        &self,
        mut message: ClientMessage,
        intake: Intake,
    ) -> Result<(ClientMessage, Option<Invalid>), String> {
        let mut attachments = intake.finish();
        let shared = self.shared.clone();
        let stored = tokio::task::spawn_blocking(move || {
            let invalid = bulk::take_in(&shared.blobs, &mut message, &mut attachments).err();
            (message, attachments, invalid)
        });
        let (message, attachments, invalid) = stored.await.map_err(|error| error.to_string())?;
        if invalid.is_none() && matches!(message, ClientMessage::Intent(_)) {
            self.keep(attachments);
        }
        Ok((message, invalid))
    }

    /// Checks a message's graphs, beside what others say: it takes milliseconds.
    async fn check_graphs(
        &self,
        mut message: ClientMessage,
    ) -> Result<(ClientMessage, Option<Invalid>), JoinError> {
        let usual = self.shared.blender.version();
        let check = move || {
            let invalid = graphs::take_in(&mut message, usual).err();
            (message, invalid)
        };
        tokio::task::spawn_blocking(check).await
    }

    fn keep(&self, attachments: Vec<Attachment>) {
        let ids: Vec<_> = attachments.iter().map(|it| it.id).collect();
        for Attachment { id, pieces, .. } in attachments {
            self.shared.recent.keep(id, pieces);
        }
        let shared = self.shared.clone();
        tokio::spawn(async move {
            tokio::time::sleep(KEPT).await;
            for id in ids {
                shared.recent.take(id);
            }
        });
    }

    async fn tell(
        &self,
        message: ClientMessage,
        invalid: Option<Invalid>,
        permit: OwnedSemaphorePermit,
    ) -> Option<String> {
        if let ClientMessage::Ping { nonce, .. } = message {
            let head_seq = self.shared.head_seq.load(Ordering::Acquire);
            if let Some(reason) = self.outbox.say(DaemonMessage::Pong { nonce, head_seq }) {
                return Some(reason);
            }
        }
        let goodbye = matches!(message, ClientMessage::Goodbye { .. });
        let event = Event::Message {
            session: self.session,
            message: Box::new(message),
            invalid,
            permit,
        };
        if self.core.send(event).await.is_err() {
            return Some("the daemon stops".into());
        }
        goodbye.then(|| "goodbye".into())
    }
}
