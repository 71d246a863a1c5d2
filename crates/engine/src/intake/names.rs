//! Names of entities in messages to people.

use vibesync_scene::{Scene, Uuid};

/// Most entities that a notice lists.
pub(crate) const MAX_NOTICE_UUIDS: usize = 100;

/// Returns the name of an entity as its user knows it, or its uuid if it has no name.
pub(crate) fn display_name(scene: &Scene, uuid: Uuid) -> String {
    let row = scene.row(uuid);
    let name = row.and_then(|row| row.entity.components.name.as_ref());
    name.map_or_else(|| uuid.to_string(), |name| format!("\"{name}\""))
}
