//! The admission of calls: arguments, budgets, repeated requests.

use serde_json::json;
use vibesync_protocol::{AddonCommand, ClientMessage, CommandState, DaemonMessage};
use vibesync_scene::{Code, Payload, Phase, Remember, Role};

use super::stage::{MAKE, Stage};
use crate::agent::Agent;
use crate::harness::{A, guarded, object};

#[test]
fn record_of_a_call_is_durable_before_the_editor_hears_of_it() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    assert_eq!(command.command, MAKE);
    assert_eq!(command.params["size"], json!(1.0), "the default");
    assert_eq!(command.label, "agent: stone_maker.make_stone");
    assert_eq!(command.deadline_ms, 10_000);
    assert_eq!(command.code_sha256, stage.addon.code_sha256());
    let begun = stage.begun();
    assert_eq!(begun[0].request_id, command.request_id);
    assert_eq!(begun[0].params, Some(json!({"size": 1.0})));
    // The engine returns the record before the message in one list; the program appends all records first.
    let last = stage.harness.log.last().unwrap();
    assert!(matches!(last.payload, Payload::Call(_)));
}

#[test]
fn wrong_arguments_are_refused_with_all_mistakes() {
    let mut stage = Stage::allowed();
    let id = stage.call(json!({"size": 99, "color": "red", "weight": 1}));
    let answer = stage.answer(id).unwrap();
    assert_eq!(answer.error.unwrap().code, Code::ParametersWrong);
    let rules: Vec<_> = answer
        .findings
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["unknown_parameter", "value_range", "value_text"]);
    assert_eq!(answer.result["error_code"], "INVALID_PARAMETERS");
    assert!(stage.commands().is_empty() && stage.begun().is_empty());
    let refused = stage.harness.log.last().unwrap();
    assert_eq!(refused.phase, Phase::Refused);
}

#[test]
fn object_is_found_by_uuid_and_by_unique_name() {
    let mut stage = Stage::allowed();
    let twin = stage.harness.id();
    let changes = vec![object(A, "Cube", None), object(twin, "Twin", None)];
    stage.harness.edit(Role::Blender, changes);
    stage.harness.settle();
    for given in [A.to_string(), "Cube".into()] {
        stage.call(json!({"near": given}));
        let command = stage.commands().pop().unwrap();
        assert_eq!(command.params["near"], "Cube");
        assert_eq!(command.resolved["near"], A);
        stage.respond(&command, None);
    }
    let id = stage.call(json!({"near": "cub"}));
    let answer = stage.answer(id).unwrap();
    assert_eq!(answer.findings[0]["rule"], "entity");
    let message = answer.findings[0]["message"].as_str().unwrap();
    assert!(message.contains(&A.to_string()), "{message}");
    let double = stage.harness.id();
    stage
        .harness
        .edit(Role::Blender, vec![object(double, "Twin", None)]);
    stage.harness.settle();
    let id = stage.call(json!({"near": "Twin"}));
    assert_eq!(stage.refusal(id), Code::ParametersWrong);
}

#[test]
fn unknown_tool_is_refused() {
    let mut stage = Stage::allowed();
    let mut command = stage.command(&json!({}));
    command.command = "paint".into();
    let id = command.request_id.unwrap();
    stage.ask(command);
    assert_eq!(stage.refusal(id), Code::CapabilityUnknown);
}

#[test]
fn dry_run_checks_and_runs_nothing() {
    let mut stage = Stage::allowed();
    for (params, is_fine) in [(json!({}), true), (json!({"size": 99}), false)] {
        let mut command = stage.command(&params);
        command.dry_run = true;
        let id = command.request_id.unwrap();
        stage.ask(command);
        assert_eq!(stage.answer(id).unwrap().error.is_none(), is_fine);
    }
    assert!(stage.commands().is_empty() && stage.begun().is_empty());
}

#[test]
fn same_request_is_answered_again_and_never_run_twice() {
    let mut stage = Stage::allowed();
    let command = stage.command(&json!({}));
    let id = command.request_id.unwrap();
    stage.ask(command.clone());
    stage.ask(command.clone());
    let sent = stage.commands();
    assert_eq!(sent.len(), 1);
    stage.respond(&sent[0], None);
    let first = stage.answer(id).unwrap();
    // Another connection of the same client.
    stage.agent = Agent::connect(&mut stage.harness);
    stage.ask(command.clone());
    assert_eq!(stage.answer(id).unwrap(), first);
    assert_eq!(stage.begun().len(), 1);
    let mut other = command;
    other.params = json!({"size": 2.0}).as_object().unwrap().clone();
    stage.ask(other);
    assert_eq!(stage.refusal(id), Code::OperationReused);
}

/// Sends the request of the first agent in the name of another, and expects that it learns nothing.
fn expect_other_agent_refused(stage: &mut Stage, command: &AddonCommand) {
    let first = std::mem::replace(
        &mut stage.agent,
        Agent::connect_as(&mut stage.harness, Some("other")),
    );
    let told = stage.harness.received.len();
    stage.ask(command.clone());
    let answers = &stage.harness.received[told..];
    let [DaemonMessage::CommandResponse(answer)] = answers else {
        panic!("{answers:?}");
    };
    let error = answer.error.clone().unwrap();
    assert_eq!(error.code, Code::OperationReused);
    assert_eq!(error.message, "this request id was used for another call");
    assert_eq!((answer.operation_id, answer.output.as_str()), (None, ""));
    assert_eq!(answer.result["data"], json!({}));
    stage.agent = first;
}

#[test]
fn request_of_another_agent_is_refused_and_tells_nothing() {
    let mut stage = Stage::allowed();
    let command = stage.command(&json!({}));
    let id = command.request_id.unwrap();
    stage.ask(command.clone());
    let sent = stage.commands().pop().unwrap();
    expect_other_agent_refused(&mut stage, &command);
    stage.respond(&sent, None);
    assert!(
        stage.answer(id).unwrap().error.is_none(),
        "the first has its answer"
    );
    expect_other_agent_refused(&mut stage, &command);
    stage.crash();
    expect_other_agent_refused(&mut stage, &command);
    assert_eq!(stage.begun().len(), 1);
}

#[test]
fn request_that_waits_for_a_person_is_of_one_agent_and_content() {
    let mut stage = Stage::new();
    let command = stage.command(&json!({}));
    let id = command.request_id.unwrap();
    stage.ask(command.clone());
    expect_other_agent_refused(&mut stage, &command);
    let mut other = command;
    other.params = json!({"size": 2.0}).as_object().unwrap().clone();
    stage.ask(other);
    assert_eq!(stage.refusal(id), Code::OperationReused);
    assert!(stage.decide(true, Remember::Once));
    assert_eq!(
        stage.commands()[0].params["size"],
        json!(1.0),
        "as it was asked"
    );
    assert_eq!(stage.begun().len(), 1);
}

#[test]
fn older_name_of_the_request_id_is_answered_under_that_name() {
    let mut stage = Stage::allowed();
    let mut command = stage.command(&json!({}));
    let id = command.request_id.take();
    command.message_id = id;
    stage.ask(command.clone());
    let sent = stage.commands().pop().unwrap();
    stage.respond(&sent, None);
    let answer = stage.answer(id.unwrap()).unwrap();
    assert_eq!((answer.request_id, answer.message_id), (None, id));
    command.request_id = Some(stage.harness.id());
    stage.ask(command);
    let refused = stage.harness.received.last().unwrap();
    assert!(
        matches!(refused, DaemonMessage::Error { error, .. } if error.code == Code::MessageMalformed)
    );
}

#[test]
fn one_call_runs_in_an_editor_and_four_of_an_agent_are_open() {
    let mut stage = Stage::allowed();
    let ids: Vec<_> = (0..5).map(|_| stage.call(json!({}))).collect();
    assert_eq!(stage.refusal(ids[4]), Code::BudgetUsedUp);
    for id in &ids[..4] {
        let command = stage.commands();
        assert_eq!(command.len(), 1, "one at a time");
        assert_eq!(command[0].request_id, *id, "in order");
        stage.respond(&command[0], None);
    }
    assert!(
        ids[..4]
            .iter()
            .all(|id| stage.answer(*id).unwrap().error.is_none())
    );
}

#[test]
fn calls_of_a_minute_are_bounded() {
    let mut stage = Stage::allowed();
    for _ in 0..60 {
        let command = stage.start();
        stage.respond(&command, None);
    }
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::BudgetUsedUp);
    stage.wait(60_000);
    stage.start();
}

#[test]
fn call_waits_while_a_person_holds_the_object_that_it_names() {
    let mut stage = Stage::with_object("Cube");
    stage.hold(vec![A]);
    let id = stage.call(json!({"near": "Cube"}));
    assert!(stage.commands().is_empty());
    stage.hold(vec![]);
    stage.wait(1_000);
    assert_eq!(stage.commands().len(), 1, "once the person has rested");
    assert!(stage.answer(id).is_none());
}

#[test]
fn call_that_waits_for_a_person_too_long_ends_without_running() {
    let mut stage = Stage::with_object("Cube");
    stage.hold(vec![A]);
    let id = stage.call(json!({"near": "Cube"}));
    stage.wait(15_000);
    assert_eq!(stage.refusal(id), Code::EditorUnable);
    assert!(stage.commands().is_empty());
    assert_eq!(stage.ended().len(), 1);
}

#[test]
fn progress_reaches_the_agent() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let progress = vibesync_protocol::CommandProgress {
        request_id: command.request_id,
        state: CommandState::Running,
        message: "half".into(),
        elapsed_ms: 3,
        approval: None,
    };
    stage.blender_sends(ClientMessage::CommandProgress(progress.clone()));
    let told = stage.harness.received.last().unwrap();
    assert!(matches!(told, DaemonMessage::CommandProgress(it) if it.message == "half"));
    let unity = stage.session(Role::Unity);
    let before = stage.harness.received.len();
    stage.send(unity, ClientMessage::CommandProgress(progress));
    assert_eq!(
        stage.harness.received.len(),
        before,
        "not that editor's call"
    );
}

#[test]
fn person_and_editor_can_not_call() {
    let mut stage = Stage::allowed();
    let command = stage.command(&json!({}));
    stage.blender_sends(ClientMessage::AddonCommand(command));
    assert!(stage.commands().is_empty() && stage.begun().is_empty());
}

#[test]
fn object_that_people_keep_is_unknown_to_a_call() {
    let mut stage = Stage::allowed();
    let made = vec![object(A, "Cube", None)];
    stage.harness.edit(Role::Blender, made);
    stage.harness.settle();
    stage.harness.edit(Role::Blender, vec![guarded(A, true)]);
    stage.harness.settle();
    for given in ["Cube".to_owned(), "cub".to_owned(), A.to_string()] {
        let id = stage.call(json!({"near": given}));
        assert_eq!(stage.refusal(id), Code::ParametersWrong);
        let answer = stage.answer(id).unwrap();
        let message = answer.findings[0]["message"].as_str().unwrap();
        assert!(!message.contains("similar"), "{message}");
    }
}
