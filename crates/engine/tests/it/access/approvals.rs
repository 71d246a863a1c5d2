//! Questions to people, and their answers.

use vibesync_protocol::{Intent, RestoreRequest, SCHEMA_VERSION};
use vibesync_scene::Change;

use super::*;

/// Connects Unity anew, as an editor that shows what agents ask for.
fn editor_that_asks(harness: &mut Harness) {
    harness.disconnect(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.features = vec![feature::AGENTS.to_owned()];
    harness.connect(Role::Unity);
    harness.settle();
}

fn asked(harness: &Harness) -> &[OpenApproval] {
    &harness.wires[&Role::Unity].editor.asked
}

#[test]
fn refusal_of_a_person_ends_the_intent() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    decide(&mut harness, false, Remember::Project);
    assert_eq!(
        last_answer(&harness, operation),
        Some(refused(Code::PersonRefused))
    );
    assert!(!exists(&harness, B));
    assert_eq!(decisions(&harness), [ApprovalDecision::Refused]);
    let next = create(&mut harness, &agent, C);
    assert_eq!(answer(&harness, next), Some(WAITING), "a no gives nothing");
}

#[test]
fn question_that_nobody_answers_expires() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    let id = open(&mut harness)[0].approval_id;
    assert_eq!(
        harness.engine.next_deadline(),
        Some(harness.now + TEN_MINUTES)
    );
    harness.now += TEN_MINUTES - 1;
    harness.step(Input::Tick);
    assert_eq!(last_answer(&harness, operation), Some(WAITING));
    harness.now += 1;
    harness.step(Input::Tick);
    assert_eq!(
        last_answer(&harness, operation),
        Some(refused(Code::ApprovalAwaited))
    );
    assert_eq!(decisions(&harness), [ApprovalDecision::Expired]);
    let session = person(&mut harness, Role::Cli);
    let late = decide_as(&mut harness, session, id, true, Remember::Once);
    assert_eq!(late, Ok(None), "it is too late");
    assert!(!exists(&harness, B));
}

#[test]
fn waiting_intent_is_bound_to_its_content() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let operation = agent.ask(&mut harness, head, vec![moved(A, 1.0)]);
    agent.ask_again(
        &mut harness,
        operation,
        head,
        vec![Change::Delete { uuid: A }],
    );
    assert_eq!(
        last_answer(&harness, operation),
        Some(refused(Code::OperationReused))
    );
    agent.ask_again(&mut harness, operation, head, vec![moved(A, 1.0)]);
    assert_eq!(
        last_answer(&harness, operation),
        Some(WAITING),
        "the same again"
    );
    assert_eq!(open(&mut harness).len(), 1, "and no second question");
    decide(&mut harness, true, Remember::Once);
    assert_eq!(last_answer(&harness, operation), Some(ACCEPTED));
    agent.ask_again(
        &mut harness,
        operation,
        head,
        vec![Change::Delete { uuid: A }],
    );
    assert_eq!(
        last_answer(&harness, operation),
        Some(refused(Code::OperationReused))
    );
    harness.settle();
    assert!(exists(&harness, A));
}

#[test]
fn allowed_intent_is_decided_against_the_present_scene() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let operation = agent.ask(&mut harness, head, vec![moved(A, 1.0)]);
    harness.edit(Role::Blender, vec![moved(A, 2.0)]);
    harness.settle();
    decide(&mut harness, true, Remember::Once);
    assert_eq!(last_answer(&harness, operation), Some(refused(Code::Stale)));
}

#[test]
fn restart_forgets_the_question_and_the_agent_asks_again() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let operation = agent.ask(&mut harness, head, vec![object(B, "made", None)]);
    harness.crash();
    harness.connect_all();
    assert_eq!(open(&mut harness), []);
    let agent = connect(&mut harness);
    agent.ask_again(&mut harness, operation, head, vec![object(B, "made", None)]);
    decide(&mut harness, true, Remember::Once);
    assert_eq!(last_answer(&harness, operation), Some(ACCEPTED));
}

#[test]
fn question_ends_with_the_last_connection_that_asked() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let operation = agent.ask(&mut harness, head, vec![object(B, "made", None)]);
    let other = connect(&mut harness);
    other.ask_again(&mut harness, operation, head, vec![object(B, "made", None)]);
    for (session, left) in [(agent.0, 1), (other.0, 0)] {
        let reason = String::new();
        harness.step(Input::Disconnected { session, reason });
        assert_eq!(open(&mut harness).len(), left);
    }
}

#[test]
fn deletion_of_what_others_made_needs_consent() {
    let mut harness = working();
    let agent = connect(&mut harness);
    create(&mut harness, &agent, B);
    harness.settle();
    let head = harness.engine.head_seq();
    let own = agent.ask(&mut harness, head, vec![Change::Delete { uuid: B }]);
    assert_eq!(answer(&harness, own), Some(ACCEPTED), "its own");
    harness.settle();
    let head = harness.engine.head_seq();
    let others = agent.ask(&mut harness, head, vec![Change::Delete { uuid: A }]);
    assert_eq!(answer(&harness, others), Some(WAITING));
    let question = &open(&mut harness)[0];
    assert_eq!(question.kind.to_string(), "delete");
    assert_eq!(question.details, ["Delete \"A\""]);
    assert!(exists(&harness, A));
    decide(&mut harness, true, Remember::Once);
    assert_eq!(last_answer(&harness, others), Some(ACCEPTED));
}

#[test]
fn creator_is_known_after_a_restart_and_another_agent_is_not_it() {
    let mut harness = working();
    let agent = connect(&mut harness);
    create(&mut harness, &agent, B);
    harness.settle();
    harness.crash();
    harness.connect_all();
    let other = Agent::connect_as(&mut harness, Some("other"));
    let head = harness.engine.head_seq();
    let foreign = other.ask(&mut harness, head, vec![Change::Delete { uuid: B }]);
    assert_eq!(answer(&harness, foreign), Some(WAITING));
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let own = agent.ask(&mut harness, head, vec![Change::Delete { uuid: B }]);
    assert_eq!(answer(&harness, own), Some(ACCEPTED));
}

#[test]
fn large_change_needs_consent() {
    let mut harness = harness(AgentOptions {
        mode: AgentMode::Work,
        many: 2,
        ..AgentOptions::default()
    });
    let agent = connect(&mut harness);
    let made = |numbers: std::ops::Range<u128>| {
        let uuids = numbers.map(Uuid::from_u128);
        uuids
            .map(|uuid| object(uuid, "made", None))
            .collect::<Vec<_>>()
    };
    let head = harness.engine.head_seq();
    let few = agent.ask(&mut harness, head, made(10..12));
    assert_eq!(answer(&harness, few), Some(ACCEPTED));
    harness.settle();
    let head = harness.engine.head_seq();
    let many = agent.ask(&mut harness, head, made(20..23));
    assert_eq!(answer(&harness, many), Some(WAITING));
    assert_eq!(open(&mut harness)[0].kind.to_string(), "many");
    decide(&mut harness, true, Remember::Session);
    assert_eq!(last_answer(&harness, many), Some(ACCEPTED));
    harness.settle();
    let head = harness.engine.head_seq();
    let more = agent.ask(&mut harness, head, made(30..33));
    assert_eq!(answer(&harness, more), Some(ACCEPTED));
}

#[test]
fn question_names_all_that_needs_consent() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let operation = agent.ask(&mut harness, head, vec![Change::Delete { uuid: A }]);
    let question = &open(&mut harness)[0];
    assert_eq!(question.kind.to_string(), "work");
    assert_eq!(
        question.details,
        [
            "Delete \"A\"",
            "Also: claude wants to delete what it did not make"
        ]
    );
    decide(&mut harness, true, Remember::Session);
    assert_eq!(
        last_answer(&harness, operation),
        Some(ACCEPTED),
        "exactly this"
    );
    harness.edit(Role::Blender, vec![object(C, "C", None)]);
    harness.settle();
    let head = harness.engine.head_seq();
    let next = agent.ask(&mut harness, head, vec![Change::Delete { uuid: C }]);
    assert_eq!(answer(&harness, next), Some(WAITING), "work is not delete");
}

#[test]
fn restore_by_an_agent_needs_consent() {
    let mut harness = working();
    let agent = connect(&mut harness);
    harness.edit(Role::Blender, vec![object(B, "B", None)]);
    harness.settle();
    // The commit is the empty scene.
    let request = |harness: &mut Harness, dry_run| RestoreRequest {
        request_id: harness.id(),
        commit: "c0ffee".into(),
        uuids: Vec::new(),
        dry_run,
        label: "back".into(),
    };
    let dry = request(&mut harness, true);
    let planned = say(&mut harness, agent.0, ClientMessage::Restore(dry));
    assert!(matches!(
        planned,
        Ok(QueryResult::Restore { deleted: 2, .. })
    ));
    assert_eq!(open(&mut harness), []);
    let wanted = request(&mut harness, false);
    let operation = OperationId(wanted.request_id);
    say(
        &mut harness,
        agent.0,
        ClientMessage::Restore(wanted.clone()),
    )
    .unwrap();
    assert_eq!(last_answer(&harness, operation), Some(WAITING));
    harness.step(Input::Message {
        session: agent.0,
        message: Box::new(ClientMessage::Restore(wanted)),
    });
    let questions = open(&mut harness);
    assert_eq!(questions.len(), 1, "asked again, it is the same question");
    assert_eq!(questions[0].kind.to_string(), "restore");
    assert!(exists(&harness, A) && exists(&harness, B));
    decide(&mut harness, true, Remember::Once);
    assert_eq!(last_answer(&harness, operation), Some(ACCEPTED));
    assert!(!exists(&harness, A) && !exists(&harness, B));
}

#[test]
fn command_line_allows_nothing_while_an_editor_can_ask() {
    let mut harness = asking();
    editor_that_asks(&mut harness);
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    let id = open(&mut harness)[0].approval_id;
    let cli = person(&mut harness, Role::Cli);
    let allowed = decide_as(&mut harness, cli, id, true, Remember::Once);
    assert_eq!(allowed, Err(Code::MessageUnknown));
    for mode in [AgentMode::Work, AgentMode::Ask] {
        let loosened = set_as(&mut harness, cli, claude(), mode);
        assert_eq!(loosened, Err(Code::MessageUnknown));
    }
    assert_eq!(last_answer(&harness, operation), Some(WAITING));
    let refusal = decide_as(&mut harness, cli, id, false, Remember::Once);
    assert!(
        refusal.unwrap().is_some(),
        "to forbid is possible everywhere"
    );
    assert!(set_as(&mut harness, cli, claude(), AgentMode::Read).is_ok());
    harness.disconnect(Role::Unity);
    assert!(set_as(&mut harness, cli, claude(), AgentMode::Work).is_ok());
}

#[test]
fn setting_lets_the_command_line_allow_everything() {
    let mut harness = harness(AgentOptions {
        approve_in: ApproveIn::Anywhere,
        ..AgentOptions::default()
    });
    editor_that_asks(&mut harness);
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    decide(&mut harness, true, Remember::Once);
    assert_eq!(last_answer(&harness, operation), Some(ACCEPTED));
}

#[test]
fn editors_are_told_what_agents_ask_for() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    create(&mut harness, &agent, B);
    editor_that_asks(&mut harness);
    assert_eq!(asked(&harness).len(), 1, "at once after the welcome");
    create(&mut harness, &agent, C);
    harness.settle();
    assert_eq!(asked(&harness).len(), 2);
    assert!(
        harness.wires[&Role::Blender].editor.asked.is_empty(),
        "it did not accept it"
    );
    let id = asked(&harness)[0].approval_id;
    let session = harness.wires[&Role::Unity].session.unwrap();
    let request = DecideRequest {
        request_id: harness.id(),
        approval_id: id,
        allow: true,
        remember: Remember::Once,
        who: "Ada".into(),
    };
    let message = Box::new(ClientMessage::Decide(request));
    harness.step(Input::Message { session, message });
    harness.settle();
    assert_eq!(asked(&harness).len(), 1);
    let session = agent.0;
    let reason = String::new();
    harness.step(Input::Disconnected { session, reason });
    harness.settle();
    assert!(asked(&harness).is_empty());
}

#[test]
fn number_of_questions_is_limited() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    for number in 0..32 {
        let operation = create(&mut harness, &agent, Uuid::from_u128(100 + number));
        assert_eq!(answer(&harness, operation), Some(WAITING));
    }
    let late = create(&mut harness, &agent, B);
    assert_eq!(answer(&harness, late), Some(refused(Code::BudgetUsedUp)));
    assert_eq!(open(&mut harness).len(), 32);
}

#[test]
fn what_would_be_refused_is_not_asked() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    harness.edit(Role::Blender, vec![moved(A, 2.0)]);
    harness.settle();
    let stale = agent.ask(&mut harness, 1, vec![moved(A, 1.0)]);
    assert_eq!(answer(&harness, stale), Some(refused(Code::Stale)));
    let head = harness.engine.head_seq();
    let unchanged = agent.ask(&mut harness, head, vec![moved(A, 2.0)]);
    assert_eq!(
        answer(&harness, unchanged),
        Some((AckStatus::Unchanged, None))
    );
    let other_schema = Intent {
        operation_id: OperationId(harness.id()),
        project_id: PROJECT,
        schema_version: SCHEMA_VERSION + 1,
        base_seq: head,
        label: String::new(),
        request_id: None,
        dry_run: false,
        changes: vec![moved(A, 3.0)],
    };
    let message = Box::new(ClientMessage::Intent(other_schema));
    let session = agent.0;
    harness.step(Input::Message { session, message });
    assert_eq!(open(&mut harness), []);
}

#[test]
fn operation_that_waits_for_a_person_is_of_one_agent() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let operation = agent.ask(&mut harness, head, vec![object(B, "made", None)]);
    let other = Agent::connect_as(&mut harness, Some("other"));
    other.ask_again(&mut harness, operation, head, vec![object(B, "made", None)]);
    let reused = Some(refused(Code::OperationReused));
    assert_eq!(last_answer(&harness, operation), reused);
    assert_eq!(open(&mut harness).len(), 1, "only the first is asked about");
    decide(&mut harness, true, Remember::Once);
    assert_eq!(last_answer(&harness, operation), Some(ACCEPTED));
}
