//! Entities that an editor had applied and no longer holds at its read-back: its user deleted them in between. The
//! deletion is on its way, and decides what becomes of them.
//!
//! While an entity has vanished, its editor gets no further batch: a change of it would fail there. The wait is short and
//! bounded. If no deletion comes, the delivery has failed.

use std::collections::BTreeMap;

use vibesync_protocol::ErrorBody;
use vibesync_scene::Uuid;

/// Time in which the deletion must come, milliseconds. A large mesh may be ahead of it on the wire.
const DELETION_TIMEOUT_MS: u64 = 5_000;

/// The entities whose deletion is awaited.
#[derive(Debug, Default)]
pub(crate) struct Vanished(BTreeMap<Uuid, AwaitedDeletion>);

#[derive(Debug)]
struct AwaitedDeletion {
    /// The failure of the delivery if no deletion comes.
    error: ErrorBody,
    deadline: u64,
}

impl Vanished {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Waits for the deletion of an entity.
    pub fn insert(&mut self, uuid: Uuid, error: ErrorBody, now: u64) {
        let deadline = now + DELETION_TIMEOUT_MS;
        self.0.insert(uuid, AwaitedDeletion { error, deadline });
    }

    /// Stops waiting for one deletion. Returns false if it was not awaited.
    pub fn remove(&mut self, uuid: Uuid) -> bool {
        self.0.remove(&uuid).is_some()
    }

    /// Stops waiting for these deletions. Returns those that were awaited.
    pub fn take_all(&mut self, is_taken: impl Fn(&Uuid) -> bool) -> Vec<Uuid> {
        let taken: Vec<Uuid> = self.0.keys().copied().filter(|it| is_taken(it)).collect();
        for uuid in &taken {
            self.0.remove(uuid);
        }
        taken
    }

    pub fn retain(&mut self, mut is_awaited: impl FnMut(Uuid) -> bool) {
        self.0.retain(|uuid, _| is_awaited(*uuid));
    }

    /// Returns the time at which the next wait ends.
    pub fn deadline(&self) -> Option<u64> {
        self.0.values().map(|awaited| awaited.deadline).min()
    }

    /// Removes the entities whose deletion has not come in time.
    pub fn take_late(&mut self, now: u64) -> BTreeMap<Uuid, ErrorBody> {
        let mut late = BTreeMap::new();
        self.0.retain(|uuid, awaited| {
            let is_late = awaited.deadline <= now;
            if is_late {
                late.insert(*uuid, awaited.error.clone());
            }
            !is_late
        });
        late
    }
}
