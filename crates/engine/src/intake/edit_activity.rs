//! The objects that people are editing. Automation that would change them waits until the edit has ended and a pause has
//! passed.
//!
//! An editor reports the activity with its state: in `modal` and `edit`, the user edits objects, which the editor lists
//! if it can.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use vibesync_protocol::{EditorState, Intent, MAX_OBJECTS};
use vibesync_scene::{Change, Scene, SessionId, Uuid};

use crate::intake::footprint::{references, walk_ancestors};

/// The objects that a person is editing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InUse {
    /// These objects, or none.
    Some(BTreeSet<Uuid>),
    /// Any object: the editor does not list them, or there are too many.
    All,
}

impl InUse {
    /// Returns what an editor reports: in any state but `modal` and `edit`, no object is in use.
    pub fn reported(state: EditorState, objects: Option<Vec<Uuid>>) -> Self {
        match (state, objects) {
            (EditorState::Modal | EditorState::Edit, None) => InUse::All,
            (EditorState::Modal | EditorState::Edit, Some(objects)) => Self::limited(objects),
            _ => InUse::Some(BTreeSet::new()),
        }
    }

    fn limited(objects: impl IntoIterator<Item = Uuid>) -> Self {
        let objects: BTreeSet<Uuid> = objects.into_iter().collect();
        match objects.len() > MAX_OBJECTS {
            true => InUse::All,
            false => InUse::Some(objects),
        }
    }

    fn union(self, other: Self) -> Self {
        match (self, other) {
            (InUse::Some(some), InUse::Some(others)) => {
                Self::limited(some.into_iter().chain(others))
            }
            _ => InUse::All,
        }
    }

    /// Returns true if no object is in use.
    pub fn is_empty(&self) -> bool {
        matches!(self, InUse::Some(objects) if objects.is_empty())
    }
}

/// The edit activity of one session.
#[derive(Debug)]
struct EditActivity {
    current: InUse,
    /// Objects whose edit has ended lately, and the time until which they still count.
    recent: Option<(InUse, u64)>,
}

/// The edit activity of all sessions.
#[derive(Debug)]
pub(crate) struct ActiveEdits {
    by_session: BTreeMap<SessionId, EditActivity>,
    idle_ms: u64,
    /// Grows whenever objects are released. Waiting intents are looked at again then.
    release_epoch: u64,
}

impl ActiveEdits {
    pub fn new(idle_ms: u64) -> Self {
        Self {
            by_session: BTreeMap::new(),
            idle_ms,
            release_epoch: 0,
        }
    }

    pub fn release_epoch(&self) -> u64 {
        self.release_epoch
    }

    /// Sets the objects that a session's user edits now. Objects of the previous edit count for a while longer.
    pub fn set_active(&mut self, id: SessionId, in_use: InUse, now: u64) {
        let idle = || EditActivity {
            current: InUse::Some(BTreeSet::new()),
            recent: None,
        };
        let activity = self.by_session.entry(id).or_insert_with(idle);
        if activity.current == in_use {
            return;
        }
        let ended = std::mem::replace(&mut activity.current, in_use);
        if !ended.is_empty() {
            let recent = match activity.recent.take() {
                Some((before, _)) => before.union(ended),
                None => ended,
            };
            activity.recent = Some((recent, now.saturating_add(self.idle_ms)));
        }
    }

    pub fn remove_session(&mut self, id: SessionId) {
        if self.by_session.remove(&id).is_some() {
            self.release_epoch += 1;
        }
    }

    /// Releases the objects whose pause has passed.
    pub fn expire(&mut self, now: u64) {
        for activity in self.by_session.values_mut() {
            let recent = activity.recent.as_ref();
            if recent.is_some_and(|(_, until)| *until <= now) {
                activity.recent = None;
                self.release_epoch += 1;
            }
        }
    }

    /// Returns the time at which the next objects are released.
    pub fn deadline(&self) -> Option<u64> {
        let activities = self.by_session.values();
        let recent = activities.filter_map(|activity| activity.recent.as_ref());
        recent.map(|(_, until)| *until).min()
    }

    /// Returns the objects that this session's user edits or edited until a moment ago.
    pub fn active_of(&self, id: SessionId) -> Option<InUse> {
        let activity = self.by_session.get(&id)?;
        let recent = activity.recent.iter().map(|(in_use, _)| in_use.clone());
        let all = recent.fold(activity.current.clone(), InUse::union);
        (!all.is_empty()).then_some(all)
    }

    /// Returns true if a user edits one of these entities, or edits what the editor does not name.
    pub fn holds_any(&self, scene: &Scene, uuids: impl Iterator<Item = Uuid> + Clone) -> bool {
        let mut active = self.by_session.keys().filter_map(|id| self.active_of(*id));
        active.any(|in_use| match in_use {
            InUse::All => uuids.clone().next().is_some(),
            InUse::Some(objects) => {
                let scope = EditScope::new(scene, &objects);
                let mut uuids = uuids.clone();
                uuids.any(|uuid| scope.objects.contains(&uuid) || scope.above.contains(&uuid))
            }
        })
    }

    /// Returns a session whose user edits something that this intent would change.
    pub fn blocking_session(&self, scene: &Scene, intent: &Intent) -> Option<SessionId> {
        let sessions = self.by_session.keys();
        let mut active = sessions.filter_map(|id| Some((*id, self.active_of(*id)?)));
        let found = active.find(|(_, in_use)| match in_use {
            InUse::All => true,
            InUse::Some(objects) => EditScope::new(scene, objects).is_affected_by(scene, intent),
        });
        found.map(|(id, _)| id)
    }
}

/// The entities that must not change while a person edits objects.
struct EditScope<'a> {
    objects: &'a BTreeSet<Uuid>,
    /// The data that the objects use.
    data: HashSet<Uuid>,
    /// The objects and their ancestors. The objects move with them.
    above: HashSet<Uuid>,
}

impl<'a> EditScope<'a> {
    fn new(scene: &Scene, objects: &'a BTreeSet<Uuid>) -> Self {
        let mut above = HashSet::new();
        for object in objects {
            walk_ancestors(scene, *object, |uuid| above.insert(uuid));
        }
        let data_of = |object: &Uuid| scene.live(*object)?.components.data?.uuid;
        Self {
            objects,
            data: objects.iter().filter_map(data_of).collect(),
            above,
        }
    }

    /// Returns true if an intent changes or names the objects or their data, or moves an object above or below them.
    fn is_affected_by(&self, scene: &Scene, intent: &Intent) -> bool {
        let mut visited = HashSet::new();
        intent.changes.iter().any(|change| {
            let mut named = std::iter::once(change.uuid()).chain(references(change));
            named.any(|uuid| self.objects.contains(&uuid) || self.data.contains(&uuid))
                || moves_object(change) && self.is_moved_by(scene, change, &mut visited)
        })
    }

    /// `visited` holds the entities whose ancestors were looked at already.
    fn is_moved_by(&self, scene: &Scene, change: &Change, visited: &mut HashSet<Uuid>) -> bool {
        let components = change.components();
        let parent = components.and_then(|components| components.parent?.uuid);
        let mut is_below = false;
        for uuid in [Some(change.uuid()), parent].into_iter().flatten() {
            walk_ancestors(scene, uuid, |uuid| {
                is_below = is_below || self.objects.contains(&uuid);
                visited.insert(uuid)
            });
        }
        is_below || self.above.contains(&change.uuid())
    }
}

/// Returns true if a change moves an object, with all its descendants.
fn moves_object(change: &Change) -> bool {
    let touched = change.touched();
    touched.contains("transform") || touched.contains("parent")
}
