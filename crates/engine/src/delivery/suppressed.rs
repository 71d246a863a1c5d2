//! What is not sent to an editor because it failed there for good: it stays owed until a person resets it or edits it.
//! What stands on it is held back with it, as far as the editor does not have it yet.

use std::collections::BTreeSet;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{Role, Uuid};

use crate::engine::Engine;

impl Engine {
    /// Takes out of the queues what is held back, and puts back what is not any longer.
    pub(crate) fn withhold(&mut self) {
        for role in Role::EDITORS {
            let Some(peer) = self.sessions.peer(role) else {
                continue;
            };
            if peer.withheld.is_empty() && self.failures.is_quiet() {
                continue;
            }
            let held_back = self.held_back(role);
            let Some(peer) = self.sessions.peer_mut(role) else {
                continue;
            };
            let released = peer.withheld.difference(&held_back).copied();
            for uuid in released.collect::<Vec<_>>() {
                peer.withheld.remove(&uuid);
                peer.queue.push_whole(uuid, ApplyReason::Restore);
            }
            let owed = held_back
                .into_iter()
                .filter(|uuid| peer.queue.contains(*uuid));
            let owed: Vec<Uuid> = owed.collect();
            for uuid in &owed {
                peer.queue.remove(*uuid);
                peer.withheld.insert(*uuid);
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
        let Some(peer) = self.sessions.peer(role) else {
            return held_back;
        };
        while let Some(uuid) = next.pop() {
            if held_back.insert(uuid) && !peer.held.contains_key(&uuid) {
                let above = self.scene.children(uuid).chain(self.scene.users(uuid));
                next.extend(above.filter(|uuid| !peer.held.contains_key(uuid)));
            }
        }
        held_back
    }
}
