//! Deletions of entities that others change at the same time.

use vibesync_protocol::Code;
use vibesync_scene::{Change, Role};

use super::*;

#[test]
fn delete_of_a_concurrently_changed_entity_is_quarantined() {
    let mut harness = harness();
    make_concurrent(
        &mut harness,
        vec![renamed(A, "Kept")],
        vec![Change::Delete { uuid: A }],
    );
    assert_eq!(components(&harness, A).name.as_deref(), Some("Kept"));
    assert!(is_quarantined(&harness, A));
    assert_eq!(harness.editor(Role::Unity).refusals, [Code::Conflict]);
    assert_eq!(notices(&harness, Role::Blender), [Code::Conflict]);
}

#[test]
fn change_of_a_concurrently_deleted_entity_is_quarantined() {
    let mut harness = harness();
    make_concurrent(
        &mut harness,
        vec![Change::Delete { uuid: A }],
        vec![renamed(A, "Late")],
    );
    assert!(
        harness.engine.scene().live(A).is_none(),
        "what was acknowledged stands"
    );
    assert!(is_quarantined(&harness, A));
    harness.edit(Role::Blender, vec![object(A, "Back", None)]);
    harness.settle();
    harness.assert_converged();
    assert_eq!(components(&harness, A).name.as_deref(), Some("Back"));
    assert!(!is_quarantined(&harness, A));
}

#[test]
fn concurrent_deletes_do_not_conflict() {
    let mut harness = harness();
    let delete = || vec![Change::Delete { uuid: A }];
    make_concurrent(&mut harness, delete(), delete());
    assert!(harness.engine.scene().live(A).is_none());
    assert!(harness.engine.scene().quarantined().is_empty());
}

#[test]
fn delete_of_a_parent_with_a_new_child_is_quarantined() {
    let mut harness = harness();
    make_concurrent(
        &mut harness,
        vec![parented(B, Some(A))],
        vec![Change::Delete { uuid: A }],
    );
    assert!(harness.engine.scene().live(A).is_some());
    assert_eq!(components(&harness, B).parent.unwrap().uuid, Some(A));
    assert!(is_quarantined(&harness, A) && is_quarantined(&harness, B));
}

#[test]
fn delete_of_a_mesh_with_a_new_user_is_quarantined() {
    let mut harness = harness();
    let delete = vec![Change::Delete { uuid: MESH }];
    make_concurrent(&mut harness, vec![shown(A, MESH)], delete.clone());
    assert!(harness.engine.scene().live(MESH).is_some());
    assert!(is_quarantined(&harness, MESH) && is_quarantined(&harness, A));
    harness.edit(Role::Blender, delete.clone());
    harness.settle();
    let refused = &harness.editor(Role::Blender).refusals;
    assert_eq!(
        refused,
        &[Code::ChildrenLeft],
        "nobody may be left without what it shows"
    );
    let both = vec![Change::Delete { uuid: A }, delete[0].clone()];
    harness.edit(Role::Blender, both);
    harness.settle();
    assert!(harness.engine.scene().live(MESH).is_none());
    harness.assert_converged();
}

#[test]
fn delete_of_a_subtree_is_quarantined_as_a_whole() {
    let mut harness = harness();
    harness.edit(
        Role::Blender,
        vec![parented(B, Some(A)), parented(C, Some(B))],
    );
    harness.settle();
    let closure = [A, B, C].map(|uuid| Change::Delete { uuid }).to_vec();
    make_concurrent(&mut harness, vec![moved(C, 5.0)], closure);
    assert_eq!(
        harness.engine.scene().live_count(),
        4,
        "C was moved, and B and A are above it"
    );
    assert_eq!(harness.editor(Role::Unity).refusals, [Code::Conflict]);
    let quarantined = harness.engine.scene().quarantined();
    assert!([A, B, C].iter().all(|uuid| quarantined.contains(uuid)));
    assert_eq!(x(&harness, C), 5.0);
}
