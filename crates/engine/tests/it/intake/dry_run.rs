//! Dry runs of intents, and the state of operations.

use uuid::Uuid;
use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, EditorState, Intent, OperationStage, Query,
    QueryResult, SCHEMA_VERSION, WaitsFor,
};
use vibesync_scene::{Change, OperationId, Phase, Role, SessionId};

use crate::agent::{Agent, answer, refused};
use crate::harness::{Harness, PROJECT, moved, object, parented};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const NEW: Uuid = Uuid::from_u128(20);

fn harness() -> (Harness, Agent) {
    let mut harness = Harness::connected();
    let objects = vec![object(A, "A", None), object(B, "B", Some(A))];
    harness.edit(Role::Blender, objects);
    harness.settle();
    harness.now += 60_000;
    let agent = Agent::connect(&mut harness);
    harness.received.clear();
    (harness, agent)
}

/// Sends a dry run. Returns its operation.
fn dry_run(harness: &mut Harness, session: SessionId, changes: Vec<Change>) -> OperationId {
    let operation_id = OperationId(harness.id());
    let message = Box::new(ClientMessage::Intent(Intent {
        operation_id,
        project_id: PROJECT,
        schema_version: SCHEMA_VERSION,
        base_seq: harness.engine.head_seq(),
        label: "Plan".into(),
        dry_run: true,
        request_id: None,
        changes,
    }));
    harness.step(Input::Message { session, message });
    operation_id
}

/// Returns the plan that answers a dry run.
fn plan(harness: &Harness, id: OperationId) -> Option<QueryResult> {
    harness.received.iter().find_map(|message| match message {
        DaemonMessage::Result { request_id, result } if *request_id == id.0 => Some(result.clone()),
        _ => None,
    })
}

fn state(harness: &mut Harness, agent: &Agent, id: OperationId) -> QueryResult {
    let request_id = harness.id();
    let message = Box::new(ClientMessage::Query {
        request_id,
        what: Query::Operation(id),
        after: None,
        limit: None,
    });
    let session = agent.0;
    harness.step(Input::Message { session, message });
    plan(harness, OperationId(request_id)).unwrap()
}

#[test]
fn dry_run_tells_the_changes_and_makes_none() {
    let (mut harness, agent) = harness();
    let (head, scene) = (harness.engine.head_seq(), harness.engine.scene().clone());
    let changes = vec![moved(A, 3.0), object(NEW, "New", Some(B))];
    let id = dry_run(&mut harness, agent.0, changes);
    let Some(QueryResult::Plan {
        seq,
        changes,
        total,
        created,
        deleted,
        waits_for,
    }) = plan(&harness, id)
    else {
        panic!("no plan: {:?}", harness.received);
    };
    assert_eq!(
        (seq, total, created, deleted, waits_for),
        (head, 2, 1, 0, None)
    );
    let planned: Vec<_> = changes.iter().map(|it| (it.uuid, it.op.as_str())).collect();
    assert_eq!(planned, [(A, "update"), (NEW, "create")]);
    assert_eq!(harness.engine.head_seq(), head, "nothing is logged");
    assert_eq!(*harness.engine.scene(), scene);
    assert_eq!(answer(&harness, id), None);
}

#[test]
fn refused_dry_run_is_logged_and_counts_as_no_failure() {
    let (mut harness, agent) = harness();
    for _ in 0..10 {
        let id = dry_run(&mut harness, agent.0, vec![parented(A, Some(B))]);
        assert_eq!(answer(&harness, id), Some(refused(Code::ParentCycle)));
    }
    let refusals = harness.log.iter().filter(|it| it.phase == Phase::Refused);
    assert_eq!(refusals.count(), 1);
    assert_eq!(harness.engine.failures().iter().count(), 0);
}

#[test]
fn dry_run_of_an_editor_is_refused() {
    let (mut harness, _) = harness();
    let session = harness.wires[&Role::Blender].session.unwrap();
    let id = dry_run(&mut harness, session, vec![moved(A, 3.0)]);
    assert_eq!(plan(&harness, id), None);
}

#[test]
fn dry_run_says_that_the_change_would_wait_for_a_person() {
    let (mut harness, agent) = harness();
    let session = harness.wires[&Role::Blender].session.unwrap();
    let message = Box::new(ClientMessage::EditorState {
        state: EditorState::Edit,
        objects: Some(vec![A]),
    });
    harness.step(Input::Message { session, message });
    let id = dry_run(&mut harness, agent.0, vec![moved(A, 3.0)]);
    let Some(QueryResult::Plan { waits_for, .. }) = plan(&harness, id) else {
        panic!("no plan");
    };
    assert_eq!(waits_for, Some(WaitsFor::Person));
    let head = harness.engine.head_seq();
    let waiting = agent.ask(&mut harness, head, vec![moved(A, 3.0)]);
    let QueryResult::Operation {
        stage,
        uuids,
        waits_for,
        ..
    } = state(&mut harness, &agent, waiting)
    else {
        panic!("no state");
    };
    assert_eq!(stage, OperationStage::Waiting);
    assert_eq!((uuids, waits_for), (vec![A], Some(WaitsFor::Person)));
}

#[test]
fn state_of_an_operation_is_told_until_and_after_its_end() {
    let (mut harness, agent) = harness();
    let head = harness.engine.head_seq();
    let id = agent.ask(&mut harness, head, vec![moved(A, 3.0)]);
    let stage = |harness: &mut Harness, id| match state(harness, &agent, id) {
        QueryResult::Operation { stage, outcome, .. } => (stage, outcome),
        other => panic!("{other:?}"),
    };
    assert_eq!(stage(&mut harness, id), (OperationStage::Open, None));
    harness.settle();
    let (ended, outcome) = stage(&mut harness, id);
    assert_eq!(ended, OperationStage::Ended);
    assert_eq!(outcome, Some(vibesync_scene::Outcome::Verified));
    let nobody = OperationId(Uuid::from_u128(4_711));
    assert_eq!(stage(&mut harness, nobody), (OperationStage::Unknown, None));
    assert!(matches!(
        answer(&harness, id),
        Some((AckStatus::Accepted, None))
    ));
}
