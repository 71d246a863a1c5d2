//! What is rolled back with what failed, and what stays.

use vibesync_engine::Options;
use vibesync_scene::{Outcome, Phase, Role, Uuid};

use super::{A, world_with_one};
use crate::world::{World, moved, object, options, parented, renamed};

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

/// Unity cannot move A, and has not been told yet of what comes after.
#[test]
fn what_has_nothing_to_do_with_what_is_rolled_back_stays() {
    let mut world = world_with_one();
    let [b, c] = [2, 3].map(Uuid::from_u128);
    let objects = [b, c].map(|uuid| object(uuid, "O", None));
    world.edit(Role::Blender, objects.into());
    world.settle();
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(A);
    world.now += 1_000;
    let fails = world.edit(Role::Blender, vec![moved(A, 1.0)]);
    let parts = world.edit(Role::Blender, vec![parented(b, Some(c))]);
    world.daemon_hears_all(Role::Blender);
    world.settle();
    assert_eq!(world.phases(fails).last(), Some(&Phase::Rollback));
    assert_eq!(world.phases(parts).last(), Some(&Phase::Commit));
    // Also where what was put under something goes with it.
    let above = Uuid::from_u128(4);
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(above);
    world.now += 1_000;
    world.edit(Role::Blender, vec![object(above, "above", None)]);
    let under = world.edit(Role::Blender, vec![parented(c, Some(above))]);
    let named = world.edit(Role::Blender, vec![renamed(b, "Crate")]);
    world.daemon_hears_all(Role::Blender);
    world.settle();
    assert_eq!(world.phases(under).last(), Some(&Phase::Rollback));
    assert_eq!(world.phases(named).last(), Some(&Phase::Final));
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

/// B is known to fail in Unity, so that a change of it is owed at once: what it stands on cannot be taken away again.
#[test]
fn what_something_finished_stands_on_stays_and_is_owed() {
    let mut world = world_with_one();
    let [b, above] = [2, 3].map(Uuid::from_u128);
    world.edit(Role::Blender, vec![object(b, "B", None)]);
    world.settle();
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.extend([b, above]);
    for name in ["C", "D", "E"] {
        world.edit(Role::Blender, vec![renamed(b, name)]);
        world.settle();
    }
    world.now += 1_000;
    let made = world.edit(Role::Blender, vec![object(above, "above", None)]);
    let under = world.edit(Role::Blender, vec![parented(b, Some(above))]);
    world.daemon_hears_all(Role::Blender);
    let end = |world: &World, id| {
        let last = world.log.iter().rfind(|it| it.operation_id == Some(id));
        last.map(|record| (record.phase, record.outcome))
    };
    let owed = Some((Phase::Commit, Outcome::Undelivered));
    assert_eq!(end(&world, under), owed);
    assert_eq!(end(&world, made), Some((Phase::Step, Outcome::Ok)));
    while world.wires[&Role::Unity].to_daemon.is_empty() {
        world.editor_hears(Role::Unity);
    }
    world.daemon_hears(Role::Unity);
    assert_eq!(end(&world, made), owed);
    let parent = world.engine.scene().live(b).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, Some(above));
}
