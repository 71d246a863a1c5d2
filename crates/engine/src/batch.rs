//! From what an editor is owed to one `apply` frame, in an order that can be applied from first to last.

use std::collections::BTreeSet;

use vibesync_protocol::{ApplyReason, DaemonMessage, SCHEMA_VERSION, VersionedChange};
use vibesync_scene::{BatchId, Change, EntityKind, OperationId, Path, Role, Row, Uuid};

use crate::Engine;
use crate::peer::{InFlight, Peer};
use crate::queue::Owed;

impl Engine {
    /// Sends every editor its next batch where one is due: none under way, the window over, something owed.
    pub(crate) fn flush_queues(&mut self, now: u64) {
        for role in Role::EDITORS {
            let due = self.sessions.peer(role).is_some_and(|peer| {
                peer.inventory.is_none()
                    && peer.in_flight.is_none()
                    && !peer.queue.is_empty()
                    && now >= peer.window_end
            });
            if due {
                self.flush(role, now);
            }
        }
    }

    fn flush(&mut self, role: Role, now: u64) {
        let Some(peer) = self.sessions.peer(role) else {
            return;
        };
        let (reason, changes) = self.collect(peer);
        let operations = self.operations_of(role, &changes);
        let label = self.label_of(role, &changes);
        let id = BatchId(Uuid::from_u64_pair(self.head_seq(), self.next_batch));
        self.next_batch += 1;
        let deadline = Some(now + self.options.apply_timeout_ms);
        let window_end = now + self.options.batch_window_ms;
        let Some(peer) = self.sessions.peer_mut(role) else {
            return;
        };
        for change in &changes {
            peer.queue.remove(change.change.uuid());
        }
        let sent = changes
            .iter()
            .map(|change| (change.change.uuid(), change.clone()))
            .collect();
        peer.in_flight = Some(InFlight {
            id,
            reason,
            sent,
            deadline,
        });
        peer.window_end = window_end;
        let session = peer.session;
        let apply = DaemonMessage::Apply {
            batch_id: id,
            project_id: self.options.project_id,
            schema_version: SCHEMA_VERSION,
            reason,
            path: changes
                .iter()
                .map(|change| change.change.path())
                .max()
                .unwrap_or(Path::Fast),
            operations,
            label,
            head_seq: self.head_seq(),
            changes,
        };
        self.send(session, apply);
    }

    /// The first changes that fit into a batch, and the weightiest reason among them.
    fn collect(&self, peer: &Peer) -> (ApplyReason, Vec<VersionedChange>) {
        let mut owed: Vec<(Order, &Row, &Owed)> = peer
            .queue
            .iter()
            .filter_map(|(uuid, owed)| self.scene.row(uuid).map(|row| (self.order(row), row, owed)))
            .collect();
        owed.sort_by_key(|(order, row, _)| (*order, row.entity.uuid));
        let mut reason = ApplyReason::Change;
        let mut bytes = 0;
        let mut changes: Vec<VersionedChange> = Vec::new();
        for (_, row, owed) in owed {
            bytes += bulk_bytes(row);
            let full =
                changes.len() >= self.options.max_batch || bytes > self.options.max_batch_bytes;
            if full && !changes.is_empty() {
                break;
            }
            reason = weightier(reason, owed.reason);
            changes.push(VersionedChange {
                change: change_for(peer, row, owed),
                version: row.version,
            });
        }
        (reason, changes)
    }

    /// Data before the objects that show it, parents before children; deletions last, objects before data.
    fn order(&self, row: &Row) -> Order {
        let is_object = row.entity.kind == EntityKind::Object;
        match (row.tombstone, is_object) {
            (false, false) => Order(0, 0),
            (false, true) => Order(1, self.scene.depth(row.entity.uuid)),
            (true, true) => Order(2, 0),
            (true, false) => Order(3, 0),
        }
    }

    fn operations_of(&self, role: Role, changes: &[VersionedChange]) -> Vec<OperationId> {
        let waiting = changes
            .iter()
            .flat_map(|change| self.transactions.waiting_for(role, change.change.uuid()));
        let ids: BTreeSet<OperationId> = waiting
            .map(|transaction| transaction.open.operation_id)
            .collect();
        ids.into_iter().collect()
    }

    fn label_of(&self, role: Role, changes: &[VersionedChange]) -> String {
        let waiting = changes
            .iter()
            .flat_map(|change| self.transactions.waiting_for(role, change.change.uuid()));
        let labels: BTreeSet<&str> = waiting
            .map(|transaction| transaction.open.label.as_str())
            .collect();
        match labels.first() {
            Some(label) if labels.len() == 1 => (*label).to_owned(),
            _ => format!("Sync {} changes", changes.len()),
        }
    }
}

/// Where a change stands in its batch: class, then depth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order(u8, usize);

fn change_for(peer: &Peer, row: &Row, owed: &Owed) -> Change {
    let entity = &row.entity;
    if row.tombstone {
        return Change::Delete { uuid: entity.uuid };
    }
    let mut change = if owed.whole || !peer.held.contains_key(&entity.uuid) {
        Change::put(entity)
    } else {
        Change::Update {
            uuid: entity.uuid,
            components: entity.components.masked(&owed.mask),
        }
    };
    if let Some(components) = change.components_mut() {
        components.retain(|name| peer.components.contains(name));
    }
    change
}

fn bulk_bytes(row: &Row) -> u64 {
    let mesh = row.entity.components.mesh.as_ref();
    mesh.map_or(0, |mesh| {
        mesh.buffers.values().map(|buffer| buffer.bytes).sum()
    })
}

fn weightier(a: ApplyReason, b: ApplyReason) -> ApplyReason {
    let weight = |reason| match reason {
        ApplyReason::Change => 0,
        ApplyReason::Sync => 1,
        ApplyReason::Restore => 2,
        ApplyReason::Rollback => 3,
    };
    if weight(b) > weight(a) { b } else { a }
}
