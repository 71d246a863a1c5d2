//! The check of a previewed value against the scene. It has the rules of an intent.

use vibesync_protocol::{PreviewChange, previewable};
use vibesync_scene::{Change, Scene, check_change};

/// Returns true if an editor may show this value: a sound value of an entity that exists and that nobody disputes.
pub(crate) fn may_be_shown(scene: &Scene, preview: &PreviewChange) -> bool {
    let PreviewChange { uuid, components } = preview;
    let Some(entity) = scene.live(*uuid) else {
        return false;
    };
    let is_previewable = components.set().without(previewable()).is_empty();
    if !is_previewable || scene.quarantined().contains(uuid) {
        return false;
    }
    let change = Change::Update {
        uuid: *uuid,
        components: components.clone(),
    };
    check_change(&change, entity.kind, "").is_ok()
}
