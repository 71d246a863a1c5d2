//! The thread of the collector: waits until a collection is due, or until a command asks for one.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;
use vibesync_protocol::{BlobReport, DaemonMessage, PruneRequest, QueryResult};
use vibesync_store::collect::CollectError;

use super::collection::Collection;
use super::due::Due;
use super::requests::{Request, Requests, refuse};
use crate::daemon::event::Event;
use crate::daemon::send_queue::SendQueue;
use crate::daemon::shared::Shared;
use crate::platform::priority::lower_priority;

/// Steps of work between two pauses, such as records or files.
const STEPS: u32 = 64;

/// Length of a pause: clients have processor and disk for themselves.
const PAUSE: Duration = Duration::from_millis(2);

/// Time between two looks at the request to stop, while nothing is due.
const SLEEP: Duration = Duration::from_secs(3_600);

/// Handle of the thread. Dropping it ends the thread.
pub struct Collector {
    is_stopping: Arc<AtomicBool>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    /// Starts the thread.
    pub fn start(
        shared: Arc<Shared>,
        to_core: mpsc::Sender<Event>,
        requests: Requests,
    ) -> std::io::Result<Self> {
        let is_stopping = Arc::new(AtomicBool::new(false));
        let due = shared.collector.due;
        let work = Work {
            collection: Collection {
                shared: Arc::clone(&shared),
                to_core,
                max_bytes: due.max_bytes(),
            },
            due,
            look_at: Arc::clone(&shared.collector.look_at),
            is_stopping: Arc::clone(&is_stopping),
            steps: Cell::new(0),
            last: None,
        };
        let thread = std::thread::Builder::new()
            .name("collector".into())
            .spawn(move || work.run(&requests))?;
        Ok(Self {
            is_stopping,
            shared,
            thread: Some(thread),
        })
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Release);
        // A full queue wakes the thread as well.
        let _ = self.shared.collector.requests.try_send(Request::Look);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that removes bulk data had panicked");
        }
    }
}

/// The state of the thread.
struct Work {
    collection: Collection,
    due: Due,
    /// Stored bytes at which the thread is woken next.
    look_at: Arc<AtomicU64>,
    is_stopping: Arc<AtomicBool>,
    /// Steps since the last pause.
    steps: Cell<u32>,
    /// The last collection.
    last: Option<Last>,
}

/// The size after a collection, or at the start.
#[derive(Clone, Copy)]
struct Last {
    /// Bytes of all blobs.
    bytes: u64,
    /// Bytes that had been stored since the start.
    stored: u64,
}

impl Work {
    fn run(mut self, requests: &Requests) {
        lower_priority();
        while !self.is_stopping() {
            self.collect_if_due();
            match requests.0.recv_timeout(SLEEP) {
                Ok(Request::Look) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Request::Prune(request, reply)) => self.prune(request, &reply),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Counts a step of work, and pauses now and then. Returns true if the thread must stop.
    fn step(&self) -> bool {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() >= STEPS {
            self.steps.set(0);
            std::thread::sleep(PAUSE);
        }
        self.is_stopping()
    }

    fn collect_if_due(&mut self) {
        let stored = self.collection.shared.blobs.stored_bytes();
        let next = stored + self.due.step();
        self.look_at.store(next, Ordering::Relaxed);
        let is_due = match self.last {
            Some(last) => {
                let grown = stored.saturating_sub(last.stored);
                self.due.is_due(last.bytes + grown, grown)
            }
            None => match self.measure() {
                Some(bytes) => {
                    self.last = Some(Last { bytes, stored });
                    self.due.is_near(bytes)
                }
                None => false,
            },
        };
        if is_due {
            self.collect(false);
        }
    }

    /// Returns the bytes of all blobs at the start.
    fn measure(&self) -> Option<u64> {
        let measured = self.collection.measure(&|| self.step());
        measured.unwrap_or_else(|error| {
            tracing::warn!(error_code = %error.code(), "bulk data was not measured: {error}");
            None
        })
    }

    /// Collects, and notes the result. Returns none if the thread must stop.
    fn collect(&mut self, dry_run: bool) -> Option<Result<BlobReport, CollectError>> {
        let stored = self.collection.shared.blobs.stored_bytes();
        let collected = self.collection.run(dry_run, &|| self.step()).transpose()?;
        match &collected {
            Ok(report) if !dry_run => self.note(report, stored),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error_code = %error.code(), "no bulk data was removed: {error}");
                // The next attempt follows after as much growth as after a success.
                if let Some(last) = &mut self.last {
                    last.bytes += stored.saturating_sub(last.stored);
                    last.stored = stored;
                }
            }
        }
        Some(collected)
    }

    fn note(&mut self, report: &BlobReport, stored: u64) {
        let BlobReport {
            scene,
            log,
            history,
            unnamed,
            removed,
            ..
        } = report;
        let all = [scene, log, history, unnamed];
        let bytes: u64 = all.iter().map(|count| count.bytes).sum();
        let bytes = bytes.saturating_sub(removed.bytes);
        self.last = Some(Last { bytes, stored });
        tracing::info!(
            removed = removed.blobs,
            removed_bytes = removed.bytes,
            bytes,
            "bulk data that nothing needs was removed"
        );
    }

    /// Answers a command.
    fn prune(&mut self, request: PruneRequest, reply: &SendQueue) {
        let PruneRequest {
            request_id,
            dry_run,
        } = request;
        let sent = match self.collect(dry_run) {
            None => return,
            Some(Ok(report)) => reply.send_message(DaemonMessage::Result {
                request_id,
                result: QueryResult::Prune { report },
            }),
            Some(Err(error)) => refuse(reply, request_id, error.code(), &error.to_string()),
        };
        if sent.is_err() {
            tracing::debug!("the command has gone meanwhile");
        }
    }
}
