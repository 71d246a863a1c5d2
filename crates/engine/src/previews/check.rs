//! The check of a previewed value against the scene. It has the rules of an intent.

use vibesync_protocol::PreviewChange;
use vibesync_scene::{Change, ComponentSet, Role, Scene, check_change, find_locked_change};

/// Returns true if an editor may show this value: a sound value of an entity that exists and that nobody disputes. The
/// sender's role may change all fields that differ.
pub(crate) fn may_be_shown(scene: &Scene, preview: &PreviewChange, from: Role) -> bool {
    let PreviewChange { uuid, components } = preview;
    let Some(entity) = scene.live(*uuid) else {
        return false;
    };
    let others = components.set().without(ComponentSet::previewed());
    if !others.is_empty() || scene.quarantined().contains(uuid) {
        return false;
    }
    let change = Change::Update {
        uuid: *uuid,
        components: components.clone(),
    };
    check_change(&change, entity.kind, "").is_ok()
        && find_locked_change(components, &entity.components, from).is_none()
}
