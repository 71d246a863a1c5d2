//! What is rolled back with what failed, and what stays.

use vibesync_engine::Options;
use vibesync_scene::{Phase, Role, Uuid};

use super::{A, world_with_one};
use crate::world::{World, moved, object, options, parented};

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

/// A and B come in two batches.
#[test]
fn what_arrived_in_part_is_rolled_back_as_a_whole() {
    let mut world = World::with(Options {
        max_batch: 1,
        ..options()
    });
    world.connect_all();
    let b = Uuid::from_u128(2);
    world.edit(
        Role::Blender,
        vec![object(A, "A", None), object(b, "B", None)],
    );
    world.settle();
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(b);
    let id = world.edit(Role::Blender, vec![moved(A, 1.0), moved(b, 1.0)]);
    world.settle();
    assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
    for uuid in [A, b] {
        let held = &world.editor(Role::Blender).entities[&uuid].components;
        assert_eq!(held.transform.unwrap().translation, [0.0; 3]);
    }
    world.assert_converged();
}
