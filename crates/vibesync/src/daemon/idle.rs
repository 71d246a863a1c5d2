//! Decides when a daemon that nobody uses ends.

use std::time::Duration;

use tokio::time::Instant;

/// Pause before the next look, if something still waits when the time is over.
const AGAIN: Duration = Duration::from_secs(1);

/// The time without an editor or agent.
#[derive(Debug)]
pub struct IdleTimer {
    /// Time after which the daemon ends; none if it never does.
    limit: Option<Duration>,
    /// Time at which it ends; none while it is used.
    deadline: Option<Instant>,
}

impl IdleTimer {
    /// Starts the timer. The daemon counts as unused from now on.
    pub fn start(limit: Option<Duration>, now: Instant) -> Self {
        let deadline = limit.map(|limit| now + limit);
        Self { limit, deadline }
    }

    /// Notes whether an editor or agent is connected.
    pub fn note(&mut self, is_used: bool, now: Instant) {
        self.deadline = match (self.limit, self.deadline) {
            (Some(_), _) if is_used => None,
            (Some(limit), None) => Some(now + limit),
            (_, deadline) => deadline,
        };
    }

    /// Returns the time at which to look again.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Returns the time for which the daemon was not used, if that is long enough. If something still waits
    /// (`is_busy`), the next look follows soon.
    pub fn expire(&mut self, now: Instant, is_busy: impl FnOnce() -> bool) -> Option<Duration> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return None;
        }
        self.deadline = Some(now + AGAIN);
        match is_busy() {
            true => None,
            false => self.limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(1_800);

    #[test]
    fn time_begins_when_the_last_client_leaves() {
        let start = Instant::now();
        let mut timer = IdleTimer::start(Some(LIMIT), start);
        assert_eq!(timer.deadline(), Some(start + LIMIT));
        timer.note(true, start + LIMIT / 2);
        assert_eq!(timer.expire(start + 2 * LIMIT, || false), None);
        let left = start + 3 * LIMIT;
        timer.note(false, left);
        timer.note(false, left + LIMIT / 2);
        assert_eq!(timer.expire(left + LIMIT / 2, || false), None);
        assert_eq!(timer.expire(left + LIMIT, || false), Some(LIMIT));
    }

    #[test]
    fn daemon_with_open_work_is_looked_at_again() {
        let start = Instant::now();
        let mut timer = IdleTimer::start(Some(LIMIT), start);
        let over = start + LIMIT;
        assert_eq!(timer.expire(over, || true), None);
        assert_eq!(timer.deadline(), Some(over + AGAIN));
        assert_eq!(timer.expire(over + AGAIN, || false), Some(LIMIT));
    }

    #[test]
    fn without_a_limit_the_daemon_stays() {
        let start = Instant::now();
        let mut timer = IdleTimer::start(None, start);
        timer.note(false, start);
        assert_eq!(timer.deadline(), None);
        assert_eq!(timer.expire(start + LIMIT, || false), None);
    }
}
