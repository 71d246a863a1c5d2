//! Conflicts of editors that were disconnected, or that disconnect during a conflict.

use vibesync_scene::{Change, Role};

use super::{A, B, C, MESH, components, deliver_in_turn, harness, is_quarantined, mesh, x};
use crate::harness::{moved, object, parented, renamed};

#[test]
fn offline_edits_conflict_when_they_meet() {
    let mut harness = harness();
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![mesh(b"blender"), renamed(A, "Crate")]);
    harness.settle();
    harness.edit(Role::Unity, vec![mesh(b"unity")]);
    harness.edit(Role::Unity, vec![moved(A, 6.0)]);
    harness.crash();
    for role in Role::EDITORS {
        harness.connect(role);
    }
    harness.settle();
    harness.assert_converged();
    assert!(is_quarantined(&harness, MESH));
    assert_eq!(
        (x(&harness, A), components(&harness, A).name.unwrap()),
        (6.0, "Crate".into())
    );
}

#[test]
fn quarantined_part_is_restored_although_the_connection_ends() {
    let mut harness = harness();
    deliver_in_turn(
        &mut harness,
        vec![parented(A, Some(B))],
        vec![parented(B, Some(A)), renamed(C, "Crate")],
    );
    while harness.editor(Role::Unity).outbox.len() == 1 {
        harness.deliver_to_editor(Role::Unity);
    }
    assert!(
        harness.editor(Role::Unity).refusals.is_empty(),
        "the rest was accepted"
    );
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    harness.assert_converged();
}

/// Blender deletes an entity and undoes that. It gets its own deletion again, because Unity's change conflicted. Then
/// its connection breaks.
#[test]
fn revived_entity_exists_in_the_editor_that_revived_it() {
    let mut harness = harness();
    harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.edit(Role::Unity, vec![parented(A, Some(B))]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Blender);
    harness.deliver_all_to_daemon(Role::Unity);
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    while !harness.wires[&Role::Blender].to_editor.is_empty() {
        harness.deliver_to_editor(Role::Blender);
    }
    assert!(!harness.editor(Role::Blender).entities.contains_key(&A));
    harness.disconnect(Role::Blender);
    harness.connect(Role::Blender);
    harness.settle();
    assert!(harness.engine.scene().live(A).is_some());
    harness.assert_converged();
}
