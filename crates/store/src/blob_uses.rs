//! The blobs that the program works with, so that none of them is removed.
//!
//! A blob that is stored, read or looked for may be named by a record a moment later. While a guard exists, each of these
//! is noted as a *use*. A removal holds the same lock: either it sees the use, or the user sees that the blob is gone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vibesync_scene::BlobId;

/// The uses since the oldest guard began.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<State>);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Number of the next guard or use.
    next: u64,
    /// The guards that exist, each with the oldest one that existed when it began. Uses since then may become known
    /// only while the newer one exists.
    guards: BTreeMap<u64, u64>,
    /// The last use of each blob.
    used: BTreeMap<BlobId, u64>,
}

/// Keeps the uses since it began, and those since any guard began that existed then. A collection has one, and so has all work whose blobs the core does not know yet.
#[derive(Debug)]
pub struct UseGuard {
    uses: Arc<Uses>,
    number: u64,
}

impl Uses {
    pub fn guard(self: &Arc<Self>) -> UseGuard {
        let mut state = self.lock();
        let number = state.number();
        let oldest = state.guards.keys().next().copied().unwrap_or(number);
        state.guards.insert(number, oldest);
        UseGuard {
            uses: Arc::clone(self),
            number,
        }
    }

    pub fn note(&self, id: BlobId) {
        let mut state = self.lock();
        if !state.guards.is_empty() {
            let number = state.number();
            state.used.insert(id, number);
        }
    }

    /// Locks the uses: none can be noted meanwhile. A lock that a panic poisoned is used, because no entry can be
    /// half-written.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The blobs that were used.
    pub fn used(&self) -> impl Iterator<Item = BlobId> + '_ {
        self.used.keys().copied()
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl Drop for UseGuard {
    fn drop(&mut self) {
        let mut state = self.uses.lock();
        state.guards.remove(&self.number);
        match state.guards.values().min().copied() {
            None => state.used.clear(),
            Some(oldest) => state.used.retain(|_, used| *used > oldest),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn uses_are_kept_as_long_as_a_guard_may_need_them() {
        let uses = Arc::new(Uses::default());
        let [a, b, c] = [b"a", b"b", b"c"].map(|bytes| BlobId::hash(bytes));
        let used = || uses.lock().used().collect::<BTreeSet<_>>();
        uses.note(a);
        assert!(used().is_empty(), "nobody asks");
        let first = uses.guard();
        uses.note(a);
        uses.note(b);
        let second = uses.guard();
        uses.note(b);
        uses.note(c);
        assert_eq!(used(), [a, b, c].into());
        drop(first);
        assert_eq!(used(), [a, b, c].into(), "the second overlaps the first");
        let third = uses.guard();
        drop(second);
        assert_eq!(used(), [b, c].into());
        drop(third);
        assert!(used().is_empty());
    }
}
