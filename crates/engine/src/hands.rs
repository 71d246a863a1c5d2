//! What people have their hands on. Automation that would touch it waits until they have let go and rested.
//!
//! An editor says it with its state: `modal` and `edit` are hands on objects, which it lists where it can.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use vibesync_protocol::{Code, EditorState, Intent, MAX_OBJECTS};
use vibesync_scene::{Change, Scene, SessionId, Uuid};

use crate::Engine;
use crate::waiting::needs;

/// Objects under somebody's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InUse {
    /// These, or none.
    Some(BTreeSet<Uuid>),
    /// Any: the editor does not say which, or they are too many.
    All,
}

impl InUse {
    /// What an editor says: in a state other than these two nobody's hands are on anything.
    pub fn said(state: EditorState, objects: Option<Vec<Uuid>>) -> Self {
        match (state, objects) {
            (EditorState::Modal | EditorState::Edit, None) => InUse::All,
            (EditorState::Modal | EditorState::Edit, Some(objects)) => Self::these(objects),
            _ => InUse::Some(BTreeSet::new()),
        }
    }

    fn these(objects: impl IntoIterator<Item = Uuid>) -> Self {
        let objects: BTreeSet<Uuid> = objects.into_iter().collect();
        match objects.len() > MAX_OBJECTS {
            true => InUse::All,
            false => InUse::Some(objects),
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (InUse::Some(these), InUse::Some(others)) => {
                Self::these(these.into_iter().chain(others))
            }
            _ => InUse::All,
        }
    }

    /// Whether hands are on nothing.
    pub fn is_nothing(&self) -> bool {
        matches!(self, InUse::Some(objects) if objects.is_empty())
    }
}

/// One person's hands.
#[derive(Debug)]
struct Hands {
    on: InUse,
    /// What they let go of lately, and until when it rests.
    rests: Option<(InUse, u64)>,
}

/// Everybody's hands.
#[derive(Debug)]
pub(crate) struct AllHands {
    by: BTreeMap<SessionId, Hands>,
    idle_ms: u64,
    /// How often something came free: what waits for hands is looked at again when this has grown.
    freed: u64,
}

impl AllHands {
    pub fn new(idle_ms: u64) -> Self {
        Self {
            by: BTreeMap::new(),
            idle_ms,
            freed: 0,
        }
    }

    pub fn freed(&self) -> u64 {
        self.freed
    }

    /// An editor says what its person's hands are on now. What they were on until now has to rest.
    pub fn are(&mut self, id: SessionId, on: InUse, now: u64) {
        let nothing = || Hands {
            on: InUse::Some(BTreeSet::new()),
            rests: None,
        };
        let hands = self.by.entry(id).or_insert_with(nothing);
        if hands.on == on {
            return;
        }
        let let_go = std::mem::replace(&mut hands.on, on);
        if !let_go.is_nothing() {
            let rests = match hands.rests.take() {
                Some((before, _)) => before.and(let_go),
                None => let_go,
            };
            hands.rests = Some((rests, now.saturating_add(self.idle_ms)));
        }
    }

    /// Whoever is gone holds nothing.
    pub fn left(&mut self, id: SessionId) {
        if self.by.remove(&id).is_some() {
            self.freed += 1;
        }
    }

    /// What has rested for long enough comes free.
    pub fn rest(&mut self, now: u64) {
        for hands in self.by.values_mut() {
            if hands.rests.as_ref().is_some_and(|(_, until)| *until <= now) {
                hands.rests = None;
                self.freed += 1;
            }
        }
    }

    /// When something comes free by itself.
    pub fn deadline(&self) -> Option<u64> {
        let rests = self.by.values().filter_map(|hands| hands.rests.as_ref());
        rests.map(|(_, until)| *until).min()
    }

    /// What this session's person has their hands on, or had until a moment ago.
    pub fn of(&self, id: SessionId) -> Option<InUse> {
        let hands = self.by.get(&id)?;
        let rests = hands.rests.iter().map(|(on, _)| on.clone());
        let on = rests.fold(hands.on.clone(), InUse::and);
        (!on.is_nothing()).then_some(on)
    }

    /// The session whose person has their hands on something that this intent touches.
    pub fn on(&self, scene: &Scene, intent: &Intent) -> Option<SessionId> {
        let mut busy = self.by.keys().filter_map(|id| Some((*id, self.of(*id)?)));
        let found = busy.find(|(_, on)| match on {
            InUse::All => true,
            InUse::Some(objects) => Reach::new(scene, objects).meets(scene, intent),
        });
        found.map(|(id, _)| id)
    }
}

impl Engine {
    /// Where an editor says that its person's hands are. What it cannot list, or lists at too great length, is anything.
    pub(crate) fn set_hands(
        &mut self,
        session: SessionId,
        state: EditorState,
        objects: Option<Vec<Uuid>>,
    ) {
        if self.sessions.peer_of(session).is_none() {
            return;
        }
        let fits = |objects: &Vec<Uuid>| objects.len() <= MAX_OBJECTS;
        let listed = objects.is_some();
        let objects = objects.filter(fits);
        if listed && objects.is_none() {
            let message = format!("more than {MAX_OBJECTS} objects");
            self.error(session, Code::MessageMalformed, &message, "objects", None);
        }
        self.hands
            .are(session, InUse::said(state, objects), self.now);
    }
}

/// What must stay as it is for hands to work undisturbed.
struct Reach<'a> {
    /// The objects.
    objects: &'a BTreeSet<Uuid>,
    /// What they show.
    data: HashSet<Uuid>,
    /// What they stand under: where that goes, they go.
    above: HashSet<Uuid>,
}

impl<'a> Reach<'a> {
    fn new(scene: &Scene, objects: &'a BTreeSet<Uuid>) -> Self {
        let mut above = HashSet::new();
        for object in objects {
            climb(scene, *object, |uuid| above.insert(uuid));
        }
        let shown = |object: &Uuid| scene.live(*object)?.components.data?.uuid;
        Self {
            objects,
            data: objects.iter().filter_map(shown).collect(),
            above,
        }
    }

    /// Whether an intent changes, or refers to, the objects or what they show, or places anything above or below them.
    fn meets(&self, scene: &Scene, intent: &Intent) -> bool {
        let mut climbed = HashSet::new();
        intent.changes.iter().any(|change| {
            let mut named = std::iter::once(change.uuid()).chain(needs(change));
            named.any(|uuid| self.objects.contains(&uuid) || self.data.contains(&uuid))
                || places(change) && self.places(scene, change, &mut climbed)
        })
    }

    /// `climbed`: what is looked at already, with what it stands under.
    fn places(&self, scene: &Scene, change: &Change, climbed: &mut HashSet<Uuid>) -> bool {
        let components = change.components();
        let parent = components.and_then(|components| components.parent?.uuid);
        let mut below = false;
        for uuid in [Some(change.uuid()), parent].into_iter().flatten() {
            climb(scene, uuid, |uuid| {
                below = below || self.objects.contains(&uuid);
                climbed.insert(uuid)
            });
        }
        below || self.above.contains(&change.uuid())
    }
}

/// Whether a change puts an object somewhere else, with all that is below it.
fn places(change: &Change) -> bool {
    let touched = change.touched();
    touched.contains("transform") || touched.contains("parent")
}

/// Visits an object and those above it, for as long as the visitor wants to go on.
fn climb(scene: &Scene, from: Uuid, mut visit: impl FnMut(Uuid) -> bool) {
    let mut at = Some(from);
    while let Some(uuid) = at.filter(|uuid| visit(*uuid)) {
        at = scene.live(uuid).and_then(|it| it.components.parent?.uuid);
    }
}
