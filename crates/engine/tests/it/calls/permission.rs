//! Permissions: bound to the content that the person saw, to the user and to the project.

use serde_json::json;
use vibesync_engine::{Engine, Options};
use vibesync_protocol::auth::GrantKey;
use vibesync_protocol::{CapabilityState, ClientMessage, DaemonMessage, GrantRequest};
use vibesync_scene::{AgentMode, Code, Payload, Remember, Role};
use vibesync_testkit::fakes::addons::success;

use super::stage::Stage;
use crate::harness::{A, object, options};

fn state(stage: &mut Stage) -> CapabilityState {
    stage.capabilities(Role::Cli)[0].state
}

#[test]
fn call_needs_a_permission_and_ends_with_its_revocation() {
    let mut stage = Stage::new();
    let id = stage.call(json!({}));
    assert!(stage.is_waiting_for_person(id));
    assert!(stage.commands().is_empty());
    stage.allow(|_| {}).unwrap();
    stage.start();
    assert!(stage.revoke().is_some());
    assert!(stage.revoke().is_none(), "there is none any more");
    let id = stage.call(json!({}));
    assert!(stage.is_waiting_for_person(id));
}

#[test]
fn changed_manifest_or_code_suspends_the_permission() {
    for change in [
        |stage: &mut Stage| stage.addon.code.push_str(" and more"),
        |stage: &mut Stage| {
            stage.addon.manifest["addon_info"]["version"] = json!("1.2.1");
        },
    ] {
        let mut stage = Stage::allowed();
        assert_eq!(state(&mut stage), CapabilityState::Ready);
        change(&mut stage);
        stage.list_own();
        assert_eq!(state(&mut stage), CapabilityState::Changed);
        let id = stage.call(json!({}));
        assert!(stage.is_waiting_for_person(id));
        stage.allow(|_| {}).unwrap();
        assert_eq!(state(&mut stage), CapabilityState::Ready);
    }
}

#[test]
fn permission_for_other_content_than_present_is_refused() {
    let mut stage = Stage::new();
    let refused = stage.allow(|request| request.code_sha256 = "0".repeat(64));
    assert_eq!(refused.unwrap_err().code, Code::NotAllowed);
    let refused = stage.allow(|request| request.addon_id = "other".into());
    assert_eq!(refused.unwrap_err().code, Code::CapabilityUnknown);
    let refused = stage.allow(|request| request.tools = vec!["no_tool".into()]);
    assert_eq!(refused.unwrap_err().code, Code::CapabilityUnknown);
    let refused = stage.allow(|request| request.max_ms = Some(10_000_000));
    assert_eq!(refused.unwrap_err().code, Code::MessageMalformed);
    assert_eq!(state(&mut stage), CapabilityState::NeedsPermission);
}

#[test]
fn agent_can_not_allow_an_addon() {
    let mut stage = Stage::new();
    let request = GrantRequest {
        request_id: stage.harness.id(),
        addon_id: "stone_maker".into(),
        manifest_sha256: stage.addon.manifest_sha256(),
        code_sha256: stage.addon.code_sha256(),
        tools: Vec::new(),
        read_only: false,
        max_ms: None,
        who: "claude".into(),
        why: "I want to".into(),
    };
    stage.send(stage.agent.0, ClientMessage::Grant(request));
    let refused = stage.harness.received.last().unwrap();
    assert!(
        matches!(refused, DaemonMessage::Error { error, .. } if error.code == Code::MessageUnknown)
    );
    assert_eq!(state(&mut stage), CapabilityState::NeedsPermission);
}

#[test]
fn permission_for_some_tools_refuses_the_others() {
    let mut stage = Stage::new();
    stage
        .allow(|request| request.tools = vec!["count_stones".into()])
        .unwrap();
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::NotAllowed);
    let mut command = stage.command(&json!({}));
    command.command = "count_stones".into();
    stage.ask(command);
    assert_eq!(stage.commands().len(), 1);
}

#[test]
fn permission_survives_a_restart() {
    let mut stage = Stage::allowed();
    stage.crash();
    assert_eq!(state(&mut stage), CapabilityState::Ready);
}

/// Restarts the daemon with other options, and returns the state of the add-on.
fn state_with(change: impl Fn(&mut Options)) -> CapabilityState {
    let mut stage = Stage::allowed();
    let mut options = options();
    change(&mut options);
    stage.crash();
    let (engine, actions) = Engine::restore(options, "test", stage.harness.replay());
    stage.harness.engine = engine;
    for wire in stage.harness.wires.values_mut() {
        wire.session = None;
    }
    stage.harness.run(actions);
    stage.crash_connections();
    state(&mut stage)
}

#[test]
fn permission_of_another_user_is_void() {
    let other = GrantKey::parse(&"ab".repeat(32)).unwrap();
    let state = state_with(|options| options.grant_key = other.clone());
    assert_eq!(state, CapabilityState::NeedsPermission);
    assert_eq!(state_with(|_| {}), CapabilityState::Ready);
}

#[test]
fn permission_that_was_changed_in_the_log_is_void() {
    let mut stage = Stage::new();
    stage.allow(|request| request.read_only = true).unwrap();
    let granted = stage
        .harness
        .log
        .iter_mut()
        .find_map(|record| match &mut record.payload {
            Payload::Grant(grant) => Some(grant),
            _ => None,
        });
    granted.unwrap().read_only = false;
    stage.crash();
    let told = &stage.capabilities(Role::Cli)[0];
    assert_eq!(told.state, CapabilityState::NeedsPermission);
    assert!(told.why.contains("another user"), "{}", told.why);
}

#[test]
fn person_allows_the_first_call_and_the_next_ones() {
    for (remember, is_next_free, is_kept) in [
        (Remember::Once, false, false),
        (Remember::Session, true, false),
        (Remember::Project, true, true),
    ] {
        let mut stage = Stage::new();
        let id = stage.call(json!({}));
        let shown = stage.question();
        assert!(shown.sentence.contains("stone_maker"), "{}", shown.sentence);
        assert!(shown.details.iter().any(|line| line.contains("Ada")));
        assert!(stage.decide(true, remember));
        let command = stage.commands().pop().expect("it runs");
        assert_eq!(command.request_id, id);
        stage.respond(&command, None);
        let next = stage.call(json!({}));
        assert_eq!(
            stage.is_waiting_for_person(next),
            !is_next_free,
            "{remember:?}"
        );
        stage.crash();
        let is_ready = state(&mut stage) == CapabilityState::Ready;
        assert_eq!(is_ready, is_kept, "{remember:?}");
    }
}

#[test]
fn refused_question_refuses_the_call() {
    let mut stage = Stage::new();
    let id = stage.call(json!({}));
    stage.decide(false, Remember::Once);
    assert_eq!(stage.refusal(id), Code::PersonRefused);
    let id = stage.call(json!({}));
    stage.wait(600_000);
    assert_eq!(stage.refusal(id), Code::ApprovalAwaited);
    assert!(stage.commands().is_empty() && stage.begun().is_empty());
}

#[test]
fn addon_that_changed_since_the_question_is_not_allowed_by_it() {
    let mut stage = Stage::new();
    let id = stage.call(json!({}));
    stage.addon.code.push_str(" swapped");
    stage.list_own();
    stage.decide(true, Remember::Project);
    assert_eq!(stage.refusal(id), Code::NotAllowed);
    assert_eq!(state(&mut stage), CapabilityState::NeedsPermission);
}

#[test]
fn same_request_does_not_ask_twice() {
    let mut stage = Stage::new();
    let command = stage.command(&json!({}));
    stage.ask(command.clone());
    let first = stage.question().approval_id;
    stage.ask(command);
    assert_eq!(stage.question().approval_id, first);
}

#[test]
fn agent_that_may_only_read_calls_nothing() {
    let mut stage = Stage::allowed();
    stage.set_agent(AgentMode::Read);
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::ScopeNotGranted);
}

#[test]
fn agent_that_nobody_let_work_asks_for_an_allowed_addon() {
    let mut options = options();
    options.agents.mode = AgentMode::Ask;
    let mut stage = Stage::with(options);
    stage.allow(|_| {}).unwrap();
    let id = stage.call(json!({}));
    assert!(stage.is_waiting_for_person(id));
    stage.decide(true, Remember::Once);
    assert_eq!(stage.commands().len(), 1);
}

#[test]
fn call_that_waits_ends_when_a_person_forbids_it() {
    let forbid: [fn(&mut Stage); 2] = [
        |stage| stage.set_agent(AgentMode::Read),
        |stage| assert!(stage.revoke().is_some()),
    ];
    for forbid in forbid {
        let mut stage = Stage::allowed();
        let running = stage.start();
        let waiting = stage.call(json!({}));
        forbid(&mut stage);
        assert_eq!(stage.refusal(waiting), Code::PersonRefused);
        assert!(stage.commands().is_empty(), "the editor never hears of it");
        assert!(stage.answer(running.request_id).is_none(), "its tool runs");
    }
}

/// The ways in which a person forbids a call that runs.
fn ways_to_forbid() -> [fn(&mut Stage); 4] {
    [
        |stage| stage.set_agent(AgentMode::Read),
        |stage| stage.set_agent(AgentMode::Off),
        |stage| assert!(stage.revoke().is_some()),
        |stage| {
            let narrowed = |request: &mut GrantRequest| request.tools = vec!["count_stones".into()];
            stage.allow(narrowed).unwrap();
        },
    ]
}

/// Returns true if the newest end of a call in the log is that of a call that a person forbade.
fn is_logged_as_forbidden(stage: &Stage) -> bool {
    let ended = stage.ended().pop().unwrap();
    ended.code == Some(Code::PersonRefused)
        && ended.operation.is_none()
        && ended.end.status.is_none()
}

#[test]
fn changes_of_a_tool_are_refused_once_a_person_forbids_it() {
    for forbid in ways_to_forbid() {
        let mut stage = Stage::allowed();
        let command = stage.start();
        forbid(&mut stage);
        let told = &stage.harness.wires[&Role::Blender].to_editor;
        let is_cancel = |it: &DaemonMessage| matches!(it, DaemonMessage::CommandCancel { request_id } if *request_id == command.request_id);
        assert!(told.iter().any(is_cancel), "the editor may end it");
        let operation = stage.change(command.request_id, vec![object(A, "Stone", None)]);
        assert!(stage.harness.engine.scene().row(A).is_none());
        stage.respond(&command, Some(operation));
        assert_eq!(stage.command_ends(), [(command.request_id, false)]);
        assert!(is_logged_as_forbidden(&stage));
        assert!(
            stage.harness.engine.failures().is_quiet(),
            "no fault of the tool"
        );
        stage.harness.settle();
        stage.harness.assert_converged();
    }
}

#[test]
fn result_of_a_tool_is_refused_once_a_person_forbids_it() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    stage.set_agent(AgentMode::Read);
    let mut response = success(&command, None);
    response.output = "secret".into();
    response.result = json!({"status": "success", "message": "secret", "data": {}});
    stage.respond_with(response);
    assert_eq!(stage.refusal(command.request_id), Code::PersonRefused);
    let answer = format!("{:?}", stage.answer(command.request_id));
    assert!(!answer.contains("secret"), "{answer}");
    assert_eq!(stage.command_ends(), [(command.request_id, false)]);
    assert!(is_logged_as_forbidden(&stage));
}

#[test]
fn changes_that_wait_are_refused_when_a_person_forbids_the_call() {
    let mut stage = Stage::with_object("A");
    let (command, _) = stage.start_beside_a_person();
    stage.set_agent(AgentMode::Read);
    assert_eq!(stage.refusal(command.request_id), Code::PersonRefused);
    assert_eq!(stage.command_ends(), [(command.request_id, false)]);
    assert_eq!(stage.harness.engine.status().waiting_intents, 0);
}

#[test]
fn changes_made_before_a_person_forbids_the_call_stand() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let operation = stage.change(command.request_id, vec![object(A, "Stone", None)]);
    stage.set_agent(AgentMode::Read);
    stage.respond(&command, Some(operation));
    let answer = stage.answer(command.request_id).unwrap();
    assert_eq!((answer.operation_id, answer.error), (Some(operation), None));
    assert_eq!(stage.command_ends(), [(command.request_id, true)]);
    stage.harness.settle();
    stage.harness.assert_converged();
}

#[test]
fn tool_that_runs_changes_nothing_once_it_may_only_read() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    stage.allow(|request| request.read_only = true).unwrap();
    stage.change(command.request_id, vec![object(A, "Stone", None)]);
    assert!(stage.harness.engine.scene().row(A).is_none());
}

#[test]
fn consent_for_once_leaves_a_permission_of_this_session() {
    let mut options = options();
    options.agents.mode = AgentMode::Ask;
    let mut stage = Stage::with(options);
    stage.call(json!({}));
    assert!(stage.decide(true, Remember::Session));
    let first = stage.commands().pop().unwrap();
    stage.respond(&first, None);
    // A decision about the agent makes it ask again; the permission of the add-on stays.
    stage.set_agent(AgentMode::Ask);
    let id = stage.call(json!({}));
    assert!(stage.is_waiting_for_person(id));
    assert_eq!(state(&mut stage), CapabilityState::Ready);
    assert!(stage.decide(true, Remember::Once));
    assert_eq!(stage.commands().len(), 1, "it runs");
    assert_eq!(state(&mut stage), CapabilityState::Ready);
}

#[test]
fn logged_permission_replaces_one_of_this_session() {
    let mut stage = Stage::new();
    stage.call(json!({}));
    assert!(stage.decide(true, Remember::Session));
    let first = stage.commands().pop().unwrap();
    stage.respond(&first, None);
    let narrowed = |request: &mut GrantRequest| request.tools = vec!["count_stones".into()];
    stage.allow(narrowed).unwrap();
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::NotAllowed);
}

#[test]
fn consent_for_once_to_changed_files_leaves_the_earlier_one() {
    let mut stage = Stage::new();
    stage.call(json!({}));
    assert!(stage.decide(true, Remember::Session));
    let first = stage.commands().pop().unwrap();
    stage.respond(&first, None);
    let before = stage.addon.clone();
    stage.addon.code.push_str(" tried");
    stage.list_own();
    stage.call(json!({}));
    assert!(stage.decide(true, Remember::Once));
    let second = stage.commands().pop().unwrap();
    stage.respond(&second, None);
    assert_eq!(state(&mut stage), CapabilityState::NeedsPermission);
    stage.addon = before;
    stage.list_own();
    assert_eq!(state(&mut stage), CapabilityState::Ready);
}
