//! Failures are counted, breakers open from fine to coarse, and a person resets them.

mod constraints;
mod crashes;
mod refusals;
mod safe_mode;
mod suppressed;

use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, Query, QueryResult, ResetRequest,
};
use vibesync_scene::{
    Change, InstanceId, Outcome, Path, Payload, Phase, Role, Scope, SessionId, Uuid, Verdict,
};
use vibesync_testkit::FakeEditor;

use crate::agent::{ACCEPTED, Agent, Answer, answer, refused};
use crate::harness::{Harness, PROJECT, moved, object, parented, renamed};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const BREAKER_OPEN: Answer = (AckStatus::Refused, Some(Code::BreakerOpen));

/// Returns two objects, known to both editors.
fn harness() -> Harness {
    let mut harness = Harness::connected();
    let both = vec![object(A, "A", None), object(B, "B", None)];
    harness.edit(Role::Blender, both);
    harness.settle();
    harness
}

/// Sends an agent's intent and returns the answer.
fn ask(agent: &Agent, harness: &mut Harness, base_seq: u64, changes: Vec<Change>) -> Answer {
    let id = agent.ask(harness, base_seq, changes);
    answer(harness, id).unwrap()
}

fn make_read_back_wrong(harness: &mut Harness, about: &[Uuid]) {
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about = about.iter().copied().collect();
}

/// Returns the name of an entity in Unity.
fn name_in_unity(harness: &Harness, uuid: Uuid) -> Option<&str> {
    let entity = harness.editor(Role::Unity).entities.get(&uuid)?;
    entity.components.name.as_deref()
}

/// Returns a state in which A's breaker is open: neither A's new name nor its rollback arrives in Unity.
fn with_open_breaker() -> Harness {
    let mut harness = harness();
    make_read_back_wrong(&mut harness, &[A]);
    harness.edit(Role::Blender, vec![renamed(A, "B")]);
    harness.settle();
    assert_eq!(harness.engine.status().breakers_open, 1);
    harness
}

fn record_count(harness: &Harness, phase: Phase) -> usize {
    let of = |record: &&vibesync_scene::RecordBody| record.phase == phase;
    harness.log.iter().filter(of).count()
}

/// Resets a breaker as a new client. Returns the sequence of the record, or the error.
fn reset(harness: &mut Harness, role: Role, scope: &str) -> Result<Option<u64>, Code> {
    let session = SessionId(harness.id());
    let mut editor = FakeEditor::new(role, InstanceId(harness.id()), PROJECT);
    editor.head_seq = harness.engine.head_seq();
    let hello = Box::new(editor.hello(String::new(), String::new()));
    harness.step(Input::Connected { session, hello });
    let request = ResetRequest {
        request_id: harness.id(),
        scope: scope.parse().unwrap(),
        who: "Ada".into(),
        why: "mended".into(),
    };
    harness.received.clear();
    let message = Box::new(ClientMessage::Reset(request));
    harness.step(Input::Message { session, message });
    let reason = String::new();
    harness.step(Input::Disconnected { session, reason });
    let mut heard = harness.received.drain(..);
    heard
        .find_map(|message| match message {
            DaemonMessage::Result {
                result: QueryResult::Reset { seq },
                ..
            } => Some(Ok(seq)),
            DaemonMessage::Error { error, .. } => Some(Err(error.code)),
            _ => None,
        })
        .unwrap()
}

#[test]
fn every_transaction_logs_its_policy_decision() {
    let mut harness = with_open_breaker();
    harness.edit(Role::Blender, vec![moved(B, 1.0)]);
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    let said = |record: &vibesync_scene::RecordBody| match &record.payload {
        Payload::Begin { decision, path, .. } => {
            let said = decision.as_ref().unwrap();
            Some((said.verdict, said.findings.len(), *path))
        }
        _ => None,
    };
    let said: Vec<_> = harness.log.iter().filter_map(said).collect();
    let (quiet, failing) = (said[said.len() - 2], said[said.len() - 1]);
    assert_eq!(quiet, (Verdict::Allow, 0, Path::Fast));
    assert_eq!(
        failing,
        (Verdict::Degrade, 1, Path::Slow),
        "what failed is done with care"
    );
}

#[test]
fn entity_is_suppressed_after_two_identical_failures() {
    let mut harness = with_open_breaker();
    let failures = record_count(&harness, Phase::Failure);
    assert_eq!(
        failures, 3,
        "one of the change, two identical of its rollback"
    );
    make_read_back_wrong(&mut harness, &[]);
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    let held = unity.editor.entities.get_mut(&A).unwrap();
    held.components.name = Some("held back".into());
    harness.edit(Role::Blender, vec![renamed(B, "still there")]);
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(name_in_unity(&harness, B), Some("still there"));
    assert_eq!(record_count(&harness, Phase::Failure), failures);
    assert_eq!(
        name_in_unity(&harness, A),
        Some("held back"),
        "A was not sent again, also not when the editor came back"
    );
    assert_eq!(harness.engine.status().breakers_open, 1);
    let unity = harness.engine.status().sessions;
    let withheld: usize = unity.iter().map(|session| session.withheld).sum();
    assert_eq!(withheld, 1);
}

#[test]
fn open_breaker_survives_a_restart() {
    let mut harness = with_open_breaker();
    make_read_back_wrong(&mut harness, &[]);
    harness.crash();
    harness.connect_all();
    assert_eq!(harness.engine.status().breakers_open, 1);
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(A, 1.0)]),
        BREAKER_OPEN
    );
}

#[test]
fn governance_query_lists_open_breakers_then_newest_failures() {
    let mut harness = with_open_breaker();
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    ask(&agent, &mut harness, head, vec![parented(B, Some(B))]);
    ask(&agent, &mut harness, head, vec![renamed(B, "")]);
    let request_id = harness.id();
    let message = Box::new(ClientMessage::Query {
        request_id,
        what: Query::Governance,
        after: None,
        limit: None,
    });
    let session = agent.0;
    harness.step(Input::Message { session, message });
    let Some(DaemonMessage::Result {
        result: QueryResult::Governance {
            failures, total, ..
        },
        ..
    }) = harness.received.last()
    else {
        panic!("no answer")
    };
    assert_eq!(failures.len() as u64, *total);
    assert_eq!(failures[0].scope, Scope::Entity(A));
    let seqs: Vec<u64> = failures[1..].iter().map(|it| it.state.seq).collect();
    assert!(seqs.is_sorted_by(|a, b| a >= b), "{seqs:?}");
    assert!(failures[0].state.seq < seqs[seqs.len() - 1]);
}

#[test]
fn open_breaker_blocks_automation_and_not_people() {
    let mut harness = with_open_breaker();
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    let begins = record_count(&harness, Phase::Begin);
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(A, 1.0)]),
        BREAKER_OPEN
    );
    assert_eq!(record_count(&harness, Phase::Begin), begins);
    assert_eq!(
        record_count(&harness, Phase::Consult),
        1,
        "and that is on record"
    );
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(B, 1.0)]),
        ACCEPTED
    );
    make_read_back_wrong(&mut harness, &[]);
    harness.edit(Role::Blender, vec![renamed(A, "mended")]);
    harness.settle();
    assert_eq!(
        name_in_unity(&harness, A),
        Some("mended"),
        "one more try, and it worked"
    );
    assert_eq!(harness.engine.status().breakers_open, 0);
    let head = harness.engine.head_seq();
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(A, 2.0)]),
        ACCEPTED
    );
    harness.settle();
    harness.assert_converged();
}

#[test]
fn breaker_becomes_permanent_until_a_reset() {
    let mut harness = with_open_breaker();
    // The second time, and the third.
    for (name, is_known_bad) in [("C", false), ("D", true)] {
        harness.edit(Role::Blender, vec![renamed(A, name)]);
        harness.settle();
        let failures = harness.engine.failures();
        let trouble = failures.get(&Scope::Entity(A)).unwrap();
        assert_eq!((trouble.open, trouble.permanent), (true, is_known_bad));
    }
    let bad = |harness: &Harness| harness.engine.status().breakers_open == 1;
    make_read_back_wrong(&mut harness, &[]);
    harness.edit(Role::Blender, vec![renamed(A, "mended")]);
    harness.settle();
    assert!(bad(&harness), "an edit is no reset anymore");
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    let asked = ask(&agent, &mut harness, head, vec![moved(A, 1.0)]);
    assert_eq!(asked, refused(Code::KnownBad));
    harness.edit(Role::Unity, vec![moved(A, 5.0)]);
    harness.deliver_all_to_daemon(Role::Unity);
    let behind = |message: &DaemonMessage| matches!(message, DaemonMessage::Ack { behind, .. } if behind.contains(&A));
    assert!(
        harness.wires[&Role::Unity].to_editor.iter().any(behind),
        "what is held back is still to come"
    );
    harness.settle();
    assert!(bad(&harness), "that it works elsewhere says nothing");
    let scope = format!("entity:{A}");
    assert_eq!(
        reset(&mut harness, Role::Agent, &scope),
        Err(Code::MessageUnknown),
        "automation does not forgive itself"
    );
    assert!(reset(&mut harness, Role::Cli, &scope).unwrap().is_some());
    let of_safe_mode =
        |message: &DaemonMessage| matches!(message, DaemonMessage::Governance { .. });
    let mut told = harness.wires.values().flat_map(|wire| &wire.to_editor);
    assert!(!told.any(of_safe_mode), "nothing was said of the safe mode");
    harness.settle();
    harness.assert_converged();
    assert_eq!(
        reset(&mut harness, Role::Cli, &scope),
        Ok(None),
        "nothing is left"
    );
    assert!(harness.log.iter().any(|record| record.uuids == [A]
        && matches!(
            &record.payload,
            Payload::Reset { who, why, by: Role::Cli, .. } if who == "Ada" && why == "mended"
        )));
}

#[test]
fn repeated_invalid_intents_of_automation_open_breakers() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let nonsense = |x: u128| vec![parented(A, Some(Uuid::from_u128(x))), parented(B, Some(A))];
    let head = harness.engine.head_seq();
    let cycle = vec![parented(A, Some(B)), parented(B, Some(A))];
    let cyclic = refused(Code::ParentCycle);
    assert_eq!(ask(&agent, &mut harness, head, cycle.clone()), cyclic);
    assert_eq!(ask(&agent, &mut harness, head, cycle.clone()), cyclic);
    let failures = harness.replay().failures;
    let open: Vec<&Scope> = failures
        .iter()
        .filter_map(|(scope, trouble)| trouble.open.then_some(scope))
        .collect();
    assert!(
        matches!(open[..], [Scope::Content(_)]),
        "the finest first: {open:?}"
    );
    for _ in 0..3 {
        ask(&agent, &mut harness, head, vec![parented(A, Some(A))]);
    }
    let parent = |harness: &Harness| {
        let failures = harness.replay().failures;
        failures
            .get(&Scope::Operation("parent"))
            .is_some_and(|trouble| trouble.open)
    };
    assert!(parent(&harness), "then the kind of change");
    assert_eq!(
        ask(&agent, &mut harness, head, nonsense(2)[1..].to_vec()),
        BREAKER_OPEN
    );
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(A, 3.0)]),
        ACCEPTED
    );
    harness.edit(Role::Blender, vec![parented(B, Some(A))]);
    harness.settle();
    harness.assert_converged();
    let allowed = harness
        .log
        .iter()
        .rev()
        .find_map(|record| match &record.payload {
            Payload::Begin { decision, .. } => decision.clone(),
            _ => None,
        });
    assert_eq!(
        allowed.unwrap().verdict,
        Verdict::Allow,
        "nor is it held against people"
    );
    assert!(
        parent(&harness),
        "a person may; that does not open it for automation"
    );
}

#[test]
fn success_of_automation_resets_the_failure_count() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    for x in 0..12 {
        let head = harness.engine.head_seq();
        ask(&agent, &mut harness, head, vec![parented(A, Some(A))]);
        let head = harness.engine.head_seq();
        let good = vec![parented(A, if x % 2 == 0 { Some(B) } else { None })];
        assert_eq!(ask(&agent, &mut harness, head, good).0, AckStatus::Accepted);
        harness.settle();
    }
}

#[test]
fn rate_limit_refuses_automation_and_not_people() {
    let mut options = crate::harness::options();
    options.rate.changes_per_s = 10;
    options.rate.burst = 20;
    let mut harness = Harness::with(options);
    harness.connect_all();
    harness.edit(
        Role::Blender,
        vec![object(A, "A", None), object(B, "B", None)],
    );
    harness.settle();
    let agent = Agent::connect(&mut harness);
    let mut refused_as = Vec::new();
    let before = harness.log.len();
    for x in 0..1_000 {
        let head = harness.engine.head_seq();
        let (status, code) = ask(
            &agent,
            &mut harness,
            head,
            vec![moved(A, f64::from(x) + 1.0)],
        );
        refused_as.extend(code);
        assert_eq!(status == AckStatus::Accepted, code.is_none());
    }
    assert_eq!(refused_as, vec![Code::RateLimited; refused_as.len()]);
    let accepted = 1_000 - refused_as.len();
    assert_eq!(accepted, 20, "what may be made at once");
    assert!(
        harness.log.len() - before < 6 * accepted,
        "a flood leaves no flood in the log"
    );
    harness.edit(Role::Blender, vec![renamed(B, "by hand")]);
    harness.settle();
    assert_eq!(name_in_unity(&harness, B), Some("by hand"));
    harness.assert_converged();
}

#[test]
fn failures_of_people_do_not_count_for_automation() {
    let failures = with_open_breaker().replay().failures;
    let scopes: Vec<&Scope> = failures.iter().map(|(scope, _)| scope).collect();
    assert_eq!(scopes, [&Scope::Entity(A)]);
}

#[test]
fn timeout_does_not_count_as_a_failure_of_the_entity() {
    let mut harness = harness();
    harness.edit(Role::Blender, vec![renamed(A, "late")]);
    harness.deliver_all_to_daemon(Role::Blender);
    for _ in 0..4 {
        harness.now += 30_000;
        harness.step(Input::Tick);
    }
    assert!(
        record_count(&harness, Phase::Rollback) > 0,
        "it was given up"
    );
    assert_eq!(record_count(&harness, Phase::Failure), 0);
}

#[test]
fn stale_intents_do_not_count_as_failures_of_automation() {
    let mut harness = harness();
    harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.settle();
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    for _ in 0..3 {
        let asked = ask(&agent, &mut harness, head, vec![moved(A, 1.0)]);
        assert_eq!(asked, refused(Code::Tombstoned));
    }
    assert_eq!(record_count(&harness, Phase::Failure), 0);
}
