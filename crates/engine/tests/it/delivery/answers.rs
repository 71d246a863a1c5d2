//! Answers of an editor to a batch that do not prove that the batch arrived.

use vibesync_engine::{Action, Input};
use vibesync_protocol::{AppliedResult, ApplyStatus, ClientMessage, DaemonMessage, ErrorBody};
use vibesync_scene::{Change, Code, OperationId, Phase, Role, Uuid};

use crate::harness::{A, Harness, moved, object, triangle};

type Results = Vec<AppliedResult>;

/// Lets Blender make a change, and puts Unity's altered answer on the wire.
fn answered(change: Change, alter: impl FnOnce(&mut Results)) -> (Harness, OperationId) {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let id = harness.edit(Role::Blender, vec![change]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    match wire.to_daemon.front_mut() {
        Some(ClientMessage::Applied { results, .. }) => alter(results),
        other => panic!("no answer but {other:?}"),
    }
    (harness, id)
}

#[test]
fn missing_or_misdirected_results_count_as_failures() {
    let alter: [fn(&mut Results); 4] = [
        |results| results.clear(),
        |results| results[0].state = None,
        |results| results[0].uuid = Uuid::from_u128(99),
        |results| results[0].state.as_mut().unwrap().uuid = Uuid::from_u128(99),
    ];
    for alter in alter {
        let (mut harness, id) = answered(moved(A, 1.0), alter);
        harness.settle();
        assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
        harness.assert_converged();
    }
}

#[test]
fn entity_still_in_the_editor_is_not_deleted() {
    let unity = Harness::with_object().editor(Role::Unity).clone();
    let (mut harness, id) = answered(Change::Delete { uuid: A }, |results| {
        assert_eq!(results[0].status, ApplyStatus::Applied);
        results[0].state = unity.entities.get(&A).cloned();
    });
    harness.wires.get_mut(&Role::Unity).unwrap().editor.entities = unity.entities;
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    harness.assert_converged();
}

/// Returns the daemon's actions for a message of Unity.
fn heard(harness: &mut Harness, message: ClientMessage) -> Vec<Action> {
    let session = harness.wires[&Role::Unity].session.unwrap();
    let message = Box::new(message);
    let input = Input::Message { session, message };
    harness.engine.step(input, harness.now)
}

#[test]
fn meshes_are_compared_once_and_without_a_time_limit() {
    let mesh = Uuid::from_u128(2);
    let (mut harness, id) = answered(triangle(mesh, b"sent"), |results| {
        let Change::Create { components, .. } = triangle(mesh, b"held") else {
            panic!("no create")
        };
        results[0].state.as_mut().unwrap().components = components;
    });
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let answer = wire.to_daemon.pop_front().unwrap();
    let first = heard(&mut harness, answer.clone());
    let [Action::CompareMeshes { batch, .. }] = first[..] else {
        panic!("{first:?}")
    };
    let again = heard(&mut harness, answer);
    harness.run(again);
    let told = harness.wires[&Role::Unity].to_editor.back();
    let Some(DaemonMessage::Error { error, .. }) = told else {
        panic!("{told:?}")
    };
    assert_eq!(error.code, Code::BatchUnknown);
    harness.now += 3_600_000;
    harness.step(Input::Tick);
    let differing = Vec::new();
    let lost = harness.lost();
    harness.step(Input::MeshesCompared {
        batch,
        differing,
        lost,
    });
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Commit));
    harness.assert_converged();
}

#[test]
fn long_error_of_an_editor_is_clipped() {
    let mut harness = Harness::connected();
    let made = Uuid::from_u128(1);
    let id = harness.edit(Role::Blender, vec![object(made, "Cube", None)]);
    harness.deliver_to_daemon(Role::Blender);
    let batch_id = harness.wires[&Role::Unity]
        .to_editor
        .iter()
        .find_map(|message| match message {
            DaemonMessage::Apply { batch_id, .. } => Some(*batch_id),
            _ => None,
        })
        .unwrap();
    let error = ErrorBody {
        code: Code::ApplyFailed,
        message: "x".repeat(1 << 20),
        location: String::new(),
        help: String::new(),
    };
    let session = harness.wires[&Role::Unity].session.unwrap();
    let results = vec![AppliedResult {
        uuid: made,
        status: ApplyStatus::Failed,
        state: None,
        error: Some(error),
    }];
    harness.step(Input::Message {
        session,
        message: Box::new(ClientMessage::Applied { batch_id, results }),
    });
    let ended = harness.log.iter().rfind(|it| it.operation_id == Some(id));
    let record = serde_json::to_string(ended.unwrap()).unwrap();
    assert!(
        record.contains("VS-4005") && record.len() < 5_000,
        "{}",
        record.len()
    );
    let message = harness.engine.status().last_error.unwrap().error.message;
    assert!(message.contains("xxx") && message.len() < 3_000);
}
