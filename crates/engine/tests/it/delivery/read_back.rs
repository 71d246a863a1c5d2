//! Comparison of read-backs with what was sent.

use vibesync_protocol::ClientMessage;
use vibesync_scene::{Change, Code, EntityKind, OperationId, Payload, Phase, RecordBody, Role};

use crate::harness::{A, Harness, object, renamed, triangle};

#[test]
fn wrong_read_back_rolls_both_editors_back() {
    let mut harness = Harness::with_object();
    let before = harness.engine.scene().live(A).cloned();
    harness
        .wires
        .get_mut(&Role::Unity)
        .unwrap()
        .editor
        .lies_about
        .insert(A);
    let id = harness.edit(Role::Blender, vec![renamed(A, "B")]);
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    assert_eq!(
        harness.engine.scene().live(A).cloned(),
        before,
        "the state before, exactly"
    );
    assert_eq!(
        harness.editor(Role::Blender).entities.get(&A).cloned(),
        before,
        "the origin too"
    );
    assert_eq!(
        harness.editor(Role::Unity).entities.get(&A).cloned(),
        before
    );
    let failed = |record: &&RecordBody| {
        record.phase == Phase::Deliver && record.error_code == Some(Code::VerificationFailed)
    };
    let told = harness.log.iter().find(failed).map(|r| &r.payload);
    let Some(Payload::Deliver {
        detail: Some(detail),
        ..
    }) = told
    else {
        panic!("the log does not say what differed: {told:?}")
    };
    assert!(detail.contains("name was sent as \"B\", is "), "{detail}");
}

/// Lets Unity answer with other mesh bytes. Their comparison finds `differing`.
fn a_mesh_read_back(differing: bool) -> (Harness, OperationId) {
    let mut harness = Harness::connected();
    let id = harness.edit(Role::Blender, vec![triangle(A, b"sent")]);
    harness.deliver_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied { results, .. }) = wire.to_daemon.front_mut() else {
        panic!("no answer")
    };
    let Change::Create { components, .. } = triangle(A, b"held") else {
        panic!("no create")
    };
    results[0].state.as_mut().unwrap().components = components;
    if differing {
        harness.differing = vec![(A, "position differs at corner 1".into())];
    }
    harness.settle();
    (harness, id)
}

#[test]
fn different_bytes_of_an_equal_mesh_are_accepted() {
    let (harness, id) = a_mesh_read_back(false);
    assert_eq!(harness.phases(id).last(), Some(&Phase::Commit));
}

#[test]
fn mesh_that_differs_at_a_corner_is_rolled_back() {
    let (harness, id) = a_mesh_read_back(true);
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    let end = harness
        .log
        .iter()
        .rfind(|record| record.phase == Phase::Rollback)
        .unwrap();
    let Payload::End {
        detail: Some(detail),
        ..
    } = &end.payload
    else {
        panic!("no detail")
    };
    assert!(detail.contains("corner 1"), "{detail}");
    assert!(
        harness.editor(Role::Blender).entities.is_empty()
            && harness.editor(Role::Unity).entities.is_empty()
    );
}

#[test]
fn read_back_of_another_kind_differs() {
    let mut harness = Harness::connected();
    let id = harness.edit(Role::Blender, vec![object(A, "A", None)]);
    harness.deliver_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied { results, .. }) = wire.to_daemon.front_mut() else {
        panic!("no answer")
    };
    results[0].state.as_mut().unwrap().kind = EntityKind::Camera;
    harness.deliver_to_daemon(Role::Unity);
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
}
