//! Runs calls: a bounded number at the same time, each with a time limit, in threads that may block.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use vibesync_scene::Code;

use crate::begun::Begun;
use crate::daemon::{Daemon, Fault};
use crate::tools::{Answer, Tool};
use crate::wait::Wait;

/// Time that a call keeps for its answer after the wait for the daemon.
const ANSWER_TIME: Duration = Duration::from_secs(2);

/// The daemon, and the limits of calls to it.
#[derive(Clone)]
pub struct Calls {
    daemon: Arc<dyn Daemon>,
    /// Bounds the calls that run at the same time.
    slots: Arc<Semaphore>,
    /// Time limit of an answer.
    limit: Duration,
    /// The operations that the calls have asked for.
    begun: Arc<Begun>,
}

/// Sets the signal that ends a wait when the caller is gone.
#[derive(Default)]
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Calls {
    /// Runs so many calls at the same time.
    pub fn new(daemon: Arc<dyn Daemon>, limit: Duration, slots: usize) -> Self {
        Self {
            daemon,
            slots: Arc::new(Semaphore::new(slots)),
            limit,
            begun: Arc::default(),
        }
    }

    /// Runs work that may block. Fails when the time limit is over; the work then ends unheard.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Daemon) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let end = Instant::now() + self.limit;
        self.run_until(end, work).await
    }

    /// Runs a call of a tool. Its waiting ends shortly before the time limit, or when this future is dropped; what it has
    /// asked the daemon for goes on.
    pub async fn call(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
    ) -> Result<Answer, Fault> {
        let end = Instant::now() + self.limit;
        let cancelled = CancelOnDrop::default();
        let time = self.limit.saturating_sub(ANSWER_TIME);
        let wait = Wait::until((Instant::now() + time).into_std(), Arc::clone(&cancelled.0));
        let begun = Arc::clone(&self.begun);
        let work = move |daemon: &dyn Daemon| tool.call(daemon, arguments, &wait, &begun);
        self.run_until(end, work).await
    }

    /// Returns a number that grows when the add-ons may have changed.
    pub fn capability_changes(&self) -> u64 {
        self.daemon.capability_changes()
    }

    async fn run_until<T: Send + 'static>(
        &self,
        end: Instant,
        work: impl FnOnce(&dyn Daemon) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let slot = timeout_at(end, Arc::clone(&self.slots).acquire_owned());
        let Ok(Ok(slot)) = slot.await else {
            return Err(Fault {
                retry_after_ms: Some(1_000),
                ..Fault::new(Code::RateLimited, "", "too many calls are under way")
            });
        };
        let daemon = Arc::clone(&self.daemon);
        let running = tokio::task::spawn_blocking(move || {
            let result = work(&*daemon);
            drop(slot);
            result
        });
        match timeout_at(end, running).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => {
                tracing::error!("a call failed: {panic}");
                Err(Fault::new(Code::InternalError, "", "the call failed"))
            }
            Err(_) => {
                let message = format!("no answer within {} s", self.limit.as_secs());
                Err(Fault::new(Code::PeerSilent, "", message))
            }
        }
    }
}
