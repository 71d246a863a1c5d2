//! A mesh comparison that ends after its editor has left.

use std::collections::BTreeMap;

use vibesync_engine::{Action, Input};
use vibesync_protocol::ClientMessage;
use vibesync_scene::{BatchId, Change, Phase, Role};

use crate::harness::{A, Harness, renamed, triangle};

/// Unity disconnects while its mesh is compared, and reconnects.
#[test]
fn comparison_for_a_disconnected_editor_is_ignored() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![triangle(A, b"sent")]);
    harness.deliver_to_daemon(Role::Blender);
    let compared = unity_answers_another_mesh(&mut harness);
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    let id = harness.edit(Role::Blender, vec![renamed(A, "B")]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(harness.batch_count(Role::Unity), 1);
    let differing = vec![(A, "position differs at corner 1".into())];
    harness.step(Input::MeshesCompared {
        batch: compared,
        differing,
        lost: BTreeMap::new(),
    });
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Final));
    harness.assert_converged();
}

/// Lets Unity read back other bytes of a mesh. Returns the batch that is being compared.
fn unity_answers_another_mesh(harness: &mut Harness) -> BatchId {
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied {
        batch_id,
        mut results,
    }) = wire.to_daemon.pop_front()
    else {
        panic!("no answer")
    };
    let Change::Create { components, .. } = triangle(A, b"held") else {
        panic!("no create")
    };
    results[0].state.as_mut().unwrap().components = components;
    let session = wire.session.unwrap();
    let message = Box::new(ClientMessage::Applied { batch_id, results });
    let now = harness.now;
    let actions = harness
        .engine
        .step(Input::Message { session, message }, now);
    let is_asked = |action: &Action| matches!(action, Action::CompareMeshes { .. });
    assert!(actions.iter().any(is_asked), "{actions:?}");
    batch_id
}
