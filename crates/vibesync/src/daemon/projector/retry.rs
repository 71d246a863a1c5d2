//! Exponential backoff.

use std::time::Duration;

/// The delay after the first failure.
const FIRST: Duration = Duration::from_secs(2);
/// The longest delay.
const LONGEST: Duration = Duration::from_secs(60);

/// Computes the delay before the next attempt: doubled after every failure, up to a limit.
#[derive(Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Counts a failure and returns the delay.
    pub fn next_delay(&mut self) -> Duration {
        let factor = 1 << self.failures.min(5);
        self.failures += 1;
        (FIRST * factor).min(LONGEST)
    }
}
