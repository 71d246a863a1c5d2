//! Bringing an editor up to date: its inventory of versions against the scene's.

use std::collections::HashMap;

use vibesync_protocol::{ApplyReason, DaemonMessage, Held};
use vibesync_scene::{Scene, Uuid};

use crate::delivery::replica::Replica;

/// Owes the editor everything it lacks or holds an older version of, and asks for what only it knows. What failed there
/// is `unproved`, whatever version the editor says that it holds.
pub(crate) fn compare(
    scene: &Scene,
    replica: &mut Replica,
    inventory: Vec<Held>,
    head_seq: u64,
    unproved: impl Iterator<Item = Uuid>,
) -> DaemonMessage {
    let mut held: HashMap<Uuid, u64> = inventory
        .into_iter()
        .map(|held| (held.uuid, held.version))
        .collect();
    for uuid in unproved {
        held.entry(uuid).and_modify(|version| *version = 0);
    }
    for row in scene.rows() {
        let uuid = row.entity.uuid;
        let current = match held.get(&uuid) {
            Some(version) => *version >= row.version && !row.tombstone,
            None => row.tombstone,
        };
        if !current {
            replica.queue.enqueue_full(uuid, ApplyReason::Sync);
        }
    }
    let unknown = held
        .iter()
        .filter(|(uuid, version)| **version > 0 && scene.row(**uuid).is_none());
    let mut want: Vec<Uuid> = unknown.map(|(uuid, _)| *uuid).collect();
    want.sort_unstable();
    replica.held = held;
    DaemonMessage::Sync {
        head_seq,
        want,
        owed: replica.queue.len() as u64,
    }
}
