//! The rights of agents: modes, questions to people, budgets.

mod approvals;
mod blobs_in_use;
mod budget;
mod guard;
mod guard_seams;
mod modes;

use vibesync_engine::{AgentOptions, ApproveIn, Input, Options};
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, DecideRequest, OpenApproval, Query, QueryResult,
    SetAgentRequest, feature,
};
use vibesync_scene::{
    AgentMode, AgentName, ApprovalDecision, InstanceId, OperationId, Payload, Phase, Remember,
    Role, SessionId, Uuid,
};
use vibesync_testkit::FakeEditor;

use crate::agent::{ACCEPTED, Agent, Answer, answer, refused};
use crate::harness::{A, Harness, PROJECT, moved, object, options};

const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const TEN_MINUTES: u64 = 600_000;
const WAITING: Answer = (AckStatus::Waiting, None);

/// Returns connected editors that both have the object [`A`], with these settings for agents.
fn harness(agents: AgentOptions) -> Harness {
    let mut harness = Harness::with(Options {
        agents,
        ..options()
    });
    harness.connect_all();
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    harness.settle();
    harness
}

fn asking() -> Harness {
    harness(AgentOptions::default())
}

fn working() -> Harness {
    harness(AgentOptions {
        mode: AgentMode::Work,
        ..AgentOptions::default()
    })
}

fn claude() -> AgentName {
    "claude".parse().unwrap()
}

/// Connects a client of a person: the command line, or another kind.
fn person(harness: &mut Harness, role: Role) -> SessionId {
    let session = SessionId(harness.id());
    let mut editor = FakeEditor::new(role, InstanceId(harness.id()), PROJECT);
    editor.head_seq = harness.engine.head_seq();
    let hello = Box::new(editor.hello(String::new(), String::new()));
    harness.step(Input::Connected { session, hello });
    session
}

/// Sends a message, and returns the first result or error.
fn say(
    harness: &mut Harness,
    session: SessionId,
    message: ClientMessage,
) -> Result<QueryResult, Code> {
    let before = harness.received.len();
    let message = Box::new(message);
    harness.step(Input::Message { session, message });
    let mut heard = harness.received.iter().skip(before);
    heard
        .find_map(|message| match message {
            DaemonMessage::Result { result, .. } => Some(Ok(result.clone())),
            DaemonMessage::Error { error, .. } => Some(Err(error.code)),
            _ => None,
        })
        .unwrap()
}

fn decide_as(
    harness: &mut Harness,
    session: SessionId,
    approval_id: Uuid,
    allow: bool,
    remember: Remember,
) -> Result<Option<u64>, Code> {
    let request = DecideRequest {
        request_id: harness.id(),
        approval_id,
        allow,
        remember,
        who: "Ada".into(),
    };
    match say(harness, session, ClientMessage::Decide(request))? {
        QueryResult::Decide { seq } => Ok(seq),
        other => panic!("{other:?}"),
    }
}

/// Answers the only open question at the command line.
fn decide(harness: &mut Harness, allow: bool, remember: Remember) {
    let [open] = open(harness).try_into().unwrap();
    let session = person(harness, Role::Cli);
    let seq = decide_as(harness, session, open.approval_id, allow, remember).unwrap();
    assert!(seq.is_some());
}

fn set_as(
    harness: &mut Harness,
    session: SessionId,
    agent: AgentName,
    mode: AgentMode,
) -> Result<u64, Code> {
    let request = SetAgentRequest {
        request_id: harness.id(),
        agent,
        mode,
        who: "Ada".into(),
        why: "trusted".into(),
    };
    match say(harness, session, ClientMessage::SetAgent(request))? {
        QueryResult::SetAgent { seq } => Ok(seq),
        other => panic!("{other:?}"),
    }
}

fn set(harness: &mut Harness, mode: AgentMode) {
    let session = person(harness, Role::Cli);
    set_as(harness, session, claude(), mode).unwrap();
}

/// Returns the open questions.
fn open(harness: &mut Harness) -> Vec<OpenApproval> {
    let session = person(harness, Role::Cli);
    let query = ClientMessage::Query {
        request_id: harness.id(),
        what: Query::Agents,
        after: None,
        limit: None,
    };
    match say(harness, session, query).unwrap() {
        QueryResult::Agents { approvals, .. } => approvals,
        other => panic!("{other:?}"),
    }
}

fn connect(harness: &mut Harness) -> Agent {
    Agent::connect_as(harness, Some("claude"))
}

/// Lets an agent create an object, and returns the operation.
fn create(harness: &mut Harness, agent: &Agent, uuid: Uuid) -> OperationId {
    let head = harness.engine.head_seq();
    agent.ask(harness, head, vec![object(uuid, "made", None)])
}

/// Returns the newest answer to an intent.
fn last_answer(harness: &Harness, id: OperationId) -> Option<Answer> {
    let received = harness.received.iter().rev();
    received.into_iter().find_map(|message| match message {
        DaemonMessage::Ack {
            operation_id,
            status,
            error,
            ..
        } if *operation_id == id => Some((*status, error.as_ref().map(|error| error.code))),
        _ => None,
    })
}

fn exists(harness: &Harness, uuid: Uuid) -> bool {
    harness.engine.scene().live(uuid).is_some()
}

/// Returns the decisions in the log.
fn decisions(harness: &Harness) -> Vec<ApprovalDecision> {
    let decision = |it: &vibesync_scene::RecordBody| match &it.payload {
        Payload::Approval { decision, .. } => Some(*decision),
        _ => None,
    };
    harness.log.iter().filter_map(decision).collect()
}

#[test]
fn records_name_the_agent() {
    let mut harness = working();
    let agent = connect(&mut harness);
    let operation = create(&mut harness, &agent, B);
    assert_eq!(answer(&harness, operation), Some(ACCEPTED));
    let begin = harness.log.iter().rfind(|it| it.phase == Phase::Begin);
    let is_named =
        |it: &Payload| matches!(it, Payload::Begin { agent: Some(name), .. } if *name == claude());
    assert!(is_named(&begin.unwrap().payload));
    harness.settle();
    let head = harness.engine.head_seq();
    let unknown = agent.ask(&mut harness, head, vec![moved(Uuid::from_u128(99), 1.0)]);
    harness.now += 3_000;
    harness.step(Input::Tick);
    assert_eq!(answer(&harness, unknown), Some(refused(Code::UuidUnknown)));
    let refusal = harness.log.iter().rfind(|it| it.phase == Phase::Refused);
    let is_named = |it: &Payload| matches!(it, Payload::Refusal { agent: Some(name), .. } if *name == claude());
    assert!(is_named(&refusal.unwrap().payload));
    harness.edit(Role::Blender, vec![moved(A, 5.0)]);
    harness.settle();
    let begin = harness.log.iter().rfind(|it| it.phase == Phase::Begin);
    let is_of_person = |it: &Payload| matches!(it, Payload::Begin { agent: None, .. });
    assert!(is_of_person(&begin.unwrap().payload));
}
