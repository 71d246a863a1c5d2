//! Synchronization of an editor that connects: its inventory of versions is compared with the scene.

use std::collections::HashMap;

use vibesync_protocol::{ApplyReason, DaemonMessage, InventoryEntry};
use vibesync_scene::{FailureHistory, Role, Scene, Uuid};

use crate::delivery::replica::Replica;

/// Most entities in an inventory, all its parts together.
pub(crate) const MAX_INVENTORY: usize = 1_000_000;

/// The state of an inventory after one more part.
pub(crate) enum InventoryProgress {
    /// More parts will come.
    Incomplete,
    Complete(Vec<InventoryEntry>),
    /// The inventory has more than [`MAX_INVENTORY`] entities.
    TooLarge,
    /// The inventory was complete before this part.
    Unexpected,
}

/// Adds one part to the inventory of an editor.
pub(crate) fn add_part(
    replica: &mut Replica,
    entities: Vec<InventoryEntry>,
    is_last: bool,
) -> InventoryProgress {
    let Some(inventory) = &mut replica.inventory else {
        return InventoryProgress::Unexpected;
    };
    if inventory.len() + entities.len() > MAX_INVENTORY {
        return InventoryProgress::TooLarge;
    }
    inventory.extend(entities);
    if !is_last {
        return InventoryProgress::Incomplete;
    }
    let complete = std::mem::take(inventory);
    replica.inventory = None;
    InventoryProgress::Complete(complete)
}

/// Queues every entity that the editor lacks or has in another version, and asks for the entities that only the editor
/// knows. An entity that failed in this editor counts as missing, whatever version the inventory says.
pub(crate) fn synchronize(
    scene: &Scene,
    failures: &FailureHistory,
    role: Role,
    replica: &mut Replica,
    inventory: Vec<InventoryEntry>,
    head_seq: u64,
) -> DaemonMessage {
    let mut versions: HashMap<Uuid, u64> = inventory
        .into_iter()
        .map(|held| (held.uuid, held.version))
        .collect();
    for uuid in failures.failing_at(role) {
        versions.entry(uuid).and_modify(|version| *version = 0);
    }
    for row in scene.rows() {
        let uuid = row.entity.uuid;
        let is_current = match versions.get(&uuid) {
            // A newer version than that of the log is another one, too: it may come from a log that was lost.
            Some(version) => *version == row.version && !row.tombstone,
            None => row.tombstone,
        };
        if !is_current && !replica.withholds(scene, uuid) {
            replica.queue.enqueue_full(uuid, ApplyReason::Sync);
        }
    }
    let unknown = versions
        .iter()
        .filter(|(uuid, version)| **version > 0 && scene.row(**uuid).is_none());
    let mut want: Vec<Uuid> = unknown.map(|(uuid, _)| *uuid).collect();
    want.sort_unstable();
    let unsure = versions.iter().filter(|(_, version)| **version == 0);
    replica.unsure = unsure.map(|(uuid, _)| *uuid).collect();
    replica.versions = versions;
    replica.synced_at = head_seq;
    DaemonMessage::Sync {
        head_seq,
        want,
        owed: replica.queue.len() as u64,
    }
}
