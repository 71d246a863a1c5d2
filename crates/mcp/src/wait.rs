//! The wait of a call: a time limit, and a signal that ends it early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Longest time between two looks at the signal.
const SLICE: Duration = Duration::from_millis(200);

/// The wait of one call. Its end never ends the work that the call waits for.
#[derive(Clone, Debug)]
pub struct Wait {
    end: Instant,
    cancelled: Arc<AtomicBool>,
}

impl Wait {
    /// Waits until a time, or until the signal is set.
    pub fn until(end: Instant, cancelled: Arc<AtomicBool>) -> Self {
        Self { end, cancelled }
    }

    /// Waits for a time.
    pub fn for_time(time: Duration) -> Self {
        Self::until(Instant::now() + time, Arc::default())
    }

    /// Returns a wait that ends after `time`, if this one does not end before.
    #[must_use]
    pub fn at_most(&self, time: Duration) -> Self {
        Self {
            end: self.end.min(Instant::now() + time),
            cancelled: Arc::clone(&self.cancelled),
        }
    }

    /// Returns a wait that does not end before `time`, unless the signal is set.
    #[must_use]
    pub fn at_least(&self, time: Duration) -> Self {
        Self {
            end: self.end.max(Instant::now() + time),
            cancelled: Arc::clone(&self.cancelled),
        }
    }

    /// Returns true if the time is over or the signal is set.
    pub fn is_over(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || Instant::now() >= self.end
    }

    /// Returns the time until the next look at the signal.
    pub fn slice(&self) -> Duration {
        SLICE.min(self.end.saturating_duration_since(Instant::now()))
    }
}
