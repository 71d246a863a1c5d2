//! The changes of calls: one transaction, judged as automation, and only while the call is open.

use serde_json::json;
use uuid::Uuid;
use vibesync_protocol::ClientMessage;
use vibesync_scene::{Code, Payload, Role};

use super::stage::Stage;
use crate::agent::{answer, refused};
use crate::harness::{A, guarded, moved, object, options, renamed};

#[test]
fn changes_of_a_call_are_one_verified_transaction_of_the_editor() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let operation = stage.change(command.request_id, vec![object(A, "Stone", None)]);
    stage.respond(&command, Some(operation));
    let answer = stage.answer(command.request_id).unwrap();
    assert_eq!((answer.operation_id, answer.changes), (Some(operation), 1));
    assert_eq!(stage.ended()[0].operation, Some(operation));
    assert_eq!(stage.command_ends(), [(command.request_id, true)]);
    stage.harness.settle();
    let begun = stage
        .harness
        .log
        .iter()
        .find_map(|record| match &record.payload {
            Payload::Begin { origin, call, .. } => Some((*origin, *call)),
            _ => None,
        });
    assert_eq!(begun, Some((Role::Blender, Some(command.request_id))));
    stage.harness.assert_converged();
}

#[test]
fn intent_without_an_open_call_is_refused_and_taken_back() {
    let mut stage = Stage::allowed();
    let unknown = Uuid::from_u128(77);
    stage.change(unknown, vec![object(A, "Stone", None)]);
    assert!(stage.harness.engine.scene().row(A).is_none());
    assert_eq!(stage.command_ends(), [(unknown, false)]);
    let refusals = &stage.harness.wires[&Role::Blender].to_editor;
    assert!(refusals.iter().any(|it| {
        matches!(it, vibesync_protocol::DaemonMessage::Ack { error: Some(error), .. }
            if error.code == Code::HandlerLate)
    }));
}

#[test]
fn intent_of_another_editor_is_refused() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let wire = stage.harness.wires.get_mut(&Role::Unity).unwrap();
    let id = vibesync_scene::OperationId(Uuid::from_u128(78));
    let Some(ClientMessage::Intent(mut intent)) = wire.editor.edit(id, vec![object(A, "x", None)])
    else {
        panic!("Unity is connected");
    };
    intent.request_id = Some(command.request_id);
    let unity = stage.session(Role::Unity);
    stage.send(unity, ClientMessage::Intent(intent));
    assert!(stage.harness.engine.scene().row(A).is_none());
    stage.respond(&command, None);
    assert!(stage.answer(command.request_id).unwrap().error.is_none());
}

#[test]
fn second_intent_of_a_call_is_refused() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let first = stage.change(command.request_id, vec![object(A, "Stone", None)]);
    let other = Uuid::from_u128(79);
    stage.change(command.request_id, vec![object(other, "Second", None)]);
    assert!(stage.harness.engine.scene().row(other).is_none());
    stage.respond(&command, Some(first));
    let answer = stage.answer(command.request_id).unwrap();
    assert_eq!(answer.operation_id, Some(first));
}

#[test]
fn tool_that_may_read_only_changes_nothing() {
    let mut stage = Stage::new();
    stage.allow(|request| request.read_only = true).unwrap();
    let command = stage.start();
    let operation = stage.change(command.request_id, vec![object(A, "Stone", None)]);
    assert!(stage.harness.engine.scene().row(A).is_none());
    stage.respond(&command, Some(operation));
    assert_eq!(stage.refusal(command.request_id), Code::ForbiddenChange);
    assert_eq!(stage.command_ends(), [(command.request_id, false)]);
    assert_eq!(stage.ended()[0].operation, None);
}

#[test]
fn too_many_changes_are_refused() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let many = (0..10_001).map(|n| object(Uuid::from_u128(1_000_000 + n), "Stone", None));
    let many = many.collect();
    let operation = stage.change(command.request_id, many);
    stage.respond(&command, Some(operation));
    assert_eq!(stage.refusal(command.request_id), Code::IntentShape);
    assert_eq!(stage.harness.engine.scene().rows().count(), 0);
}

/// Blender and Unity have the object. Unity has moved it, and Blender does not know.
fn with_unseen_change() -> Stage {
    let mut stage = Stage::with_object("A");
    stage
        .harness
        .edit(Role::Unity, vec![renamed(A, "by a person")]);
    stage.harness.deliver_all_to_daemon(Role::Unity);
    stage
}

#[test]
fn person_beats_a_tool_that_had_not_seen_the_change() {
    let mut stage = with_unseen_change();
    let command = stage.start();
    let operation = stage.change(command.request_id, vec![moved(A, 3.0)]);
    stage.respond(&command, Some(operation));
    assert_eq!(stage.refusal(command.request_id), Code::Stale);
    assert_eq!(stage.command_ends(), [(command.request_id, false)]);
    assert!(
        stage.harness.engine.failures().is_quiet(),
        "no fault of the tool"
    );
    stage.harness.settle();
    stage.harness.assert_converged();
}

#[test]
fn changes_wait_for_a_person_and_the_answer_waits_for_them() {
    let mut stage = Stage::with_object("A");
    let (command, operation) = stage.start_beside_a_person();
    stage.hold(vec![]);
    stage.wait(1_000);
    assert_eq!(
        stage.answer(command.request_id).unwrap().operation_id,
        Some(operation)
    );
    stage.harness.settle();
    stage.harness.assert_converged();
}

#[test]
fn changes_that_wait_beyond_the_time_of_the_call_are_refused() {
    let mut stage = Stage::with_object("A");
    let (command, _) = stage.start_beside_a_person();
    stage.wait(15_000);
    assert_eq!(stage.refusal(command.request_id), Code::HandlerLate);
    assert_eq!(stage.command_ends(), [(command.request_id, false)]);
    assert_eq!(stage.harness.engine.status().waiting_intents, 0);
    let id = stage.call(json!({}));
    assert!(stage.answer(id).is_none_or(|answer| answer.error.is_none()));
}

#[test]
fn entities_that_tools_create_count_for_the_agent() {
    let mut options = options();
    options.agents.created_per_day = 2;
    let mut stage = Stage::with(options);
    stage.allow(|_| {}).unwrap();
    let mut operation = None;
    for number in 0..2 {
        let command = stage.start();
        let made = Uuid::from_u128(500 + number);
        operation = Some(stage.change(command.request_id, vec![object(made, "Stone", None)]));
        stage.respond(&command, operation);
        assert!(stage.answer(command.request_id).unwrap().error.is_none());
    }
    assert!(operation.is_some());
    let command = stage.start();
    let over = stage.change(command.request_id, vec![object(A, "Stone", None)]);
    stage.respond(&command, Some(over));
    assert_eq!(stage.refusal(command.request_id), Code::BudgetUsedUp);
    assert_eq!(
        stage.command_ends().last(),
        Some(&(command.request_id, false))
    );
    assert!(stage.harness.engine.scene().row(A).is_none());
    assert!(
        stage.harness.engine.failures().is_quiet(),
        "no fault of the tool"
    );
    let head = stage.harness.engine.head_seq();
    let own = stage
        .agent
        .ask(&mut stage.harness, head, vec![object(A, "Own", None)]);
    assert_eq!(
        answer(&stage.harness, own),
        Some(refused(Code::BudgetUsedUp))
    );
    stage.harness.settle();
    stage.harness.assert_converged();
}

#[test]
fn two_agents_call_one_after_the_other() {
    let mut stage = Stage::allowed();
    let first = stage.start();
    stage.agent = crate::agent::Agent::connect(&mut stage.harness);
    let second = stage.call(json!({}));
    assert!(stage.commands().is_empty(), "one call an editor");
    stage.respond(&first, None);
    let sent = stage.commands().pop().unwrap();
    assert_eq!(sent.request_id, second);
}

#[test]
fn changes_of_a_call_leave_alone_what_people_keep() {
    let mut stage = Stage::allowed();
    let kept = vec![object(A, "Stone", None), guarded(A, true)];
    for change in kept {
        stage.harness.edit(Role::Unity, vec![change]);
        stage.harness.settle();
    }
    let before = stage.harness.engine.scene().clone();
    let command = stage.start();
    stage.change(command.request_id, vec![moved(A, 5.0)]);
    assert_eq!(*stage.harness.engine.scene(), before);
    stage.respond(&command, None);
    assert_eq!(stage.command_ends(), [(command.request_id, false)]);
    assert_eq!(stage.refusal(command.request_id), Code::KeptForPeople);
}
