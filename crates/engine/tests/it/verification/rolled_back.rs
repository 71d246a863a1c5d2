//! What is rolled back with what failed, and what stays.

use vibesync_scene::{Role, Uuid};

use super::{A, world_with_one};
use crate::world::{object, parented};

/// Blender cannot make an object, and has not been told yet what stands under it.
#[test]
fn what_was_put_under_what_is_rolled_back_goes_back_to_where_it_was() {
    let mut world = world_with_one();
    let above = Uuid::from_u128(2);
    let blender = world.wires.get_mut(&Role::Blender).unwrap();
    blender.editor.fails_on.insert(above);
    for change in [object(above, "above", None), parented(A, Some(above))] {
        world.edit(Role::Unity, vec![change]);
        world.daemon_hears_all(Role::Unity);
    }
    world.settle();
    assert!(world.engine.scene().live(above).is_none());
    let parent = world.engine.scene().live(A).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, None);
    world.assert_converged();
}
