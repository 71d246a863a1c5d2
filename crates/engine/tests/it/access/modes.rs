//! Modes: ask, read, work, off.

use super::*;

#[test]
fn new_agent_reads_and_its_first_change_waits_for_a_person() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    assert_eq!(answer(&harness, operation), Some(WAITING));
    harness.settle();
    assert!(!exists(&harness, B));
    let [question] = open(&mut harness).try_into().unwrap();
    assert_eq!(
        question.sentence,
        "claude wants to change this scene: Agent"
    );
    assert_eq!(question.details, ["Create \"made\""]);
    decide(&mut harness, true, Remember::Project);
    assert_eq!(last_answer(&harness, operation), Some(ACCEPTED));
    assert!(exists(&harness, B));
    harness.settle();
    let next = create(&mut harness, &agent, C);
    assert_eq!(answer(&harness, next), Some(ACCEPTED), "it works now");
    harness.crash();
    harness.connect_all();
    let agent = connect(&mut harness);
    let after = create(&mut harness, &agent, Uuid::from_u128(4));
    assert_eq!(
        answer(&harness, after),
        Some(ACCEPTED),
        "also after a restart"
    );
}

#[test]
fn consent_counts_as_long_as_the_person_says() {
    for (remember, next, after_restart) in [
        (Remember::Once, WAITING, WAITING),
        (Remember::Session, ACCEPTED, WAITING),
        (Remember::Project, ACCEPTED, ACCEPTED),
    ] {
        let mut harness = asking();
        let agent = connect(&mut harness);
        create(&mut harness, &agent, B);
        decide(&mut harness, true, remember);
        harness.settle();
        let operation = create(&mut harness, &agent, C);
        assert_eq!(answer(&harness, operation), Some(next), "{remember:?}");
        harness.crash();
        harness.connect_all();
        let agent = connect(&mut harness);
        let operation = create(&mut harness, &agent, Uuid::from_u128(4));
        assert_eq!(
            answer(&harness, operation),
            Some(after_restart),
            "{remember:?}"
        );
    }
}

#[test]
fn agent_that_may_read_cannot_change() {
    let mut harness = working();
    let agent = connect(&mut harness);
    set(&mut harness, AgentMode::Read);
    let operation = create(&mut harness, &agent, B);
    assert_eq!(
        answer(&harness, operation),
        Some(refused(Code::ScopeNotGranted))
    );
    harness.crash();
    harness.connect_all();
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    assert_eq!(
        answer(&harness, operation),
        Some(refused(Code::ScopeNotGranted)),
        "the decision is in the log"
    );
    let other = Agent::connect_as(&mut harness, Some("other"));
    let operation = create(&mut harness, &other, B);
    assert_eq!(
        answer(&harness, operation),
        Some(ACCEPTED),
        "one agent alone"
    );
}

#[test]
fn agent_that_is_turned_off_is_disconnected_and_stays_out() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    create(&mut harness, &agent, B);
    set(&mut harness, AgentMode::Off);
    assert_eq!(harness.closed.pop(), Some((agent.0, Code::ScopeNotGranted)));
    assert_eq!(open(&mut harness), [], "its questions end");
    let again = connect(&mut harness);
    assert_eq!(harness.closed.pop(), Some((again.0, Code::ScopeNotGranted)));
    let operation = create(&mut harness, &again, B);
    assert_eq!(answer(&harness, operation), None);
    harness.crash();
    let again = connect(&mut harness);
    assert_eq!(harness.closed.pop(), Some((again.0, Code::ScopeNotGranted)));
    set(&mut harness, AgentMode::Ask);
    connect(&mut harness);
    assert_eq!(harness.closed, [], "forgotten");
}

#[test]
fn settings_turn_all_agents_off() {
    let mut harness = harness(AgentOptions {
        enabled: false,
        mode: AgentMode::Work,
        ..AgentOptions::default()
    });
    set(&mut harness, AgentMode::Work);
    let agent = connect(&mut harness);
    assert_eq!(harness.closed, [(agent.0, Code::ScopeNotGranted)]);
}

#[test]
fn decision_about_an_agent_answers_what_it_waits_for() {
    for (mode, expected) in [
        (AgentMode::Work, ACCEPTED),
        (AgentMode::Read, refused(Code::ScopeNotGranted)),
        (AgentMode::Ask, WAITING),
    ] {
        let mut harness = asking();
        let agent = connect(&mut harness);
        let operation = create(&mut harness, &agent, B);
        set(&mut harness, mode);
        assert_eq!(last_answer(&harness, operation), Some(expected), "{mode:?}");
    }
}

#[test]
fn agent_decides_about_no_agent() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    let [question] = open(&mut harness).try_into().unwrap();
    let id = question.approval_id;
    let own = decide_as(&mut harness, agent.0, id, true, Remember::Project);
    assert_eq!(own, Err(Code::MessageUnknown));
    let other = Agent::connect_as(&mut harness, Some("other"));
    let others = decide_as(&mut harness, other.0, id, true, Remember::Once);
    assert_eq!(others, Err(Code::MessageUnknown));
    let mode = set_as(&mut harness, agent.0, claude(), AgentMode::Work);
    assert_eq!(mode, Err(Code::MessageUnknown));
    assert_eq!(last_answer(&harness, operation), Some(WAITING));
    assert_eq!(decisions(&harness), []);
    assert_eq!(open(&mut harness).len(), 1);
}

#[test]
fn only_an_agent_has_the_name_of_one() {
    let mut harness = asking();
    let session = SessionId(harness.id());
    let mut editor = FakeEditor::new(Role::Cli, InstanceId(harness.id()), PROJECT);
    editor.agent = Some(Default::default());
    let hello = Box::new(editor.hello(String::new(), String::new()));
    harness.step(Input::Connected { session, hello });
    assert_eq!(harness.closed, [(session, Code::MessageMalformed)]);
}

#[test]
fn agent_sees_itself_alone() {
    let mut harness = asking();
    let agent = connect(&mut harness);
    create(&mut harness, &agent, B);
    let other = Agent::connect_as(&mut harness, Some("other"));
    let query = |id| ClientMessage::Query {
        request_id: id,
        what: Query::Agents,
        after: None,
        limit: None,
    };
    let id = harness.id();
    let Ok(QueryResult::Agents { agents, approvals }) = say(&mut harness, other.0, query(id))
    else {
        panic!("no agents");
    };
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0].name.as_str(), "other");
    assert_eq!(approvals, []);
    let Ok(QueryResult::Agents { agents, approvals }) = say(&mut harness, agent.0, query(id))
    else {
        panic!("no agents");
    };
    assert_eq!(agents[0].client.as_deref(), Some("test"));
    assert_eq!(agents[0].last_words.as_deref(), Some("Agent"));
    assert!(agents[0].connected && !agents[0].decided);
    assert_eq!(approvals.len(), 1);
    let status = harness.engine.status();
    let names: Vec<&str> = status.agents.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["claude", "other"]);
    assert_eq!(status.approvals.len(), 1);
}

#[test]
fn number_of_agents_is_limited() {
    let mut harness = working();
    let names: Vec<String> = (0..64).map(|number| format!("agent-{number}")).collect();
    let agents: Vec<Agent> = names
        .iter()
        .map(|name| Agent::connect_as(&mut harness, Some(name)))
        .collect();
    let late = connect(&mut harness);
    assert_eq!(harness.closed.pop(), Some((late.0, Code::BudgetUsedUp)));
    let reason = String::new();
    let session = agents[0].0;
    harness.step(Input::Disconnected { session, reason });
    connect(&mut harness);
    assert_eq!(harness.closed, []);
}
