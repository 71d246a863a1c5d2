//! The entities that an intent changes or depends on.

use std::collections::HashSet;

use vibesync_protocol::Intent;
use vibesync_scene::{Change, Components, Scene, Uuid};

/// The entities that decide whether an intent must wait for an earlier one.
#[derive(Default)]
pub(crate) struct Footprint {
    /// Entities it updates or deletes, not those it creates.
    pub changed: Vec<Uuid>,
    /// Unknown entities it creates. The create waits for no update of the entity: the update waits for the create.
    pub created: Vec<Uuid>,
    /// Entities it refers to, the children and users of those it deletes, and the ancestors of the new parents: any of
    /// them may become the reason to refuse it.
    pub related: Vec<Uuid>,
    /// Entities it deletes.
    pub deleted: Vec<Uuid>,
}

impl Footprint {
    pub fn new(scene: &Scene, intent: &Intent) -> Self {
        let mut footprint = Self::default();
        for change in &intent.changes {
            let uuid = change.uuid();
            let is_new = matches!(change, Change::Create { .. }) && scene.row(uuid).is_none();
            match is_new {
                true => footprint.created.push(uuid),
                false => footprint.changed.push(uuid),
            }
            if matches!(change, Change::Delete { .. }) {
                footprint.deleted.push(uuid);
                footprint.related.extend(scene.children(uuid));
                footprint.related.extend(scene.users(uuid));
            }
            footprint.related.extend(references(change));
        }
        footprint.add_ancestors(scene, intent);
        footprint
    }

    /// Adds the ancestors of the new parents. An intent that only adds new objects makes no cycle: it waits for nothing
    /// above its parents.
    fn add_ancestors(&mut self, scene: &Scene, intent: &Intent) {
        let parent = |change: &Change| change.components()?.parent?.uuid;
        let reparents =
            |change: &Change| parent(change).is_some() && scene.row(change.uuid()).is_some();
        if !intent.changes.iter().any(reparents) {
            return;
        }
        let mut visited = HashSet::new();
        for parent in intent.changes.iter().filter_map(parent) {
            walk_ancestors(scene, parent, |uuid| visited.insert(uuid));
        }
        self.related.extend(visited);
    }
}

/// Visits an object and its ancestors for as long as `visit` returns true.
pub(crate) fn walk_ancestors(scene: &Scene, from: Uuid, mut visit: impl FnMut(Uuid) -> bool) {
    let mut at = Some(from);
    while let Some(uuid) = at.filter(|uuid| visit(*uuid)) {
        at = scene.live(uuid).and_then(|it| it.components.parent?.uuid);
    }
}

/// Lists the entities that a change refers to.
pub(crate) fn references(change: &Change) -> impl Iterator<Item = Uuid> {
    let components = change.components().into_iter();
    let references = components.flat_map(Components::references);
    references.map(|it| it.uuid)
}
