//! The order of one client's intents: a later one does not overtake an earlier one that can influence it.

use uuid::Uuid;
use vibesync_scene::{Phase, Role};

use crate::harness::{Harness, moved, object, parented, renamed, triangle};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const G: Uuid = Uuid::from_u128(4);

/// Returns B, G below it and A below G; Unity has not verified yet that G has come there from C.
fn with_unverified_chain() -> Harness {
    let mut harness = Harness::connected();
    let objects = [
        object(B, "B", None),
        object(C, "C", None),
        object(G, "G", Some(C)),
        object(A, "A", Some(G)),
    ];
    harness.edit(Role::Blender, objects.to_vec());
    harness.settle();
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![parented(G, Some(B))]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness
}

fn parent(harness: &Harness, uuid: Uuid) -> Option<Uuid> {
    let parent = harness.engine.scene().live(uuid).unwrap().components.parent;
    parent.unwrap().uuid
}

#[test]
fn reparenting_waits_for_one_that_frees_an_ancestor() {
    let mut harness = with_unverified_chain();
    // G waits for the verification of its place. Without that step B below A would be a cycle.
    let freed = harness.edit(Role::Blender, vec![parented(G, None)]);
    let below = harness.edit(Role::Blender, vec![parented(B, Some(A))]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert!(harness.phases(freed).is_empty() && harness.phases(below).is_empty());
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Blender).refusals, []);
    assert_eq!(parent(&harness, B), Some(A));
    assert_eq!(parent(&harness, G), None);
}

#[test]
fn reparenting_waits_through_new_parents_of_its_intent() {
    let mut harness = with_unverified_chain();
    let new = Uuid::from_u128(5);
    harness.edit(Role::Blender, vec![parented(G, None)]);
    let both = vec![object(new, "New", Some(A)), parented(B, Some(new))];
    harness.edit(Role::Blender, both);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Blender).refusals, []);
    assert_eq!(parent(&harness, B), Some(new));
}

#[test]
fn unrelated_edits_do_not_wait_for_a_pending_reparenting() {
    let mut harness = with_unverified_chain();
    harness.edit(Role::Blender, vec![parented(G, None)]);
    let free = [
        vec![moved(B, 1.0)],
        vec![renamed(A, "Renamed")],
        vec![triangle(Uuid::from_u128(10), b"mesh")],
        vec![object(Uuid::from_u128(11), "Below A", Some(A))],
        vec![parented(C, Some(Uuid::from_u128(11)))],
    ];
    let free = free.map(|changes| harness.edit(Role::Blender, changes));
    harness.deliver_all_to_daemon(Role::Blender);
    let [rest @ .., reparented] = free;
    for id in rest {
        assert!(
            !harness.phases(id).is_empty(),
            "nothing pending influences it"
        );
    }
    assert!(
        harness.phases(reparented).is_empty(),
        "G is above its parent"
    );
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Blender).refusals, []);
}

#[test]
fn refusal_waits_for_an_intent_that_waits_for_an_entity() {
    let mut harness = with_unverified_chain();
    harness.settle();
    let late = Uuid::from_u128(6);
    // Unity's user creates the parent of the new object; Blender's user frees G in the same step.
    let new = object(Uuid::from_u128(7), "New", Some(late));
    harness.edit(Role::Blender, vec![new, parented(G, None)]);
    let below = harness.edit(Role::Blender, vec![parented(B, Some(A))]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(harness.engine.status().waiting_intents, 2);
    harness.edit(Role::Unity, vec![object(late, "Late", None)]);
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Blender).refusals, []);
    assert_eq!(harness.phases(below).last(), Some(&Phase::Commit));
}
