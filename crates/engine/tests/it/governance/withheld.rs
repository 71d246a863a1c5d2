//! What is not sent to an editor because it failed there for good, and what goes with it.

use vibesync_scene::DataRef;
use vibesync_testkit::change::triangle;

use super::*;

/// Unity does not get this: it fails for good.
fn without(change: Change) -> World {
    let mut world = World::connected();
    lies(&mut world, &[change.uuid()]);
    world.disconnect(Role::Unity);
    world.edit(Role::Blender, vec![change]);
    world.settle();
    world.connect(Role::Unity);
    world.settle();
    assert_eq!(world.engine.status().breakers_open, 1);
    world
}

#[test]
fn what_stands_on_what_is_held_back_is_held_back_with_it() {
    let mut world = without(object(A, "A", None));
    world.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    world.settle();
    assert_eq!(in_unity(&world, B), None, "its parent is not there");
    let end = world
        .log
        .iter()
        .rev()
        .find_map(|record| match &record.payload {
            Payload::End { undelivered_to, .. } => Some((record.outcome, undelivered_to.clone())),
            _ => None,
        });
    assert_eq!(
        end,
        Some((Outcome::Undelivered, vec![Role::Unity])),
        "nobody waits for it"
    );
    lies(&mut world, &[]);
    assert!(
        reset(&mut world, Role::Cli, &format!("entity:{A}"))
            .unwrap()
            .is_some()
    );
    world.settle();
    world.assert_converged();
}

#[test]
fn what_shows_what_is_held_back_is_held_back_with_it() {
    let mut world = without(triangle(A, b"mesh"));
    let mut shows = object(B, "B", None);
    if let Some(components) = shows.components_mut() {
        components.data = Some(DataRef { uuid: Some(A) });
    }
    world.edit(Role::Blender, vec![shows]);
    world.settle();
    assert_eq!(in_unity(&world, B), None, "its mesh is not there");
}

#[test]
fn what_stands_on_what_is_there_in_some_form_is_not_held_back() {
    let mut world = stopped();
    world.disconnect(Role::Unity);
    world.connect(Role::Unity);
    let below = world.id();
    world.edit(Role::Blender, vec![object(below, "below", Some(A))]);
    world.settle();
    assert_eq!(in_unity(&world, below), Some("below"));
}
