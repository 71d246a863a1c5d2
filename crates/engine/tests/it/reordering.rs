//! Messages that overtake each other.

use vibesync_protocol::ClientMessage;
use vibesync_scene::{Change, Role};

use crate::harness::Harness;

impl Harness {
    /// Swaps two intents on their way to the daemon, unless they change the same entities.
    pub fn swap_intents(&mut self, role: Role) {
        let wire = self.wires.get_mut(&role).unwrap();
        let uuids = |message: Option<&ClientMessage>| match message {
            Some(ClientMessage::Intent(intent)) => {
                Some(intent.changes.iter().map(Change::uuid).collect::<Vec<_>>())
            }
            _ => None,
        };
        let (first, second) = (wire.to_daemon.front(), wire.to_daemon.get(1));
        if let (Some(first), Some(second)) = (uuids(first), uuids(second))
            && first.iter().all(|uuid| !second.contains(uuid))
        {
            wire.to_daemon.swap(0, 1);
        }
    }
}
