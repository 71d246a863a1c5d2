//! The choice of the entities that one batch carries, in an order in which an editor can apply them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use vibesync_protocol::{ApplyReason, Limits, VersionedChange};
use vibesync_scene::{Change, Components, DataRef, Entity, EntityKind, Row, Scene, Uuid};

use crate::delivery::delivery_queue::{PendingDelivery, weightier};
use crate::delivery::header_size::header_bytes;
use crate::delivery::replica::Replica;
use crate::options::Options;

/// Most buffers in a batch: half of a frame's limit, because an editor may answer with more buffers than it was sent.
const MAX_BUFFERS: usize = Limits::SESSION.attachments / 2;

/// Most changes in a batch of entities over which the editor has crashed once.
const MAX_SUSPECTS: usize = 64;

/// The choice of the entities of one batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchChoice {
    /// Most changes in the batch.
    pub max_changes: usize,
    pub order: BatchOrder,
}

/// The order in which a batch takes entities from the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchOrder {
    /// From the end of the previous batch on. The builder does not look at the rest of the queue.
    Next,
    /// By name without ASCII case, as Blender sorts datablocks. Blender searches for the place of a new one from the end of
    /// its list. Names between those of earlier batches would make that search as long as the scene.
    Name,
}

/// The content of one batch.
pub(crate) struct Batch {
    pub changes: Vec<VersionedChange>,
    /// The weightiest reason among the changes.
    pub reason: ApplyReason,
    /// The last entity that was chosen from the queue; the next batch begins behind it.
    pub last: Uuid,
    /// Bulk bytes of all changes.
    pub bytes: u64,
    /// The entries of the queue that the batch carries.
    pub taken: BTreeMap<Uuid, PendingDelivery>,
    /// Objects without their data, because it is unreadable.
    pub partial: Vec<Uuid>,
}

/// Chooses the changes of a batch: each entity behind those that it names, deletions last. Children are deleted before
/// their parents, and objects before data. Entities without bulk data come before entities with bulk data and do not wait for them.
///
/// The builder looks only at the entities that it chooses, at their parents and data, and at the pending deletions; not
/// at the whole queue, except for [`BatchOrder::Name`].
pub(crate) struct BatchBuilder<'a> {
    scene: &'a Scene,
    replica: &'a Replica,
    options: &'a Options,
    /// Returns the number of consecutive crashes of the editor over an entity.
    crashes: &'a dyn Fn(Uuid) -> u32,
    /// The number of crashes of every entity in this batch.
    batch_crashes: u32,
    seen: BTreeSet<Uuid>,
    deleted: Vec<Uuid>,
    bulk: Bulk,
    /// Estimated bytes of the changes in the header of the batch's frame.
    header: usize,
    /// Most of these bytes.
    max_header: usize,
    max_changes: usize,
    order: BatchOrder,
    is_full: bool,
    changes: Vec<VersionedChange>,
    taken: BTreeMap<Uuid, PendingDelivery>,
    partial: Vec<Uuid>,
    reason: ApplyReason,
    last: Uuid,
}

impl<'a> BatchBuilder<'a> {
    pub fn new(
        scene: &'a Scene,
        replica: &'a Replica,
        options: &'a Options,
        choice: BatchChoice,
        crashes: &'a dyn Fn(Uuid) -> u32,
    ) -> Self {
        Self {
            scene,
            replica,
            options,
            crashes,
            batch_crashes: 0,
            seen: BTreeSet::new(),
            deleted: Vec::new(),
            bulk: Bulk::default(),
            header: 0,
            max_header: max_header(replica),
            max_changes: choice.max_changes,
            order: choice.order,
            is_full: false,
            changes: Vec::new(),
            taken: BTreeMap::new(),
            partial: Vec::new(),
            reason: ApplyReason::Change,
            last: Uuid::nil(),
        }
    }

    pub fn build(mut self) -> Batch {
        let with_bulk = self.add_light();
        self.add_heavy(with_bulk);
        if !self.is_full {
            self.add_deleted();
        }
        Batch {
            changes: self.changes,
            reason: self.reason,
            last: self.last,
            bytes: self.bulk.bytes,
            taken: self.taken,
            partial: self.partial,
        }
    }

    /// Adds entities that need no bulk data, and returns the ones that do.
    fn add_light(&mut self) -> Vec<Uuid> {
        let mut heavy = Vec::new();
        for uuid in self.candidates() {
            let chain = self.dependency_chain(uuid);
            if chain.iter().any(|uuid| self.bulk_of(*uuid).buffers > 0) {
                heavy.push(uuid);
            } else {
                self.add_chain(chain);
            }
            if self.is_full || heavy.len() >= self.max_changes {
                break;
            }
            self.last = uuid;
        }
        heavy
    }

    /// Lists the pending entities but for deletions, in the order of this batch.
    fn candidates(&self) -> Box<dyn Iterator<Item = Uuid> + 'a> {
        let next = self.replica.queue.iter();
        if self.order == BatchOrder::Next {
            return Box::new(next);
        }
        // Entities that change all the time come last. Else they could take the room of all others.
        let key = |uuid: &Uuid| {
            let entity = self.scene.live(*uuid);
            let name = entity.and_then(|it| it.components.name.as_deref());
            let is_update = !self.replica.queue.contains_full(*uuid);
            (is_update, name.map(str::to_ascii_lowercase))
        };
        let mut sorted: Vec<Uuid> = next.collect();
        sorted.sort_by_cached_key(key);
        Box::new(sorted.into_iter())
    }

    fn add_heavy(&mut self, heavy: Vec<Uuid>) {
        for (i, uuid) in heavy.into_iter().enumerate() {
            let chain = self.dependency_chain(uuid);
            if i == 0 {
                // The first one always has room. Else bulk data could starve.
                self.max_changes = self.max_changes.max(self.changes.len() + chain.len());
                self.is_full = false;
            }
            self.add_chain(chain);
        }
    }

    fn add_deleted(&mut self) {
        let deleted = std::mem::take(&mut self.deleted).into_iter();
        let deleted = deleted.chain(self.replica.queue.deleted());
        let kind = |uuid: &Uuid| self.scene.row(*uuid).map(|row| row.entity.kind);
        let is_object = |uuid: &Uuid| kind(uuid).is_none_or(|it| it == EntityKind::Object);
        let (objects, others): (Vec<Uuid>, Vec<Uuid>) = deleted.partition(is_object);
        let mut others = children_first(self.scene, &others);
        others.sort_by_key(|uuid| match kind(uuid) {
            Some(EntityKind::Collection) => 3,
            Some(EntityKind::Image | EntityKind::Action) => 2,
            Some(EntityKind::Material) => 1,
            _ => 0,
        });
        let objects = children_first(self.scene, &objects).into_iter();
        for uuid in objects.chain(others) {
            self.add(uuid);
            if self.is_full {
                return;
            }
        }
    }

    /// Returns an entity behind all entities that it names, directly or through others, as far as they were not seen yet.
    fn dependency_chain(&self, uuid: Uuid) -> Vec<Uuid> {
        let mut chain = Vec::new();
        let mut entered = BTreeSet::new();
        let mut next = vec![(uuid, false)];
        while let Some((uuid, is_behind)) = next.pop() {
            if is_behind {
                chain.push(uuid);
            } else if !self.seen.contains(&uuid) && entered.insert(uuid) {
                next.push((uuid, true));
                let entity = self.scene.live(uuid).into_iter();
                let named = entity.flat_map(|it| it.components.references());
                next.extend(named.map(|it| (it.uuid, false)));
            }
        }
        chain
    }

    fn add_chain(&mut self, uuids: Vec<Uuid>) {
        for uuid in uuids {
            if self.is_full || !self.seen.insert(uuid) {
                continue;
            }
            match self.scene.row(uuid) {
                Some(row) if row.tombstone => self.deleted.push(uuid),
                _ => self.add(uuid),
            }
        }
    }

    /// Adds one entity if it is pending and the batch has room for it.
    fn add(&mut self, uuid: Uuid) {
        let pending = self.replica.queue.get(uuid);
        let (Some(pending), Some(row)) = (pending, self.scene.row(uuid)) else {
            return;
        };
        let added = self.bulk_of(uuid);
        let bulk = self.bulk.plus(added);
        let is_too_large = bulk.bytes > self.options.max_batch_bytes || bulk.buffers > MAX_BUFFERS;
        // One entity always has room, however large; so has an entity without bulk data.
        let is_second = added.buffers > 0 && self.bulk.buffers > 0;
        self.is_full |= is_too_large && is_second || !self.has_room_for(uuid);
        if self.is_full {
            return;
        }
        let mut change = VersionedChange {
            change: change_for(self.replica, self.scene, row, pending),
            version: row.version,
        };
        let header = self.header + header_bytes(&change.change);
        self.is_full = header > self.max_header && !self.changes.is_empty();
        if self.is_full {
            return;
        }
        self.header = header;
        self.bulk = bulk;
        self.reason = weightier(self.reason, pending.reason);
        self.taken.insert(uuid, pending);
        if self.replica.lacks_bulk(self.scene, uuid) {
            // The editor may have deleted what it gets restored.
            let is_restored =
                matches!(pending.reason, ApplyReason::Restore | ApplyReason::Rollback);
            omit_bulk(&mut change, is_restored || self.replica.is_stub(uuid));
            self.partial.push(uuid);
        }
        self.changes.push(change);
    }

    /// Returns true if the batch may carry one more change, of this entity. Entities over which the editor has crashed
    /// come in small batches of their own, and later alone, so that in the end the cause is known.
    fn has_room_for(&mut self, uuid: Uuid) -> bool {
        let crashes = (self.crashes)(uuid);
        if self.changes.is_empty() {
            self.batch_crashes = crashes;
        }
        let max_changes = match crashes {
            0 => self.max_changes,
            1 => self.max_changes.min(MAX_SUSPECTS),
            _ => 1,
        };
        crashes == self.batch_crashes && self.changes.len() < max_changes
    }

    /// Returns the pending bulk data of an entity.
    fn bulk_of(&self, uuid: Uuid) -> Bulk {
        let pending = self.replica.queue.get(uuid);
        let has_bulk = pending.is_some_and(|it| it.is_full || it.components.has_bulk());
        let row = self.scene.live(uuid).filter(|_| has_bulk);
        let buffers = row.into_iter().flat_map(|it| it.components.buffers());
        buffers.fold(Bulk::default(), |all, (_, _, buffer)| {
            all.plus(Bulk {
                bytes: buffer.bytes,
                buffers: 1,
            })
        })
    }
}

/// Returns the most bytes of changes in the header of a batch's frame: half of the limit, because an answer says more of
/// each entity.
fn max_header(replica: &Replica) -> usize {
    let limits = match replica.takes_large_batches {
        true => Limits::LARGE_BATCHES,
        false => Limits::SESSION,
    };
    limits.header_bytes as usize / 2
}

/// An amount of bulk data.
#[derive(Clone, Copy, Default)]
struct Bulk {
    bytes: u64,
    buffers: usize,
}

impl Bulk {
    fn plus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            buffers: self.buffers + other.buffers,
        }
    }
}

/// Returns deleted entities in an order in which each comes before its last parents.
fn children_first(scene: &Scene, deleted: &[Uuid]) -> Vec<Uuid> {
    let mut children: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for uuid in deleted {
        let components = scene.row(*uuid).map(|row| &row.entity.components);
        for parent in components.into_iter().flat_map(Components::parents) {
            children.entry(parent).or_default().push(*uuid);
        }
    }
    if children.is_empty() {
        return deleted.to_vec();
    }
    let mut order = Vec::with_capacity(deleted.len());
    let mut entered = HashSet::with_capacity(deleted.len());
    let mut next: Vec<(Uuid, bool)> = deleted.iter().rev().map(|it| (*it, false)).collect();
    while let Some((uuid, is_behind)) = next.pop() {
        if is_behind {
            order.push(uuid);
        } else if entered.insert(uuid) {
            next.push((uuid, true));
            let below = children.get(&uuid).into_iter().flatten();
            next.extend(below.map(|uuid| (*uuid, false)));
        }
    }
    order
}

fn change_for(replica: &Replica, scene: &Scene, row: &Row, pending: PendingDelivery) -> Change {
    let Entity {
        uuid,
        kind,
        components,
    } = &row.entity;
    let (uuid, kind) = (*uuid, *kind);
    if row.tombstone {
        return Change::Delete { uuid };
    }
    let is_whole = pending.is_full || !replica.versions.contains_key(&uuid);
    let sent = match is_whole {
        true => replica.components,
        false => replica.components.and(pending.components),
    };
    let mut components = components.only(sent);
    let data = components.data.and_then(|data| data.uuid);
    if data.is_some_and(|data| replica.withholds(scene, data)) {
        components.data = Some(DataRef { uuid: None });
    }
    match is_whole {
        true => Change::Create {
            uuid,
            kind,
            components,
        },
        false => Change::Update { uuid, components },
    }
}

/// Takes out of a change what names an unreadable entity: the data of an object, maps, or an action. The editor
/// keeps what it has there, unless it may lack the whole entity. The version is an older one, so that the editor gets the
/// entity again after a reconnect.
fn omit_bulk(change: &mut VersionedChange, may_be_absent: bool) {
    change.version = change.version.saturating_sub(1);
    match &mut change.change {
        Change::Create { components, .. } if may_be_absent => {
            components.data = components.data.map(|_| DataRef { uuid: None });
            components.maps = None;
            components.animation = None;
        }
        Change::Create {
            uuid, components, ..
        } => {
            omit_links(components);
            let (uuid, components) = (*uuid, std::mem::take(components));
            change.change = Change::Update { uuid, components };
        }
        Change::Update { components, .. } => omit_links(components),
        Change::Delete { .. } => {}
    }
}

fn omit_links(components: &mut Components) {
    (components.data, components.maps, components.animation) = (None, None, None);
}
