//! Extent and end of a quarantine.

use vibesync_scene::{Change, Code, Phase, Role, Uuid};

use super::{A, B, components, deliver_in_turn, harness, make_concurrent, mesh, x};
use crate::harness::{moved, object, parented, renamed};

#[test]
fn create_below_a_deleted_parent_quarantines_the_whole_intent() {
    let mut harness = harness();
    let new = Uuid::from_u128(20);
    let unity = vec![object(new, "New", Some(A)), moved(B, 3.0)];
    make_concurrent(&mut harness, vec![Change::Delete { uuid: A }], unity);
    assert!(harness.engine.scene().live(new).is_none());
    assert_eq!(x(&harness, B), 0.0);
    assert_eq!(harness.editor(Role::Unity).refusals, [Code::Conflict]);
}

#[test]
fn rename_stands_beside_a_quarantined_delete() {
    let mut harness = harness();
    let unity = vec![renamed(B, "Crate"), Change::Delete { uuid: A }];
    make_concurrent(&mut harness, vec![parented(B, Some(A))], unity);
    assert!(harness.engine.scene().live(A).is_some());
    assert_eq!(components(&harness, B).name.as_deref(), Some("Crate"));
    assert_eq!(harness.editor(Role::Unity).refusals, []);
}

#[test]
fn impossible_change_is_refused_despite_concurrent_changes() {
    let mut harness = harness();
    make_concurrent(
        &mut harness,
        vec![renamed(A, "Crate")],
        vec![parented(A, Some(A))],
    );
    assert_eq!(harness.editor(Role::Unity).refusals, [Code::ParentCycle]);
    assert!(harness.engine.scene().quarantined().is_empty());
}

#[test]
fn informed_person_may_repeat_a_quarantined_change() {
    let mut harness = harness();
    deliver_in_turn(&mut harness, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    harness.settle();
    let again = harness.edit(Role::Unity, vec![mesh(b"unity")]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(harness.phases(again).first(), Some(&Phase::Begin));
}
