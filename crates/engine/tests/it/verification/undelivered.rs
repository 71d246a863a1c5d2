//! What an editor could not apply, or not in time, reaches it all the same.

use vibesync_engine::Input;
use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{Change, Code, Outcome, Role};

use super::{A, batches, deliveries, world_with_one};
use crate::world::{World, moved, object, parented, renamed};

/// Unity comes back and is sent what it missed, but says that it holds something else.
fn a_failed_delivery() -> World {
    let mut world = world_with_one();
    world.disconnect(Role::Unity);
    world.edit(Role::Blender, vec![renamed(A, "B")]);
    world.settle();
    world.connect(Role::Unity);
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.insert(A);
    while deliveries(&world).is_empty() {
        world.editor_hears(Role::Unity);
        world.daemon_hears(Role::Unity);
    }
    world
}

#[test]
fn a_delivery_that_fails_is_repeated() {
    let mut world = a_failed_delivery();
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.clear();
    unity.editor.entities.remove(&A);
    world.settle();
    assert_eq!(deliveries(&world), [Outcome::Failed, Outcome::Verified]);
    world.assert_converged();
    assert_eq!(world.editor(Role::Unity).notices, []);
}

#[test]
fn a_delivery_that_fails_again_is_told_and_not_repeated() {
    let mut world = a_failed_delivery();
    world.settle();
    assert_eq!(deliveries(&world), [Outcome::Failed, Outcome::Failed]);
    let told = &world.editor(Role::Unity).notices;
    assert_eq!(told, &[(Code::BreakerOpen, vec![A])]);
}

/// Unity did not answer in time to two batches that take back what Blender made of its object; it has both, and will
/// apply them.
fn two_late_batches() -> World {
    let mut world = World::connected();
    world.edit(Role::Unity, vec![object(A, "A", None)]);
    world.settle();
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears_all(Role::Blender);
    for _ in 0..3 {
        world.now += 30_000;
        world.step(Input::Tick);
    }
    assert_eq!(world.engine.status().sessions[1].in_flight, 0, "given up");
    world
}

#[test]
fn what_a_batch_that_came_too_late_covers_is_sent_again() {
    for meanwhile in [moved(A, 2.0), Change::Delete { uuid: A }] {
        let mut world = two_late_batches();
        world.edit(Role::Unity, vec![meanwhile]);
        world.daemon_hears_all(Role::Unity);
        world.settle();
        world.assert_converged();
    }
}

/// Whether the daemon tells Unity that something about A may still be on its way to it.
fn is_behind(world: &mut World) -> bool {
    world.edit(Role::Unity, vec![object(A, "A", None)]);
    world.daemon_hears_all(Role::Unity);
    match world.wires[&Role::Unity].to_editor.back() {
        Some(DaemonMessage::Ack { status, behind, .. }) => {
            assert_eq!(*status, AckStatus::Unchanged);
            behind.contains(&A)
        }
        other => panic!("no answer but {other:?}"),
    }
}

#[test]
fn late_batches_are_over_when_the_last_of_them_is_answered() {
    let mut world = two_late_batches();
    assert!(is_behind(&mut world));
    for (left, behind) in [(1, true), (0, false)] {
        while batches(&world, Role::Unity) > left {
            world.editor_hears(Role::Unity);
        }
        world.daemon_hears_all(Role::Unity);
        assert_eq!(is_behind(&mut world), behind, "{left} unanswered");
    }
}

/// Unity could not rename; what its user then moves says nothing about the name.
#[test]
fn what_could_not_be_delivered_comes_with_the_next_edit() {
    let mut world = World::connected();
    world.edit(Role::Unity, vec![object(A, "A", None)]);
    world.settle();
    let unity = &mut world.wires.get_mut(&Role::Unity).unwrap().editor;
    unity.fails_on.insert(A);
    world.disconnect(Role::Unity);
    world.edit(Role::Blender, vec![renamed(A, "B")]);
    world.settle();
    world.connect(Role::Unity);
    world.settle();
    assert_eq!(
        world
            .engine
            .scene()
            .live(A)
            .unwrap()
            .components
            .name
            .as_deref(),
        Some("B")
    );
    let unity = &mut world.wires.get_mut(&Role::Unity).unwrap().editor;
    unity.fails_on.clear();
    world.edit(Role::Unity, vec![moved(A, 1.0)]);
    world.settle();
    world.assert_converged();
}

/// Unity did not answer in time, and says of itself later what it holds.
#[test]
fn what_an_editor_says_that_it_holds_it_has_seen() {
    let mut world = world_with_one();
    let late = world.id();
    world.disconnect(Role::Unity);
    world.edit(Role::Blender, vec![object(late, "late", None)]);
    world.settle();
    world.connect(Role::Unity);
    world.daemon_hears_all(Role::Unity);
    for _ in 0..3 {
        world.now += 30_000;
        world.step(Input::Tick);
    }
    assert_eq!(deliveries(&world), [Outcome::Failed; 2]);
    while !world.wires[&Role::Unity].to_editor.is_empty() {
        world.editor_hears(Role::Unity);
    }
    world.edit(Role::Unity, vec![object(late, "late", None)]);
    world.edit(Role::Unity, vec![parented(late, Some(A))]);
    world.settle();
    let held = world.engine.scene().live(late).unwrap();
    assert_eq!(held.components.parent.unwrap().uuid, Some(A));
    assert!(world.engine.scene().quarantined().is_empty());
    world.assert_converged();
}
