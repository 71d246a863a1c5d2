//! From what an editor is owed to one `apply` frame, in an order that can be applied from first to last.

use std::collections::BTreeSet;

use vibesync_protocol::{ApplyReason, DaemonMessage, Limits, SCHEMA_VERSION, VersionedChange};
use vibesync_scene::{BatchId, Change, EntityKind, OperationId, Path, Role, Row, Scene, Uuid};

use crate::action::Options;
use crate::delivery::delivery_queue::PendingDelivery;
use crate::delivery::replica::{InFlight, Replica};
use crate::engine::Engine;

/// Most buffers in a batch: half of what a frame may carry, as an editor may answer with more than it was sent.
const MAX_BUFFERS: usize = Limits::SESSION.attachments / 2;

/// Most changes in a batch of what an editor has crashed over once.
const MAX_SUSPECTS: usize = 64;

/// So many changes, or so much bulk data, have the time for applying once more.
const CHANGES_A_TIME: u64 = 100;
const BYTES_A_TIME: u64 = 1 << 21;

impl Engine {
    /// Sends every editor its next batch where one is due: none under way, something owed, and the window over or
    /// a batch full of what no waiting makes less.
    pub(crate) fn flush_queues(&mut self, now: u64) {
        for role in Role::EDITORS {
            let due = self.sessions.replica(role).is_some_and(|replica| {
                replica.inventory.is_none()
                    && replica.in_flight.is_none()
                    && !replica.queue.is_empty()
                    && (now >= replica.window_end
                        || replica.queue.whole() >= self.options.max_batch)
            });
            if due {
                self.flush(role, now);
            }
        }
    }

    fn flush(&mut self, role: Role, now: u64) {
        let Some(replica) = self.sessions.replica(role) else {
            return;
        };
        let care = |uuid| self.failures.crashes_at(uuid, role);
        let mut picked = Picking::new(&self.scene, replica, &self.options, &care);
        picked.pick_all();
        let (reason, last, bulk) = (picked.reason, picked.last, picked.bulk);
        let changes = picked.changes;
        let (operations, label) = self.cause_of(role, &changes);
        let id = BatchId(Uuid::from_u64_pair(self.head_seq(), self.next_batch));
        self.next_batch += 1;
        let times = 1 + changes.len() as u64 / CHANGES_A_TIME + bulk.bytes / BYTES_A_TIME;
        let deadline = Some(now + times * self.options.apply_timeout_ms);
        let window_end = now + self.options.batch_window_ms;
        let Some(replica) = self.sessions.replica_mut(role) else {
            return;
        };
        let sent = changes.iter().map(|change| change.change.uuid());
        replica.queue.take(sent, last);
        let sent = changes
            .iter()
            .map(|change| (change.change.uuid(), change.clone()))
            .collect();
        replica.in_flight = Some(InFlight {
            id,
            reason,
            sent,
            deferred: false,
            deadline,
        });
        replica.window_end = window_end;
        let session = replica.session;
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

    /// The transactions that a batch is about, and what to call it.
    fn cause_of(&self, role: Role, changes: &[VersionedChange]) -> (Vec<OperationId>, String) {
        let waiting = changes
            .iter()
            .flat_map(|change| self.transactions.waiting_for(role, change.change.uuid()));
        let mut operations = BTreeSet::new();
        let mut labels = BTreeSet::new();
        for transaction in waiting {
            operations.insert(transaction.open.operation_id);
            labels.insert(transaction.open.label.as_str());
        }
        let label = match labels.first() {
            Some(label) if labels.len() == 1 => (*label).to_owned(),
            _ => format!("Sync {} changes", changes.len()),
        };
        (operations.into_iter().collect(), label)
    }
}

/// Picks what a batch carries: data before the objects that show it, parents before children; deletions last, objects
/// before data. What needs no bulk data comes before what does, and does not wait for it. It looks at what it picks and
/// what that stands on, not at all that is owed.
struct Picking<'a> {
    scene: &'a Scene,
    replica: &'a Replica,
    options: &'a Options,
    /// How often in a row the editor ended while it worked on an entity.
    crashes: &'a dyn Fn(Uuid) -> u32,
    /// That of all that is picked.
    care: u32,
    seen: BTreeSet<Uuid>,
    deleted: Vec<Uuid>,
    bulk: Bulk,
    /// Most changes.
    most: usize,
    full: bool,
    changes: Vec<VersionedChange>,
    /// The weightiest among what is picked.
    reason: ApplyReason,
    /// The last that was picked for its own sake.
    last: Uuid,
}

impl<'a> Picking<'a> {
    fn new(
        scene: &'a Scene,
        replica: &'a Replica,
        options: &'a Options,
        crashes: &'a dyn Fn(Uuid) -> u32,
    ) -> Self {
        Self {
            scene,
            replica,
            options,
            crashes,
            care: 0,
            seen: BTreeSet::new(),
            deleted: Vec::new(),
            bulk: Bulk::default(),
            most: options.max_batch,
            full: false,
            changes: Vec::new(),
            reason: ApplyReason::Change,
            last: Uuid::nil(),
        }
    }

    fn pick_all(&mut self) {
        let mut heavy = Vec::new();
        for uuid in self.replica.queue.iter() {
            let base = self.base_of(uuid);
            if base.iter().any(|uuid| self.bulk_of(*uuid).buffers > 0) {
                heavy.push(uuid);
            } else {
                self.pick_each(base);
            }
            if self.full || heavy.len() >= self.options.max_batch {
                break;
            }
            self.last = uuid;
        }
        for (i, uuid) in heavy.into_iter().enumerate() {
            let base = self.base_of(uuid);
            if i == 0 {
                // The first has its place whatever else there is: else bulk data could wait for ever.
                self.most = self.most.max(self.changes.len() + base.len());
                self.full = false;
            }
            self.pick_each(base);
        }
        if self.full {
            return;
        }
        let mut data = Vec::new();
        let deleted = std::mem::take(&mut self.deleted);
        for uuid in deleted.into_iter().chain(self.replica.queue.gone()) {
            match self.scene.row(uuid) {
                Some(row) if row.entity.kind != EntityKind::Object => data.push(uuid),
                _ => self.pick(uuid),
            }
            if self.full {
                return;
            }
        }
        data.into_iter().for_each(|uuid| self.pick(uuid));
    }

    /// An entity, and before it what it stands on, as far as that was not picked yet.
    fn base_of(&self, uuid: Uuid) -> Vec<Uuid> {
        let mut chain = Vec::new();
        let mut met = BTreeSet::new();
        let mut at = Some(uuid);
        while let Some(uuid) = at.filter(|uuid| !self.seen.contains(uuid) && met.insert(*uuid)) {
            let components = self.scene.live(uuid).map(|entity| &entity.components);
            chain.push(uuid);
            chain.extend(components.and_then(|components| components.data?.uuid));
            at = components.and_then(|components| components.parent?.uuid);
        }
        chain.reverse();
        chain
    }

    fn pick_each(&mut self, uuids: Vec<Uuid>) {
        for uuid in uuids {
            if self.full || !self.seen.insert(uuid) {
                continue;
            }
            match self.scene.row(uuid) {
                Some(row) if row.tombstone => self.deleted.push(uuid),
                _ => self.pick(uuid),
            }
        }
    }

    /// Picks one entity if it is owed and the batch has room for it.
    fn pick(&mut self, uuid: Uuid) {
        let (Some(owed), Some(row)) = (self.replica.queue.get(uuid), self.scene.row(uuid)) else {
            return;
        };
        let adds = self.bulk_of(uuid);
        let bulk = self.bulk.and(adds);
        let too_much = bulk.bytes > self.options.max_batch_bytes || bulk.buffers > MAX_BUFFERS;
        // One mesh has its place, however large, and so has what needs no bulk data.
        let second = adds.buffers > 0 && self.bulk.buffers > 0;
        self.full |= too_much && second || !self.has_room_for(uuid);
        if self.full {
            return;
        }
        self.bulk = bulk;
        self.reason = weightier(self.reason, owed.reason);
        self.changes.push(VersionedChange {
            change: change_for(self.replica, row, owed),
            version: row.version,
        });
    }

    /// Whether one more may be in the batch, and just this one. What an editor crashed over once comes in small batches
    /// of its own, and then alone: so in the end it is clear what it was.
    fn has_room_for(&mut self, uuid: Uuid) -> bool {
        let crashes = (self.crashes)(uuid);
        if self.changes.is_empty() {
            self.care = crashes;
        }
        let most = match crashes {
            0 => self.most,
            1 => self.most.min(MAX_SUSPECTS),
            _ => 1,
        };
        crashes == self.care && self.changes.len() < most
    }

    /// The bulk data that is owed of an entity.
    fn bulk_of(&self, uuid: Uuid) -> Bulk {
        let owed = self.replica.queue.get(uuid);
        let is_owed = owed.is_some_and(|owed| owed.whole || owed.components.contains("mesh"));
        let row = self.scene.live(uuid).filter(|_| is_owed);
        let mesh = row.and_then(|entity| entity.components.mesh.as_ref());
        mesh.map_or(Bulk::default(), |mesh| Bulk {
            bytes: mesh.buffers.values().map(|buffer| buffer.bytes).sum(),
            buffers: mesh.buffers.len(),
        })
    }
}

/// Bulk data of one entity or more.
#[derive(Clone, Copy, Default)]
struct Bulk {
    bytes: u64,
    buffers: usize,
}

impl Bulk {
    fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            buffers: self.buffers + other.buffers,
        }
    }
}

fn change_for(replica: &Replica, row: &Row, owed: PendingDelivery) -> Change {
    let entity = &row.entity;
    if row.tombstone {
        return Change::Delete { uuid: entity.uuid };
    }
    if owed.whole || !replica.held.contains_key(&entity.uuid) {
        return Change::Create {
            uuid: entity.uuid,
            kind: entity.kind,
            components: entity.components.only(replica.components),
        };
    }
    Change::Update {
        uuid: entity.uuid,
        components: entity
            .components
            .only(replica.components.and(owed.components)),
    }
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
