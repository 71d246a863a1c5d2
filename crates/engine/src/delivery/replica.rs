//! The state of one connected editor that the daemon has confirmed, and the deliveries under way to that editor.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use vibesync_protocol::{ApplyReason, Hello, Intent, InventoryEntry, VersionedChange, feature};
use vibesync_scene::{
    BatchId, Change, ComponentSet, EntityKind, OpenTransaction, Row, Scene, SessionId, Target, Uuid,
};

use crate::delivery::delivery_queue::{DeliveryQueue, PendingDelivery};
use crate::delivery::vanished::Vanished;

/// Consecutive timeouts of batches with one entity until the entity is not sent again.
const MAX_TIMEOUTS: u32 = 2;

/// The replica of one connected editor.
#[derive(Debug)]
pub(crate) struct Replica {
    pub session: SessionId,
    /// End of the log when this editor process replaced another one; 0 if it replaced none.
    pub started_at: u64,
    /// End of the log when the inventory was answered.
    pub synced_at: u64,
    /// Components that the editor can apply.
    pub components: ComponentSet,
    /// Whether the editor accepts the feature `large_batches`.
    pub takes_large_batches: bool,
    /// Kinds of data that the editor does not know: it lacks a component that they must have.
    unknown_kinds: Vec<EntityKind>,
    /// The inventory while it arrives in parts; none once it is complete and answered.
    pub inventory: Option<Vec<InventoryEntry>>,
    /// The confirmed version of each entity.
    pub versions: HashMap<Uuid, u64>,
    /// Entities of the inventory that were delivered since. Kept if the editor opened a file anew.
    replaced: HashMap<Uuid, Replaced>,
    /// Entities that had version 0 in the inventory and were not delivered since. A batch may have overwritten what the
    /// editor's earlier intents say about them.
    pub unsure: HashSet<Uuid>,
    /// Consecutive timeouts of batches with this entity.
    timeouts: BTreeMap<Uuid, u32>,
    pub queue: DeliveryQueue,
    /// Pending entities that are not sent because they failed in this editor for good.
    pub suppressed: BTreeSet<Uuid>,
    /// Withheld entities that are unreadable and that the editor does not have.
    pub unreadable: BTreeSet<Uuid>,
    /// Objects that were sent without their data, because it is unreadable. They are sent again once it can be sent.
    pub partial: BTreeSet<Uuid>,
    /// Those of them that this connection created without data.
    stubs: BTreeSet<Uuid>,
    /// The batch that the editor is working on.
    pub in_flight: Option<InFlight>,
    /// Batches that were not answered in time. The editor may still apply them.
    timed_out: Option<TimedOutBatches>,
    /// Entities whose deletion by the editor's user is awaited. No batch leaves meanwhile.
    pub vanished: Vanished,
    /// Time at which the next batch may leave.
    pub window_end: u64,
    /// The last record that the editor's history shares with the log; none if the log has all of it.
    common_end: Option<u64>,
    /// Entities that the editor holds from records that the log lacks. It sends them before it gets the log's state.
    unsettled: BTreeSet<Uuid>,
    /// Time until which the editor gets no batch because of them.
    unsettled_until: u64,
}

/// A batch that an editor is working on.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub id: BatchId,
    pub reason: ApplyReason,
    pub sent: BTreeMap<Uuid, VersionedChange>,
    /// The entries of the queue that it carries.
    pub taken: BTreeMap<Uuid, PendingDelivery>,
    /// The editor has answered that it must wait before it can apply the batch.
    pub is_deferred: bool,
    /// The editor has answered. The batch ends when its meshes are compared.
    pub is_answered: bool,
    /// Time at which the batch has failed. None while the batch is deferred, and while its meshes are compared.
    pub deadline: Option<u64>,
}

/// An entity whose state in the editor's file was replaced by a delivery.
#[derive(Clone, Copy, Debug)]
struct Replaced {
    /// The version in the inventory.
    listed: u64,
    /// The version that was delivered first.
    delivered: u64,
}

/// Batches that were not answered in time. An editor answers in order, so one answer stands for all earlier batches.
#[derive(Debug)]
struct TimedOutBatches {
    newest: BatchId,
    /// The entities in all of them.
    uuids: BTreeSet<Uuid>,
}

impl Replica {
    /// Returns the replica of an editor that has not sent its inventory yet.
    pub fn new(
        session: SessionId,
        started_at: u64,
        hello: &Hello,
        common_end: Option<u64>,
    ) -> Self {
        let components: ComponentSet = hello.components.iter().map(String::as_str).collect();
        let unknown_kinds = find_unknown_kinds(components);
        // An editor that gets no materials cannot show them in slots; so with images in maps, collections and actions.
        let unknown_links = ComponentSet::naming(|target| match target {
            Target::Material => unknown_kinds.contains(&EntityKind::Material),
            Target::Image => unknown_kinds.contains(&EntityKind::Image),
            Target::Collection => unknown_kinds.contains(&EntityKind::Collection),
            Target::Action => unknown_kinds.contains(&EntityKind::Action),
            Target::Object | Target::Data | Target::Deformer | Target::ShownMaterial => false,
        });
        Self {
            session,
            started_at,
            synced_at: 0,
            components: components.without(unknown_links),
            takes_large_batches: hello.features.iter().any(|it| it == feature::LARGE_BATCHES),
            unknown_kinds,
            inventory: Some(Vec::new()),
            versions: HashMap::new(),
            replaced: HashMap::new(),
            unsure: HashSet::new(),
            timeouts: BTreeMap::new(),
            queue: DeliveryQueue::default(),
            suppressed: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            partial: BTreeSet::new(),
            stubs: BTreeSet::new(),
            in_flight: None,
            timed_out: None,
            vanished: Vanished::default(),
            window_end: 0,
            common_end,
            unsettled: BTreeSet::new(),
            unsettled_until: 0,
        }
    }

    /// Notes the entities that an editor with a history of its own will send: the log's state must not overwrite them
    /// before they are decided on. Waits until this time, which every such intent postpones.
    pub fn await_lost_changes(&mut self, inventory: &[InventoryEntry], until: u64) {
        if self.common_end.is_some() {
            let unknown = inventory.iter().filter(|held| held.version == 0);
            self.unsettled = unknown.map(|held| held.uuid).collect();
            self.unsettled_until = until;
        }
    }

    /// Notes that an intent about these entities is decided.
    pub fn settle(&mut self, uuids: impl Iterator<Item = Uuid>, until: u64) {
        if self.unsettled.is_empty() {
            return;
        }
        let before = self.unsettled.len();
        for uuid in uuids {
            self.unsettled.remove(&uuid);
        }
        if self.unsettled.len() < before {
            self.unsettled_until = until;
        }
    }

    /// Returns true if the editor came with a history of its own.
    pub fn is_diverged(&self) -> bool {
        self.common_end.is_some()
    }

    /// Returns true while the editor has still to send what the log lacks.
    pub fn is_unsettled(&self, now: u64) -> bool {
        !self.unsettled.is_empty() && now < self.unsettled_until
    }

    /// Returns the time at which the next batch may leave.
    pub fn batch_due(&self) -> u64 {
        match self.unsettled.is_empty() {
            true => self.window_end,
            false => self.window_end.max(self.unsettled_until),
        }
    }

    /// Notes that a batch was not answered in time.
    pub fn note_timeout(&mut self, batch: BatchId, uuids: &[Uuid]) {
        let timed_out = self.timed_out.get_or_insert_with(|| TimedOutBatches {
            newest: batch,
            uuids: BTreeSet::new(),
        });
        timed_out.newest = batch;
        timed_out.uuids.extend(uuids);
    }

    /// Notes that the editor has answered a batch, in time or not. All earlier batches are over then.
    pub fn note_answer(&mut self, batch: BatchId) {
        let current = self.in_flight.as_ref().map(|flight| flight.id);
        self.timed_out
            .take_if(|timed_out| timed_out.newest == batch || current == Some(batch));
    }

    /// Notes that the editor has this version of an entity.
    pub fn confirm(&mut self, uuid: Uuid, version: u64) {
        let listed = self.versions.insert(uuid, version);
        if let Some(listed) =
            listed.filter(|listed| *listed <= self.started_at && self.started_at > 0)
        {
            let delivered = version;
            let replaced = Replaced { listed, delivered };
            self.replaced.entry(uuid).or_insert(replaced);
        }
        self.unsure.remove(&uuid);
        self.unsettled.remove(&uuid);
        self.timeouts.remove(&uuid);
    }

    /// Counts a timeout of a batch with this entity. Returns true if the entity may be sent again.
    pub fn may_retry_after_timeout(&mut self, uuid: Uuid) -> bool {
        let count = self.timeouts.entry(uuid).or_default();
        *count += 1;
        let may_retry = *count < MAX_TIMEOUTS;
        if !may_retry {
            self.timeouts.remove(&uuid);
        }
        may_retry
    }

    /// Returns true if the editor never gets this entity. Costs nothing for an editor that knows all kinds.
    pub fn withholds(&self, scene: &Scene, uuid: Uuid) -> bool {
        let is_unknown = |row: &Row| self.unknown_kinds.contains(&row.entity.kind);
        !self.unknown_kinds.is_empty() && scene.row(uuid).is_some_and(is_unknown)
    }

    /// Queues a transaction's changes without the entities that are withheld. Returns false if the transaction touches no
    /// component that this editor supports; the replica is then up to date without a delivery.
    pub fn enqueue_transaction(&mut self, open: &OpenTransaction, scene: &Scene) -> bool {
        let is_supported = |change: &Change| {
            !change.touched().and(self.components).is_empty()
                && !self.withholds(scene, change.uuid())
        };
        let is_concerned = open.steps.iter().any(|(change, _)| is_supported(change));
        for (change, _) in &open.steps {
            let uuid = change.uuid();
            if self.withholds(scene, uuid) {
                continue;
            }
            if is_concerned {
                self.queue.enqueue(change);
            } else if !self.is_expecting(uuid) {
                self.versions.insert(uuid, open.begin);
            }
        }
        is_concerned
    }

    /// Returns true if an object has to be sent without its data, or a material without its maps, or what plays an action without it.
    pub fn lacks_bulk(&self, scene: &Scene, uuid: Uuid) -> bool {
        if self.unreadable.is_empty() {
            return false;
        }
        let entity = scene.live(uuid).into_iter();
        let named = entity.flat_map(|it| it.components.references());
        let mut bulk =
            named.filter(|it| matches!(it.target, Target::Data | Target::Image | Target::Action));
        bulk.any(|it| self.unreadable.contains(&it.uuid))
    }

    /// Returns true if the editor lacks an entity, or was sent it without what is unreadable.
    pub fn is_stub(&self, uuid: Uuid) -> bool {
        self.stubs.contains(&uuid) || !self.versions.contains_key(&uuid)
    }

    /// Notes that these entities are being sent without what is unreadable.
    pub fn note_partial(&mut self, entities: Vec<Uuid>) {
        for uuid in entities {
            if self.is_stub(uuid) {
                self.stubs.insert(uuid);
            }
            self.partial.insert(uuid);
        }
    }

    /// Queues the entities again that were sent without what was unreadable and need not be any more.
    pub fn complete_partial(&mut self, scene: &Scene) {
        let partial = std::mem::take(&mut self.partial);
        for uuid in partial {
            if self.lacks_bulk(scene, uuid) {
                self.partial.insert(uuid);
                continue;
            }
            self.stubs.remove(&uuid);
            if scene.live(uuid).is_some() {
                self.queue.enqueue_full(uuid, ApplyReason::Restore);
            }
        }
    }

    /// Takes a batch back that was not sent.
    pub fn take_back(&mut self, batch: BatchId, now: u64) {
        let flight = self.in_flight.take_if(|flight| flight.id == batch);
        for (uuid, sent) in flight.iter().flat_map(|flight| &flight.sent) {
            if let Some(taken) = flight.as_ref().and_then(|it| it.taken.get(uuid)) {
                self.queue.put_back(&sent.change, *taken);
            }
        }
        self.window_end = self.window_end.min(now);
    }

    /// Queues an entity in full because its delivery failed.
    pub fn enqueue_retry(&mut self, uuid: Uuid) {
        if !self.queue.contains_full(uuid) {
            self.queue.enqueue_full(uuid, ApplyReason::Restore);
        }
    }

    /// Returns the newest version of an entity that the editor is known to have taken in. A batch counts once the editor
    /// has answered it: an intent that comes before the answer was made before the batch.
    pub fn known_version(&self, uuid: Uuid) -> Option<u64> {
        let flight = self.in_flight.as_ref().filter(|flight| flight.is_answered);
        let answered = flight.and_then(|flight| flight.sent.get(&uuid));
        let answered = answered.map(|sent| sent.version);
        answered.max(self.versions.get(&uuid).copied())
    }

    /// Returns the version of an entity in the file when the editor made an intent with this `base_seq`. Deliveries that
    /// came later do not count.
    pub fn file_version(&self, uuid: Uuid, base_seq: u64) -> Option<u64> {
        let replaced = self.replaced.get(&uuid);
        let replaced_later = replaced.filter(|it| it.delivered > base_seq);
        let listed = replaced_later.map(|it| it.listed);
        listed.or(self.known_version(uuid))
    }

    /// Returns the common end if an intent sends again what the log lacks: whole entities, or deletions. The editor has
    /// forgotten their versions, and had seen all that both histories share.
    pub fn common_end_if_sent_again(&self, intent: &Intent) -> Option<u64> {
        let mut changes = intent.changes.iter();
        let has_update = changes.any(|change| matches!(change, Change::Update { .. }));
        self.common_end
            .filter(|end| intent.base_seq >= *end && !has_update)
    }

    /// Returns true if a delivery of this entity will still reach the editor: it is queued, or in flight and unanswered.
    pub fn is_awaiting(&self, uuid: Uuid) -> bool {
        let flight = self.in_flight.as_ref().filter(|flight| !flight.is_answered);
        self.queue.contains(uuid) || flight.is_some_and(|flight| flight.sent.contains_key(&uuid))
    }

    /// Returns true if the editor may have lost the entity that it creates with an intent from before its connection.
    /// The inventory lacked it, or the editor has just sent its deletion again. A batch of a log that was lost may have
    /// deleted it, so this asks only diverged editors.
    pub fn has_lost(&self, change: &Change, base_seq: u64) -> bool {
        let uuid = change.uuid();
        let is_create = matches!(change, Change::Create { .. });
        let is_older = base_seq < self.synced_at;
        let is_absent = match self.versions.get(&uuid) {
            None => true,
            Some(version) => *version == 0 && !self.unsettled.contains(&uuid),
        };
        self.is_diverged() && is_create && is_older && is_absent
    }

    /// Returns true if a delivery of this entity is pending, suppressed, in flight or timed out.
    pub fn is_expecting(&self, uuid: Uuid) -> bool {
        let timed_out = self.timed_out.as_ref();
        let in_flight = self.in_flight.as_ref();
        self.queue.contains(uuid)
            || self.suppressed.contains(&uuid)
            || self.partial.contains(&uuid)
            || timed_out.is_some_and(|batches| batches.uuids.contains(&uuid))
            || in_flight.is_some_and(|batch| batch.sent.contains_key(&uuid))
    }
}

/// Lists the kinds of data of which an editor lacks a component that they must have, `name` apart.
fn find_unknown_kinds(components: ComponentSet) -> Vec<EntityKind> {
    let is_unknown = |kind: &EntityKind| {
        let missing = ComponentSet::required_on(*kind).without(components);
        *kind != EntityKind::Object && missing.names().any(|name| name != "name")
    };
    let kinds = EntityKind::ALL.iter().copied();
    kinds.filter(is_unknown).collect()
}
