//! The ends of calls: answers, lost editors, time limits, restarts, breakers.

use serde_json::json;
use vibesync_protocol::{ClientMessage, CommandState, DaemonMessage, ResetRequest};
use vibesync_scene::{CallStatus, Code, Outcome, Phase, Role, Scope, Uuid};
use vibesync_testkit::fakes::addons::success;

use super::stage::Stage;
use crate::agent::Agent;
use crate::harness::{A, object};

#[test]
fn answer_reaches_the_agent_and_the_log() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let mut response = success(&command, None);
    response.output = "hello".into();
    response.not_synced = vec!["a material".into()];
    stage.respond_with(response);
    let answer = stage.answer(command.request_id).unwrap();
    assert_eq!(answer.result["data"], json!({"stones": 1}));
    assert_eq!((answer.output.as_str(), answer.error), ("hello", None));
    assert_eq!(answer.not_synced, ["a material"]);
    let logged = &stage.ended()[0];
    assert_eq!(logged.end.status, Some(CallStatus::Success));
    assert_eq!((logged.outcome, logged.code), (Outcome::Ok, None));
    assert!(logged.end.digest.is_some());
    assert_eq!(stage.command_ends(), [(command.request_id, true)]);
}

#[test]
fn late_tool_ends_and_its_late_answer_changes_nothing() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    stage.wait(14_999);
    assert!(stage.answer(command.request_id).is_none());
    stage.wait(1);
    assert_eq!(stage.refusal(command.request_id), Code::HandlerLate);
    assert_eq!(stage.command_ends(), [(command.request_id, false)]);
    let changes = vec![object(A, "Late", None)];
    let operation = stage.change(command.request_id, changes);
    assert!(stage.harness.engine.scene().row(A).is_none());
    assert_eq!(
        stage.command_ends().last(),
        Some(&(command.request_id, false))
    );
    stage.respond(&command, Some(operation));
    assert_eq!(stage.ended().len(), 1);
    assert_eq!(stage.refusal(command.request_id), Code::HandlerLate);
}

/// Tells the daemon how far a call is.
fn report(stage: &mut Stage, request_id: Uuid, state: CommandState) {
    let progress = vibesync_protocol::CommandProgress {
        request_id,
        state,
        message: String::new(),
        elapsed_ms: 1,
        approval: None,
    };
    stage.blender_sends(ClientMessage::CommandProgress(progress));
}

#[test]
fn tool_has_its_whole_time_after_a_wait_in_the_editor() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    report(&mut stage, command.request_id, CommandState::Waiting);
    stage.wait(9_000);
    report(&mut stage, command.request_id, CommandState::Running);
    stage.wait(14_000);
    assert!(stage.answer(command.request_id).is_none());
    // An editor cannot win time by saying so again.
    report(&mut stage, command.request_id, CommandState::Running);
    stage.wait(1_000);
    assert_eq!(stage.refusal(command.request_id), Code::HandlerLate);
}

#[test]
fn deferred_work_has_more_time() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    report(&mut stage, command.request_id, CommandState::Deferred);
    stage.wait(29 * 60_000);
    assert!(stage.answer(command.request_id).is_none());
    stage.wait(2 * 60_000);
    assert_eq!(stage.refusal(command.request_id), Code::HandlerLate);
}

#[test]
fn editor_lost_in_a_call_ends_it_as_unknown() {
    let mut stage = Stage::allowed();
    let first = stage.start();
    let second = stage.call(json!({}));
    stage.harness.disconnect(Role::Blender);
    assert_eq!(stage.refusal(first.request_id), Code::HandlerLate);
    assert_eq!(stage.refusal(second), Code::EditorUnable, "it was not sent");
    assert_eq!(stage.ended().len(), 2);
}

#[test]
fn crash_of_the_editor_in_a_call_opens_the_breaker_at_once() {
    let mut stage = Stage::allowed();
    stage.start();
    stage.restart_blender();
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::BreakerOpen);
    let told = stage.capabilities(Role::Agent);
    assert_eq!(told[0].blocked["make_stone"], Code::BreakerOpen);
}

#[test]
fn lost_connection_of_the_same_editor_suspects_nothing() {
    let mut stage = Stage::allowed();
    stage.start();
    stage.harness.disconnect(Role::Blender);
    stage.harness.connect(Role::Blender);
    stage.list_own();
    stage.start();
}

#[test]
fn restart_of_the_daemon_ends_open_calls_as_unknown() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    stage.crash();
    let logged = &stage.ended()[0];
    assert_eq!(logged.code, Some(Code::HandlerLate));
    assert!(
        logged.end.detail.contains("unknown"),
        "{}",
        logged.end.detail
    );
    let again = vibesync_protocol::AddonCommand {
        request_id: Some(command.request_id),
        ..stage.command(&json!({}))
    };
    stage.ask(again);
    assert_eq!(stage.refusal(command.request_id), Code::HandlerLate);
    assert!(stage.commands().is_empty(), "it is not called again");
    stage.respond(&command, None);
    assert_eq!(stage.ended().len(), 1);
}

#[test]
fn restart_after_the_changes_tells_their_operation() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let operation = stage.change(command.request_id, vec![object(A, "Stone", None)]);
    stage.crash();
    assert_eq!(stage.ended()[0].operation, Some(operation));
    stage.respond(&command, Some(operation));
    assert_eq!(
        stage.command_ends(),
        [(command.request_id, true)],
        "they stand"
    );
}

#[test]
fn answer_of_an_ended_call_survives_a_restart_without_result() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    stage.respond(&command, None);
    stage.crash();
    let again = vibesync_protocol::AddonCommand {
        request_id: Some(command.request_id),
        ..stage.command(&json!({}))
    };
    stage.ask(again);
    let answer = stage.answer(command.request_id).unwrap();
    assert_eq!(answer.result["status"], "success");
    assert_eq!(answer.result["message"], "Made a stone.");
    assert!(answer.error.is_none() && stage.commands().is_empty());
}

#[test]
fn two_equal_failures_open_the_breaker_until_a_person_resets_it() {
    let mut stage = Stage::allowed();
    for _ in 0..2 {
        let command = stage.start();
        stage.fail(&command, "no stone");
        assert_eq!(stage.refusal(command.request_id), Code::HandlerFailed);
    }
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::BreakerOpen);
    let consult = stage.harness.log.last().unwrap();
    assert_eq!(consult.phase, Phase::Consult);
    stage.crash();
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::BreakerOpen, "also after a restart");
    let mut other = stage.command(&json!({}));
    other.command = "count_stones".into();
    stage.ask(other);
    assert_eq!(stage.commands().len(), 1, "other tools work");
    reset(&mut stage);
    let id = stage.call(json!({}));
    assert!(stage.answer(id).is_none_or(|answer| answer.error.is_none()));
}

fn reset(stage: &mut Stage) {
    let request = ResetRequest {
        request_id: stage.harness.id(),
        scope: Scope::of_tool("stone_maker", "make_stone"),
        who: "ada".into(),
        why: "repaired".into(),
    };
    stage.blender_sends(ClientMessage::Reset(request));
}

#[test]
fn success_between_two_failures_keeps_the_breaker_closed() {
    let mut stage = Stage::allowed();
    for _ in 0..3 {
        let command = stage.start();
        stage.fail(&command, "no stone");
        let command = stage.start();
        stage.respond(&command, None);
    }
    stage.start();
}

#[test]
fn third_opening_is_known_bad_and_stays_after_a_permission() {
    let mut stage = Stage::allowed();
    for round in 0..3 {
        for _ in 0..2 {
            let id = stage.call(json!({}));
            if let Some(command) = stage.commands().pop() {
                stage.fail(&command, "no stone");
            } else {
                assert!(round > 0 && stage.answer(id).is_some());
            }
        }
        stage.allow(|_| {}).unwrap();
    }
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::KnownBad);
    reset(&mut stage);
    stage.start();
}

#[test]
fn unusable_answers_are_errors_that_count() {
    let mut stage = Stage::allowed();
    let results = [json!([1]), json!({"status": "fine"})];
    for result in results {
        let command = stage.start();
        let mut response = success(&command, None);
        response.result = result;
        stage.respond_with(response);
        assert_eq!(stage.refusal(command.request_id), Code::ResultUnusable);
        assert_eq!(stage.ended().last().unwrap().end.status, None);
    }
    let command = stage.start();
    let mut response = success(&command, None);
    response.command = "count_stones".into();
    stage.respond_with(response);
    assert_eq!(stage.refusal(command.request_id), Code::ResultUnusable);
}

#[test]
fn large_output_is_cut() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let mut response = success(&command, None);
    response.output = "ä".repeat(100_000);
    response.not_synced = vec!["x".repeat(100_000); 200];
    stage.respond_with(response);
    let answer = stage.answer(command.request_id).unwrap();
    assert!(answer.output.len() <= 64 << 10);
    let notes: usize = answer.not_synced.iter().map(String::len).sum();
    assert!(answer.not_synced.len() <= 100 && notes < 1 << 20);
}

#[test]
fn busy_editor_is_no_fault_of_the_tool() {
    let mut stage = Stage::allowed();
    for _ in 0..3 {
        let command = stage.start();
        let mut response = success(&command, None);
        response.result = json!({"status": "error", "message": "modal", "data": {}});
        response.code = Some(Code::EditorUnable);
        stage.respond_with(response);
        assert_eq!(stage.refusal(command.request_id), Code::EditorUnable);
    }
    stage.start();
}

#[test]
fn safe_mode_stops_calls() {
    let mut stage = Stage::allowed();
    for _ in 0..3 {
        stage.harness.crash();
    }
    stage.crash();
    let id = stage.call(json!({}));
    assert_eq!(stage.refusal(id), Code::SafeMode);
}

#[test]
fn cancel_ends_a_waiting_call_and_asks_the_editor_about_another() {
    let mut stage = Stage::allowed();
    let running = stage.start();
    let waiting = stage.call(json!({}));
    let agent = stage.agent.0;
    for request_id in [waiting, running.request_id] {
        stage.send(agent, ClientMessage::CommandCancel { request_id });
    }
    let answer = stage.answer(waiting).unwrap();
    assert_eq!(answer.result["error_code"], "CANCELLED");
    let asked = &stage.harness.wires[&Role::Blender].to_editor;
    let is_cancel = |it: &DaemonMessage| matches!(it, DaemonMessage::CommandCancel { .. });
    assert!(asked.iter().any(is_cancel));
    for _ in 0..2 {
        stage.fail(&running, "cancelled");
    }
    assert_eq!(stage.ended().len(), 2);
    assert!(
        stage.harness.engine.failures().is_quiet(),
        "a cancelled tool has not failed"
    );
}

#[test]
fn call_goes_on_when_the_agent_leaves() {
    let mut stage = Stage::allowed();
    let command = stage.start();
    let session = stage.agent.0;
    let reason = String::new();
    stage.send(session, ClientMessage::Goodbye { reason });
    stage.respond(&command, None);
    assert_eq!(stage.ended().len(), 1);
    assert!(stage.answer(command.request_id).is_none());
    stage.agent = Agent::connect(&mut stage.harness);
    let again = vibesync_protocol::AddonCommand {
        request_id: Some(command.request_id),
        ..stage.command(&json!({}))
    };
    stage.ask(again);
    assert!(stage.answer(command.request_id).is_some());
}
