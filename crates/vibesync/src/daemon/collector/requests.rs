//! The way to the thread of the collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use vibesync_protocol::{DaemonMessage, ErrorBody, PruneRequest};
use vibesync_scene::{Code, Uuid};
use vibesync_store::blobs::BlobStore;

use super::due::Due;
use crate::daemon::send_queue::{SendError, SendQueue};

/// Maximum number of requests that wait for the thread.
const WAITING: usize = 4;

/// Stored bytes that are never reached: a look is on its way.
const NEVER: u64 = u64::MAX;

/// A request for the thread.
#[derive(Debug)]
pub(super) enum Request {
    /// Look whether a collection is due.
    Look,
    /// A command asks for one.
    Prune(PruneRequest, SendQueue),
}

/// Requests for the thread.
pub struct Requests(pub(super) Receiver<Request>);

/// The way to the thread.
#[derive(Debug)]
pub struct ToCollector {
    pub(super) requests: SyncSender<Request>,
    pub(super) due: Due,
    /// Stored bytes at which the thread looks next.
    pub(super) look_at: Arc<AtomicU64>,
}

impl ToCollector {
    /// Creates the way to the thread, and its other end. `max_bytes`: the bound of the settings.
    pub fn new(max_bytes: u64) -> (Self, Requests) {
        let (requests, receiver) = sync_channel(WAITING);
        let due = Due::new(max_bytes);
        let to_collector = Self {
            requests,
            due,
            look_at: Arc::new(AtomicU64::new(due.step())),
        };
        (to_collector, Requests(receiver))
    }

    /// Wakes the thread if much was stored since it last looked.
    pub fn note_stored(&self, blobs: &BlobStore) {
        let stored = blobs.stored_bytes();
        let is_due = |at: u64| (stored >= at).then_some(NEVER);
        let order = Ordering::Relaxed;
        if self.look_at.fetch_update(order, order, is_due).is_ok() {
            // A full queue has a request: the thread looks before it waits again.
            let _ = self.requests.try_send(Request::Look);
        }
    }

    /// Passes a request of a command to the thread, which answers it. Does not wait.
    pub fn prune(&self, request: PruneRequest, reply: &SendQueue) -> Result<(), SendError> {
        let sent = self
            .requests
            .try_send(Request::Prune(request, reply.clone()));
        let why = match sent {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(_)) => "other requests to remove bulk data wait already",
            Err(TrySendError::Disconnected(_)) => "the daemon stops",
        };
        refuse(reply, request.request_id, Code::RateLimited, why)
    }
}

pub(super) fn refuse(
    reply: &SendQueue,
    request_id: Uuid,
    code: Code,
    message: &str,
) -> Result<(), SendError> {
    reply.send_message(DaemonMessage::Error {
        error: ErrorBody {
            code,
            message: message.to_owned(),
            location: "blobs".to_owned(),
            help: code.help().to_owned(),
        },
        operation_id: None,
        request_id: Some(request_id),
        fatal: false,
    })
}
