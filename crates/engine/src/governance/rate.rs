//! The rate limit of automation: one token bucket for all agents together.
//!
//! A script in a tight loop must not take the log and the editors from the people who work beside it. Intents above the
//! limit are refused, and the agent is told how long to wait.

use crate::options::Rate;

/// The used part of the burst. One large intent may exceed the burst.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// Thousandths of changes.
    spent: u64,
    /// Time of the last use, milliseconds.
    at: u64,
}

impl Bucket {
    /// Takes so many changes, or returns the milliseconds to wait. No intent is too large; after a large one, the next
    /// waits for longer.
    pub fn take(&mut self, rate: &Rate, changes: u64, now: u64) -> Result<(), u64> {
        let since = now.saturating_sub(self.at);
        self.at = now;
        // One change a second is one thousandth of a change a millisecond.
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

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        changes_per_s: 10,
        burst: 100,
    };

    #[test]
    fn burst_is_followed_by_the_steady_rate() {
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
    fn large_intent_passes_and_delays_the_next() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(&RATE, 1_000, 0), Ok(()));
        assert_eq!(bucket.take(&RATE, 1_000, 1), Err(89_999 + 1));
        assert_eq!(bucket.take(&RATE, 1_000, 90_002), Ok(()));
    }

    #[test]
    fn stopped_clock_and_huge_numbers_do_not_overflow() {
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
