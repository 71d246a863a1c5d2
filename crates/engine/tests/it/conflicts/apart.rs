//! Conflicts of those who were apart, or whose connection breaks while one is settled.

use vibesync_scene::{Change, Role};

use super::{A, B, C, MESH, components, heard_in_turn, is_quarantined, mesh, world, x};
use crate::world::{moved, object, parented, renamed};

#[test]
fn edits_made_apart_conflict_when_they_meet() {
    let mut world = world();
    world.disconnect(Role::Unity);
    world.edit(Role::Blender, vec![mesh(b"blender"), renamed(A, "Crate")]);
    world.settle();
    world.edit(Role::Unity, vec![mesh(b"unity")]);
    world.edit(Role::Unity, vec![moved(A, 6.0)]);
    world.crash();
    for role in Role::EDITORS {
        world.connect(role);
    }
    world.settle();
    world.assert_converged();
    assert!(is_quarantined(&world, MESH));
    assert_eq!(
        (x(&world, A), components(&world, A).name.unwrap()),
        (6.0, "Crate".into())
    );
}

#[test]
fn what_was_set_aside_of_an_intent_is_put_right_though_the_connection_ends() {
    let mut world = world();
    heard_in_turn(
        &mut world,
        vec![parented(A, Some(B))],
        vec![parented(B, Some(A)), renamed(C, "Crate")],
    );
    while world.editor(Role::Unity).outbox.len() == 1 {
        world.editor_hears(Role::Unity);
    }
    assert!(
        world.editor(Role::Unity).refusals.is_empty(),
        "the rest was accepted"
    );
    world.disconnect(Role::Unity);
    world.connect(Role::Unity);
    world.settle();
    world.assert_converged();
}

/// Blender deletes, takes that back, and is told of its own deletion again, because Unity had disagreed. Then the
/// connection breaks.
#[test]
fn what_comes_back_is_there_also_where_it_was_taken_back() {
    let mut world = world();
    world.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    world.edit(Role::Unity, vec![parented(A, Some(B))]);
    world.daemon_hears_all(Role::Blender);
    world.editor_hears(Role::Blender);
    world.daemon_hears_all(Role::Unity);
    world.edit(Role::Blender, vec![object(A, "A", None)]);
    while !world.wires[&Role::Blender].to_editor.is_empty() {
        world.editor_hears(Role::Blender);
    }
    assert!(!world.editor(Role::Blender).entities.contains_key(&A));
    world.disconnect(Role::Blender);
    world.connect(Role::Blender);
    world.settle();
    assert!(world.engine.scene().live(A).is_some());
    world.assert_converged();
}
