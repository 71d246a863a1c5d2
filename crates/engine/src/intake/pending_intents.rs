//! Intents that cannot be decided yet, in the order in which they arrived.

use std::collections::{BTreeMap, HashSet};

use vibesync_protocol::{Intent, MAX_CHANGES, WaitsFor};
use vibesync_scene::{Change, OperationId, SessionId, Uuid};

use crate::agents::access::Purpose;
use crate::delivery::replica::Replica;
use crate::intake::footprint::{Footprint, references};

/// Most deferred intents of people, and most of automation. More are refused with VS-4006.
const MAX_DEFERRED: usize = 256;

/// Time after its arrival for which an intent may wait for an entity that does not exist yet, milliseconds.
const ENTITY_TIMEOUT_MS: u64 = 2_000;

/// Shortest time for which it may, milliseconds. It begins when nothing else keeps the intent waiting.
const SHORTEST_ENTITY_WAIT_MS: u64 = 100;

/// The event that an intent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitReason {
    /// A client creates this entity.
    EntityCreated(Uuid),
    /// The transaction with this BEGIN has ended, or the editors it waits for have deferred their batches.
    TransactionVerified(u64),
    /// This session's user has ended an edit. `epoch` is the release epoch at the start of the wait.
    EditEnded { session: SessionId, epoch: u64 },
    /// An earlier intent of the same session is decided.
    IntentDecided(OperationId),
}

impl WaitReason {
    /// Returns the time at which an intent is refused that came at `arrived`. Only an entity may never come; other waits
    /// end by themselves. The wait for an earlier intent counts, or each of many in a row would wait in full.
    fn deadline(self, arrived: u64, now: u64) -> Option<u64> {
        let latest = (arrived + ENTITY_TIMEOUT_MS).max(now + SHORTEST_ENTITY_WAIT_MS);
        matches!(self, Self::EntityCreated(_)).then_some(latest)
    }

    /// Returns the reason as clients read it.
    pub fn waits_for(self) -> WaitsFor {
        match self {
            Self::EntityCreated(_) => WaitsFor::Entity,
            Self::TransactionVerified(_) => WaitsFor::Verification,
            Self::EditEnded { .. } => WaitsFor::Person,
            Self::IntentDecided(_) => WaitsFor::Intent,
        }
    }

    pub fn is_edit(self) -> bool {
        matches!(self, Self::EditEnded { .. })
    }
}

/// Entities of a pending intent that its editor was sent after it made the intent. They must be sent again. The value
/// is the version that the editor had before.
pub(crate) type Covered = BTreeMap<Uuid, Option<u64>>;

/// Facts that are known about an intent of an agent before it is decided.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    pub purpose: Purpose,
    /// A person has allowed exactly this.
    pub is_approved: bool,
}

/// An intent that waits.
#[derive(Debug)]
pub(crate) struct DeferredIntent {
    pub session: SessionId,
    pub intent: Intent,
    pub standing: Standing,
    is_by_person: bool,
    /// Entities that it changes.
    changed: HashSet<Uuid>,
    /// Parents and data that it refers to.
    referenced: HashSet<Uuid>,
    pub reason: WaitReason,
    pub covered: Covered,
    /// When it came, milliseconds.
    arrived: u64,
    deadline: Option<u64>,
}

impl DeferredIntent {
    fn changes_any(&self, uuids: &[Uuid]) -> bool {
        uuids.iter().any(|uuid| self.changed.contains(uuid))
    }

    fn change_of(&self, uuid: Uuid) -> Option<&Change> {
        let is_changed = self.changed.contains(&uuid);
        let mut changes = self.intent.changes.iter().filter(|_| is_changed);
        changes.find(|change| change.uuid() == uuid)
    }

    fn creates(&self, uuid: Uuid) -> bool {
        matches!(self.change_of(uuid), Some(Change::Create { .. }))
    }

    fn deletes(&self, uuid: Uuid) -> bool {
        matches!(self.change_of(uuid), Some(Change::Delete { .. }))
    }

    fn deletes_any(&self, uuids: &[Uuid]) -> bool {
        uuids.iter().any(|uuid| self.deletes(*uuid))
    }

    fn references_any(&self, uuids: &[Uuid]) -> bool {
        uuids.iter().any(|uuid| self.referenced.contains(uuid))
    }

    /// Returns true if the intent has waited for longer than it may.
    pub fn is_late(&self, now: u64) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }
}

/// All intents that wait.
#[derive(Debug, Default)]
pub(crate) struct PendingIntents(Vec<DeferredIntent>);

impl PendingIntents {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All intents, in their order.
    pub fn intents(&self) -> impl Iterator<Item = &Intent> {
        self.0.iter().map(|deferred| &deferred.intent)
    }

    pub fn contains(&self, session: SessionId, id: OperationId) -> bool {
        self.find(session, id).is_some()
    }

    /// Returns the pending intent of a session with this operation id.
    pub fn find(&self, session: SessionId, id: OperationId) -> Option<&Intent> {
        let mut intents = self.0.iter().filter(|it| it.session == session);
        let found = intents.find(|it| it.intent.operation_id == id)?;
        Some(&found.intent)
    }

    /// Returns the pending intent with this operation id, of any session.
    pub fn find_operation(&self, id: OperationId) -> Option<&DeferredIntent> {
        self.0.iter().find(|it| it.intent.operation_id == id)
    }

    pub fn get(&self, at: usize) -> Option<&DeferredIntent> {
        self.0.get(at)
    }

    /// Returns true if an intent waits for an entity that its session deletes and then creates anew. The new entity
    /// cannot be the one that the intent is about.
    pub fn waits_in_vain(&self, at: usize) -> bool {
        let Some(deferred) = self.0.get(at) else {
            return false;
        };
        let WaitReason::EntityCreated(uuid) = deferred.reason else {
            return false;
        };
        let session = deferred.session;
        let mut from_delete = self.0.iter().skip(at);
        from_delete
            .by_ref()
            .any(|it| it.session == session && it.deletes(uuid))
            && from_delete.any(|it| it.session == session && it.creates(uuid))
    }

    pub fn deadline(&self) -> Option<u64> {
        self.0.iter().filter_map(|deferred| deferred.deadline).min()
    }

    /// Returns the number of intents that wait for a person to end an edit.
    pub fn paused_count(&self) -> usize {
        let deferred = self.0.iter();
        deferred.filter(|it| it.reason.is_edit()).count()
    }

    /// Returns true if one more intent may wait. Automation that waits takes no room from people.
    pub fn has_room(&self, intent: &Intent, is_by_person: bool) -> bool {
        let same_kind = self.0.iter().filter(|it| it.is_by_person == is_by_person);
        let (mut intents, mut changes) = (0, 0);
        for deferred in same_kind {
            intents += 1;
            changes += deferred.intent.changes.len();
        }
        intents == 0 || intents < MAX_DEFERRED && changes + intent.changes.len() <= MAX_CHANGES
    }

    /// Adds an intent behind all others.
    pub fn push(
        &mut self,
        session: SessionId,
        intent: Intent,
        standing: Standing,
        is_by_person: bool,
        reason: WaitReason,
        now: u64,
    ) {
        self.0.push(DeferredIntent {
            session,
            changed: intent.changes.iter().map(Change::uuid).collect(),
            referenced: intent.changes.iter().flat_map(references).collect(),
            intent,
            standing,
            is_by_person,
            reason,
            covered: Covered::new(),
            arrived: now,
            deadline: reason.deadline(now, now),
        });
    }

    /// Removes and returns the pending intent of a session with this operation id.
    pub fn take(&mut self, session: SessionId, id: OperationId) -> Option<DeferredIntent> {
        let is_meant = |it: &DeferredIntent| it.session == session && it.intent.operation_id == id;
        let at = self.0.iter().position(is_meant)?;
        Some(self.0.remove(at))
    }

    pub fn remove(&mut self, at: usize) -> DeferredIntent {
        self.0.remove(at)
    }

    /// Puts an intent back that has to wait for something else now.
    pub fn put_back(&mut self, at: usize, deferred: DeferredIntent, reason: WaitReason, now: u64) {
        let deferred = DeferredIntent {
            reason,
            deadline: reason.deadline(deferred.arrived, now),
            ..deferred
        };
        self.0.insert(at, deferred);
    }

    /// Drops the intents of a session that has ended. Its editor sends them again when it returns.
    pub fn remove_session(&mut self, session: SessionId) {
        self.0.retain(|deferred| deferred.session != session);
    }

    /// Removes and returns the intents that change one of these entities.
    pub fn take_dependents(&mut self, uuids: &[Uuid]) -> Vec<DeferredIntent> {
        let all = std::mem::take(&mut self.0).into_iter();
        let (dependent, rest) = all.partition(|deferred| deferred.changes_any(uuids));
        self.0 = rest;
        dependent
    }

    /// Notes that an editor has answered a batch with these entities, or may still apply them. The batch may have
    /// overwritten what the editor's pending intents change.
    pub fn note_covered<'a>(&mut self, replica: &Replica, sent: impl Iterator<Item = &'a Uuid>) {
        if self.0.is_empty() {
            return;
        }
        let sent: Vec<Uuid> = sent.copied().collect();
        for deferred in self.0.iter_mut().filter(|it| it.session == replica.session) {
            let changed = &deferred.changed;
            for uuid in sent.iter().filter(|uuid| changed.contains(uuid)) {
                let before = replica.versions.get(uuid).copied();
                deferred.covered.entry(*uuid).or_insert(before);
            }
        }
    }

    /// Returns the last of the first `ahead` intents that an intent with this footprint must not overtake: one of the
    /// same session that changes the same entities or related ones. An intent that waits for an entity may be waiting
    /// for this very footprint, so related entities do not count there.
    pub fn find_predecessor(
        &self,
        ahead: usize,
        session: SessionId,
        footprint: &Footprint,
    ) -> Option<OperationId> {
        let awaits_entity = |deferred: &DeferredIntent| {
            matches!(deferred.reason, WaitReason::EntityCreated(_))
                && !deferred.changes_any(&footprint.changed)
                && !deferred.deletes_any(&footprint.created)
        };
        let mut earlier = self.influences(ahead, session, footprint);
        let found = earlier.find(|deferred| !awaits_entity(deferred));
        found.map(|deferred| deferred.intent.operation_id)
    }

    /// Returns the last of the first `ahead` intents of this session that can be the reason why an intent with this
    /// footprint would be refused now.
    pub fn find_influence(
        &self,
        ahead: usize,
        session: SessionId,
        footprint: &Footprint,
    ) -> Option<OperationId> {
        let found = self.influences(ahead, session, footprint).next();
        found.map(|deferred| deferred.intent.operation_id)
    }

    /// Lists the intents of this session among the first `ahead`, last first, that touch the footprint.
    fn influences(
        &self,
        ahead: usize,
        session: SessionId,
        footprint: &Footprint,
    ) -> impl Iterator<Item = &DeferredIntent> {
        let earlier = self.0.iter().take(ahead).rev();
        earlier.filter(move |deferred| {
            deferred.session == session
                && (deferred.changes_any(&footprint.changed)
                    || deferred.changes_any(&footprint.related)
                    || deferred.references_any(&footprint.deleted)
                    || deferred.deletes_any(&footprint.created))
        })
    }
}
