//! The check of a previewed value against the scene. It has the rules of an intent.

use vibesync_protocol::{PositionPatch, PreviewChange};
use vibesync_scene::{
    Change, ComponentSet, Components, Role, Scene, check_change, find_locked_change,
    is_patch_of_numbers,
};

/// Returns true if an editor may show this value: a sound value of an entity that exists and that nobody disputes. The
/// sender's role may change all fields that differ.
pub(crate) fn may_be_shown(scene: &Scene, preview: &PreviewChange, from: Role) -> bool {
    let PreviewChange {
        uuid,
        components,
        positions,
    } = preview;
    let Some(entity) = scene.live(*uuid) else {
        return false;
    };
    let others = components.set().without(ComponentSet::previewed());
    if !others.is_empty() || scene.quarantined().contains(uuid) {
        return false;
    }
    if let Some(positions) = positions {
        return components.set().is_empty() && is_patch_of_mesh(positions, &entity.components);
    }
    let change = Change::Update {
        uuid: *uuid,
        components: components.clone(),
    };
    check_change(&change, entity.kind, "").is_ok()
        && find_locked_change(components, &entity.components, from).is_none()
}

/// Returns true if a patch is sound and names the positions that the mesh has now. A receiver with other ones would show
/// something that nobody made.
fn is_patch_of_mesh(positions: &PositionPatch, components: &Components) -> bool {
    let mesh = components.mesh.as_ref();
    let Some(buffer) = mesh.and_then(|mesh| mesh.buffers.get("position")) else {
        return false;
    };
    let is_base = buffer.blob == Some(positions.base) && buffer.bytes == positions.bytes;
    let length = usize::try_from(positions.bytes).unwrap_or_default();
    is_base && is_patch_of_numbers(&positions.patch.0, length)
}
