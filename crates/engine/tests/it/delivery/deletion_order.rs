//! The order of deletions: children before their parents, objects before data, in one batch and over many.

use vibesync_engine::{Input, Options};
use vibesync_scene::{Change, Role, Uuid};

use super::batch::{batch, edit, id};
use crate::harness::{Harness, object, options, triangle};

/// Returns a tree of seven objects whose parents have the lower ids, and then some data.
fn tree() -> Vec<Change> {
    let mut tree = vec![object(id(1), "Root", None)];
    tree.extend((2..=7).map(|i| object(id(i), "Child", Some(id(i / 2)))));
    tree.push(triangle(id(8), b"mesh"));
    tree
}

/// Checks that the tree's deletions come one by one with each child before its parent.
fn assert_children_first(deleted: &[Uuid]) {
    assert_eq!(deleted.len(), 8);
    let position = |uuid| deleted.iter().position(|it| *it == uuid);
    for i in 2..=7 {
        assert!(position(id(i)) < position(id(i / 2)), "{i}: {deleted:?}");
    }
    assert_eq!(position(id(8)), Some(7), "objects before data");
}

/// Applies all batches on their way to Unity, and returns the deleted entities in order.
fn deletions(harness: &mut Harness) -> Vec<Uuid> {
    let mut deleted = Vec::new();
    while harness.batch_count(Role::Unity) > 0 {
        let batch = batch(harness).into_iter();
        deleted.extend(batch.filter(|it| it.0 == "delete").map(|it| it.1));
        while !harness.wires[&Role::Unity].to_editor.is_empty() {
            harness.deliver_to_editor(Role::Unity);
        }
        harness.deliver_all_to_daemon(Role::Unity);
        harness.now += 1_000;
        harness.step(Input::Tick);
    }
    deleted
}

#[test]
fn children_are_deleted_before_their_parents() {
    for max_batch in [2, 3, 1_000] {
        let mut harness = Harness::with(Options {
            max_batch,
            ..options()
        });
        harness.connect_all();
        edit(&mut harness, tree());
        harness.settle();
        harness.now += 1_000;
        let all: Vec<Change> = (1..=8).map(|i| Change::Delete { uuid: id(i) }).collect();
        edit(&mut harness, all);
        assert_children_first(&deletions(&mut harness));
        harness.settle();
        harness.assert_converged();
    }
}

#[test]
fn children_missed_while_away_are_deleted_first() {
    for max_batch in [2, 1_000] {
        let mut harness = Harness::with(Options {
            max_batch,
            ..options()
        });
        harness.connect_all();
        edit(&mut harness, tree());
        harness.settle();
        harness.now += 1_000;
        harness.disconnect(Role::Unity);
        let all: Vec<Change> = (1..=8).map(|i| Change::Delete { uuid: id(i) }).collect();
        edit(&mut harness, all);
        harness.connect(Role::Unity);
        harness.deliver_all_to_daemon(Role::Unity);
        assert_children_first(&deletions(&mut harness));
        harness.assert_converged();
    }
}
