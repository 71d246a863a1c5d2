//! Intents that cannot be decided yet: they name an entity that is still to come, or one that a structural change
//! holds until it is verified, or they are automation's and a person has their hands on it, or they come after such an
//! intent.

use std::collections::{BTreeSet, HashSet};

use vibesync_protocol::{Code, DaemonMessage, Intent, MAX_CHANGES, Severity};
use vibesync_scene::{Change, Invalid, OperationId, Role, SessionId, Uuid};

use crate::engine::Engine;
use crate::intake::intent::MAX_NAMED;

/// Most intents of people that wait, and most of automation; above, they are refused with VS-4006.
pub(crate) const MAX_WAITING: usize = 256;

/// How long an intent may wait for an entity that is still to come, milliseconds.
pub(crate) const PATIENCE_MS: u64 = 2_000;

/// What an intent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Somebody creates this entity.
    Known(Uuid),
    /// The transaction with this BEGIN has ended, or its verification is put off.
    Settled(u64),
    /// Hands come free: those of this session are on it, and so often had any come free before.
    Free { hands: SessionId, freed: u64 },
    /// An earlier intent of the same session has been decided.
    After(OperationId),
}

/// An intent that waits.
#[derive(Debug)]
pub(crate) struct Parked {
    pub session: SessionId,
    pub intent: Intent,
    by_person: bool,
    /// The entities that it changes.
    named: HashSet<Uuid>,
    /// Those that must be there for it: parents and data.
    needed: HashSet<Uuid>,
    pub until: Until,
    /// Entities of it that its editor has been sent since it arrived.
    pub covered: BTreeSet<Uuid>,
    /// When it is refused; none where what it waits for has a time limit of its own.
    pub deadline: Option<u64>,
}

impl Parked {
    fn touches(&self, uuids: &[Uuid]) -> bool {
        uuids.iter().any(|uuid| self.named.contains(uuid))
    }

    fn needs(&self, uuids: &[Uuid]) -> bool {
        uuids.iter().any(|uuid| self.needed.contains(uuid))
    }
}

/// What a later intent is about.
#[derive(Default)]
struct About {
    /// What it changes, but for what it makes.
    named: Vec<Uuid>,
    /// What must be there for it, or must have left.
    related: Vec<Uuid>,
    /// What it deletes.
    deleted: Vec<Uuid>,
}

/// All that wait, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Vec<Parked>);

impl Waiting {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn holds(&self, session: SessionId, id: OperationId) -> bool {
        self.0
            .iter()
            .any(|parked| parked.session == session && parked.intent.operation_id == id)
    }

    pub fn deadline(&self) -> Option<u64> {
        self.0.iter().filter_map(|parked| parked.deadline).min()
    }

    /// Drops what a session that is gone asked for: its editor asks again.
    pub fn forget(&mut self, session: SessionId) {
        self.0.retain(|parked| parked.session != session);
    }

    /// How many wait until a person's hands have rested.
    pub fn paused(&self) -> usize {
        let paused = |parked: &&Parked| matches!(parked.until, Until::Free { .. });
        self.0.iter().filter(paused).count()
    }

    /// Automation that waits for people, however long, takes no room from theirs.
    fn has_room(&self, intent: &Intent, by_person: bool) -> bool {
        let kind = self.0.iter().filter(|parked| parked.by_person == by_person);
        let (mut intents, mut changes) = (0, 0);
        for parked in kind {
            intents += 1;
            changes += parked.intent.changes.len();
        }
        intents == 0 || intents < MAX_WAITING && changes + intent.changes.len() <= MAX_CHANGES
    }

    /// A batch that the editor has applied may have overwritten what its intents wait to say.
    pub fn note_covered<'a>(&mut self, session: SessionId, sent: impl Iterator<Item = &'a Uuid>) {
        if self.0.is_empty() {
            return;
        }
        let sent: Vec<Uuid> = sent.copied().collect();
        for parked in self.0.iter_mut().filter(|parked| parked.session == session) {
            let named = sent.iter().filter(|uuid| parked.named.contains(uuid));
            parked.covered.extend(named);
        }
    }

    /// The last of the first `ahead` that wait, by the same session and about the same or something related. What waits
    /// for an entity to come may be waiting for just this, so there a relation is not enough.
    fn before(&self, ahead: usize, session: SessionId, about: &About) -> Option<OperationId> {
        let mut earlier = self.0.iter().take(ahead).rev();
        let before = earlier.find(|parked| {
            let may_come = matches!(parked.until, Until::Known(_));
            let related = || parked.touches(&about.related) || parked.needs(&about.deleted);
            parked.session == session && (parked.touches(&about.named) || !may_come && related())
        });
        before.map(|parked| parked.intent.operation_id)
    }
}

impl Engine {
    /// Lets an intent wait; gives it back where too many wait already.
    pub(crate) fn park(
        &mut self,
        session: SessionId,
        intent: Intent,
        until: Until,
    ) -> Result<(), Intent> {
        let role = self.sessions.get(session).map(|session| session.role);
        let by_person = role.is_some_and(Role::is_person);
        if !self.waiting.has_room(&intent, by_person) {
            return Err(intent);
        }
        let deadline = self.patience(until);
        self.tell_paused(session, &intent, until);
        self.waiting.0.push(Parked {
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

    fn patience(&self, until: Until) -> Option<u64> {
        matches!(until, Until::Known(_)).then_some(self.now + PATIENCE_MS)
    }

    /// What an intent must wait for before anyone looks at it, given that `ahead` of those that wait came before it.
    pub(crate) fn must_wait(
        &self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        ahead: usize,
    ) -> Option<Until> {
        // Seldom does anything wait; else what it is about need not be known.
        if ahead > 0
            && let Some(before) = self.waiting.before(ahead, session, &self.about(intent))
        {
            return Some(Until::After(before));
        }
        if !origin.is_person()
            && let Some(hands) = self.hands.on(&self.scene, intent)
        {
            let freed = self.hands.freed();
            return Some(Until::Free { hands, freed });
        }
        let uuids = intent.changes.iter().map(Change::uuid);
        let mut blockers = uuids.filter_map(|uuid| {
            self.transactions
                .blocker(uuid, origin, |role| self.is_deferring(role))
        });
        blockers.next().map(Until::Settled)
    }

    fn about(&self, intent: &Intent) -> About {
        let mut about = About::default();
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
        while let Some(parked) = self.waiting.0.get(at) {
            let late = parked.deadline.is_some_and(|deadline| deadline <= self.now);
            if !late && !self.is_over(parked.session, parked.until) {
                at += 1;
                continue;
            }
            let parked = self.waiting.0.remove(at);
            if let Some(until) =
                self.decide(parked.session, &parked.intent, &parked.covered, at, late)
            {
                let deadline = self.patience(until);
                if !matches!(parked.until, Until::Free { .. }) {
                    self.tell_paused(parked.session, &parked.intent, until);
                }
                self.waiting.0.insert(
                    at,
                    Parked {
                        until,
                        deadline,
                        ..parked
                    },
                );
                at += 1;
            } else {
                // It may be what an earlier one waits for.
                at = 0;
            }
        }
    }

    fn is_over(&self, session: SessionId, until: Until) -> bool {
        match until {
            Until::Known(uuid) => self.scene.row(uuid).is_some(),
            Until::After(id) => !self.waiting.holds(session, id),
            Until::Settled(begin) => !self
                .transactions
                .blocks(begin, |role| self.is_deferring(role)),
            Until::Free { freed, .. } => self.hands.freed() != freed,
        }
    }

    /// Tells automation that it waits for a person, once.
    fn tell_paused(&mut self, session: SessionId, intent: &Intent, until: Until) {
        let Until::Free { hands, .. } = until else {
            return;
        };
        let role = self.sessions.get(hands).map(|session| session.role);
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
            .peer(role)
            .and_then(|peer| peer.in_flight.as_ref());
        flight.is_some_and(|flight| flight.deferred)
    }

    /// Refuses what waits and builds on something that was rolled back.
    pub(crate) fn refuse_dependents(&mut self, uuids: &[Uuid], invalid: &Invalid) {
        let (dependent, rest) = std::mem::take(&mut self.waiting.0)
            .into_iter()
            .partition(|parked| parked.touches(uuids));
        self.waiting.0 = rest;
        for Parked {
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
