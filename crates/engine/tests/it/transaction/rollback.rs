//! Rollbacks: the transactions that are undone together, and those that stay.

use vibesync_engine::{Input, Options};
use vibesync_scene::{Outcome, Phase, Role, Uuid};

use crate::harness::{A, Harness, moved, object, options, parented, renamed};

/// Blender fails to create an object before it gets the object's child.
#[test]
fn children_of_a_rolled_back_entity_return_to_their_parent() {
    let mut harness = Harness::with_object();
    let above = Uuid::from_u128(2);
    let blender = harness.wires.get_mut(&Role::Blender).unwrap();
    blender.editor.fails_on.insert(above);
    for change in [object(above, "above", None), parented(A, Some(above))] {
        harness.edit(Role::Unity, vec![change]);
        harness.deliver_all_to_daemon(Role::Unity);
    }
    harness.settle();
    assert!(harness.engine.scene().live(above).is_none());
    let parent = harness.engine.scene().live(A).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, None);
    harness.assert_converged();
}

/// Unity fails to move A before it gets the later changes.
#[test]
fn rollback_leaves_unrelated_transactions() {
    let mut harness = Harness::with_object();
    let [b, c] = [2, 3].map(Uuid::from_u128);
    let objects = [b, c].map(|uuid| object(uuid, "O", None));
    harness.edit(Role::Blender, objects.into());
    harness.settle();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(A);
    harness.now += 1_000;
    let fails = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    let parts = harness.edit(Role::Blender, vec![parented(b, Some(c))]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.settle();
    assert_eq!(harness.phases(fails).last(), Some(&Phase::Rollback));
    assert_eq!(harness.phases(parts).last(), Some(&Phase::Commit));
    // The same holds where a reparenting is rolled back as well.
    let above = Uuid::from_u128(4);
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(above);
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![object(above, "above", None)]);
    let under = harness.edit(Role::Blender, vec![parented(c, Some(above))]);
    let named = harness.edit(Role::Blender, vec![renamed(b, "Crate")]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.settle();
    assert_eq!(harness.phases(under).last(), Some(&Phase::Rollback));
    assert_eq!(harness.phases(named).last(), Some(&Phase::Final));
    harness.assert_converged();
}

/// A and B are delivered in two batches.
#[test]
fn partly_delivered_transaction_is_rolled_back_as_a_whole() {
    let mut harness = Harness::with(Options {
        max_batch: 1,
        ..options()
    });
    harness.connect_all();
    let b = Uuid::from_u128(2);
    harness.edit(
        Role::Blender,
        vec![object(A, "A", None), object(b, "B", None)],
    );
    harness.settle();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(b);
    let id = harness.edit(Role::Blender, vec![moved(A, 1.0), moved(b, 1.0)]);
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    for uuid in [A, b] {
        let held = &harness.editor(Role::Blender).entities[&uuid].components;
        assert_eq!(held.transform.unwrap().translation, [0.0; 3]);
    }
    harness.assert_converged();
}

/// B is suppressed in Unity, so its transaction ends at once as undelivered. Its new parent can then not be rolled back.
#[test]
fn transaction_below_a_finished_one_is_not_rolled_back() {
    let mut harness = Harness::with_object();
    let [b, above] = [2, 3].map(Uuid::from_u128);
    harness.edit(Role::Blender, vec![object(b, "B", None)]);
    harness.settle();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.extend([b, above]);
    for name in ["C", "D", "E"] {
        harness.edit(Role::Blender, vec![renamed(b, name)]);
        harness.settle();
    }
    harness.now += 1_000;
    let made = harness.edit(Role::Blender, vec![object(above, "above", None)]);
    let under = harness.edit(Role::Blender, vec![parented(b, Some(above))]);
    harness.deliver_all_to_daemon(Role::Blender);
    let end = |harness: &Harness, id| {
        let last = harness.log.iter().rfind(|it| it.operation_id == Some(id));
        last.map(|record| (record.phase, record.outcome))
    };
    let undelivered = Some((Phase::Commit, Outcome::Undelivered));
    assert_eq!(end(&harness, under), undelivered);
    assert_eq!(end(&harness, made), Some((Phase::Step, Outcome::Ok)));
    while harness.wires[&Role::Unity].to_daemon.is_empty() {
        harness.deliver_to_editor(Role::Unity);
    }
    harness.deliver_to_daemon(Role::Unity);
    assert_eq!(end(&harness, made), undelivered);
    let parent = harness.engine.scene().live(b).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, Some(above));
}

#[test]
fn rollback_includes_later_changes_that_build_on_it() {
    let mut harness = Harness::with_object();
    harness
        .wires
        .get_mut(&Role::Unity)
        .unwrap()
        .editor
        .lies_about
        .insert(A);
    let first = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_to_daemon(Role::Blender);
    let second = harness.edit(Role::Blender, vec![moved(A, 2.0)]);
    harness.deliver_to_daemon(Role::Blender);
    harness.settle();
    for id in [first, second] {
        assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    }
    assert_eq!(
        harness
            .engine
            .scene()
            .live(A)
            .unwrap()
            .components
            .transform
            .unwrap()
            .translation,
        [0.0; 3]
    );
    assert_eq!(
        harness.replay().scene.live(A),
        harness.engine.scene().live(A),
        "the log says the same"
    );
}

/// Blender hangs while Unity's user creates an object and moves another below it.
#[test]
fn rollback_of_a_parent_includes_the_reparenting() {
    let mut harness = Harness::with_object();
    let above = Uuid::from_u128(2);
    for change in [object(above, "above", None), parented(A, Some(above))] {
        harness.edit(Role::Unity, vec![change]);
        harness.deliver_all_to_daemon(Role::Unity);
    }
    for _ in 0..2 {
        harness.now += 30_000;
        harness.step(Input::Tick);
    }
    assert!(harness.engine.scene().live(above).is_none());
    let parent = harness.engine.scene().live(A).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, None);
    harness.settle();
    harness.assert_converged();
}
