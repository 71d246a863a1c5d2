//! What is not sent to an editor because it failed there for good: it stays owed until a person resets it or edits it.
//! What stands on it is held back with it, as far as the editor does not have it yet.

use std::collections::BTreeSet;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{Role, Uuid};

use crate::engine::Engine;

impl Engine {
    /// Takes out of the queues what is held back, and puts back what is not any longer.
    pub(crate) fn suppress(&mut self) {
        for role in Role::EDITORS {
            let Some(replica) = self.sessions.replica(role) else {
                continue;
            };
            if replica.suppressed.is_empty() && self.failures.is_quiet() {
                continue;
            }
            let held_back = self.held_back(role);
            let Some(replica) = self.sessions.replica_mut(role) else {
                continue;
            };
            let released = replica.suppressed.difference(&held_back).copied();
            for uuid in released.collect::<Vec<_>>() {
                replica.suppressed.remove(&uuid);
                replica.queue.enqueue_full(uuid, ApplyReason::Restore);
            }
            let owed = held_back
                .into_iter()
                .filter(|uuid| replica.queue.contains(*uuid));
            let owed: Vec<Uuid> = owed.collect();
            for uuid in &owed {
                replica.queue.remove(*uuid);
                replica.suppressed.insert(*uuid);
            }
            for uuid in owed {
                for begin in self.transactions.give_up(role, uuid) {
                    self.finish_if_settled(begin);
                }
            }
        }
    }

    /// What failed at this editor for good, and what it does not have that stands on it.
    fn held_back(&self, role: Role) -> BTreeSet<Uuid> {
        let mut held_back = BTreeSet::new();
        let mut next: Vec<Uuid> = self.failures.suppressed(role).collect();
        let Some(replica) = self.sessions.replica(role) else {
            return held_back;
        };
        while let Some(uuid) = next.pop() {
            if held_back.insert(uuid) && !replica.held.contains_key(&uuid) {
                let above = self.scene.children(uuid).chain(self.scene.users(uuid));
                next.extend(above.filter(|uuid| !replica.held.contains_key(uuid)));
            }
        }
        held_back
    }
}
