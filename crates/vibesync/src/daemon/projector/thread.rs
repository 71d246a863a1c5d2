//! The thread of the projector: waits for records, follows the log, and retries after failures.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vibesync_scene::Replay;

use super::audit_writer::AuditFolder;
use super::follower::Follower;
use super::retry::Backoff;
use super::sources::Sources;
use crate::platform::priority::lower_priority;

/// Delay between new records and reading them. The change that wrote them gets processor and disk first, and one read
/// serves many records.
const GATHER: Duration = Duration::from_millis(20);

/// Time between two reads of the log. All records in between share one pack and its fsyncs.
const PACE: Duration = Duration::from_millis(500);

/// Maximum time that a stop may spend on catching up. The next start does the rest.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// Handle of the thread.
pub struct Projector {
    control: Arc<Control>,
    thread: Option<JoinHandle<()>>,
}

/// State that is shared with the thread.
#[derive(Default)]
struct Control {
    head: AtomicU64,
    is_stopping: AtomicBool,
    /// True while the thread sleeps until a record comes. It must be woken then.
    is_idle: AtomicBool,
    /// Reason why the projections lag behind the log; none if they follow it.
    health: Mutex<Option<String>>,
}

/// The state in which the thread rests: its records, and whether a flush is still due for them.
#[derive(Clone, Copy, PartialEq)]
struct Rest {
    head: u64,
    is_due_later: bool,
}

/// Remembers the last rest, to return memory once in each.
#[derive(Default)]
struct LastRest(Option<Rest>);

impl LastRest {
    /// Returns whether the thread has worked since the last rest.
    fn is_over(&mut self, now: Rest) -> bool {
        self.0.replace(now) != Some(now)
    }
}

impl Projector {
    /// Starts the thread.
    ///
    /// - `boot`: the state at the start; its operations become part of checkpoints.
    /// - `checkpointed`: the sequence of the newest checkpoint.
    /// - `audit`: none if the user turned the audit off.
    pub fn start(
        sources: Sources,
        boot: &Replay,
        checkpointed: u64,
        audit: Option<AuditFolder>,
    ) -> std::io::Result<Self> {
        let control = Arc::new(Control::default());
        control.head.store(boot.last_seq, Ordering::Release);
        let follower = Follower::new(sources, boot, checkpointed, audit);
        let for_thread = control.clone();
        let thread = std::thread::Builder::new()
            .name("projector".into())
            .spawn(move || run(follower, &for_thread))?;
        Ok(Self {
            control,
            thread: Some(thread),
        })
    }

    /// Tells the thread that records up to `head` are durable.
    pub fn follow(&self, head: u64) {
        self.control.head.store(head, Ordering::SeqCst);
        if let Some(thread) = &self.thread
            && self.control.is_idle.load(Ordering::SeqCst)
        {
            thread.thread().unpark();
        }
    }

    /// Returns the reason why the projections lag behind the log; none if they follow it.
    pub fn health(&self) -> Option<String> {
        self.control.health().clone()
    }

    /// Catches up once more, flushes, and ends the thread.
    pub fn stop(&mut self) {
        self.control.is_stopping.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the projector thread had panicked");
            }
        }
    }
}

impl Control {
    fn health(&self) -> MutexGuard<'_, Option<String>> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the health. Logs a problem when it begins, changes or ends, but not every attempt.
    fn set_health(&self, now: Option<String>) {
        let mut before = self.health();
        match &now {
            Some(why) if *before != now => {
                tracing::warn!("projections lag behind the log and try again: {why}");
            }
            None if before.is_some() => tracing::info!("projections follow the log again"),
            _ => {}
        }
        *before = now;
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Sleeps until there is a record after `head`, or until `timeout` has passed.
    fn wait_for_record(&self, head: u64, timeout: Option<Duration>) {
        self.is_idle.store(true, Ordering::SeqCst);
        if self.head.load(Ordering::SeqCst) == head && !self.is_stopping() {
            match timeout {
                Some(timeout) => std::thread::park_timeout(timeout),
                None => std::thread::park(),
            }
        }
        self.is_idle.store(false, Ordering::SeqCst);
    }

    /// Gives memory that a burst of records has freed back to the system: nobody waits for the daemon once it rests.
    /// Each call costs some 3 ms of a core. So it is made once after a burst, and once more after what was due later.
    fn release_memory(&self, rest: Rest, last: &mut LastRest) {
        let is_at_rest = self.head.load(Ordering::Acquire) == rest.head;
        if is_at_rest && last.is_over(rest) && vibesync_heap::release_unused() {
            tracing::debug!(head = rest.head, "freed memory went back to the system");
        }
    }

    /// Sleeps; returns early when the projector stops.
    fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(rest) = until.checked_duration_since(Instant::now())
            && !self.is_stopping()
        {
            std::thread::park_timeout(rest);
        }
    }
}

fn run(mut follower: Follower, control: &Control) {
    lower_priority();
    let mut backoff = Backoff::default();
    let mut last_rest = LastRest::default();
    loop {
        let is_last = control.is_stopping();
        let head = control.head.load(Ordering::Acquire);
        let deadline = is_last.then(|| Instant::now() + STOP_TIMEOUT);
        let result = follower.follow(head, &|| match deadline {
            Some(deadline) => Instant::now() > deadline,
            None => control.is_stopping(),
        });
        control.set_health(match &result {
            Err(error) => Some(error.to_string()),
            Ok(_) => follower.audit_health(),
        });
        if is_last {
            return follower.finish();
        }
        if result.is_ok() {
            backoff = Backoff::default();
        }
        match result {
            Ok(true) => control.pause(PACE),
            Ok(false) => {
                control.pause(PACE);
                let next_due = follower.next_due();
                let is_due_later = next_due.is_some();
                control.release_memory(Rest { head, is_due_later }, &mut last_rest);
                control.wait_for_record(head, next_due);
                control.pause(GATHER);
            }
            Err(_) => control.pause(backoff.next_delay()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_returned_once_in_each_rest() {
        let rest = |head, is_due_later| Rest { head, is_due_later };
        let mut last = LastRest::default();
        assert!(last.is_over(rest(5, true)));
        assert!(!last.is_over(rest(5, true)), "nothing has happened");
        assert!(last.is_over(rest(5, false)), "after the flush");
        assert!(!last.is_over(rest(5, false)));
        assert!(last.is_over(rest(6, false)), "after a record");
    }
}
