//! The bulk data that must stay: the program asks the engine before it removes any.

use std::collections::BTreeSet;

use vibesync_scene::{BlobId, Change};

use super::*;
use crate::harness::{triangle, update};

const MESH: Uuid = Uuid::from_u128(50);

/// A change of the mesh to this content.
fn sculpted(content: &[u8]) -> Change {
    update(MESH, triangle(MESH, content).components().unwrap().clone())
}

fn in_use(harness: &Harness) -> BTreeSet<BlobId> {
    harness.engine.blobs_in_use()
}

fn blobs(contents: &[&str]) -> BTreeSet<BlobId> {
    let contents = contents.iter();
    contents.map(|it| BlobId::hash(it.as_bytes())).collect()
}

/// Lets the daemon decide a change of Blender. Unity gets nothing.
fn send(harness: &mut Harness, change: Change) {
    harness.edit(Role::Blender, vec![change]);
    harness.deliver_all_to_daemon(Role::Blender);
}

#[test]
fn live_mesh_and_what_an_open_transaction_overwrites_are_in_use() {
    let mut harness = asking();
    harness.edit(Role::Blender, vec![triangle(MESH, b"first")]);
    harness.settle();
    assert_eq!(in_use(&harness), blobs(&["first"]));
    send(&mut harness, sculpted(b"second"));
    assert_eq!(in_use(&harness), blobs(&["first", "second"]));
    harness.settle();
    assert_eq!(in_use(&harness), blobs(&["second"]));
    send(&mut harness, Change::Delete { uuid: MESH });
    assert_eq!(in_use(&harness), blobs(&["second"]));
    harness.settle();
    assert_eq!(in_use(&harness), blobs(&[]));
}

#[test]
fn mesh_of_a_batch_in_flight_is_in_use() {
    let mut harness = Harness::with(Options {
        max_open: 1,
        ..options()
    });
    harness.connect_all();
    send(&mut harness, triangle(MESH, b"in flight"));
    // Later changes of the mesh do not wait for an editor whose user is busy.
    harness.defer(Role::Unity);
    // No transaction waits for Unity any more: there are too many changes.
    for content in ["second", "third", "fourth"] {
        send(&mut harness, sculpted(content.as_bytes()));
    }
    let expected = blobs(&["in flight", "third", "fourth"]);
    assert_eq!(in_use(&harness), expected);
    harness.settle();
    assert_eq!(in_use(&harness), blobs(&["fourth"]));
}

#[test]
fn mesh_of_an_intent_that_waits_is_in_use() {
    let mut harness = asking();
    let early = vec![triangle(MESH, b"early"), object(B, "child", Some(C))];
    harness.edit(Role::Blender, early);
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(in_use(&harness), blobs(&["early"]));
    harness.settle();
    assert_eq!(
        in_use(&harness),
        blobs(&[]),
        "nobody has created the parent"
    );
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let operation = agent.ask(&mut harness, head, vec![triangle(MESH, b"asked")]);
    assert_eq!(last_answer(&harness, operation), Some(WAITING));
    assert_eq!(in_use(&harness), blobs(&["asked"]));
    decide(&mut harness, false, Remember::Once);
    assert_eq!(in_use(&harness), blobs(&[]));
}
