//! Makes a group durable, and only then lets its effects happen.

use vibesync_store::wal::{Committed, Wal, WalError};

use super::group::{Effect, Group};
use crate::Error;

/// Carries out the effects of durable groups.
pub(super) trait Release: Send + 'static {
    /// Carries out the effects of a group, in order.
    fn release(&mut self, committed: Committed<Effect>);

    /// Ends the work that follows durable records.
    fn stop(&mut self);
}

/// The log, and the receiver of all that waits for it.
pub(super) struct Committer<R> {
    wal: Wal,
    receiver: R,
}

impl<R: Release> Committer<R> {
    /// Creates a committer. Only this one may write to the log.
    pub fn new(wal: Wal, receiver: R) -> Self {
        Self { wal, receiver }
    }

    /// Makes the records of a group durable, then lets its effects happen. After a failure nothing is written and nothing
    /// happens any more.
    pub fn commit(&mut self, group: Group) -> Result<(), Error> {
        let committed = self.wal.commit(group).map_err(failed)?;
        self.receiver.release(committed);
        Ok(())
    }

    /// Ends the work that follows durable records.
    pub fn stop(&mut self) {
        self.receiver.stop();
    }
}

fn failed(error: WalError) -> Error {
    Error::from_source(error.code(), "wal", error)
}
