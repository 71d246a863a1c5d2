//! Entities that are not sent to an editor because they failed there, and their dependents.

use vibesync_scene::DataRef;
use vibesync_testkit::change::triangle;

use super::*;

/// Lets an entity fail in Unity until it is suppressed.
fn suppress_in_unity(change: Change) -> Harness {
    let mut harness = Harness::connected();
    make_read_back_wrong(&mut harness, &[change.uuid()]);
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![change]);
    harness.settle();
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(harness.engine.status().breakers_open, 1);
    harness
}

#[test]
fn child_of_a_suppressed_entity_is_suppressed() {
    let mut harness = suppress_in_unity(object(A, "A", None));
    harness.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    harness.settle();
    assert_eq!(name_in_unity(&harness, B), None, "its parent is not there");
    let end = harness
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
    make_read_back_wrong(&mut harness, &[]);
    assert!(
        reset(&mut harness, Role::Cli, &format!("entity:{A}"))
            .unwrap()
            .is_some()
    );
    harness.settle();
    harness.assert_converged();
}

#[test]
fn user_of_a_suppressed_mesh_is_suppressed() {
    let mut harness = suppress_in_unity(triangle(A, b"mesh"));
    let mut shows = object(B, "B", None);
    if let Some(components) = shows.components_mut() {
        components.data = Some(DataRef { uuid: Some(A) });
    }
    harness.edit(Role::Blender, vec![shows]);
    harness.settle();
    assert_eq!(name_in_unity(&harness, B), None, "its mesh is not there");
}

#[test]
fn child_of_an_entity_the_editor_has_is_not_suppressed() {
    let mut harness = with_open_breaker();
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    let below = harness.id();
    harness.edit(Role::Blender, vec![object(below, "below", Some(A))]);
    harness.settle();
    assert_eq!(name_in_unity(&harness, below), Some("below"));
}
