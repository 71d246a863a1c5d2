//! The entities that an intent changes or depends on.

use vibesync_protocol::Intent;
use vibesync_scene::{Change, Scene, Uuid};

/// The entities that decide whether an intent must wait for an earlier one.
#[derive(Default)]
pub(crate) struct Footprint {
    /// Entities it updates or deletes, not those it creates.
    pub changed: Vec<Uuid>,
    /// Entities it refers to, and the children and users of those it deletes.
    pub related: Vec<Uuid>,
    /// Entities it deletes.
    pub deleted: Vec<Uuid>,
}

impl Footprint {
    pub fn new(scene: &Scene, intent: &Intent) -> Self {
        let mut footprint = Self::default();
        for change in &intent.changes {
            let uuid = change.uuid();
            // The create of an unknown entity waits for no intent that names the entity: they wait for the create.
            let is_new = matches!(change, Change::Create { .. }) && scene.row(uuid).is_none();
            if !is_new {
                footprint.changed.push(uuid);
            }
            if matches!(change, Change::Delete { .. }) {
                footprint.deleted.push(uuid);
                footprint.related.extend(scene.children(uuid));
                footprint.related.extend(scene.users(uuid));
            }
            footprint.related.extend(references(change));
        }
        footprint
    }
}

/// Lists the parent and the data that a change refers to.
pub(crate) fn references(change: &Change) -> impl Iterator<Item = Uuid> {
    let components = change.components();
    let parent = components.and_then(|components| components.parent?.uuid);
    let data = components.and_then(|components| components.data?.uuid);
    parent.into_iter().chain(data)
}
