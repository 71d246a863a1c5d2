//! Intents that cannot be decided yet: they name an entity that is still to come, or one that a structural change
//! holds until it is verified, or they are automation's and a person has their hands on it, or they come after such an
//! intent.

use std::collections::{BTreeSet, HashSet};

use vibesync_protocol::{Code, DaemonMessage, Intent, MAX_CHANGES, Severity};
use vibesync_scene::{Change, Invalid, OperationId, Role, SessionId, Uuid};

use crate::engine::Engine;
use crate::intake::intent::MAX_NAMED;

/// Most intents of people that wait, and most of automation; above, they are refused with VS-4006.
pub(crate) const MAX_DEFERRED: usize = 256;

/// How long an intent may wait for an entity that is still to come, milliseconds.
pub(crate) const ENTITY_TIMEOUT_MS: u64 = 2_000;

/// What an intent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitReason {
    /// Somebody creates this entity.
    EntityCreated(Uuid),
    /// The transaction with this BEGIN has ended, or its verification is put off.
    TransactionVerified(u64),
    /// Hands come free: those of this session are on it, and so often had any come free before.
    EditEnded { session: SessionId, epoch: u64 },
    /// An earlier intent of the same session has been decided.
    IntentDecided(OperationId),
}

/// An intent that waits.
#[derive(Debug)]
pub(crate) struct DeferredIntent {
    pub session: SessionId,
    pub intent: Intent,
    by_person: bool,
    /// The entities that it changes.
    named: HashSet<Uuid>,
    /// Those that must be there for it: parents and data.
    needed: HashSet<Uuid>,
    pub until: WaitReason,
    /// Entities of it that its editor has been sent since it arrived.
    pub covered: BTreeSet<Uuid>,
    /// When it is refused; none where what it waits for has a time limit of its own.
    pub deadline: Option<u64>,
}

impl DeferredIntent {
    fn touches(&self, uuids: &[Uuid]) -> bool {
        uuids.iter().any(|uuid| self.named.contains(uuid))
    }

    fn needs(&self, uuids: &[Uuid]) -> bool {
        uuids.iter().any(|uuid| self.needed.contains(uuid))
    }
}

/// What a later intent is about.
#[derive(Default)]
struct Footprint {
    /// What it changes, but for what it makes.
    named: Vec<Uuid>,
    /// What must be there for it, or must have left.
    related: Vec<Uuid>,
    /// What it deletes.
    deleted: Vec<Uuid>,
}

/// All that wait, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct PendingIntents(Vec<DeferredIntent>);

impl PendingIntents {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn holds(&self, session: SessionId, id: OperationId) -> bool {
        self.0
            .iter()
            .any(|deferred| deferred.session == session && deferred.intent.operation_id == id)
    }

    pub fn deadline(&self) -> Option<u64> {
        self.0.iter().filter_map(|deferred| deferred.deadline).min()
    }

    /// Drops what a session that is gone asked for: its editor asks again.
    pub fn forget(&mut self, session: SessionId) {
        self.0.retain(|deferred| deferred.session != session);
    }

    /// How many wait until a person's hands have rested.
    pub fn paused(&self) -> usize {
        let paused =
            |deferred: &&DeferredIntent| matches!(deferred.until, WaitReason::EditEnded { .. });
        self.0.iter().filter(paused).count()
    }

    /// Automation that waits for people, however long, takes no room from theirs.
    fn has_room(&self, intent: &Intent, by_person: bool) -> bool {
        let kind = self
            .0
            .iter()
            .filter(|deferred| deferred.by_person == by_person);
        let (mut intents, mut changes) = (0, 0);
        for deferred in kind {
            intents += 1;
            changes += deferred.intent.changes.len();
        }
        intents == 0 || intents < MAX_DEFERRED && changes + intent.changes.len() <= MAX_CHANGES
    }

    /// A batch that the editor has applied may have overwritten what its intents wait to say.
    pub fn note_covered<'a>(&mut self, session: SessionId, sent: impl Iterator<Item = &'a Uuid>) {
        if self.0.is_empty() {
            return;
        }
        let sent: Vec<Uuid> = sent.copied().collect();
        for deferred in self
            .0
            .iter_mut()
            .filter(|deferred| deferred.session == session)
        {
            let named = sent.iter().filter(|uuid| deferred.named.contains(uuid));
            deferred.covered.extend(named);
        }
    }

    /// The last of the first `ahead` that wait, by the same session and about the same or something related. What waits
    /// for an entity to come may be waiting for just this, so there a relation is not enough.
    fn before(&self, ahead: usize, session: SessionId, about: &Footprint) -> Option<OperationId> {
        let mut earlier = self.0.iter().take(ahead).rev();
        let before = earlier.find(|deferred| {
            let may_come = matches!(deferred.until, WaitReason::EntityCreated(_));
            let related = || deferred.touches(&about.related) || deferred.needs(&about.deleted);
            deferred.session == session
                && (deferred.touches(&about.named) || !may_come && related())
        });
        before.map(|deferred| deferred.intent.operation_id)
    }
}

impl Engine {
    /// Lets an intent wait; gives it back where too many wait already.
    pub(crate) fn defer(
        &mut self,
        session: SessionId,
        intent: Intent,
        until: WaitReason,
    ) -> Result<(), Intent> {
        let role = self.sessions.get(session).map(|session| session.role);
        let by_person = role.is_some_and(Role::is_person);
        if !self.waiting.has_room(&intent, by_person) {
            return Err(intent);
        }
        let deadline = self.patience(until);
        self.tell_paused(session, &intent, until);
        self.waiting.0.push(DeferredIntent {
            session,
            named: intent.changes.iter().map(Change::uuid).collect(),
            needed: intent.changes.iter().flat_map(needs).collect(),
            intent,
            by_person,
            until,
            covered: BTreeSet::new(),
            deadline,
        });
        Ok(())
    }

    fn patience(&self, until: WaitReason) -> Option<u64> {
        matches!(until, WaitReason::EntityCreated(_)).then_some(self.now + ENTITY_TIMEOUT_MS)
    }

    /// What an intent must wait for before anyone looks at it, given that `ahead` of those that wait came before it.
    pub(crate) fn must_wait(
        &self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        ahead: usize,
    ) -> Option<WaitReason> {
        // Seldom does anything wait; else what it is about need not be known.
        if ahead > 0
            && let Some(before) = self.waiting.before(ahead, session, &self.about(intent))
        {
            return Some(WaitReason::IntentDecided(before));
        }
        if !origin.is_person()
            && let Some(session) = self.edits.blocking_session(&self.scene, intent)
        {
            let epoch = self.edits.release_epoch();
            return Some(WaitReason::EditEnded { session, epoch });
        }
        let uuids = intent.changes.iter().map(Change::uuid);
        let mut blockers = uuids.filter_map(|uuid| {
            self.transactions
                .blocker(uuid, origin, |role| self.is_deferring(role))
        });
        blockers.next().map(WaitReason::TransactionVerified)
    }

    fn about(&self, intent: &Intent) -> Footprint {
        let mut about = Footprint::default();
        for change in &intent.changes {
            let uuid = change.uuid();
            // A create of something unknown waits for nothing that is about it: that waits for the create.
            let makes = matches!(change, Change::Create { .. }) && self.scene.row(uuid).is_none();
            if !makes {
                about.named.push(uuid);
            }
            if matches!(change, Change::Delete { .. }) {
                about.deleted.push(uuid);
                about.related.extend(self.scene.children(uuid));
                about.related.extend(self.scene.users(uuid));
            }
            about.related.extend(needs(change));
        }
        about
    }

    /// Decides all that need not wait any longer.
    pub(crate) fn release(&mut self) {
        let mut at = 0;
        while let Some(deferred) = self.waiting.0.get(at) {
            let late = deferred
                .deadline
                .is_some_and(|deadline| deadline <= self.now);
            if !late && !self.is_over(deferred.session, deferred.until) {
                at += 1;
                continue;
            }
            let deferred = self.waiting.0.remove(at);
            if let Some(until) = self.decide(
                deferred.session,
                &deferred.intent,
                &deferred.covered,
                at,
                late,
            ) {
                let deadline = self.patience(until);
                if !matches!(deferred.until, WaitReason::EditEnded { .. }) {
                    self.tell_paused(deferred.session, &deferred.intent, until);
                }
                self.waiting.0.insert(
                    at,
                    DeferredIntent {
                        until,
                        deadline,
                        ..deferred
                    },
                );
                at += 1;
            } else {
                // It may be what an earlier one waits for.
                at = 0;
            }
        }
    }

    fn is_over(&self, session: SessionId, until: WaitReason) -> bool {
        match until {
            WaitReason::EntityCreated(uuid) => self.scene.row(uuid).is_some(),
            WaitReason::IntentDecided(id) => !self.waiting.holds(session, id),
            WaitReason::TransactionVerified(begin) => !self
                .transactions
                .blocks(begin, |role| self.is_deferring(role)),
            WaitReason::EditEnded { epoch, .. } => self.edits.release_epoch() != epoch,
        }
    }

    /// Tells automation that it waits for a person, once.
    fn tell_paused(&mut self, session: SessionId, intent: &Intent, until: WaitReason) {
        let WaitReason::EditEnded {
            session: editing, ..
        } = until
        else {
            return;
        };
        let role = self.sessions.get(editing).map(|session| session.role);
        let editor = role.map_or("an editor", Role::as_str);
        let code = Code::HandsOn;
        let uuids = intent.changes.iter().map(Change::uuid);
        let notice = DaemonMessage::Notice {
            severity: Severity::Info,
            code,
            message: format!(
                "a person is working on this in {editor}: operation {} waits until they have rested",
                intent.operation_id
            ),
            help: code.help().to_owned(),
            uuids: uuids.take(MAX_NAMED).collect(),
        };
        self.send(session, notice);
    }

    fn is_deferring(&self, role: Role) -> bool {
        let flight = self
            .sessions
            .replica(role)
            .and_then(|replica| replica.in_flight.as_ref());
        flight.is_some_and(|flight| flight.deferred)
    }

    /// Refuses what waits and builds on something that was rolled back.
    pub(crate) fn refuse_dependents(&mut self, uuids: &[Uuid], invalid: &Invalid) {
        let (dependent, rest) = std::mem::take(&mut self.waiting.0)
            .into_iter()
            .partition(|deferred| deferred.touches(uuids));
        self.waiting.0 = rest;
        for DeferredIntent {
            session, intent, ..
        } in dependent
        {
            self.refuse_intent(session, &intent, invalid.clone());
        }
    }
}

/// The parent and the data that a change refers to.
pub(crate) fn needs(change: &Change) -> impl Iterator<Item = Uuid> {
    let components = change.components();
    let parent = components.and_then(|components| components.parent?.uuid);
    let data = components.and_then(|components| components.data?.uuid);
    parent.into_iter().chain(data)
}
