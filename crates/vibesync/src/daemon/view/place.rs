//! The place of an object in the scene, from its own place and those of the objects above it.

use vibesync_scene::{Scene, Transform, Uuid, compose};

/// Most objects above one, so that a damaged scene cannot keep the thread.
const MOST_ABOVE: usize = 1_000;

/// Returns the place in the scene; none for data.
///
/// The scale is exact unless an object above is scaled unevenly and this one is rotated: that is no scale any more.
pub(super) fn world(scene: &Scene, uuid: Uuid) -> Option<Transform> {
    let mut next = Some(uuid);
    let mut world: Option<Transform> = None;
    for _ in 0..MOST_ABOVE {
        let Some(entity) = next.and_then(|uuid| scene.live(uuid)) else {
            break;
        };
        let own = entity.components.transform.unwrap_or(Transform::IDENTITY);
        world = match world {
            None => Some(entity.components.transform?),
            Some(below) => Some(compose(&own, &below)),
        };
        next = entity.components.parent.and_then(|parent| parent.uuid);
    }
    world
}
