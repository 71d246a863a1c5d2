//! Runs calls: a bounded number at the same time, each with a time limit, in threads that may block.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use vibesync_scene::Code;

use crate::daemon::{Daemon, Fault};

/// The daemon, and the limits of calls to it.
#[derive(Clone)]
pub struct Calls {
    daemon: Arc<dyn Daemon>,
    /// Bounds the calls that run at the same time.
    slots: Arc<Semaphore>,
    /// Time limit of an answer.
    limit: Duration,
}

impl Calls {
    /// Runs so many calls at the same time.
    pub fn new(daemon: Arc<dyn Daemon>, limit: Duration, slots: usize) -> Self {
        Self {
            daemon,
            slots: Arc::new(Semaphore::new(slots)),
            limit,
        }
    }

    /// Runs work that may block. Fails when the time limit is over; the work then ends unheard.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Daemon) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let end = Instant::now() + self.limit;
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
