//! The log decides: what failed is counted, stopped from fine to coarse, and tried again when a person says so.

mod crashes;
mod safe_mode;
mod withheld;

use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, Query, QueryResult, ResetRequest,
};
use vibesync_scene::{
    Change, InstanceId, Outcome, Path, Payload, Phase, Role, Scope, SessionId, Uuid, Verdict,
};
use vibesync_testkit::FakeEditor;

use crate::agent::{ACCEPTED, Agent, Answer, answer, refused};
use crate::world::{PROJECT, World, moved, object, parented, renamed};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const STOPPED: Answer = (AckStatus::Refused, Some(Code::BreakerOpen));

/// Two objects, known to both editors.
fn world() -> World {
    let mut world = World::connected();
    let both = vec![object(A, "A", None), object(B, "B", None)];
    world.edit(Role::Blender, both);
    world.settle();
    world
}

/// Asks for something and says how that was answered.
fn ask(agent: &Agent, world: &mut World, base_seq: u64, changes: Vec<Change>) -> Answer {
    let id = agent.ask(world, base_seq, changes);
    answer(world, id).unwrap()
}

fn lies(world: &mut World, about: &[Uuid]) {
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about = about.iter().copied().collect();
}

/// What Unity holds of an entity, by its name.
fn in_unity(world: &World, uuid: Uuid) -> Option<&str> {
    let entity = world.editor(Role::Unity).entities.get(&uuid)?;
    entity.components.name.as_deref()
}

/// Unity fails with A for good: what A is renamed to does not arrive, and then what it was does not either.
fn stopped() -> World {
    let mut world = world();
    lies(&mut world, &[A]);
    world.edit(Role::Blender, vec![renamed(A, "B")]);
    world.settle();
    assert_eq!(world.engine.status().breakers_open, 1);
    world
}

fn records(world: &World, phase: Phase) -> usize {
    let of = |record: &&vibesync_scene::RecordBody| record.phase == phase;
    world.log.iter().filter(of).count()
}

/// A person at the command line resets something: the sequence of the record, or the error.
fn reset(world: &mut World, role: Role, scope: &str) -> Result<Option<u64>, Code> {
    let session = SessionId(world.id());
    let mut editor = FakeEditor::new(role, InstanceId(world.id()), PROJECT);
    editor.head_seq = world.engine.head_seq();
    let hello = Box::new(editor.hello(String::new(), String::new()));
    world.step(Input::Connected { session, hello });
    let request = ResetRequest {
        request_id: world.id(),
        scope: scope.parse().unwrap(),
        who: "Ada".into(),
        why: "mended".into(),
    };
    world.heard.clear();
    let message = Box::new(ClientMessage::Reset(request));
    world.step(Input::Message { session, message });
    let reason = String::new();
    world.step(Input::Disconnected { session, reason });
    let mut heard = world.heard.drain(..);
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
fn every_mutation_says_what_the_log_said_before_it() {
    let mut world = stopped();
    world.edit(Role::Blender, vec![moved(B, 1.0)]);
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears_all(Role::Blender);
    let said = |record: &vibesync_scene::RecordBody| match &record.payload {
        Payload::Begin { decision, path, .. } => {
            let said = decision.as_ref().unwrap();
            Some((said.verdict, said.findings.len(), *path))
        }
        _ => None,
    };
    let said: Vec<_> = world.log.iter().filter_map(said).collect();
    let (quiet, failing) = (said[said.len() - 2], said[said.len() - 1]);
    assert_eq!(quiet, (Verdict::Allow, 0, Path::Fast));
    assert_eq!(
        failing,
        (Verdict::Degrade, 1, Path::Slow),
        "what failed is done with care"
    );
}

#[test]
fn the_same_failure_twice_is_not_tried_again_and_nothing_else_suffers() {
    let mut world = stopped();
    let failures = records(&world, Phase::Failure);
    assert!(failures >= 2);
    lies(&mut world, &[]);
    world.edit(Role::Blender, vec![renamed(B, "still there")]);
    world.disconnect(Role::Unity);
    world.connect(Role::Unity);
    world.settle();
    assert_eq!(in_unity(&world, B), Some("still there"));
    assert_eq!(
        records(&world, Phase::Failure),
        failures,
        "A was not sent again, also not when the editor came back"
    );
    assert_eq!(world.engine.status().breakers_open, 1);
    let unity = world.engine.status().sessions;
    let withheld: usize = unity.iter().map(|session| session.withheld).sum();
    assert_eq!(withheld, 1);
}

#[test]
fn a_breaker_outlasts_the_daemon() {
    let mut world = stopped();
    lies(&mut world, &[]);
    world.crash();
    world.connect_all();
    assert_eq!(world.engine.status().breakers_open, 1);
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    assert_eq!(ask(&agent, &mut world, head, vec![moved(A, 1.0)]), STOPPED);
}

#[test]
fn who_asks_what_failed_hears_first_of_what_is_stopped_and_then_of_what_is_new() {
    let mut world = stopped();
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    ask(&agent, &mut world, head, vec![parented(B, Some(B))]);
    ask(&agent, &mut world, head, vec![renamed(B, "")]);
    let request_id = world.id();
    let message = Box::new(ClientMessage::Query {
        request_id,
        what: Query::Governance,
        after: None,
        limit: None,
    });
    let session = agent.0;
    world.step(Input::Message { session, message });
    let Some(DaemonMessage::Result {
        result: QueryResult::Governance {
            failures, total, ..
        },
        ..
    }) = world.heard.last()
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
fn automation_is_stopped_where_a_person_is_not() {
    let mut world = stopped();
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    let begins = records(&world, Phase::Begin);
    assert_eq!(ask(&agent, &mut world, head, vec![moved(A, 1.0)]), STOPPED);
    assert_eq!(records(&world, Phase::Begin), begins);
    assert_eq!(records(&world, Phase::Consult), 1, "and that is on record");
    assert_eq!(ask(&agent, &mut world, head, vec![moved(B, 1.0)]), ACCEPTED);
    lies(&mut world, &[]);
    world.edit(Role::Blender, vec![renamed(A, "mended")]);
    world.settle();
    assert_eq!(
        in_unity(&world, A),
        Some("mended"),
        "one more try, and it worked"
    );
    assert_eq!(world.engine.status().breakers_open, 0);
    let head = world.engine.head_seq();
    assert_eq!(ask(&agent, &mut world, head, vec![moved(A, 2.0)]), ACCEPTED);
    world.settle();
    world.assert_converged();
}

#[test]
fn what_fails_after_each_edit_is_known_to_be_bad_until_a_reset() {
    let mut world = stopped();
    // The second time, and the third.
    for (name, is_known_bad) in [("C", false), ("D", true)] {
        world.edit(Role::Blender, vec![renamed(A, name)]);
        world.settle();
        let failures = world.engine.failures();
        let trouble = failures.get(&Scope::Entity(A)).unwrap();
        assert_eq!((trouble.open, trouble.permanent), (true, is_known_bad));
    }
    let bad = |world: &World| world.engine.status().breakers_open == 1;
    lies(&mut world, &[]);
    world.edit(Role::Blender, vec![renamed(A, "mended")]);
    world.settle();
    assert!(bad(&world), "an edit is no reset anymore");
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    let asked = ask(&agent, &mut world, head, vec![moved(A, 1.0)]);
    assert_eq!(asked, refused(Code::KnownBad));
    world.edit(Role::Unity, vec![moved(A, 5.0)]);
    world.daemon_hears_all(Role::Unity);
    let behind = |message: &DaemonMessage| matches!(message, DaemonMessage::Ack { behind, .. } if behind.contains(&A));
    assert!(
        world.wires[&Role::Unity].to_editor.iter().any(behind),
        "what is held back is still to come"
    );
    world.settle();
    assert!(bad(&world), "that it works elsewhere says nothing");
    let scope = format!("entity:{A}");
    assert_eq!(
        reset(&mut world, Role::Agent, &scope),
        Err(Code::MessageUnknown),
        "automation does not forgive itself"
    );
    assert!(reset(&mut world, Role::Cli, &scope).unwrap().is_some());
    let of_safe_mode =
        |message: &DaemonMessage| matches!(message, DaemonMessage::Governance { .. });
    let mut told = world.wires.values().flat_map(|wire| &wire.to_editor);
    assert!(!told.any(of_safe_mode), "nothing was said of the safe mode");
    world.settle();
    world.assert_converged();
    assert_eq!(
        reset(&mut world, Role::Cli, &scope),
        Ok(None),
        "nothing is left"
    );
    assert!(world.log.iter().any(|record| record.uuids == [A]
        && matches!(
            &record.payload,
            Payload::Reset { who, why, by: Role::Cli, .. } if who == "Ada" && why == "mended"
        )));
}

#[test]
fn automation_that_asks_for_the_same_nonsense_twice_is_stopped_before_it_does_more() {
    let mut world = world();
    let agent = Agent::connect(&mut world);
    let nonsense = |x: u128| vec![parented(A, Some(Uuid::from_u128(x))), parented(B, Some(A))];
    let head = world.engine.head_seq();
    let cycle = vec![parented(A, Some(B)), parented(B, Some(A))];
    let cyclic = refused(Code::ParentCycle);
    assert_eq!(ask(&agent, &mut world, head, cycle.clone()), cyclic);
    assert_eq!(ask(&agent, &mut world, head, cycle.clone()), cyclic);
    let failures = world.replay().failures;
    let open: Vec<&Scope> = failures
        .iter()
        .filter_map(|(scope, trouble)| trouble.open.then_some(scope))
        .collect();
    assert!(
        matches!(open[..], [Scope::Content(_)]),
        "the finest first: {open:?}"
    );
    for _ in 0..3 {
        ask(&agent, &mut world, head, vec![parented(A, Some(A))]);
    }
    let parent = |world: &World| {
        let failures = world.replay().failures;
        failures
            .get(&Scope::Operation("parent"))
            .is_some_and(|trouble| trouble.open)
    };
    assert!(parent(&world), "then the kind of change");
    assert_eq!(
        ask(&agent, &mut world, head, nonsense(2)[1..].to_vec()),
        STOPPED
    );
    assert_eq!(ask(&agent, &mut world, head, vec![moved(A, 3.0)]), ACCEPTED);
    world.edit(Role::Blender, vec![parented(B, Some(A))]);
    world.settle();
    world.assert_converged();
    let allowed = world
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
        parent(&world),
        "a person may; that does not open it for automation"
    );
}

#[test]
fn what_automation_does_well_begins_the_count_anew() {
    let mut world = world();
    let agent = Agent::connect(&mut world);
    for x in 0..12 {
        let head = world.engine.head_seq();
        ask(&agent, &mut world, head, vec![parented(A, Some(A))]);
        let head = world.engine.head_seq();
        let good = vec![parented(A, if x % 2 == 0 { Some(B) } else { None })];
        assert_eq!(ask(&agent, &mut world, head, good).0, AckStatus::Accepted);
        world.settle();
    }
}

#[test]
fn automation_that_runs_wild_is_told_when_to_come_again_and_people_are_not_slowed() {
    let mut options = crate::world::options();
    options.rate.changes_per_s = 10;
    options.rate.burst = 20;
    let mut world = World::with(options);
    world.connect_all();
    world.edit(
        Role::Blender,
        vec![object(A, "A", None), object(B, "B", None)],
    );
    world.settle();
    let agent = Agent::connect(&mut world);
    let mut refused_as = Vec::new();
    let before = world.log.len();
    for x in 0..1_000 {
        let head = world.engine.head_seq();
        let (status, code) = ask(&agent, &mut world, head, vec![moved(A, f64::from(x) + 1.0)]);
        refused_as.extend(code);
        assert_eq!(status == AckStatus::Accepted, code.is_none());
    }
    assert_eq!(refused_as, vec![Code::TooFast; refused_as.len()]);
    let accepted = 1_000 - refused_as.len();
    assert_eq!(accepted, 20, "what may be made at once");
    assert!(
        world.log.len() - before < 6 * accepted,
        "a flood leaves no flood in the log"
    );
    world.edit(Role::Blender, vec![renamed(B, "by hand")]);
    world.settle();
    assert_eq!(in_unity(&world, B), Some("by hand"));
    world.assert_converged();
}

#[test]
fn what_people_fail_with_is_not_held_against_automation() {
    let failures = stopped().replay().failures;
    let scopes: Vec<&Scope> = failures.iter().map(|(scope, _)| scope).collect();
    assert_eq!(scopes, [&Scope::Entity(A)]);
}

#[test]
fn an_editor_that_does_not_answer_says_nothing_of_what_it_was_sent() {
    let mut world = world();
    world.edit(Role::Blender, vec![renamed(A, "late")]);
    world.daemon_hears_all(Role::Blender);
    for _ in 0..4 {
        world.now += 30_000;
        world.step(Input::Tick);
    }
    assert!(records(&world, Phase::Rollback) > 0, "it was given up");
    assert_eq!(records(&world, Phase::Failure), 0);
}

#[test]
fn to_come_too_late_is_no_failure_of_automation() {
    let mut world = world();
    world.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    world.settle();
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    for _ in 0..3 {
        let asked = ask(&agent, &mut world, head, vec![moved(A, 1.0)]);
        assert_eq!(asked, refused(Code::Tombstoned));
    }
    assert_eq!(records(&world, Phase::Failure), 0);
}
