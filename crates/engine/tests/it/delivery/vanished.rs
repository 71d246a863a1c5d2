//! An editor's user deletes an object between a batch and its read-back: the deletion decides, not the missing object.

use vibesync_engine::Input;
use vibesync_protocol::{ApplyStatus, ClientMessage, Code, DaemonMessage, ErrorBody};
use vibesync_scene::{Change, DataRef, OperationId, Outcome, Phase, Role, Uuid};

use crate::harness::{A, Harness, moved, object, parented, renamed, triangle, update};

const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const MESH: Uuid = Uuid::from_u128(10);

/// Blender changes A and B in one transaction. Unity applies that, and its user deletes A before the read-back. Returns
/// the transaction.
fn deleted_before_read_back(harness: &mut Harness, blender: Vec<Change>) -> OperationId {
    harness.edit(Role::Blender, vec![object(B, "B", None)]);
    harness.settle();
    harness.now += 1_000;
    let id = harness.edit(Role::Blender, blender);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let answers = wire.to_daemon.make_contiguous();
    wire.editor.read_back_again(answers);
    id
}

fn both() -> Vec<Change> {
    vec![moved(A, 1.0), renamed(B, "Renamed")]
}

fn end(harness: &Harness, id: OperationId) -> Option<(Phase, Outcome)> {
    let end = harness.log.iter().rfind(|it| it.operation_id == Some(id));
    end.map(|record| (record.phase, record.outcome))
}

fn name(harness: &Harness, uuid: Uuid) -> Option<String> {
    harness.engine.scene().live(uuid)?.components.name.clone()
}

#[test]
fn deletion_before_a_read_back_keeps_the_transaction() {
    let mut harness = Harness::with_object();
    let id = deleted_before_read_back(&mut harness, both());
    harness.deliver_to_daemon(Role::Unity);
    assert_eq!(harness.phases(id).last(), Some(&Phase::Provisional));
    harness.deliver_to_daemon(Role::Unity);
    assert_eq!(end(&harness, id), Some((Phase::Final, Outcome::Verified)));
    harness.settle();
    harness.assert_converged();
    assert!(harness.engine.scene().live(A).is_none());
    assert_eq!(name(&harness, B).as_deref(), Some("Renamed"));
    assert_eq!(harness.editor(Role::Blender).notices, []);
    assert_eq!(harness.editor(Role::Unity).notices, []);
}

#[test]
fn object_that_the_editor_calls_vanished_is_no_failure() {
    let mut harness = Harness::with_object();
    let id = deleted_before_read_back(&mut harness, both());
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied { results, .. }) = wire.to_daemon.front_mut() else {
        panic!("no read-back")
    };
    let result = results.iter_mut().find(|it| it.uuid == A).unwrap();
    result.status = ApplyStatus::Failed;
    result.error = Some(ErrorBody {
        code: Code::ObjectVanished,
        message: "it was deleted here".into(),
        location: String::new(),
        help: String::new(),
    });
    harness.settle();
    assert_eq!(end(&harness, id), Some((Phase::Final, Outcome::Verified)));
    assert!(harness.engine.scene().live(A).is_none());
    harness.assert_converged();
}

#[test]
fn missing_object_without_a_deletion_fails_in_time() {
    let mut harness = Harness::with_object();
    let id = deleted_before_read_back(&mut harness, both());
    harness.deliver_to_daemon(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.to_daemon.clear();
    wire.editor.outbox.clear();
    assert_eq!(harness.engine.next_deadline(), Some(harness.now + 5_000));
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    assert_eq!(name(&harness, B).as_deref(), Some("B"));
    harness.assert_converged();
    assert!(harness.engine.scene().live(A).is_some());
}

#[test]
fn no_batch_is_sent_about_an_object_whose_deletion_is_due() {
    let mut harness = Harness::with_object();
    deleted_before_read_back(&mut harness, both());
    harness.deliver_to_daemon(Role::Unity);
    let next = harness.edit(Role::Blender, vec![moved(A, 2.0)]);
    harness.now += 1_000;
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(harness.batch_count(Role::Unity), 0, "it would fail there");
    harness.settle();
    harness.assert_converged();
    // The move was made without the deletion, and came first.
    assert_eq!(harness.phases(next).last(), Some(&Phase::Final));
    assert!(harness.engine.scene().quarantined().contains(&A));
}

#[test]
fn refused_deletion_brings_the_object_back() {
    let mut harness = Harness::with_object();
    let id = deleted_before_read_back(&mut harness, both());
    harness.edit(Role::Blender, vec![object(C, "C", Some(A))]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.settle();
    harness.assert_converged();
    assert_eq!(name(&harness, C).as_deref(), Some("C"));
    assert_eq!(end(&harness, id), Some((Phase::Final, Outcome::Verified)));
}

/// Blender's new object C shows a mesh that Unity's user has deleted. Unity cannot make C, and says so before or after
/// the deletion of the mesh. The deletion is decided against the object, so C does not wait for a deletion of its own.
#[test]
fn object_waits_for_no_deletion_once_its_mesh_is_decided() {
    for is_told_first in [false, true] {
        let mut harness = Harness::with_object();
        harness.edit(Role::Blender, vec![triangle(MESH, b"mesh")]);
        harness.settle();
        harness.now += 1_000;
        let mut shower = object(C, "C", None);
        shower.components_mut().unwrap().data = Some(DataRef { uuid: Some(MESH) });
        let id = harness.edit(Role::Blender, vec![shower]);
        harness.deliver_all_to_daemon(Role::Blender);
        harness.deliver_to_editor(Role::Unity);
        harness.edit(Role::Unity, vec![Change::Delete { uuid: MESH }]);
        let wire = harness.wires.get_mut(&Role::Unity).unwrap();
        wire.editor.entities.remove(&C);
        let Some(ClientMessage::Applied { results, .. }) = wire.to_daemon.front_mut() else {
            panic!("no read-back")
        };
        (results[0].status, results[0].state) = (ApplyStatus::Failed, None);
        results[0].error = Some(ErrorBody {
            code: Code::ObjectVanished,
            message: "its mesh was deleted here".into(),
            location: String::new(),
            help: String::new(),
        });
        if !is_told_first {
            wire.to_daemon.swap(0, 1);
        }
        let before = harness.now;
        harness.settle();
        assert!(harness.now < before + 5_000, "told first: {is_told_first}");
        harness.assert_converged();
        assert_eq!(end(&harness, id), Some((Phase::Commit, Outcome::Verified)));
        assert_eq!(name(&harness, C).as_deref(), Some("C"));
    }
}

#[test]
fn deletion_by_another_ends_the_wait() {
    let mut harness = Harness::with_object();
    let id = deleted_before_read_back(&mut harness, both());
    harness.deliver_to_daemon(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.to_daemon.clear();
    wire.editor.outbox.clear();
    harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.settle();
    harness.assert_converged();
    assert_eq!(end(&harness, id), Some((Phase::Final, Outcome::Verified)));
}

#[test]
fn departed_editor_owes_no_deletion() {
    let mut harness = Harness::with_object();
    let id = deleted_before_read_back(&mut harness, both());
    harness.deliver_to_daemon(Role::Unity);
    harness.disconnect(Role::Unity);
    assert_eq!(
        end(&harness, id),
        Some((Phase::Final, Outcome::Undelivered))
    );
    harness.connect(Role::Unity);
    harness.settle();
    harness.assert_converged();
}

/// The deletion comes while the program compares a mesh of the same batch.
#[test]
fn deletion_during_a_mesh_comparison_settles_the_transaction() {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, vec![triangle(MESH, b"old")]);
    harness.settle();
    let new = triangle(MESH, b"new").components().unwrap().clone();
    let id = deleted_before_read_back(&mut harness, vec![moved(A, 1.0), update(MESH, new)]);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let (session, answer) = (wire.session.unwrap(), wire.to_daemon.pop_front());
    let Some(ClientMessage::Applied {
        batch_id,
        mut results,
    }) = answer
    else {
        panic!("no read-back")
    };
    for entity in results.iter_mut().filter_map(|it| it.state.as_mut()) {
        entity.components = triangle(MESH, b"held").components().unwrap().clone();
    }
    let message = Box::new(ClientMessage::Applied { batch_id, results });
    let input = Input::Message { session, message };
    harness.engine.step(input, harness.now);
    harness.deliver_all_to_daemon(Role::Unity);
    let differing = Vec::new();
    harness.step(Input::MeshesCompared {
        batch: batch_id,
        differing,
        lost: Default::default(),
    });
    assert_eq!(end(&harness, id), Some((Phase::Commit, Outcome::Verified)));
    assert!(harness.engine.scene().live(A).is_none());
    let is_batch = |it: &DaemonMessage| matches!(it, DaemonMessage::Apply { .. });
    assert!(!harness.wires[&Role::Unity].to_editor.iter().any(is_batch));
}

#[test]
fn parent_deleted_before_the_read_back_of_its_new_child() {
    let mut harness = Harness::with_object();
    let id = deleted_before_read_back(&mut harness, vec![parented(B, Some(A))]);
    harness.settle();
    harness.assert_converged();
    assert_ne!(harness.phases(id).last(), Some(&Phase::Rollback));
}
