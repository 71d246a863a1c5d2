//! The state of governance. The failure history itself follows from the log and lives in the journal.

use vibesync_protocol::{Code, Intent};
use vibesync_scene::{FailureHistory, Invalid, Outcome, Payload, Phase, Role};

use crate::governance::rate::Bucket;
use crate::journal::Journal;
use crate::options::{Rate, Thresholds};

/// The limits, and the use that automation has made of its rate.
#[derive(Debug)]
pub(crate) struct Governance {
    pub thresholds: Thresholds,
    rate: Rate,
    bucket: Bucket,
}

impl Governance {
    pub fn new(thresholds: Thresholds, rate: Rate) -> Self {
        Self {
            thresholds,
            rate,
            bucket: Bucket::default(),
        }
    }

    /// Refuses an intent of automation that exceeds the rate limit. People have no limit.
    pub fn check_rate(&mut self, role: Role, intent: &Intent, now: u64) -> Result<(), Invalid> {
        if role != Role::Agent {
            return Ok(());
        }
        let changes = intent.changes.len() as u64;
        let taken = self.bucket.take(&self.rate, changes, now);
        taken.map_err(|wait| {
            let message = format!("automation exceeds its rate limit; try again in {wait} ms");
            Invalid::new(Code::RateLimited, "changes", message)
        })
    }

    /// Logs that the start of the daemon was a success, once it has run for long enough.
    pub fn log_steady(&self, journal: &mut Journal) {
        let steady_at = self.steady_at(journal.failures());
        if steady_at.is_some_and(|at| journal.now() >= at) {
            journal.append_own(Phase::Boot, Outcome::Ok, Payload::Steady {});
        }
    }

    /// Returns the time at which the start counts as a success, if it does not yet.
    pub fn steady_at(&self, failures: &FailureHistory) -> Option<u64> {
        let after = self.thresholds.steady_after_ms;
        (!failures.is_steady()).then_some(after)
    }
}
