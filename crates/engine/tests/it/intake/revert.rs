//! Undo of an agent's work.

mod random;
mod requests;

use vibesync_engine::{AgentOptions, Input, Options};
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, DecideRequest, LeftOut, LeftOutReason,
    PlannedChange, QueryResult, RevertRequest,
};
use vibesync_scene::{
    AgentMode, Change, InstanceId, OperationId, Outcome, Phase, Remember, Role, SessionId, Uuid,
};
use vibesync_testkit::FakeEditor;
use vibesync_testkit::change::locked;

use crate::agent::{ACCEPTED, Agent, answer};
use crate::harness::{
    A, Harness, PROJECT, guarded, moved, object, options, parented, renamed, showing, triangle,
};

const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const MESH: Uuid = Uuid::from_u128(4);
const OTHER_MESH: Uuid = Uuid::from_u128(5);
const PERSON: SessionId = SessionId(Uuid::from_u128(77));

/// The answer to a request: the plan, and what is left out.
type Answered = (Vec<(Uuid, String)>, Vec<LeftOut>, Option<OperationId>);

/// Returns editors with [`A`], an agent `claude`, and a command line. The log is at the sequence before the agent's work.
fn begin() -> (Harness, Agent, u64) {
    let agents = AgentOptions {
        mode: AgentMode::Work,
        ..AgentOptions::default()
    };
    let mut harness = Harness::with(Options {
        agents,
        ..options()
    });
    harness.connect_all();
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    harness.settle();
    connect_person(&mut harness);
    let agent = Agent::connect_as(&mut harness, Some("claude"));
    let since = harness.engine.head_seq();
    (harness, agent, since)
}

fn connect_person(harness: &mut Harness) {
    let mut person = FakeEditor::new(Role::Cli, InstanceId(PERSON.0), PROJECT);
    let hello = Box::new(person.hello(String::new(), String::new()));
    harness.step(Input::Connected {
        session: PERSON,
        hello,
    });
}

/// Lets an agent make changes, which must be accepted. Returns the operation.
fn work(harness: &mut Harness, agent: &Agent, changes: Vec<Change>) -> OperationId {
    let head = harness.engine.head_seq();
    let id = agent.ask(harness, head, changes);
    harness.settle();
    allow(harness, id);
    id
}

/// Lets the person allow an operation if it waits for that. It must be accepted then.
fn allow(harness: &mut Harness, id: OperationId) {
    let heard = harness.received.iter();
    let mut waiting = heard.filter_map(|message| match message {
        DaemonMessage::Ack {
            operation_id,
            approval: Some(approval),
            ..
        } if *operation_id == id => Some(approval.approval_id),
        _ => None,
    });
    let Some(approval_id) = waiting.next() else {
        return assert_eq!(answer(harness, id), Some(ACCEPTED));
    };
    let decide = DecideRequest {
        request_id: harness.id(),
        approval_id,
        allow: true,
        remember: Remember::Once,
        who: "Ada".into(),
    };
    let message = Box::new(ClientMessage::Decide(decide));
    let session = PERSON;
    harness.step(Input::Message { session, message });
    harness.settle();
    assert!(!harness.phases(id).is_empty(), "it was carried out");
}

fn edit(harness: &mut Harness, role: Role, changes: Vec<Change>) {
    harness.edit(role, changes);
    harness.settle();
}

fn request(harness: &mut Harness, since: u64) -> RevertRequest {
    RevertRequest {
        request_id: harness.id(),
        agent: "claude".parse().unwrap(),
        operations: Vec::new(),
        since_seq: Some(since),
        dry_run: false,
        label: "Undo what claude did".into(),
        who: Some("Ada".into()),
    }
}

fn ask_as(
    harness: &mut Harness,
    session: SessionId,
    request: RevertRequest,
) -> Result<Answered, Code> {
    harness.received.clear();
    let message = Box::new(ClientMessage::Revert(request));
    harness.step(Input::Message { session, message });
    harness.settle();
    let mut heard = harness.received.iter();
    let found = heard.find_map(|message| match message {
        DaemonMessage::Result {
            result:
                QueryResult::Revert {
                    changes,
                    left_out,
                    operation_id,
                    ..
                },
            ..
        } => {
            let op = |it: &PlannedChange| (it.uuid, it.op.clone());
            let changes = changes.iter().map(op).collect();
            Some(Ok((changes, left_out.clone(), *operation_id)))
        }
        DaemonMessage::Error { error, .. } => Some(Err(error.code)),
        _ => None,
    });
    found.expect("a result or an error")
}

/// Lets the person take back what the agent did. Returns the entities of the plan, and what is left out.
fn undo(harness: &mut Harness, since: u64) -> (Vec<Uuid>, Vec<LeftOut>) {
    let wanted = request(harness, since);
    let (changes, left_out, operation) = ask_as(harness, PERSON, wanted).unwrap();
    assert_eq!(operation.is_some(), !changes.is_empty());
    harness.assert_converged();
    (changes.into_iter().map(|it| it.0).collect(), left_out)
}

fn name(harness: &Harness, uuid: Uuid) -> Option<String> {
    harness.engine.scene().live(uuid)?.components.name.clone()
}

fn place(harness: &Harness, uuid: Uuid) -> f64 {
    let entity = harness.engine.scene().live(uuid).unwrap();
    entity.components.transform.unwrap().translation[0]
}

fn parent(harness: &Harness, uuid: Uuid) -> Option<Uuid> {
    let entity = harness.engine.scene().live(uuid).unwrap();
    entity.components.parent.unwrap().uuid
}

fn last_seq_of(harness: &Harness, uuid: Uuid) -> u64 {
    let row = harness.engine.scene().row(uuid).unwrap();
    row.changed.newest()
}

#[test]
fn locked_field_stays_when_work_is_taken_back() {
    let (mut harness, agent, since) = begin();
    work(&mut harness, &agent, vec![moved(A, 5.0)]);
    work(&mut harness, &agent, vec![renamed(A, "X")]);
    edit(&mut harness, Role::Blender, vec![locked(A, true)]);
    assert_eq!(undo(&mut harness, since), (vec![A], Vec::new()));
    assert_eq!(name(&harness, A).as_deref(), Some("A"));
    assert!((place(&harness, A) - 5.0).abs() < 1e-9);
}

#[test]
fn work_is_taken_back_in_one_verified_transaction() {
    let (mut harness, agent, since) = begin();
    edit(&mut harness, Role::Blender, vec![object(C, "C", Some(A))]);
    let since = since.max(harness.engine.head_seq());
    let before = harness.engine.scene().clone();
    work(
        &mut harness,
        &agent,
        vec![renamed(A, "X"), moved(A, 1.0)][..1].to_vec(),
    );
    work(
        &mut harness,
        &agent,
        vec![moved(A, 5.0), object(B, "B", Some(A))],
    );
    work(&mut harness, &agent, vec![moved(A, 6.0)]);
    work(&mut harness, &agent, vec![Change::Delete { uuid: C }]);
    let wanted = request(&mut harness, since);
    let (changes, left_out, operation) = ask_as(&mut harness, PERSON, wanted.clone()).unwrap();
    let ops: Vec<_> = changes
        .iter()
        .map(|(uuid, op)| (*uuid, op.as_str()))
        .collect();
    assert_eq!(ops, [(A, "update"), (B, "delete"), (C, "create")]);
    assert_eq!(left_out, []);
    let id = operation.unwrap();
    assert_eq!(id, OperationId(wanted.request_id));
    assert!(harness.phases(id).contains(&Phase::Commit));
    let end = harness.log.iter().rfind(|it| it.operation_id == Some(id));
    assert_eq!(end.unwrap().outcome, Outcome::Verified);
    for row in before.rows() {
        let now = harness.engine.scene().live(row.entity.uuid);
        assert_eq!(now, Some(&row.entity));
    }
    assert_eq!(name(&harness, B), None);
    harness.assert_converged();
}

#[test]
fn dry_run_changes_nothing() {
    let (mut harness, agent, since) = begin();
    work(&mut harness, &agent, vec![renamed(A, "X")]);
    let before = harness.log.len();
    let mut wanted = request(&mut harness, since);
    wanted.dry_run = true;
    let (changes, _, operation) = ask_as(&mut harness, PERSON, wanted).unwrap();
    assert_eq!((changes.len(), operation), (1, None));
    assert_eq!(harness.log.len(), before);
    assert_eq!(name(&harness, A).unwrap(), "X");
}

#[test]
fn what_others_changed_since_stays_and_is_named() {
    let (mut harness, agent, since) = begin();
    let made = vec![moved(A, 5.0), object(B, "B", None), object(C, "C", None)];
    work(&mut harness, &agent, made);
    work(&mut harness, &agent, vec![renamed(A, "X")]);
    edit(&mut harness, Role::Unity, vec![renamed(A, "Y")]);
    let renaming = last_seq_of(&harness, A);
    let other = Agent::connect_as(&mut harness, Some("codex"));
    work(&mut harness, &other, vec![moved(B, 2.0)]);
    let moving = last_seq_of(&harness, B);
    let (changes, left_out) = undo(&mut harness, since);
    assert_eq!(changes, [A, C]);
    assert_eq!(
        (name(&harness, A).unwrap(), place(&harness, A)),
        ("Y".into(), 0.0)
    );
    assert_eq!((place(&harness, B), name(&harness, C)), (2.0, None));
    let told: Vec<_> = left_out
        .iter()
        .map(|it| {
            let agent = it.agent.as_ref().map(ToString::to_string);
            (it.uuid, it.components.join(" "), it.by, agent, it.seq)
        })
        .collect();
    let codex = Some("codex".to_owned());
    assert_eq!(
        told,
        [
            (
                A,
                "name".to_owned(),
                Some(Role::Unity),
                None,
                Some(renaming)
            ),
            (B, String::new(), Some(Role::Agent), codex, Some(moving)),
        ]
    );
}

#[test]
fn component_returns_to_what_a_person_made_of_it_in_between() {
    let (mut harness, agent, since) = begin();
    work(&mut harness, &agent, vec![renamed(A, "X")]);
    edit(&mut harness, Role::Blender, vec![renamed(A, "Y")]);
    work(&mut harness, &agent, vec![renamed(A, "Z")]);
    work(&mut harness, &agent, vec![renamed(A, "ZZ")]);
    let (_, left_out) = undo(&mut harness, since);
    assert_eq!(name(&harness, A).unwrap(), "Y");
    assert_eq!(left_out, []);
}

#[test]
fn created_parent_stays_while_a_person_has_something_below() {
    let (mut harness, agent, since) = begin();
    let made = vec![object(B, "B", None), object(C, "C", Some(B))];
    work(&mut harness, &agent, made);
    edit(&mut harness, Role::Blender, vec![parented(A, Some(C))]);
    let parenting = last_seq_of(&harness, A);
    let (changes, left_out) = undo(&mut harness, since);
    assert!(changes.is_empty(), "{changes:?}");
    let told: Vec<_> = left_out.iter().map(|it| (it.uuid, it.reason)).collect();
    assert_eq!(
        told,
        [(C, LeftOutReason::Needed), (B, LeftOutReason::Needed)]
    );
    assert_eq!(
        (left_out[0].by, left_out[0].seq),
        (Some(Role::Blender), Some(parenting))
    );
    assert_eq!(parent(&harness, A), Some(C));
}

#[test]
fn objects_leave_a_created_parent_that_is_deleted() {
    let (mut harness, agent, since) = begin();
    work(
        &mut harness,
        &agent,
        vec![object(B, "B", None), parented(A, Some(B))],
    );
    let (changes, left_out) = undo(&mut harness, since);
    assert_eq!((changes, left_out), (vec![A, B], Vec::new()));
    assert_eq!((parent(&harness, A), name(&harness, B)), (None, None));
}

#[test]
fn parent_and_place_stay_together() {
    let (mut harness, agent, since) = begin();
    edit(
        &mut harness,
        Role::Blender,
        vec![object(B, "B", None), object(C, "C", None)],
    );
    work(
        &mut harness,
        &agent,
        vec![parented(A, Some(B)), moved(C, 3.0)],
    );
    edit(
        &mut harness,
        Role::Blender,
        vec![moved(A, 4.0), parented(C, Some(B))],
    );
    let (changes, left_out) = undo(&mut harness, since);
    assert!(changes.is_empty(), "{changes:?}");
    let told: Vec<_> = left_out
        .iter()
        .map(|it| (it.uuid, it.components.join(" ")))
        .collect();
    assert_eq!(
        told,
        [(A, "parent".to_owned()), (C, "transform".to_owned())]
    );
    assert_eq!((parent(&harness, A), place(&harness, C)), (Some(B), 3.0));
}

#[test]
fn former_parent_that_is_gone_is_not_taken_again() {
    let (mut harness, agent, _) = begin();
    edit(&mut harness, Role::Blender, vec![object(B, "B", Some(A))]);
    let since = harness.engine.head_seq();
    work(&mut harness, &agent, vec![parented(B, None)]);
    work(&mut harness, &agent, vec![renamed(B, "X")]);
    edit(&mut harness, Role::Unity, vec![Change::Delete { uuid: A }]);
    let (changes, left_out) = undo(&mut harness, since);
    assert_eq!(changes, [B]);
    assert_eq!(name(&harness, B).unwrap(), "B");
    let told: Vec<_> = left_out
        .iter()
        .map(|it| (it.uuid, it.reason, it.by))
        .collect();
    assert_eq!(told, [(B, LeftOutReason::Unavailable, Some(Role::Unity))]);
}

#[test]
fn deleted_object_returns_with_its_mesh() {
    let (mut harness, agent, _) = begin();
    let made = vec![triangle(MESH, b"old"), triangle(OTHER_MESH, b"other")];
    edit(&mut harness, Role::Blender, made);
    edit(&mut harness, Role::Blender, vec![showing(A, Some(MESH))]);
    let since = harness.engine.head_seq();
    let before = harness.engine.scene().clone();
    work(
        &mut harness,
        &agent,
        vec![triangle(MESH, b"new"), triangle(OTHER_MESH, b"new")],
    );
    let deleted = [A, MESH].map(|uuid| Change::Delete { uuid });
    work(&mut harness, &agent, deleted.into());
    let (changes, left_out) = undo(&mut harness, since);
    assert_eq!((changes, left_out), (vec![A, MESH, OTHER_MESH], Vec::new()));
    for uuid in [A, MESH, OTHER_MESH] {
        assert_eq!(harness.engine.scene().live(uuid), before.live(uuid));
    }
}

#[test]
fn undo_is_refused_when_a_former_mesh_is_lost() {
    let (mut harness, agent, _) = begin();
    edit(&mut harness, Role::Blender, vec![triangle(MESH, b"old")]);
    let since = harness.engine.head_seq();
    let mesh = harness.engine.scene().live(MESH).unwrap();
    let blobs: Vec<_> = mesh.components.blobs().collect();
    work(&mut harness, &agent, vec![triangle(MESH, b"new")]);
    harness.missing_blobs.extend(blobs);
    let wanted = request(&mut harness, since);
    assert_eq!(ask_as(&mut harness, PERSON, wanted), Err(Code::BlobDamaged));
    harness.missing_blobs.clear();
    assert_eq!(
        undo(&mut harness, since).0,
        [MESH],
        "the next request is served"
    );
}

#[test]
fn agent_takes_back_its_own_work_alone() {
    let (mut harness, agent, since) = begin();
    work(&mut harness, &agent, vec![renamed(A, "X")]);
    let other = Agent::connect_as(&mut harness, Some("codex"));
    let wanted = request(&mut harness, since);
    let refused = ask_as(&mut harness, other.0, wanted.clone());
    assert_eq!(refused, Err(Code::MessageUnknown));
    assert_eq!(name(&harness, A).unwrap(), "X");
    let (changes, ..) = ask_as(&mut harness, agent.0, wanted).unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(name(&harness, A).unwrap(), "A");
    harness.assert_converged();
}
