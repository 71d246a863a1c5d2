//! How fast automation may go: a token bucket for all of it together. A script that runs wild takes neither the log nor the
//! editors from the people who work beside it; what it asks for too much is refused, and it is told when to come again.

use vibesync_protocol::{Code, Intent};
use vibesync_scene::{Invalid, Role, SessionId};

use crate::engine::Engine;

/// What automation may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Changes a second, in the long run.
    pub changes_per_s: u64,
    /// Changes at once, after a rest.
    pub burst: u64,
}

impl Default for Rate {
    /// What the built-in settings say.
    fn default() -> Self {
        Self {
            changes_per_s: 1_000,
            burst: 10_000,
        }
    }
}

/// Thousandths of changes that may be made now; below zero after one large intent.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    spent: u64,
    at: u64,
}

impl Bucket {
    /// Takes so many changes, or says for how many milliseconds it is too early. An intent is never too large for it: the
    /// next one waits for longer.
    fn take(&mut self, rate: &Rate, changes: u64, now: u64) -> Result<(), u64> {
        let since = now.saturating_sub(self.at);
        self.at = now;
        // A thousandth of a change for each millisecond and change a second.
        let regained = since.saturating_mul(rate.changes_per_s);
        self.spent = self.spent.saturating_sub(regained);
        let most = rate.burst.saturating_mul(1_000);
        if self.spent >= most {
            let debt = self.spent - most + 1;
            return Err(debt.div_ceil(rate.changes_per_s.max(1)));
        }
        self.spent = self
            .spent
            .saturating_add(changes.max(1).saturating_mul(1_000));
        Ok(())
    }
}

impl Engine {
    /// Whether this intent comes too early; then it has been refused. People are never too fast.
    pub(crate) fn is_too_fast(&mut self, session: SessionId, intent: &Intent) -> bool {
        let role = self.sessions.get(session).map(|session| session.role);
        if role != Some(Role::Agent) {
            return false;
        }
        let changes = intent.changes.len() as u64;
        let Err(wait) = self.bucket.take(&self.options.rate, changes, self.now) else {
            return false;
        };
        let message = format!("automation is faster than it may be; come again in {wait} ms");
        let invalid = Invalid::new(Code::TooFast, "changes", message);
        self.refuse_intent(session, intent, invalid);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        changes_per_s: 10,
        burst: 100,
    };

    #[test]
    fn a_burst_and_then_so_many_a_second() {
        let mut bucket = Bucket::default();
        for _ in 0..100 {
            assert_eq!(bucket.take(&RATE, 1, 0), Ok(()));
        }
        assert_eq!(bucket.take(&RATE, 1, 0), Err(1));
        assert_eq!(
            bucket.take(&RATE, 1, 50),
            Ok(()),
            "half a change is there again"
        );
        assert_eq!(bucket.take(&RATE, 1, 50), Err(51));
        let mut taken = 0;
        for ms in 51..10_051 {
            taken += u32::from(bucket.take(&RATE, 1, ms).is_ok());
        }
        assert!((99..=101).contains(&taken), "{taken}");
    }

    #[test]
    fn a_large_intent_is_not_refused_for_ever() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(&RATE, 1_000, 0), Ok(()));
        assert_eq!(bucket.take(&RATE, 1_000, 1), Err(89_999 + 1));
        assert_eq!(bucket.take(&RATE, 1_000, 90_002), Ok(()));
    }

    #[test]
    fn a_clock_that_stands_or_numbers_without_end_break_nothing() {
        let mut bucket = Bucket::default();
        let huge = Rate {
            changes_per_s: u64::MAX,
            burst: u64::MAX,
        };
        assert_eq!(bucket.take(&huge, u64::MAX, u64::MAX), Ok(()));
        assert_eq!(bucket.take(&huge, 1, 0), Err(1));
        assert_eq!(bucket.take(&huge, 1, u64::MAX), Ok(()));
    }
}
