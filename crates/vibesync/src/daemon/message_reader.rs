//! Reads the messages of one client: parses them, stores attachments, checks graphs, and passes them to the core.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use vibesync_protocol::{
    ClientMessage, DaemonMessage, FrameHead, Question, WireError, operation_of, parse_client_head,
};
use vibesync_scene::{Invalid, Role, SessionId, Uuid, truncate_text};

use super::attachments;
use super::blob_cache::RETENTION;
use super::close_reason::CloseReason;
use super::codec::Part;
use super::event::{Event, SMALL};
use super::graph_check;
use super::patch_sizes;
use super::patches;
use super::picture;
use super::preview_patches;
use super::send_queue::{Outgoing, SendQueue};
use super::shared::Shared;
use super::upload::{Attachment, Upload};
use super::view::Asked;
use super::writer::error_body;

/// Maximum size of a client's headers and pictures that wait for the core, in KiB. A faster client waits at its socket, so that it
/// takes no memory and does not delay the others.
const MAX_WAITING: u32 = 4_096;

/// The reader of one client.
pub struct MessageReader {
    session: SessionId,
    role: Role,
    /// Whether the client sends patches, and so wants to know the addresses of what it sent.
    sends_patches: bool,
    shared: Arc<Shared>,
    core: mpsc::Sender<Event>,
    send_queue: SendQueue,
    permits: Arc<Semaphore>,
    /// The message whose attachments are arriving. None if it was refused; its attachments are then skipped.
    pending: Option<Pending>,
}

/// A message whose attachments are arriving, with its permit to wait for the core.
struct Pending {
    message: Box<ClientMessage>,
    permit: OwnedSemaphorePermit,
    upload: Upload,
}

impl MessageReader {
    /// Creates the reader of one client.
    pub fn new(
        (session, role, sends_patches): (SessionId, Role, bool),
        shared: Arc<Shared>,
        core: mpsc::Sender<Event>,
        send_queue: SendQueue,
    ) -> Self {
        Self {
            session,
            role,
            sends_patches,
            shared,
            core,
            send_queue,
            permits: Arc::new(Semaphore::new(MAX_WAITING as usize)),
            pending: None,
        }
    }

    /// Takes the next part of a frame. An error ends the connection.
    pub async fn take(&mut self, part: Part) -> Result<(), CloseReason> {
        let pending = match part {
            Part::Head(head) => self.begin(&head).await?,
            Part::Bulk(piece) => match self.pending.take() {
                Some(mut pending) => {
                    pending.upload.take(piece).await;
                    Some(pending)
                }
                None => None,
            },
        };
        match pending {
            Some(pending) if pending.upload.is_complete() => self.finish(pending).await,
            pending => {
                self.pending = pending;
                Ok(())
            }
        }
    }

    /// Parses the head of a frame. Returns none if the message was refused and the connection goes on.
    async fn begin(&self, head: &FrameHead) -> Result<Option<Pending>, CloseReason> {
        let mut permit = self.permit(head.header.len(), MAX_WAITING).await?;
        let (mut message, lengths) = match parse_client_head(head) {
            Ok((message, lengths)) => (Box::new(message), lengths),
            Err(error) => return self.refuse(head, error).map(|()| None),
        };
        if let Err(invalid) = picture::check_lengths(&message, &lengths) {
            picture::refuse(&mut message, invalid);
            return self.pass_on(message, None, permit).await.map(|()| None);
        }
        if preview_patches::is_too_large(&message, &lengths) {
            return self.pass_on(message, None, permit).await.map(|()| None);
        }
        if picture::has_picture(&message) || preview_patches::has_patches(&message) {
            // Unlike other bulk data, it waits for the core with its message.
            let left = MAX_WAITING - u32::try_from(permit.num_permits()).unwrap_or(MAX_WAITING);
            permit.merge(self.permit(lengths.iter().sum(), left).await?);
        }
        let is_intent = matches!(*message, ClientMessage::Intent(_));
        let is_new_data = is_intent && attachments::has_attachments(&message);
        let is_whole = is_new_data && !patch_sizes::has_patches(&message);
        let blobs = is_whole.then(|| self.shared.blobs.clone());
        Ok(Some(Pending {
            message,
            permit,
            upload: Upload::begin(lengths, blobs).await,
        }))
    }

    /// Waits until so many more bytes may wait for the core. At most `most` KiB count.
    async fn permit(&self, bytes: usize, most: u32) -> Result<OwnedSemaphorePermit, CloseReason> {
        let size = u32::try_from(bytes / 1_024 + 1).unwrap_or(most);
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_many_owned(size.min(most)).await;
        permit.map_err(|_| CloseReason::ClosedByDaemon)
    }

    /// Answers a message that cannot be parsed. The answer to an intent names its operation, so that the client can give
    /// it up.
    fn refuse(&self, head: &FrameHead, error: WireError) -> Result<(), CloseReason> {
        if self.shared.warnings.is_new("message refused", error.code) {
            tracing::warn!(session_id = %self.session, error_code = %error.code, "message refused: {}", error.message);
        }
        let body = error_body(error.code, &error.message, "header");
        if error.is_fatal() {
            let _ = self.send_queue.send(Outgoing::Close(body));
            return Err(error.into());
        }
        let message = DaemonMessage::Error {
            error: body,
            operation_id: operation_of(head),
            request_id: None,
            fatal: false,
        };
        Ok(self.send_queue.send_message(message)?)
    }

    /// Stores and checks a complete message, then passes it to the core.
    async fn finish(&self, pending: Pending) -> Result<(), CloseReason> {
        let Pending {
            mut message,
            permit,
            upload,
        } = pending;
        let mut invalid = None;
        // The blobs of the message stay until the core knows the message.
        let _guard = self.shared.blobs.guard();
        if picture::has_picture(&message) {
            picture::take(&mut message, upload);
        } else if preview_patches::has_patches(&message) {
            preview_patches::take(&mut message, upload);
        } else if attachments::has_attachments(&message) {
            (message, invalid) = self.store(message, upload).await?;
        }
        // A graph from Blender was built by a person and exists already, so it is not checked.
        let is_checked = self.role != Role::Blender && graph_check::has_graphs(&message);
        if invalid.is_none() && is_checked {
            (message, invalid) = self.check_graphs(message).await?;
        }
        self.pass_on(message, invalid, permit).await
    }

    /// Makes the attachments of a message durable. Those of an intent stay in memory for a while, because the other
    /// editor needs them next.
    async fn store(
        &self,
        mut message: Box<ClientMessage>,
        upload: Upload,
    ) -> Result<(Box<ClientMessage>, Option<Invalid>), CloseReason> {
        let mut attachments = upload.finish();
        let shared = self.shared.clone();
        let stored = tokio::task::spawn_blocking(move || {
            let stored = attachments::store_attachments(&shared, &mut message, &mut attachments);
            (message, attachments, stored.err())
        });
        let (message, attachments, invalid) = stored.await.map_err(CloseReason::StoreFailed)?;
        if invalid.is_none()
            && let ClientMessage::Intent(intent) = &*message
        {
            self.cache(attachments);
            self.shared.collector.note_stored(&self.shared.blobs);
            if self.sends_patches {
                self.send_queue.send_message(attachments::stored(intent))?;
            }
        }
        Ok((message, invalid))
    }

    /// Checks the graphs of a message in another thread, because that takes milliseconds.
    async fn check_graphs(
        &self,
        mut message: Box<ClientMessage>,
    ) -> Result<(Box<ClientMessage>, Option<Invalid>), CloseReason> {
        let version = self.shared.blender_version.get();
        let check = move || {
            let invalid = graph_check::canonicalize_graphs(&mut message, version).err();
            (message, invalid)
        };
        tokio::task::spawn_blocking(check)
            .await
            .map_err(CloseReason::GraphCheckFailed)
    }

    fn cache(&self, attachments: Vec<Attachment>) {
        let ids: Vec<_> = attachments.iter().map(|it| it.id).collect();
        for Attachment { id, pieces, .. } in attachments {
            self.shared.blob_cache.insert(id, pieces);
        }
        let shared = self.shared.clone();
        tokio::spawn(async move {
            tokio::time::sleep(RETENTION).await;
            for id in ids {
                shared.blob_cache.take(id);
            }
            tokio::time::sleep(patches::RETENTION).await;
            shared.patches.drop_old(Instant::now());
        });
    }

    /// Passes a message to the core. Answers a ping here, stops the daemon if the command line asks for that, and ends the
    /// connection after a goodbye.
    async fn pass_on(
        &self,
        message: Box<ClientMessage>,
        invalid: Option<Invalid>,
        permit: OwnedSemaphorePermit,
    ) -> Result<(), CloseReason> {
        if let ClientMessage::Ping { nonce, .. } = *message {
            let head_seq = self.shared.head_seq.load(Ordering::Acquire);
            let pong = DaemonMessage::Pong { nonce, head_seq };
            self.send_queue.send_message(pong)?;
        }
        if let (Role::Cli, ClientMessage::Stop { reason }) = (self.role, &*message) {
            // The channel is full if the daemon stops already.
            let _ = self.shared.stop.try_send(truncate_text(reason.clone()));
            return Ok(());
        }
        if let (Role::Cli, ClientMessage::Prune(request)) = (self.role, &*message) {
            return Ok(self.shared.collector.prune(*request, &self.send_queue)?);
        }
        if let ClientMessage::Whole { batch_id } = *message {
            return Ok(self.send_queue.send(Outgoing::Whole(batch_id))?);
        }
        if let ClientMessage::Ask {
            request_id,
            question,
        } = *message
        {
            self.ask(request_id, question);
            return Ok(());
        }
        let is_goodbye = matches!(*message, ClientMessage::Goodbye { .. });
        let is_small = permit.num_permits() <= SMALL;
        let event = Event::Message {
            session: self.session,
            message,
            invalid,
            permit,
        };
        if self.core.send(event).await.is_err() {
            return Err(CloseReason::DaemonStops);
        }
        if !is_small {
            // The core may wait for this thread. Another one reads on.
            tokio::task::yield_now().await;
        }
        match is_goodbye {
            true => Err(CloseReason::Goodbye),
            false => Ok(()),
        }
    }

    /// Passes a question about the scene to the view. The answer includes all that is durable now.
    fn ask(&self, request_id: Uuid, question: Question) {
        self.shared.view.ask(Asked {
            request_id,
            question,
            role: self.role,
            head: self.shared.head_seq.load(Ordering::Acquire),
            reply: self.send_queue.clone(),
        });
    }
}
